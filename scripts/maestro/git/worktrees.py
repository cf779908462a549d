"""Worktrees for workers: made one at a time from an explicit commit, finished after a crash, never a silent fallback to the main checkout."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import Popen

from maestro.errors import Failed, MaestroError, Unsafe
from maestro.files import replace_text
from maestro.git.checkout import Checkout, commit_of, linked_worktree_at
from maestro.git.leftovers import clear_path, clear_torn_entries, discard, is_unfinished, making
from maestro.git.listing import Worktree, entry_at, list_worktrees, worktrees_lock
from maestro.git.names import BRANCHES, branch_ref, full_id
from maestro.git.orphans import BUSY, after_orphans, let_finish
from maestro.git.position import position
from maestro.git.runner import Git, end
from maestro.git.status import REMEMBER, status
from maestro.records import dataclass

AT_ONCE = f"checkout.workers={min(os.cpu_count() or 1, 4)}"
"""Writing its files is nearly all that a large worktree costs; git's own choice is one after the other."""

FILLING = 600.0
"""Seconds to wait for the files of a large worktree, which somebody began to write."""


def create_worktree(checkout: Checkout, path: Path, base: str, branch: str | None) -> Checkout:
    """Make a worktree at `path` with `base` checked out, on the new branch or detached. Asked again for a finished one, it does nothing.

    What `begin_worktree` made, or an earlier call that was killed, is gone on with if it is whole. Otherwise it is cleared away, if it is provably ours and
    holds no work, or raises Unsafe `worktree-path-taken` or `branch-taken`. Raises Unsafe `worktree-wrong-base` when the new worktree is not at `base` (a
    checkout hook), Failed `git-failed`.
    """
    path = path.absolute()
    full_id(base)
    if branch is not None:
        branch_ref(branch)
    with worktrees_lock(checkout), after_orphans(checkout.common_dir / "maestro" / "worktrees.busy") as hold:
        clear_torn_entries(checkout)
        entries = list_worktrees(checkout.git)
        entry = entry_at(entries, path)
        if _is_finished(entry, path, base, branch):
            return linked_worktree_at(path)
        branches = _branches(checkout) if branch is not None else {}
        worktree = _begun(entry, base, branch in branches, branch, hold, {}) if entry is not None and is_unfinished(entry) else None
        if worktree is None:
            clear_path(checkout, path, base, entry)
            if entry is not None and branch is not None:  # it may have had the branch
                entries, branches = list_worktrees(checkout.git), _branches(checkout)
        if branch is not None:
            _require_free(branch, base, entries, branches)
        return _finish(worktree or _add(checkout, path, base, branch, hold), base, branch)


@dataclass(frozen=True, slots=True)
class Begun:
    """A worktree of which nobody knows yet, and the git that writes its files; None where they are all written."""

    checkout: Checkout
    worktree: Checkout
    process: Popen[bytes] | None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def settle(self) -> bool:
        """Wait until all is written. False where the files do not stay as they were written: it is removed again, except where git does not know a file."""
        if self.process is None:
            return True
        self.process.wait()
        with worktrees_lock(self.checkout):
            entry = entry_at(list_worktrees(self.checkout.git), self.worktree.root)
            if entry is None or not is_unfinished(entry):
                return True  # somebody went on with it
            differs = status(self.worktree.git)[1]
            if differs and not any(found.unknown for found in differs):
                discard(self.checkout, entry)
            return not differs

    def stop(self) -> None:
        """Leave it half written."""
        if self.process is not None and self.running:
            end(self.process)


def begin_worktree(checkout: Checkout, path: Path, base: str, branch: str) -> Begun | None:
    """Begin with the long part of making a worktree, writing its files, before anybody needs it, and go on beside it; `create_worktree` waits for that and
    does the rest, whatever its base is by then.

    Asked again, it brings what was begun to another base, and lets git note what it found there, which shortens the rest. What is left until then looks
    like what a killed call leaves, and is cleared away like that (`remove_worktree`). None where something else is at `path`, and where a checkout hook would
    run: nobody could tell later whose the files are that it leaves. Raises Failed `git-failed`.
    """
    path = path.absolute()
    with worktrees_lock(checkout), after_orphans(checkout.common_dir / "maestro" / "worktrees.busy") as hold:
        clear_torn_entries(checkout)
        entry = entry_at(list_worktrees(checkout.git), path)
        if entry is not None:
            known = _begun(entry, full_id(base), branch in _branches(checkout), branch, hold, REMEMBER) if is_unfinished(entry) else None
            return Begun(checkout, known, None) if known else None
        if os.path.lexists(path) or has_checkout_hook(checkout):
            return None
        worktree = _add(checkout, path, full_id(base), branch, hold, "--no-checkout")
    # Whoever needs this worktree waits for its files, and nobody else.
    with after_orphans(worktree.git_dir / BUSY) as hold:
        process = worktree.git.start("read-tree", "--reset", "-u", "--end-of-options", "HEAD", hold=hold, settings=(AT_ONCE,))
    return Begun(checkout, worktree, process)


def has_checkout_hook(checkout: Checkout) -> bool:
    return os.access(checkout.root / checkout.git.run("rev-parse", "--git-path", "hooks/post-checkout").text, os.X_OK)


def _is_finished(entry: Worktree | None, path: Path, base: str, branch: str | None) -> bool:
    return entry is not None and not (entry.locked or entry.prunable) and path.is_dir() and (entry.head, entry.branch) == (base, branch)


def _add(checkout: Checkout, path: Path, base: str, branch: str | None, hold: int, *more: str) -> Checkout:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Detached first: `-b` would make the branch before anything tells that it is ours, and be left with it when killed.
    options = ("--detach", "--lock", f"--reason={making(base, branch)}", *more)
    added = checkout.git.run("worktree", "add", *options, "--end-of-options", str(path), base, check=False, hold=hold, settings=(AT_ONCE,))
    try:
        # A failing post-checkout hook fails the command although the worktree is complete; what counts is what is there.
        return linked_worktree_at(path)
    except MaestroError:
        message = f"git could not make the worktree {path}: {added.said}"
        raise Failed("git-failed", message, hint="Do as git says, then repeat.", where=str(path)) from None


def _begun(entry: Worktree, base: str, known: bool, branch: str | None, hold: int, env: Mapping[str, str]) -> Checkout | None:
    """An unfinished worktree, brought to `base`; None where it is not whole, or somebody put or changed something there. `known`: its branch exists."""
    if known or entry.branch is not None:
        return None
    try:
        worktree = linked_worktree_at(entry.path)
    except MaestroError:
        return None
    let_finish(worktree.git_dir, FILLING)
    at, entries = status(Git(worktree.root, env))
    if at != entry.head or entries:
        return None
    if at != base:
        # Said first: killed halfway, it has files of the commit that it left and of the one that it was on the way to.
        replace_text(worktree.git_dir / "locked", making(base, branch))
        options = ("--quiet", "--detach", "--no-overwrite-ignore")
        worktree.git.run("checkout", *options, base, "--", check=False, hold=hold, settings=(AT_ONCE,))
        return worktree if position(worktree) == (None, base) else None
    return worktree


def _finish(worktree: Checkout, base: str, branch: str | None) -> Checkout:
    if branch is not None:
        _start_branch(worktree, branch, base)
    _require_base(worktree, base, branch)
    worktree.git.run("worktree", "unlock", "--", str(worktree.root))
    return worktree


def _start_branch(worktree: Checkout, branch: str, base: str) -> None:
    git = worktree.git
    # All zeros: only if it does not exist, so a branch that somebody makes meanwhile is not taken over.
    made = git.run("update-ref", "--end-of-options", branch_ref(branch), base, "0" * len(base), check=False)
    if made.code != 0 and commit_of(git, branch_ref(branch)) is None:
        raise Unsafe("branch-taken", f"Branch {branch} cannot be made: {made.said}", hint="Rename or delete the branch in the way.")
    git.run("symbolic-ref", "-m", "maestro: worktree made", "HEAD", branch_ref(branch))


def _require_base(worktree: Checkout, base: str, wanted: str | None) -> None:
    on, at = position(worktree)
    if (on, at) != (wanted, base):
        message = f"The new worktree is at {at} ({on or 'detached'}) and not at {base}."
        raise Unsafe("worktree-wrong-base", message, hint="Look at the repository's post-checkout hook.", where=str(worktree.root))


def _branches(checkout: Checkout) -> dict[str, str]:
    """All branches of the repository with their commits."""
    listed = (line.split(" ", 1) for line in checkout.git.text("for-each-ref", "--format=%(objectname) %(refname)", BRANCHES).splitlines())
    return {name.removeprefix(BRANCHES): commit for commit, name in listed}


def _require_free(branch: str, base: str, entries: Sequence[Worktree], known: Mapping[str, str]) -> None:
    holder = next((entry for entry in entries if entry.branch == branch), None)
    if holder is not None:
        hint = f"Switch {holder.path} to another branch, or remove it with `git worktree remove`."
        raise Unsafe("branch-taken", f"Branch {branch} is checked out in {holder.path}.", hint=hint, where=str(holder.path))
    found = known.get(branch)
    if found not in (None, base):
        raise Unsafe("branch-taken", f"Branch {branch} already exists, at {found}.", hint=f"Rename it (`git branch -m {branch} <new>`) or delete it.")
    # git keeps branches as files and folders: `a` and `a/b` cannot both exist.
    for name in known:
        if branch.startswith(f"{name}/") or name.startswith(f"{branch}/"):
            raise Unsafe("branch-taken", f"Branch {branch} cannot be made beside branch {name}.", hint=f"Rename branch {name}.")


def require_namespace(checkout: Checkout, folder: str) -> None:
    """Raise Unsafe `branch-taken` unless branches can be made below `folder`/. Nothing is made: git prepares one and is told to let it be."""
    tip = commit_of(checkout.git, "HEAD")
    asked = f"start\ncreate {branch_ref(f'{folder}/probe')} {tip}\nprepare\nabort\n"
    tried = checkout.git.run("update-ref", "--stdin", input=asked.encode(), check=False)
    if tried.code == 0:
        return
    if commit_of(checkout.git, branch_ref(folder)) is None:
        hint = f"Branches below {folder}/ must be possible: do as git says, then repeat."
        raise Unsafe("branch-taken", f"No branch can be made below {folder}/: {tried.err.strip()}", hint=hint)
    hint = f"Rename it (`git branch -m {folder} NEW`), then repeat."
    raise Unsafe("branch-taken", f"Branch {folder} is in the way: workers' branches are made below {folder}/.", hint=hint)
