"""From the parts of a plan to the plan: ids, titles, markers, boxes, fields. Shared by the dialects that are Markdown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from maestro.documents.fields import labels, read_fields, read_files
from maestro.documents.hidden import hidden_notes
from maestro.documents.markdown import Document, Line, LineKind
from maestro.documents.numbering import phase_ids, phase_name, task_ids
from maestro.documents.outline import Outline, Part, PhaseDraft
from maestro.documents.survey import Head, Survey, tail_of
from maestro.documents.unread import unread_notes
from maestro.documents.words import Mark, Tail, clean, read_tail, without_comments
from maestro.errors import InvalidDocument
from maestro.models.notes import Note
from maestro.models.plan import Box, Marker, Phase, Plan, Span, Status, Task, TextLine, Verification
from maestro.records import dataclass

_WORDLESS = (LineKind.BLANK, LineKind.RULE)
_SETTLED = {Status.DONE, Status.SKIPPED}


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a dialect adds while a plan is put together: `finish` may change each task before it is final, `constraints` hold for all of them."""

    dialect: str
    finish: Callable[[Task], Task] = lambda task: task
    constraints: str = ""
    number_by_phase: bool = True


@dataclass(slots=True, eq=False)
class _Reading:
    """A document on its way to a plan. `boxes` are its marked list items by line, `path` is what messages call it, `notes` what was noticed so far."""

    document: Document
    boxes: dict[int, Head]
    path: str
    notes: list[Note]

    def note(self, code: str, message: str, line: Line) -> None:
        self.notes.append(Note(code, message, f"{self.path}:{line.number}"))


def assemble(survey: Survey, path: str, outline: Outline, how: Assembly) -> Plan:
    """The plan that a document holds, of whose lines `outline` says where they belong. Raises InvalidDocument `plan-no-tasks` or `plan-duplicate-id`."""
    document = survey.document
    notes: list[Note] = []
    reading = _Reading(document, survey.boxes, path, notes)
    drafts = [draft for draft in outline.phases if draft.tasks or draft.verifications]
    for draft in outline.phases:
        if draft.head is not None and not draft.tasks and not draft.verifications and not _divided(draft, outline.phases):
            message = f"The phase {clean(draft.head.words)!r} holds no task and is left out. Write its tasks below it, or take the heading away."
            reading.note("phase-empty", message, draft.head.line)
    ids = phase_ids(document, drafts, path, notes)
    names = task_ids(document, drafts, ids, path, by_phase=how.number_by_phase)
    phases = []
    for draft, phase_id in zip(drafts, ids, strict=True):
        tasks = tuple(how.finish(_task(reading, part, names[id(part)], phase_id)) for part in draft.tasks)
        phases.append(_phase(reading, draft, phase_id, tasks))
    if not any(phase.tasks for phase in phases):
        raise _no_tasks(document, outline, path)
    notes += unread_notes(document, outline, path)
    hidden = hidden_notes(document, path, (part.head for draft in drafts for part in draft.tasks), (task for phase in phases for task in phase.tasks))
    told = {(note.code, note.where) for note in notes}
    notes += [note for note in hidden if (note.code, note.where) not in told]
    first = next((line for line in document.lines if line.kind is not LineKind.BLANK), None)
    title = outline.title or (clean(document.content(first)) if first is not None and first.kind is LineKind.HEADING else "")
    return Plan(path, how.dialect, title, tuple(phases), document.text, how.constraints, tuple(notes), _text_lines(document, outline.loose))


def _text_lines(document: Document, lines: Sequence[Line]) -> tuple[TextLine, ...]:
    """Lines as task text: hidden comments left out, code marked as such."""
    text, code, comment = document.text, LineKind.CODE, LineKind.COMMENT
    shown = [(line, text[line.start : line.end]) for line in lines if line.kind is not comment]
    if any("<!--" in words for _, words in shown):
        shown = [(line, without_comments(words)) for line, words in shown]
    while shown and not shown[-1][1].strip():
        shown.pop()
    first = next((index for index, (_, words) in enumerate(shown) if words.strip()), 0)
    return tuple([TextLine(line.number, words, line.kind is code) for line, words in shown[first:]])


def _read_boxes(reading: _Reading, lines: Sequence[Line], base: int) -> tuple[Box, ...]:
    """The marked list items among `lines`; `base` is the depth at which boxes are direct."""
    boxes = []
    for line in lines:
        if not line.opens or (head := reading.boxes.get(line.number)) is None or head.mark is None or line.item is None:
            continue
        span = head.mark.span
        marker = Marker(head.mark.status or _status(reading, head.mark, line), span, line.number, False)
        boxes.append(Box(clean(reading.document.text[span.end : line.end]), marker, max(0, line.item.depth - base)))
    return tuple(boxes)


def _divided(draft: PhaseDraft, phases: Sequence[PhaseDraft]) -> bool:
    """True for a phase heading whose next phase lies below it, and which is thus only a group of phases."""
    at = next(index for index, phase in enumerate(phases) if phase is draft)
    following = phases[at + 1].head if at + 1 < len(phases) else None
    return draft.head is not None and following is not None and draft.head.heading and following.line.level > draft.head.line.level


def _no_tasks(document: Document, outline: Outline, path: str) -> InvalidDocument:
    seen = f" Line {outline.unread[0].line.number} looks like one and stands outside any phase." if outline.unread else ""
    if document.unclosed is not None:
        seen = f" The block that opens in line {document.unclosed.number} is never closed."
    line = outline.unread[0].line.number if outline.unread else document.unclosed.number if document.unclosed else 1
    return InvalidDocument(
        "plan-no-tasks",
        f"{path} holds no task.{seen}",
        hint="Write tasks as `### Task 1.1: title` or `- [ ] Task: title` below `## Phase 1: title`.",
        where=f"{path}:{line}",
    )


def _task(reading: _Reading, part: Part, task_id: str, phase_id: str) -> Task:
    head, line = part.head, part.head.line
    tail = tail_of(reading.document, head)
    base = line.item.depth + 1 if line.item is not None else 0
    boxes = _read_boxes(reading, part.lines, base)
    body = _text_lines(reading.document, part.lines)
    labelled = labels(body)
    start = min(head.name.start, tail.end) if head.name else head.start
    last = next((below.end for below in reversed(part.lines) if below.kind not in _WORDLESS), line.end)
    marker = _heading_marker(reading, head, tail, boxes) if head.heading else _item_marker(reading, head, tail)
    return Task(
        id=task_id,
        title=clean(_title(reading.document.text, start, tail)),
        line=line.number,
        phase=phase_id,
        status=marker.status,
        marker=marker,
        body=_without_rules(body),
        boxes=boxes,
        files=read_files(body, labelled) if labelled else (),
        fields=read_fields(body, labelled) if labelled else (),
        source=reading.document.text[line.start : max(last, line.end)],
    )


def _title(text: str, start: int, tail: Tail) -> str:
    """The words between the label and what stands behind them; a commit recorded in their middle is no part of them."""
    span = tail.sha_span
    if span is None or not start <= span.start < span.end <= tail.end:
        return text[start : max(start, tail.end)]
    return text[start : span.start].rstrip(" \t") + text[span.end : tail.end]


def _without_rules(body: tuple[TextLine, ...]) -> tuple[TextLine, ...]:
    end = len(body)
    while end and not body[end - 1].code and not body[end - 1].text.strip(" \t-*_"):
        end -= 1
    return body[:end]


def _item_marker(reading: _Reading, head: Head, tail: Tail) -> Marker:
    assert head.mark is not None
    status = _status(reading, head.mark, head.line)
    place = head.line.content + len(reading.document.plain[head.line.content : head.line.end].rstrip(" \t"))
    return Marker(status, head.mark.span, head.line.number, in_heading=False, sha=tail.sha, sha_span=tail.sha_span or Span(place, place))


def _heading_marker(reading: _Reading, head: Head, tail: Tail, boxes: Sequence[Box]) -> Marker:
    """A heading's marker stands at its end, or before its words in older plans. Without one its boxes speak for it."""
    mark = head.mark or tail.mark
    place = Span(head.end, head.end)
    if mark is None:
        statuses = {box.marker.status for box in boxes}
        status = Status.NEW if Status.DONE not in statuses else Status.DONE if statuses <= _SETTLED else Status.PROGRESS
        return Marker(status, place, head.line.number, in_heading=True, sha=None, sha_span=place)
    status = _status(reading, mark, head.line)
    return Marker(status, mark.span, head.line.number, in_heading=True, sha=tail.sha, sha_span=tail.sha_span or place)


def _status(reading: _Reading, mark: Mark, line: Line) -> Status:
    if mark.status is not None:
        return mark.status
    shown = reading.document.text[mark.span.start : mark.span.end]
    message = f"The marker {shown} is unknown and taken as blocked. Use one of [ ] [~] [x] [-] [!]."
    reading.note("marker-unknown", message, line)
    return Status.BLOCKED


def _phase(reading: _Reading, draft: PhaseDraft, phase_id: str, tasks: tuple[Task, ...]) -> Phase:
    verification = _verification(reading, draft.verifications)
    if draft.head is None:
        return Phase(phase_id, draft.title, tasks[0].line if tasks else 1, tasks, verification=verification)
    head = draft.head
    name = phase_name(reading.document, head)
    start = name.start if name else head.start
    tail = read_tail(reading.document.plain, min(start, head.end), head.end, done=False, heading=True)
    span = tail.checkpoint_span or Span(head.end, head.end)
    title = clean(reading.document.text[min(start, tail.end) : tail.end])
    return Phase(phase_id, title, head.line.number, tasks, tail.checkpoint, span, verification)


def _verification(reading: _Reading, parts: Sequence[Part]) -> Verification | None:
    """One block of a phase, put together from its heading, its list items and what stands below them."""
    if not parts:
        return None
    boxes: list[Box] = []
    steps: list[str] = []
    for part in parts:
        head = part.head
        base = 0
        if not head.heading and head.mark is not None:
            boxes.append(Box(clean(head.words), replace(_item_marker(reading, head, Tail(head.end)), sha_span=None), 0))
            base = head.line.item.depth if head.line.item else 0
        boxes += _read_boxes(reading, part.lines, base)
        steps += [text.text.strip() for text in _text_lines(reading.document, part.lines) if text.text.strip()]
    return Verification(clean(parts[0].head.words), parts[0].head.line.number, tuple(boxes), tuple(steps))
