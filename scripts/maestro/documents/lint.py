"""What is odd about a plan that could be read: each note says where, and what to write instead."""

from __future__ import annotations

import re

from maestro.documents.markdown import Kind, scan
from maestro.models.notes import Note
from maestro.models.plan import Plan, Status, Task

_TABLE_TASK = re.compile(r"\|\s*[*`]*(?:TASK-?|T|#)?(\d+(?:\.\d+)*[a-z]?)[*`]*\s*\|", re.I)
_TABLE_ID = re.compile(r"\|\s*[*`]*((?:TASK-?|T)\d+(?:\.\d+)*[a-z]?)[*`]*\s*\|", re.I)
_LIKE_A_TASK = re.compile(r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+\[[ xX~]\][ \t]|#{1,6}[ \t]+Task[ \t]+\d)")


def lint_plan(plan: Plan) -> tuple[Note, ...]:
    """The reader's own notes and everything else that can be seen in the plan alone, in the order of their lines.

    What needs the dependencies (unknown references, cycles) or the scopes is told by those who find them.
    """
    notes = list(plan.notes)
    for task in plan.tasks:
        notes += _task_notes(plan, task)
    notes += _order_notes(plan)
    notes += _hidden_notes(plan)
    return tuple(sorted(notes, key=_line))


def _task_notes(plan: Plan, task: Task) -> list[Note]:
    notes = []
    where = plan.where(task.line)
    open_boxes = sum(box.marker.status in (Status.NEW, Status.PROGRESS) for box in task.boxes)
    if task.status is Status.DONE and open_boxes:
        message = f"Task {task.id} is marked done and {open_boxes} of its {len(task.boxes)} sub-tasks are open. Tick them, or reopen the task."
        notes.append(Note("marker-disagrees", message, where))
    elif task.status is Status.NEW and task.boxes and all(box.marker.status is Status.DONE for box in task.boxes):
        notes.append(Note("marker-disagrees", f"Task {task.id} is open and all its sub-tasks are ticked. Mark it done, or open what is left.", where))
    marked = task.marker is not None and task.marker.span.start < task.marker.span.end
    if task.status is Status.DONE and marked and task.marker is not None and not task.marker.sha:
        notes.append(Note("done-without-sha", f"Task {task.id} is marked done without the commit that did it. Write its sha at the end of the line.", where))
    if not task.title:
        notes.append(Note("task-without-title", f"Task {task.id} has no title. Say in a few words what it does.", where))
    return notes


def _order_notes(plan: Plan) -> list[Note]:
    notes = []
    last: tuple[int, str] | None = None
    for phase in plan.phases:
        if not phase.id.isdigit():
            continue
        if last is not None and int(phase.id) < last[0]:
            message = f"Phase {phase.id} stands after phase {last[1]}. Phases run in the order of the document: move it, or renumber it."
            notes.append(Note("phases-out-of-order", message, plan.where(phase.line)))
        last = (int(phase.id), phase.id)
    return notes


def _hidden_notes(plan: Plan) -> list[Note]:
    """Boxes and headings that Markdown hides: in raw HTML, quotes and accidental code; and tasks that stand in tables alone."""
    notes = []
    known = {task.id.casefold() for task in plan.tasks} | {task.line for task in plan.tasks}
    previous = Kind.BLANK
    fenced = False
    for line in scan(plan.text).lines if plan.dialect != "neutral" else ():
        text = plan.text[line.start : line.end]
        if line.fence:
            fenced = not fenced if line.kind is Kind.CODE else fenced
        if line.kind is Kind.CODE and not line.fence and not fenced and previous is not Kind.CODE and _LIKE_A_TASK.match(text):
            notes.append(
                Note(
                    "task-not-read", "This line is indented so far that Markdown takes it for code. Indent it less to make it a task.", plan.where(line.number)
                )
            )
        elif line.kind is Kind.HTML and _LIKE_A_TASK.match(text):
            message = "Markdown takes this line for raw HTML, so it is no task. Put a blank line behind the tag above it."
            notes.append(Note("task-not-read", message, plan.where(line.number)))
        elif line.quoted and line.kind in (Kind.TEXT, Kind.HEADING) and _LIKE_A_TASK.match(text):
            notes.append(Note("task-not-read", "A box in a quote is no task. Take the `>` away to make it one.", plan.where(line.number)))
        elif line.kind is Kind.TEXT and text.lstrip().startswith("|") and (found := _TABLE_ID.match(text.strip())):
            number = _TABLE_TASK.match(text.strip())
            if found[1].casefold() not in known and (number is None or number[1].casefold() not in known):
                message = f"{found[1]} stands in a table and nowhere as a task. Write it as `### Task {number[1] if number else found[1]}: title`."
                notes.append(Note("task-not-read", message, plan.where(line.number)))
        previous = line.kind
    return notes


def _line(note: Note) -> int:
    _, _, line = (note.where or "").rpartition(":")
    return int(line) if line.isdigit() else 0
