"""Looks ahead: which attempts would conflict with each other or with HEAD, and in which order they are merged best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from maestro.errors import MaestroError
from maestro.models.run import TaskRun
from maestro.models.schedule import Mode
from maestro.run.activity import changed_files
from maestro.run.context import Context

if TYPE_CHECKING:
    from maestro.git.forecast import Clash


def clashes(context: Context, tasks: Sequence[TaskRun]) -> tuple[Clash, ...]:
    """Trial merges of these tasks' worktrees, uncommitted work included, pairwise and against HEAD. Nothing is touched; what cannot be read is left out."""
    if context.state.settings.mode is not Mode.PARALLEL:
        return ()
    running = {
        task.id: (context.worktree(task.attempts[-1]), task.attempts[-1].base)
        for task in tasks
        if task.attempts and context.worktree(task.attempts[-1]).exists()
    }
    tip = context.standing[1]
    if not running or tip is None:
        return ()
    from maestro.git.forecast import forecast

    try:
        return forecast(context.home.checkout, running, tip)
    except MaestroError:
        return ()


def meeting(context: Context, tasks: Sequence[TaskRun], changed: Mapping[str, Collection[str]]) -> list[TaskRun]:
    """Those of the tasks, with the paths that each has changed, that changed a file which another one of them, or the branch since they began, changed too."""
    found: set[str] = set()
    for one, other in combinations(tasks, 2):
        if not set(changed[one.id]).isdisjoint(changed[other.id]):
            found |= {one.id, other.id}
    tip = context.standing[1]
    landed: dict[str, set[str]] = {}
    for task in tasks:
        base = task.attempts[-1].base
        if task.id in found or tip in (None, base) or not changed[task.id]:
            continue
        if base not in landed:
            landed[base] = set(context.git.run("diff", "--name-only", "-z", "--no-renames", base, str(tip), check=False).fields)
        if not landed[base].isdisjoint(changed[task.id]):
            found.add(task.id)
    return [task for task in tasks if task.id in found]


def _changed(context: Context, task: TaskRun) -> tuple[str, ...]:
    """What a task has changed, as it was when it was reported; nothing where its worktree cannot be read."""
    attempt = task.attempts[-1]
    try:
        return attempt.changed if attempt.changed is not None else changed_files(context, attempt, limit=None)
    except MaestroError:
        return ()


def merge_order(context: Context, tasks: Sequence[TaskRun]) -> list[TaskRun]:
    """The tasks so that fewest conflict: those that clash with few others, or not with HEAD, go first; equals in the order they were given."""
    tasks = list(tasks)
    if len(tasks) < 2:
        return tasks
    count: Counter[str] = Counter()
    for clash in clashes(context, meeting(context, tasks, {task.id: _changed(context, task) for task in tasks})):
        count.update((clash.a, clash.b))
    return sorted(tasks, key=lambda task: count[task.id])
