"""Where the time of a run went: its journal is replayed, and every moment is counted once, under one cause. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import field

from maestro import clock
from maestro.models.report import Cause, Share
from maestro.models.run import FailureClass
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run.journal import Event
from maestro.run.standing import Standing
from maestro.run.state import apply, fold

Lost = Mapping[tuple[str, int], str]
"""The attempts, as (task, number), that fail in the end, with the class of their failure."""

VAIN = (FailureClass.CONFLICT, FailureClass.LOST, FailureClass.INTERRUPTED)
"""Attempts that conflicted would not have, one after the other, and those that vanished or were broken off are no work that anything could save."""

PEOPLE = (Cause.AWAY, Cause.QUESTIONS)
"""Time that neither work nor machine used."""


@dataclass(slots=True)
class Account:
    """Seconds by cause; `work` by (task, attempt), for as long as a worker had it; `alone`: active time in which no worker ran; `vain`: of `work` what went
    into attempts that failed of something else than the work, see VAIN.
    """

    causes: dict[Cause, float] = field(default_factory=lambda: dict.fromkeys(Cause, 0.0))
    work: dict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))
    alone: float = 0.0
    vain: float = 0.0

    @property
    def wall(self) -> float:
        """Seconds from the first event to the last."""
        return sum(self.causes.values())

    @property
    def active(self) -> float:
        """Seconds in which the run waited for no person."""
        return sum(seconds for cause, seconds in self.causes.items() if cause not in PEOPLE)

    @property
    def tasks(self) -> float:
        """Seconds of work, those of workers beside each other added up."""
        return sum(self.work.values())

    @property
    def sequential(self) -> float:
        """Seconds that the same work would have taken one task after the other."""
        return self.tasks - self.vain + self.alone

    @property
    def saved(self) -> float:
        """The share of `sequential` that working beside each other has saved, 0 to 1."""
        return max(0.0, 1 - self.active / self.sequential) if self.sequential else 0.0

    def shares(self) -> tuple[Share, ...]:
        """All causes, those that took longest first."""
        wall = self.wall
        found = [Share(cause, round(seconds, 3), round(seconds / wall, 6) if wall else 0.0) for cause, seconds in self.causes.items()]
        return tuple(sorted(found, key=lambda share: -share.seconds))


def account(events: Iterable[Event], until: str | None = None) -> Account:
    """The account of a run from its first event to the last one, or to `until` (UTC) where that is later."""
    events = list(events)
    found = Account()
    if not events:
        return found
    final = fold(events)
    assert final is not None
    lost = {(task.id, attempt.number): attempt.failure for task in final.tasks.values() for attempt in task.attempts if attempt.outcome == "failed"}
    state = fold(events[:1])
    assert state is not None
    standing, took = Standing(state), _took(events)
    for event in events[1:]:
        left = clock.seconds_between(state.last_event_at, event.at)
        if event.name == "resumed" and state.driver.process:
            left -= _count_unwatched(found, standing, left, lost, took)
        _count(found, standing, left, lost, event.name)
        apply(state, event)
        standing.follow(event)
    if until is not None:
        _count(found, standing, clock.seconds_between(state.last_event_at, until), lost, "")
    return found


def _took(events: Iterable[Event]) -> dict[tuple[str, int], tuple[str, float]]:
    """For each attempt whose worker was a process: when that began, and the seconds that it lived."""
    began: dict[tuple[str, int], str] = {}
    took: dict[tuple[str, int], tuple[str, float]] = {}
    for event in events:
        if event.name == "worker-started":
            began[event.data["task"], event.data["attempt"]] = event.at
        elif event.name in ("task-reported", "task-failed") and "seconds" in event.data:
            attempt = event.data["task"], event.data["attempt"]
            if attempt in began:
                took[attempt] = began[attempt], event.data["seconds"]
    return took


def _count_unwatched(found: Account, standing: Standing, seconds: float, lost: Lost, took: dict[tuple[str, int], tuple[str, float]]) -> float:
    """Add what workers did on their own after their driver was gone, and give how long the last of them worked."""
    state = standing.state
    on: dict[str, float] = {}
    for task in standing.running:
        began, lived = took.get((task, len(state.tasks[task].attempts)), (state.last_event_at, 0.0))
        on[task] = min(seconds, max(0.0, lived - clock.seconds_between(began, state.last_event_at)))
    counted = 0.0
    for end in sorted(set(on.values())):
        _count(found, standing, end - counted, lost, "", working=[task for task in on if on[task] >= end])
        counted = end
    return counted


def _count(found: Account, standing: Standing, seconds: float, lost: Lost, ended_by: str, *, working: Iterable[str] | None = None) -> None:
    """Add the time between two events, during which the tasks stood like this; `working` where not all that count as running were still worked on."""
    if seconds == 0.0:
        return
    cause = cause_of(standing, lost, ended_by)
    found.causes[cause] += seconds
    if cause in PEOPLE:
        return
    for task in standing.running if working is None else working:
        attempt = task, len(standing.state.tasks[task].attempts)
        found.work[attempt] += seconds
        found.vain += seconds if lost.get(attempt) in VAIN else 0.0
    if not standing.running:
        found.alone += seconds


def cause_of(standing: Standing, lost: Lost, ended_by: str) -> Cause:
    """What holds the run up as things stand. `ended_by` is the event that ends this."""
    state, flying = standing.state, standing.flying
    if _nobody_drives(standing, lost, ended_by):
        return Cause.AWAY
    if not flying and (state.open_questions or _all_verified(standing)):
        return Cause.QUESTIONS
    useful = [task for task in flying if (task, len(state.tasks[task].attempts)) not in lost]
    if flying and not useful:
        return Cause.RETRIES
    held_up = _waiting(standing)
    if held_up is not None:
        return held_up
    if any(task in standing.running for task in useful):
        return Cause.WORK
    phase = standing.phase
    testing = any(gate is not None and gate.ok is None for gate in (state.base_gate, phase.gate if phase else None))
    return Cause.MERGES if flying or testing else Cause.OTHER


def _nobody_drives(standing: Standing, lost: Lost, ended_by: str) -> bool:
    """A process that is replaced was gone before. A session that is resumed was gone unless a worker of it went on: one that had its brief (in single mode
    that is the session itself) and is not lost.
    """
    state = standing.state
    if state.outcome is not None:
        return True
    if ended_by == "resumed":
        newest = [(task, state.tasks[task].attempts[-1]) for task in standing.running]
        single = state.settings.mode is Mode.SINGLE
        alive = any((single or attempt.attached_at) and lost.get((task, attempt.number)) != FailureClass.LOST for task, attempt in newest)
        return state.driver.process or not (alive or state.open_questions)
    return state.paused is not None and not standing.flying


def _all_verified(standing: Standing) -> bool:
    """What is left is a person's word on what becomes of the track's folder."""
    state = standing.state
    return standing.phase is None and state.completing is None and bool(state.phases) and all(phase.verified for phase in state.phases.values())


def _waiting(standing: Standing) -> Cause | None:
    """Why the tasks of the phase that have not started do not start; None when there are none, or when one is being started right now."""
    if not standing.waiting:
        return None
    single = standing.state.settings.mode is Mode.SINGLE
    free = (1 if single else standing.state.slots) - len(standing.running)
    ready = standing.startable()
    if ready and standing.running and free <= 0:
        return Cause.SLOTS
    if ready and not single and any(not standing.wave_begun(task) for task in ready):
        return Cause.BARRIER
    if ready:
        return None
    if not standing.running or standing.waits_for_merges():
        return Cause.MERGES if standing.reported else None
    return Cause.DEPENDENCIES
