"""Merging two commits without a working tree: what the result would be, and where it conflicts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from maestro.git.diffs import blobs
from maestro.git.names import full_id
from maestro.git.runner import Git, failure
from maestro.records import dataclass

_ID = re.compile(r"[0-9a-f]{40,64}\Z")
_CONFLICT = re.compile(r"CONFLICT \((?P<kind>.+)\)\Z")


@dataclass(frozen=True, slots=True)
class ConflictFile:
    """A file that two sides changed in ways that do not fit together.

    kind: `content`, `add/add`, `modify/delete`, `binary`, `file/directory`, `rename/rename` ... after git's own names
    lines: first and last line, from 1, of each conflict in the merged file, markers included; empty where there are no markers
    """

    path: str
    kind: str
    lines: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome of a trial merge: a `tree` without conflicts, or conflicts and the tree that holds their markers."""

    tree: str | None
    conflicts: tuple[ConflictFile, ...] = ()
    marked_tree: str | None = None


class _Stage(NamedTuple):
    mode: str
    stage: str


def trial_merge(git: Git, ours: str, theirs: str) -> Trial:
    """Merge two commits in memory. Raises Failed `git-failed` for anything but a merge that is clean or conflicting, Usage `revision-invalid`."""
    result = git.run("merge-tree", "--write-tree", "-z", "--messages", "--end-of-options", full_id(ours), full_id(theirs), check=False)
    tree, *rest = result.fields or [""]
    # A revision that cannot be read also ends with code 1; only a merge prints a tree first.
    if result.code not in (0, 1) or not _ID.match(tree):
        raise failure(result, git.cwd)
    if result.code == 0:
        return Trial(tree)
    end = rest.index("") if "" in rest else len(rest)
    stages = _stages(rest[:end])
    named = _named_kinds(rest[end + 1 :])
    paths = sorted(stages.keys() | named.keys())
    lines = _marked_lines(git, tree, ours, [path for path in paths if path in stages])
    return Trial(None, tuple(ConflictFile(path, _kind(stages.get(path, ()), named.get(path)), lines.get(path, ())) for path in paths), tree)


def _stages(entries: list[str]) -> dict[str, tuple[_Stage, ...]]:
    found: dict[str, tuple[_Stage, ...]] = {}
    for entry in entries:
        about, _, path = entry.partition("\t")
        mode, _, stage = about.split(" ")
        found[path] = (*found.get(path, ()), _Stage(mode, stage))
    return found


def _named_kinds(fields: list[str]) -> dict[str, str]:
    """git's own name of the conflict by path. Each message is: number of paths, the paths, its kind, its words."""
    kinds: dict[str, str] = {}
    remaining = iter(fields)
    for count in remaining:
        paths = [next(remaining) for _ in range(int(count))]
        conflict = _CONFLICT.match(next(remaining))
        next(remaining)
        if conflict:
            # The special kinds (binary, submodule) come before the general one for the same file.
            kinds = dict.fromkeys(paths, conflict["kind"]) | kinds
    return kinds


def _kind(stages: tuple[_Stage, ...], named: str | None) -> str:
    if named not in (None, "contents"):
        return str(named)
    return {"123": "content", "23": "add/add", "12": "modify/delete", "13": "modify/delete"}.get("".join(each.stage for each in stages), "content")


def _marked_lines(git: Git, tree: str, ours: str, paths: list[str]) -> dict[str, tuple[tuple[int, int], ...]]:
    entries = git.lines_z("ls-tree", "-r", "-z", tree) if paths else []
    wanted = set(paths)
    ids = {path: about.split(" ")[2] for about, _, path in (entry.partition("\t") for entry in entries) if path in wanted}
    contents = blobs(git, list(ids.values()))
    return {path: tuple(_conflicts_in(contents.get(each, b""), ours.encode())) for path, each in ids.items()}


def _conflicts_in(content: bytes, ours: bytes) -> Iterator[tuple[int, int]]:
    """Line ranges of git's own conflict markers; markers that stand in the text for another reason do not name the commit."""
    begin: tuple[int, bytes] | None = None
    for number, line in enumerate(content.splitlines(), start=1):
        marker = line.partition(b" ")[0]
        if line.startswith(b"<<<<<<<") and line[len(marker) + 1 :].startswith(ours):
            begin = (number, b">" * len(marker))
        elif begin and marker == begin[1]:
            yield begin[0], number
            begin = None
