"""Making tracks: everything is checked before anything is written, and what is half there after a crash is completed by the next call."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maestro import clock
from maestro.cli.call import Call
from maestro.cli.composing import composed
from maestro.cli.subject import Subject, find_plan_file, shown_path
from maestro.documents.layout import Layout, check_track_id
from maestro.documents.location import PLAN_KEY
from maestro.documents.metadata import parse_metadata
from maestro.documents.registry import add_track, parse_registry, set_track_status
from maestro.errors import Conflict, InvalidDocument, Usage
from maestro.files import lock, read_text, replace_text
from maestro.models.notes import Note
from maestro.models.plan import Plan, Status
from maestro.records import dataclass
from maestro.views.shapes import MadeData

_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


_STATUS = {Status.NEW: "new", Status.PROGRESS: "in_progress", Status.DONE: "completed"}


@dataclass(frozen=True, slots=True)
class About:
    """What registry and metadata say of a new track."""

    id: str
    description: str
    kind: str
    status: Status


@dataclass(frozen=True, slots=True)
class Made:
    """A new track, and what is worth knowing of its plan."""

    data: MadeData
    notes: tuple[Note, ...]


def make_track(call: Call, source: str, *, track_id: str, description: str, kind: str, dry_run: bool) -> Made:
    """Copy a plan into a folder of its own and register it. The same call again changes nothing.

    Raises what reading and scheduling the plan raise, Usage `track-id-invalid`, Conflict `track-exists`.
    """
    check_track_id(track_id)
    description = checked_words(description, kind)
    layout = call.layout_to_make
    path = find_plan_file(call, source)
    read = composed(Subject(path, shown_path(path, layout.root, call.directory), layout.root))
    require_markers(read.plan)
    about = About(track_id, description, kind, progress_of(read.plan))
    files = {"plan.md": read_text(path), "metadata.json": metadata_text(read.plan, about)}
    return Made(write_track(layout, about, files, read.plan, layout.plan(track_id), dry_run), read.notes)


def require_markers(plan: Plan) -> None:
    """Raise InvalidDocument `plan-no-markers` for a plan that a run could not keep true."""
    unmarked = next((task for task in plan.tasks if task.marker is None), None)
    if unmarked is not None:
        message = f"{plan.path} is written in the {plan.dialect} dialect, which has no place for markers, so a run could not keep it true."
        hint = "`waves.py` shows its waves as it is; for a track, write it as Markdown with `### Task 1.1: ...` headings."
        raise InvalidDocument("plan-no-markers", message, hint=hint, where=plan.where(unmarked.line))


def progress_of(plan: Plan) -> Status:
    """How far a plan is, by its markers."""
    done = [task.status in (Status.DONE, Status.SKIPPED) for task in plan.tasks]
    begun = any(done) or any(task.status is Status.PROGRESS for task in plan.tasks)
    return Status.DONE if all(done) else Status.PROGRESS if begun else Status.NEW


def checked_words(description: str, kind: str) -> str:
    """The description on one line. Raises Usage `description-invalid`, `type-invalid`."""
    words = " ".join(description.split())
    if not words or not words.isprintable():
        raise Usage("description-invalid", "The description must be one line of readable text.", hint='--description "User login with passkeys"')
    if not _TYPE.fullmatch(kind):
        raise Usage("type-invalid", f"{kind!r} is no type of track.", hint="Use one word, such as feature, bug or chore.")
    return words


def metadata_text(plan: Plan, about: About, extra: Mapping[str, Any] | None = None) -> str:
    """The metadata.json of a new track. extra: further keys, which may also replace the usual ones."""
    now = clock.now()
    document = {
        "track_id": about.id,
        "type": about.kind,
        "status": _STATUS.get(about.status, "new"),
        "description": about.description,
        "created_at": now,
        "updated_at": now,
        "phases": len(plan.phases),
        "tasks": len(plan.tasks),
        "skills": [],
        **(extra or {}),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def write_track(layout: Layout, about: About, files: dict[str, str], plan: Plan, place: Path, dry_run: bool) -> MadeData:
    """The folder first, in one step, then the registry: a track that is listed is complete. The same again writes nothing.

    files: text by name, in the folder of the track; place: where the plan lies
    """
    needed = _check(layout, about, files)
    if needed and not dry_run:
        layout.maestro.mkdir(parents=True, exist_ok=True)
        with lock(layout.maestro, purpose="changing the registry of tracks"):
            needed = _check(layout, about, files)
            _apply(layout, about.id, needed)
    return {
        "track": about.id,
        "plan": shown_path(place, layout.root, layout.root),
        "dialect": plan.dialect,
        "phases": len(plan.phases),
        "tasks": len(plan.tasks),
        "written": [layout.shown(path) for path in needed],
        "changed": bool(needed),
        "dry_run": dry_run,
    }


def _check(layout: Layout, about: About, files: dict[str, str]) -> dict[Path, str]:
    """What has to be written, by path, the registry last. Raises Conflict `track-exists`."""
    shown = layout.shown(layout.registry)
    registry = read_text(layout.registry, shown) if layout.registry.exists() else ""
    try:
        listed = add_track(registry, about.id, about.description, about.kind)
    except Conflict as error:
        raise Conflict(error.slug, error.message, hint=error.hint, where=(error.where or "").replace("tracks.md", shown, 1)) from None
    if listed != registry and about.status is not Status.NEW:
        listed = set_track_status(parse_registry(listed, shown), about.id, about.status)
    folder = layout.track(about.id)
    needed = {folder / name: text for name, text in files.items() if not _is_there(folder / name, text, about)}
    if any(path.exists() for path in needed):
        raise _exists(layout, about.id)
    return needed | ({layout.registry: listed} if listed != registry else {})


def _is_there(path: Path, text: str, about: About) -> bool:
    """Whether an earlier call wrote this file. Metadata is compared by what it is about, because its times differ."""
    if not path.exists():
        return False
    existing = read_text(path)
    if path.name != "metadata.json":
        return existing == text
    known = parse_metadata(existing, str(path))
    wanted = json.loads(text)
    return (known.track_id, known.description, known.fields.get(PLAN_KEY)) == (about.id, about.description, wanted.get(PLAN_KEY))


def _exists(layout: Layout, track_id: str) -> Conflict:
    folder = layout.shown(layout.track(track_id))
    return Conflict("track-exists", f"There is already a track {track_id}, with another plan or description.", hint="Choose another id.", where=folder)


def _apply(layout: Layout, track_id: str, needed: dict[Path, str]) -> None:
    folder = layout.track(track_id)
    inside = {path: text for path, text in needed.items() if path.parent == folder}
    if inside and not folder.exists():
        work = folder.with_name(f".{track_id}.{os.getpid()}.tmp")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(parents=True)
        for path, text in inside.items():
            replace_text(work / path.name, text)
        work.rename(folder)
    else:
        for path, text in inside.items():
            replace_text(path, text)
    if layout.registry in needed:
        replace_text(layout.registry, needed[layout.registry])
