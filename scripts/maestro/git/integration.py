"""The integration worktree: detached, owned by one run, brought to an exact state before each step, so that the user's checkout is never red."""

from __future__ import annotations

import os
import time
from contextlib import AbstractContextManager
from pathlib import Path

from maestro.errors import Failed, Locked, MaestroError, Unsafe
from maestro.git.checkout import Checkout, branch, commit_tree_of, linked_worktree_at, standing
from maestro.git.leftovers import worktrees_folder
from maestro.git.listing import worktree_entry
from maestro.git.names import full_id, message_text
from maestro.git.orphans import after_orphans
from maestro.git.patience import patiently
from maestro.git.runner import Result
from maestro.git.worktrees import create_worktree

_TAIL = 40
"""Lines of a refusing hook's output that are worth showing."""

HOOKS = "Look at the hooks (`git config core.hooksPath`, .git/hooks), then repeat."
DOCTOR = "`run.py doctor` looks at the worktrees of runs and says what is wrong with them."

_ABANDONED = 600.0
"""Seconds after which a lock file in here belongs to a git that was killed. Nobody else works in this worktree, and our own steps take seconds."""


def integration_at(checkout: Checkout, path: Path, commit: str) -> None:
    """Make the worktree at `path`, or bring it to exactly `commit` with nothing else in it but ignored files.

    Raises Unsafe `not-integration` unless `path` is a detached worktree below the checkout's .maestro/worktrees/: only there may files be thrown away.
    Raises Locked `git-busy`, and as `create_worktree`.
    """
    full_id(commit)
    if not path.resolve().is_relative_to(worktrees_folder(checkout).resolve()):
        raise Unsafe("not-integration", f"{path} does not lie below {worktrees_folder(checkout)}.", hint=DOCTOR, where=str(path))
    entry = worktree_entry(checkout.git, path)
    if entry is None or entry.locked or not path.exists():
        create_worktree(checkout, path, commit, None)
    else:
        worktree = _owned(path)
        with _alone(worktree) as hold:
            _restore(worktree, commit, hold)


def commit_candidate(integration: Path, parent: str, tree: str, message: str) -> str:
    """Commit `tree` on top of `parent` in the integration worktree, as the user and with the user's hooks, and return the commit.

    Raises Failed `no-change` when the tree is the parent's, `commit-refused` when a hook or the signing says no, Locked `integration-busy` or `git-busy`,
    Unsafe `not-integration`. The worktree is at `parent` again then.
    """
    worktree = _owned(integration)
    with _alone(worktree) as hold:
        _restore(worktree, full_id(parent), hold)
        before = commit_tree_of(worktree.git, parent)
        if full_id(tree) == before:
            raise Failed("no-change", "There is nothing to commit: the content is the same as before.", hint="Settle the task without a change.")
        _read(worktree, tree, hold)
        text = os.fsencode(message_text(message))
        result = patiently(worktree, "commit", "--quiet", "--cleanup=whitespace", "--file=-", input=text, check=False, hold=hold)
        on, at = standing(worktree.git)
        candidate = str(at)
        try:
            _judge(worktree, result, parent, before, candidate, on)
        except MaestroError:
            _restore(worktree, parent, hold)
            raise
        _restore(worktree, candidate, hold)  # hooks may leave files
        return candidate


def refused(result: Result) -> Failed:
    """The error for a commit that git, a hook or the signing program did not allow, with the end of what it said."""
    words = result.said.splitlines()[-_TAIL:]
    hint = "Look at the hooks (`git config core.hooksPath`, .git/hooks) and at the signing (`git config commit.gpgSign`), then repeat."
    return Failed("commit-refused", "\n".join(["The commit was refused:", *words]), hint=hint)


def _judge(worktree: Checkout, result: Result, parent: str, before: str, candidate: str, on: str | None) -> None:
    """Raise unless the commit is one step from `parent`, on no branch, and not without a change."""
    if result.code != 0 and candidate != parent:
        # A call that was killed while a hook ran leaves a git that still finishes its commit.
        message = f"Another git committed in {worktree.root} meanwhile, probably the rest of a call that was stopped."
        raise Locked("integration-busy", message, hint="Repeat the command.", where=str(worktree.root))
    if result.code != 0:
        raise refused(result)
    *parents, tree = worktree.git.text("rev-parse", f"{candidate}^@", f"{candidate}^{{tree}}").splitlines()
    if parents != [parent] or on is not None:
        message = f"A hook moved HEAD while the candidate was being committed: {candidate} does not follow {parent}."
        raise Failed("commit-refused", message, hint=HOOKS)
    if tree == before:
        raise Failed("no-change", "A hook took the whole change back, so there is nothing to commit.", hint=HOOKS)


def _owned(path: Path) -> Checkout:
    worktree = linked_worktree_at(path)
    parents = [parent.name for parent in worktree.root.parents]
    if (".maestro", "worktrees") not in zip(parents[1:], parents, strict=False) or branch(worktree.git) is not None:
        raise Unsafe("not-integration", f"{path} is not a detached worktree below .maestro/worktrees/.", hint=DOCTOR, where=str(path))
    return worktree


def _alone(worktree: Checkout) -> AbstractContextManager[int]:
    return after_orphans(worktree.git_dir / "maestro.busy")


def _restore(worktree: Checkout, commit: str, hold: int) -> None:
    """Bring HEAD, index and files to the commit, whatever is there."""
    locks = [worktree.git_dir / name for name in ("index.lock", "HEAD.lock")]
    for lock in locks:
        if lock.exists() and time.time() - lock.stat().st_mtime > _ABANDONED:
            lock.unlink(missing_ok=True)
    if not any(lock.exists() for lock in locks) and _is_at(worktree, commit):
        return
    worktree.git.run("update-ref", "--no-deref", "-m", "maestro: integration", "--end-of-options", "HEAD", commit)
    _read(worktree, commit, hold)
    worktree.git.run("clean", "-ffdq", hold=hold)


def _is_at(worktree: Checkout, commit: str) -> bool:
    """Whether HEAD is detached at the commit and index and files are the commit's, with nothing beside them but what is ignored."""
    options = ("--porcelain=v2", "--branch", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=none")
    found = worktree.git.run("status", *options, check=False)
    return found.code == 0 and set(found.fields) == {f"# branch.oid {commit}", "# branch.head (detached)"}


def _read(worktree: Checkout, tree: str, hold: int) -> None:
    patiently(worktree, "read-tree", "--reset", "-u", "--end-of-options", tree, hold=hold)
