"""The user's checkout: where it is, what state it is in, and whether work may start there."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from maestro import files
from maestro.errors import Failed, Unsafe
from maestro.git.names import BRANCHES, branch_ref, is_full_id
from maestro.git.runner import Git, failure, join_z, version
from maestro.git.stamps import Stamp, pointer_stamp
from maestro.records import dataclass

OLDEST_GIT = (2, 38)
"""`git merge-tree --write-tree` came with 2.38."""

BOOKKEEPING = (".maestro/", ".beads/")
"""Folders whose changes are maestro's own business and no obstacle to it."""

_SEPARATOR = "--maestro"

_OPERATIONS = (
    ("MERGE_HEAD", "merge", "git merge --continue` or `git merge --abort"),
    ("rebase-merge", "rebase", "git rebase --continue` or `git rebase --abort"),
    ("rebase-apply", "rebase or am", "git rebase --abort` or `git am --abort"),
    ("CHERRY_PICK_HEAD", "cherry-pick", "git cherry-pick --continue` or `git cherry-pick --abort"),
    ("REVERT_HEAD", "revert", "git revert --continue` or `git revert --abort"),
    ("BISECT_LOG", "bisect", "git bisect reset"),
)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A working tree with its git folders. `common_dir` is shared by all worktrees of the repository, `git_dir` is this one's own."""

    root: Path
    git_dir: Path
    common_dir: Path

    @property
    def git(self) -> Git:
        """git, run at the root of the working tree."""
        return Git(self.root)

    @property
    def linked(self) -> bool:
        """Made by `git worktree add`, beside the main checkout."""
        return self.git_dir != self.common_dir


def find_checkout(start: Path) -> Checkout:
    """The checkout that `start` lies in. Raises Unsafe `not-a-repository` or `bare-repository`, NotFound `directory-missing`."""
    # rev-parse prints an option it does not know as it stands, which parts paths that may themselves hold line breaks.
    asked = ("--is-bare-repository", "--path-format=absolute", "--git-dir", _SEPARATOR, "--git-common-dir", _SEPARATOR, "--show-toplevel")
    result = Git(start).run("rev-parse", *asked, check=False)
    bare, _, rest = os.fsdecode(result.out).partition("\n")
    if result.code == 0:
        git_dir, common_dir, root = rest.removesuffix("\n").split(f"\n{_SEPARATOR}\n")
        return Checkout(Path(root), Path(git_dir), Path(common_dir))
    if bare == "true":
        raise Unsafe("bare-repository", f"{start} is a bare repository, without files to work on.", hint="Run maestro in a checkout of it.", where=str(start))
    if "dubious ownership" in result.err:
        raise Unsafe("not-a-repository", f"git does not trust the repository at {start}: {result.said}", hint="Do as git says, then repeat.", where=str(start))
    inside = f"{start} lies inside a git folder." if bare else f"{start} is not in a git repository ({result.err.strip()})."
    raise Unsafe("not-a-repository", inside, hint="Run maestro in a checkout, or `git init` and commit first.", where=str(start))


def worktree_at(path: Path) -> Checkout:
    """The checkout whose root is exactly `path`.

    git looks upward for a repository, so in a directory that lost its `.git` file every command would act on the checkout around it. For a linked worktree
    git is asked once in a process, and again when one of the files behind its answer was written.
    Raises NotFound `directory-missing`, Unsafe `not-a-worktree`.
    """
    stamp = pointer_stamp(path)
    checkout = _found(path, stamp) if stamp else find_checkout(path)
    if checkout.root != path.resolve():
        message = f"{path} is not the root of a checkout; git takes it for a part of {checkout.root}."
        raise Unsafe("not-a-worktree", message, hint="`git worktree list` shows the checkouts there are.", where=str(path))
    return checkout


@lru_cache(maxsize=32)
def _found(path: Path, stamp: Stamp) -> Checkout:
    return find_checkout(path)


def linked_worktree_at(path: Path) -> Checkout:
    """The linked worktree at `path`, for calls that must never touch a main checkout. Raises as `worktree_at`, and Unsafe `main-checkout`."""
    checkout = worktree_at(path)
    if not checkout.linked:
        hint = "Change to the worker's worktree, then repeat: `worktree.py list` shows them."
        raise Unsafe("main-checkout", f"{path} is a main checkout and not a worktree made beside one.", hint=hint, where=str(path))
    return checkout


def points_to(path: Path, common_dir: Path) -> bool:
    """Whether `path` has the `.git` file of a linked worktree of this repository. Read from disk, without git: for looks, not before effects."""
    try:
        pointer = (path / ".git").read_bytes()
        entry = path / os.fsdecode(pointer.removeprefix(b"gitdir: ").rstrip(b"\n"))
        shared = os.fsdecode((entry / "commondir").read_bytes().rstrip(b"\n"))
    except OSError:
        return False
    return pointer.startswith(b"gitdir: ") and (entry / shared).resolve() == common_dir.resolve()


def head(git: Git) -> str | None:
    """The id of the current commit, None on a branch without commits."""
    return commit_of(git, "HEAD")


def commit_of(git: Git, rev: str) -> str | None:
    """The full id of the commit that `rev` names, None when there is none."""
    result = git.run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}", check=False)
    if result.code == 1:
        return None
    if result.code != 0:
        raise failure(result, git.cwd)
    return result.text


def branch(git: Git) -> str | None:
    """The branch that is checked out, None when HEAD is detached."""
    result = git.run("symbolic-ref", "--quiet", "HEAD", check=False)
    return result.text.removeprefix(BRANCHES) if result.code == 0 else None


def standing(git: Git) -> tuple[str | None, str | None]:
    """`branch` and `head` by one call, so that they belong together."""
    result = git.run("rev-parse", "HEAD^{commit}", "--symbolic-full-name", "HEAD", check=False)
    words = result.text.splitlines()
    if result.code == 0 and len(words) == 2 and (words[1] == "HEAD" or words[1].startswith(BRANCHES)):
        return (None if words[1] == "HEAD" else words[1].removeprefix(BRANCHES)), words[0]
    return branch(git), head(git)


def is_ancestor(git: Git, a: str, b: str) -> bool:
    """Whether `b` contains `a`. A commit contains itself."""
    result = git.run("merge-base", "--is-ancestor", "--end-of-options", a, b, check=False)
    if result.code not in (0, 1):
        raise failure(result, git.cwd)
    return result.code == 0


def commit_tree_of(git: Git, rev: str) -> str:
    """The id of the tree of `rev`. That of a commit's full id is the same for ever and everywhere, and is asked for once in a process."""
    if not is_full_id(rev):
        return _ask_tree(git, rev)
    if rev not in _trees:
        remember_tree(rev, _ask_tree(git, rev))
    return _trees[rev]


_TREES = 256
_trees: dict[str, str] = {}


def remember_tree(commit: str, tree: str) -> None:
    """Let `commit_tree_of` know a commit's tree that git has just told."""
    if len(_trees) == _TREES:
        _trees.clear()
    _trees[commit] = tree


def _ask_tree(git: Git, rev: str) -> str:
    return git.text("rev-parse", "--verify", "--end-of-options", f"{rev}^{{tree}}")


def require_ready(checkout: Checkout, wanted: str | None = None) -> None:
    """Raise Unsafe unless a run may start here.

    wanted: the branch that it will switch to first, None for the one that is checked out
    The slugs: `git-too-old`, `operation-in-progress`, `no-commits`, `detached-head`, `no-identity`, `git-folder-read-only`.
    """
    where = str(checkout.root)
    if version() < OLDEST_GIT:
        found, needed = (".".join(map(str, numbers)) for numbers in (version(), OLDEST_GIT))
        raise Unsafe("git-too-old", f"git {found} is too old: maestro needs {needed} or newer.", hint="Install a newer git.")
    for marker, operation, commands in _OPERATIONS:
        if (checkout.git_dir / marker).exists():
            raise Unsafe("operation-in-progress", f"A {operation} is in progress in {where}.", hint=f"Finish it first: `{commands}`.", where=where)
    if head(checkout.git) is None:
        raise Unsafe("no-commits", "The current branch has no commits yet.", hint="Commit what you have (`git add -A; git commit`), then repeat.", where=where)
    if branch(checkout.git) is None:
        _require_way_off(checkout, wanted)
    for identity in ("GIT_COMMITTER_IDENT", "GIT_AUTHOR_IDENT"):
        if checkout.git.run("var", identity, check=False).code != 0:
            hint = 'Run `git config user.name "Your Name"` and `git config user.email you@example.com`.'
            raise Unsafe("no-identity", "git does not know who commits here.", hint=hint, where=where)
    _require_writable(checkout)


def _require_way_off(checkout: Checkout, wanted: str | None) -> None:
    """On a detached HEAD a run may start only where the caller names a branch that can be made here, or that has all that HEAD has: nothing is left behind."""
    tip, where = head(checkout.git) or "", str(checkout.root)
    if wanted is None:
        message = f"No branch is checked out (HEAD is detached at {tip[:7]}), so there is nowhere to put the work."
        hint = "Name a new branch for it with `--branch NAME` of `run.py start` or `run.py exec`, or go to one: `git switch BRANCH`. Then repeat."
        raise Unsafe("detached-head", message, hint=hint, where=where)
    known = commit_of(checkout.git, branch_ref(wanted))
    if known is not None and not is_ancestor(checkout.git, tip, known):
        message = f"HEAD is detached at {tip[:7]}, which branch {wanted} does not have: switching to it would leave that behind."
        hint = f"Give `--branch` the name of a new branch, or run `git switch {shlex.quote(wanted)}` if it is to be built on as it is. Then repeat."
        raise Unsafe("detached-head", message, hint=hint, where=where)


def tracked_changes(checkout: Checkout, ignore: Sequence[str] = BOOKKEEPING) -> tuple[str, ...]:
    """Paths whose staged or unstaged content differs from HEAD, outside the `ignore`d folders. A submodule counts when its commit moved."""
    entries = checkout.git.lines_z("status", "--porcelain", "-z", "--untracked-files=no", "--no-renames", "--ignore-submodules=dirty")
    folders = tuple(ignore)
    return tuple(entry[3:] for entry in entries if not f"{entry[3:]}/".startswith(folders))


def untracked(checkout: Checkout) -> tuple[str, ...]:
    """Files that git neither tracks nor ignores. A repository inside the checkout is one entry, ending in `/`."""
    return tuple(checkout.git.lines_z("ls-files", "--others", "--exclude-standard", "-z"))


def remotes(git: Git) -> tuple[str, ...]:
    """The names of all remotes, empty where there are none."""
    return tuple(git.text("remote").splitlines())


def default_branch(git: Git) -> str | None:
    """The branch that others build on: what the remote calls its HEAD, else the configured or customary name among the branches there are."""
    names = remotes(git)
    for remote in sorted(names, key=lambda name: (name != "origin", name)):
        result = git.run("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD", check=False)
        if result.code == 0:
            return result.text.removeprefix(f"refs/remotes/{remote}/")
    configured = git.run("config", "--get", "init.defaultBranch", check=False).text
    customary = [name for name in (configured, "main", "master", "trunk") if name]
    places = [BRANCHES, *(f"refs/remotes/{remote}/" for remote in names)]
    present = set(git.text("for-each-ref", "--format=%(refname)", *places).splitlines())
    return next((name for name in customary if any(place + name in present for place in places)), None)


def switch_branch(checkout: Checkout, name: str) -> None:
    """Check out a branch, made anew where it does not exist. git itself refuses where that would overwrite anything: Failed `branch-switch-failed`."""
    if branch(checkout.git) == name:
        return
    known = commit_of(checkout.git, branch_ref(name)) is not None
    result = checkout.git.run("switch", *(() if known else ("-c",)), name, check=False)
    if result.code:
        raise Failed("branch-switch-failed", f"git could not switch to {name}: {result.said}", hint="Give another --branch, or switch yourself.")


def is_ignored(git: Git, path: str) -> bool:
    """Whether git ignores this path, relative to the directory git runs in. Tracked files never are."""
    return bool(ignored_among(git, (path,)))


def ignored_among(git: Git, paths: Sequence[str]) -> frozenset[str]:
    """Those of the paths that git ignores."""
    if not paths:
        return frozenset()
    # `./` keeps a leading `:` from being read as pathspec magic, which check-ignore does not support.
    result = git.run("check-ignore", "-z", "--stdin", input=join_z([f"./{path}" for path in paths]), check=False)
    if result.code not in (0, 1):
        raise failure(result, git.cwd)
    return frozenset(path.removeprefix("./") for path in result.fields)


def exclude_locally(checkout: Checkout, patterns: Sequence[str]) -> None:
    """Make git ignore these patterns in every worktree of this clone, without touching a file that is shared with others."""
    path = checkout.common_dir / "info" / "exclude"
    with files.lock(checkout.common_dir / "maestro" / "exclude.lock", purpose="local excludes"):
        known = path.read_bytes() if path.exists() else b""
        present = set(known.splitlines())
        missing = [line for line in map(os.fsencode, patterns) if line not in present]
        if missing:
            path.parent.mkdir(exist_ok=True)
            with open(path, "ab") as stream:
                stream.write((b"" if known.endswith(b"\n") or not known else b"\n") + b"".join(line + b"\n" for line in missing))


def _require_writable(checkout: Checkout) -> None:
    import tempfile

    # Trying tells the truth where permission bits do not: sandboxes, read-only mounts, other users' files.
    for directory in (checkout.git_dir, checkout.common_dir, checkout.common_dir / "objects"):
        try:
            with tempfile.TemporaryFile(dir=directory):
                pass
        except OSError as error:
            hint = "Allow writing there (sandbox settings, permissions), then repeat."
            raise Unsafe("git-folder-read-only", f"{directory} cannot be written: {error.strerror}.", hint=hint, where=str(directory)) from None
