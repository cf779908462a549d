"""What a killed call leaves behind, and how the next one clears it away: only what is provably ours and holds no work."""

from __future__ import annotations

import os
import re
from pathlib import Path

from maestro.errors import MaestroError, Unsafe
from maestro.git.checkout import Checkout, commit_of, commit_tree_of, is_ancestor, linked_worktree_at, points_to
from maestro.git.diffs import changes
from maestro.git.listing import Worktree, holder_of
from maestro.git.names import branch_ref
from maestro.git.orphans import let_finish
from maestro.git.rubbish import empty_rubbish, remove_directory, set_aside
from maestro.git.snapshot import tree_of_directory

_REMOVING = "maestro is removing this worktree"
_REMOVING_PATTERN = re.compile(rf"{_REMOVING}(?:, its files go on in (?P<name>[^/]+))?\Z")
_MAKING = "maestro is making this worktree"
_MAKING_PATTERN = re.compile(rf"{_MAKING} from (?P<base>[0-9a-f]+)(?: for (?P<branch>.+))?\Z")


def worktrees_folder(checkout: Checkout) -> Path:
    """Where the worktrees of a checkout's runs lie. No directory outside it is ever cleared away."""
    return checkout.root / ".maestro" / "worktrees"


def making(base: str, branch: str | None) -> str:
    """The reason of the lock that git sets with the first step of making a worktree and that we take away with our last."""
    return f"{_MAKING} from {base}" + (f" for {branch}" if branch else "")


def is_unfinished(entry: Worktree) -> bool:
    """Whether maestro was killed while it made this worktree, so that nobody was ever told of it."""
    return _MAKING_PATTERN.match(entry.lock_reason) is not None


def removing(name: str | None = None) -> str:
    """The reason of the lock that says: what was in here has been compared, and only the removal is left to do, or the move to `name` in the same folder."""
    return _REMOVING + (f", its files go on in {name}" if name else "")


def is_being_removed(entry: Worktree) -> bool:
    """Whether nothing of what lies in this worktree is needed any more."""
    return _REMOVING_PATTERN.match(entry.lock_reason) is not None


def is_transient(entry: Worktree) -> bool:
    """Whether a worktree is between two states of ours, in which nobody works."""
    return is_unfinished(entry) or is_being_removed(entry)


def clear_torn_entries(checkout: Checkout) -> None:
    """Drop entries of ours that git was killed in the middle of writing. Until they go, every `git worktree` command fails at them."""
    for entry in (checkout.common_dir / "worktrees").glob("*"):
        torn = entry / "commondir"
        reason = entry / "locked"
        if torn.is_file() and torn.stat().st_size == 0 and reason.is_file() and reason.read_text(errors="replace").startswith(_MAKING):
            remove_directory(entry)


def clear_path(checkout: Checkout, path: Path, base: str, entry: Worktree | None) -> None:
    """Make room for a worktree at `path`, which git lists as `entry`.

    Raises Unsafe `worktree-path-taken` when anything is there that is not a leftover without work.
    """
    if path.is_symlink():
        raise _taken(path, "it is a symbolic link")
    if entry is None:
        if path.is_file() or (path.is_dir() and any(path.iterdir())):
            _clear_directory(checkout, path, base)
    elif is_unfinished(entry):
        clear_unfinished(checkout, entry)
    elif is_being_removed(entry):
        discard(checkout, entry)
    elif entry.locked:
        raise _taken(path, f"it is a locked worktree ({entry.lock_reason or 'no reason given'})")
    elif path.exists():
        raise _taken(path, f"a worktree is already there, at {entry.head or 'no commit'} ({entry.branch or 'detached'})")
    else:
        # Its commits, if it has any, stay on its branch; without a branch they must be in `base` already.
        if entry.branch is None and entry.head is not None and not is_ancestor(checkout.git, entry.head, base):
            raise _taken(path, f"the worktree that was there left commit {entry.head}, which is on no branch")
        discard(checkout, entry)


def clear_unfinished(checkout: Checkout, entry: Worktree) -> None:
    """Remove a worktree that was never finished, and the branch that was made for it. Raises Unsafe `worktree-path-taken` if somebody put a file into it, or
    changed one after all were written.
    """
    parts = _MAKING_PATTERN.match(entry.lock_reason)
    assert parts is not None, "only for unfinished worktrees"
    base, branch = parts["base"], parts["branch"]
    if entry.path.is_dir():
        folder = _folder_of(entry)
        if folder is not None:
            let_finish(folder)
        tree, nested = tree_of_directory(checkout, entry.path, base)
        whole = folder is not None and _all_written(folder) and entry.head == base
        # On its way to another base it has files of the commit that it is still at, too.
        foreign = set.intersection(*(_foreign(checkout, commit, tree, whole) for commit in (base, entry.head or base)))
        if nested or foreign:
            raise _taken(entry.path, f"an unfinished worktree is there, and in it {', '.join([*nested, *sorted(foreign)][:5])}")
    discard(checkout, entry)
    if branch and commit_of(checkout.git, branch_ref(branch)) == base and holder_of(checkout.git, branch) is None:
        checkout.git.run("update-ref", "-d", "--end-of-options", branch_ref(branch), base)


def _folder_of(entry: Worktree) -> Path | None:
    """The worktree's own git folder, None where it has lost the way to it."""
    try:
        return linked_worktree_at(entry.path).git_dir
    except MaestroError:
        return None


def _all_written(folder: Path) -> bool:
    """Whether git had come to the end of writing the files. It writes the index last, and HEAD (of one that was brought to another commit) after that."""
    return (folder / "index").exists() and not (folder / "index.lock").exists()


def _foreign(checkout: Checkout, commit: str, tree: str, whole: bool) -> set[str]:
    """What git did not put there. Missing files are no sign of anybody: removing them may have been interrupted."""
    kinds = ("added", "renamed", "modified", "type") if whole else ("added", "renamed")
    return {change.path for change in changes(checkout.git, commit, tree) if change.kind in kinds}


def discard(checkout: Checkout, entry: Worktree, *, later: bool = False) -> None:
    """Remove a worktree and its entry, whatever it holds. For callers that have proved that it holds nothing. `later`: its files wait in the rubbish."""
    for path in (entry.path, *_on_the_way(checkout, entry)):
        if path.is_dir() and not set_aside(checkout, path):
            remove_directory(path)
    checkout.git.run("worktree", "remove", "--force", "--force", "--", str(entry.path))
    if not later:
        empty_rubbish(checkout)


def _on_the_way(checkout: Checkout, entry: Worktree) -> list[Path]:
    """Where the files of a worktree lie that was moved by a git that was killed before it noted that."""
    parts = _REMOVING_PATTERN.match(entry.lock_reason)
    path = entry.path.with_name(parts["name"]) if parts and parts["name"] else entry.path
    if path == entry.path or path.is_symlink() or not points_to(path, checkout.common_dir):
        return []
    folder = Path(os.fsdecode((path / ".git").read_bytes().removeprefix(b"gitdir: ").rstrip(b"\n")))
    reason = path / folder / "locked"
    return [path] if reason.is_file() and reason.read_text(errors="replace").rstrip("\n") == entry.lock_reason else []


def _clear_directory(checkout: Checkout, path: Path, base: str) -> None:
    """A directory without an entry is ours if its `.git` file points to an entry of this repository, and empty of work if its files are the base's."""
    pointer = path / ".git"
    if not path.resolve().is_relative_to(worktrees_folder(checkout).resolve()) or not pointer.is_file() or pointer.is_symlink():
        raise _taken(path, "something else is there")
    target = path / os.fsdecode(pointer.read_bytes().removeprefix(b"gitdir: ").rstrip(b"\n"))  # newer gits can write it relative to the worktree
    if not target.resolve().is_relative_to((checkout.common_dir / "worktrees").resolve()):
        raise _taken(path, "it belongs to another repository")
    if os.listdir(path) != [pointer.name]:
        tree, nested = tree_of_directory(checkout, path, base)
        if nested or tree != commit_tree_of(checkout.git, base):
            raise _taken(path, "it holds files that are not in git")
    remove_directory(path)


def _taken(path: Path, why: str) -> Unsafe:
    return Unsafe("worktree-path-taken", f"No worktree can be made at {path}: {why}.", hint="Move it away, or remove it if it is not needed.", where=str(path))
