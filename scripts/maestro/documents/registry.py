"""`tracks.md`: the list of tracks with their markers, in the forms that people and earlier tools gave it."""

from __future__ import annotations

from maestro.documents.layout import Layout, check_track_id
from maestro.errors import Conflict, DecisionNeeded, InvalidDocument, NotFound
from maestro.files import read_text
from maestro.memory import remembered
from maestro.models.notes import Note
from maestro.models.plan import MARKERS, Span, Status
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class TrackEntry:
    """One track. `id` is empty where the registry does not give one; `marker_span` is None where it has no marker that could be edited."""

    id: str
    description: str
    type: str | None
    status: Status
    line: int
    marker_span: Span | None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Registry:
    """The whole list. `path` is what messages show, `text` the document that the spans count in."""

    path: str
    entries: tuple[TrackEntry, ...]
    text: str
    notes: tuple[Note, ...] = ()

    def get(self, track_id: str) -> TrackEntry:
        """The entry with exactly this id. Raises NotFound `track-not-found`."""
        for entry in self.entries:
            if entry.id == track_id:
                return entry
        raise NotFound("track-not-found", f"{self.path} has no track {track_id}.", hint="`tracks.py list` shows all tracks.", where=self.path)


def read_registry(layout: Layout) -> Registry:
    """Raises NotFound `registry-missing`."""
    if not layout.registry.exists():
        shown = layout.shown(layout.registry)
        raise NotFound("registry-missing", f"There is no {shown}.", hint="`tracks.py new --id ID --description TEXT PLAN` makes the first track.", where=shown)
    shown = layout.shown(layout.registry)
    text = read_text(layout.registry, shown)
    return remembered("registry", str(layout.registry.absolute()), (shown, text), lambda: parse_registry(text, shown))


def parse_registry(text: str, path: str) -> Registry:
    """Read every track that has a marker, as list item, heading or table row; rows that only say their status in words are read as well.

    Never fails: what looks like a track and cannot be used is named in `notes`.
    """
    # Whoever remembers the list needs none of what reads one.
    from maestro.documents.entries import read_entries

    entries, notes = read_entries(text, path)
    return Registry(path, entries, text, notes)


def set_track_status(registry: Registry, track_id: str, status: Status) -> str:
    """The text with this track's marker set, nothing else changed. The same status again gives the same text.

    Raises NotFound `track-not-found`, InvalidDocument `registry-no-marker`.
    """
    entry = registry.get(track_id)
    if entry.status is status and entry.marker_span is not None:
        return registry.text
    if entry.marker_span is None:
        raise InvalidDocument(
            "registry-no-marker",
            f"Track {track_id} has no marker in {registry.path}.",
            hint=f"Write the track as `- [ ] **Track: {entry.description}**`.",
            where=f"{registry.path}:{entry.line}",
        )
    return registry.text[: entry.marker_span.start] + MARKERS[status] + registry.text[entry.marker_span.end :]


def add_track(text: str, id: str, description: str, type: str = "feature") -> str:
    """The text with a new open track at its end, in the file's line endings. The same track again gives the same text.

    Raises Usage `track-id-invalid`, Conflict `track-exists` when the id belongs to another description.
    """
    from maestro.documents.words import clean

    check_track_id(id)
    one_line = " ".join(description.split())
    for entry in parse_registry(text, "tracks.md").entries:
        if entry.id.casefold() == id.casefold():
            if entry.description == clean(one_line):
                return text
            raise Conflict(
                "track-exists", f"There is already a track {entry.id}: {entry.description}.", hint="Choose another id.", where=f"tracks.md:{entry.line}"
            )
    newline = "\r\n" if "\r\n" in text else "\n"
    if not text.strip("\ufeff \t\r\n"):
        text += f"# Tracks{newline}"
    if not text.endswith(("\n", "\r")):
        text += newline
    if not text.endswith((newline * 2, "\n\n")):
        text += newline
    return text + f"- [ ] **Track: {one_line}**{newline}*Type: {type} | ID: [{id}](./tracks/{id}/)*{newline}"


def select_track(registry: Registry, query: str | None) -> TrackEntry:
    """The track that is meant: by exact id, then by part of an id, then by part of a description, all without regard to case.

    Without a query the only open track. Raises NotFound `track-not-found` or `no-open-tracks`, DecisionNeeded `track-ambiguous`.
    """
    known = [entry for entry in registry.entries if entry.id]
    if query is None or not query.strip():
        matches = [entry for entry in known if entry.status in (Status.NEW, Status.PROGRESS) and not entry.archived]
        if not matches:
            hint = "`tracks.py list` shows all tracks, `tracks.py new` makes one."
            raise NotFound("no-open-tracks", f"{registry.path} has no open track.", hint=hint, where=registry.path)
    else:
        wanted = query.strip().casefold()
        matches = (
            [entry for entry in known if entry.id.casefold() == wanted]
            or [entry for entry in known if wanted in entry.id.casefold()]
            or [entry for entry in known if wanted in entry.description.casefold()]
        )
        if not matches:
            raise NotFound("track-not-found", f"No track matches {query!r}.", hint="`tracks.py list` shows all tracks.", where=registry.path)
    if len(matches) > 1:
        listed = ", ".join(entry.id for entry in matches)
        raise DecisionNeeded(
            "track-ambiguous",
            f"{'Several tracks are open' if not query else f'{query!r} matches several tracks'}: {listed}.",
            hint="Ask the user; then repeat the command with that id.",
            where=registry.path,
            question={
                "id": "track",
                "kind": "track",
                "text": "Which track?",
                "options": [{"id": entry.id, "label": entry.description, "effect": "uses this track"} for entry in matches],
            },
        )
    return matches[0]
