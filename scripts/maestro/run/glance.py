"""The run of a checkout at one glance, for prompts and status bars: no git is asked, nothing is written, and hardly anything imported."""

from __future__ import annotations

from pathlib import Path

from maestro.models.run import RunState
from maestro.pointers import RUN_POINTER, WORKTREE_POINTER, git_folder_at, read_pointer
from maestro.run.condition import condition_of
from maestro.run.journal import Journal
from maestro.run.state import fold


def glance(start: Path, track: str | None = None) -> tuple[RunState, str] | None:
    """The state and the condition of the run that is active here, or of the newest run of a track, by its id or a part of it that no other one has.

    None where there is none: outside of repositories, before the first run, after the last one. Raises InvalidDocument `journal-damaged`.
    """
    git_dir = _git_dir(start)
    pointed = read_pointer(git_dir, WORKTREE_POINTER).get("checkout") if git_dir else None
    if pointed:
        git_dir = _git_dir(Path(pointed))
    if git_dir is None:
        return None
    runs = _common_dir(git_dir) / "maestro"
    name = _find(runs, track) if track else read_pointer(git_dir, RUN_POINTER).get("track")
    if not name:
        return None
    state = fold(Journal(runs / name / "journal.jsonl").events())
    return (state, condition_of(state, runs / name)) if state is not None else None


def _find(runs: Path, track: str) -> str | None:
    known = sorted(path.parent.name for path in runs.glob("*/journal.jsonl"))
    fitting = [name for name in known if name == track] or [name for name in known if track.casefold() in name.casefold()]
    return fitting[0] if len(fitting) == 1 else None


def _git_dir(start: Path) -> Path | None:
    """The own git folder of the checkout around a folder."""
    return next((found for folder in (start, *start.parents) if (found := git_folder_at(folder))), None)


def _common_dir(git_dir: Path) -> Path:
    """The git folder that all worktrees of a repository share."""
    try:
        return git_dir / (git_dir / "commondir").read_text(encoding="utf-8", errors="surrogateescape").strip()
    except FileNotFoundError:
        return git_dir
