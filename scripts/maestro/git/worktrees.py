"""Worktrees for workers: made one at a time from an explicit commit, finished after a crash, never a silent fallback to the main checkout."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from maestro.errors import Failed, MaestroError, Unsafe
from maestro.files import replace_text
from maestro.git.checkout import Checkout, commit_of, linked_worktree_at, standing
from maestro.git.leftovers import clear_path, clear_torn_entries, discard, is_unfinished, making
from maestro.git.listing import Worktree, entry_at, list_worktrees, worktrees_lock
from maestro.git.names import BRANCHES, branch_ref, full_id
from maestro.git.orphans import after_orphans
from maestro.git.runner import Git
from maestro.git.status import REMEMBER, status

AT_ONCE = f"checkout.workers={min(os.cpu_count() or 1, 4)}"
"""Writing its files is nearly all that a large worktree costs; git's own choice is one after the other."""


def create_worktree(checkout: Checkout, path: Path, base: str, branch: str | None) -> None:
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
            return
        worktree = _begun(entry, base, branch, hold, {}) if entry is not None and is_unfinished(entry) else None
        if worktree is None:
            clear_path(checkout, path, base, entry)
        if branch is not None:
            _require_free(checkout, branch, base, entries if entry is None else list_worktrees(checkout.git))
        _finish(worktree or _add(checkout, path, base, branch, hold), base, branch)


def begin_worktree(checkout: Checkout, path: Path, base: str, branch: str) -> bool:
    """Do the long part of making a worktree, writing its files, before anybody needs it; `create_worktree` does the rest, whatever its base is by then.

    Asked again, it brings what was begun to another base, and lets git note what it found there, which shortens the rest. What is left until then looks
    like what a killed call leaves, and is cleared away like that (`remove_worktree`). False where something else is at `path`, where a checkout hook would
    run (nobody could tell later whose the files are that it leaves), and where the files do not stay as they were written: such a worktree is removed again,
    except where there are files in it that git does not know. Raises Failed `git-failed`.
    """
    path = path.absolute()
    with worktrees_lock(checkout), after_orphans(checkout.common_dir / "maestro" / "worktrees.busy") as hold:
        clear_torn_entries(checkout)
        entry = entry_at(list_worktrees(checkout.git), path)
        if entry is not None:
            return is_unfinished(entry) and _begun(entry, full_id(base), branch, hold, REMEMBER) is not None
        if os.path.lexists(path) or has_checkout_hook(checkout):
            return False
        differs = status(_add(checkout, path, full_id(base), branch, hold).git)[1]
        if differs and not any(entry.unknown for entry in differs) and (made := entry_at(list_worktrees(checkout.git), path)) is not None:
            discard(checkout, made)
        return not differs


def has_checkout_hook(checkout: Checkout) -> bool:
    return os.access(checkout.root / checkout.git.run("rev-parse", "--git-path", "hooks/post-checkout").text, os.X_OK)


def _is_finished(entry: Worktree | None, path: Path, base: str, branch: str | None) -> bool:
    return entry is not None and not (entry.locked or entry.prunable) and path.is_dir() and (entry.head, entry.branch) == (base, branch)


def _add(checkout: Checkout, path: Path, base: str, branch: str | None, hold: int) -> Checkout:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Detached first: `-b` would make the branch before anything tells that it is ours, and be left with it when killed.
    options = ("--detach", "--lock", f"--reason={making(base, branch)}", "--end-of-options")
    added = checkout.git.run("worktree", "add", *options, str(path), base, check=False, hold=hold, settings=(AT_ONCE,))
    try:
        # A failing post-checkout hook fails the command although the worktree is complete; what counts is what is there.
        return linked_worktree_at(path)
    except MaestroError:
        message = f"git could not make the worktree {path}: {added.said}"
        raise Failed("git-failed", message, hint="Do as git says, then repeat.", where=str(path)) from None


def _begun(entry: Worktree, base: str, branch: str | None, hold: int, env: Mapping[str, str]) -> Checkout | None:
    """An unfinished worktree, brought to `base`; None where it is not whole, or somebody put or changed something there."""
    try:
        worktree = linked_worktree_at(entry.path)
    except MaestroError:
        return None
    at, entries = status(Git(worktree.root, env))
    known = branch is not None and commit_of(worktree.git, branch_ref(branch)) is not None
    if known or entry.branch is not None or at != entry.head or entries:
        return None
    if at != base:
        # Said first: killed halfway, it has files of the commit that it left and of the one that it was on the way to.
        replace_text(worktree.git_dir / "locked", making(base, branch))
        options = ("--quiet", "--detach", "--no-overwrite-ignore")
        worktree.git.run("checkout", *options, base, "--", check=False, hold=hold, settings=(AT_ONCE,))
    return worktree if standing(worktree.git) == (None, base) else None


def _finish(worktree: Checkout, base: str, branch: str | None) -> None:
    if branch is not None:
        _start_branch(worktree, branch, base)
    _require_base(worktree, base, branch)
    worktree.git.run("worktree", "unlock", "--", str(worktree.root))


def _start_branch(worktree: Checkout, branch: str, base: str) -> None:
    git = worktree.git
    # All zeros: only if it does not exist, so a branch that somebody makes meanwhile is not taken over.
    made = git.run("update-ref", "--end-of-options", branch_ref(branch), base, "0" * len(base), check=False)
    if made.code != 0 and commit_of(git, branch_ref(branch)) is None:
        raise Unsafe("branch-taken", f"Branch {branch} cannot be made: {made.said}", hint="Rename or delete the branch in the way.")
    git.run("symbolic-ref", "-m", "maestro: worktree made", "HEAD", branch_ref(branch))


def _require_base(worktree: Checkout, base: str, wanted: str | None) -> None:
    on, at = standing(worktree.git)
    if (on, at) != (wanted, base):
        message = f"The new worktree is at {at} ({on or 'detached'}) and not at {base}."
        raise Unsafe("worktree-wrong-base", message, hint="Look at the repository's post-checkout hook.", where=str(worktree.root))


def _require_free(checkout: Checkout, branch: str, base: str, entries: Sequence[Worktree]) -> None:
    holder = next((entry for entry in entries if entry.branch == branch), None)
    if holder is not None:
        hint = f"Switch {holder.path} to another branch, or remove it with `git worktree remove`."
        raise Unsafe("branch-taken", f"Branch {branch} is checked out in {holder.path}.", hint=hint, where=str(holder.path))
    listed = (line.split(" ", 1) for line in checkout.git.text("for-each-ref", "--format=%(objectname) %(refname)", BRANCHES).splitlines())
    known = {name.removeprefix(BRANCHES): commit for commit, name in listed}
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
