"""What differs in a worktree from its index and its HEAD, by one look at its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from maestro.git.names import literal
from maestro.git.runner import Git

REMEMBER: Mapping[str, str] = {"GIT_OPTIONAL_LOCKS": "1"}
"""Lets git write what it found into the index. Right after a checkout it cannot trust the times there and reads every file at each look, until it may note
them. It takes the index's lock for a moment: only for worktrees in which nobody works any more."""


class Entry(NamedTuple):
    """A path that differs. `staged`: index against HEAD, `unstaged`: file against index, by git's letters, `.` where there is no difference.

    What git does not know has `?` for both; a repository inside the worktree is one such path, ending in `/`.
    submodule: `N...`, or `S` with what is new in a submodule: commit, tracked content, untracked content
    """

    staged: str
    unstaged: str
    submodule: str
    path: str
    unmerged: bool = False

    @property
    def unknown(self) -> bool:
        return self.staged == "?"


def status(
    git: Git, *, submodules: Literal["none", "untracked", "dirty"] = "none", index: Path | None = None, within: Sequence[str] = ()
) -> tuple[str, list[Entry]]:
    """The commit that HEAD is at, and every path that differs; of those `within` only, where some are given (files, or folders ending in `/`).

    submodules: what git may leave out of account of those
    """
    options = ("--porcelain=v2", "--branch", "--no-ahead-behind", "-z", "--no-renames", "--untracked-files=all", f"--ignore-submodules={submodules}")
    head, entries = "", []
    for line in git.run("status", *options, "--", *map(literal, within), index=index).fields:
        match line[0]:
            case "#":
                head = line.removeprefix("# branch.oid ") if line.startswith("# branch.oid ") else head
            case "?":
                entries.append(Entry("?", "?", "N...", line[2:]))
            case kind:
                # 1 <XY> <sub> <mH> <mI> <mW> <hH> <hI> <path>; u <XY> <sub> <m1> <m2> <m3> <mW> <h1> <h2> <h3> <path>
                words = line.split(" ", 8 if kind == "1" else 10)
                entries.append(Entry(words[1][0], words[1][1], words[2], words[-1], kind == "u"))
    return head, entries
