"""One checkout shared by several workers: commits of some of its paths only, while the other paths go on changing."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from maestro.errors import Conflict, Unsafe
from maestro.git.checkout import Checkout, branch, head
from maestro.git.diffs import ABSENT, raw_entries
from maestro.git.names import branch_ref, full_id
from maestro.git.runner import Git, join_z


def tree_with(git: Git, base: str, source: str, paths: Sequence[str]) -> str:
    """The tree of commit `base` with these paths as they are in commit `source`; paths that `source` does not have are left out of it."""
    wanted = set(paths)
    lines = [line for line, path in _entries(git, base, source) if path in wanted]
    with tempfile.TemporaryDirectory(prefix="maestro-") as folder:
        index = Path(folder, "index")
        git.run("read-tree", "--end-of-options", full_id(base), index=index)
        git.run("update-index", "-z", "--index-info", index=index, input=join_z(lines))
        return git.run("write-tree", index=index).text


def move_branch(checkout: Checkout, name: str, expected: str, candidate: str) -> None:
    """Let the branch that is checked out move from `expected` to `candidate` by compare and swap; index and files stay as they are.

    Raises Unsafe `wrong-branch`, Conflict `head-moved`.
    """
    git = checkout.git
    if branch(git) != name:
        raise Unsafe("wrong-branch", f"{checkout.root} does not have {name} checked out.", hint=f"Run `git switch {name}`, then repeat.")
    result = git.run("update-ref", "-m", "maestro: land", "--end-of-options", branch_ref(name), full_id(candidate), full_id(expected), check=False)
    if result.code and head(git) != candidate:
        raise Conflict("head-moved", f"{name} is not at {expected[:10]} any more: somebody committed meanwhile.", hint="Repeat: the work is rebuilt on it.")


def refresh_index(checkout: Checkout, old: str, new: str) -> None:
    """Bring the index entries of the paths that differ between two commits to `new`, and no others; files are not touched. Repeating it changes nothing."""
    lines = [line for line, _ in _entries(checkout.git, old, new)]
    if lines:
        checkout.git.run("update-index", "-z", "--index-info", input=join_z(lines))
        checkout.git.run("update-index", "-q", "--refresh", check=False)


def _entries(git: Git, old: str, new: str) -> list[tuple[str, str]]:
    """`update-index --index-info` lines that turn `old` into `new`, with their paths; removals first, since a file may become a folder."""
    fields = git.lines_z(
        "diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--ignore-submodules=none", "--end-of-options", full_id(old), full_id(new)
    )
    entries = sorted(raw_entries(fields), key=lambda entry: entry.new_mode != ABSENT)
    return [(f"{entry.new_mode} {entry.new_id}\t{entry.path}", entry.path) for entry in entries]
