"""Reading a plan: which dialect it is written in, and what it says."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import ModuleType

from maestro.errors import Usage
from maestro.files import read_text
from maestro.memory import remembered
from maestro.models.plan import Plan

DIALECTS = ("spec_maestro", "spec_kit", "superpowers", "maestro", "conductor")
"""The Markdown dialects, the most particular first: of equal claims the first wins."""


def read_plan(path: Path, shown: str | None = None) -> Plan:
    """Read the plan in a file. Raises NotFound `file-missing`, InvalidDocument as `parse_plan` does."""
    name = shown or path.as_posix()
    return plan_of(path, read_text(path, name), name)


def plan_of(path: Path, text: str, name: str) -> Plan:
    """The plan of a text that was read from a file, remembered under that. Raises InvalidDocument as `parse_plan` does."""
    return remembered("plan", str(path.absolute()), (name, text), lambda: parse_plan(text, name))


def parse_plan(text: str, path: str, dialect: str | None = None) -> Plan:
    """Read a plan in the dialect that its content shows, or in the given one. `path` is what messages name.

    Raises InvalidDocument: `plan-no-tasks`, `plan-duplicate-id`, `plan-task-without-title`,
    `plan-invalid-json`. What deserves a warning is in the plan's `notes`.
    """
    if dialect is not None and dialect.replace("-", "_") not in (*DIALECTS, "neutral"):
        raise Usage(
            "dialect-unknown", f"There is no dialect {dialect!r}.", hint=f"One of {', '.join(name.replace('_', '-') for name in (*DIALECTS, 'neutral'))}."
        )
    if dialect == "neutral" or (dialect is None and text.lstrip("\ufeff \t\r\n")[:1] == "{"):
        plan: Plan = import_module("maestro.documents.dialects.neutral").read_json(text, path)
        return plan
    # Whoever remembers the plan needs none of what reads one.
    from maestro.documents.markdown import scan
    from maestro.documents.survey import survey

    found = survey(scan(text))
    reader = _reader(dialect) if dialect else max((_reader(name) for name in DIALECTS), key=lambda reader: reader.recognise(found))
    plan = reader.read(found, path)
    return plan


def _reader(name: str) -> ModuleType:
    return import_module(f"maestro.documents.dialects.{name.replace('-', '_')}")
