"""Removes what an attempt no longer needs: its worktree, its branch, its private ref."""

from __future__ import annotations

import contextlib

from maestro.errors import MaestroError
from maestro.git.checkout import commit_of, commit_tree_of, is_ancestor
from maestro.git.removal import delete_branch, remove_worktree
from maestro.git.snapshot import drop_ref, keep
from maestro.models.run import Attempt, TaskRun
from maestro.models.schedule import Mode
from maestro.run.context import Context


def clean_attempt(context: Context, task: TaskRun, attempt: Attempt) -> None:
    """Remove an attempt's worktree and branch. What holds work that the journal does not know stays, with a word about it.

    The private ref goes only when the work is on the branch; otherwise it keeps what was done.
    """
    if attempt.cleaned:
        return
    if context.state.settings.mode is Mode.PARALLEL:
        checkout, path = context.home.checkout, context.worktree(attempt)
        try:
            gone = remove_worktree(checkout, path, kept_tree=attempt.tree, base=attempt.base, branch=attempt.branch, later=context.leisurely)
        except MaestroError as error:
            context.tell(f"The worktree {attempt.worktree} stays: {error.message}")
            return
        if not gone:
            _remove_branch(context, attempt)
    else:
        remove_report(context, task, attempt)
    kept = _release_refs(context, task, attempt)
    context.record("attempt-cleaned", task=task.id, attempt=attempt.number, kept=kept)


def remove_report(context: Context, task: TaskRun, attempt: Attempt) -> None:
    """In a shared checkout a worker's report lies beside the user's files; what it says stands in the journal."""
    from maestro.run.briefs import result_file

    if context.state.settings.mode is not Mode.PARALLEL:
        (context.root / result_file(context.handle(task, attempt))).unlink(missing_ok=True)


def _remove_branch(context: Context, attempt: Attempt) -> None:
    """Delete the attempt's branch where its commits are contained in what was recorded."""
    if not attempt.branch:
        return
    tip = commit_of(context.git, f"refs/heads/{attempt.branch}")
    if tip:
        if tip != attempt.base and not is_ancestor(context.git, tip, "HEAD"):
            keep(context.git, f"refs/maestro/{context.state.track}/{context.state.run}/branch-{attempt.branch.rpartition('/')[2]}", tip)
        delete_branch(context.home.checkout, attempt.branch, tip)


def _release_refs(context: Context, task: TaskRun, attempt: Attempt) -> str | None:
    """Drop the private ref of merged work, or of none at all; the name of the ref that stays otherwise."""
    ref = context.keep_ref(context.handle(task, attempt))
    with contextlib.suppress(MaestroError):
        if attempt.before:
            drop_ref(context.git, f"{ref}-before", attempt.before)
        if attempt.outcome in ("merged", "no-change") or is_empty(context, attempt):
            if attempt.snapshot:
                drop_ref(context.git, ref, attempt.snapshot)
            return None
    return ref if attempt.snapshot else None


def is_empty(context: Context, attempt: Attempt) -> bool:
    """Whether an attempt, as it was recorded, changed nothing."""
    return attempt.tree is None or attempt.tree == commit_tree_of(context.git, attempt.before or attempt.base)
