"""How a track stands in the registry: as a list item, under a heading, or in a row of a table."""

from __future__ import annotations

import re
from dataclasses import replace

from maestro.documents.markdown import Document, Line, LineKind, scan
from maestro.documents.registry import TrackEntry
from maestro.documents.words import clean, read_mark, read_tail, without_comments
from maestro.models.notes import Note
from maestro.models.plan import Status
from maestro.patterns import pattern

_TRACK = pattern(r"[*_~`]{0,3}(?i:track)\b[*_]{0,3}[ \t]*[:：][*_]{0,3}[ \t]*")
_FOLDER = pattern(
    r"(?<![\w-])(tracks|archive)[/\\](?:[\w.-]+[/\\])*?([A-Za-z0-9][A-Za-z0-9._-]*)(?=[/\\](?:[\w-]+\.md)?[\s)\]\"'`*_|]|[/\\]?[)\]\"'`*_|]|[/\\]?\s*$)"
)
_ID = pattern(r"\b(?i:ID):[ \t]*[*_`]{0,2}\[?[ \t]*`?([A-Za-z0-9][A-Za-z0-9._-]*)")
_TYPE = pattern(r"\b(?i:Type):[ \t]*[*_]{0,2}[ \t]*([A-Za-z][\w-]*)")
_SLUG = pattern(r"[*_`]{0,2}([A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)+)[*_`]{0,2}(?=$|[\s:：|])[*_`]{0,2}[ \t]*(?:[:：—–-][ \t]*)?")
_SAYS = (
    (Status.DONE, pattern(r"✅|\b(?:complete|completed|done|finished|archived)\b", re.I)),
    (Status.BLOCKED, pattern(r"⛔|🚫|\b(?:blocked|paused)\b", re.I)),
    (Status.PROGRESS, pattern(r"🟡|🏗|🔄|\b(?:in[ -_]progress|active|doing)\b", re.I)),
    (Status.NEW, pattern(r"📋|⬜|\b(?:new|todo|pending|planned|backlog|not started)\b", re.I)),
)


def read_entries(text: str, path: str) -> tuple[tuple[TrackEntry, ...], tuple[Note, ...]]:
    """The tracks of a registry, and what in it looks like a track and cannot be used."""
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
            if line.kind in (LineKind.TEXT, LineKind.HEADING) and (folder := _FOLDER.search(text, line.content, line.end)) and "<" not in folder[0]:
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
    return tuple(entries), tuple(notes)


def _begin(document: Document, line: Line) -> TrackEntry | None:
    """The entry that this line begins, still without what the following lines say."""
    if line.kind is LineKind.HEADING and line.item is None:
        return _marked(document, line, heading=True)
    if line.kind is LineKind.TEXT and line.opens and line.item is not None and line.item.depth == 0:
        return _marked(document, line, heading=False)
    if line.kind is LineKind.TEXT and line.item is None and document.plain.startswith("|", line.content):
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
    if line.kind in (LineKind.HEADING, LineKind.RULE):
        return True
    if line.opens and line.item is not None and line.item.depth == 0 and begun.kind is not LineKind.HEADING:
        return True
    return _begin(document, line) is not None


def _complete(document: Document, begun: TrackEntry, following: list[Line], path: str, notes: list[Note]) -> TrackEntry:
    """Add id, type and place from the entry's own line and those below it. A label `ID:` outweighs the entry's own words, these a link."""
    own = document.lines[begun.line - 1]
    words = [document.text[own.content : own.end], *(document.text[line.content : line.end] for line in following if line.kind is not LineKind.CODE)]
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
