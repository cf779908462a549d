"""The conductor dialect: `## Phase 1: t [checkpoint: sha]`, `- [x] Task: t sha`, sub-tasks of any indent."""

from __future__ import annotations

from maestro.documents.assembly import Assembly, assemble
from maestro.documents.outline import walk
from maestro.documents.survey import Survey
from maestro.models.plan import Plan

NAME = "conductor"


def recognise(survey: Survey) -> float:
    """How sure it is, 0 to 1, that the plan's tasks are list items. Whatever has boxes can be read so."""
    return 0.5 if any(head.mark is not None and not head.heading for head in survey.heads) else 0.1


def read(survey: Survey, path: str) -> Plan:
    """Raises InvalidDocument `plan-no-tasks`, `plan-duplicate-id`."""
    return assemble(survey, path, walk(survey, survey.style(headings=False)), Assembly(NAME))
