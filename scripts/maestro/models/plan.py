"""A plan as it was read, whatever dialect it was written in."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property

from maestro.models.notes import Note
from maestro.records import dataclass


class Status(StrEnum):
    """What a marker says of a task, a sub-task or a track."""

    NEW = "new"
    PROGRESS = "progress"
    DONE = "done"
    SKIPPED = "skipped"
    BLOCKED = "blocked"


MARKERS = {Status.NEW: "[ ]", Status.PROGRESS: "[~]", Status.DONE: "[x]", Status.SKIPPED: "[-]", Status.BLOCKED: "[!]"}
"""How each status is written in a plan, and shown."""


class Access(StrEnum):
    """How a task touches a path."""

    CREATE = "create"
    MODIFY = "modify"
    DELETE = "delete"
    RENAME = "rename"
    READ = "read"

    def __init__(self, word: str) -> None:
        self.writes = word != "read"
        """Whether the path is changed in any way."""


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of characters in the decoded text of a document."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Marker:
    """Where a status stands, or would stand, in the document.

    `span` covers the brackets and what is between them; it is empty, at the place where a marker belongs, when there is none yet.
    `in_heading` tells the two styles of design apart: at the end of a heading, or before the text of a list item.
    `sha` is the commit that the document records for the task, exactly as written; `sha_span` covers it with its delimiters (`` `sha` ``, `[sha]`, `(sha)`),
    or is the empty range where a sha would be inserted.
    """

    status: Status
    span: Span
    line: int
    in_heading: bool
    sha: str | None = None
    sha_span: Span | None = None


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of a task's text, without its line ending. `code` is true inside code blocks, whose content is an example and no instruction."""

    line: int
    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A list item with a marker below a task, or in a verification block."""

    text: str
    marker: Marker
    depth: int = 0


@dataclass(frozen=True, slots=True)
class FileMention:
    """A path that stands in a field meant for paths (`**Files:**`, `Files to Modify`). `access` is None where the field does not say."""

    path: str
    line: int
    access: Access | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A labelled line of a task, such as `Dependencies: 1.1, 1.2`. `name` is lower case, without delimiters or emphasis."""

    name: str
    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Task:
    """One unit of work.

    `id` is unique in the plan and the only name that other documents use. `body` holds the lines after the title, hidden comments left out; `source` is the
    task's text exactly as it stands, for briefs. `marker` is None only in dialects that have no place for one (neutral).
    """

    id: str
    title: str
    line: int
    phase: str
    status: Status
    marker: Marker | None = None
    body: tuple[TextLine, ...] = ()
    boxes: tuple[Box, ...] = ()
    files: tuple[FileMention, ...] = ()
    fields: tuple[Field, ...] = ()
    source: str = ""
    parallel_hint: bool = False

    @property
    def settled(self) -> bool:
        """Nothing is left to do."""
        return self.status in (Status.DONE, Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class Verification:
    """The verification block of a phase: part of the phase protocol, never a task."""

    title: str
    line: int
    boxes: tuple[Box, ...] = ()
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phase:
    """A sequential part of a plan.

    `checkpoint` is the sha its heading records; `checkpoint_span` covers `[checkpoint: sha]` or is the empty range where it belongs.
    """

    id: str
    title: str
    line: int
    tasks: tuple[Task, ...]
    checkpoint: str | None = None
    checkpoint_span: Span | None = None
    verification: Verification | None = None

    @property
    def verified(self) -> bool:
        """Whether the plan says that this phase is complete: it has a checkpoint, and nothing in it is left to do."""
        return bool(self.checkpoint) and all(task.settled for task in self.tasks)


@dataclass(frozen=True)
class Plan:
    """A whole plan. `path` is what messages show; `text` is the decoded document, from which every span counts; `constraints` hold for every task.

    `outside` are the lines that belong to no task and no verification block: introductions, sections about dependencies, tables.
    """

    path: str
    dialect: str
    title: str
    phases: tuple[Phase, ...]
    text: str
    constraints: str = ""
    notes: tuple[Note, ...] = ()
    outside: tuple[TextLine, ...] = ()

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks in document order."""
        return tuple(task for phase in self.phases for task in phase.tasks)

    @cached_property
    def by_id(self) -> dict[str, Task]:
        """All tasks by their ids, in document order."""
        return {task.id: task for task in self.tasks}

    @cached_property
    def ahead(self) -> tuple[TextLine, ...]:
        """What stands before the first phase or task, below the title: the goal, what holds for all tasks, how it is meant."""
        first = min((line for phase in self.phases for line in (phase.line, *(task.line for task in phase.tasks))), default=0)
        return tuple(line for line in self.outside if line.line < first and not line.text.startswith("# "))

    def phase(self, phase_id: str) -> Phase:
        """The phase with this id. Raises KeyError."""
        for phase in self.phases:
            if phase.id == phase_id:
                return phase
        raise KeyError(phase_id)

    def where(self, line: int) -> str:
        """A place in the plan as messages name it: `plan.md:12`."""
        return f"{self.path}:{line}"
