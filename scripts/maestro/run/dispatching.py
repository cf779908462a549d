"""Hands tasks out: an attempt, its worktree, its place in the journal."""

from __future__ import annotations

from pathlib import Path

from maestro.errors import MaestroError, Unsafe
from maestro.git.checkout import BOOKKEEPING, Checkout, commit_of, exclude_locally, is_ancestor
from maestro.git.included import copy_included
from maestro.git.leftovers import is_unfinished
from maestro.git.listing import worktree_entry
from maestro.git.names import branch_ref
from maestro.git.removal import delete_branch, remove_worktree
from maestro.git.runner import Git
from maestro.git.snapshot import keep, take_snapshot
from maestro.git.trial import trial_merge
from maestro.git.worktrees import create_worktree
from maestro.models.run import Attempt, FailureClass, TaskRun
from maestro.models.schedule import Mode
from maestro.run.briefs import task_source
from maestro.run.cleaning import clean_attempt
from maestro.run.context import Context
from maestro.run.home import point_to_checkout
from maestro.run.lying import listed, lying_of_others
from maestro.run.mending import mends_in_place
from maestro.run.spares import hand_on, place_of

EXCLUDED = (".maestro/worktrees/", ".claude/worktrees/", ".maestro-result-*.json")
"""Kept out of `git status` by the repository's own exclude file, never by a .gitignore of the user's."""


def dispatch(context: Context, task: TaskRun, tip: str) -> Attempt:
    """Start a new attempt on a task: worktree (or, in single mode, the record of what the checkout looked like), then the journal.

    A crash in between leaves a worktree without a journal entry; the same call made again adopts it, since its name is the attempt's.
    """
    number = len(task.attempts) + 1
    handle = context.handle(task, Attempt(number, tip, "", "", ""))
    previous = task.attempt
    if previous is not None and not previous.cleaned:
        clean_attempt(context, task, previous)
    exclude_locally(context.home.checkout, EXCLUDED)
    text = task_source(context, task)
    if context.state.settings.mode is Mode.SINGLE:
        before = _before(context, task, tip, f"before {handle}\n")
        keep(context.git, f"{context.keep_ref(handle)}-before", before)
        context.record("task-dispatched", task=task.id, attempt=number, base=tip, worktree=".", branch="", before=before, text=text)
        for lying in lying_of_others(context, task):
            context.tell(f"{lying.task.id} left {listed(lying.paths)} in the checkout: the tests of {task.id} see it, its commit will not hold it.")
        return task.attempts[-1]
    if context.state.settings.mode is Mode.TEAM:
        context.record("task-dispatched", task=task.id, attempt=number, base=tip, worktree=".", branch="", text=text)
        return task.attempts[-1]
    path, worktree = _make_worktree(context, task, number, tip)
    copy_included(context.home.checkout, path)
    point_to_checkout(worktree, context.home.checkout, handle)
    resume_from, conflicted = _carry_over(context, task, previous, path, tip)
    context.record(
        "task-dispatched",
        task=task.id,
        attempt=number,
        base=tip,
        worktree=path.relative_to(context.root).as_posix(),
        branch=place_of(context, task, number)[1],
        resume_from=resume_from,
        conflicted=conflicted,
        text=text,
    )
    return task.attempts[-1]


def _make_worktree(context: Context, task: TaskRun, number: int, tip: str) -> tuple[Path, Checkout]:
    """Make the worktree of an attempt; beside its place where somebody put a file into what was begun there. Where it is, and what git says of it."""
    path, branch = place_of(context, task, number)
    try:
        return path, _made_at(context, task, path, branch, tip)
    except Unsafe as error:
        entry = worktree_entry(context.git, path) if error.slug == "worktree-path-taken" else None
        if entry is None or not is_unfinished(entry):
            raise
        context.tell(f"{error.message} It was left alone.")
        beside = path.with_name(f"{path.name}-again")
        return beside, _made_at(context, task, beside, branch, tip)


def _made_at(context: Context, task: TaskRun, path: Path, branch: str, tip: str) -> Checkout:
    hand_on(context, path, tip, branch)
    try:
        return create_worktree(context.home.checkout, path, tip, branch)
    except Unsafe as error:
        if error.slug not in ("worktree-path-taken", "branch-taken") or not _clear_half_made(context, task.attempt, path, branch, tip):
            raise
        return create_worktree(context.home.checkout, path, tip, branch)


def _before(context: Context, task: TaskRun, tip: str, message: str) -> str:
    """What the checkout is without the work of the task's own earlier attempts, which lies there still and belongs to the task."""
    own = sorted({path for attempt in task.attempts for path in attempt.left})
    return take_snapshot(context.root, tip, message, drop=(*BOOKKEEPING, *(f"{path}/" for path in own))).commit


def _clear_half_made(context: Context, previous: Attempt | None, path: Path, branch: str, tip: str) -> bool:
    """A call that was killed may have made this attempt's worktree on a commit that HEAD has left since. Nobody was told of it, so it holds at most what was
    carried over. One without its branch yet is gone on with instead. False where there was nothing of the kind.
    """
    found = False
    entry = worktree_entry(context.git, path)
    begun = entry is not None and is_unfinished(entry) and entry.branch is None
    if entry is not None and not begun and entry.head not in (None, tip):
        carried = None
        if previous is not None and previous.snapshot:
            trial = trial_merge(context.git, entry.head, previous.snapshot)
            carried = trial.tree or trial.marked_tree
        remove_worktree(context.home.checkout, path, kept_tree=carried, base=entry.head)
        found = True
    made = commit_of(context.git, branch_ref(branch))
    if made not in (None, tip) and is_ancestor(context.git, made, tip):
        delete_branch(context.home.checkout, branch, made)
        found = True
    return found


def _carry_over(context: Context, task: TaskRun, previous: Attempt | None, path: Path, tip: str) -> tuple[int | None, list[str]]:
    """Put the previous attempt's work into the new worktree where that helps: red tests want mending, not rewriting (re-dispatch or fix in place).

    Where a person wants to go on with it, the worktree gets it in any case; with its conflict markers where they want to resolve or fix in place.
    """
    if previous is None or previous.snapshot is None:
        return None, []
    resolving = mends_in_place(context, task, previous)
    if not (resolving or task.keep) and previous.failure not in (FailureClass.TEST, FailureClass.BUILD):
        return None, []
    try:
        trial = trial_merge(context.git, tip, previous.snapshot)
    except MaestroError:
        return None, []
    if trial.tree is not None:
        Git(path).run("restore", f"--source={trial.tree}", "--worktree", "--", ".")
        return previous.number, []
    if resolving and trial.marked_tree is not None:
        Git(path).run("restore", f"--source={trial.marked_tree}", "--worktree", "--", ".")
        return previous.number, [file.path for file in trial.conflicts]
    return None, []
