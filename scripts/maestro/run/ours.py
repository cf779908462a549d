"""Which paths of a repository are maestro's own business: never part of a task's commit, no obstacle to a run, committed as bookkeeping."""

from __future__ import annotations

from maestro.documents.layout import Layout
from maestro.documents.location import plan_path

FOLDERS = (".maestro/", ".beads/")


def our_paths(layout: Layout, track: str) -> tuple[str, ...]:
    """Folders, and the plan of a track that was adopted where it stands; each ends in `/`, also the plan, as prefixes of `path + "/"`."""
    plan = layout.shown(plan_path(layout, track))
    return FOLDERS if plan.startswith(FOLDERS) else (*FOLDERS, f"{plan}/")


def is_ours(path: str, ours: tuple[str, ...]) -> bool:
    return f"{path}/".startswith(ours)
