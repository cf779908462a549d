"""Attempts that go on by hand with what the last one left: after the answers `fix` and `resolve`."""

from __future__ import annotations

from maestro.models.run import Attempt, TaskRun
from maestro.run import questions
from maestro.run.context import Context


def is_drivers_own(context: Context, task: TaskRun, attempt: Attempt) -> bool:
    """Whether this attempt is the driver's own hands' and no worker's."""
    return attempt.number > 1 and mends_in_place(context, task, task.attempts[attempt.number - 2])


def mends_in_place(context: Context, task: TaskRun, previous: Attempt) -> bool:
    """Whether the answer about this attempt was to go on with its work by hand: `fix`, or `resolve` after a conflict."""
    conflict = context.state.answers.get(questions.conflict_id(task, previous))
    failure = context.state.answers.get(questions.failed_id(task))
    about = context.state.questions.get(questions.failed_id(task))
    fixing = failure is not None and failure.option == "fix" and about is not None and about.context.get("attempt") == previous.number
    return fixing or (conflict is not None and conflict.option == "resolve")
