"""What a handle names in a run."""

from __future__ import annotations

from maestro.errors import Conflict, NotFound
from maestro.models.run import Attempt, Handle, TaskRun
from maestro.run.context import Context


def find_attempt(context: Context, handle: Handle) -> tuple[TaskRun, Attempt]:
    """Raises NotFound `handle-unknown`, Conflict `attempt-superseded`."""
    task = context.state.tasks.get(handle.task)
    if task is None or not 1 <= handle.attempt <= len(task.attempts):
        raise NotFound("handle-unknown", f"The run of {handle.track} has no attempt {handle}.", hint=f"`run.py status {handle.track}` lists the handles.")
    attempt = task.attempts[handle.attempt - 1]
    if attempt is not task.attempt:
        raise Conflict(
            "attempt-superseded", f"{handle} was replaced by attempt {len(task.attempts)}; stop working on it.", hint="Change nothing more and return."
        )
    return task, attempt
