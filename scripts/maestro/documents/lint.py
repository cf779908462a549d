"""What is odd about a plan that could be read: each note says where, and what to write instead."""

from __future__ import annotations

from maestro.models.notes import Note, listed
from maestro.models.plan import Plan, Status, Task


def lint_plan(plan: Plan) -> tuple[Note, ...]:
    """The reader's own notes and everything else that can be seen in the plan alone, in the order of their lines.

    What needs the dependencies (unknown references, cycles) or the scopes is told by those who find them.
    """
    notes = list(plan.notes)
    for task in plan.tasks:
        notes += _task_notes(plan, task)
    notes += _unrecorded_notes(plan)
    notes += _order_notes(plan)
    return tuple(sorted(notes, key=lambda note: note.line))


def _task_notes(plan: Plan, task: Task) -> list[Note]:
    notes = []
    where = plan.where(task.line)
    open_boxes = sum(box.marker.status in (Status.NEW, Status.PROGRESS) for box in task.boxes)
    if task.status is Status.DONE and open_boxes:
        still = "is" if open_boxes == 1 else "are"
        message = f"Task {task.id} is marked done and {open_boxes} of its {len(task.boxes)} sub-tasks {still} open. Tick them, or reopen the task."
        notes.append(Note("marker-disagrees", message, where))
    elif task.status is Status.NEW and task.boxes and all(box.marker.status is Status.DONE for box in task.boxes):
        notes.append(Note("marker-disagrees", f"Task {task.id} is open and all its sub-tasks are ticked. Mark it done, or open what is left.", where))
    if not task.title:
        notes.append(Note("task-without-title", f"Task {task.id} has no title. Say in a few words what it does.", where))
    return notes


def _unrecorded_notes(plan: Plan) -> list[Note]:
    """One note for each phase: a plan that records no commits records none of them, and one reason needs no line for each task."""
    notes = []
    for phase in plan.phases:
        tasks = [task for task in phase.tasks if _is_unrecorded(task)]
        if not tasks:
            continue
        if len(tasks) == 1:
            message = f"Task {tasks[0].id} is marked done without the commit that did it. Write its sha at the end of the line."
        else:
            message = f"Tasks {listed([task.id for task in tasks])} are marked done without the commits that did them. Write each sha at the end of its line."
        notes.append(Note("done-without-sha", message, plan.where(tasks[0].line)))
    return notes


def _is_unrecorded(task: Task) -> bool:
    """Done by a marker of its own, not only because all its boxes are ticked, and without a commit."""
    marker = task.marker
    return task.status is Status.DONE and marker is not None and marker.span.start < marker.span.end and not marker.sha


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
