"""Edits of a plan: each says which bytes of markers and recorded commits have to change, and `edited` changes them all at once.

Asking for what is already so gives no changes. Edits of different tasks and phases never meet, so one reading of the plan serves any number of them.
"""

from __future__ import annotations

from collections.abc import Iterable

from maestro.errors import InvalidDocument, NotFound
from maestro.models.plan import MARKERS, Box, Marker, Phase, Plan, Span, Status, Task
from maestro.records import dataclass

_OPEN = (Status.NEW, Status.PROGRESS)


@dataclass(frozen=True, slots=True)
class Change:
    """`written` instead of what stands at `span` of a plan's text; an empty span is the place of an insertion."""

    span: Span
    written: str


def edited(plan: Plan, changes: Iterable[Change]) -> str:
    """The plan's text with these changes, which must not overlap; of several insertions at one place in the order given."""
    parts: list[str] = []
    at = 0
    for change in sorted(changes, key=lambda change: (change.span.start, change.span.end)):
        parts += plan.text[at : change.span.start], change.written
        at = change.span.end
    parts.append(plan.text[at:])
    return "".join(parts)


def mark_task(plan: Plan, task_id: str, status: Status, sha: str | None = None) -> list[Change]:
    """Set a task's marker, and with `done` record the commit as given.

    Done ticks the boxes that are still open. A commit that stands there already keeps its delimiters; without `sha` it stays. Any other status takes the
    recorded commit away. New, after done, opens the ticked boxes again, since done had closed them; after any other status boxes stay as people left them.

    Raises NotFound `task-not-found`, InvalidDocument `plan-no-markers` (a JSON plan).
    """
    task = _task(plan, task_id)
    marker = _marker(plan, task)
    changes: list[Change] = []
    if marker.status is not status:
        changes.append(_set(plan, marker, status))
        if status is Status.DONE:
            changes += [_set(plan, box.marker, Status.DONE) for box in task.boxes if box.marker.status in _OPEN]
        elif status is Status.NEW and marker.status is Status.DONE:
            changes += [_set(plan, box.marker, Status.NEW) for box in task.boxes if box.marker.status is Status.DONE]
    elif status is Status.DONE:
        changes += [_set(plan, box.marker, Status.DONE) for box in task.boxes if box.marker.status in _OPEN]
        if sha is not None and _absent(marker):
            changes.append(Change(marker.span, f" {MARKERS[status]}"))
    if status is Status.DONE and sha is not None:
        changes += _record(plan, marker, sha)
    elif status is not Status.DONE and marker.sha_span is not None and marker.sha_span.start < marker.sha_span.end:
        changes.append(Change(_with_blanks_before(plan.text, marker.sha_span), ""))
    return changes


def checkpoint_phase(plan: Plan, phase_id: str, sha: str) -> list[Change]:
    """Record `[checkpoint: sha]` at the end of a phase's heading, in place of what stands there. A phase without heading is left alone.

    Raises NotFound `phase-not-found`.
    """
    phase = _phase(plan, phase_id)
    span = phase.checkpoint_span
    if span is None or (phase.checkpoint and _same_commit(phase.checkpoint, sha)):
        return []
    written = f"[checkpoint: {sha}]"
    return [Change(span, written if span.start < span.end else f" {written}")]


def tick_verification(plan: Plan, phase_id: str) -> list[Change]:
    """Tick the open boxes of a phase's verification block, without sha. Raises NotFound `phase-not-found`."""
    boxes = _boxes_to_verify(_phase(plan, phase_id))
    return [_set(plan, box.marker, Status.DONE) for box in boxes if box.marker.status not in (Status.DONE, Status.SKIPPED)]


def reopen_phase(plan: Plan, phase_id: str) -> list[Change]:
    """Take a phase's checkpoint out of its heading and open the ticked boxes of its verification block. Without a checkpoint nothing is changed.

    Raises NotFound `phase-not-found`.
    """
    phase = _phase(plan, phase_id)
    span = phase.checkpoint_span
    if span is None or span.start == span.end:
        return []
    opened = [_set(plan, box.marker, Status.NEW) for box in _boxes_to_verify(phase) if box.marker.status is Status.DONE]
    return [Change(_with_blanks_before(plan.text, span), ""), *opened]


def _phase(plan: Plan, phase_id: str) -> Phase:
    try:
        return plan.phase(phase_id)
    except KeyError:
        raise NotFound("phase-not-found", f"{plan.path} has no phase {phase_id}.", hint="`plan.py show` lists phases and tasks.", where=plan.path) from None


def _boxes_to_verify(phase: Phase) -> tuple[Box, ...]:
    return phase.verification.boxes if phase.verification else ()


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


def _set(plan: Plan, marker: Marker, status: Status) -> Change:
    return Change(marker.span, MARKERS[status] if not _absent(marker) else _apart(plan.text, marker.span.start) + MARKERS[status])


def _record(plan: Plan, marker: Marker, sha: str) -> list[Change]:
    span = marker.sha_span
    if span is None or (marker.sha is not None and _same_commit(marker.sha, sha)):
        return []
    if span.start == span.end:
        return [Change(span, f" {sha}")]
    old = plan.text[span.start : span.end]
    return [Change(span, old.replace(marker.sha, sha, 1) if marker.sha else f"{old[0]}{sha}{old[-1]}" if old[0] in "[(`" else sha)]


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
