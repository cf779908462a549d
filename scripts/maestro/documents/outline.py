"""The parts of a Markdown plan: which lines begin a phase, a task or a verification block, and which lines belong to it.

The dialects share this walk and differ in what they take for a task, which `survey.Style` says.
"""

from __future__ import annotations

import re
from dataclasses import field

from maestro.documents.kinds import Kinds
from maestro.documents.markdown import Document, Line, LineKind
from maestro.documents.names import holds_tasks, is_checklist
from maestro.documents.survey import Head, Style, Survey
from maestro.documents.words import clean
from maestro.patterns import pattern
from maestro.records import dataclass

_VERIFY_SECTION = pattern(r"\W*(?:[\d.]+\s*)?(?:\w+\s+)?verif", re.I)

_OF_ITEMS = 6
"""The level of a phase that is a list item: any heading ends it."""


@dataclass(slots=True, eq=False)
class Part:
    """A task or verification block: the head and the lines below it."""

    head: Head
    verification: bool = False
    lines: list[Line] = field(default_factory=list)

    def holds(self, line: Line) -> bool:
        """The line belongs to the list item that the part begins with."""
        own, item = self.head.line.item, line.item
        while item is not None:
            if item is own:
                return True
            item = item.parent
        return False


@dataclass(slots=True, eq=False)
class PhaseDraft:
    """A phase in the making. `head` is None for the one phase of a plan without phases, and for tasks that stand outside all phases.

    `level`: a heading of this level or above it ends the phase; 0 where none does.
    """

    head: Head | None
    level: int = 0
    tasks: list[Part] = field(default_factory=list)
    verifications: list[Part] = field(default_factory=list)
    title: str = ""


@dataclass(slots=True, eq=False)
class Outline:
    """The result of the walk. `loose` are the lines outside tasks and blocks, `unread` the heads that look like tasks and were not taken for one."""

    phases: list[PhaseDraft]
    loose: list[Line]
    unread: list[Head]
    title: str


@dataclass(slots=True, eq=False)
class _Section:
    """What the last heading that was neither phase nor task says of the lists below it. `tasks_level`: of the heading `Tasks` that holds it, None outside."""

    title: str = ""
    tasks_level: int | None = None
    checking: bool = False

    @property
    def in_tasks(self) -> bool:
        return self.tasks_level is not None

    def enter(self, head: Head) -> None:
        level = head.line.level
        if holds_tasks(head.words):
            self.tasks_level = level
        elif self.tasks_level is not None and level <= self.tasks_level:
            self.tasks_level = None
        self.title = clean(head.words)
        self.checking = is_checklist(head.words)


def walk(survey: Survey, style: Style) -> Outline:
    """Give every line its place. Linear in the number of lines."""
    heads = {head.line.number: head for head in survey.heads}
    walking = _Walk(survey.document, Kinds(survey, style))
    for line in survey.document.lines[survey.first :]:
        head = heads.get(line.number)
        if head is None or not (walking.take_heading(head) if head.heading else walking.take_item(head)):
            walking.take_line(line)
    return walking.outline


class _Walk:
    """Where the walk is: the open phase, the open part in it, and the section around both."""

    def __init__(self, document: Document, kinds: Kinds) -> None:
        self.document = document
        self.kinds = kinds
        self.outline = Outline([], [], [], "")
        self.section = _Section()
        self.phase: PhaseDraft | None = None
        self.part: Part | None = None

    def take_heading(self, head: Head) -> bool:
        """False where it is no more than a line of the open task."""
        level = head.line.level
        if not self.outline.title and level == 1 and not self.outline.phases:
            self.outline.title = clean(head.words)
        task = self.kinds.is_task_heading(head, self.phase.level if self.phase else None, self.section.in_tasks)
        if self.kinds.is_verification(head) and not (task and head.task):
            self._verify(head)
        elif not task and self.part is not None and self.part.head.heading and level > self.part.head.line.level:
            return False
        elif self.kinds.is_phase(head):
            self._open_phase(head)
        elif task:
            self._open_task(head)
        else:
            self._open_section(head)
        return True

    def take_item(self, head: Head) -> bool:
        """False where it is no more than a line of the open part."""
        item = head.line.item
        assert item is not None
        if self.part is not None and self._is_inner(head, self.part, item.depth):
            return False
        if head.mark is None:
            if self.kinds.is_phase(head):
                self._open_phase(head)
                return True
            if item.depth == 0 and self.kinds.announces_task(head):
                self.outline.unread.append(head)
            self.part = None
            return False
        if self.kinds.is_verification(head):
            self._verify(head)
        elif self.kinds.is_phase(head) and not head.labelled:
            self._open_phase(head)
        elif self.kinds.is_task_item(head, self.phase.head if self.phase else None, self.section.in_tasks, self.section.checking):
            self._open_task(head)
        else:
            self.part = None
            self.outline.unread.append(head)
            return False
        return True

    def take_line(self, line: Line) -> None:
        """A line that begins nothing."""
        if self.part is not None:
            if self.part.head.heading or line.kind is LineKind.BLANK or line.item is not None:
                self.part.lines.append(line)
                return
            self.part = None
        if line.kind is LineKind.TEXT and line.item is None:
            self._label(line)
        self.outline.loose.append(line)

    def _is_inner(self, head: Head, part: Part, depth: int) -> bool:
        """The item is a line of the part: below its heading, inside its item, or a sub-task beside it."""
        own = not (part.verification and head.labelled and head.mark is not None) if part.head.heading else part.holds(head.line)
        return own or (head.sub_task and depth == 0 and head.mark is not None)

    def _open_section(self, head: Head) -> None:
        """A heading that is neither phase nor task ends what was open on its level and above."""
        self.part = None
        if head.labelled:
            self.outline.unread.append(head)
        if self.phase is not None and head.line.level <= self.phase.level:
            self.phase = None
        self.section.enter(head)
        if self.section.checking and self.phase is not None and _VERIFY_SECTION.match(head.words):
            self._verify(head)
        else:
            self.outline.loose.append(head.line)

    def _verify(self, head: Head) -> None:
        self.part = Part(head, verification=True)
        self._phase_now().verifications.append(self.part)

    def _open_task(self, head: Head) -> None:
        part = Part(head)
        self._phase_now().tasks.append(part)
        self.part = part

    def _phase_now(self) -> PhaseDraft:
        """The open phase; where none is, the one of what stands outside of all phases, called like its section in a plan that has others."""
        if self.phase is None:
            self.section.checking = False
            last = self.outline.phases[-1] if self.outline.phases else None
            if last is not None and last.head is None:
                self.phase = last
            else:
                self.phase = PhaseDraft(None, title=self.section.title if self.kinds.has_phases else "")
                self.outline.phases.append(self.phase)
        return self.phase

    def _open_phase(self, head: Head) -> None:
        """Begin a phase. A phase heading below another phase's heading divides that phase, so its end is still the outer one's.

        Verification blocks above the first phase are that phase's: alone they would be a phase without a task.
        """
        above: list[Part] = []
        if len(self.outline.phases) == 1 and self.outline.phases[0].head is None and not self.outline.phases[0].tasks:
            above = self.outline.phases.pop().verifications
        outer = self.phase.level if self.phase is not None and self.phase.head is not None else 0
        level = head.line.level if head.heading else _OF_ITEMS
        self.phase = PhaseDraft(head, level=outer if head.heading and 0 < outer < level else level, verifications=above)
        self.outline.phases.append(self.phase)
        self.section.checking = False
        self.part = None

    def _label(self, line: Line) -> None:
        """A paragraph like `**Acceptance criteria:**` says what the list below it is."""
        words = self.document.content(line).rstrip()
        if words.endswith((":", "：", ":**", "**")) and words[:1] != "|":
            self.section.checking = is_checklist(words)
