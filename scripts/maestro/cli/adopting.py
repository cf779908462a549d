"""Adopting plans of other tools where they are: one plan, or a whole folder in conductor's layout. Nothing of theirs is rewritten."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from maestro.cli.call import Call
from maestro.cli.composing import composed
from maestro.cli.making import About, Made, checked_words, metadata_text, progress_of, require_markers, write_track
from maestro.cli.subject import Subject, find_plan_file
from maestro.documents.layout import Layout, check_track_id
from maestro.documents.location import CONTRACTS_KEY, PLAN_KEY, SPEC_KEY, plan_path
from maestro.documents.metadata import Metadata, parse_metadata
from maestro.documents.registry import TrackEntry, parse_registry
from maestro.errors import Conflict, MaestroError, NotFound, Usage
from maestro.files import read_text, replace_text
from maestro.models.notes import Note
from maestro.models.plan import Plan, Status
from maestro.records import dataclass
from maestro.views.shapes import AdoptedData, MadeData

_CONTEXT = {
    "workflow.md": "workflow.md",
    "tech-stack.md": "tech-stack.md",
    "product-guidelines.md": "guidelines.md",
    "product.md": "product.md",
}
"""Documents of a conductor folder about the whole project, and their names in `.maestro/context/`."""

_STYLES = "code_styleguides"


@dataclass(frozen=True, slots=True)
class Adopted:
    """A folder of tracks, and what is worth knowing of them."""

    data: AdoptedData
    notes: tuple[Note, ...]


def adopt_track(call: Call, source: str, *, track_id: str | None, description: str | None, kind: str | None, dry_run: bool) -> Made:
    """Register a plan where it is; metadata.json says where. The same call again changes nothing.

    What is not given is taken from the metadata beside the plan, then from the plan. Raises what `make_track` raises, and Usage `plan-outside` for a plan
    outside the project.
    """
    layout = call.layout_to_make
    path = find_plan_file(call, source)
    shown = _inside(layout, path, source)
    read = composed(Subject(path, shown, layout.root))
    notes = list(read.notes)
    about = _about(layout, path, read.plan, notes, track_id=track_id, description=description, kind=kind)
    return Made(_adopt(layout, path, read.plan, about, dry_run), tuple(notes))


def is_track_folder(call: Call, source: str) -> bool:
    """Whether a path is a folder that holds tracks and is no track itself: `conductor/` with its registry."""
    folder = call.directory / source
    return folder.is_dir() and (folder / "tracks").is_dir() and not (folder / "plan.md").is_file()


def adopt_folder(call: Call, source: str, *, dry_run: bool) -> Adopted:
    """Register every track of a folder in conductor's layout, in the order of its registry, with its description, type and marker; copy the documents
    about the whole project to `.maestro/context/` where there are none yet. Archived tracks stay behind. The same call again changes nothing.

    A track that cannot be adopted is a note. Raises NotFound `plan-missing` where there is no track at all, or what is wrong with the only ones.
    """
    layout = call.layout_to_make
    folder = (call.directory / source).resolve()
    shown = _inside(layout, folder, source)
    notes: list[Note] = []
    tracks: list[MadeData] = []
    failed: list[MaestroError] = []
    for path, entry in _tracks(folder, shown, notes):
        try:
            plan = Subject(path, path.relative_to(layout.root.resolve()).as_posix(), layout.root).plan
            tracks.append(_adopt(layout, path, plan, _about(layout, path, plan, notes, entry=entry), dry_run))
        except MaestroError as error:
            failed.append(error)
            notes.append(Note(error.slug, error.message, error.where))
    if failed and not tracks:
        raise failed[0]
    if not tracks:
        raise NotFound("plan-missing", f"There is no plan below {source}/tracks.", hint="Give the path of a plan file.", where=source)
    context = _copy_context(layout, folder, dry_run)
    changed = bool(context) or any(track["changed"] for track in tracks)
    return Adopted({"folder": shown, "tracks": tracks, "context": context, "changed": changed, "dry_run": dry_run}, tuple(notes))


def _inside(layout: Layout, path: Path, source: str) -> str:
    """The path relative to the project."""
    root = layout.root.resolve()
    if not path.is_relative_to(root):
        message = f"{source} lies outside the project {layout.root}, so its markers could not be committed with the work."
        raise Usage("plan-outside", message, hint="`tracks.py new --id ID --description TEXT PLAN` copies it in.", where=source)
    return path.relative_to(root).as_posix()


def _tracks(folder: Path, shown: str, notes: list[Note]) -> list[tuple[Path, TrackEntry | None]]:
    """The plans of a folder: those that its registry lists, in that order, then the others."""
    places = {path.parent.name: path for path in sorted(folder.glob("tracks/*/plan.md"))}
    registry = folder / "tracks.md"
    listed = parse_registry(read_text(registry), f"{shown}/tracks.md").entries if registry.is_file() else ()
    found: dict[str, TrackEntry | None] = {}
    for entry in listed:
        if entry.id in places:
            found.setdefault(entry.id, entry)
        elif entry.id and not entry.archived:
            notes.append(Note("plan-missing", f"Track {entry.id} has no plan {shown}/tracks/{entry.id}/plan.md.", f"{shown}/tracks.md:{entry.line}"))
    return [(places[name].resolve(), found.get(name)) for name in dict.fromkeys([*found, *places])]


def _about(
    layout: Layout,
    path: Path,
    plan: Plan,
    notes: list[Note],
    *,
    track_id: str | None = None,
    description: str | None = None,
    kind: str | None = None,
    entry: TrackEntry | None = None,
) -> About:
    """What the caller, the other tool's registry and metadata, and the plan say of a track, in this order."""
    beside = _metadata_beside(layout, path, notes)
    track_id = track_id or _id_from(path)
    check_track_id(track_id)
    words = description or (entry and entry.description) or beside.description or plan.title or track_id
    kind = kind or (entry and entry.type) or beside.type or "feature"
    status = entry.status if entry is not None and entry.status in (Status.PROGRESS, Status.DONE) else progress_of(plan)
    return About(track_id, checked_words(words, kind), kind, status)


def _adopt(layout: Layout, path: Path, plan: Plan, about: About, dry_run: bool) -> MadeData:
    require_markers(plan)
    _refuse_second_track(layout, path, about.id)
    root = layout.root.resolve()
    extra: dict[str, Any] = {}
    if path != layout.plan(about.id).resolve():
        extra = {**_kept(_metadata_beside(layout, path, [])), PLAN_KEY: path.relative_to(root).as_posix(), **_beside(path, root)}
    return write_track(layout, about, {"metadata.json": metadata_text(plan, about, extra)}, plan, path, dry_run)


def _metadata_beside(layout: Layout, path: Path, notes: list[Note]) -> Metadata:
    """The other tool's metadata.json. It is a help, so one that cannot be read is a note."""
    place = path.parent / "metadata.json"
    if not place.is_file():
        return Metadata("", {})
    try:
        return parse_metadata(read_text(place), layout.shown(place))
    except MaestroError as error:
        notes.append(Note(error.slug, error.message, error.where))
        return Metadata("", {})


def _kept(beside: Metadata) -> dict[str, Any]:
    """What a run uses of the other tool's metadata."""
    return {key: beside.fields[key] for key in ("created_at", "skills", "beads_epic_id", "beads_issue_map") if beside.fields.get(key)}


def _copy_context(layout: Layout, folder: Path, dry_run: bool) -> list[str]:
    """The documents about the whole project, copied as they are; the paths written. What the project has already stays."""
    pairs = [(folder / name, layout.context / own) for name, own in _CONTEXT.items()]
    pairs += [(guide, layout.context / _STYLES / guide.name) for guide in sorted((folder / _STYLES).glob("*.md"))]
    wanted = [(theirs, own) for theirs, own in pairs if theirs.is_file() and not own.exists()]
    for theirs, own in wanted if not dry_run else ():
        own.parent.mkdir(parents=True, exist_ok=True)
        replace_text(own, read_text(theirs))
    return [layout.shown(own) for _, own in wanted]


def _id_from(path: Path) -> str:
    """`login` for `conductor/tracks/login/plan.md`, `2025-02-auth` for `plans/2025-02-auth.md`."""
    name = path.parent.name if path.stem.casefold() in ("plan", "tasks", "todo") else path.stem
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-._").replace("..", ".") or "track"


def _beside(path: Path, root: Path) -> dict[str, str]:
    """Documents of the same feature that briefs should carry."""
    found = {SPEC_KEY: path.parent / "spec.md", CONTRACTS_KEY: path.parent / "contracts"}
    return {key: place.relative_to(root).as_posix() for key, place in found.items() if place.exists()}


def _refuse_second_track(layout: Layout, path: Path, track_id: str) -> None:
    if not layout.registry.exists():
        return
    shown = layout.shown(layout.registry)
    for entry in parse_registry(read_text(layout.registry, shown), shown).entries:
        if entry.id and entry.id != track_id and plan_path(layout, entry.id).resolve() == path:
            hint = f"Work with that track: `waves.py {entry.id}`."
            raise Conflict("plan-adopted", f"Track {entry.id} already uses this plan.", hint=hint, where=f"{shown}:{entry.line}")
