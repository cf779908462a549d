"""The files of a worktree that nobody needs any more go on in the next one, brought to its commit instead of being removed and written anew.

Writing its files is nearly all that a large worktree costs, and costs several times as much right after as many were removed: ext4 gives the inodes of files
that just went to no new ones, and looks through them again for each (`recently_deleted` in its source). What begins in such a worktree must find nothing of
what was there: git reads every file again, and where anything is unusual a fresh one is made instead.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from maestro.errors import MaestroError
from maestro.files import replace_text
from maestro.git.checkout import Checkout, linked_worktree_at
from maestro.git.diffs import SUBMODULE
from maestro.git.leftovers import clear_torn_entries, making
from maestro.git.listing import entry_at, list_worktrees, worktrees_lock
from maestro.git.names import full_id
from maestro.git.orphans import BUSY, after_orphans
from maestro.git.removal import release
from maestro.git.runner import Git
from maestro.git.status import REMEMBER, status
from maestro.git.worktrees import has_checkout_hook
from maestro.pointers import WORKTREE_POINTER, git_folder_at

LARGE = 500
"""Files of a worktree from which on bringing them to another commit is faster than removing and writing them."""

_OWN = {"HEAD", "commondir", "gitdir", "index", "logs", "refs", BUSY}
"""What git and we need of a worktree."""

_FORGOTTEN = ("COMMIT_EDITMSG", "FETCH_HEAD", "ORIG_HEAD", "logs/HEAD", WORKTREE_POINTER)
"""What git and maestro noted in a worktree, and a fresh one does not know."""


def is_large(path: Path) -> bool:
    """Whether it is worth while to reuse the worktree at `path`. Reads the number of files from its index (gitformat-index)."""
    folder = git_folder_at(path)
    if folder is None:
        return False
    try:
        with open(folder / "index", "rb") as stream:
            return int.from_bytes(stream.read(12)[8:], "big") >= LARGE
    except OSError:
        return False


def reuse_worktree(checkout: Checkout, path: Path, name: str, *, kept_tree: str | None, base: str, onto: str, branch: str) -> bool:
    """Make what `begin_worktree` makes, under `name` beside `path`, out of the worktree at `path`; `create_worktree` does the rest.

    kept_tree, base: what may be in the worktree at `path`, as for `remove_worktree`; onto, branch: what the new one is for
    False where it can't serve, whatever the reason; `remove_worktree` says it where it matters. What was begun by then, that removes as well.
    """
    path, target = path.absolute(), path.absolute().with_name(name)
    with worktrees_lock(checkout), after_orphans(checkout.common_dir / "maestro" / "worktrees.busy") as hold:
        try:
            clear_torn_entries(checkout)
            entries = list_worktrees(checkout.git)
            entry = entry_at(entries, path)
            if entry is None or entry.locked or path.is_symlink() or os.path.lexists(target) or entry_at(entries, target) or has_checkout_hook(checkout):
                return False
            worktree = linked_worktree_at(path)
            if not _is_usual(worktree) or not _same_attributes(checkout.git, {base, kept_tree or base}, full_id(onto)):
                return False
            release(checkout, entries, entry, kept_tree=kept_tree, base=base, name=name)
            _bring_to(worktree, onto, hold)
            if status(Git(worktree.root, REMEMBER)) != (onto, []) or not _is_open(path):
                return False
            checkout.git.run("worktree", "move", "--force", "--force", "--", str(path), str(target), hold=hold)
            replace_text(worktree.git_dir / "locked", making(onto, branch))
        except (MaestroError, OSError):
            return False
        return True


def _is_usual(worktree: Checkout) -> bool:
    """Whether nothing can outlive the files: no operation that was begun, no settings or refs of its own, no submodule, which git does not look into."""
    folders = ("logs", "refs")
    inside = {f"{name}/{path.name}" for name in folders for path in (worktree.git_dir / name).glob("*")}
    known = {path.name for path in worktree.git_dir.iterdir()} | inside <= {*_OWN, *_FORGOTTEN}
    return known and not any(entry.startswith(SUBMODULE) for entry in worktree.git.lines_z("ls-files", "--stage", "-z"))


def _same_attributes(git: Git, trees: set[str], onto: str) -> bool:
    """Files are written as the attributes of their time say, and git does not write one again because they changed."""
    changed = (path for tree in trees for path in git.lines_z("diff-tree", "-r", "--name-only", "-z", tree, onto))
    return not any(path.rpartition("/")[2] == ".gitattributes" for path in changed)


def _bring_to(worktree: Checkout, onto: str, hold: int) -> None:
    for name in _FORGOTTEN:
        (worktree.git_dir / name).unlink(missing_ok=True)
    git = worktree.git
    git.run("update-ref", "--no-deref", "HEAD", onto)
    # An index made anew knows neither times nor flags by which a change could hide (`--assume-unchanged`, a time set back): git reads the files instead.
    git.run("read-tree", "--empty", hold=hold)
    git.run("read-tree", onto, hold=hold)
    git.run("clean", "-d", "-x", "--force", "--force", "--quiet", hold=hold)
    git.run("update-index", "-q", "--refresh", check=False, hold=hold)
    git.run("checkout-index", "--force", "--all", hold=hold)


def _is_open(path: Path) -> bool:
    """Whether whoever works here next may read and write everything: neither closed by its modes nor of another user."""
    user, needed = os.getuid(), {True: stat.S_IRWXU, False: stat.S_IRUSR | stat.S_IWUSR}
    for folder, folders, files in os.walk(path):
        for name in (".", *folders, *files):
            about = os.lstat(os.path.join(folder, name))
            mode = needed[stat.S_ISDIR(about.st_mode)]
            if about.st_uid != user or about.st_mode & mode != mode:
                return False
    return True
