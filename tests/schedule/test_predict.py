"""What running in waves is worth."""

from __future__ import annotations

import pytest

from maestro.models.schedule import PhaseWaves, Wave
from maestro.schedule.predict import predict


def phases(*waves: str) -> list[PhaseWaves]:
    return [PhaseWaves("1", "One", tuple(Wave(number, tuple(wave)) for number, wave in enumerate(waves, 1)))]


def test_three_at_a_time() -> None:
    result = predict(phases("abcdef"), "a")
    assert (result.sequential, result.parallel, result.saved) == (6, 2, pytest.approx(2 / 3))
    assert result.bound_by == "3 tasks at a time"


def test_a_wave_waits_for_the_one_before() -> None:
    assert predict(phases("ab", "c"), "ac").parallel == 2


def test_a_fourth_task_waits_for_a_slot_and_in_rounds_for_the_round() -> None:
    for rounds, why in ((False, "3 tasks at a time"), (True, "rounds of 3 tasks that come back together")):
        found = predict(phases("abcd"), "a", rounds=rounds)
        assert (found.parallel, found.bound_by) == (2, why)


def test_one_task_alone_gains_nothing() -> None:
    result = predict(phases("d"), "d")
    assert (result.sequential, result.parallel, result.saved, result.bound_by) == (1, 1, 0, "one task is left")


def test_a_chain_gains_nothing() -> None:
    result = predict(phases("a", "b", "c"), "abc")
    assert result.saved == 0
    assert result.bound_by == "every task waits for the one before it"


def test_a_finished_plan_takes_no_time() -> None:
    result = predict(phases(), "")
    assert (result.sequential, result.parallel, result.saved, result.bound_by) == (0, 0, 0, "nothing is left to run")


def test_what_bounds_the_run() -> None:
    assert predict(phases("ab", "c"), "ac").bound_by == "the critical path of 2 tasks"
    assert predict(phases("ab"), "a").bound_by == "the critical path of 1 task"
