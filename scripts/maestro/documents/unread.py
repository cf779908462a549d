"""What looks like a task and was not read as one, told so that no work is lost silently."""

from __future__ import annotations

from maestro.documents.markdown import Document, LineKind
from maestro.documents.outline import Outline
from maestro.documents.survey import Head
from maestro.documents.words import clean
from maestro.models.notes import Note

NEAR = 12
"""Lines between two boxes of one list, at most: what stands further apart gets a note of its own."""


def unread_notes(document: Document, outline: Outline, path: str) -> list[Note]:
    """One note for each run of plain boxes, one for everything that calls itself a task, one for a block that hides the rest of the document."""
    notes = []
    if document.unclosed is not None:
        what = "code block" if document.unclosed.kind is LineKind.CODE else "comment"
        message = f"The {what} that opens here is never closed and hides the rest of the document. Close it."
        notes.append(Note("block-unclosed", message, f"{path}:{document.unclosed.number}"))
    run: list[Head] = []
    for head in [*outline.unread, None]:
        if head is not None and not head.labelled and not head.heading and (not run or head.line.number - run[-1].line.number < NEAR):
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
