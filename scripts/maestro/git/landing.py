"""Changing the user's own checkout: by fast-forward only, and never over a file the user has touched."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from maestro.errors import Conflict, Failed, Unsafe
from maestro.git.checkout import Checkout, head, is_ancestor, tracked_changes
from maestro.git.diffs import ABSENT, RawEntry, steps
from maestro.git.integration import HOOKS, refused
from maestro.git.names import full_id, literal, message_text
from maestro.git.patience import patiently
from maestro.git.position import position
from maestro.git.runner import Git, join_z
from maestro.git.status import status
from maestro.git.taking_back import take_back

_FROM_STDIN = ("--pathspec-from-file=-", "--pathspec-file-nul")


def land(checkout: Checkout, branch: str, expected: str, candidate: str) -> tuple[str, ...]:
    """Move the checkout's branch, index and files from commit `expected` to `candidate`. At `candidate` already, there is nothing to do.

    Gives the paths of other changes in the checkout, which stay as they are.
    Raises Unsafe `wrong-branch`, Conflict `head-moved`, Unsafe `in-the-way` naming the user's files that the step would overwrite, Locked `git-busy`,
    Failed `landing-failed`. Nothing is half done: branch and files are at `expected` or at `candidate`.
    """
    git = checkout.git
    current = require_branch(checkout, branch)
    if current == full_id(candidate):
        return ()
    require_step(git, current, expected, candidate)
    step = steps(git, expected, candidate)
    beside = _require_free_way(checkout, step)
    # Explicit against branch.<name>.mergeOptions and merge.autoStash; git would overwrite ignored files without a word.
    options = ("--ff-only", "--no-squash", "--no-autostash", "--no-overwrite-ignore", "--quiet")
    result = patiently(checkout, "merge", *options, "--end-of-options", candidate, env={"GIT_REFLOG_ACTION": "maestro"}, check=False)
    current = require_branch(checkout, branch)
    if current == candidate:
        return beside
    if current != expected:
        raise Conflict("head-moved", f"{branch} moved to {current} meanwhile; nothing was landed.", hint="Repeat: the work is rebuilt on it.")
    left = take_back(checkout, expected, step)
    state = f"Half written, to be restored with `git checkout -- <file>`: {', '.join(left)}." if left else "Nothing was changed."
    raise Failed("landing-failed", f"git did not move {branch} to {candidate}: {result.said}", hint=f"{state} Do as git says, then repeat.")


def commit_paths(checkout: Checkout, paths: Sequence[str], message: str) -> str | None:
    """Commit these files and folders (relative to the root), new files included, and nothing else; the rest of the index stays as it is.

    None when nothing changed, or git ignores them all. Raises Failed `commit-refused`, Locked `git-busy`.
    """
    git = checkout.git
    pathspecs = [literal(path) for path in paths]
    if not pathspecs:
        return None
    _, entries = status(git, submodules="dirty", within=paths)
    known = [entry for entry in entries if not entry.unknown]
    new = [entry.path for entry in entries if entry.unknown and not entry.path.endswith("/")]
    changed = [entry.path for entry in known]
    if any("." not in (entry.staged, entry.unstaged) for entry in known):  # the file may be what HEAD has
        comparing = ("--name-only", "-z", "--no-ext-diff", "--no-renames", "--no-relative", "--ignore-submodules=dirty")
        changed = git.lines_z("diff", *comparing, "HEAD", "--", *pathspecs)
    changed += new
    if not changed:
        return None
    before = head(git)
    selected = join_z(literal(path) for path in changed)
    try:
        if new:
            # An intention to add is enough for git to know the file; its content is read when the commit is made.
            patiently(checkout, "add", "--intent-to-add", "--sparse", *_FROM_STDIN, input=join_z(literal(path) for path in new))
        options = ("--only", "--quiet", "--cleanup=whitespace", f"--message={message_text(message)}")
        result = patiently(checkout, "commit", *options, *_FROM_STDIN, input=selected, check=False)
        if result.code != 0:
            raise refused(result)
    except BaseException:
        if head(git) == before:
            _forget(checkout, new)
        raise
    after = head(git)
    if after == before:
        raise Failed("commit-refused", f"git reported a commit, but {after} is still the last one.", hint=HOOKS)
    return after


def require_branch(checkout: Checkout, wanted: str) -> str | None:
    """The commit that this branch is at. Raises Unsafe `wrong-branch` unless it is checked out."""
    found, commit = position(checkout)
    if found != wanted:
        where = f"branch {found}" if found else "no branch (detached HEAD)"
        raise Unsafe("wrong-branch", f"{checkout.root} has {where} checked out, not {wanted}.", hint=f"Run `git switch {wanted}`, then repeat.")
    return commit


def require_step(git: Git, current: str | None, expected: str, candidate: str) -> None:
    """Raise Conflict `head-moved` unless the branch is where it is expected and the candidate follows."""
    if current != full_id(expected):
        raise Conflict("head-moved", f"The branch is at {current}, not at {expected}: somebody committed meanwhile.", hint="Repeat: the work is rebuilt on it.")
    if not is_ancestor(git, expected, candidate):
        raise Conflict("head-moved", f"{candidate} does not follow {expected}.", hint="Repeat: the work is rebuilt on the current commit.")


def _require_free_way(checkout: Checkout, step: list[RawEntry]) -> tuple[str, ...]:
    """The paths that are changed in the checkout, none of which the step needs."""
    touched = {entry.path for entry in step}
    above = {str(parent) for path in touched for parent in Path(path).parents}
    # A staged file in a folder that becomes a file, or the reverse, is lost without a word by git's own fast-forward.
    changed = tracked_changes(checkout, ignore=())
    blocking = {path for path in changed if path in touched or path in above or any(str(parent) in touched for parent in Path(path).parents)}
    blocking |= _untracked_in_the_way(checkout, step)
    if blocking:
        paths = sorted(blocking)
        shown = ", ".join(paths[:10]) + (f" and {len(paths) - 10} more" if len(paths) > 10 else "")
        hint = "Commit, stash or move these files, then repeat."
        raise Unsafe("in-the-way", f"Files that you changed, or that git does not know, would be overwritten: {shown}.", hint=hint, where=paths[0])
    return changed


def _untracked_in_the_way(checkout: Checkout, step: list[RawEntry]) -> set[str]:
    """Files, ignored ones too, where the step makes a file or a folder."""
    added = [entry.path for entry in step if entry.old_mode == ABSENT]
    leaving = {entry.path for entry in step if entry.new_mode == ABSENT}
    if added and leaving and _ignores_case(checkout.git):
        renamed = {path.casefold() for path in leaving}
        added = [path for path in added if path.casefold() not in renamed]
    found = set()
    for path in added:
        for place in (path, *(str(parent) for parent in Path(path).parents if parent != Path("."))):
            there = checkout.root / place
            if place not in leaving and os.path.lexists(there) and (there.is_symlink() or not there.is_dir()):
                found.add(place)
        if (checkout.root / path).is_dir() and not (checkout.root / path).is_symlink():
            found.update(checkout.git.lines_z("ls-files", "--others", "-z", "--", literal(path)))
    return found


def _ignores_case(git: Git) -> bool:
    return git.run("config", "--type=bool", "--get", "core.ignoreCase", check=False).text == "true"


def _forget(checkout: Checkout, paths: Sequence[str]) -> None:
    """Take back the intention to add."""
    if paths:
        checkout.git.run("update-index", "--force-remove", "-z", "--stdin", input=join_z(paths), check=False)
