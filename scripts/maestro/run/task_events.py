"""What events about tasks and their attempts do to the state of a run."""

from __future__ import annotations

from collections.abc import Callable

from maestro.models.gate import Check
from maestro.models.run import Attempt, RunState, TaskRun, TaskState
from maestro.run.journal import Event


def task_of(state: RunState, event: Event) -> TaskRun:
    return state.tasks[event.data["task"]]


def attempt_of(state: RunState, event: Event) -> Attempt:
    attempts: list[Attempt] = state.tasks[event.data["task"]].attempts
    return attempts[int(event.data["attempt"]) - 1]


def _dispatched(state: RunState, event: Event) -> None:
    data, task = event.data, task_of(state, event)
    task.state, task.reason, task.keep = TaskState.RUNNING, "", False
    task.attempts.append(
        Attempt(
            number=data["attempt"],
            base=data["base"],
            worktree=data["worktree"],
            branch=data["branch"],
            dispatched_at=event.at,
            resume_from=data.get("resume_from"),
            conflicted=tuple(data.get("conflicted", ())),
            before=data.get("before"),
            text=data.get("text", ""),
        )
    )


def _worker_started(state: RunState, event: Event) -> None:
    attempt = attempt_of(state, event)
    attempt.worker, attempt.job = event.data.get("worker"), event.data.get("job")


def _attached(state: RunState, event: Event) -> None:
    attempt = attempt_of(state, event)
    attempt.attached_at = event.at
    attempt.worktree = event.data.get("worktree", attempt.worktree)
    attempt.branch = event.data.get("branch", attempt.branch)


def _checked(state: RunState, event: Event) -> None:
    attempt_of(state, event).checks.append(Check(event.at, event.data["ok"]))


def _reported(state: RunState, event: Event) -> None:
    attempt = attempt_of(state, event)
    attempt.reported_at, attempt.report = event.at, event.data["report"]
    attempt.changed = tuple(event.data["changed"]) if "changed" in event.data else None
    task_of(state, event).state = TaskState.REPORTED


def _worker_ended(state: RunState, event: Event) -> None:
    attempt_of(state, event).left_at = event.at


def _snapshot_taken(state: RunState, event: Event) -> None:
    attempt = attempt_of(state, event)
    attempt.snapshot, attempt.tree = event.data["commit"], event.data["tree"]
    attempt.candidate = attempt.candidate_parent = attempt.gate = None
    task_of(state, event).real_paths = tuple((path, kind) for path, kind in event.data["paths"])


def _changes_left_out(state: RunState, event: Event) -> None:
    attempt = attempt_of(state, event)
    attempt.left_out = (*attempt.left_out, *event.data["paths"])
    attempt.snapshot = None


def _changes_settled(state: RunState, event: Event) -> None:
    attempt = attempt_of(state, event)
    attempt.accepted, attempt.left_out = True, tuple(event.data.get("left_out", ()))


def _candidate_made(state: RunState, event: Event) -> None:
    attempt = attempt_of(state, event)
    attempt.candidate, attempt.candidate_parent = event.data["sha"], event.data["parent"]
    if not event.data.get("tested"):
        attempt.gate = None


def _merged(state: RunState, event: Event) -> None:
    task, attempt = task_of(state, event), attempt_of(state, event)
    task.state, task.sha, task.merged_at, task.undone = TaskState.MERGED, event.data["sha"], event.at, ""
    attempt.outcome, attempt.ended_at = "merged" if task.sha else "no-change", event.at
    if task.sha and attempt.gate and attempt.gate.ok:
        state.green = task.sha
    state.bookkeeping_due = True


def _failed(state: RunState, event: Event) -> None:
    task, attempt, data = task_of(state, event), attempt_of(state, event), event.data
    attempt.outcome, attempt.ended_at = "failed", event.at
    attempt.failure, attempt.reason = data["class"], data["reason"]
    attempt.left = tuple(data.get("left", ()))
    attempt.report = data.get("report") or attempt.report
    task.reason, task.fresh = data["reason"], False
    task.counted += 1 if data.get("counted", True) else 0
    task.state = TaskState.FAILED if data["final"] else TaskState.WAITING
    state.bookkeeping_due = True


def _blocked(state: RunState, event: Event) -> None:
    task = task_of(state, event)
    task.state, task.reason = TaskState.BLOCKED, event.data["reason"]


def _skipped(state: RunState, event: Event) -> None:
    task = task_of(state, event)
    task.state, task.reason = TaskState.SKIPPED, event.data["reason"]
    task.outside = event.data.get("outside", False)
    if task.attempt and not task.attempt.outcome:
        task.attempt.outcome, task.attempt.ended_at = "skipped", event.at
        task.attempt.left = tuple(event.data.get("left", ()))
    state.bookkeeping_due = True


def _reopened(state: RunState, event: Event) -> None:
    task = task_of(state, event)
    task.state, task.counted, task.reason = TaskState.WAITING, 0, ""
    task.note = event.data.get("note") or task.note
    task.keep, task.fresh = event.data.get("keep", False), event.data.get("fresh", False)
    if event.data.get("fresh") and task.attempt:
        task.attempt.snapshot = None


def _undone(state: RunState, event: Event) -> None:
    """It keeps its place among the waves, before everything that rests on it; one that an edited plan left without a place comes last."""
    task = task_of(state, event)
    task.undone = task.sha
    task.state, task.sha, task.counted, task.merged_at, task.squashed = TaskState.WAITING, "", 0, None, False
    phase = state.phases[task.phase]
    phase.verified, phase.gate = False, None
    if not any(task.id in wave for wave in phase.waves):
        phase.waves.append([task.id])
    state.bookkeeping_due = True


def _moved(state: RunState, event: Event) -> None:
    """Its commit was rewritten; a checkpoint that named it names the new one."""
    task = task_of(state, event)
    phase = state.phases[task.phase]
    if phase.checkpoint and phase.checkpoint == task.sha:
        phase.checkpoint = event.data["sha"]
    task.sha, task.squashed = event.data["sha"], event.data["squashed"]
    state.bookkeeping_due = True


def _cleaned(state: RunState, event: Event) -> None:
    attempt = attempt_of(state, event)
    attempt.cleaned, attempt.kept = True, event.data.get("kept")


def _held(state: RunState, event: Event) -> None:
    task_of(state, event).held = event.data["reason"]


def _unblocked(state: RunState, event: Event) -> None:
    task_of(state, event).state = TaskState.WAITING


TASK_HANDLERS: dict[str, Callable[[RunState, Event], None]] = {
    "task-held": _held,
    "task-unblocked": _unblocked,
    "task-dispatched": _dispatched,
    "worker-started": _worker_started,
    "worker-attached": _attached,
    "worker-checked": _checked,
    "worker-ended": _worker_ended,
    "task-reported": _reported,
    "snapshot-taken": _snapshot_taken,
    "changes-left-out": _changes_left_out,
    "changes-settled": _changes_settled,
    "candidate-made": _candidate_made,
    "task-merged": _merged,
    "task-failed": _failed,
    "task-blocked": _blocked,
    "task-skipped": _skipped,
    "task-reopened": _reopened,
    "task-undone": _undone,
    "task-moved": _moved,
    "attempt-cleaned": _cleaned,
}
"""Handlers by the name of their event."""
