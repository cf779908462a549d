"""`tracks.md`: the list of tracks with their markers, in the forms that people and earlier tools gave it."""

from __future__ import annotations

import re
from dataclasses import replace

from maestro.documents.layout import Layout, check_track_id
from maestro.documents.markdown import Document, Kind, Line, scan
from maestro.documents.words import clean, read_mark, read_tail, without_comments
from maestro.errors import Conflict, DecisionNeeded, InvalidDocument, NotFound
from maestro.files import read_text
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


_TRACK = re.compile(r"[*_~`]{0,3}track\b[*_]{0,3}[ \t]*[:：][*_]{0,3}[ \t]*", re.I)
_FOLDER = re.compile(
    r"(?<![\w-])(tracks|archive)[/\\](?:[\w.-]+[/\\])*?([A-Za-z0-9][A-Za-z0-9._-]*)(?=[/\\](?:[\w-]+\.md)?[\s)\]\"'`*_|]|[/\\]?[)\]\"'`*_|]|[/\\]?\s*$)"
)
_ID = re.compile(r"\bID:[ \t]*[*_`]{0,2}\[?[ \t]*`?([A-Za-z0-9][A-Za-z0-9._-]*)", re.I)
_TYPE = re.compile(r"\bType:[ \t]*[*_]{0,2}[ \t]*([A-Za-z][\w-]*)", re.I)
_SLUG = re.compile(r"[*_`]{0,2}([A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+)[*_`]{0,2}(?=$|[\s:：|])[*_`]{0,2}[ \t]*(?:[:：—–-][ \t]*)?")
_SAYS = (
    (Status.DONE, re.compile(r"✅|\b(?:complete|completed|done|finished|archived)\b", re.I)),
    (Status.BLOCKED, re.compile(r"⛔|🚫|\b(?:blocked|paused)\b", re.I)),
    (Status.PROGRESS, re.compile(r"🟡|🏗|🔄|\b(?:in[ -_]progress|active|doing)\b", re.I)),
    (Status.NEW, re.compile(r"📋|⬜|\b(?:new|todo|pending|planned|backlog|not started)\b", re.I)),
)


def read_registry(layout: Layout) -> Registry:
    """Raises NotFound `registry-missing`."""
    if not layout.registry.exists():
        shown = layout.shown(layout.registry)
        raise NotFound("registry-missing", f"There is no {shown}.", hint="`tracks.py new --id ID --description TEXT PLAN` makes the first track.", where=shown)
    shown = layout.shown(layout.registry)
    return parse_registry(read_text(layout.registry, shown), shown)


def parse_registry(text: str, path: str) -> Registry:
    """Read every track that has a marker, as list item, heading or table row; rows that only say their status in words are read as well.

    Never fails: what looks like a track and cannot be used is named in `notes`.
    """
    document = scan(text)
    entries: list[TrackEntry] = []
    notes: list[Note] = []
    lines = [line for line in document.lines if not line.quoted]
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        begun = _begin(document, line)
        if begun is None:
            if line.kind in (Kind.TEXT, Kind.HEADING) and (folder := _FOLDER.search(text, line.content, line.end)) and "<" not in folder[0]:
                message = f"This line names the track {folder[2]} and has no marker to go by. Write it as `- [ ] **Track: …**`."
                notes.append(Note("track-not-read", message, f"{path}:{line.number}"))
            continue
        start = index
        while index < len(lines) and not _ends_entry(document, lines[index], line):
            index += 1
        entries.append(_complete(document, begun, lines[start:index], path, notes))
    _note_repeated(entries, path, notes)
    if "\0" in text:
        line_number = text.count("\n", 0, text.index("\0")) + 1
        notes.append(
            Note(
                "registry-not-text", "Part of the file is not UTF-8 text (it holds NUL characters) and was not read. Save it as UTF-8.", f"{path}:{line_number}"
            )
        )
    return Registry(path, tuple(entries), text, tuple(notes))


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
            hint="Repeat the command with the id of one of them.",
            where=registry.path,
            question={
                "id": "track",
                "kind": "track",
                "text": "Which track?",
                "options": [{"id": entry.id, "label": f"{entry.id}: {entry.description}", "effect": "uses this track"} for entry in matches],
            },
        )
    return matches[0]


def _begin(document: Document, line: Line) -> TrackEntry | None:
    """The entry that this line begins, still without what the following lines say."""
    if line.kind is Kind.HEADING and line.item is None:
        return _marked(document, line, heading=True)
    if line.kind is Kind.TEXT and line.opens and line.item is not None and line.item.depth == 0:
        return _marked(document, line, heading=False)
    if line.kind is Kind.TEXT and line.item is None and document.plain.startswith("|", line.content):
        return _row(document, line)
    return None


def _marked(document: Document, line: Line, heading: bool) -> TrackEntry | None:
    plain = document.plain
    end = line.content + len(document.content(line))
    mark = read_mark(plain, line.content, end)
    start = mark.span.end if mark else line.content
    while start < end and plain[start] in " \t":
        start += 1
    label = _TRACK.match(plain, start, end)
    if mark is None and not (heading and label):
        return None
    if heading and label is None:
        return None
    status = (mark.status or Status.BLOCKED) if mark else Status.NEW
    tail = read_tail(plain, start, end, done=status is Status.DONE, heading=False)
    words = document.text[label.end() if label else start : max(tail.end, label.end() if label else start)]
    identity = ""
    if label is None and (slug := _SLUG.match(words)):
        identity, words = slug[1], words[slug.end() :]
    return TrackEntry(identity, clean(_unlink(words)), None, status, line.number, mark.span if mark else None)


def _row(document: Document, line: Line) -> TrackEntry | None:
    """A table row with an id and a marker, or a status in words."""
    cells: list[tuple[int, int]] = []
    at = line.content + 1
    while (bar := document.plain.find("|", at, line.end)) >= 0:
        cells.append((at, bar))
        at = bar + 1
    texts = [document.plain[start:end].strip() for start, end in cells]
    identity = next((text.strip("`*") for text in texts if re.fullmatch(r"[`*]*[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+[`*]*", text)), None)
    if identity is None:
        return None
    others = [text for text in texts if text.strip("`*") != identity]
    for (start, end), text in zip(cells, texts, strict=True):
        begin = start + len(document.plain[start:end]) - len(document.plain[start:end].lstrip())
        mark = read_mark(document.plain, begin, end) if text.startswith("[") else None
        if mark is not None:
            title = next((other for other in others if other and not other.startswith("[")), identity)
            return TrackEntry(identity, clean(title), None, mark.status or Status.BLOCKED, line.number, mark.span)
    for text in others[1:]:
        for status, says in _SAYS:
            if says.search(text):
                return TrackEntry(identity, clean(others[0]), None, status, line.number, None)
    return None


def _ends_entry(document: Document, line: Line, begun: Line) -> bool:
    if line.kind in (Kind.HEADING, Kind.RULE):
        return True
    if line.opens and line.item is not None and line.item.depth == 0 and begun.kind is not Kind.HEADING:
        return True
    return _begin(document, line) is not None


def _complete(document: Document, begun: TrackEntry, following: list[Line], path: str, notes: list[Note]) -> TrackEntry:
    """Add id, type and place from the entry's own line and those below it. A label `ID:` outweighs the entry's own words, these a link."""
    own = document.lines[begun.line - 1]
    words = [document.text[own.content : own.end], *(document.text[line.content : line.end] for line in following if line.kind is not Kind.CODE)]
    labelled = next((found[1] for text in words if (found := _ID.search(without_comments(text)))), None)
    folder = next((found for text in words if (found := _FOLDER.search(text))), None)
    kind = next((found[1] for text in words if (found := _TYPE.search(text))), None)
    identity = labelled or begun.id or (folder[2] if folder else "")
    archived = folder is not None and folder[1] == "archive"
    where = f"{path}:{begun.line}"
    if not identity:
        notes.append(Note("track-without-id", f"The track {begun.description!r} has no id. Add a line `*ID: [id](./tracks/id/)*` below it.", where))
    if begun.marker_span is not None and _mark_status(document, begun) is None:
        notes.append(Note("marker-unknown", f"The marker {_shown_mark(document, begun)} of track {identity} is unknown; it is taken as blocked.", where))
    return replace(begun, id=identity, type=kind, archived=archived)


def _mark_status(document: Document, entry: TrackEntry) -> Status | None:
    """The status that the entry's marker names, None for a marker that we do not know."""
    if entry.marker_span is None:
        return None
    mark = read_mark(document.plain, entry.marker_span.start, entry.marker_span.end)
    return mark.status if mark else None


def _shown_mark(document: Document, entry: TrackEntry) -> str:
    assert entry.marker_span is not None
    return document.text[entry.marker_span.start : entry.marker_span.end]


def _note_repeated(entries: list[TrackEntry], path: str, notes: list[Note]) -> None:
    seen: dict[str, int] = {}
    for entry in entries:
        if entry.id and entry.id in seen:
            notes.append(
                Note("track-repeated", f"Track {entry.id} stands twice, first in line {seen[entry.id]}, which counts. Remove one.", f"{path}:{entry.line}")
            )
        elif entry.id:
            seen[entry.id] = entry.line


def _unlink(text: str) -> str:
    """The words of a Markdown link that is the whole text."""
    found = re.fullmatch(r"\[([^\]]*)\]\([^)]*\)", text.strip())
    return found[1] if found else text
