"""The JSON Schemas of all documents that leave a door: `python3 -m maestro.cli.schemas` (in `scripts/`) writes `schemas/`, `--check` only compares.

The types stand with the views that fill them; a schema is their shape inside the envelope that every reply has.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import operator
import sys
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

FOLDER = Path(__file__).resolve().parents[3] / "schemas"

DOCUMENTS = {
    "adopted": "maestro.views.shapes:AdoptedData",
    "beads": "maestro.views.beads_shapes:ProbeData",
    "beads-change": "maestro.views.beads_shapes:ChangeData",
    "beads-made": "maestro.views.beads_shapes:SeededData",
    "beads-status": "maestro.views.beads_shapes:BeadsStatusData",
    "beads-sync": "maestro.views.beads_shapes:SyncData",
    "beads-tasks": "maestro.views.beads_shapes:IssuesData",
    "brief": "maestro.views.run_shapes:BriefData",
    "check": "maestro.views.run_shapes:CheckData",
    "clean": "maestro.views.run_shapes:CleanData",
    "demo": "maestro.views.run_shapes:DemoData",
    "doctor": "maestro.views.run_shapes:DoctorData",
    "forecast": "maestro.views.run_shapes:ForecastData",
    "graph": "maestro.views.shapes:GraphData",
    "history": "maestro.views.shapes:HistoryData",
    "line": "maestro.views.run_shapes:LineData",
    "lint": "maestro.views.shapes:LintData",
    "mark": "maestro.views.shapes:MarkData",
    "metadata": "maestro.views.shapes:MetadataData",
    "metadata-check": "maestro.views.shapes:MetadataCheckData",
    "new-track": "maestro.views.shapes:MadeData",
    "next": "maestro.views.run_shapes:NextData",
    "plan": "maestro.views.shapes:PlanData",
    "receipt": "maestro.views.run_shapes:ReceiptData",
    "replay": "maestro.models.replay:Replay",
    "report": "maestro.models.report:Report",
    "review": "maestro.models.review:Review",
    "run": "maestro.views.run_shapes:RunData",
    "start": "maestro.views.run_shapes:StartData",
    "status": "maestro.views.run_shapes:StatusData",
    "track": "maestro.views.shapes:SelectedData",
    "tracks": "maestro.views.shapes:TracksData",
    "undo": "maestro.views.run_shapes:UndoData",
    "waves": "maestro.views.shapes:WavesData",
    "why": "maestro.views.shapes:WhyData",
    "worktree": "maestro.views.run_shapes:WorktreeData",
    "worktrees": "maestro.views.run_shapes:WorktreesData",
}
"""`maestro.<name>/1` and the type of its `data`."""

ERROR = "maestro.cli.envelopes:ErrorEnvelope"

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, str]:
    """The content of every file in `schemas/`, by name."""
    documents = {name: _reply_schema(name, _load(place)) for name, place in DOCUMENTS.items()}
    documents["error"] = {"$schema": _DRAFT, "title": "maestro.error/1", **_schema_of(_load(ERROR))}
    return {f"{name}.json": json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n" for name, document in sorted(documents.items())}


def differences() -> list[str]:
    """Names of files that are missing, outdated or too many."""
    wanted = schemas()
    there = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def main(arguments: list[str]) -> int:
    """Write or compare; the exit code."""
    outdated = differences()
    if "--check" in arguments:
        print("\n".join(f"schemas/{name} is not what the types say" for name in outdated) or "schemas/ is what the types say")
        return int(bool(outdated))
    FOLDER.mkdir(exist_ok=True)
    wanted = schemas()
    for name in outdated:
        if name in wanted:
            (FOLDER / name).write_text(wanted[name], encoding="utf-8")
        else:
            (FOLDER / name).unlink()
    print("\n".join(f"wrote schemas/{name}" for name in outdated) or "nothing to do")
    return 0


def _load(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def _reply_schema(name: str, data: Any) -> dict[str, Any]:
    from maestro.cli.envelopes import ReplyEnvelope

    whole = _schema_of(ReplyEnvelope)
    inner = _schema_of(data)
    definitions = {**whole.pop("$defs", {}), **inner.pop("$defs", {})}
    whole["properties"] |= {"schema": {"const": f"maestro.{name}/1"}, "data": inner}
    return {"$schema": _DRAFT, "$defs": definitions, **whole, "title": f"maestro.{name}/1"}


def _schema_of(kind: Any) -> dict[str, Any]:
    """pydantic's description of a type. Unknown keys stay allowed: keys are only ever added, and readers must expect that."""
    from pydantic import TypeAdapter

    schema: dict[str, Any] = _tidy(TypeAdapter(_as_dataclass(kind)).json_schema())
    return schema


@functools.cache
def _as_dataclass(kind: Any) -> Any:
    """A TypedDict, or what is made of TypedDicts, with dataclasses in their place. pydantic takes `typing.TypedDict` only from Python 3.12 on."""
    if is_typeddict(kind):
        fields: list[tuple[str, Any, Any]] = []
        for name, hint in get_type_hints(kind, include_extras=True).items():
            optional = get_origin(hint) is NotRequired
            inner = _as_dataclass(get_args(hint)[0] if optional else hint)
            fields.append((name, inner, dataclasses.field(default=None) if optional else dataclasses.field()))
        return dataclasses.make_dataclass(kind.__name__, fields, namespace={"__doc__": kind.__doc__}, kw_only=True)
    origin, parts = get_origin(kind), get_args(kind)
    if origin is Literal or not parts:
        return kind
    if origin in (Union, UnionType):
        return functools.reduce(operator.or_, map(_as_dataclass, parts))
    return origin[tuple(map(_as_dataclass, parts))]


def _tidy(schema: Any) -> Any:
    """Without the titles that pydantic makes of field names, and the defaults that only say "may be missing"."""
    if isinstance(schema, dict):
        noise = {key for key, value in schema.items() if (key == "title" and isinstance(value, str)) or (key == "default" and value is None)}
        return {key: _tidy(value) for key, value in schema.items() if key not in noise}
    return [_tidy(value) for value in schema] if isinstance(schema, list) else schema


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
