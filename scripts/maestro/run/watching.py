"""A look at a run from outside: its journal, and what its workers are doing. Takes no lock and writes nothing, so any number may watch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from maestro import clock
from maestro.errors import MaestroError
from maestro.models.plan import Plan
from maestro.models.run import Handle, RunState, TaskRun, TaskState
from maestro.models.schedule import Composition, Mode
from maestro.records import dataclass
from maestro.run.activity import Activity, activity, own_paths
from maestro.run.context import Context
from maestro.run.forecasting import clashes, meeting
from maestro.run.home import Home
from maestro.run.journal import Event, Journal, Reader
from maestro.run.outlook import Outlook, in_force, outlook
from maestro.run.progress import is_unbegun
from maestro.run.scheduling import composed
from maestro.run.state import apply, fold

if TYPE_CHECKING:
    from maestro.git.forecast import Clash

FORECAST_EVERY = 3.0
"""Seconds between two trial merges of the same watcher: they read whole worktrees."""


_MOVES = frozenset({"run-created", "phase-composed", "regrouped", "wave-added", "plan-read", "task-merged", "discovered", "finished"})
"""Events after which the waves that are still to come may be others."""


@dataclass(frozen=True, slots=True)
class Worker:
    """A task that somebody works on. `stage` says in words how far it is; times are seconds, `files` the newest first."""

    handle: str
    task: str
    title: str
    stage: str
    since_s: float
    quiet_s: float
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen at one moment. `plan` and `composition` (with the waves in force) are None where the plan cannot be read any more."""

    state: RunState
    events: tuple[Event, ...]
    plan: Plan | None
    composition: Composition | None
    outlook: Outlook
    workers: tuple[Worker, ...]
    forecast: tuple[Clash, ...]


class Watcher:
    """Looks at one run again and again, and reads only what has changed since the last look."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._reader = Reader(home.journal)
        self._events: list[Event] = []
        self._state: RunState | None = None
        self._moves = 0
        self._composed: tuple[object, Plan | None, Composition | None] = (None, None, None)
        self._forecast: tuple[object, float, tuple[Clash, ...]] = (None, 0.0, ())

    def look(self) -> Sight | None:
        """What is to be seen now; None when there is no run (any more). Raises InvalidDocument `journal-damaged`."""
        events, state = self._journal()
        if state is None:
            return None
        context = Context(self.home, Journal(self.home.journal), state)
        plan, composition = self._composition(context)
        busy = [task for task in state.tasks.values() if task.state.under_way and task.attempts]
        seen = {task.id: self._activity(context, task) for task in busy}
        workers = tuple(_worker(context, task, seen[task.id]) for task in busy)
        return Sight(state, events, plan, composition, outlook(state, composition, clock.now()), workers, self._clashes(context, busy, seen))

    def _journal(self) -> tuple[tuple[Event, ...], RunState | None]:
        """All events and what they come to: what was written since the last look is read and no more, however long the run is."""
        try:
            anew, events = self._reader.look()
        except FileNotFoundError:
            return (), None
        if anew:
            self._events, self._state, self._composed = events, fold(events), (None, None, None)
            self._moves = sum(event.name in _MOVES for event in events)
        else:
            for event in events:
                assert self._state is not None
                apply(self._state, event)
            self._events += events
            self._moves += sum(event.name in _MOVES for event in events)
        return tuple(self._events), self._state

    def _composition(self, context: Context) -> tuple[Plan | None, Composition | None]:
        """Composing reads the plan and the repository: done anew only where the run has moved on since."""
        if self._composed[0] != self._moves:
            try:
                self._composed = (self._moves, context.plan, in_force(context.state, composed(context)))
            except (MaestroError, OSError):
                self._composed = (self._moves, None, None)
        return self._composed[1:]

    def _activity(self, context: Context, task: TaskRun) -> Activity:
        try:
            return activity(context, task.attempts[-1], own_paths(context, task))
        except (MaestroError, OSError):
            return Activity(0.0)

    def _clashes(self, context: Context, busy: Sequence[TaskRun], seen: dict[str, Activity]) -> tuple[Clash, ...]:
        """Trial merges, where two of them or one and the branch changed the same file at all."""
        if context.state.settings.mode is not Mode.PARALLEL or not busy:
            return ()
        suspects = meeting(context, busy, {name: one.files for name, one in seen.items()})
        if not suspects:
            return ()
        key = (context.standing[1], tuple((task.id, seen[task.id].files) for task in suspects))
        known, at, _ = self._forecast
        if known != key or clock.monotonic() - at > FORECAST_EVERY:
            self._forecast = (key, clock.monotonic(), clashes(context, suspects))
        return self._forecast[2]


def _worker(context: Context, task: TaskRun, seen: Activity) -> Worker:
    attempt = task.attempts[-1]
    handle = Handle(context.state.track, task.id, attempt.number)
    return Worker(
        str(handle), task.id, task.title, _stage(context.state, task, seen), round(clock.seconds_since(attempt.dispatched_at), 1), seen.quiet_s, seen.files
    )


def _stage(state: RunState, task: TaskRun, seen: Activity) -> str:
    attempt = task.attempts[-1]
    if task.state is TaskState.REPORTED:
        if attempt.gate is None or attempt.candidate is None:
            return "reported, waits to be merged"
        return "being tested" if attempt.gate.ok is None else "tests green, being merged" if attempt.gate.ok else "tests red"
    if attempt.checks:
        return "working, its tests were green" if attempt.checks[-1].ok else "working, its tests were red"
    if is_unbegun(state, task) and not seen.files:
        return "handed out, nobody has begun"
    return "working"
