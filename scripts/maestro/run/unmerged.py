"""Work of open tasks that is not on the branch: where it lies and how many files it changes. Reads only, and takes no lock."""

from __future__ import annotations

import contextlib

from maestro.errors import MaestroError
from maestro.files import is_locked
from maestro.git.checkout import commit_of
from maestro.git.diffs import changes
from maestro.models.run import Attempt, RunState, TaskRun
from maestro.records import dataclass
from maestro.run.activity import changed_files
from maestro.run.context import Context
from maestro.run.home import Home
from maestro.run.journal import Journal
from maestro.run.ours import is_ours


@dataclass(frozen=True, slots=True)
class Unmerged:
    """What an attempt left. `place`: the worktree or the private ref that holds it; `state` is the task's; `alive`: its worker still runs."""

    task: str
    handle: str
    state: str
    files: tuple[str, ...]
    place: str
    alive: bool


def unmerged_work(home: Home, state: RunState) -> tuple[Unmerged, ...]:
    """Every attempt of a task that is neither merged nor skipped, if it left files or still runs; the newest attempt of a task comes last."""
    context = Context(home, Journal(home.journal), state)
    tasks = [task for task in state.tasks.values() if not task.state.finished]
    return tuple(found for task in tasks for attempt in task.attempts if (found := _of(context, task, attempt)) is not None)


def _of(context: Context, task: TaskRun, attempt: Attempt) -> Unmerged | None:
    alive = attempt.job is not None and not attempt.outcome and is_locked(context.home.jobs(context.state.run) / attempt.job / "alive")
    files: tuple[str, ...] = ()
    place = ""
    with contextlib.suppress(MaestroError):
        if not attempt.cleaned and attempt is task.attempt:
            files = changed_files(context, attempt, limit=None)
            place = attempt.worktree if attempt.worktree != "." else "this checkout"
        if not files and attempt.snapshot and commit_of(context.git, attempt.snapshot):
            found = changes(context.git, attempt.before or attempt.base, attempt.snapshot)
            files = tuple(change.path for change in found if not is_ours(change.path, context.ours))
            place = attempt.kept or context.keep_ref(context.handle(task, attempt))
    if not (files or alive):
        return None
    return Unmerged(task.id, str(context.handle(task, attempt)), str(task.state), files, place, alive)
