"""Who works, who waits, and who could start, kept up to date event by event, so that a replay of a long journal takes as long as the journal is."""

from __future__ import annotations

from collections import Counter, defaultdict

from maestro.models.run import PhaseRun, RunState, TaskRun, TaskState
from maestro.run.journal import Event
from maestro.run.task_events import TASK_HANDLERS

REARRANGING = frozenset(
    ("phase-composed", "phase-verified", "regrouped", "plan-read", "fix-task-added", "wave-added", "task-undone", "undo-begun", "undo-ended", "reopened")
)
"""Events after which everything is looked at anew; the other ones are about one task or none."""


class Standing:
    """How the tasks of a run stand. Call `follow` after each event that was applied to the state.

    running, reported: ids of the tasks that a worker has, and of those whose work is being merged
    waiting: ids of the current phase's tasks that have not started; of these, `unmet` counts what each still needs, `unworked` what of that is not even
        reported; `ready` are those that need nothing and are not held back
    """

    def __init__(self, state: RunState) -> None:
        self.state = state
        self._rebuild()

    def follow(self, event: Event) -> None:
        """Take in an event that the state has taken in already."""
        if event.name in REARRANGING:
            self._rebuild()
        elif event.name in TASK_HANDLERS:
            self._update(event.data["task"])

    @property
    def phase(self) -> PhaseRun | None:
        """The phase that is worked on."""
        phase = self.state.phases.get(self.state.phase or "")
        return None if phase is None or phase.verified else phase

    @property
    def flying(self) -> set[str]:
        """Ids of the tasks that occupy files: a worker has them, or their work is being merged."""
        return self.running | self.reported

    def startable(self) -> list[str]:
        """The ready ones that no neighbour keeps waiting, who works on a file that everybody touches."""
        shared = self.state.shared
        if not shared:
            return list(self.ready)
        flying = self.flying
        return [task for task in self.ready if not any(task in sharing and not flying.isdisjoint(sharing) for _, sharing in shared)]

    def wave_begun(self, task: str) -> bool:
        """True once every task of the waves before its own is settled."""
        wave = self._wave.get(task, 0)
        while self._first_open < wave and not self._unsettled[self._first_open]:
            self._first_open += 1
        return self._first_open >= wave

    def waits_for_merges(self) -> bool:
        """Whether a task waits for nothing but work that is reported and not merged yet."""
        dependents = (task for reported in self.reported for task in self._dependents[reported])
        return any(task in self.waiting and not self.unworked[task] for task in dependents)

    def _rebuild(self) -> None:
        phase = self.phase
        self.running: set[str] = set()
        self.reported: set[str] = set()
        self.waiting: set[str] = set()
        self.ready: dict[str, None] = {}
        self.unmet: Counter[str] = Counter()
        self.unworked: Counter[str] = Counter()
        self._dependents: defaultdict[str, list[str]] = defaultdict(list)
        self._wave = {task: number for number, wave in enumerate(phase.waves if phase else ()) for task in wave}
        self._unsettled: Counter[int] = Counter()
        self._first_open = 0
        self._seen: dict[str, TaskState] = {}
        for edge in {(edge.task, edge.needs) for edge in (phase.edges if phase else ()) if edge.needs in self.state.tasks}:
            self._dependents[edge[1]].append(edge[0])
            self.unmet[edge[0]] += 1
            self.unworked[edge[0]] += 1
        for task in self.state.tasks:
            self._update(task)

    def _update(self, name: str) -> None:
        task = self.state.tasks.get(name)
        if task is None:
            return
        before, now = self._seen.get(name), task.state
        self._seen[name] = now
        self._place(self.running, name, now is TaskState.RUNNING)
        self._place(self.reported, name, now is TaskState.REPORTED)
        self._place(self.waiting, name, now is TaskState.WAITING and task.phase == (self.phase.id if self.phase else None))
        wave = self._wave.get(name)
        if wave is not None:
            unsettled = int(not now.settled) - int(before is not None and not before.settled)
            self._unsettled[wave] += unsettled
            if unsettled > 0:
                self._first_open = min(self._first_open, wave)
        finished = int(now.finished) - int(before is not None and before.finished)
        worked = int(_worked(now)) - int(before is not None and _worked(before))
        if finished or worked:
            for dependent in self._dependents[name]:
                self.unmet[dependent] -= finished
                self.unworked[dependent] -= worked
                self._judge(dependent)
        self._judge(name)

    def _judge(self, name: str) -> None:
        task: TaskRun | None = self.state.tasks.get(name)
        if task is not None and name in self.waiting and not self.unmet[name] and not task.held:
            self.ready[name] = None
        else:
            self.ready.pop(name, None)

    @staticmethod
    def _place(group: set[str], name: str, belongs: bool) -> None:
        (group.add if belongs else group.discard)(name)


def _worked(state: TaskState) -> bool:
    """Nobody works on it any more: it is done, or on its way into the branch."""
    return state.finished or state is TaskState.REPORTED
