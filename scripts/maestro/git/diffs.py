"""What changed between two commits or trees, as git's plumbing sees it: the same for every user, whatever their diff settings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from maestro.git.names import literal
from maestro.git.runner import Git, Result
from maestro.git.status import status
from maestro.records import dataclass

Kind = Literal["added", "modified", "deleted", "renamed", "type"]

ABSENT = "000000"
EXECUTABLE = "100755"
FILE = "100644"
SUBMODULE = "160000"
SYMLINK = "120000"

_KINDS: dict[str, Kind] = {"A": "added", "M": "modified", "D": "deleted", "R": "renamed", "T": "type"}

_SNIFFED = 8000
"""git calls a file binary when there is a NUL among its first 8000 bytes."""

_POINTER = b"version https://git-lfs.github.com/spec/"
"""What git-lfs keeps in the repository, in three lines, for a large file that lies elsewhere."""

_POINTER_LINES = 3


@dataclass(frozen=True, slots=True)
class FileChange:
    """One changed file. `old_path` is its former name when it was renamed; the modes are git's, `000000` where there is no file.

    `binary`: there is no text to look at, here or (with git-lfs) where the content lies.
    """

    path: str
    kind: Kind
    old_path: str | None
    binary: bool
    old_mode: str
    new_mode: str

    @property
    def symlink(self) -> bool:
        """It is a symbolic link, or was one."""
        return SYMLINK in (self.old_mode, self.new_mode)

    @property
    def submodule(self) -> bool:
        """It is the commit of a submodule, or was one."""
        return SUBMODULE in (self.old_mode, self.new_mode)

    @property
    def executable_changed(self) -> bool:
        """An existing file became executable or ceased to be."""
        return {self.old_mode, self.new_mode} == {FILE, EXECUTABLE}


class RawEntry(NamedTuple):
    """One entry of git's raw diff format. `old_path` equals `path` unless the file was renamed."""

    old_mode: str
    new_mode: str
    old_id: str
    new_id: str
    status: str
    old_path: str
    path: str


def changes(git: Git, old: str, new: str) -> tuple[FileChange, ...]:
    """The files that differ between two commits or trees, sorted by path. Neither ever changes: a pair that was just asked for is known."""
    return _changes(git.cwd, tuple(git.env.items()), old, new)


@lru_cache(maxsize=4)
def _changes(cwd: Path, env: tuple[tuple[str, str], ...], old: str, new: str) -> tuple[FileChange, ...]:
    git = Git(cwd, dict(env))
    entries, counts = _diff(git, old, new)
    binary = _binary_among(git, [entry for entry in entries if max(counts.get(entry.path) or (0, 0)) <= _POINTER_LINES])
    found = (
        FileChange(
            path=entry.path,
            kind=_KINDS[entry.status[0]],
            old_path=entry.old_path if entry.old_path != entry.path else None,
            binary=entry.path in binary,
            old_mode=entry.old_mode,
            new_mode=entry.new_mode,
        )
        for entry in entries
    )
    return tuple(sorted(found, key=lambda change: change.path))


def line_counts(git: Git, old: str, new: str) -> dict[str, tuple[int, int] | None]:
    """Added and deleted lines of each path that differs, None where git sees no lines. A renamed file goes by its new path."""
    return _diff(git, old, new)[1]


def steps(git: Git, old: str, new: str) -> list[RawEntry]:
    """What has to be done to each path on the way from `old` to `new`: a rename is one path that goes and one that comes."""
    return raw_entries(git.lines_z("diff-tree", "-r", "-z", "--no-renames", "--ignore-submodules=none", "--end-of-options", old, new))


def worktree_paths(git: Git, base: str, within: Sequence[str] = ()) -> list[str]:
    """Paths of the worktree that differ from the commit `base` as they are now, uncommitted and untracked ones included; `within` as in `status`.

    One call of git, and a second one where there are commits since `base`, or where the index and the file differ from HEAD each in its own way.
    """
    head, entries = status(git, submodules="untracked", within=within)
    known = [entry for entry in entries if not entry.unknown]
    if head == base and all("." in (entry.staged, entry.unstaged) for entry in known):
        return [entry.path for entry in entries]
    return git.lines_z("diff", "--name-only", "-z", "--no-renames", base, "--", *map(literal, within)) + [entry.path for entry in entries if entry.unknown]


def raw_entries(fields: list[str]) -> list[RawEntry]:
    """Consume the raw entries at the beginning of `fields`, which keeps what follows them."""
    entries = []
    position = 0
    while position < len(fields) and fields[position].startswith(":"):
        old_mode, new_mode, old_id, new_id, status = fields[position][1:].split(" ")
        paths = fields[position + 1 : position + (3 if status[0] in "RC" else 2)]
        position += 1 + len(paths)
        entries.append(RawEntry(old_mode, new_mode, old_id, new_id, status, paths[0], paths[-1]))
    del fields[:position]
    return entries


def blobs(git: Git, ids: list[str]) -> dict[str, bytes]:
    """The contents of blobs by id. Ids that name nothing are left out."""
    if not ids:
        return {}
    output = git.run("cat-file", "--batch", input="".join(f"{each}\n" for each in ids).encode()).out
    found = {}
    position = 0
    while position < len(output):
        end = output.index(b"\n", position)
        words = output[position:end].split(b" ")
        position = end + 1
        if words[-1] != b"missing":
            size = int(words[2])
            found[words[0].decode()] = output[position : position + size]
            position += size + 1
    return found


def _diff(git: Git, old: str, new: str) -> tuple[list[RawEntry], dict[str, tuple[int, int] | None]]:
    options = ("-r", "-z", "-M", "-l1000", "--full-index", "--no-abbrev", "--no-ext-diff", "--no-textconv", "--no-relative", "--ignore-submodules=none")
    result: Result = git.run("diff-tree", *options, "--raw", "--numstat", "--end-of-options", old, new)
    fields = result.fields
    entries = raw_entries(fields)
    return entries, _counts(fields)


def _counts(fields: list[str]) -> dict[str, tuple[int, int] | None]:
    """Added and deleted lines by (new) path, None where git sees no lines."""
    counts: dict[str, tuple[int, int] | None] = {}
    remaining = iter(fields)
    for field in remaining:
        added, deleted, path = field.split("\t", 2)
        if not path:
            next(remaining)
            path = next(remaining)
        counts[path] = None if added == "-" else (int(added), int(deleted))
    return counts


def _binary_among(git: Git, entries: list[RawEntry]) -> frozenset[str]:
    # Attributes such as `*.lock -diff` hide the lines of plain text, and pointers look like it; only the content tells.
    files = [entry for entry in entries if SUBMODULE not in (entry.old_mode, entry.new_mode)]
    ids = {entry.path: [each for each in (entry.old_id, entry.new_id) if each.strip("0")] for entry in files}
    contents = blobs(git, [each for pair in ids.values() for each in pair])
    return frozenset(path for path, pair in ids.items() if any(_is_binary(contents.get(each, b"")) for each in pair))


def _is_binary(content: bytes) -> bool:
    return b"\0" in content[:_SNIFFED] or content.startswith(_POINTER)


def file_text(git: Git, commit: str, path: str) -> str:
    """What a file holds in a commit; empty where it is not there. Bytes that are no text are replaced."""
    result = git.run("cat-file", "blob", f"{commit}:{path}", check=False)
    return result.out.decode("utf-8", "replace") if result.code == 0 else ""
