"""A run in one line."""

from __future__ import annotations

import pytest

from maestro.models.action import Progress, WaveProgress
from maestro.views.line import status_line

ONE = (WaveProgress("1", 1, ("1.1", "1.2"), 2, 2, 100), WaveProgress("1", 2, ("1.3",), 0, 1, 0))
CHAIN = (WaveProgress("1", 1, ("1.1",), 0, 1, 0), WaveProgress("1", 2, ("1.2",), 0, 1, 0))


@pytest.mark.parametrize(
    ("waves", "phases", "failed", "questions", "condition", "shown"),
    [
        (ONE, ["1"], 0, 1, "waiting", "auth 4/7 · wave 2 · 1 question"),
        (ONE, ["1", "2"], 1, 2, "running", "auth 4/7 · phase 1 wave 2 · 1 failed · 2 questions"),
        (CHAIN, ["1"], 0, 0, "running", "auth 4/7"),
        (CHAIN, ["1", "2"], 0, 0, "paused", "auth 4/7 · phase 1 · paused"),
        ((), [], 0, 0, "owner-gone", "auth 4/7 · stopped"),
    ],
)
def test_what_matters_and_no_more(waves: tuple[WaveProgress, ...], phases: list[str], failed: int, questions: int, condition: str, shown: str) -> None:
    progress = Progress(done=4, total=7, running=1, failed=failed, percent=57, waves=waves)
    assert status_line("auth", progress, "1" if phases else None, phases, questions, condition) == shown


def test_what_was_skipped_is_not_taken_for_done() -> None:
    assert status_line("auth", Progress(3, 3, 0, 0, 100, skipped=1), None, [], 0, "running") == "auth 3/3 · 1 skipped"


def test_a_name_cannot_break_the_line() -> None:
    assert status_line("a\nb\x1b[0m", Progress(0, 1, 0, 0, 0), None, [], 0, "running") == "a b\\x1b[0m 0/1"
