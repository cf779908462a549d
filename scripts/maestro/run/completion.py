"""The track completion protocol: last marks, what is left over, clean up, the summary."""

from __future__ import annotations

import contextlib
import shlex
import shutil
from pathlib import Path
from typing import Any

from maestro.errors import MaestroError
from maestro.files import lock, read_text, replace_text
from maestro.git.checkout import head
from maestro.git.integration import integration_at
from maestro.git.landing import commit_paths
from maestro.git.leftovers import is_transient
from maestro.git.listing import list_worktrees
from maestro.git.removal import remove_worktree
from maestro.models.plan import Status
from maestro.models.run import Attempt, FailureClass, TaskState
from maestro.run.bookkeeping import commit_bookkeeping, set_track, sync_plan
from maestro.run.cleaning import clean_attempt, is_empty, remove_report
from maestro.run.commits import bookkeeping_message
from maestro.run.context import Context
from maestro.run.failing import keep_work
from maestro.run.home import set_active
from maestro.run.jobs import Job
from maestro.run.journal import Journal
from maestro.run.leisure import clear_ahead, leave
from maestro.run.permissions import LOCAL, withdraw


def complete(context: Context, cleanup: str) -> None:
    """Mark the track complete, remove what the run made beside commits, do with the track's folder as the user chose, end the run."""
    if context.state.completing != cleanup:
        context.record("completing", cleanup=cleanup)
    folder = context.home.layout.track(context.state.track)
    settled = not folder.exists()  # by a call that was killed before it could say so
    if not settled:
        sync_plan(context)
        set_track(context, Status.DONE)
    clean_up(context)
    if not settled:
        commit_bookkeeping(context, "track complete")
    _settle_folder(context, cleanup)
    _take_back_rules(context)
    set_active(context.home.checkout, None)
    context.record("finished", outcome="completed")


def _settle_folder(context: Context, choice: str) -> None:
    """Keep, archive or delete the track's folder; what changes is committed on its own, so that the complete plan stays in the history."""
    layout, track = context.home.layout, context.state.track
    folder, archive = layout.track(track), layout.maestro / "archive" / track
    if choice == "review":
        context.tell("The review is yours now: `/maestro:review` where that command is present, or read the commits of the run.")
    if choice not in ("archive", "delete"):
        return
    if choice == "archive":
        if archive.exists() and folder.exists():
            context.tell(f"{layout.shown(archive)} exists already; the folder stays where it is.")
            return
        if folder.exists():
            archive.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(archive)
        _redirect_registry(context, track)
    else:
        _delete(folder, context.home.folder / f"deleted-{context.state.run}")
    context.tell(f"{layout.shown(folder)} was {'moved to ' + layout.shown(archive) if choice == 'archive' else 'deleted'}.")
    paths = [layout.shown(path) for path in (layout.registry, folder, archive)]
    with contextlib.suppress(MaestroError):
        commit_paths(context.home.checkout, paths, bookkeeping_message(context.state, f"track {choice}d"))


def _delete(folder: Path, away: Path) -> None:
    """Delete a folder in one step, as those see it who look: first it is moved out of sight."""
    if folder.exists():
        try:
            folder.rename(away)
        except OSError:
            shutil.rmtree(folder)
    if away.exists():
        shutil.rmtree(away)


def _redirect_registry(context: Context, track: str) -> None:
    """Let the registry's links to the track's folder lead to the archive."""
    registry = context.home.layout.registry
    if registry.exists():
        with lock(context.home.layout.maestro, purpose="archiving the track"):
            replace_text(registry, read_text(registry).replace(f"/tracks/{track}/", f"/archive/{track}/"))


def abort(context: Context) -> None:
    """End the run where it stands: workers that we started end, unmerged work stays where it is and under its private ref, markers tell the truth."""
    for task in [task for task in context.state.tasks.values() if task.state.under_way]:
        attempt = task.attempt
        assert attempt is not None
        if attempt.job is not None:
            Job(context.home.jobs(context.state.run) / attempt.job).stop()
        keep_work(context, task, attempt)
        failure = {"class": str(FailureClass.INTERRUPTED), "reason": "the run was aborted", "counted": False, "final": False}
        context.record("task-failed", task=task.id, attempt=attempt.number, **failure)
    for task in context.state.tasks.values():
        for attempt in task.attempts:
            remove_report(context, task, attempt)
    _clear_unbegun(context)
    leave(context)
    sync_plan(context)
    commit_bookkeeping(context, "run aborted")
    _clear_integration(context)
    _take_back_rules(context)
    set_active(context.home.checkout, None)
    context.record("finished", outcome="stopped")
    if leftovers(context):
        words = "removes worktrees and branches; what is in them stays under private refs."
        context.tell(f"Work that was not merged is kept, see `left over`. `worktree.py clean --track {context.state.track}` {words}")


def _clear_unbegun(context: Context) -> None:
    """Remove the worktrees in which nobody has begun: there is nothing to keep in them."""
    for task in context.state.tasks.values():
        attempt = task.attempt
        if attempt is None or attempt.cleaned or attempt.tree is None or attempt.attached_at or attempt.job:
            continue
        if attempt.outcome and is_empty(context, attempt):
            clean_attempt(context, task, attempt)


def clean_up(context: Context) -> None:
    """Remove worktrees and branches of this run whose work is merged or kept under a private ref."""
    for task in context.state.tasks.values():
        for attempt in task.attempts:
            if attempt.outcome:
                clean_attempt(context, task, attempt)
    clear_ahead(context)
    _clear_integration(context)
    for folder in (context.home.worktrees(context.state.run), context.home.layout.worktrees):
        with contextlib.suppress(OSError):
            folder.rmdir()


def _clear_integration(context: Context) -> None:
    """Remove the run's own worktree, in which nobody works and nothing is kept."""
    if context.state.integration is None:
        return
    path, tip = context.root / context.state.integration, head(context.git)
    assert tip is not None
    with contextlib.suppress(MaestroError):
        if path.exists():
            integration_at(context.home.checkout, path, tip)
        remove_worktree(context.home.checkout, path, kept_tree=None, base=tip)


def _take_back_rules(context: Context) -> None:
    """Workers in the background needed rules that this run added; nobody needs them any more."""
    rules = context.state.settings.background_rules
    if rules and withdraw(context.root, rules):
        context.tell(f"Taken back from {LOCAL}: {', '.join(rules)}.")
    elif rules:
        context.tell(f"{LOCAL} could not be read; take these out of it, which this run had added: {', '.join(rules)}.")


def leftovers(context: Context, *, cleaned: bool = False) -> tuple[str, ...]:
    """What the run leaves behind on purpose: worktrees that hold work, private refs of work that was not merged.

    cleaned: as it will be once `clean_up` has removed what it can
    """
    found, superseded = [], 0
    ours = context.home.worktrees(context.state.run)
    attempts = [(task, attempt) for task in context.state.tasks.values() for attempt in task.attempts]
    going = {context.worktree(attempt) for _, attempt in attempts if cleaned and attempt.outcome and attempt.tree}
    for worktree in list_worktrees(context.git):
        if ours in worktree.path.parents and worktree.path.name != "integration" and worktree.path not in going and not (cleaned and is_transient(worktree)):
            found.append(f"worktree {worktree.path.relative_to(context.root).as_posix()}" + (f", branch {worktree.branch}" if worktree.branch else ""))
    for task, attempt in attempts:
        stays = context.worktree(attempt) in going and not _is_nothing(context, attempt)
        ref = attempt.kept or (context.keep_ref(context.handle(task, attempt)) if stays else None)
        if ref and task.state is TaskState.MERGED:
            superseded += 1
        elif ref:
            found.append(f"{ref} (work of {task.id}, attempt {attempt.number}, not merged)")
    if superseded:
        found.append(f"refs/maestro/{context.state.track}/{context.state.run}/ (earlier attempts on tasks that are merged: {superseded})")
    return tuple(found)


def about_leftovers(context: Context, *, cleaned: bool = False) -> dict[str, Any]:
    """The fields of an action that tell of the leftovers, with the commands that show and remove what private refs hold of them."""
    found, state = leftovers(context, cleaned=cleaned), context.state
    refs = f"refs/maestro/{state.track}/{state.run}"
    if not any(entry.startswith(refs) for entry in found):
        return {"leftovers": found}
    show = f"git log --no-walk --stat --glob={shlex.quote(refs)}"
    remove = f"git for-each-ref --format='delete %(refname)' {shlex.quote(refs)} | git update-ref --stdin"
    return {"leftovers": found, "show_leftovers": show, "remove_leftovers": remove}


def _is_nothing(context: Context, attempt: Attempt) -> bool:
    """Whether nothing of an attempt has to be kept: it is merged, cleaned, or changed nothing."""
    return attempt.cleaned or attempt.outcome in ("merged", "no-change") or is_empty(context, attempt)


def times(context: Context) -> dict[str, float]:
    """Seconds but for the last: the whole run, without waiting for people, the sum over its tasks, the same work one by one, and the share of that saved."""
    from maestro.run.accounting import account

    found = account(Journal(context.home.journal).events())
    seconds = {"wall": found.wall, "active": found.active, "tasks": found.tasks, "sequential": found.sequential}
    return {name: round(value, 3) for name, value in seconds.items()} | {"saved": round(found.saved, 3)}
