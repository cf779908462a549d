"""Everything in a worktree, as one commit, without touching the worktree, its index or any ref."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from maestro.errors import Conflict
from maestro.git.checkout import BOOKKEEPING, Checkout, commit_of, commit_tree_of, worktree_at
from maestro.git.diffs import ABSENT, raw_entries
from maestro.git.names import full_id, literal, message_text, private_ref
from maestro.git.runner import Git, failure, join_z
from maestro.git.status import REMEMBER, status
from maestro.records import dataclass

RESULT_FILES = ".maestro-result-*"
"""The reports that workers leave at the root of their worktrees."""

IDENTITY = {name: "maestro" for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME")} | {
    name: "maestro@localhost" for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL")
}
"""Who makes commits that never reach a branch. It lets us look at a worktree before anybody has configured a name."""

_ATTEMPTS = 3
"""A worker may remove a file between git's listing and git's reading of it."""

_BY_NAME = 100
"""Paths that git is given by name. It compares each with all that it knows, so that many cost more than looking at every file."""

_ADD = ("-c", "core.safecrlf=false", "-c", "add.ignoreErrors=false", "add", "--all", "--sparse")


@dataclass(frozen=True, slots=True)
class Content:
    """A worktree's content as a tree.

    dropped: paths left at the base's version although the worker changed them (maestro's and beads' own folders)
    nested: repositories inside the worktree, and submodules with uncommitted content, whose content is *not* in the snapshot; folders end in `/`
    unmerged: files that the worktree's index holds as conflicting; they are in the snapshot as they stand, markers included
    """

    tree: str
    dropped: tuple[str, ...]
    nested: tuple[str, ...] = ()
    unmerged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot(Content):
    """A worktree's content as a commit on top of its base."""

    commit: str


def take_snapshot(worktree: Path, base: str, message: str, *, drop: Sequence[str] = BOOKKEEPING, env: Mapping[str, str] | None = None) -> Snapshot:
    """Commit what is in the worktree now (staged, unstaged, untracked, committed on top of `base`) as one child of `base`.

    `drop` names folders (ending in `/`) that keep the base's content; workers' reports at the root are left out without a word.
    Ignored files are not work. `env` is added to git's environment (see `throwaway`). Raises Unsafe `not-a-worktree`, Failed `git-failed`.
    """
    checkout = worktree_at(worktree)
    content = content_of(checkout, base, drop=drop, env=env)
    commit = _commit(Git(checkout.root, env or {}), content.tree, base, message)
    return Snapshot(content.tree, content.dropped, content.nested, content.unmerged, commit=commit)


def content_of(checkout: Checkout, base: str, *, drop: Sequence[str] = BOOKKEEPING, env: Mapping[str, str] | None = None) -> Content:
    """What `take_snapshot` would commit. Raises Failed `git-failed`."""
    full_id(base)
    with _private_index(checkout) as index:
        git = Git(checkout.root, env or {})
        found = _stage_everything(git, index)
        rules = _Rules(tuple(drop))
        if found.head == base and not found.paths:
            return Content(commit_tree_of(checkout.git, base), ())
        # What equals HEAD needs no comparing with it again.
        untouched = found.head == base and not any(rules.leave_out(path) for path in found.paths)
        dropped = () if untouched else _drop(git, index, base, rules)
        return Content(git.run("write-tree", index=index).text, dropped, found.nested, found.unmerged)


def snapshot_paths(checkout: Checkout, base: str, paths: Sequence[str], message: str, *, drop: Sequence[str] = BOOKKEEPING) -> Snapshot:
    """Commit these files and folders as they are in the checkout now, and nothing else, as a child of `base`.

    For workers who share one checkout, where everything else is somebody else's. Paths that are neither there nor in `base` are no error.
    """
    git = checkout.git
    pathspecs = [literal(path) for path in paths]
    with tempfile.TemporaryDirectory(prefix="maestro-") as temporary:
        index = Path(temporary, "index")
        git.run("read-tree", "--end-of-options", full_id(base), index=index)
        found = git.run("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *pathspecs, index=index).fields if pathspecs else []
        files = [path for path in found if not path.endswith("/")]
        if files:
            git.run(*_ADD, "--pathspec-from-file=-", "--pathspec-file-nul", index=index, input=join_z(map(literal, files)))
        dropped = _drop(git, index, base, _Rules(tuple(drop)))
        tree = git.run("write-tree", index=index).text
    return Snapshot(tree, dropped, tuple(path for path in found if path.endswith("/")), commit=_commit(git, tree, base, message))


def tree_of_directory(checkout: Checkout, directory: Path, base: str) -> tuple[str, tuple[str, ...]]:
    """The tree of a directory's files, taken as a version of `base`, and the repositories inside it. It need not be a worktree (any more)."""
    git = Git(directory, {"GIT_DIR": str(checkout.common_dir), "GIT_WORK_TREE": str(directory)})
    with tempfile.TemporaryDirectory(prefix="maestro-") as temporary:
        index = Path(temporary, "index")
        git.run("read-tree", "--end-of-options", full_id(base), index=index)
        nested = _stage_everything(git, index).nested
        return git.run("write-tree", index=index).text, nested


def keep(git: Git, ref: str, commit: str) -> None:
    """Let a ref below refs/maestro/ hold a commit, so that git never collects it."""
    git.run("update-ref", "--end-of-options", private_ref(ref), full_id(commit))


def drop_ref(git: Git, ref: str, expected: str) -> None:
    """Delete a ref below refs/maestro/ that holds `expected`; nothing to do when it is gone. Raises Conflict `ref-moved` when it holds something else."""
    delete_ref(git, private_ref(ref), expected, "ref-moved")


def delete_ref(git: Git, ref: str, expected: str, slug: str) -> None:
    """Delete `ref` if it holds `expected`. Raises Conflict `slug` when it holds something else."""
    # git itself compares, in the same moment; what stood in the way is asked only where there was something.
    deleted = git.run("update-ref", "-d", "--end-of-options", ref, full_id(expected), check=False)
    if deleted.code == 0:
        return
    found = commit_of(git, ref)
    if found is None:
        return
    if found != expected:
        raise Conflict(slug, f"{ref} is at {found[:10]} and not at {expected[:10]}; it was left alone.", hint=f"Look at it: `git log {ref}`.", where=ref)
    raise failure(deleted, git.cwd)


def _commit(git: Git, tree: str, base: str, message: str) -> str:
    return git.run("commit-tree", "-p", base, "-F", "-", "--end-of-options", tree, input=os.fsencode(message_text(message)), env=IDENTITY).text


@contextmanager
def _private_index(checkout: Checkout) -> Iterator[Path]:
    """A copy of the worktree's index, which knows the sizes and times of unchanged files and so spares git reading them."""
    with tempfile.TemporaryDirectory(prefix="maestro-") as directory:
        index = Path(directory, "index")
        try:
            with open(checkout.git_dir / "index", "rb") as source, open(index, "wb") as copy:
                shutil.copyfileobj(source, copy)
                times = os.fstat(source.fileno())
        except FileNotFoundError:
            checkout.git.run("read-tree", "HEAD", index=index)
        else:
            # git trusts an entry only if the file is older than the index: a younger copy would hide changes made in the same second.
            os.utime(index, ns=(times.st_atime_ns, times.st_mtime_ns))
        yield index


class _Found(NamedTuple):
    """The commit that HEAD is at and the paths that differ from it; see `Content` for the others."""

    head: str
    paths: tuple[str, ...]
    nested: tuple[str, ...]
    unmerged: tuple[str, ...]


def _stage_everything(git: Git, index: Path) -> _Found:
    """Bring the private index to the state of the files."""
    looking = Git(git.cwd, {**git.env, **REMEMBER})  # the index is ours alone, and what was read once is not read again to add what differs
    unmerged: dict[str, None] = {}
    for attempt in range(1, _ATTEMPTS + 1):
        head, entries = status(looking, index=index)
        nested = [entry.path for entry in entries if entry.unknown and entry.path.endswith("/")]
        dirty = [f"{entry.path}/" for entry in entries if entry.submodule[0] == "S" and entry.submodule[2:] != ".."]
        unmerged |= dict.fromkeys(entry.path for entry in entries if entry.unmerged)
        changed = [entry.path for entry in entries if entry.unstaged != "." and entry.path not in nested]
        if not changed or _add(git, index, changed, nested, attempt):
            return _Found(head, tuple(entry.path for entry in entries), (*nested, *dirty), tuple(unmerged))
    raise AssertionError("the last attempt raises")


def _add(git: Git, index: Path, changed: Sequence[str], nested: Sequence[str], attempt: int) -> bool:
    """Take these files into the index, or whatever differs there where a few of them cannot be taken by name (a link stands where their folder was).

    False where git could not and another look may help. Raises Failed `git-failed` after the last one.
    """
    # git would add a nested repository as a submodule that nobody can fetch, or stop at one without commits.
    without = [f":(top,literal,exclude){path.rstrip('/')}" for path in nested]
    if attempt == 1 and len(changed) <= _BY_NAME:
        named = join_z([*map(literal, changed), *without])
        return git.run(*_ADD, "--pathspec-from-file=-", "--pathspec-file-nul", index=index, input=named, check=False).code == 0
    pathspecs = [".", *without]
    return git.run(*_ADD, "--", *pathspecs, index=index, check=attempt == _ATTEMPTS).code == 0


class _Rules(NamedTuple):
    """What is not the worker's to decide: `folders`, ending in `/`, and workers' reports at the root."""

    folders: tuple[str, ...]

    def is_result(self, path: str) -> bool:
        return fnmatchcase(path, RESULT_FILES) and "/" not in path

    def is_ours(self, path: str) -> bool:
        # Compared without case: on some file systems `.Maestro/plan.md` is the same file. With the slash: the folder may have become a file.
        return f"{path}/".casefold().startswith(tuple(folder.casefold() for folder in self.folders))

    def leave_out(self, path: str) -> bool:
        return self.is_result(path) or self.is_ours(path)


def _drop(git: Git, index: Path, base: str, rules: _Rules) -> tuple[str, ...]:
    """Set what is not the worker's to decide back to the base's version, in the private index. Returns what is worth telling."""
    options = ("--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=none")
    entries = [entry for entry in raw_entries(git.run("diff-index", *options, base, "--", index=index).fields) if rules.leave_out(entry.path)]
    # Removals first: a file may stand where the base has a folder.
    entries.sort(key=lambda entry: entry.old_mode != ABSENT)
    lines = [f"{entry.old_mode} {entry.old_id}\t{entry.path}" for entry in entries]
    if lines:
        git.run("update-index", "-z", "--index-info", index=index, input=join_z(lines))
    return tuple(sorted(entry.path for entry in entries if not rules.is_result(entry.path)))
