"""How far a run is: per task, per wave and overall. Pure, from the state alone."""

from __future__ import annotations

from maestro import clock
from maestro.models.action import Progress, TaskProgress, WaveProgress
from maestro.models.run import FailureClass, RunState, TaskRun, TaskState
from maestro.models.schedule import Mode


def progress_of(state: RunState) -> Progress:
    """Finished means merged or skipped; percentages are rounded down, so that 100 means all."""
    tasks = list(state.tasks.values())
    done = sum(task.state.finished for task in tasks)
    waves = tuple(
        _wave(state, phase.id, number, [state.tasks[task] for task in wave if task in state.tasks])
        for phase in state.phases.values()
        for number, wave in enumerate(phase.waves, 1)
    )
    return Progress(
        done=done,
        total=len(tasks),
        running=sum(task.state.under_way for task in tasks),
        failed=sum(task.state is TaskState.FAILED for task in tasks),
        asking=sum(task.state is TaskState.FAILED and task.attempt is not None and task.attempt.failure == FailureClass.UNCLEAR for task in tasks),
        percent=percent(done, len(tasks)),
        waves=waves,
        skipped=sum(task.state is TaskState.SKIPPED for task in tasks),
        reported=sum(task.state is TaskState.REPORTED for task in tasks),
        unbegun=sum(is_unbegun(state, task) for task in tasks),
        again=0 if state.over else sum(task.state is TaskState.WAITING and task.attempt is not None for task in tasks),
    )


def is_unbegun(state: RunState, task: TaskRun) -> bool:
    """Whether a task is handed out and nobody has begun it. In single mode whoever is told of it has it."""
    attempt = task.attempt
    return (
        task.state is TaskState.RUNNING
        and state.settings.mode is not Mode.SINGLE
        and attempt is not None
        and not (attempt.attached_at or attempt.worker or attempt.job)
    )


def tasks_of(state: RunState) -> tuple[TaskProgress, ...]:
    """Each task with what is known of it now; `since_s` counts from its dispatch while it runs."""
    return tuple(
        TaskProgress(
            id=task.id,
            title=task.title,
            state="held" if task.held and task.state is TaskState.WAITING else str(task.state),
            attempt=len(task.attempts),
            sha=task.sha[:7],
            since_s=_since(task),
            reason=_reason(task),
            failure=task.attempt.failure if task.state is TaskState.FAILED and task.attempt is not None else "",
            phase=task.phase,
        )
        for task in state.tasks.values()
    )


def _reason(task: TaskRun) -> str:
    """In one line; of a failure what happened and the line of the output that says why."""
    if task.state is TaskState.FAILED:
        from maestro.run.telling import in_short

        return in_short(task.reason)
    return task.why if task.held or task.undone or task.state is not TaskState.WAITING else ""


def percent(done: int, total: int) -> int:
    return 100 * done // total if total else 100


def _wave(state: RunState, phase: str, number: int, tasks: list[TaskRun]) -> WaveProgress:
    done = sum(task.state.finished for task in tasks)
    return WaveProgress(phase, number, tuple(task.id for task in tasks), done, len(tasks), percent(done, len(tasks)))


def _since(task: TaskRun) -> float | None:
    attempt = task.attempt
    if attempt is None or not task.state.under_way:
        return None
    return round(clock.seconds_since(attempt.dispatched_at), 1)
