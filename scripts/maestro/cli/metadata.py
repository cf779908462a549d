"""`metadata.py`: a track's metadata.json."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from maestro import clock
from maestro.cli.door import Door
from maestro.cli.options import dry_run, track_argument, track_option
from maestro.cli.reply import Reply
from maestro.cli.screen import columns
from maestro.counting import plural
from maestro.documents.location import plan_path
from maestro.documents.metadata import Metadata, parse_metadata, update_metadata
from maestro.documents.registry import TrackEntry, read_registry, select_track
from maestro.errors import MaestroError, NotFound, Usage
from maestro.files import lock, read_text, replace_text
from maestro.models.plan import Status

if TYPE_CHECKING:
    from maestro.cli.call import Call
    from maestro.documents.layout import Layout
    from maestro.views.shapes import MetadataCheckData, MetadataData, ProblemData

door = Door(
    "metadata",
    help="Show, change and check a track's metadata.json. Fields that maestro does not know are kept.",
    default="show",
    examples=[("show auth", "every field"), ("set priority 2 --track auth", "one field, nothing else changes"), ("validate", "the metadata of all tracks")],
)

FIXED = ("track_id", "created_at", "updated_at")
"""Fields that only maestro writes."""

_MEANS = {"new": (Status.NEW,), "in_progress": (Status.PROGRESS, Status.BLOCKED), "completed": (Status.DONE,)}


@door.verb("show", examples=[("auth", "every field"), ("auth --json", "as data")])
@track_argument
def show(call: Call, track: str | None) -> Reply:
    """Show every field."""
    entry = select_track(read_registry(call.layout), track)
    metadata = _read(call.layout, entry.id)
    data: MetadataData = {"track": entry.id, "path": _shown(call.layout, entry.id), "metadata": metadata.fields, "changed": False, "dry_run": False}
    return Reply("maestro.metadata/1", data, lambda: json.dumps(metadata.fields, ensure_ascii=False, indent=2))


@door.verb("set", examples=[("beads_epic_id bd-42", "a text"), ('skills \'[{"name": "sql"}]\' --track auth', "values may be JSON")])
@click.argument("field")
@click.argument("value")
@track_option
@dry_run
def set_(call: Call, field: str, value: str, track: str | None, dry_run: bool) -> Reply:
    """Set one field.

    VALUE is JSON, or else a text. The time of the change is written as well.
    """
    if field in FIXED:
        raise Usage("metadata-field-fixed", f"{field} is written by maestro itself.", hint="Set another field.")
    layout = call.layout
    entry = select_track(read_registry(layout), track)
    with lock(layout.maestro, purpose="changing metadata"):
        before = _read(layout, entry.id)
        shown = _shown(layout, entry.id)
        text = update_metadata(before.text, {field: _value(field, value)}, shown)
        changed = text != before.text
        if changed:
            text = update_metadata(text, {"updated_at": clock.now()}, shown)
        after = parse_metadata(text, shown)
        if changed and not dry_run:
            replace_text(layout.metadata(entry.id), text)
    data: MetadataData = {"track": entry.id, "path": shown, "metadata": after.fields, "changed": changed, "dry_run": dry_run}
    says = f"{field} {'would be' if dry_run else 'is now'} {json.dumps(after.fields[field], ensure_ascii=False)} in {shown}."
    return Reply("maestro.metadata/1", data, lambda: says if changed else f"{field} already has this value in {shown}.")


@door.verb("validate", examples=[("", "all tracks; exit 1 when something is wrong"), ("auth", "one track")])
@track_argument
def validate(call: Call, track: str | None) -> Reply:
    """Check metadata against the registry and the plan."""
    from maestro.views.plan import problems_text

    registry = read_registry(call.layout)
    entries = [select_track(registry, track)] if track else [entry for entry in registry.entries if entry.id and not entry.archived]
    problems = [problem for entry in entries for problem in _problems(call.layout, entry)]
    data: MetadataCheckData = {"checked": [entry.id for entry in entries], "problems": problems}
    failed = any(problem["severity"] == "error" for problem in problems)
    what = f"metadata of {plural(len(entries), 'track')}"
    return Reply("maestro.metadata-check/1", data, lambda: problems_text(problems, what, columns()), exit_code=int(failed))


def _read(layout: Layout, track_id: str) -> Metadata:
    path, shown = layout.metadata(track_id), _shown(layout, track_id)
    if not path.is_file():
        raise NotFound("metadata-missing", f"Track {track_id} has no {shown}.", hint="`tracks.py new` and `tracks.py adopt` write one.", where=shown)
    return parse_metadata(read_text(path, shown), shown)


def _shown(layout: Layout, track_id: str) -> str:
    return layout.shown(layout.metadata(track_id))


def _value(field: str, value: str) -> Any:
    """JSON where it is JSON, except that fields which hold text keep numbers and words as text."""
    if field in ("type", "status", "description", "beads_epic_id"):
        return None if value == "null" else value
    try:
        return json.loads(value)
    except ValueError:
        return value


def _problems(layout: Layout, entry: TrackEntry) -> list[ProblemData]:
    shown = _shown(layout, entry.id)
    try:
        metadata = _read(layout, entry.id)
    except MaestroError as error:
        return [_problem("error", error.slug, error.message, error.where or shown, error.hint)]
    found: list[ProblemData] = []
    if metadata.track_id != entry.id:
        message = f"`track_id` is {metadata.track_id!r}, and the registry calls the track {entry.id}."
        found.append(_problem("error", "metadata-other-track", message, shown, f"Correct `track_id` in {shown}, or the track's line in the registry."))
    if metadata.status is not None and entry.status not in _MEANS[metadata.status]:
        message = f"`status` is {metadata.status}, and the registry marks the track {entry.status.value}."
        found.append(_problem("warning", "metadata-status-differs", message, shown, "The next call of a run brings them in step."))
    if not plan_path(layout, entry.id).is_file():
        missing = layout.shown(plan_path(layout, entry.id))
        found.append(_problem("error", "plan-missing", f"Track {entry.id} has no plan at {missing}.", shown, f"Put the plan at {missing}."))
    return found


def _problem(severity: Any, code: str, message: str, where: str, hint: str | None) -> ProblemData:
    return {"severity": severity, "code": code, "message": message, "where": where, "hint": hint}
