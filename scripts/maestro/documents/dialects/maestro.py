"""The maestro dialect: `## Phase 2: t`, `### Task 2.1: t`, boxes as sub-tasks. Numbered headings without the word count where nothing else does."""

from __future__ import annotations

from maestro.documents.assembly import Assembly, assemble
from maestro.documents.outline import walk
from maestro.documents.survey import Survey
from maestro.models.plan import Plan

NAME = "maestro"


def recognise(survey: Survey) -> float:
    """How sure it is, 0 to 1, that the plan's tasks are headings."""
    labelled = sum(head.heading and head.labelled for head in survey.heads)
    items, inside = 0, 0
    for head in survey.heads:
        if head.heading:
            if not inside or head.line.level <= inside:
                inside = head.line.level if head.labelled else 0
        elif not inside and head.mark is not None and head.labelled:
            items += 1
    if labelled:
        return 0.8 if labelled >= items else 0.4
    return 0.6 if not items and _numbered(survey) else 0.0


def _numbered(survey: Survey) -> bool:
    """True where all boxes lie below numbered headings, at least one per heading or none at all."""
    style = survey.style(headings=True)
    if not style.numbered_headings:
        return False
    outline = walk(survey, style)
    parts = [part for phase in outline.phases for part in phase.tasks]
    headings = [part for part in parts if part.head.heading]
    return bool(headings) and len(headings) == len(parts)


def read(survey: Survey, path: str) -> Plan:
    """Raises InvalidDocument `plan-no-tasks`, `plan-duplicate-id`."""
    return assemble(survey, path, walk(survey, survey.style(headings=True)), Assembly(NAME, number_by_phase=False))
