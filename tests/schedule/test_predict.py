"""What running in waves is worth."""

from __future__ import annotations

import pytest

from maestro.models.schedule import PhaseWaves, Wave
from maestro.schedule.predict import predict


def phases(*waves: str) -> list[PhaseWaves]:
    return [PhaseWaves("1", "One", tuple(Wave(number, tuple(wave)) for number, wave in enumerate(waves, 1)))]


def test_three_at_a_time() -> None:
    result = predict(phases("abcdef"), "a", {})
    assert (result.sequential, result.parallel, result.saved) == (6, 2, pytest.approx(2 / 3))
    assert result.bound_by == "3 tasks at a time"


def test_a_wave_waits_for_the_one_before() -> None:
    assert predict(phases("ab", "c"), "ac", {"a": 1, "b": 5, "c": 1}).parallel == 6


def test_a_free_slot_is_taken_at_once() -> None:
    assert predict(phases("abcd"), "a", {"a": 3}).parallel == 3


def test_rounds_come_back_together() -> None:
    assert predict(phases("abcd"), "a", {"a": 3}, rounds=True).parallel == 4


def test_one_task_alone_gains_nothing() -> None:
    result = predict(phases("d"), "d", {})
    assert (result.sequential, result.parallel, result.saved, result.bound_by) == (1, 1, 0, "one task is left")


def test_a_chain_gains_nothing() -> None:
    result = predict(phases("a", "b", "c"), "abc", {})
    assert result.saved == 0
    assert result.bound_by == "every task waits for the one before it"


def test_a_finished_plan_takes_no_time() -> None:
    result = predict(phases(), "", {})
    assert (result.sequential, result.parallel, result.saved, result.bound_by) == (0, 0, 0, "nothing is left to run")


def test_what_bounds_the_run() -> None:
    assert predict(phases("ab", "c"), "ac", {}).bound_by == "the critical path of 2 tasks"
    assert predict(phases("ab"), "a", {}).bound_by == "the critical path of 1 task"
    assert predict(phases("ab", "cd"), "bd", {"a": 3, "b": 2, "d": 4}).bound_by == "waves that wait for their slowest task"
