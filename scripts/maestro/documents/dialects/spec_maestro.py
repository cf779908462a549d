"""The spec-maestro dialect: tasks between `<!-- TASK:BEGIN id=T001 -->` and `<!-- TASK:END -->`, with fields below a heading."""

from __future__ import annotations

import re

from maestro.documents.assembly import Assembly, assemble
from maestro.documents.markdown import Line, LineKind
from maestro.documents.names import Name, is_verification
from maestro.documents.outline import Outline, Part, PhaseDraft
from maestro.documents.survey import Head, Survey
from maestro.documents.words import clean
from maestro.errors import InvalidDocument
from maestro.models.plan import Plan
from maestro.patterns import pattern

NAME = "spec-maestro"

_BEGIN = pattern(r"<!--\s*TASK:BEGIN\b(?:\s+id\s*=\s*\"?([\w.-]+)\"?)?", re.I)
_END = pattern(r"<!--\s*TASK:END\b", re.I)


def recognise(survey: Survey) -> float:
    """Certain where a task is opened by comment."""
    plain = survey.document.plain
    if "task:begin" not in plain.lower():
        return 0.0
    return 1.0 if any(line.kind is LineKind.COMMENT and _BEGIN.match(plain, line.content, line.end) for line in survey.document.lines) else 0.0


def read(survey: Survey, path: str) -> Plan:
    """A task that is not closed ends where the next begins. Raises InvalidDocument `plan-no-tasks`, `plan-duplicate-id`, `plan-task-without-title`."""
    document = survey.document
    heads = {head.line.number: head for head in survey.heads if head.heading}
    outline = Outline([], [], [], "")
    phase: PhaseDraft | None = None
    part: Part | None = None
    opened: tuple[str, Line] | None = None
    for line in document.lines[survey.first :]:
        head = heads.get(line.number)
        if head is not None and line.level == 1 and not outline.title:
            outline.title = clean(head.words)
        if line.kind is LineKind.COMMENT and (begin := _BEGIN.match(document.plain, line.content, line.end)):
            _check_title(opened, path)
            part, opened = None, (begin[1] or "", line)
        elif line.kind is LineKind.COMMENT and _END.match(document.plain, line.content, line.end):
            _check_title(opened, path)
            part, opened = None, None
        elif opened is not None and head is not None:
            phase = _open(outline, phase)
            part = Part(_named(head, opened[0]))
            phase.tasks.append(part)
            opened = None
        elif part is not None:
            part.lines.append(line)
        elif head is not None and head.phase is not None and not is_verification(head.words):
            phase = PhaseDraft(head)
            outline.phases.append(phase)
        elif head is not None and head.labelled:
            outline.unread.append(head)
        else:
            outline.loose.append(line)
            outline.unread += [survey.boxes[line.number]] if line.number in survey.boxes else []
    _check_title(opened, path)
    return assemble(survey, path, outline, Assembly(NAME, number_by_phase=False))


def _check_title(opened: tuple[str, Line] | None, path: str) -> None:
    """A task that was opened must have had a heading by now, or it would be lost."""
    if opened is not None:
        identity, line = opened
        hint = f"Write `### {identity or 'T001'}: title` below the line that opens it."
        raise InvalidDocument("plan-task-without-title", f"The task {identity} has no heading.", hint=hint, where=f"{path}:{line.number}")


def _open(outline: Outline, phase: PhaseDraft | None) -> PhaseDraft:
    if phase is None:
        phase = PhaseDraft(None)
        outline.phases.append(phase)
    return phase


def _named(head: Head, identity: str) -> Head:
    """The id in the comment is the author's; the heading repeats it or not."""
    if identity:
        start = head.name.start if head.name and head.name.number == identity else head.start
        head.task, head.number = Name("task", identity, start), None
    return head
