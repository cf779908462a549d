"""The rest of a killed call: git goes on without us, and the next call should let it finish."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY = "maestro.busy"
"""In a worktree's own git folder: held while a git of ours writes its files."""

ORPHAN_TIMEOUT = 30.0
"""Seconds to wait for a git that outlived its caller. Then we go on: it may be no git but a daemon that a hook left, and every step checks its outcome."""


@contextmanager
def after_orphans(path: Path, timeout: float = ORPHAN_TIMEOUT) -> Iterator[int]:
    """Wait for what earlier calls left running, and give the descriptor that our own git commands must `hold` to be waited for in turn.

    A file lock lives as long as any process has the descriptor open, hooks included, so it is still held when only the caller was killed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        deadline = time.monotonic() + timeout
        while not _locked(descriptor) and time.monotonic() < deadline:
            time.sleep(0.05)
        yield descriptor
    finally:
        os.close(descriptor)


def let_finish(folder: Path, timeout: float = ORPHAN_TIMEOUT) -> None:
    """Wait until no git of ours writes files in the worktree whose git folder this is. Leaves no trace there."""
    if (folder / BUSY).exists():
        with after_orphans(folder / BUSY, timeout):
            pass


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
