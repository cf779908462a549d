"""Reads `issues.jsonl`, the file in which trackers of the beads family hand their issues on. Only ever read: the tools' own databases claim to be right too."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from maestro.errors import InvalidDocument, NotFound
from maestro.integrations.issues import BLOCKING, PARENT, STATUSES, Issue, Issues
from maestro.models.notes import Note

_MARKER = re.compile(rb"^[ \t]*(?:<{7}|={7}|>{7}|\|{7})", re.MULTILINE)
_AT_ONCE = 1 << 16
"""Bytes of lines that are parsed in one go: half the time of one by one for tens of thousands, and little memory."""


def read_issues(path: Path, shown: str) -> Issues:
    """All issues of a file. Raises NotFound `file-missing` and what `parse_issues` raises."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound("file-missing", f"{shown} does not exist.", hint="`beads.py probe` shows what is there.", where=shown) from None
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
    get = record.get
    name = get("id")
    if not isinstance(name, str) or not name:
        return None
    parent, edges, labels = get("parent"), get("dependencies"), get("labels")
    blockers: list[str] = []
    for edge in edges if isinstance(edges, list) else ():
        target = edge.get("depends_on_id") if isinstance(edge, dict) else None
        if not isinstance(target, str) or edge.get("issue_id", name) != name:
            continue
        kind = edge.get("type")
        if kind is None:
            kind = edge.get("dep_type") or ""
        if not isinstance(kind, str):
            continue
        kind = kind.replace("_", "-")
        if kind == PARENT:
            parent = target
        elif kind in BLOCKING:
            blockers.append(target)
    return Issue(
        name,
        f"{get('title') or ''}",
        f"{get('status') or 'open'}",
        f"{get('issue_type') or 'task'}",
        f"{get('assignee') or ''}",
        f"{get('close_reason') or ''}",
        f"{get('updated_at') or ''}",
        parent if isinstance(parent, str) and parent else None,
        tuple(blockers),
        tuple(map(str, labels)) if labels and isinstance(labels, list) else (),
        line,
    )


def _records(data: bytes, shown: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every line that is not blank, with its number, as the JSON object that it has to be."""
    stream, first = io.BytesIO(data.removeprefix(b"\xef\xbb\xbf")), 1
    while lines := stream.readlines(_AT_ONCE):
        together = _parsed(b"[" + b",".join(lines) + b"]")
        whole = isinstance(together, list) and len(together) == len(lines)  # no line is blank, broken, or hides several
        records = together if whole else [_parsed(line) if line.strip() else None for line in lines]
        for number, record in enumerate(records, first):
            if isinstance(record, dict):
                yield number, record
            elif whole or lines[number - first].strip():
                raise _unreadable(data, shown, number)
        first += len(lines)


def _unreadable(data: bytes, shown: str, line: int) -> InvalidDocument:
    """Why this line is no JSON object; a merge that somebody began, wherever it shows, is the reason that helps."""
    marker = _MARKER.search(data)
    if marker is not None:
        hint, line = "Resolve the conflict in that file, then repeat.", data.count(b"\n", 0, marker.end()) + 1
        return InvalidDocument("beads-conflict-markers", f"{shown} holds an unresolved merge.", hint=hint, where=f"{shown}:{line}")
    hint = "The tool was interrupted, or the file was edited; export it again."
    return InvalidDocument("beads-invalid", f"{shown} has a line that is no JSON object.", hint=hint, where=f"{shown}:{line}")


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
