"""The chart of planned against measured times: nothing is drawn that was not planned or measured."""

from __future__ import annotations

from typing import Any

from maestro.models.regrouping import Regrouping
from maestro.models.run import Attempt, Driver, PhaseRun, RunState, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.models.settings import Settings
from maestro.views.gantt import ASSUMED, Bar, chart, first_waves
from maestro.views.gantt_table import chart_table

NOW = "2026-01-01T10:01:00.000Z"


def at(second: int) -> str:
    return f"2026-01-01T10:00:{second:02}.000Z"


def attempt(begun: int, **more: Any) -> Attempt:
    return Attempt(1, "", "", "", at(begun), **more)


def run(tasks: dict[str, TaskRun], waves: list[list[str]], mode: Mode = Mode.PARALLEL, **more: Any) -> RunState:
    state = RunState("r", "auth", Settings(mode=mode), Driver(""), "/", "", at(0), **more)
    state.tasks, state.phases = tasks, {"1": PhaseRun("1", "", waves=waves, composed=True)}
    return state


def task(name: str, state: str, *attempts: Attempt, merged: int | None = None) -> TaskRun:
    return TaskRun(name, "Do it", "1", TaskState(state), list(attempts), merged_at=None if merged is None else at(merged))


def spans(state: RunState, task_s: float | None = 10.0) -> dict[str, tuple[Bar | None, tuple[Bar, ...]]]:
    return {line.task: (line.planned, line.measured) for line in chart(state, None, task_s, NOW).lanes}


def test_work_merging_failures_and_what_goes_on_are_told_apart_from_the_first_dispatch_on() -> None:
    failed = attempt(5, reported_at=at(8), outcome="failed", ended_at=at(10))
    tasks = {
        "a": task("a", "merged", attempt(5, reported_at=at(12), outcome="merged", ended_at=at(15)), merged=15),
        "b": task("b", "running", failed, attempt(20)),
        "c": task("c", "waiting"),
    }
    found = spans(run(tasks, [["a", "b"], ["c"]]))
    assert found["a"] == (Bar(0, 10, "planned"), (Bar(0, 7, "work"), Bar(7, 10, "merge")))
    assert found["b"] == (Bar(0, 10, "planned"), (Bar(0, 5, "failed"), Bar(15, 55, "open")))
    assert found["c"] == (Bar(10, 20, "planned"), ())


def test_planned_is_what_was_planned_before_it_was_grouped_anew() -> None:
    change = Regrouping("1", at(9), (("a", "b"),), (("a",), ("b",)), ("because",))
    later = Regrouping("1", at(19), (("a",), ("b",)), (("b",), ("a",)), ("because",))
    state = run({name: task(name, "waiting") for name in "ab"}, [["b"], ["a"]], regroupings=[change, later])
    assert first_waves(state, None) == [["a", "b"]]


def test_single_mode_plans_one_after_the_other_and_unmeasured_lengths_are_said_to_be_assumed() -> None:
    state = run({name: task(name, "waiting") for name in "ab"}, [["a", "b"]], Mode.SINGLE)
    found = chart(state, None, None, NOW)
    assert [line.planned for line in found.lanes] == [Bar(0, ASSUMED, "planned"), Bar(ASSUMED, 2 * ASSUMED, "planned")]
    assert found.assumed and "nothing is measured yet" in chart_table(found, state, [])


def test_what_was_done_before_the_run_is_not_on_the_chart() -> None:
    outside = TaskRun("a", "Do it", "1", TaskState.MERGED, outside=True)
    state = run({"a": outside}, [["a"]])
    assert chart_table(chart(state, None, None, NOW), state, []) == "<p>Nothing is planned.</p>"
