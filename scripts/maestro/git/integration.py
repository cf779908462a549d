"""The integration worktree: detached, owned by one run, brought to an exact state before each step, so that the user's checkout is never red."""

from __future__ import annotations

import contextlib
import os
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from maestro.errors import Failed, Locked, MaestroError, Unsafe
from maestro.git.checkout import Checkout, branch, commit_tree_of, linked_worktree_at, remember_tree
from maestro.git.leftovers import worktrees_folder
from maestro.git.listing import worktree_entry
from maestro.git.names import full_id, message_text
from maestro.git.orphans import BUSY, after_orphans
from maestro.git.patience import patiently
from maestro.git.runner import Result
from maestro.git.worktrees import create_worktree

_TAIL = 40
"""Lines of a refusing hook's output that are worth showing."""

HOOKS = "Look at the hooks (`git config core.hooksPath`, .git/hooks), then repeat."
DOCTOR = "`run.py doctor` looks at the worktrees of runs and says what is wrong with them."

_ABANDONED = 600.0
"""Seconds after which a lock file in here belongs to a git that was killed. Nobody else works in this worktree, and our own steps take seconds."""


def integration_at(checkout: Checkout, path: Path, commit: str) -> Checkout:
    """Make the worktree at `path`, or bring it to exactly `commit` with nothing else in it but ignored files.

    Raises Unsafe `not-integration` unless `path` is a detached worktree below the checkout's .maestro/worktrees/: only there may files be thrown away.
    Raises Locked `git-busy`, and as `create_worktree`.
    """
    full_id(commit)
    if not path.resolve().is_relative_to(worktrees_folder(checkout).resolve()):
        raise Unsafe("not-integration", f"{path} does not lie below {worktrees_folder(checkout)}.", hint=DOCTOR, where=str(path))
    entry = worktree_entry(checkout.git, path)
    if entry is None or entry.locked or not path.exists():
        return create_worktree(checkout, path, commit, None)
    worktree = _owned(path)
    with _alone(worktree) as hold:
        _restore(worktree, commit, hold)
    return worktree


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
        _step(worktree, parent, tree, hold)
        text = os.fsencode(message_text(message))
        result = patiently(worktree, "commit", "--quiet", "--cleanup=whitespace", "--file=-", input=text, check=False, hold=hold)
        made = _made(worktree)
        try:
            _judge(worktree, result, parent, before, made)
        except MaestroError:
            _restore(worktree, parent, hold)
            raise
        if _has_hooks(worktree):
            _restore(worktree, made.commit, hold)  # they may leave files
        return made.commit


def refused(result: Result) -> Failed:
    """The error for a commit that git, a hook or the signing program did not allow, with the end of what it said."""
    words = result.said.splitlines()[-_TAIL:]
    hint = "Look at the hooks (`git config core.hooksPath`, .git/hooks) and at the signing (`git config commit.gpgSign`), then repeat."
    return Failed("commit-refused", "\n".join(["The commit was refused:", *words]), hint=hint)


class _Made(NamedTuple):
    """Where HEAD is after a commit; `on`: `HEAD` where no branch is checked out."""

    commit: str
    tree: str
    parents: list[str]
    on: str


def _made(worktree: Checkout) -> _Made:
    commit, tree, *parents, on = worktree.git.text("rev-parse", "HEAD^{commit}", "HEAD^{tree}", "HEAD^@", "--symbolic-full-name", "HEAD").splitlines()
    remember_tree(commit, tree)
    return _Made(commit, tree, parents, on)


def _judge(worktree: Checkout, result: Result, parent: str, before: str, made: _Made) -> None:
    """Raise unless the commit is one step from `parent`, on no branch, and not without a change."""
    if result.code != 0 and made.commit != parent:
        # A call that was killed while a hook ran leaves a git that still finishes its commit.
        message = f"Another git committed in {worktree.root} meanwhile, probably the rest of a call that was stopped."
        raise Locked("integration-busy", message, hint="Repeat the command.", where=str(worktree.root))
    if result.code != 0:
        raise refused(result)
    if made.parents != [parent] or made.on != "HEAD":
        message = f"A hook moved HEAD while the candidate was being committed: {made.commit} does not follow {parent}."
        raise Failed("commit-refused", message, hint=HOOKS)
    if made.tree == before:
        raise Failed("no-change", "A hook took the whole change back, so there is nothing to commit.", hint=HOOKS)


def _has_hooks(worktree: Checkout) -> bool:
    """Whether a commit here runs anything of the user's: programs in the folder for hooks, or what a newer git takes for hooks from its configuration."""
    if worktree.git.run("config", "--get-regexp", r"^(hook\.|core\.hookspath$)", check=False).code == 0:
        return True
    with contextlib.suppress(FileNotFoundError), os.scandir(worktree.common_dir / "hooks") as found:
        return any(not entry.name.endswith(".sample") for entry in found)
    return False


def _owned(path: Path) -> Checkout:
    worktree = linked_worktree_at(path)
    parents = [parent.name for parent in worktree.root.parents]
    if (".maestro", "worktrees") not in zip(parents[1:], parents, strict=False):
        raise _not_ours(path)
    return worktree


def _not_ours(path: Path) -> Unsafe:
    return Unsafe("not-integration", f"{path} is not a detached worktree below .maestro/worktrees/.", hint=DOCTOR, where=str(path))


def _alone(worktree: Checkout) -> AbstractContextManager[int]:
    return after_orphans(worktree.git_dir / BUSY)


def _restore(worktree: Checkout, commit: str, hold: int) -> None:
    """Bring HEAD, index and files to the commit, whatever is there. Raises Unsafe `not-integration` where a branch is checked out: that is somebody's."""
    locks = [worktree.git_dir / name for name in ("index.lock", "HEAD.lock")]
    for lock in locks:
        if lock.exists() and time.time() - lock.stat().st_mtime > _ABANDONED:
            lock.unlink(missing_ok=True)
    if not any(lock.exists() for lock in locks) and _is_at(worktree, commit):
        return
    if branch(worktree.git) is not None:
        raise _not_ours(worktree.root)
    worktree.git.run("update-ref", "--no-deref", "-m", "maestro: integration", "--end-of-options", "HEAD", commit)
    _read(worktree, commit, hold)
    worktree.git.run("clean", "-ffdq", hold=hold)


def _is_at(worktree: Checkout, commit: str) -> bool:
    """Whether HEAD is detached at the commit and index and files are the commit's, with nothing beside them but what is ignored."""
    options = ("--porcelain=v2", "--branch", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=none")
    found = worktree.git.run("status", *options, check=False)
    return found.code == 0 and set(found.fields) == {f"# branch.oid {commit}", "# branch.head (detached)"}


def _step(worktree: Checkout, commit: str, tree: str, hold: int) -> None:
    """Bring index and files from the commit, where they are, to the tree. git looks at the files that differ, and at all others only where those are not as
    they should be (an ignored file in the way).
    """
    if worktree.git.run("read-tree", "-m", "-u", "--end-of-options", commit, tree, check=False, hold=hold).code != 0:
        _read(worktree, tree, hold)


def _read(worktree: Checkout, tree: str, hold: int) -> None:
    patiently(worktree, "read-tree", "--reset", "-u", "--end-of-options", tree, hold=hold)
