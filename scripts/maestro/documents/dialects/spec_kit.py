"""The spec-kit dialect (`tasks.md`): `- [ ] T012 [P] [US1] t in path/to/file.py` in phases."""

from __future__ import annotations

import re
from dataclasses import replace

from maestro.documents.assembly import Assembly, assemble
from maestro.documents.outline import walk
from maestro.documents.survey import Survey
from maestro.models.plan import Field, Plan, Task
from maestro.patterns import pattern

NAME = "spec-kit"

_ID = pattern(r"T\d{2,5}[a-z]?")
_FLAGS = pattern(r"(?:\[(P|US\d+|[A-Z]{1,3}\d*)\][ \t]*)+")


def recognise(survey: Survey) -> float:
    """How sure it is, 0 to 1: most boxes on the top level carry an id like `T012`."""
    boxes = [head for head in survey.heads if not head.heading and head.mark is not None and head.line.item is not None and head.line.item.depth == 0]
    numbered = sum(head.number is not None and bool(_ID.fullmatch(head.number.number or "")) for head in boxes)
    return 0.9 if numbered and numbered * 2 >= len(boxes) else 0.0


def read(survey: Survey, path: str) -> Plan:
    """Raises InvalidDocument `plan-no-tasks`, `plan-duplicate-id`."""
    return assemble(survey, path, walk(survey, survey.style(headings=False)), Assembly(NAME, finish=_flags, number_by_phase=False))


def _flags(task: Task) -> Task:
    """Take `[P]` and `[US1]` out of the title: the first is a hint that the task may run beside others, the second names its story."""
    found = _FLAGS.match(task.title)
    if found is None:
        return task
    flags = re.findall(r"\[(\w+)\]", found[0])
    stories = tuple(Field("story", flag, task.line) for flag in flags if flag != "P")
    return replace(task, title=task.title[found.end() :], parallel_hint="P" in flags, fields=(*stories, *task.fields))
