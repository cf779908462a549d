"""`schemas/` is what the types say, and what the doors print is what `schemas/` say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from maestro.cli.schemas import DOCUMENTS, differences
from plans import CYCLE, NEUTRAL, registry
from support import ROOT, call_door, write


def schema(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    return document


def check(document: dict[str, Any]) -> None:
    """Validate a document against the schema that it names."""
    name, _, version = document["schema"].removeprefix("maestro.").partition("/")
    assert version == "1"
    jsonschema.Draft202012Validator(schema(name)).validate(document)


def test_the_files_are_what_the_types_say() -> None:
    assert differences() == [], "run: python -m maestro.cli.schemas"


@pytest.mark.parametrize("name", [*DOCUMENTS, "error"])
def test_every_schema_is_a_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert schema(name)["title"] == f"maestro.{name}/1"


@pytest.mark.parametrize(
    "line",
    [
        "waves auth",
        "waves tasks.json",
        "waves cycle.md",
        "waves why 2.3 --track auth",
        "waves graph auth --format dot",
        "waves auth --phase 9",
        "plan show auth",
        "plan lint auth",
        "plan lint cycle.md",
        "tracks list",
        "tracks status",
        "tracks select auth",
        "tracks select user",
        "tracks new --id new --description New plan.md --dry-run",
        "tracks adopt plan.md",
        "tracks adopt nowhere",
        "mark 1.1 done --sha abaa869 --track auth",
        "mark 1.1 done --track user",
        "metadata show auth",
        "metadata set priority 2 --track auth",
        "metadata validate",
        "tracks paint",
    ],
)
def test_what_the_doors_print_is_what_the_schemas_say(line: str, project: Path) -> None:
    plan = (project / ".maestro/tracks/auth/plan.md").read_text()
    write(project, {"tasks.json": NEUTRAL, "cycle.md": CYCLE, "plan.md": plan})
    write(project, {".maestro/tracks.md": registry((" ", "auth", "User login"), ("~", "other", "User logout"))})
    check(call_door(*line.split(), "--json", cwd=project).json)


def test_a_schema_rejects_what_it_should(project: Path) -> None:
    document = call_door("waves", "--json", cwd=project).json
    del document["data"]["critical_path"]
    with pytest.raises(jsonschema.ValidationError):
        check(document)
