"""The worktrees of a repository, as git lists them, and the lock under which maestro changes that list."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from maestro import files
from maestro.git.checkout import Checkout
from maestro.git.names import BRANCHES
from maestro.git.runner import Git, failure
from maestro.records import dataclass

_ATTEMPTS = 20
_PAUSE = 0.05
"""git fails to list when it meets an entry that another git is just writing ("failed to read .../commondir")."""

_LOCK_TIMEOUT = 600.0
"""Seconds. Filling a worktree of a large repository takes long, and several callers may wait in line."""


@dataclass(frozen=True, slots=True)
class Worktree:
    """One line of the list: `head` is None before the first commit, `branch` when HEAD is detached. A prunable worktree has lost its directory."""

    path: Path
    head: str | None
    branch: str | None
    locked: bool
    prunable: bool
    lock_reason: str = ""


def list_worktrees(git: Git) -> tuple[Worktree, ...]:
    """All worktrees of the repository, the main checkout first."""
    for _ in range(_ATTEMPTS):
        result = git.run("worktree", "list", "--porcelain", "-z", check=False)
        if result.code == 0:
            return tuple(_worktree(record) for record in _records(result.fields))
        time.sleep(_PAUSE)
    raise failure(result, git.cwd)


def worktree_entry(git: Git, path: Path) -> Worktree | None:
    """The entry of the linked worktree at `path`, None when git knows of none there."""
    return entry_at(list_worktrees(git), path)


def entry_at(entries: Sequence[Worktree], path: Path) -> Worktree | None:
    """Of all worktrees, the linked one at `path`."""
    resolved = path.resolve()
    return next((entry for entry in entries[1:] if entry.path.resolve() == resolved), None)


def holder_of(git: Git, branch: str) -> Worktree | None:
    """The worktree that has this branch checked out."""
    return next((entry for entry in list_worktrees(git) if entry.branch == branch), None)


def worktrees_lock(checkout: Checkout) -> AbstractContextManager[None]:
    """Held while worktrees are made or removed. git itself reads other worktrees' half-written entries: of 12 made at once without it, a third fails."""
    return files.lock(checkout.common_dir / "maestro" / "worktrees.lock", purpose="worktrees", timeout=_LOCK_TIMEOUT)


def _records(fields: list[str]) -> Iterator[dict[str, str]]:
    record: dict[str, str] = {}
    for field in fields:
        if field:
            name, _, value = field.partition(" ")
            record[name] = value
        elif record:
            yield record
            record = {}


def _worktree(record: dict[str, str]) -> Worktree:
    commit = record.get("HEAD", "")
    return Worktree(
        path=Path(record["worktree"]),
        head=commit if commit.strip("0") else None,
        branch=record["branch"].removeprefix(BRANCHES) if "branch" in record else None,
        locked="locked" in record,
        prunable="prunable" in record,
        lock_reason=record.get("locked", ""),
    )
