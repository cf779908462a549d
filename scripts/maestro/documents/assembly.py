"""From the parts of a plan to the plan: ids, titles, markers, boxes, fields. Shared by the dialects that are Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from maestro.documents.fields import read_fields, read_files
from maestro.documents.hidden import hidden_notes
from maestro.documents.markdown import Document, Kind, Line
from maestro.documents.names import GROUP_WORDS, Name, phase_number, read_name, task_number
from maestro.documents.outline import Outline, Part, PhaseDraft
from maestro.documents.survey import Head, tail_of
from maestro.documents.words import Mark, Tail, clean, read_mark, read_tail, without_comments
from maestro.errors import InvalidDocument, together
from maestro.models.notes import Note
from maestro.models.plan import Box, Marker, Phase, Plan, Span, Status, Task, TextLine, Verification
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a dialect adds while a plan is put together: `finish` may change each task before it is final, `constraints` hold for all of them."""

    dialect: str
    finish: Callable[[Task], Task] = lambda task: task
    constraints: str = ""
    number_by_phase: bool = True


def assemble(document: Document, path: str, outline: Outline, how: Assembly) -> Plan:
    """Raises InvalidDocument `plan-no-tasks` or `plan-duplicate-id`."""
    notes: list[Note] = []
    drafts = [draft for draft in outline.phases if draft.tasks or draft.verifications]
    for draft in outline.phases:
        if draft.head is not None and not draft.tasks and not draft.verifications and not _divided(draft, outline.phases):
            notes.append(Note("phase-empty", f"The phase {clean(draft.head.words)!r} holds no task and is left out.", f"{path}:{draft.head.line.number}"))
    phase_ids = _phase_ids(document, drafts, path, notes)
    task_ids = _task_ids(document, drafts, phase_ids, path, notes, how)
    phases = []
    for draft, phase_id in zip(drafts, phase_ids, strict=True):
        tasks = tuple(how.finish(_task(document, part, task_ids[id(part)], phase_id, path, notes)) for part in draft.tasks)
        phases.append(_phase(document, draft, phase_id, tasks, path, notes))
    if not any(phase.tasks for phase in phases):
        raise _no_tasks(document, outline, path)
    notes += _unread_notes(document, outline, path)
    notes += hidden_notes(document, path, (part.head for draft in drafts for part in draft.tasks), (task for phase in phases for task in phase.tasks))
    first = next((line for line in document.lines if line.kind is not Kind.BLANK), None)
    title = outline.title or (clean(document.content(first)) if first is not None and first.kind is Kind.HEADING else "")
    return Plan(path, how.dialect, title, tuple(phases), document.text, how.constraints, tuple(notes), text_lines(document, outline.loose))


def text_lines(document: Document, lines: Sequence[Line]) -> tuple[TextLine, ...]:
    """Lines as task text: hidden comments left out, code marked as such."""
    shown = [
        TextLine(line.number, without_comments(document.text[line.start : line.end]), line.kind is Kind.CODE) for line in lines if line.kind is not Kind.COMMENT
    ]
    while shown and not shown[-1].text.strip():
        shown.pop()
    while shown and not shown[0].text.strip():
        shown.pop(0)
    return tuple(shown)


def read_boxes(document: Document, lines: Sequence[Line], base: int, path: str, notes: list[Note]) -> tuple[Box, ...]:
    """The marked list items among `lines`; `base` is the depth at which boxes are direct."""
    boxes = []
    for line in lines:
        if not line.opens or line.kind is not Kind.TEXT or line.quoted or line.item is None:
            continue
        mark = read_mark(document.plain, line.content, line.end)
        if mark is None:
            continue
        marker = Marker(_status(document, mark, line, path, notes), mark.span, line.number, in_heading=False)
        boxes.append(Box(clean(document.text[mark.span.end : line.end]), marker, max(0, line.item.depth - base)))
    return tuple(boxes)


def _unread_notes(document: Document, outline: Outline, path: str) -> list[Note]:
    """What looks like a task and was not read as one: one note for each run of plain boxes, one for everything that calls itself a task."""
    notes = []
    if document.unclosed is not None:
        what = "code block" if document.unclosed.kind is Kind.CODE else "comment"
        message = f"The {what} that opens here is never closed and hides the rest of the document. Close it."
        notes.append(Note("block-unclosed", message, f"{path}:{document.unclosed.number}"))
    run: list[Head] = []
    for head in [*outline.unread, None]:
        if head is not None and not head.labelled and not head.heading and (not run or head.line.number - run[-1].line.number < 12):
            run.append(head)
            continue
        if run:
            many = "This box is not read as a task" if len(run) == 1 else f"These {len(run)} boxes (to line {run[-1].line.number}) are not read as tasks"
            message = f"{many}: {clean(run[0].words)[:60]!r}. Where it is work, write `- [ ] Task: …` below a phase."
            notes.append(Note("box-not-a-task", message, f"{path}:{run[0].line.number}"))
            run = []
        if head is not None and (head.labelled or head.heading):
            words = clean(document.text[head.line.content : head.line.end])[:60]
            message = f"{words!r} looks like a task and is not read as one. Give it a marker, `- [ ] Task: …`, or another name."
            notes.append(Note("task-not-read", message, f"{path}:{head.line.number}"))
        elif head is not None:
            run = [head]
    return notes


def _divided(draft: PhaseDraft, phases: Sequence[PhaseDraft]) -> bool:
    """True for a phase heading whose next phase lies below it, and which is thus only a group of phases."""
    at = next(index for index, phase in enumerate(phases) if phase is draft)
    following = phases[at + 1].head if at + 1 < len(phases) else None
    return draft.head is not None and following is not None and draft.head.heading and following.line.level > draft.head.line.level


def _phase_ids(document: Document, drafts: Sequence[PhaseDraft], path: str, notes: list[Note]) -> list[str]:
    """A phase is called by its number; without one, or where the number was used before, by the next free ordinal."""
    numbers = [_phase_number(document, draft.head) for draft in drafts]
    taken = {number for number in numbers if number}
    seen: dict[str, int] = {}
    ids: list[str] = []
    for ordinal, (draft, number) in enumerate(zip(drafts, numbers, strict=True), 1):
        line = draft.head.line.number if draft.head else 1
        if number and number not in seen:
            seen[number] = line
            ids.append(number)
            continue
        free = ordinal
        while str(free) in taken:
            free += 1
        taken.add(str(free))
        ids.append(str(free))
        if number:
            notes.append(
                Note(
                    "phase-number-repeated",
                    f"Phase {number} stands twice, first in line {seen[number]}; this one is read as phase {free}. Renumber it.",
                    f"{path}:{line}",
                )
            )
    return ids


def _phase_number(document: Document, head: Head | None) -> str | None:
    name = _phase_name(document, head)
    return phase_number(name.number) if name else None


def _phase_name(document: Document, head: Head | None) -> Name | None:
    if head is None:
        return None
    return head.phase or read_name(document.plain, head.start, head.end, GROUP_WORDS) or head.number


def _task_ids(document: Document, drafts: Sequence[PhaseDraft], phase_ids: Sequence[str], path: str, notes: list[Note], how: Assembly) -> dict[int, str]:
    """The author's id; where numbers start anew in each phase, phase and number; without any, phase and position."""
    own: dict[int, str | None] = {}
    for draft in drafts:
        for part in draft.tasks:
            number = task_number(part.head.name.number) if part.head.name else None
            own[id(part)] = number or tail_of(document, part.head).comment_id
    uses = Counter(number for number in own.values() if number)
    firsts = {number: part for number, part in reversed([(own[id(part)], part) for draft in drafts for part in draft.tasks]) if number}
    restarts = how.number_by_phase and any(count > 1 and "." not in number for number, count in uses.items())
    ids: dict[int, str] = {}
    taken = {number for number, count in uses.items() if count == 1 and not (restarts and "." not in number)}
    repeated = []
    for draft, phase_id in zip(drafts, phase_ids, strict=True):
        in_phase: dict[str, Part] = {}
        for part in draft.tasks:
            number = own[id(part)]
            if number is None or (uses[number] == 1 and not (restarts and "." not in number)):
                ids[id(part)] = number or ""
                continue
            if number in in_phase or ((not restarts or "." in number) and part is not firsts[number]):
                repeated.append(_duplicate(number, part, in_phase.get(number, firsts[number]), path))
                continue
            in_phase[number] = part
            ids[id(part)] = f"{phase_id}.{number}"
            taken.add(ids[id(part)])
    if repeated:
        raise together(repeated)
    for draft, phase_id in zip(drafts, phase_ids, strict=True):
        for ordinal, part in enumerate(draft.tasks, 1):
            if not ids[id(part)]:
                position = ordinal
                while f"{phase_id}.{position}" in taken:
                    position += 1
                ids[id(part)] = f"{phase_id}.{position}"
                taken.add(ids[id(part)])
    return ids


def _duplicate(number: str, part: Part, first: Part, path: str) -> InvalidDocument:
    line = part.head.line.number
    return InvalidDocument(
        "plan-duplicate-id",
        f"Task {number} stands twice in {path}: in line {first.head.line.number} and in line {line}.",
        hint="Give one of them another number.",
        where=f"{path}:{line}",
    )


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


def _task(document: Document, part: Part, task_id: str, phase_id: str, path: str, notes: list[Note]) -> Task:
    head, line = part.head, part.head.line
    tail = tail_of(document, head)
    base = line.item.depth + 1 if line.item is not None else 0
    boxes = read_boxes(document, part.lines, base, path, notes)
    body = text_lines(document, part.lines)
    start = min(head.name.start, tail.end) if head.name else head.start
    last = next((below.end for below in reversed(part.lines) if below.kind not in (Kind.BLANK, Kind.RULE)), line.end)
    marker = _heading_marker(document, head, tail, boxes, path, notes) if head.heading else _item_marker(document, head, tail, path, notes)
    return Task(
        id=task_id,
        title=clean(_title(document.text, start, tail)),
        line=line.number,
        phase=phase_id,
        status=marker.status,
        marker=marker,
        body=_without_rules(body),
        boxes=boxes,
        files=read_files(body),
        fields=read_fields(body),
        source=document.text[line.start : max(last, line.end)],
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


def _item_marker(document: Document, head: Head, tail: Tail, path: str, notes: list[Note]) -> Marker:
    assert head.mark is not None
    status = _status(document, head.mark, head.line, path, notes)
    place = head.line.content + len(document.plain[head.line.content : head.line.end].rstrip(" \t"))
    return Marker(status, head.mark.span, head.line.number, in_heading=False, sha=tail.sha, sha_span=tail.sha_span or Span(place, place))


def _heading_marker(document: Document, head: Head, tail: Tail, boxes: Sequence[Box], path: str, notes: list[Note]) -> Marker:
    """A heading's marker stands at its end, or before its words in older plans. Without one its boxes speak for it."""
    mark = head.mark or tail.mark
    place = Span(head.end, head.end)
    if mark is None:
        open_boxes = [box for box in boxes if box.marker.status not in (Status.DONE, Status.SKIPPED)]
        done = any(box.marker.status is Status.DONE for box in boxes)
        status = Status.NEW if not done else Status.PROGRESS if open_boxes else Status.DONE
        return Marker(status, place, head.line.number, in_heading=True, sha=None, sha_span=place)
    status = _status(document, mark, head.line, path, notes)
    return Marker(status, mark.span, head.line.number, in_heading=True, sha=tail.sha, sha_span=tail.sha_span or place)


def _status(document: Document, mark: Mark, line: Line, path: str, notes: list[Note]) -> Status:
    if mark.status is not None:
        return mark.status
    shown = document.text[mark.span.start : mark.span.end]
    message = f"The marker {shown} is unknown and taken as blocked. Use one of [ ] [~] [x] [-] [!]."
    notes.append(Note("marker-unknown", message, f"{path}:{line.number}"))
    return Status.BLOCKED


def _phase(document: Document, draft: PhaseDraft, phase_id: str, tasks: tuple[Task, ...], path: str, notes: list[Note]) -> Phase:
    verification = _verification(document, draft.verifications, path, notes)
    if draft.head is None:
        return Phase(phase_id, draft.title, tasks[0].line if tasks else 1, tasks, verification=verification)
    head = draft.head
    name = _phase_name(document, head)
    start = name.start if name else head.start
    tail = read_tail(document.plain, min(start, head.end), head.end, done=False, heading=True)
    span = tail.checkpoint_span or Span(head.end, head.end)
    title = clean(document.text[min(start, tail.end) : tail.end])
    return Phase(phase_id, title, head.line.number, tasks, tail.checkpoint, span, verification)


def _verification(document: Document, parts: Sequence[Part], path: str, notes: list[Note]) -> Verification | None:
    """One block of a phase, put together from its heading, its list items and what stands below them."""
    if not parts:
        return None
    boxes: list[Box] = []
    steps: list[str] = []
    for part in parts:
        head = part.head
        base = 0
        if not head.heading and head.mark is not None:
            boxes.append(Box(clean(head.words), replace(_item_marker(document, head, Tail(head.end), path, notes), sha_span=None), 0))
            base = head.line.item.depth if head.line.item else 0
        boxes += read_boxes(document, part.lines, base, path, notes)
        steps += [text.text.strip() for text in text_lines(document, part.lines) if text.text.strip()]
    return Verification(clean(parts[0].head.words), parts[0].head.line.number, tuple(boxes), tuple(steps))
