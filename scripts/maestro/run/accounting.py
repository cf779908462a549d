"""Where the time of a run went: its journal is replayed, and every moment is counted once, under one cause. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import field

from maestro import clock
from maestro.models.report import Cause, Share
from maestro.models.run import PhaseRun, RunState, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run.journal import Event
from maestro.run.state import apply, fold

IN_FLIGHT = (TaskState.RUNNING, TaskState.REPORTED)

PEOPLE = (Cause.AWAY, Cause.QUESTIONS)
"""Time that neither work nor machine used."""


@dataclass(slots=True)
class Account:
    """Seconds by cause; `work` by (task, attempt), for as long as a worker had it; `alone`: active time in which no worker ran."""

    causes: dict[Cause, float] = field(default_factory=lambda: dict.fromkeys(Cause, 0.0))
    work: dict[tuple[str, int], float] = field(default_factory=lambda: defaultdict(float))
    alone: float = 0.0

    @property
    def wall(self) -> float:
        return sum(self.causes.values())

    @property
    def active(self) -> float:
        return sum(seconds for cause, seconds in self.causes.items() if cause not in PEOPLE)

    @property
    def tasks(self) -> float:
        return sum(self.work.values())

    @property
    def sequential(self) -> float:
        return self.tasks + self.alone

    @property
    def saved(self) -> float:
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
    lost = {(task.id, attempt.number) for task in final.tasks.values() for attempt in task.attempts if attempt.outcome == "failed"}
    state = fold(events[:1])
    assert state is not None
    for event in events[1:]:
        _count(found, state, clock.seconds_between(state.last_event_at, event.at), lost, event.name)
        apply(state, event)
    if until is not None:
        _count(found, state, clock.seconds_between(state.last_event_at, until), lost, "")
    return found


def _count(found: Account, state: RunState, seconds: float, lost: set[tuple[str, int]], ended_by: str) -> None:
    """Add the time between two events, during which the state was this one."""
    if seconds == 0.0:
        return
    cause = cause_of(state, lost, ended_by)
    found.causes[cause] += seconds
    if cause in PEOPLE:
        return
    running = state.running()
    for task in running:
        found.work[task.id, len(task.attempts)] += seconds
    if not running:
        found.alone += seconds


def cause_of(state: RunState, lost: set[tuple[str, int]], ended_by: str) -> Cause:
    """What holds the run up in this state. `lost` are the attempts, as (task, number), that fail in the end; `ended_by` is the event that ends the state."""
    flying = [task for task in state.tasks.values() if task.state in IN_FLIGHT]
    running = [task for task in flying if task.state is TaskState.RUNNING]
    if _nobody_drives(state, bool(flying), ended_by):
        return Cause.AWAY
    if not flying and state.open_questions:
        return Cause.QUESTIONS
    useful = [task for task in flying if (task.id, len(task.attempts)) not in lost]
    if flying and not useful:
        return Cause.RETRIES
    phase = state.phases.get(state.phase or "")
    if phase is not None and not phase.verified:
        held_up = _waiting(state, phase, running)
        if held_up is not None:
            return held_up
    if any(task.state is TaskState.RUNNING for task in useful):
        return Cause.WORK
    testing = any(gate is not None and gate.ok is None for gate in (state.base_gate, phase.gate if phase else None))
    return Cause.MERGES if flying or testing else Cause.OTHER


def _nobody_drives(state: RunState, flying: bool, ended_by: str) -> bool:
    """A process that is replaced was gone before: what it had in hand then did not go on, as far as the journal knows."""
    if state.outcome is not None:
        return True
    if ended_by == "resumed" and (state.driver.process or not (flying or state.open_questions)):
        return True
    return state.paused is not None and not flying


def _waiting(state: RunState, phase: PhaseRun, running: list[TaskRun]) -> Cause | None:
    """Why the tasks of the phase that have not started do not start; None when there are none, or when one is being started right now."""
    waiting = [task for task in state.tasks.values() if task.phase == phase.id and task.state is TaskState.WAITING]
    if not waiting:
        return None
    single = state.settings.mode is Mode.SINGLE
    free = (1 if single else state.slots) - len(running)
    missing = {task.id: _missing(state, phase, task) for task in waiting}
    ready = [task for task in waiting if not missing[task.id] and not task.held and not _shares(state, task)]
    if ready and running and free <= 0:
        return Cause.SLOTS
    if ready and not single and any(not _wave_begun(state, phase, task) for task in ready):
        return Cause.BARRIER
    if ready:
        return None
    if not running or any(needs and all(need.state is TaskState.REPORTED for need in needs) for needs in missing.values()):
        return Cause.MERGES if any(task.state is TaskState.REPORTED for task in state.tasks.values()) else None
    return Cause.DEPENDENCIES


def _missing(state: RunState, phase: PhaseRun, task: TaskRun) -> list[TaskRun]:
    """What the task still needs."""
    needs = [state.tasks[edge.needs] for edge in phase.edges if edge.task == task.id and edge.needs in state.tasks]
    return [need for need in needs if not need.state.finished]


def _shares(state: RunState, task: TaskRun) -> bool:
    """True while another task works on a file that everybody touches and this one needs too."""
    return any(task.id in sharing and any(state.tasks[other].state in IN_FLIGHT for other in sharing if other in state.tasks) for _, sharing in state.shared)


def _wave_begun(state: RunState, phase: PhaseRun, task: TaskRun) -> bool:
    """True once every task of the waves before its own is settled."""
    for wave in phase.waves:
        if task.id in wave:
            return True
        if any(other in state.tasks and not state.tasks[other].state.settled for other in wave):
            return False
    return True
