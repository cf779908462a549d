"""When each task was planned to run and when it really did, as bars that a chart draws. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from maestro import clock
from maestro.models.run import Attempt, RunState, TaskState
from maestro.models.schedule import SLOTS, Composition, Mode
from maestro.records import dataclass
from maestro.run.outlook import known_waves
from maestro.schedule.timetable import timetable

ASSUMED = 60.0
"""Seconds that a task is planned to take before anything was measured."""


@dataclass(frozen=True, slots=True)
class Bar:
    """From `begin` to `end`, in seconds since the chart's zero. `kind` is work, merge (tests and merging), failed or open (still going on)."""

    begin: float
    end: float
    kind: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One task: where it was planned (None where it is in no wave), and all that it really took."""

    task: str
    planned: Bar | None
    measured: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`task_s` is the length that every planned task was given, `assumed` when nothing was measured yet; `total` the chart's last second."""

    lanes: tuple[Lane, ...]
    task_s: float
    assumed: bool
    total: float


def chart(state: RunState, composition: Composition | None, task_s: float | None, now: str) -> Chart:
    """The waves as each phase began (or will begin), every task as long as the run's tasks really take, against what was measured until `now`.

    Zero is the first dispatch.
    """
    begins = [task.attempts[0].dispatched_at for task in state.tasks.values() if task.attempts]
    zero = min(begins, default=now)
    length = task_s or ASSUMED
    slots = 1 if state.settings.mode is Mode.SINGLE else SLOTS
    table = timetable(first_waves(state, composition), {}, slots, unknown=length)
    lanes = []
    for task in state.tasks.values():
        planned = Bar(*table[task.id], "planned") if task.id in table else None
        last = task.attempts[-1] if task.attempts else None
        merged = task.merged_at if task.state is TaskState.MERGED else None
        bars = tuple(bar for attempt in task.attempts for bar in _bars(attempt, merged if attempt is last else None, zero, now))
        lanes.append(Lane(task.id, planned, bars))
    ends = [bar.end for lane in lanes for bar in (*lane.measured, *([lane.planned] if lane.planned else []))]
    return Chart(tuple(lanes), length, task_s is None, max(ends, default=0.0) or length)


def first_waves(state: RunState, composition: Composition | None) -> list[Sequence[str]]:
    """The waves of all phases before anything was re-grouped, without what was settled outside this run."""
    known = known_waves(state, composition)
    before: dict[str, tuple[tuple[str, ...], ...]] = {}
    for change in state.regroupings:
        before.setdefault(change.phase, change.before)
    outside = {task.id for task in state.tasks.values() if task.outside}
    return [[task for task in wave if task not in outside] for phase, waves in known.items() for wave in before.get(phase, waves)]


def _bars(attempt: Attempt, merged: str | None, zero: str, now: str) -> list[Bar]:
    begin = clock.seconds_between(zero, attempt.dispatched_at)
    stopped = attempt.reported_at or attempt.left_at or attempt.ended_at or merged
    if stopped is None:
        return [Bar(begin, clock.seconds_between(zero, now), "open")]
    worked = clock.seconds_between(zero, stopped)
    if attempt.outcome == "failed":
        return [Bar(begin, max(worked, clock.seconds_between(zero, attempt.ended_at or stopped)), "failed")]
    settled = merged or attempt.ended_at
    rest = Bar(worked, clock.seconds_between(zero, settled or now), "merge" if settled else "open")
    return [Bar(begin, worked, "work"), rest]
