"""The small files that lead from a checkout to its run and from a worktree to its checkout. They lie in git folders and are read without asking git."""

from __future__ import annotations

import json
from pathlib import Path

RUN_POINTER = "maestro-run.json"
"""In a checkout's own git folder: the track whose run is active there."""

WORKTREE_POINTER = "maestro-worktree.json"
"""In a worker's worktree's git folder: the checkout of its run, and its handle."""


def run_folder(common_dir: Path, track: str) -> Path:
    """Where a track's run keeps its journal and all beside it: in the git folder that all worktrees share."""
    return common_dir / "maestro" / track


def git_folder_at(top: Path) -> Path | None:
    """The own git folder of the checkout at `top`; None where none is. In a linked worktree `.git` is a file with the one line `gitdir: PATH`."""
    entry = top / ".git"
    try:
        return entry if entry.is_dir() else top / entry.read_text(encoding="utf-8", errors="surrogateescape").removeprefix("gitdir:").strip()
    except OSError:
        return None


def read_pointer(git_folder: Path, name: str) -> dict[str, str]:
    """The fields of a pointer. Empty where there is none, or one that nobody of ours wrote: then nothing is pointed to."""
    try:
        data = json.loads((git_folder / name).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: value for key, value in data.items() if isinstance(value, str)} if isinstance(data, dict) else {}
