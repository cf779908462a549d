"""A worker's report is taken over: what it says is held against what it changed before the attempt counts as reported."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from maestro.errors import Conflict
from maestro.models.regrouping import Discovery
from maestro.models.run import Attempt, FailureClass, TaskRun
from maestro.models.schedule import Mode
from maestro.run.context import Context

if TYPE_CHECKING:
    from maestro.run.reports import Report


def settle(context: Context, task: TaskRun, attempt: Attempt, report: Report, *, strict: bool) -> None:
    """Take over a worker's report. `strict`: refuse a `done` without any change, so that the worker can say it meant that."""
    from maestro.run.activity import changed_files, is_sound
    from maestro.run.scheduling import hold_back_colliding

    handle = context.handle(task, attempt)
    if report.trouble:
        context.tell(f"{handle}: {report.trouble}; settled from its diff.")
    if report.status == "failed":
        _end_failed(context, task, _class(report, FailureClass.WORKER), report.summary or "the worker reported a failure", report.usage)
        return
    if report.status == "blocked":
        reason = report.question or report.summary or "the worker is blocked"
        _end_failed(context, task, _class(report, FailureClass.UNCLEAR), reason, report.usage)
        return
    if context.worktree(attempt).exists() and not is_sound(context, attempt):
        from maestro.run.failing import UNSOUND

        _end_failed(context, task, FailureClass.WORKER, UNSOUND)
        return
    paths = changed_files(context, attempt, limit=None, over=True)
    if report.status == "no-change" and (touched := _touched(context, task, attempt, paths)):
        from maestro.run.failing import CHANGED_AFTER_ALL
        from maestro.run.lying import listed

        if strict:
            hint = f"If that is the task's work, report it as done: `run.py done {handle}`, the report saying so too. If not, take it back, then repeat."
            raise Conflict("changed-after-all", f"{handle} is reported as without a change, but changed {listed(touched)}.", hint=hint)
        _end_failed(context, task, FailureClass.WORKER, f"{CHANGED_AFTER_ALL} {listed(touched)}", report.usage)
        return
    if not paths and report.status != "no-change" and not _committed(context, attempt):
        if strict:
            hint = f"If there is nothing to do, say why: `run.py done {handle} --no-change REASON`. If you cannot do it: `run.py fail {handle} --reason TEXT`."
            raise Conflict("no-change", f"{handle} changed nothing.", hint=hint)
        _end_failed(context, task, FailureClass.NO_CHANGE, "the worker changed nothing")
        return
    marked = _with_markers(context, attempt)
    if marked:
        if strict:
            hint = f"Resolve them, then `run.py done {handle}` again."
            raise Conflict("markers-left", f"{handle} still has conflict markers in {', '.join(marked)}.", hint=hint)
        _end_failed(context, task, FailureClass.CONFLICT, f"the worker left conflict markers in {', '.join(marked)}")
        return
    # What was found comes first: a call that is killed in between is repeated as a whole, but nobody reads a report twice.
    phase = context.state.phases[task.phase]
    for found in report.discovered:
        if found.needs and Discovery(task.id, str(handle), needs=found.needs) not in context.state.discoveries:
            context.record("discovered", task=task.id, by=str(handle), needs=found.needs)
    named = [(found.path, found.access or "modify") for found in report.discovered if found.path]
    hold_back_colliding(context, phase, task, [*named, *((path, "modify") for path in paths)], by=str(handle))
    context.record("task-reported", task=task.id, attempt=attempt.number, report=report.data(), changed=list(paths))


def _end_failed(context: Context, task: TaskRun, failure: FailureClass, reason: str, usage: Mapping[str, float] | None = None) -> None:
    from maestro.run.failing import fail_attempt

    fail_attempt(context, task, failure, reason, usage)


def _touched(context: Context, task: TaskRun, attempt: Attempt, changed: tuple[str, ...]) -> tuple[str, ...]:
    """Of the changed paths those that are this attempt's, as far as that can be told: in a checkout that others use too, not everything is."""
    mode = context.state.settings.mode
    if mode is Mode.SINGLE:
        from maestro.run.lying import left_by

        return left_by(context, attempt)
    if mode is Mode.PARALLEL:
        return changed
    from maestro.run.activity import own_paths

    return tuple(filter(own_paths(context, task), changed))


def _with_markers(context: Context, attempt: Attempt) -> list[str]:
    """Of the files that the worker was asked to resolve, those that still hold a conflict."""
    found = []
    for path in attempt.conflicted:
        with contextlib.suppress(OSError):
            lines = (context.worktree(attempt) / path).read_bytes().splitlines()
            if any(line.startswith(b"<<<<<<< ") for line in lines) and any(line.startswith(b">>>>>>> ") for line in lines):
                found.append(path)
    return found


def _committed(context: Context, attempt: Attempt) -> bool:
    """In a checkout that workers use themselves: whether commits appeared that are not ours. The merge step asks about them."""
    from maestro.run.commits import foreign_commits

    return context.state.settings.mode is not Mode.PARALLEL and bool(foreign_commits(context.git, context.state, attempt.base))


def _class(report: Report, otherwise: FailureClass) -> FailureClass:
    return FailureClass(report.failure) if report.failure else otherwise
