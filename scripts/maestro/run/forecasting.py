"""Looks ahead: which attempts would conflict with each other or with HEAD, and in which order they are merged best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from maestro.errors import MaestroError
from maestro.git.forecast import Clash, forecast
from maestro.models.run import TaskRun
from maestro.models.schedule import Mode
from maestro.run.context import Context


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
    try:
        return forecast(context.home.checkout, running, tip)
    except MaestroError:
        return ()


def merge_order(context: Context, tasks: Sequence[TaskRun]) -> list[TaskRun]:
    """The tasks so that fewest conflict: those that clash with few others, or not with HEAD, go first; equals in the order they were given."""
    if len(tasks) < 2:
        return list(tasks)
    count: Counter[str] = Counter()
    for clash in clashes(context, tasks):
        count.update((clash.a, clash.b))
    return sorted(tasks, key=lambda task: count[task.id])
