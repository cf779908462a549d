"""How long the rest will take, from what this run's own tasks took."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from maestro.models.dependency import Dependency, Evidence, Kind, Strength
from maestro.models.run import Attempt, Driver, PhaseRun, RunState, TaskRun, TaskState
from maestro.models.schedule import Advice, Composition, Mode, PhaseWaves, Prediction, Wave
from maestro.models.settings import Settings
from maestro.run.outlook import in_force, outlook

NOW = "2026-01-01T10:10:00.000Z"


def task(name: str, state: str, begun: str = "", merged: str | None = None) -> TaskRun:
    attempts = [Attempt(1, "", "", "", f"2026-01-01T10:{begun}.000Z")] if begun else []
    return TaskRun(name, "Do it", name.partition(".")[0], TaskState(state), attempts, merged_at=f"2026-01-01T10:{merged}.000Z" if merged else None)


def run(*tasks: TaskRun, waves: dict[str, list[list[str]]], **more: Any) -> RunState:
    state = RunState("r", "auth", Settings(mode=Mode.PARALLEL), Driver(""), "/", "", "2026-01-01T10:00:00.000Z", **more)
    state.tasks = {entry.id: entry for entry in tasks}
    state.phases = {phase: PhaseRun(phase, "", waves=given, composed=True) for phase, given in waves.items()}
    return state


def test_nothing_is_promised_before_something_was_measured() -> None:
    seen = outlook(run(task("1.1", "running", "00:00"), waves={"1": [["1.1"]]}), None, NOW)
    assert (seen.task_s, seen.measured, seen.left_s) == (None, 0, None)


def test_what_was_measured_counts_for_waves_slots_and_what_runs() -> None:
    done = [task("1.1", "merged", "00:00", "01:00"), task("1.2", "merged", "00:00", "03:00"), task("1.3", "merged", "00:00", "01:40")]
    coming = [task("1.4", "running", "09:10"), task("2.1", "waiting"), task("2.2", "waiting")]
    state = run(*done, *coming, waves={"1": [["1.1", "1.2", "1.3"], ["1.4"]], "2": [["2.1", "2.2"]]})
    seen = outlook(state, None, NOW)
    assert (seen.task_s, seen.measured) == (100.0, 3), "the median, which one slow task does not move"
    assert seen.left_s == 50 + 100, "half of what runs, then a wave of two at once"
    state.slots = 1
    assert outlook(state, None, NOW).left_s == 50 + 200


def test_a_task_that_takes_longer_than_usual_is_never_over_already() -> None:
    state = run(task("1.1", "merged", "00:00", "00:20"), task("1.2", "running", "01:00"), waves={"1": [["1.1", "1.2"]]})
    assert outlook(state, None, NOW).left_s == 1.0


def test_what_waits_for_a_person_is_not_foreseen_and_single_mode_adds_up() -> None:
    tasks = (task("1.1", "merged", "00:00", "00:20"), task("1.2", "failed", "01:00"), task("1.3", "waiting"), task("1.4", "waiting"))
    state = run(*tasks, waves={"1": [["1.1", "1.2", "1.3", "1.4"]]})
    assert outlook(state, None, NOW).left_s == 20.0
    state.settings = replace(state.settings, mode=Mode.SINGLE)
    assert outlook(state, None, NOW).left_s == 40.0


def test_the_waves_in_force_keep_what_was_settled_before_them() -> None:
    planned = PhaseWaves("1", "", (Wave(1, ("1.1", "1.2")), Wave(2, ("1.3",)), Wave(3, ("1.4",))))
    composition = Composition((planned,), (), {}, (), (), Prediction(1, 1, 0, ""), Advice(Mode.PARALLEL, ()))
    state = run(*(task(f"1.{number}", "waiting") for number in (2, 3)), waves={"1": [["1.2", "1.3"], []]})
    seen = in_force(state, composition)
    assert [(wave.number, wave.tasks) for wave in seen.phases[0].waves] == [(1, ("1.1", "1.2", "1.3")), (3, ("1.4",))]
    state.settings = replace(state.settings, mode=Mode.SINGLE)
    assert in_force(state, composition) is composition


def test_in_single_mode_a_phase_to_come_is_one_task_after_the_other_in_the_order_of_the_plan() -> None:
    planned = PhaseWaves("1", "", (Wave(1, ("1.1", "1.3")), Wave(2, ("1.2",))))
    needs = Dependency("1.2", "1.1", Kind.EXPLICIT, Strength.HARD, Evidence("", None, ""))
    composition = Composition((planned,), (needs,), {}, (), (), Prediction(1, 1, 0, ""), Advice(Mode.SINGLE, ()))
    state = run(*(task(f"1.{number}", "waiting") for number in (1, 2, 3)), waves={"1": []})
    state.phases["1"].composed = False
    assert outlook(state, composition, NOW).waves == {"1": (("1.1", "1.3"), ("1.2",))}
    state.settings = replace(state.settings, mode=Mode.SINGLE)
    assert outlook(state, composition, NOW).waves == {"1": (("1.1",), ("1.2",), ("1.3",))}
