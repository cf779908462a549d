"""Making and adopting tracks: everything is checked before anything is written, and what is half there after a crash is completed by the next call."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maestro import clock
from maestro.cli.call import Call
from maestro.cli.composing import Composed, composed
from maestro.cli.subject import Subject, find_plan_file, shown_path
from maestro.documents.layout import Layout, check_track_id
from maestro.documents.location import PLAN_KEY, plan_path
from maestro.documents.metadata import parse_metadata
from maestro.documents.registry import add_track, parse_registry
from maestro.errors import Conflict, InvalidDocument, Usage
from maestro.files import lock, read_text, replace_text
from maestro.models.notes import Note
from maestro.models.plan import Plan, Status
from maestro.views.shapes import MadeData

_TYPE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


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
    description = _checked_words(description, kind)
    layout = call.layout_to_make
    path = find_plan_file(call, source)
    read = _read(Subject(path, shown_path(path, layout.root, call.directory), layout.root))
    files = {"plan.md": read_text(path), "metadata.json": _metadata(read.plan, track_id, description, kind)}
    return _write(layout, track_id, description, kind, files, read, layout.plan(track_id), dry_run)


def adopt_track(call: Call, source: str, *, track_id: str | None, description: str | None, kind: str, dry_run: bool) -> Made:
    """Register a plan where it is; metadata.json says where. The same call again changes nothing.

    Raises what `make_track` raises, and Usage `plan-outside` for a plan outside the project.
    """
    layout = call.layout_to_make
    path = find_plan_file(call, source)
    root = layout.root.resolve()
    if not path.is_relative_to(root):
        message = f"{source} lies outside the project {layout.root}, so its markers could not be committed with the work."
        raise Usage("plan-outside", message, hint="`tracks.py new --id ID --description TEXT PLAN` copies it in.", where=source)
    shown = path.relative_to(root).as_posix()
    read = _read(Subject(path, shown, layout.root))
    track_id = track_id or _id_from(path)
    check_track_id(track_id)
    description = _checked_words(description or read.plan.title or track_id, kind)
    _refuse_second_track(layout, path, track_id)
    extra = {} if path == layout.plan(track_id).resolve() else {PLAN_KEY: shown, **_beside(path, root)}
    files = {"metadata.json": _metadata(read.plan, track_id, description, kind, extra)}
    return _write(layout, track_id, description, kind, files, read, path, dry_run)


def _read(subject: Subject) -> Composed:
    read = composed(subject)
    unmarked = next((task for task in read.plan.tasks if task.marker is None), None)
    if unmarked is not None:
        message = f"{subject.shown} is written in the {read.plan.dialect} dialect, which has no place for markers, so a run could not keep it true."
        hint = "`waves.py` shows its waves as it is; for a track, write it as Markdown with `### Task 1.1: ...` headings."
        raise InvalidDocument("plan-no-markers", message, hint=hint, where=read.plan.where(unmarked.line))
    return read


def _checked_words(description: str, kind: str) -> str:
    words = " ".join(description.split())
    if not words or not words.isprintable():
        raise Usage("description-invalid", "The description must be one line of readable text.", hint='--description "User login with passkeys"')
    if not _TYPE.fullmatch(kind):
        raise Usage("type-invalid", f"{kind!r} is no type of track.", hint="Use one word, such as feature, bug or chore.")
    return words


def _metadata(plan: Plan, track_id: str, description: str, kind: str, extra: Mapping[str, Any] | None = None) -> str:
    now = clock.now()
    done = [task.status in (Status.DONE, Status.SKIPPED) for task in plan.tasks]
    begun = any(done) or any(task.status is Status.PROGRESS for task in plan.tasks)
    document = {
        "track_id": track_id,
        "type": kind,
        "status": "completed" if all(done) else "in_progress" if begun else "new",
        "description": description,
        "created_at": now,
        "updated_at": now,
        "phases": len(plan.phases),
        "tasks": len(plan.tasks),
        "skills": [],
        **(extra or {}),
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _write(layout: Layout, track_id: str, description: str, kind: str, files: dict[str, str], read: Composed, plan: Path, dry_run: bool) -> Made:
    """The folder first, in one step, then the registry: a track that is listed is complete."""
    needed = _check(layout, track_id, description, kind, files)
    if needed and not dry_run:
        layout.maestro.mkdir(parents=True, exist_ok=True)
        with lock(layout.maestro, purpose="changing the registry of tracks"):
            needed = _check(layout, track_id, description, kind, files)
            _apply(layout, track_id, needed)
    data: MadeData = {
        "track": track_id,
        "plan": shown_path(plan, layout.root, layout.root),
        "dialect": read.plan.dialect,
        "phases": len(read.plan.phases),
        "tasks": len(read.plan.tasks),
        "written": [layout.shown(path) for path in needed],
        "changed": bool(needed),
        "dry_run": dry_run,
    }
    return Made(data, read.notes)


def _check(layout: Layout, track_id: str, description: str, kind: str, files: dict[str, str]) -> dict[Path, str]:
    """What has to be written, by path, the registry last. Raises Conflict `track-exists`."""
    shown = layout.shown(layout.registry)
    registry = read_text(layout.registry, shown) if layout.registry.exists() else ""
    try:
        listed = add_track(registry, track_id, description, kind)
    except Conflict as error:
        raise Conflict(error.slug, error.message, hint=error.hint, where=(error.where or "").replace("tracks.md", shown, 1)) from None
    folder = layout.track(track_id)
    needed = {folder / name: text for name, text in files.items() if not _is_there(folder / name, text, track_id, description)}
    if any(path.exists() for path in needed):
        raise _exists(layout, track_id)
    return needed | ({layout.registry: listed} if listed != registry else {})


def _is_there(path: Path, text: str, track_id: str, description: str) -> bool:
    """Whether an earlier call wrote this file. Metadata is compared by what it is about, because its times differ."""
    if not path.exists():
        return False
    existing = read_text(path)
    if path.name != "metadata.json":
        return existing == text
    known = parse_metadata(existing, str(path))
    wanted = json.loads(text)
    return (known.track_id, known.description, known.fields.get(PLAN_KEY)) == (track_id, description, wanted.get(PLAN_KEY))


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


def _id_from(path: Path) -> str:
    """`login` for `conductor/tracks/login/plan.md`, `2025-02-auth` for `plans/2025-02-auth.md`."""
    name = path.parent.name if path.stem.casefold() in ("plan", "tasks", "todo") else path.stem
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._").replace("..", ".") or "track"


def _beside(path: Path, root: Path) -> dict[str, str]:
    """Documents of the same feature that briefs should carry."""
    found = {"spec": path.parent / "spec.md", "contracts": path.parent / "contracts"}
    return {key: place.relative_to(root).as_posix() for key, place in found.items() if place.exists()}


def _refuse_second_track(layout: Layout, path: Path, track_id: str) -> None:
    if not layout.registry.exists():
        return
    shown = layout.shown(layout.registry)
    for entry in parse_registry(read_text(layout.registry, shown), shown).entries:
        if entry.id and entry.id != track_id and plan_path(layout, entry.id).resolve() == path:
            hint = f"Work with that track: `waves.py {entry.id}`."
            raise Conflict("plan-adopted", f"Track {entry.id} already uses this plan.", hint=hint, where=f"{shown}:{entry.line}")
