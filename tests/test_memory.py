"""A memory is used only for exactly what it was made from, and never in anybody's way."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from maestro import memory
from maestro.memory import KEPT, remembered


class Work:
    """Counts how often it is done."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> int:
        self.times += 1
        return self.times


def folder(home: Path) -> Path:
    return home / "cache" / "maestro" / "memory"


def test_the_same_facts_are_not_worked_out_again() -> None:
    work = Work()
    assert [remembered("plan", "a", ("text", 1), work) for _ in range(3)] == [1, 1, 1]


def test_other_facts_and_other_subjects_are() -> None:
    work = Work()
    assert [remembered("plan", "a", fact, work) for fact in ("one", "two", "two", "one")] == [1, 2, 2, 3]
    assert remembered("plan", "b", "one", work) == 4
    assert remembered("findings", "a", "one", work) == 5


def test_what_does_not_hold_any_more_is_worked_out_again() -> None:
    work = Work()
    remembered("plan", "a", "text", work)
    assert remembered("plan", "a", "text", work, holds=lambda result: result != 1) == 2


def test_changed_code_remembers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work()
    remembered("plan", "a", "text", work)
    monkeypatch.setattr(memory, "_code", lambda: (0, 0))
    assert remembered("plan", "a", "text", work) == 2


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def fill(path: Path) -> None:
    path.write_bytes(b"\x80\x05not a memory")


def forbid(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("spoil", [cut, fill, forbid, os.unlink])
def test_a_spoilt_memory_is_none(spoil: Callable[[Path], None], apart: Path) -> None:
    work = Work()
    remembered("plan", "a", "text", work)
    spoil(next(folder(apart).iterdir()))
    assert remembered("plan", "a", "text", work) == 2


def test_without_a_cache_folder_everything_works(apart: Path) -> None:
    (apart / "cache").write_text("no folder")
    work = Work()
    assert [remembered("plan", "a", "text", work) for _ in range(2)] == [1, 2]


def test_an_error_is_raised_every_time() -> None:
    def fail() -> int:
        raise ValueError("no plan")

    for _ in range(2):
        with pytest.raises(ValueError, match="no plan"):
            remembered("plan", "a", "text", fail)


def test_only_the_newest_are_kept(apart: Path) -> None:
    for number in range(KEPT + 5):
        remembered("plan", str(number), "text", Work())
        os.utime(next(path for path in folder(apart).iterdir() if path.stat().st_mtime > 1e9), (number, number))
    assert len(list(folder(apart).iterdir())) == KEPT
