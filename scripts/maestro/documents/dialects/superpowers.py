"""The superpowers dialect: `### Task 3: t` with `**Files:**` lists, `Consumes:` and `Produces:`, steps, and Global Constraints that hold for every task."""

from __future__ import annotations

import re

from maestro.documents.assembly import Assembly, assemble
from maestro.documents.markdown import LineKind
from maestro.documents.outline import walk
from maestro.documents.survey import Survey
from maestro.documents.words import clean
from maestro.models.plan import Plan
from maestro.patterns import holds, pattern

NAME = "superpowers"

_HEADER = pattern(r"superpowers:|For (?:agentic workers|Claude)\s*:", re.I)
_STEP = pattern(r"[*_]{0,2}Step \d+\b", re.I)
_FILE_LINE = pattern(r"[*_]{0,2}(?:Create|Modify|Test|Delete|Rename)[*_]{0,2}\s*:")
_CONSTRAINTS = pattern(r"\W*global constraints\W*", re.I)


def recognise(survey: Survey) -> float:
    """How sure it is, 0 to 1: headings called tasks, and the signs of this style: its header, file lists with a verb, numbered steps."""
    if not any(head.heading and head.labelled for head in survey.heads):
        return 0.0
    document = survey.document
    lower = document.plain.lower()
    may_say, may_step = holds(lower, ("superpowers:", "for agentic", "for claude")), "step " in lower
    header = steps = files = False
    for line in document.lines if may_say or may_step else ():
        if line.kind is not LineKind.TEXT:
            continue
        words = document.plain[line.content : line.end]
        header = header or (may_say and bool(_HEADER.search(words)))
        steps = steps or (may_step and bool(_STEP.match(words.removeprefix("[ ] ").removeprefix("[x] "))))
        files = files or (line.opens and bool(_FILE_LINE.match(words)))
    return 0.85 if header or (steps and files) else 0.0


def read(survey: Survey, path: str) -> Plan:
    """Raises InvalidDocument `plan-no-tasks`, `plan-duplicate-id`."""
    return assemble(survey, path, walk(survey, survey.style(headings=True)), Assembly(NAME, constraints=_constraints(survey), number_by_phase=False))


def _constraints(survey: Survey) -> str:
    """The text of the section `Global Constraints`, as written."""
    document = survey.document
    titles = [head for head in survey.heads if head.heading]
    for head, following in zip(titles, [*titles[1:], None], strict=True):
        if _CONSTRAINTS.fullmatch(clean(head.words)):
            end = following.line.start if following else len(document.text)
            return document.text[head.line.end : end].strip()
    return ""
