"""The scope of a task: the paths it is expected to touch, and how.

Everything outside code blocks counts: fields, titles, sub-tasks, running text. A code block is an example, so the paths in it are no scope. A path that no
word explains is written, unless the task lists its files elsewhere: a plan rarely mentions what it does not mean to change, and a missed write costs more
than an edge too many.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import attrgetter

from maestro.evidence.access import REACH, access_after, access_before, label_access, leading_label
from maestro.evidence.pathforms import Escape, compare_key
from maestro.evidence.pathnames import PathNames
from maestro.evidence.tokens import SIGN, tokens
from maestro.evidence.view import View
from maestro.models.dependency import ScopeEntry
from maestro.models.notes import Note
from maestro.models.plan import Access, Plan, Task, TextLine
from maestro.patterns import pattern
from maestro.records import dataclass

_BOLD = pattern(r"(?<![\w/*])(\*\*|__)(?=[^\s*])(?P<inner>.+?)(?<=[^\s*/])\1(?![\w*])")
_RENAMES = pattern(r"\s*(?:->|→|=>)\s*")
_ARROW = pattern(r"^[`*\s]*(?:->|→|=>|➜)[`*\s]*$")
_TO = pattern(r"^[`*\s]*(?:to|into|as)\b[`*\s]*$")
_AND = pattern(r"^[`*\s]*(?:,|,?\s*and\b|&|\+|/|\bor\b)[`*\s]*$")
_ITEM = pattern(r"^\s*(?:[-*+•]|\d+[.)])\s")
_FILE_LABEL = pattern(r"\b(?:files?|paths?|location|create|modify|creates|modifies|touches)\b", re.IGNORECASE)
_path = attrgetter("path")
_RANK = {Access.READ: 0, None: 1, Access.MODIFY: 2, Access.RENAME: 3, Access.DELETE: 4, Access.CREATE: 5}


@dataclass(frozen=True, slots=True)
class _Sighting:
    path: str
    access: Access | None
    line: int
    listed: bool
    """Whether it stands in a list of files rather than in a sentence."""


def scopes(plan: Plan, view: View | None, lines: Mapping[str, Sequence[TextLine]]) -> tuple[dict[str, tuple[ScopeEntry, ...]], list[Note]]:
    """The scope of every task, sorted by path, and notes about paths that lie outside the repository. lines: the texts in which paths are looked for."""
    text = "\n".join([line.text for task in lines.values() for line in task if not line.code])
    names = PathNames(text, view.files() if view is not None else None, str(getattr(view, "root", "")) or None)
    opaque = plan.dialect == "neutral" and view is None
    seen: dict[str, list[_Sighting]] = {}
    notes: list[Note] = []
    for task in plan.tasks:
        finder = _Finder(names, opaque)
        seen[task.id] = finder.sightings(task, lines[task.id])
        notes += [
            Note("path-outside", f"Task {task.id} names {path}, which lies outside the repository: not part of its scope.", plan.where(line))
            for path, line in finder.outside.items()
        ]
    named_only = any("/" not in sighting.path for found in seen.values() for sighting in found)
    in_plan = _full_paths(sighting for found in seen.values() for sighting in found) if named_only else {}
    return {task: _scope(_with_folders(found, in_plan), names) for task, found in seen.items()}, notes


class _Finder:
    """Walks over the lines of one task and reports every path with the access that its surroundings give it."""

    def __init__(self, names: PathNames, opaque: bool) -> None:
        self.names = names
        self.opaque = opaque
        self.outside: dict[str, int] = {}

    def sightings(self, task: Task, lines: Sequence[TextLine]) -> list[_Sighting]:
        found = list(self._listed(task)) if task.files else []
        label: tuple[Access | None, bool] | None = None
        for line in lines:
            if line.code or not line.text.strip():
                continue
            text = _BOLD.sub(r"\g<inner>", line.text) if "**" in line.text or "__" in line.text else line.text
            own = leading_label(text)
            if own is not None and text.rstrip("*_` ").endswith((":", "：")):
                label = (label_access(own), bool(_FILE_LABEL.search(own)))
                continue
            if "#" in text and text.lstrip().startswith("#"):
                heading = text.strip("# *")
                label = (access_before(heading + " "), True) if _FILE_LABEL.search(heading) and len(heading) < 40 else None
                continue
            if label is not None and own is None and not text.startswith((" ", "\t")) and not _ITEM.match(text):
                label = None
            plainly = self.names.speaks_plainly(text)
            if plainly or SIGN.search(text):
                listed = bool(_FILE_LABEL.search(own)) if own is not None else label is not None and label[1]
                inherited = label[0] if label is not None and own is None else None
                found += self._in_line(text, line.line, inherited, listed, signed=not plainly)
        return found

    def _listed(self, task: Task) -> Iterator[_Sighting]:
        for mention in task.files:
            for number, token in enumerate(_RENAMES.split(mention.path)):
                if path := self._path(token, mention.line, declared=True):
                    remark = access_after(token[len(token.split()[0]) :]) if mention.access is None else mention.access
                    yield _Sighting(path, Access.CREATE if number else remark, mention.line, True)

    def _in_line(self, text: str, line: int, inherited: Access | None, listed: bool, *, signed: bool) -> Iterator[_Sighting]:
        last: _Sighting | None = None
        end = 0
        for token in tokens(text, self.names.may_be_path, signed=signed):
            path = self._path(token.text, line, marked=token.marked)
            if path is None:
                continue
            left, right = text[max(0, token.start - REACH) : token.start], text[token.end : token.end + REACH]
            access = token.access or access_after(right) or access_before(left, path.endswith("/"))
            if last is not None and token.access is None:
                between = text[end : token.start]
                if _AND.match(between):
                    access = last.access
                elif _ARROW.match(between) or (last.access is Access.RENAME and _TO.match(between)):
                    yield _Sighting(last.path, Access.RENAME, line, listed)
                    access = Access.CREATE
            last, end = _Sighting(path, access or inherited, line, listed), token.end
            yield last

    def _path(self, token: str, line: int, *, declared: bool = False, marked: bool = False) -> str | None:
        try:
            return self.names.declared(token) if declared else self.names.recognise(token, marked)
        except Escape as escape:
            path = str(escape)
            if (known := self.names.inside(path)) is not None:
                return known
            if self.opaque and path.startswith("/"):
                return path.lstrip("/")
            self.outside.setdefault(path, line)
            return None


def _full_paths(found: Iterable[_Sighting]) -> dict[str, set[str]]:
    """The paths with a folder, by the name they end in."""
    full: dict[str, set[str]] = defaultdict(set)
    for sighting in found:
        folder, _, name = sighting.path.rpartition("/")
        if folder and name:
            full[compare_key(name)].add(sighting.path)
    return full


def _with_folders(found: list[_Sighting], in_plan: Mapping[str, set[str]]) -> list[_Sighting]:
    """A name without folder means the file of that name that the task, or else the plan, gives in full, when there is only one."""
    if all("/" in sighting.path for sighting in found):
        return found
    in_task = _full_paths(found)

    def full(sighting: _Sighting) -> _Sighting:
        if "/" in sighting.path:
            return sighting
        key = compare_key(sighting.path)
        known = in_task.get(key) or in_plan.get(key) or set()
        return _Sighting(next(iter(known)), sighting.access, sighting.line, sighting.listed) if len(known) == 1 else sighting

    return [full(sighting) for sighting in found]


def _scope(found: list[_Sighting], names: PathNames) -> tuple[ScopeEntry, ...]:
    lists_files = any(sighting.listed and sighting.access is not Access.READ for sighting in found)
    best: dict[str, _Sighting] = {}
    for sighting in found:
        if lists_files and not sighting.listed and sighting.access is None:
            sighting = _Sighting(sighting.path, Access.READ, sighting.line, sighting.listed)
        key = compare_key(sighting.path)
        known = best.get(key)
        if known is None or (_RANK[sighting.access], sighting.listed) > (_RANK[known.access], known.listed):
            best[key] = sighting
    kept = [sighting for sighting in best.values() if sighting.listed or sighting.path[-1] != "/" or not _only_says_where(sighting, best.values())]
    return tuple(sorted([_entry(sighting, names) for sighting in kept], key=_path))


def _only_says_where(sighting: _Sighting, others: Iterable[_Sighting]) -> bool:
    """A folder in a sentence that also names files below it tells where they lie; it is no claim to the whole folder."""
    return any(other.path != sighting.path and other.path.startswith(sighting.path) and other.access is not Access.READ for other in others)


def _entry(sighting: _Sighting, names: PathNames) -> ScopeEntry:
    exists = names.has(sighting.path)
    access = sighting.access
    if sighting.path.endswith("/"):
        access = access or (Access.MODIFY if sighting.listed else Access.READ)
    elif access is None:
        access = Access.CREATE if exists is False else Access.MODIFY
    elif access is Access.CREATE and exists:
        access = Access.MODIFY
    return ScopeEntry(sighting.path, access, sighting.line)
