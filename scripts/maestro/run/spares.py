"""Worktrees of merged tasks in which the next tasks begin, where a repository is so large that making new ones takes long."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from maestro.git.reuse import is_large, reuse_worktree
from maestro.models.run import Attempt, Handle, TaskRun, TaskState
from maestro.models.schedule import SLOTS, Mode
from maestro.run.cleaning import clean_attempt
from maestro.run.context import Context

BRANCHES = "maestro-work"
"""Namespace of the workers' branches. Not `maestro/`, where the branch of a whole run may live: git cannot have both `maestro/auth` and `maestro/auth/x`."""

ROOM = 0.1
"""Share of the disk that has to be free: workers need it more."""


def place_of(context: Context, task: TaskRun, number: int) -> tuple[Path, str]:
    """Where the worktree of a task's attempt is made, and the name of its branch."""
    slug = Handle(context.state.track, task.id, number).slug
    return context.home.worktrees(context.state.run) / slug, f"{BRANCHES}/{context.state.run}/{slug}"


def merged(context: Context) -> list[tuple[TaskRun, Attempt]]:
    """Attempts that are merged and whose worktrees are still there."""
    tasks = context.state.tasks.values()
    return [(task, task.attempt) for task in tasks if task.state is TaskState.MERGED and task.attempt is not None and not task.attempt.cleaned]


def surplus(context: Context) -> list[tuple[TaskRun, Attempt]]:
    """Those of the merged attempts whose worktrees no task will begin in."""
    done = merged(context)
    if not done or context.state.settings.mode is not Mode.PARALLEL or context.state.paused is not None or not has_room(context.root):
        return done
    wanted = len(list(islice(_without_worktree(context), min(SLOTS, context.state.slots))))
    large = [found for found in done if is_large(context.worktree(found[1]))][:wanted]
    return [found for found in done if found not in large]


def hand_on(context: Context, path: Path, tip: str, branch: str) -> bool:
    """Turn the worktree of a merged attempt into one that was begun at `path` (`begin_worktree`). False where there is none that can serve."""
    for task, attempt in merged(context) if not os.path.lexists(path) else ():
        old = context.worktree(attempt)
        if old.parent != path.parent or not is_large(old) or _somebody_is_in(old):
            continue
        if reuse_worktree(context.home.checkout, old, path.name, kept_tree=attempt.tree, base=attempt.base, onto=tip, branch=branch):
            clean_attempt(context, task, attempt)
            return True
    return False


def _somebody_is_in(folder: Path) -> bool:
    """Whether a process works there still. A server or a watcher that a worker left would go on in the folder under its next name, and write into it."""
    import psutil

    root = folder.resolve()
    return any(process.info["cwd"] and Path(process.info["cwd"]).is_relative_to(root) for process in psutil.process_iter(["cwd"]))


def has_room(root: Path) -> bool:
    """Whether there is enough of the disk left to keep files that could be written anew."""
    usage = shutil.disk_usage(root)
    return usage.free >= ROOM * usage.total


def _without_worktree(context: Context) -> Iterator[TaskRun]:
    """Tasks that have yet to begin, and for which no worktree was made ahead."""
    for task in context.state.tasks.values():
        if task.state is TaskState.WAITING and not task.held and not os.path.lexists(place_of(context, task, len(task.attempts) + 1)[0]):
            yield task
