"""What one call found out, kept for the next: reading and weighing a long plan takes longer than everything else that a door does.

A memory is one file in the user's cache folder for each subject. It holds the facts it was made from beside the result, and it is used only where the facts
of the present call are the same, code of the rooms included; so it never has to be emptied, and may be deleted at any time. Whatever is wrong with one, the
call works as if it were not there.
"""

from __future__ import annotations

import contextlib
import os
import sys
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from maestro.caches import cache_folder

Result = TypeVar("Result")

KEPT = 100
"""Memories that are kept: some for each plan that is looked at, the newest."""

ROOMS = ("models", "documents", "evidence")
"""Whose code decides what is remembered."""


def remembered(what: str, subject: str, facts: object, make: Callable[[], Result], *, holds: Callable[[Result], bool] = lambda result: True) -> Result:
    """The result of `make`, from memory where the same facts led to it before.

    what: the kind of result; subject: what it is about, in one word or path, so that a new memory takes the place of the old one
    facts: everything that the result follows from, comparable with `==`; holds: looks at a remembered result once more
    """
    path = Path(cache_folder()) / "memory" / f"{what}-{zlib.crc32(subject.encode('utf-8', 'surrogatepass')):08x}"
    known = (_code(), facts)
    with contextlib.suppress(Exception):
        found = _load(path)
        if found[0] == known and holds(found[1]):
            result: Result = found[1]
            return result
    result = make()
    with contextlib.suppress(Exception):
        _keep(path, (known, result))
    return result


def _load(path: Path) -> Any:
    import pickle

    with open(path, "rb") as stream:
        return pickle.load(stream)


def _keep(path: Path, content: object) -> None:
    import pickle

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(work, "wb") as stream:
            pickle.dump(content, stream, protocol=pickle.HIGHEST_PROTOCOL)
        work.replace(path)
    finally:
        work.unlink(missing_ok=True)
    if len(os.listdir(path.parent)) > KEPT:
        entries = sorted(os.scandir(path.parent), key=lambda entry: entry.stat().st_mtime, reverse=True)
        for old in entries[KEPT:]:
            os.unlink(old)


@cache
def _code() -> tuple[int, int]:
    """The interpreter and the state of the code, by names, sizes and times of its files."""
    state = []
    for room in ROOMS:
        for folder, _, names in os.walk(os.path.join(os.path.dirname(__file__), room)):
            for name in sorted(names):
                if not name.endswith(".pyc"):
                    about = os.stat(os.path.join(folder, name))
                    state.append((folder, name, about.st_size, about.st_mtime_ns))
    return sys.hexversion, zlib.crc32(repr(sorted(state)).encode())
