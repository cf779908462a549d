"""Tells without git that nothing was written since git was last asked: the files behind an answer by inode, size and times.

It is git's own way with its index, and has git's own reserve: a file that was written in this very moment may be written again without any of that changing.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

Stamp = tuple[tuple[int, int, int, int] | None, ...]

_SETTLED = 50_000_000
"""Nanoseconds after which a second writing shows in the times. File systems that write them keep them to 10 ms or better; those that keep whole seconds are
known by that and never believed."""

_SECOND = 1_000_000_000


def stamp_of(*paths: Path) -> Stamp | None:
    """What differs once one of these files was written, made or removed; None where that cannot be told."""
    found: list[tuple[int, int, int, int] | None] = []
    latest = time.time_ns() - _SETTLED
    for path in paths:
        try:
            seen = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            found.append(None)
            continue
        if max(seen.st_mtime_ns, seen.st_ctime_ns) > latest or seen.st_ctime_ns % _SECOND == 0:
            return None
        found.append((seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns))
    return tuple(found)


def pointer_stamp(worktree: Path) -> Stamp | None:
    """Of all files by which git finds the repository of a linked worktree; None where this is none."""
    pointer = worktree / ".git"
    try:
        words = pointer.read_bytes()
        if not words.startswith(b"gitdir: ") or pointer.is_symlink():
            return None
        entry = worktree / os.fsdecode(words.removeprefix(b"gitdir: ").rstrip(b"\n"))
        shared = entry / os.fsdecode((entry / "commondir").read_bytes().rstrip(b"\n"))
        if not (entry / "HEAD").exists():
            return None
        return stamp_of(pointer, entry / "commondir", entry / "gitdir", entry / "config.worktree", shared / "config")
    except (OSError, ValueError):
        return None
