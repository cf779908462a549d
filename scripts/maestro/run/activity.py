"""What a running worker last did, read from its worktree without disturbing it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from maestro.records import dataclass

from maestro.errors import MaestroError
from maestro.git.checkout import branch, commit_of, linked_worktree_at
from maestro.git.names import branch_ref
from maestro.git.runner import Git
from maestro.models.run import Attempt
from maestro.models.schedule import Mode
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


def changed_files(context: Context, attempt: Attempt, limit: int | None = SHOWN) -> tuple[str, ...]:
    """Paths that differ from the attempt's base now, uncommitted and untracked ones included; at most `limit`.

    Of a worktree that is gone, what its branch has.
    """
    folder = context.worktree(attempt)
    if folder.exists() and not is_sound(context, attempt):
        return ()
    git = Git(folder)
    if not folder.exists():
        there = commit_of(context.git, branch_ref(attempt.branch)) if attempt.branch else None
        entries = context.git.lines_z("diff", "--name-only", "-z", "--no-renames", attempt.base, there) if there else []
    elif context.state.settings.mode is not Mode.PARALLEL:
        entries = [entry[3:] for entry in git.lines_z("status", "--porcelain", "-z", "--no-renames")]
    else:
        entries = git.lines_z("diff", "--name-only", "-z", "--no-renames", attempt.base) + git.lines_z("ls-files", "--others", "--exclude-standard", "-z")
    paths = sorted({path for path in entries if not is_ours(path, context.ours)})
    return tuple(paths if limit is None else paths[:limit])


@dataclass(frozen=True, slots=True)
class Activity:
    """`quiet_s`: seconds since the worker last wrote output or a file that git would see; `files`: what it changed so far, the newest first."""

    quiet_s: float
    files: tuple[str, ...] = ()


def activity(context: Context, attempt: Attempt, own: Callable[[str], bool] = lambda path: True) -> Activity:
    """What a worker has done so far, seen from outside. `own` says which changed paths are its."""
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
    if newest == 0.0:
        with contextlib.suppress(OSError):
            newest = folder.stat().st_mtime
    return Activity(round(max(0.0, time.time() - newest), 1), tuple(sorted(times, key=lambda path: -times[path])))


def last_activity(context: Context, attempt: Attempt) -> float:
    """Seconds since the worker last wrote output or a file that git would see."""
    return activity(context, attempt).quiet_s
