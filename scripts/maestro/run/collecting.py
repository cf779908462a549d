"""What the workers that run as jobs have done, and what the ones at work are touching. Any driver collects them, also one that did not start them."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from maestro.errors import MaestroError
from maestro.models.run import Attempt, FailureClass, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.run.activity import changed_files
from maestro.run.bookkeeping import sync_plan
from maestro.run.commands import driven
from maestro.run.context import Context
from maestro.run.jobs import Exit, Job
from maestro.run.scheduling import hold_back_colliding

if TYPE_CHECKING:
    from maestro.run.reports import Report

OUTPUT = 200_000
"""Characters at the end of a worker's output that are looked through for what it used; the last words of an agent can be long."""

_CANNOT_START = r"\A(?:sh|bash|dash)?:? ?\d*:? ?cannot open |\A\S*python\S*: can't open file |\AError: Cannot find module "
"""The first words of interpreters that do not find their script."""


def job_of(context: Context, attempt: Attempt) -> Job | None:
    """The job of an attempt's worker, None when its worker is no process of ours."""
    return Job(context.home.jobs(context.state.run) / attempt.job) if attempt.job else None


def lived(context: Context, attempt: Attempt) -> dict[str, float]:
    """How long an attempt's worker was at it, for the event that ends its work; nothing where it is no process of ours, or left no trace of its end."""
    job = job_of(context, attempt)
    ended = job.result() if job else None
    return {"seconds": ended.seconds} if ended and ended.seconds else {}


def said_by(context: Context, task: TaskRun, attempt: Attempt) -> Report:
    """The report that an attempt's worker left, with what the output of its program says that it used where the report does not."""
    from maestro.run.briefs import result_file
    from maestro.run.reports import read_report
    from maestro.run.spending import spent_in

    handle = context.handle(task, attempt)
    report = read_report(context.worktree(attempt) / result_file(handle), handle, context.state.run)
    job = job_of(context, attempt)
    return replace(report, usage=spent_in(job.tail(OUTPUT))) if job and not report.usage else report


def collect_ended(context: Context) -> None:
    """Settle workers that have ended while nobody looked: their driver was killed, and whoever calls now goes on with what they did."""
    for task in context.state.running():
        attempt = task.attempt
        assert attempt is not None
        job = job_of(context, attempt)
        if job is None:
            _settle_vanished(context, task, attempt)
        elif (ended := job.result()) is not None:
            settle_ended(context, task, attempt, ended, job)


def _settle_vanished(context: Context, task: TaskRun, attempt: Attempt) -> None:
    """Where the worktree is gone, nobody works any more. What was committed there is a person's to judge: nothing says that it is finished."""
    if context.worktree(attempt).exists():
        return
    from maestro.run.failing import fail_attempt

    handle = context.handle(task, attempt)
    if changed_files(context, attempt):
        again = driven(context.state, "fail", str(handle), "--reason", "lost")
        words = f"`run.py done {handle}` takes what is on its branch {attempt.branch}, `{again}` begins anew."
        context.tell(f"The worktree of {task.id} is gone: {words}")
    else:
        fail_attempt(context, task, FailureClass.LOST, f"its worktree {attempt.worktree} is gone, and nothing of it was committed")
        sync_plan(context)


def settle_ended(context: Context, task: TaskRun, attempt: Attempt, ended: Exit, job: Job) -> None:
    """Exit 0 with a non-empty diff and no contrary report is success; anything else is a failed attempt."""
    from maestro.run.failing import fail_attempt
    from maestro.run.reports import NONE
    from maestro.run.settling import settle

    report = said_by(context, task, attempt)
    if ended.lost:
        fail_attempt(context, task, FailureClass.LOST, "its process vanished")
    elif ended.step == "setup" and ended.code:
        fail_attempt(context, task, FailureClass.INFRASTRUCTURE, f"the set-up command failed\n{job.tail(1500)}")
    elif ended.timed_out:
        fail_attempt(context, task, FailureClass.TIMEOUT, f"not done within {job.limit or 0:g} s")
    elif ended.code:
        failure = _class_of(ended, job.tail(2000), report)
        said = report.summary or job.tail(1500) or "no output"
        fail_attempt(context, task, failure, f"its worker ended with exit code {ended.code}\n{said}")
    else:
        settle(context, task, attempt, replace(report, trouble="") if report.trouble == NONE else report, strict=False)
    sync_plan(context)


def unmerged(context: Context) -> list[TaskRun]:
    """The tasks whose work is to be merged and that wait for no answer: those whose tests run, then those whose work was taken, then as they were reported."""
    waiting_for = {question.task for question in context.state.open_questions if question.task}
    reported = [task for task in context.state.tasks.values() if task.state is TaskState.REPORTED and task.id not in waiting_for]
    return sorted(reported, key=_begun_first)


def is_begun(task: TaskRun) -> bool:
    """Whether merging a reported task was begun with."""
    return task.attempt is not None and bool(task.attempt.gate or task.attempt.snapshot)


def _begun_first(task: TaskRun) -> tuple[bool, bool, str]:
    attempt = task.attempt
    return not (attempt and attempt.gate), not (attempt and attempt.snapshot), (attempt and attempt.reported_at) or ""


def watch_running(context: Context, within: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Look into running worktrees for files that the plan did not name, so that what has not started can be held back in time.

    Gives what each running task has changed so far (of `within`, where that is given), without those whose worktree cannot be read.
    """
    seen: dict[str, tuple[str, ...]] = {}
    if context.state.settings.mode is not Mode.PARALLEL:
        return seen
    for task in context.state.running():
        if task.attempt is not None:
            with contextlib.suppress(MaestroError):
                seen[task.id] = changed_files(context, task.attempt, limit=None, within=within)
                paths = [(path, "modify") for path in seen[task.id]]
                hold_back_colliding(context, context.state.phases[task.phase], task, paths, by=str(context.handle(task, task.attempt)))
    return seen


def _class_of(ended: Exit, output: str, report: Report) -> FailureClass:
    """A limit of the service, a command that cannot even be started, what the worker says, or just a failed worker."""
    from maestro.run.quota import looks_like_quota

    if looks_like_quota(output):
        return FailureClass.QUOTA
    if ended.code in (126, 127) or re.search(_CANNOT_START, output):
        return FailureClass.INFRASTRUCTURE
    return FailureClass(report.failure) if report.failure else FailureClass.WORKER
