"""Builders and fixtures for plans."""

from __future__ import annotations

from maestro.documents.plans import parse_plan
from maestro.models.plan import Plan


def read(text: str, dialect: str | None = None) -> Plan:
    return parse_plan(text, "plan.md", dialect)


def ids(plan: Plan) -> list[str]:
    return [task.id for task in plan.tasks]


def titles(plan: Plan) -> list[str]:
    return [task.title for task in plan.tasks]


def codes(plan: Plan) -> list[str]:
    return [note.code for note in plan.notes]
