"""Removing worktrees and branches: only what is provably kept elsewhere or empty, and completely."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from maestro.errors import Unsafe
from maestro.git.checkout import Checkout, commit_tree_of, is_ancestor, linked_worktree_at
from maestro.git.diffs import ABSENT, SUBMODULE, changes, steps
from maestro.git.leftovers import clear_unfinished, discard, is_being_removed, is_unfinished, removing
from maestro.git.listing import Worktree, entry_at, holder_of, list_worktrees, worktrees_lock
from maestro.git.names import branch_ref, full_id
from maestro.git.snapshot import content_of, delete_ref


def remove_worktree(checkout: Checkout, path: Path, *, kept_tree: str | None, base: str, branch: str = "", later: bool = False) -> bool:
    """Remove the worktree if what is in it now equals `kept_tree`, which is merged or kept, or the tree of `base`, which is no work at all.

    A directory that is already gone loses its entry only; a worktree that never was, or is gone completely, needs nothing. Ignored files, result files and
    changes in maestro's own folders are no work and go with it. `later`: its files wait in the rubbish.
    `branch`, which was made for it, goes too if it is at `base` still; True when it is known to be gone.
    Raises Unsafe `worktree-has-work`, `worktree-locked` (by somebody else), `main-checkout`, `not-a-worktree`.
    """
    path = path.absolute()
    with worktrees_lock(checkout):
        entries = list_worktrees(checkout.git)
        entry = entry_at(entries, path)
        if entry is None or path.is_symlink():
            if os.path.lexists(path):
                raise Unsafe(
                    "not-a-worktree",
                    f"{path} is not a worktree of this repository; it was left alone.",
                    hint="Remove it yourself if nobody needs it.",
                    where=str(path),
                )
            return False
        if entry.path == checkout.root:
            raise Unsafe(
                "main-checkout", f"{path} is the checkout that maestro was started in.", hint="`worktree.py list` shows those of workers.", where=str(path)
            )
        if is_unfinished(entry):
            clear_unfinished(checkout, entry)
            return False
        if not is_being_removed(entry):
            release(checkout, entries, entry, kept_tree=kept_tree, base=base)
        discard(checkout, entry, later=later)
        if not branch or any(other.branch == branch for other in entries if other is not entry):
            return False
        return checkout.git.run("update-ref", "-d", "--end-of-options", branch_ref(branch), full_id(base), check=False).code == 0


def release(checkout: Checkout, entries: Sequence[Worktree], entry: Worktree, *, kept_tree: str | None, base: str, name: str | None = None) -> None:
    """Mark a worktree as one that holds nothing any more, after a proof of that: from here on its files may go, or go on under another `name` beside it.

    For callers with the lock on worktrees, under which they listed `entries`. Raises Unsafe `worktree-has-work`, `worktree-locked`.
    """
    _require_unlocked(entry)
    _require_nothing_inside(entries, entry)
    if os.path.lexists(entry.path):
        _require_no_work(entry.path, kept_tree, base)
    else:
        _require_commits_held(checkout, entry, kept_tree, base)
    # A removal that is interrupted leaves a part of the files, which would look like work that deletes the others.
    checkout.git.run("worktree", "lock", f"--reason={removing(name)}", "--", str(entry.path))


def delete_branch(checkout: Checkout, branch: str, expected: str) -> None:
    """Delete a branch that is at `expected` and checked out nowhere; nothing to do when it is gone.

    Raises Conflict `branch-moved` when it is elsewhere, Unsafe `branch-taken` when a worktree stands on it.
    """
    ref = branch_ref(branch)
    with worktrees_lock(checkout):
        holder = holder_of(checkout.git, branch)
        if holder is not None:
            raise Unsafe("branch-taken", f"Branch {branch} is checked out in {holder.path}.", hint="Remove that worktree first.", where=str(holder.path))
        delete_ref(checkout.git, ref, expected, "branch-moved")


def _require_unlocked(entry: Worktree) -> None:
    if entry.locked:
        why = f" ({entry.lock_reason})" if entry.lock_reason else ""
        hint = f"If it may go, run `git worktree unlock {entry.path}` and repeat."
        raise Unsafe("worktree-locked", f"The worktree {entry.path} is locked{why}.", hint=hint, where=str(entry.path))


def _require_nothing_inside(entries: Sequence[Worktree], entry: Worktree) -> None:
    inside = [str(other.path) for other in entries if other.path != entry.path and other.path.is_relative_to(entry.path)]
    if inside:
        raise _has_work(entry.path, f"another worktree lies in it ({inside[0]})")


def _require_no_work(path: Path, kept_tree: str | None, base: str) -> None:
    worktree = linked_worktree_at(path)
    git = worktree.git
    snapshot = content_of(worktree, base)
    base_tree = commit_tree_of(git, base)
    if snapshot.tree not in (kept_tree, base_tree):
        differing = [change.path for change in changes(git, kept_tree or base, snapshot.tree)]
        raise _has_work(path, f"it differs from what was kept in {', '.join(differing[:5])}{' and more' if len(differing) > 5 else ''}")
    if snapshot.nested:
        raise _has_work(path, f"{', '.join(snapshot.nested)} holds a repository of its own, which is kept nowhere else")
    # Commits made in a submodule live in this worktree's own folder: the pointer may be merged, the commit would be gone (get-shit-done#2137).
    moved = [step.path for step in steps(git, base_tree, snapshot.tree) if SUBMODULE in (step.old_mode, step.new_mode) and step.new_mode != ABSENT]
    if moved:
        raise _has_work(path, f"the new commits of submodule {', '.join(moved)} are kept nowhere else")


def _require_commits_held(checkout: Checkout, entry: Worktree, kept_tree: str | None, base: str) -> None:
    """With the directory gone, a detached HEAD may be the last to hold a worker's commits."""
    if entry.branch is not None or entry.head is None or is_ancestor(checkout.git, entry.head, base):
        return
    if commit_tree_of(checkout.git, entry.head) != kept_tree:
        raise _has_work(entry.path, f"its commit {entry.head} is on no branch")


def _has_work(path: Path, why: str) -> Unsafe:
    hint = "Keep or merge its work first, or remove it yourself."
    return Unsafe("worktree-has-work", f"The worktree {path} was left alone: {why}.", hint=hint, where=str(path))
