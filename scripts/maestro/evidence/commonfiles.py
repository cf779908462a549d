"""Files that tie no two tasks together: those that everybody adds to, and those that the tasks only read, since they are there already.

A text that names such a file says nothing about the task that named it first, so their names are taken out before the words of two tasks are compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from maestro.evidence.meetings import Place
from maestro.evidence.pathforms import compare_key
from maestro.models.dependency import ScopeEntry
from maestro.models.plan import Task


def without_common_files(tasks: Sequence[Task], scopes: Mapping[str, tuple[ScopeEntry, ...]], met: Iterable[Place]) -> tuple[Task, ...]:
    """The tasks with the names of such files left out of their texts. met: where tasks meet at a file of their own."""
    pattern = _pattern(scopes, {compare_key(place.path) for place in met})
    return tuple(tasks) if pattern is None else tuple(_without(task, pattern) for task in tasks)


def _pattern(scopes: Mapping[str, tuple[ScopeEntry, ...]], met: set[str]) -> re.Pattern[str] | None:
    """All that two or more tasks name and do not meet at, by path and, where nothing else is called so, by name."""
    users: dict[str, set[str]] = {}
    for task, entries in scopes.items():
        for entry in entries:
            users.setdefault(compare_key(entry.path), set()).add(task)
    common = {path for path, tasks in users.items() if len(tasks) > 1 and path not in met}
    names = {_name(path) for path in common} - {_name(path) for path in users.keys() - common}
    spelled = sorted(common | names, key=lambda path: (-len(path), path))
    return re.compile(rf"(?<![\w/.-])(?:\./)?(?:{'|'.join(map(re.escape, spelled))})(?![\w-]|\.\w)", re.IGNORECASE) if spelled else None


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _without(task: Task, common: re.Pattern[str]) -> Task:
    return replace(
        task,
        title=common.sub("", task.title),
        body=tuple(replace(line, text=common.sub("", line.text)) for line in task.body),
        boxes=tuple(replace(box, text=common.sub("", box.text)) for box in task.boxes),
        fields=tuple(replace(field, value=common.sub("", field.value)) for field in task.fields),
        files=tuple(mention for mention in task.files if not common.fullmatch(mention.path.removeprefix("./"))),
    )
