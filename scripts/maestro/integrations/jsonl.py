"""Reads `issues.jsonl`, the file in which trackers of the beads family hand their issues on. Only ever read: the tools' own databases claim to be right too."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from maestro.errors import InvalidDocument, NotFound
from maestro.integrations.issues import BLOCKING, PARENT, STATUSES, Issue, Issues
from maestro.models.notes import Note

_PARENTS = (PARENT, PARENT.replace("-", "_"))
_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


def read_issues(path: Path, shown: str) -> Issues:
    """All issues of a file. Raises NotFound `file-missing` and what `parse_issues` raises."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound("file-missing", f"{shown} does not exist.", where=shown) from None
    return parse_issues(data, shown)


def parse_issues(data: bytes, shown: str) -> Issues:
    """All issues in a document of one JSON object a line. Records of other things (`_type`) are left out; of a repeated id the newest is kept.

    Raises InvalidDocument `beads-conflict-markers` and `beads-invalid`: half of a tracker is no tracker.
    """
    found: dict[str, Issue] = {}
    repeated: dict[str, list[int]] = {}
    unknown: Counter[str] = Counter()
    for number, record in _records(data, shown):
        if record.get("_type", "issue") != "issue":
            continue
        issue = issue_of(record, number)
        if issue is None:
            raise InvalidDocument("beads-invalid", f"{shown} holds an issue without an id.", hint="Correct that line.", where=f"{shown}:{number}")
        if issue.status not in STATUSES:
            unknown[issue.status] += 1
        known = found.get(issue.id)
        if known is not None:
            repeated.setdefault(issue.id, [known.line]).append(number)
            if not _newer(issue, known):
                continue
        found[issue.id] = issue
    notes = [
        Note("beads-duplicate-id", f"{name} stands {len(lines)} times; the newest counts.", f"{shown}:{found[name].line}") for name, lines in repeated.items()
    ]
    notes += [Note("beads-status-unknown", f"{count} issues have the status {status!r}; they count as not over.", shown) for status, count in unknown.items()]
    return Issues(found, tuple(notes), shown)


def issue_of(record: Mapping[str, Any], line: int = 0) -> Issue | None:
    """An issue as a tool or a file describes it; None where it has no id. Unknown fields do not matter."""
    name = record.get("id")
    if not isinstance(name, str) or not name:
        return None
    parent = record.get("parent")
    blockers: list[str] = []
    for edge in record.get("dependencies") or ():
        target = edge.get("depends_on_id") if isinstance(edge, dict) else None
        if not isinstance(target, str) or edge.get("issue_id", name) != name:
            continue
        kind = edge.get("type", edge.get("dep_type")) or ""
        if kind in _PARENTS:
            parent = target
        elif str(kind).replace("_", "-") in BLOCKING:
            blockers.append(target)
    get = record.get
    return Issue(
        name,
        str(get("title") or ""),
        str(get("status") or "open"),
        str(get("issue_type") or "task"),
        str(get("assignee") or ""),
        str(get("close_reason") or ""),
        str(get("updated_at") or ""),
        parent if isinstance(parent, str) and parent else None,
        tuple(blockers),
        tuple(map(str, get("labels") or ())),
        line,
    )


def _records(data: bytes, shown: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every line that is not blank, with its number, as the JSON object that it has to be."""
    lines = [(number, line.strip()) for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1)]
    lines = [(number, line) for number, line in lines if line]
    marked = next((number for number, line in lines if line.startswith(_MARKERS)), None)
    if marked is not None:
        hint = "Resolve the conflict in that file, then repeat."
        raise InvalidDocument("beads-conflict-markers", f"{shown} holds an unresolved merge.", hint=hint, where=f"{shown}:{marked}")
    records = _at_once([line for _, line in lines])
    for index, (number, line) in enumerate(lines):
        record = _parsed(line) if records is None else records[index]
        if not isinstance(record, dict):
            hint = "The tool was interrupted, or the file was edited; export it again."
            raise InvalidDocument("beads-invalid", f"{shown} has a line that is no JSON object.", hint=hint, where=f"{shown}:{number}")
        yield number, record


def _at_once(lines: list[bytes]) -> list[Any] | None:
    """All lines parsed in one go, half the time for tens of thousands; None where one of them is not what it should be, or hides several."""
    parsed = _parsed(b"[" + b",".join(lines) + b"]")
    return parsed if isinstance(parsed, list) and len(parsed) == len(lines) else None


def _parsed(text: bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _newer(one: Issue, other: Issue) -> bool:
    """Whether `one`, which stands later, was changed last; where the times say nothing, the later line counts."""
    try:
        return datetime.fromisoformat(one.updated_at) >= datetime.fromisoformat(other.updated_at)
    except (ValueError, TypeError):
        return True
