"""Files that tie no two tasks together: those that everybody adds to, and those that the tasks only read, since they are there already.

A text that names such a file says nothing about the task that named it first, so their names are taken out before the words of two tasks are compared.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace

from maestro.evidence.meetings import Place
from maestro.evidence.pathforms import compare_key
from maestro.models.dependency import ScopeEntry
from maestro.models.plan import Task
from maestro.patterns import holds


def without_common_files(tasks: Sequence[Task], scopes: Mapping[str, tuple[ScopeEntry, ...]], met: Iterable[Place]) -> tuple[Task, ...]:
    """The tasks with the names of such files left out of their texts. met: where tasks meet at a file of their own."""
    users = Counter(path for entries in scopes.values() for path in {compare_key(entry.path) for entry in entries})
    common = {path for path, count in users.items() if count > 1}.difference(compare_key(place.path) for place in met)
    if not common:
        return tuple(tasks)
    names = {_name(path) for path in common}
    pattern = _pattern(common | (names - {_name(path) for path in users.keys() - common}))
    return tuple(_without(task, pattern, names) for task in tasks)


def _pattern(spelled: Iterable[str]) -> re.Pattern[str]:
    """All that two or more tasks name and do not meet at, by path and, where nothing else is called so, by name."""
    longest_first = sorted(spelled, key=lambda path: (-len(path), path))
    return re.compile(rf"(?<![\w/.-])(?:\./)?(?:{'|'.join(map(re.escape, longest_first))})(?![\w-]|\.\w)", re.IGNORECASE)


def _name(path: str) -> str:
    return path.rstrip("/").rpartition("/")[2]


def _without(task: Task, common: re.Pattern[str], names: Set[str]) -> Task:
    """names: one of them stands in every text of which something is to be left out"""

    def spare(text: str) -> str:
        return common.sub("", text) if holds(text.lower(), names) else text

    return replace(
        task,
        title=spare(task.title),
        body=tuple([line if (text := spare(line.text)) == line.text else replace(line, text=text) for line in task.body]),
        boxes=tuple([box if (text := spare(box.text)) == box.text else replace(box, text=text) for box in task.boxes]),
        fields=tuple([field if (value := spare(field.value)) == field.value else replace(field, value=value) for field in task.fields]),
        files=tuple([mention for mention in task.files if not common.fullmatch(mention.path.removeprefix("./"))]),
    )
