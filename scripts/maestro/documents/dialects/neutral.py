"""The neutral dialect: a JSON file with a list of tasks, for other programs. Taskmaster's `tasks.json` is read as well."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from maestro.errors import InvalidDocument
from maestro.models.notes import Note
from maestro.models.plan import Access, FileMention, Phase, Plan, Status, Task, TextLine

NAME = "neutral"

EXAMPLE = 'A neutral plan looks like {"tasks": [{"id": "1", "title": "…"}]}.'

_STATUS = {
    "new": Status.NEW,
    "pending": Status.NEW,
    "todo": Status.NEW,
    "open": Status.NEW,
    "progress": Status.PROGRESS,
    "in_progress": Status.PROGRESS,
    "in-progress": Status.PROGRESS,
    "review": Status.PROGRESS,
    "done": Status.DONE,
    "completed": Status.DONE,
    "complete": Status.DONE,
    "closed": Status.DONE,
    "skipped": Status.SKIPPED,
    "cancelled": Status.SKIPPED,
    "deferred": Status.SKIPPED,
    "blocked": Status.BLOCKED,
}


def read_json(text: str, path: str) -> Plan:
    """`{"tasks": [{"id", "title", "description"?, "files"?, "phase"?, "status"?}]}`; ids are any strings or numbers.

    Raises InvalidDocument `plan-invalid-json`, `plan-no-tasks`, `plan-duplicate-id`.
    """
    try:
        data = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise _invalid(path, error.lineno, f"is not valid JSON: {error.msg}") from None
    except RecursionError:
        raise _invalid(path, 1, "is nested too deeply") from None
    entries = _entries(data)
    if entries is None:
        raise _invalid(path, 1, "holds no list `tasks`")
    if not entries:
        raise InvalidDocument("plan-no-tasks", f"{path} holds no task.", hint=EXAMPLE, where=f"{path}:1")
    notes: list[Note] = []
    lines = _Lines(text)
    phases: dict[str, list[Task]] = {}
    seen: dict[str, int] = {}
    for entry in entries:
        if not isinstance(entry, Mapping) or not isinstance(entry.get("id"), str | int) or isinstance(entry.get("id"), bool):
            raise _invalid(path, 1, "holds a task without an id")
        identity = str(entry["id"])
        line = lines.of(entry["id"])
        if identity in seen:
            message = f"Task {identity} stands twice in {path}: in line {seen[identity]} and in line {line}."
            raise InvalidDocument("plan-duplicate-id", message, hint="Give one of them another id.", where=f"{path}:{line}")
        seen[identity] = line
        phase = str(entry.get("phase") or "1")
        phases.setdefault(phase, []).append(_task(entry, identity, phase, line, path, notes))
    drafted = tuple(Phase(name, name if len(phases) > 1 or name != "1" else "", tasks[0].line, tuple(tasks)) for name, tasks in phases.items())
    title = data.get("title") if isinstance(data, dict) else None
    return Plan(path, NAME, title if isinstance(title, str) else "", drafted, text, notes=tuple(notes))


def _entries(data: Any) -> list[Any] | None:
    """The list of tasks: at the top, or below one tag as Taskmaster writes it."""
    if isinstance(data, list):
        return data
    if not isinstance(data, dict):
        return None
    listed = data.get("tasks")
    if isinstance(listed, list):
        return listed
    tagged: list[list[Any]] = [value["tasks"] for value in data.values() if isinstance(value, dict) and isinstance(value.get("tasks"), list)]
    return tagged[0] if tagged else None


def _task(entry: Mapping[str, Any], identity: str, phase: str, line: int, path: str, notes: list[Note]) -> Task:
    said = str(entry.get("status") or "new").strip().casefold()
    status = _STATUS.get(said)
    if status is None:
        notes.append(Note("status-unknown", f"The status {said!r} of task {identity} is unknown and taken as blocked.", f"{path}:{line}"))
        status = Status.BLOCKED
    text = "\n\n".join(str(entry[key]) for key in ("description", "details", "testStrategy") if entry.get(key))
    title = str(entry.get("title") or entry.get("name") or identity)
    return Task(
        id=identity,
        title=title,
        line=line,
        phase=phase,
        status=status,
        body=_body(text, line),
        files=tuple(_files(entry.get("files"), line)),
        source=f"{title}\n\n{text}".strip(),
    )


def _body(text: str, line: int) -> tuple[TextLine, ...]:
    lines: list[TextLine] = []
    fenced = ""
    for words in re.split(r"\r\n|\r|\n", text) if text else ():
        fence = re.match(r" {0,3}(`{3,}|~{3,})", words)
        code = bool(fenced) or fence is not None
        if fence is not None:
            fenced = "" if fenced and fence[1].startswith(fenced) else fenced or fence[1]
        lines.append(TextLine(line, words, code))
    return tuple(lines)


def _files(files: Any, line: int) -> Iterator[FileMention]:
    for entry in files if isinstance(files, list) else [files] if files else []:
        if isinstance(entry, str) and entry.strip():
            yield FileMention(entry.strip(), line)
        elif isinstance(entry, Mapping) and isinstance(entry.get("path"), str):
            said = str(entry.get("access") or entry.get("action") or "")
            yield FileMention(entry["path"], line, next((access for access in Access if access.value == said), None))


class _Lines:
    """Finds the line of each id by reading forward once, since JSON itself forgets where things stood."""

    def __init__(self, text: str) -> None:
        self.ids: dict[str, list[int]] = {}
        line, counted = 1, 0
        for found in re.finditer(r'"id"\s*:\s*("(?:[^"\\]|\\.)*"|-?\d+)', text):
            line += text.count("\n", counted, found.start())
            counted = found.start()
            self.ids.setdefault(found[1], []).append(line)

    def of(self, identity: str | int) -> int:
        """The line of the next use of this id; 1 where it cannot be found."""
        for written in (json.dumps(identity), json.dumps(identity, ensure_ascii=False)):
            if lines := self.ids.get(written):
                return lines.pop(0)
        return 1


def _invalid(path: str, line: int, complaint: str) -> InvalidDocument:
    return InvalidDocument("plan-invalid-json", f"{path} {complaint}.", hint=EXAMPLE, where=f"{path}:{line}")
