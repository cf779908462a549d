"""Edits of a plan: each returns the whole text anew, with nothing changed but the bytes of markers and recorded commits.

All are idempotent: asking for what is already so gives the same text. Spans count in `plan.text`, so read the result again before the next edit.
"""

from __future__ import annotations

from collections.abc import Iterable

from maestro.errors import InvalidDocument, NotFound
from maestro.models.plan import MARKERS, Box, Marker, Phase, Plan, Span, Status, Task

_OPEN = (Status.NEW, Status.PROGRESS)
_Change = tuple[Span, str]


def mark_task(plan: Plan, task_id: str, status: Status, sha: str | None = None) -> str:
    """Set a task's marker, and with `done` record the commit as given.

    Done ticks the boxes that are still open. A commit that stands there already keeps its delimiters; without `sha` it stays. Any other status takes the
    recorded commit away. New, after done, opens the ticked boxes again, since done had closed them; after any other status boxes stay as people left them.

    Raises NotFound `task-not-found`, InvalidDocument `plan-no-markers` (a JSON plan).
    """
    task = _task(plan, task_id)
    marker = _marker(plan, task)
    changes: list[_Change] = []
    if marker.status is not status:
        changes.append(_set(plan, marker, status))
        if status is Status.DONE:
            changes += [_set(plan, box.marker, Status.DONE) for box in task.boxes if box.marker.status in _OPEN]
        elif status is Status.NEW and marker.status is Status.DONE:
            changes += [_set(plan, box.marker, Status.NEW) for box in task.boxes if box.marker.status is Status.DONE]
    elif status is Status.DONE:
        changes += [_set(plan, box.marker, Status.DONE) for box in task.boxes if box.marker.status in _OPEN]
        if sha is not None and _absent(marker):
            changes.append((marker.span, f" {MARKERS[status]}"))
    if status is Status.DONE and sha is not None:
        changes += _record(plan, marker, sha)
    elif status is not Status.DONE and marker.sha_span is not None and marker.sha_span.start < marker.sha_span.end:
        changes.append((_with_blanks_before(plan.text, marker.sha_span), ""))
    return _apply(plan.text, changes)


def checkpoint_phase(plan: Plan, phase_id: str, sha: str) -> str:
    """Record `[checkpoint: sha]` at the end of a phase's heading, in place of what stands there. A phase without heading is left alone.

    Raises NotFound `phase-not-found`.
    """
    phase = _phase(plan, phase_id)
    span = phase.checkpoint_span
    if span is None or (phase.checkpoint and _same_commit(phase.checkpoint, sha)):
        return plan.text
    written = f"[checkpoint: {sha}]"
    return _apply(plan.text, [(span, written if span.start < span.end else f" {written}")])


def tick_verification(plan: Plan, phase_id: str) -> str:
    """Tick the open boxes of a phase's verification block, without sha. Raises NotFound `phase-not-found`."""
    verification = _phase(plan, phase_id).verification
    boxes: tuple[Box, ...] = verification.boxes if verification else ()
    return _apply(plan.text, [_set(plan, box.marker, Status.DONE) for box in boxes if box.marker.status not in (Status.DONE, Status.SKIPPED)])


def reopen_phase(plan: Plan, phase_id: str) -> str:
    """Take a phase's checkpoint out of its heading and open the ticked boxes of its verification block. Without a checkpoint nothing is changed.

    Raises NotFound `phase-not-found`.
    """
    phase = _phase(plan, phase_id)
    span = phase.checkpoint_span
    if span is None or span.start == span.end:
        return plan.text
    boxes: tuple[Box, ...] = phase.verification.boxes if phase.verification else ()
    opened = [_set(plan, box.marker, Status.NEW) for box in boxes if box.marker.status is Status.DONE]
    return _apply(plan.text, [(_with_blanks_before(plan.text, span), ""), *opened])


def _phase(plan: Plan, phase_id: str) -> Phase:
    try:
        return plan.phase(phase_id)
    except KeyError:
        raise NotFound("phase-not-found", f"{plan.path} has no phase {phase_id}.", hint="`plan.py show` lists phases and tasks.", where=plan.path) from None


def _task(plan: Plan, task_id: str) -> Task:
    task = plan.by_id.get(task_id)
    if task is None:
        raise NotFound("task-not-found", f"{plan.path} has no task {task_id}.", hint="`plan.py show` lists phases and tasks.", where=plan.path)
    return task


def _marker(plan: Plan, task: Task) -> Marker:
    if task.marker is None:
        hint = "Write the plan as Markdown with `### Task 1.1: ...` headings."
        raise InvalidDocument("plan-no-markers", f"{plan.path} has no place for the marker of task {task.id}.", hint=hint, where=plan.where(task.line))
    return task.marker


def _absent(marker: Marker) -> bool:
    return marker.span.start == marker.span.end


def _set(plan: Plan, marker: Marker, status: Status) -> _Change:
    return marker.span, MARKERS[status] if not _absent(marker) else _apart(plan.text, marker.span.start) + MARKERS[status]


def _record(plan: Plan, marker: Marker, sha: str) -> list[_Change]:
    span = marker.sha_span
    if span is None or (marker.sha is not None and _same_commit(marker.sha, sha)):
        return []
    if span.start == span.end:
        return [(span, f" {sha}")]
    old = plan.text[span.start : span.end]
    return [(span, old.replace(marker.sha, sha, 1) if marker.sha else f"{old[0]}{sha}{old[-1]}" if old[0] in "[(`" else sha)]


def _same_commit(recorded: str, sha: str) -> bool:
    """True where one is an abbreviation of the other."""
    return bool(recorded) and (recorded.startswith(sha) or sha.startswith(recorded))


def _apart(text: str, at: int) -> str:
    return "" if at and text[at - 1] in " \t" else " "


def _with_blanks_before(text: str, span: Span) -> Span:
    start = span.start
    while start and text[start - 1] in " \t":
        start -= 1
    return Span(start, span.end)


def _apply(text: str, changes: Iterable[_Change]) -> str:
    """Put the changes in, in the order of their places; of several at one place in the order given."""
    parts: list[str] = []
    at = 0
    for span, written in sorted(changes, key=lambda change: (change[0].start, change[0].end)):
        parts += text[at : span.start], written
        at = span.end
    parts.append(text[at:])
    return "".join(parts)
