"""Which tasks' scopes meet, and where. Nothing compares all tasks with all: each place that a task claims collects the tasks that reach it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import field

from maestro.evidence.pathforms import compare_key, is_glob
from maestro.models.dependency import ScopeEntry
from maestro.models.plan import Access
from maestro.patterns import pattern
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Touch:
    """One task at one place. `whole` is false for a task that touches something inside a claimed folder or glob."""

    task: str
    entry: ScopeEntry
    whole: bool

    def conflicts(self, other: Touch) -> bool:
        """Two readers never meet; neither do two tasks inside one folder, unless they also meet at a path of their own."""
        return (self.entry.access.writes or other.entry.access.writes) and (self.whole or other.whole)


@dataclass(slots=True)
class Place:
    """A path, folder or glob that some task claims, and everyone who touches it."""

    path: str
    touches: dict[str, Touch] = field(default_factory=dict)

    def add(self, task: str, entry: ScopeEntry, whole: bool) -> None:
        """Keep the strongest touch of a task: the whole place before a part, writing before reading."""
        touch = Touch(task, entry, whole)
        known = self.touches.get(task)
        if known is None or (touch.whole, touch.entry.access.writes) > (known.whole, known.entry.access.writes):
            self.touches[task] = touch

    @property
    def creators(self) -> list[str]:
        return [touch.task for touch in self.touches.values() if touch.whole and touch.entry.access is Access.CREATE]


def places(scopes: Mapping[str, tuple[ScopeEntry, ...]]) -> list[Place]:
    """All places that two or more tasks reach and at least one of them writes, sorted by path."""
    claims: dict[str, list[tuple[str, ScopeEntry]]] = defaultdict(list)
    for task, entries in scopes.items():
        for entry in entries:
            claims[compare_key(entry.path)].append((task, entry))
    wide: dict[str, list[tuple[str, re.Pattern[str] | None]]] = defaultdict(list)
    found: dict[str, Place] = {}
    for key, claimed in claims.items():
        covers = key.endswith("/") or is_glob(key)
        if covers:
            wide[_literal_folder(key)].append((key, glob_pattern(key) if is_glob(key) else None))
        if covers or len(claimed) > 1:
            place = found[key] = Place(claimed[0][1].path)
            for task, entry in claimed:
                place.add(task, entry, whole=_claims_whole(entry))
    if wide:
        for task, entries in scopes.items():
            for entry in entries:
                for key in _around(compare_key(entry.path), wide):
                    found[key].add(task, entry, whole=False)
    return [found[key] for key in sorted(found) if len(found[key].touches) > 1 and any(touch.entry.access.writes for touch in found[key].touches.values())]


def _claims_whole(entry: ScopeEntry) -> bool:
    """To create a folder, or something in it, claims nothing that another task could not create beside it."""
    return not (entry.path.endswith("/") and entry.access is Access.CREATE)


def _around(key: str, wide: Mapping[str, list[tuple[str, re.Pattern[str] | None]]]) -> Iterator[str]:
    """The claimed folders and globs that cover `key`, or may share a file with it when it is a glob or folder itself."""
    folder = _literal_folder(key)
    exact = not (key.endswith("/") or is_glob(key))
    while True:
        for claimed, form in wide.get(folder, ()):
            if claimed != key and (form is None or not exact or form.fullmatch(key)):
                yield claimed
        if not folder:
            return
        folder = folder.rstrip("/").rpartition("/")[0]
        folder = folder + "/" if folder else ""


def _literal_folder(key: str) -> str:
    """The folder, with its slash, that everything matching `key` lies in; empty for the root."""
    literal = re.split(r"[*?{]", key, maxsplit=1)[0] if is_glob(key) else key
    return literal[: literal.rfind("/") + 1]


def glob_pattern(glob: str) -> re.Pattern[str]:
    """A glob as a pattern for whole paths: `*` stays within a folder, `**` crosses folders, `{a,b}` are alternatives."""
    return re.compile("".join(_translated(part) for part in _GLOB_PART.split(glob)))


def _translated(part: str) -> str:
    if part.startswith("{") and part.endswith("}"):
        return "(?:" + "|".join(re.escape(choice) for choice in part[1:-1].split(",")) + ")"
    return _WILDCARDS.get(part) or re.escape(part)


_GLOB_PART = pattern(r"(\*\*/|\*\*|\*|\?|\{[^{}]*\})")
_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
