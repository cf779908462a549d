"""What happens when an attempt does not succeed: triage, another attempt, or a stop with a question."""

from __future__ import annotations

from maestro.errors import MaestroError
from maestro.models.run import MAX_ATTEMPTS, Attempt, FailureClass, TaskRun
from maestro.models.schedule import Mode
from maestro.run.activity import is_sound
from maestro.run.bookkeeping import pause
from maestro.run.commands import driven
from maestro.run.context import Context
from maestro.run.pacing import ended_since_resumed, same_trouble_twice

ASK_AT_ONCE = (FailureClass.UNCLEAR, FailureClass.DEPENDENCY)
"""A repetition cannot help: the triage stops here and asks."""

UNCOUNTED = (FailureClass.LOST, FailureClass.INTERRUPTED, FailureClass.QUOTA)
"""Not the work's fault: these do not use up an attempt."""

UNSOUND = "its folder is no worktree of this repository any more (its `.git` was changed or removed)"

CHANGED_AFTER_ALL = "its worker reported that nothing had to be changed, but changed"

MAX_TRIES = 6
"""Attempts on one task with those that do not count, so that a worker that always vanishes comes to an end; anew whenever somebody goes on with the run."""


def fail_attempt(context: Context, task: TaskRun, failure: FailureClass, reason: str) -> None:
    """End the newest attempt as failed, keeping its work and its worker's words. The task waits for its next attempt, or fails for good when there is none."""
    from maestro.run.collecting import lived
    from maestro.run.lying import left_by

    attempt = task.attempt
    assert attempt is not None
    keep_work(context, task, attempt)
    left = left_by(context, attempt)
    counted = failure not in UNCOUNTED
    tries = task.counted + (1 if counted else 0)
    recent = ended_since_resumed(context.state, task)
    uncounted = sum(old.failure in UNCOUNTED for old in recent) + (0 if counted else 1)
    same_trouble = failure is FailureClass.INFRASTRUCTURE and any(old.failure == failure for old in recent)
    final = failure in ASK_AT_ONCE or tries >= MAX_ATTEMPTS or tries + uncounted >= MAX_TRIES or same_trouble
    context.record(
        "task-failed",
        task=task.id,
        attempt=attempt.number,
        **{"class": str(failure)},
        reason=reason,
        counted=counted,
        final=final,
        **_said(context, task, attempt),
        **({} if attempt.reported_at else lived(context, attempt)),
        **({"left": list(left)} if left else {}),
    )
    trouble = same_trouble_twice(context.state) if failure is FailureClass.INFRASTRUCTURE else None
    if trouble is not None and context.state.paused is None:
        pause(context, f"two tasks met the same trouble: {trouble}")
    context.tell(_told(task, attempt, failure, _in_short(reason), final))
    if failure is FailureClass.LOST and not final and not context.state.driver.process:
        _tell_of_lost_work(context, task, attempt)


def _said(context: Context, task: TaskRun, attempt: Attempt) -> dict[str, object]:
    """The worker's report where it left one before its attempt ended some other way: what it used was used all the same, and what it said is reviewed."""
    from maestro.run.collecting import said_by
    from maestro.run.reports import NONE

    if attempt.reported_at:
        return {}
    report = said_by(context, task, attempt)
    return {} if report.trouble == NONE and not report.usage else {"report": report.data()}


def _tell_of_lost_work(context: Context, task: TaskRun, attempt: Attempt) -> None:
    """What a worker that is gone had written is not taken for granted, nor hidden from whoever comes next."""
    from maestro.run.cleaning import is_empty

    if context.state.settings.mode is Mode.PARALLEL and not is_empty(context, attempt):
        handle = str(context.handle(task, attempt))
        kept = f"What {handle} left is kept (`git diff {attempt.base[:12]} {attempt.snapshot[:12]}`)" if attempt.snapshot else f"What {handle} left is kept"
        choice = f"before attempt {attempt.number + 1} is handed out, `{driven(context.state, 'retry', handle)}` lets it begin with that work"
        context.tell(f"{kept}. Yours to judge: {choice}; without that it begins anew.")


def _told(task: TaskRun, attempt: Attempt, failure: FailureClass, short: str, final: bool) -> str:
    """What is said of the end of an attempt. A worker that could not go on without a word of the user's did not fail: it asks."""
    sentence = short if short.endswith((".", "?", "!", "…")) else f"{short}."
    if failure is FailureClass.UNCLEAR:
        return f"{task.id} asks: {sentence} It waits for the answer; what was done so far is kept."
    if failure is FailureClass.DEPENDENCY:
        return f"{task.id} is blocked ({failure}): {sentence} It waits for the user's word; what was done so far is kept."
    if failure is FailureClass.INTERRUPTED:
        return f"{task.id} was interrupted (attempt {attempt.number}): {sentence} What it had done is kept; another attempt follows when the run goes on."
    after = "no further attempt" if final else f"attempt {attempt.number + 1} follows"
    return f"{task.id} failed (attempt {attempt.number}, {failure}): {short}; {after}."


def keep_work(context: Context, task: TaskRun, attempt: Attempt) -> None:
    """Put what a worktree holds under a private ref, so that nothing done is ever lost. In single mode the work simply stays in the checkout."""
    from maestro.git.snapshot import keep, take_snapshot

    if attempt.snapshot is not None or context.state.settings.mode is not Mode.PARALLEL or not context.worktree(attempt).exists():
        return
    handle = context.handle(task, attempt)
    if not is_sound(context, attempt):
        context.tell(f"The work of {handle} could not be recorded: {UNSOUND}. The folder stays at {attempt.worktree}.")
        return
    try:
        taken = take_snapshot(context.worktree(attempt), attempt.base, f"work of {handle}, kept\n")
    except MaestroError as error:
        context.tell(f"The work of {handle} could not be recorded ({error.message}); its worktree stays at {attempt.worktree}.")
        return
    ref = context.keep_ref(handle)
    keep(context.git, ref, taken.commit)
    context.record("snapshot-taken", task=task.id, attempt=attempt.number, commit=taken.commit, tree=taken.tree, dropped=list(taken.dropped), paths=[])


def _in_short(reason: str) -> str:
    """One line of a reason: what the output below its first line says of the failure, or that line where there is none."""
    from maestro.run.telling import cut, telling_line

    first, _, output = reason.strip().partition("\n")
    return telling_line(output) or cut(first, 200) or "no reason given"
