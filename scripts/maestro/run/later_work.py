"""What of a run's merged work rests on other work of it, and in which order it is taken back. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from maestro.models.run import RunState, TaskRun, TaskState
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Later:
    """A merged task that was built on another one; `why` says how that is known."""

    task: TaskRun
    why: str


def committed(task: TaskRun) -> bool:
    """Whether this run put a commit of the task on the branch, which can be taken back."""
    return task.state is TaskState.MERGED and bool(task.sha) and not task.outside


def resting_on(state: RunState, edges: Iterable[tuple[str, str]], tasks: Iterable[TaskRun]) -> tuple[Later, ...]:
    """Merged work outside `tasks` that rests on them, directly or through others, in the order in which it has to be taken back.

    `edges` are pairs (task, what it needs). What rests on a task is: every task of a later phase, since phases are sequential; and of the same phase what was
    merged later and needs it, or changed a path that it had changed.
    """
    chosen = list(tasks)
    phases = list(state.phases)
    below = {task.id: task for task in chosen}
    found: list[Later] = []
    needs = _needs(state, edges)
    for task in sorted(filter(committed, state.tasks.values()), key=lambda task: (phases.index(task.phase), task.merged_at or "")):
        if task.id in below:
            continue
        why = next((why for other in below.values() if (why := _why(phases, needs, task, other))), None)
        if why is not None:
            below[task.id] = task
            found.append(Later(task, why))
    return tuple(reversed(found))


def steps_back(state: RunState, later: Iterable[Later]) -> tuple[str, ...]:
    """What to undo, one after the other, as `run.py undo` takes it: whole phases where all their merged work has to go, else single tasks."""
    found: dict[str, None] = {}
    names = {entry.task.id: entry.task for entry in later}
    for task in names.values():
        whole = [other for other in state.tasks.values() if other.phase == task.phase and committed(other)]
        found[f"phase {task.phase}" if len(whole) > 1 and all(other.id in names for other in whole) else task.id] = None
    return tuple(found)


def _why(phases: list[str], needs: dict[str, set[str]], task: TaskRun, other: TaskRun) -> str | None:
    apart = phases.index(task.phase) - phases.index(other.phase)
    if apart < 0 or (apart == 0 and (task.merged_at or "") <= (other.merged_at or "")):
        return None
    if other.id in needs.get(task.id, ()):
        return f"needs {other.id}"
    if apart:
        return "came in a later phase"
    changed = {path for path, _ in other.real_paths}
    shared = next((path for path, _ in task.real_paths if path in changed), None)
    return f"changed {shared} after {other.id}" if shared else None


def _needs(state: RunState, edges: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """What each task needs, also through tasks that left no commit (skipped, nothing to change)."""
    direct: dict[str, list[str]] = {}
    for task, need in edges:
        direct.setdefault(task, []).append(need)
    found: dict[str, set[str]] = {}
    for task in direct:
        reached: set[str] = set()
        ahead = list(direct[task])
        while ahead:
            need = ahead.pop()
            if need not in reached:
                reached.add(need)
                if need in state.tasks and not committed(state.tasks[need]):
                    ahead += direct.get(need, ())
        found[task] = reached
    return found
