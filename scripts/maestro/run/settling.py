"""A worker's report is taken over: what it says is held against what it changed before the attempt counts as reported."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from maestro.errors import Conflict
from maestro.models.regrouping import Discovery
from maestro.models.run import Attempt, FailureClass, TaskRun
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run.context import Context

if TYPE_CHECKING:
    from maestro.run.reports import Report


@dataclass(frozen=True, slots=True)
class _Ending:
    """An attempt that does not count as reported. `mend` is what a worker that is still there is told instead, None where it cannot mend it."""

    failure: FailureClass
    reason: str
    mend: Conflict | None = None


def settle(context: Context, task: TaskRun, attempt: Attempt, report: Report, *, strict: bool) -> None:
    """Take over a worker's report. `strict`: its worker is still there; raises Conflict with what it can mend, and nothing has happened."""
    from maestro.run.activity import changed_files

    if report.trouble:
        context.tell(f"{context.handle(task, attempt)}: {report.trouble}; settled from its diff.")
    ending = _given_up(report) or _unsound(context, attempt)
    paths = () if ending else changed_files(context, attempt, limit=None, over=True)
    ending = ending or _contradicted(context, task, attempt, report, paths) or _conflicted(context, task, attempt)
    if ending is None:
        _accept(context, task, attempt, report, paths)
    elif strict and ending.mend is not None:
        raise ending.mend
    else:
        from maestro.run.failing import fail_attempt

        fail_attempt(context, task, ending.failure, ending.reason)


def _given_up(report: Report) -> _Ending | None:
    """The worker itself says that it did not do it."""
    told = FailureClass(report.failure) if report.failure else None
    if report.status == "failed":
        return _Ending(told or FailureClass.WORKER, report.summary or "the worker reported a failure")
    if report.status == "blocked":
        return _Ending(told or FailureClass.UNCLEAR, report.question or report.summary or "the worker is blocked")
    return None


def _unsound(context: Context, attempt: Attempt) -> _Ending | None:
    from maestro.run.activity import is_sound

    if not context.worktree(attempt).exists() or is_sound(context, attempt):
        return None
    from maestro.run.failing import UNSOUND

    return _Ending(FailureClass.WORKER, UNSOUND)


def _contradicted(context: Context, task: TaskRun, attempt: Attempt, report: Report, paths: tuple[str, ...]) -> _Ending | None:
    """The report says that there is a change where there is none, or the other way round."""
    handle = context.handle(task, attempt)
    if report.status == "no-change":
        touched = _touched(context, task, attempt, paths)
        if not touched:
            return None
        from maestro.run.failing import CHANGED_AFTER_ALL
        from maestro.run.lying import listed

        hint = f"If that is the task's work, report it as done: `run.py done {handle}`, the report saying so too. If not, take it back, then repeat."
        mend = Conflict("changed-after-all", f"{handle} is reported as without a change, but changed {listed(touched)}.", hint=hint)
        return _Ending(FailureClass.WORKER, f"{CHANGED_AFTER_ALL} {listed(touched)}", mend)
    if paths or _committed(context, attempt):
        return None
    hint = f"If there is nothing to do, say why: `run.py done {handle} --no-change REASON`. If you cannot do it: `run.py fail {handle} --reason TEXT`."
    return _Ending(FailureClass.NO_CHANGE, "the worker changed nothing", Conflict("no-change", f"{handle} changed nothing.", hint=hint))


def _conflicted(context: Context, task: TaskRun, attempt: Attempt) -> _Ending | None:
    """The worker was asked to resolve a conflict, and left some of it."""
    marked = ", ".join(_with_markers(context, attempt))
    if not marked:
        return None
    handle = context.handle(task, attempt)
    hint = f"Resolve them, then `run.py done {handle}` again."
    mend = Conflict("markers-left", f"{handle} still has conflict markers in {marked}.", hint=hint)
    return _Ending(FailureClass.CONFLICT, f"the worker left conflict markers in {marked}", mend)


def _accept(context: Context, task: TaskRun, attempt: Attempt, report: Report, paths: tuple[str, ...]) -> None:
    """What was found comes first: a call that is killed in between is repeated as a whole, but nobody reads a report twice."""
    from maestro.run.collecting import lived
    from maestro.run.scheduling import hold_back_colliding

    by = str(context.handle(task, attempt))
    for found in report.discovered:
        if found.needs and Discovery(task.id, by, needs=found.needs) not in context.state.discoveries:
            context.record("discovered", task=task.id, by=by, needs=found.needs)
    named = [(found.path, found.access or "modify") for found in report.discovered if found.path]
    hold_back_colliding(context, context.state.phases[task.phase], task, [*named, *((path, "modify") for path in paths)], by=by)
    context.record("task-reported", task=task.id, attempt=attempt.number, report=report.data(), changed=list(paths), **lived(context, attempt))


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
