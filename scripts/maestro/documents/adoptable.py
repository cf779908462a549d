"""Plans that can be adopted: in a repository without a registry of ours, at the places of other tools and under the customary names."""

from __future__ import annotations

from pathlib import Path

PLACES = (
    "conductor/tracks/*/plan.md",
    "specs/*/tasks.md",
    ".specify/specs/*/tasks.md",
    "docs/superpowers/plans/*.md",
    ".maestro/specs/*/plan.md",
    "docs/plans/*.md",
    "plans/*.md",
    "plan.md",
    "PLAN.md",
    "tasks.md",
    ".taskmaster/tasks/tasks.json",
)
"""Relative to the repository's root, the most telling first."""

MOST = 8


def adoptable_plans(root: Path) -> tuple[str, ...]:
    """Paths of files that look like plans, by their place only, relative to `root`; at most MOST, each once."""
    found = dict.fromkeys(path.relative_to(root).as_posix() for place in PLACES for path in sorted(root.glob(place)) if path.is_file())
    return tuple(found)[:MOST]
