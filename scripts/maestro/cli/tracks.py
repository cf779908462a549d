"""`tracks.py`: the registry of tracks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from maestro.cli.door import Door
from maestro.cli.options import dry_run, track_argument
from maestro.cli.reply import Reply
from maestro.cli.screen import columns
from maestro.cli.subject import find_plan_file, subject_of
from maestro.counting import plural
from maestro.documents.registry import TrackEntry, read_registry, select_track
from maestro.errors import MaestroError, Usage
from maestro.models.notes import Note
from maestro.views.plan_data import next_task, progress_data

if TYPE_CHECKING:
    from maestro.cli.call import Call
    from maestro.documents.layout import Layout
    from maestro.views.shapes import AdoptedData, MadeData, SelectedData, TrackData, TracksData

door = Door(
    "tracks",
    help="List, select, make and adopt tracks.",
    default="list",
    examples=[
        ("", "all tracks with their markers"),
        ("select login", "the one track that a word stands for"),
        ('new --id auth --description "User login" draft.md', "make a track from a plan"),
        ("adopt specs/001/tasks.md", "use a plan of another tool where it is"),
    ],
)


@door.verb("list", examples=[("", "all tracks"), ("--json", "as data")])
def list_(call: Call) -> Reply:
    """List all tracks in the order of the registry."""
    from maestro.views.plan import tracks_text

    registry = read_registry(call.layout)
    data: TracksData = {"registry": registry.path, "tracks": [_track(call.layout, entry) for entry in registry.entries]}
    return Reply("maestro.tracks/1", data, lambda: tracks_text(data["tracks"], registry.path, columns()), registry.notes)


@door.verb("status", examples=[("", "every open track"), ("auth", "one track")])
@track_argument
def status(call: Call, track: str | None) -> Reply:
    """Show how far tracks are, from the markers of their plans."""
    from maestro.views.plan import tracks_text

    registry = read_registry(call.layout)
    entries = [select_track(registry, track)] if track else [entry for entry in registry.entries if not entry.archived]
    notes = list(registry.notes)
    data: TracksData = {"registry": registry.path, "tracks": [_with_progress(call.layout, entry, notes) for entry in entries]}
    return Reply("maestro.tracks/1", data, lambda: tracks_text(data["tracks"], registry.path, columns()), notes)


@door.verb("select", examples=[("", "the only open track"), ("login --json", "the track a word stands for, as data")])
@track_argument
def select(call: Call, track: str | None) -> Reply:
    """Say which track is meant; exit 8 with the candidates when unclear."""
    from maestro.views.plan import tracks_text

    registry = read_registry(call.layout)
    notes = list(registry.notes)
    chosen = _with_progress(call.layout, select_track(registry, track), notes)
    data: SelectedData = {"track": chosen}
    return Reply("maestro.track/1", data, lambda: f"{tracks_text([chosen], registry.path, columns())}\n{chosen['plan']}", notes)


@door.verb("new", examples=[('--id auth --description "User login" draft.md', "copies the plan to .maestro/tracks/auth/plan.md")])
@click.argument("plan")
@click.option("--id", "track_id", required=True, metavar="ID", help="Letters, digits, dots, dashes, underscores.")
@click.option("--description", required=True, metavar="TEXT", help="One line.")
@click.option("--type", "kind", default="feature", show_default=True, metavar="TYPE", help="feature, bug, chore ...")
@dry_run
def new(call: Call, plan: str, track_id: str, description: str, kind: str, dry_run: bool) -> Reply:
    """Make a track from a PLAN file of any dialect."""
    from maestro.cli.making import make_track
    from maestro.views.cells import one_line

    made = make_track(call, plan, track_id=track_id, description=description, kind=kind, dry_run=dry_run)
    there = call.layout_to_make.plan(track_id).resolve() == find_plan_file(call, plan)
    how = "made from the plan that lies there" if there else f"made from a copy of {one_line(plan)}"
    return Reply("maestro.new-track/1", made.data, lambda: _made_text(made.data, how), made.notes)


@door.verb(
    "adopt",
    examples=[
        ("specs/001/tasks.md", "id and description come from the plan"),
        ("conductor/tracks/login --id login", "with an id of its own"),
        ("conductor", "every track of the folder"),
    ],
)
@click.argument("path")
@click.option("--id", "track_id", metavar="ID", help="Otherwise made from the path.")
@click.option("--description", metavar="TEXT", help="Otherwise the plan's title.")
@click.option("--type", "kind", metavar="TYPE", help="Otherwise feature, or what is written beside the plan.")
@dry_run
def adopt(call: Call, path: str, track_id: str | None, description: str | None, kind: str | None, dry_run: bool) -> Reply:
    """Register a plan as a track and leave it where it is.

    PATH is a plan, the folder of one, or a conductor folder: then all its tracks are registered.
    """
    from maestro.cli.adopting import adopt_folder, adopt_track, is_track_folder

    if is_track_folder(call, path):
        if track_id or description or kind:
            raise Usage("usage", f"{path} holds many tracks.", hint=f"Give one of them: `tracks.py adopt {path}/tracks/ID --id ...`.", where=path)
        adopted = adopt_folder(call, path, dry_run=dry_run)
        return Reply("maestro.adopted/1", adopted.data, lambda: _adopted_text(adopted.data), adopted.notes)
    made = adopt_track(call, path, track_id=track_id, description=description, kind=kind, dry_run=dry_run)
    return Reply("maestro.new-track/1", made.data, lambda: _made_text(made.data, "adopted"), made.notes)


def _track(layout: Layout, entry: TrackEntry) -> TrackData:
    try:
        plan = subject_of(layout, entry).shown if entry.id else ""
    except MaestroError:
        plan = layout.shown(layout.plan(entry.id))
    return {
        "id": entry.id,
        "description": entry.description,
        "type": entry.type,
        "status": entry.status.value,
        "archived": entry.archived,
        "line": entry.line,
        "plan": plan,
    }


def _with_progress(layout: Layout, entry: TrackEntry, notes: list[Note]) -> TrackData:
    """The track with what its plan's markers say. A plan that cannot be read is a warning here: the other tracks are still worth showing."""
    data = _track(layout, entry)
    if not entry.id:
        return data
    try:
        plan = subject_of(layout, entry).plan
    except MaestroError as error:
        notes.append(Note(error.slug, error.message, error.where))
        return data
    upcoming = next_task(plan)
    data["progress"] = progress_data(plan)
    data["next"] = upcoming.id if upcoming else None
    return data


def _adopted_text(data: AdoptedData) -> str:
    from maestro.run.commands import command

    lines = [_made_text(track, "adopted").partition("\nnext:")[0] for track in data["tracks"]]
    if data["context"]:
        lines.append(("Would copy " if data["dry_run"] else "Copied ") + ", ".join(data["context"]))
    if data["dry_run"]:
        return "\n".join([*lines, f"next: {command('tracks', 'adopt', data['folder'])}"])
    only = data["tracks"][0]["track"] if len(data["tracks"]) == 1 else None
    return "\n".join([*lines, *(_next(only) if only else [f"next: {command('tracks', 'list')}"])])


def _made_text(data: MadeData, verb: str) -> str:
    size = f"{plural(data['tasks'], 'task')} in {plural(data['phases'], 'phase')}, {data['dialect']} dialect"
    if not data["changed"]:
        return f"Track {data['track']} is already {verb} ({data['plan']}: {size})."
    if data["dry_run"]:
        return f"Track {data['track']} would be {verb} ({size}), writing " + ", ".join(data["written"])
    return "\n".join([f"Track {data['track']} {verb} ({size}): {', '.join(data['written'])}", *_next(data["track"])])


def _next(track: str) -> Iterator[str]:
    """How the track is started. Options such as `--driver` are known only to who was sent here by a start that found no track."""
    from maestro.run.commands import command

    yield f"next: {command('run', 'start', track)}"
    yield f"  (if a refused call sent you here, repeat that instead, with its options, for {track})"
