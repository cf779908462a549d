"""`metadata.json` of a track: a typed view that keeps what it does not know, and edits that touch nothing but the keys they are about."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from maestro.errors import InvalidDocument
from maestro.records import dataclass

STATUSES = ("new", "in_progress", "completed")


@dataclass(frozen=True, slots=True)
class Skill:
    """A skill that was matched to the track when it was planned."""

    name: str
    matched_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What `metadata.json` says. `fields` holds the whole document, unknown keys included, and `text` the bytes it was read from."""

    text: str
    fields: dict[str, Any]
    track_id: str | None = None
    type: str | None = None
    status: str | None = None
    description: str | None = None
    updated_at: str | None = None
    skills: tuple[Skill, ...] = ()
    beads_epic_id: str | None = None
    beads_issue_map: dict[str, str] = field(default_factory=dict)


def parse_metadata(text: str, path: str) -> Metadata:
    """Raises InvalidDocument `metadata-invalid`, naming the line, for anything but a JSON object whose known keys have their types."""
    fields = _load(text, path)
    for key in ("track_id", "type", "status", "description", "created_at", "updated_at", "beads_epic_id"):
        if fields.get(key) is not None and not isinstance(fields[key], str):
            raise _invalid(text, path, key, "must be a string")
    status = fields.get("status")
    if status is not None and status not in STATUSES:
        raise _invalid(text, path, "status", f"is {status!r}, which is none of {', '.join(STATUSES)}")
    issues = {} if fields.get("beads_issue_map") is None else fields["beads_issue_map"]
    if not isinstance(issues, dict) or not all(isinstance(issue, str) for issue in issues.values()):
        raise _invalid(text, path, "beads_issue_map", "must map task keys to issue ids")
    skills = [] if fields.get("skills") is None else fields["skills"]
    if not isinstance(skills, list):
        raise _invalid(text, path, "skills", "must be a list")
    return Metadata(
        text=text,
        fields=fields,
        track_id=fields.get("track_id"),
        type=fields.get("type"),
        status=status,
        description=fields.get("description"),
        updated_at=fields.get("updated_at"),
        skills=tuple(_skill(text, path, skill) for skill in skills),
        beads_epic_id=fields.get("beads_epic_id") or None,
        beads_issue_map=dict(issues),
    )


def update_metadata(text: str, changes: Mapping[str, Any], path: str = "metadata.json") -> str:
    """The text with the top-level keys of `changes` set; everything else stays byte for byte. The same changes again give the same text.

    New keys go to the end, in the file's indentation and line endings. Raises InvalidDocument `metadata-invalid`.
    """
    fields = _load(text, path)
    for key, value in changes.items():
        if key in fields and _same(fields[key], value):
            continue
        spans = _value_spans(text)
        indent = _indent(text)
        newline = "\r\n" if "\r\n" in text else "\n"
        raw = json.dumps(value, ensure_ascii=False, indent=indent)
        if indent is not None:
            raw = raw.replace("\n", newline + indent)
        if key in spans:
            start, end = spans[key]
            text = text[:start] + raw + text[end:]
        else:
            text = _append(text, json.dumps(key, ensure_ascii=False), raw, indent, newline, max((end for _, end in spans.values()), default=None))
        fields[key] = value
    return text


def _load(text: str, path: str) -> dict[str, Any]:
    body = text.removeprefix("\ufeff")
    try:
        fields = json.loads(body)
    except json.JSONDecodeError as error:
        raise InvalidDocument(
            "metadata-invalid", f"{path} is not valid JSON: {error.msg}.", hint="Correct the file by hand.", where=f"{path}:{error.lineno}"
        ) from None
    except RecursionError:
        raise InvalidDocument("metadata-invalid", f"{path} is nested too deeply.", hint="Correct the file by hand.", where=f"{path}:1") from None
    if not isinstance(fields, dict):
        raise InvalidDocument("metadata-invalid", f"{path} must hold one JSON object.", hint="Correct the file by hand.", where=f"{path}:1")
    return fields


def _skill(text: str, path: str, skill: Any) -> Skill:
    if isinstance(skill, str):
        return Skill(skill)
    if not isinstance(skill, dict) or not isinstance(skill.get("name"), str):
        raise _invalid(text, path, "skills", "holds an entry without a name")
    matched = skill.get("matched_on") or ()
    return Skill(skill["name"], (matched,) if isinstance(matched, str) else tuple(str(word) for word in matched))


def _invalid(text: str, path: str, key: str, complaint: str) -> InvalidDocument:
    span = _value_spans(text).get(key)
    line = text.count("\n", 0, span[0]) + 1 if span else 1
    return InvalidDocument("metadata-invalid", f"`{key}` in {path} {complaint}.", hint=f"Correct `{key}` in {path}.", where=f"{path}:{line}")


def _same(old: Any, new: Any) -> bool:
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


def _indent(text: str) -> str | None:
    found = re.search(r"\{[ \t]*\r?\n([ \t]+)\"", text)
    return found[1] if found else None


def _value_spans(text: str) -> dict[str, tuple[int, int]]:
    """Where the value of each top-level key stands in a valid JSON object; of a repeated key the last, as JSON reads it."""
    decoder = json.JSONDecoder()
    spans: dict[str, tuple[int, int]] = {}
    at = text.index("{") + 1
    while True:
        at = _after_blanks(text, at)
        if text[at] == ",":
            at = _after_blanks(text, at + 1)
        if text[at] == "}":
            return spans
        key, at = decoder.raw_decode(text, at)
        start = _after_blanks(text, _after_blanks(text, at) + 1)
        _, at = decoder.raw_decode(text, start)
        spans[key] = (start, at)


def _after_blanks(text: str, at: int) -> int:
    while text[at] in " \t\r\n":
        at += 1
    return at


def _append(text: str, key: str, raw: str, indent: str | None, newline: str, last: int | None) -> str:
    entry = f"{key}: {raw}" if indent is None else f"{newline}{indent}{key}: {raw}"
    if last is None:
        start, end = text.index("{") + 1, text.rindex("}")
        return text[:start] + entry + text[end:]
    return text[:last] + ("," if indent is not None else ", ") + entry + text[last:]
