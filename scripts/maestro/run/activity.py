"""What a running worker last did, read from its worktree without disturbing it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence

from maestro import clock
from maestro.errors import MaestroError
from maestro.git.checkout import branch, commit_of, linked_worktree_at, points_to
from maestro.git.diffs import worktree_paths
from maestro.git.names import branch_ref
from maestro.git.runner import Git
from maestro.git.status import REMEMBER
from maestro.models.run import Attempt, TaskRun
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run.context import Context
from maestro.run.jobs import Job
from maestro.run.ours import is_ours

SHOWN = 10


def is_sound(context: Context, attempt: Attempt) -> bool:
    """Whether the folder is still a worktree of this repository.

    Without its `.git` file, or with another one, git would look at other files than the worker's.
    """
    if context.state.settings.mode is not Mode.PARALLEL:
        return True
    try:
        found = linked_worktree_at(context.worktree(attempt))
    except MaestroError:
        return False
    return found.common_dir.resolve() == context.home.checkout.common_dir.resolve()


def strayed_to(context: Context, attempt: Attempt) -> str | None:
    """Where a worktree's HEAD is, if that is not the branch it was made on (`branch x`, `a detached HEAD`). A folder that is gone strays nowhere."""
    folder = context.worktree(attempt)
    if context.state.settings.mode is not Mode.PARALLEL or not attempt.branch or not folder.exists():
        return None
    found = branch(Git(folder))
    return None if found == attempt.branch else f"branch {found}" if found else "a detached HEAD"


def changed_files(context: Context, attempt: Attempt, limit: int | None = SHOWN, *, over: bool = False, within: Sequence[str] = ()) -> tuple[str, ...]:
    """Paths that differ from the attempt's base now, uncommitted and untracked ones included; at most `limit`.

    Of a worktree that is gone, what its branch has. `over`: nobody works there any more, so git may note what it finds, and the next looks are short.
    `within`: of a worktree of its own look at these files and folders only, which is short as well.
    """
    folder = context.worktree(attempt)
    parallel = context.state.settings.mode is Mode.PARALLEL
    if not folder.exists():
        there = commit_of(context.git, branch_ref(attempt.branch)) if attempt.branch else None
        entries = context.git.lines_z("diff", "--name-only", "-z", "--no-renames", attempt.base, there) if there else []
    elif not parallel:
        entries = [entry[3:] for entry in Git(folder).lines_z("status", "--porcelain", "-z", "--no-renames")]
    elif points_to(folder, context.home.checkout.common_dir):
        entries = worktree_paths(Git(folder, REMEMBER if over else {}), attempt.base, within)
    else:
        entries = []
    paths = sorted({path for path in entries if not is_ours(path, context.ours)})
    return tuple(paths if limit is None else paths[:limit])


@dataclass(frozen=True, slots=True)
class Activity:
    """`quiet_s`: seconds since the worker last wrote output or a file that git would see; `files`: what it changed so far, the newest first."""

    quiet_s: float
    files: tuple[str, ...] = ()


def own_paths(context: Context, task: TaskRun) -> Callable[[str], bool]:
    """Which changed paths are this task's: all in a worktree of its own; where workers share one, those that it claims."""
    if context.state.settings.mode is not Mode.TEAM:
        return lambda path: True
    from maestro.run.scheduling import covers
    from maestro.run.team import claims

    mine = claims(context, task)
    return lambda path: any(covers(entry, path) for entry in mine)


def activity(context: Context, attempt: Attempt, own: Callable[[str], bool] = lambda path: True) -> Activity:
    """What a worker has done so far, seen from outside. `own` says which changed paths are its. What lay there before its dispatch is no sign of life."""
    folder = context.worktree(attempt)
    times: dict[str, float] = {}
    for path in filter(own, changed_files(context, attempt, limit=None)):
        times[path] = 0.0
        with contextlib.suppress(OSError):
            times[path] = (folder / path).lstat().st_mtime
    newest = max(times.values(), default=0.0)
    if attempt.job is not None:
        with contextlib.suppress(OSError):
            newest = max(newest, Job(context.home.jobs(context.state.run) / attempt.job).log.stat().st_mtime)
    begun = clock.seconds_since(attempt.dispatched_at)
    shared = context.state.settings.mode is not Mode.PARALLEL  # what comes and goes in there is not only this worker's
    quiet = round(max(0.0, time.time() - newest), 1) if newest else begun if shared else folder_age(context, attempt)
    return Activity(round(min(quiet, begun), 1), tuple(sorted(times, key=lambda path: -times[path])))


def folder_age(context: Context, attempt: Attempt) -> float:
    """Seconds since something came into the worktree's own folder or went; since ever where it is gone."""
    written = 0.0
    with contextlib.suppress(OSError):
        written = context.worktree(attempt).stat().st_mtime
    return round(max(0.0, time.time() - written), 1)


def last_activity(context: Context, attempt: Attempt) -> float:
    """Seconds since the worker last wrote output or a file that git would see."""
    return activity(context, attempt).quiet_s
