"""What lies uncommitted in a checkout that tasks share: the work of attempts that failed, which stays there, and files of the user's."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterable, Sequence

from maestro.errors import MaestroError
from maestro.git.checkout import head, tracked_changes, untracked
from maestro.git.diffs import FileChange, changes
from maestro.models.run import Attempt, RunState, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run.context import Context
from maestro.run.ours import is_ours

SHOWN = 5
"""Paths that a sentence names."""


@dataclass(frozen=True, slots=True)
class Lying:
    """Paths that an attempt of `task` left in the checkout, and that are still in no commit."""

    task: TaskRun
    paths: tuple[str, ...]


def left_by(context: Context, attempt: Attempt) -> tuple[str, ...]:
    """In single mode, the paths that changed since the attempt was handed out and are in no commit."""
    tip = head(context.git)
    if context.state.settings.mode is not Mode.SINGLE or attempt.before is None or tip is None:
        return ()
    from maestro.git.snapshot import take_snapshot

    with contextlib.suppress(MaestroError):
        now = take_snapshot(context.root, tip, "what an attempt left\n").commit
        uncommitted = _paths(changes(context.git, tip, now))
        return tuple(sorted(path for path in uncommitted & _paths(changes(context.git, attempt.before, now)) if not is_ours(path, context.ours)))
    return ()


def left_over(state: RunState) -> frozenset[str]:
    """In single mode, the paths whose uncommitted changes are the run's own: what unfinished tasks left, and what answers left out of a commit."""
    unfinished = (attempt for task in state.tasks.values() if task.state is not TaskState.MERGED for attempt in task.attempts)
    left = {path for attempt in unfinished for path in attempt.left}
    return frozenset(left.union(path for task in state.tasks.values() for attempt in task.attempts for path in attempt.left_out))


def lying_of_others(context: Context, task: TaskRun) -> tuple[Lying, ...]:
    """What other tasks' attempts left in the checkout, and lies there still. Nothing in parallel mode."""
    return lying_of(context, (other for other in context.state.tasks.values() if other.id != task.id))


def lying_of(context: Context, tasks: Iterable[TaskRun]) -> tuple[Lying, ...]:
    """What attempts of these tasks left in the checkout, and lies there still. Nothing in parallel mode."""
    found = [
        Lying(task, tuple(dict.fromkeys(path for attempt in task.attempts for path in attempt.left))) for task in tasks if task.state is not TaskState.MERGED
    ]
    if not any(entry.paths for entry in found):
        return ()
    there = set(_uncommitted(context))
    still = (Lying(entry.task, tuple(path for path in entry.paths if path in there)) for entry in found)
    return tuple(entry for entry in still if entry.paths)


def tell_what_stays(context: Context, task: TaskRun) -> None:
    """Where a task is given up: what it left in the checkout, which is never taken out of it by us, and how the user puts it aside."""
    for lying in lying_of(context, [task]):
        where = "stays in the checkout, in no commit, where later tests see it"
        context.tell(f"What {task.id} left {where}: {listed(lying.paths)}. {_ways(lying.paths, [task.id])}")


def suspects(context: Context, task: TaskRun | None = None) -> str:
    """For a red run in the checkout: what tasks other than `task` left there, and how the user puts it aside. Empty where nothing lies there."""
    found = lying_of(context, (other for other in context.state.tasks.values() if task is None or other.id != task.id))
    if not found:
        return ""
    left = "; ".join(f"{listed(lying.paths)} (left by {lying.task.id}, {lying.task.state})" for lying in found)
    paths = dict.fromkeys(path for lying in found for path in lying.paths)
    return f"Perhaps red through what lies in the checkout, in no commit: {left}. {_ways(tuple(paths), [lying.task.id for lying in found])}"


def _ways(paths: Sequence[str], tasks: Sequence[str]) -> str:
    """The commands that show these paths and put them aside, from the top of the checkout."""
    names = shlex.join(paths)
    aside = f"git stash push --include-untracked --message {shlex.quote('left by ' + ', '.join(tasks))} -- {names}"
    return f"`git status --short -- {names}` shows it; the user may put it aside: `{aside}`."


def beside(context: Context, found: Iterable[FileChange]) -> tuple[str, ...]:
    """Uncommitted paths of the checkout that are not among the changes `found`, and so in no commit although the tests see them."""
    mine = _paths(found)
    return tuple(path for path in _uncommitted(context) if path not in mine)


def listed(paths: Iterable[str]) -> str:
    """The first paths, for a sentence."""
    names = list(paths)
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def _uncommitted(context: Context) -> list[str]:
    paths = {*tracked_changes(context.home.checkout, context.ours), *untracked(context.home.checkout)}
    return sorted(path for path in paths if not is_ours(path, context.ours))


def _paths(found: Iterable[FileChange]) -> set[str]:
    return {path for change in found for path in (change.path, change.old_path) if path}
