"""The parts of a Markdown plan: which lines begin a phase, a task or a verification block, and which lines belong to it.

The dialects share this walk and differ in what they take for a task, which `survey.Style` says.
"""

from __future__ import annotations

import re
from dataclasses import field

from maestro.documents.markdown import Line, LineKind
from maestro.documents.names import CHECKLIST, PHASE_WORDS, TASKS_SECTION, VERIFICATION, read_name
from maestro.documents.survey import Head, Style, Survey
from maestro.documents.words import clean
from maestro.records import dataclass

_VERIFY_SECTION = re.compile(r"\W*(?:[\d.]+\s*)?(?:\w+\s+)?verif", re.I)


@dataclass(slots=True, eq=False)
class Part:
    """A task or verification block: the head and the lines below it."""

    head: Head
    verification: bool = False
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class PhaseDraft:
    """A phase in the making. `head` is None for the one phase of a plan without phases, and for tasks that stand outside all phases."""

    head: Head | None
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


def walk(survey: Survey, style: Style) -> Outline:
    """Give every line its place. Linear in the number of lines."""
    return _Walk(survey, style).run()


class _Walk:
    def __init__(self, survey: Survey, style: Style) -> None:
        self.document = survey.document
        self.style = style
        self.heads = {head.line.number: head for head in survey.heads}
        self.lines = survey.document.lines[survey.first :]
        self.phases: list[PhaseDraft] = []
        self.loose: list[Line] = []
        self.unread: list[Head] = []
        self.phase: PhaseDraft | None = None
        self.phase_level = 0
        self.part: Part | None = None
        self.checking = False
        self.in_tasks = False
        self.section = ""
        self.section_level = 0
        self.title = ""
        phases = [head for head in survey.heads if self._is_phase(head)]
        self.has_phases = bool(phases)
        self.heading_phases = any(head.heading for head in phases)
        self.with_task_headings = self._with_task_headings(survey.heads)

    def run(self) -> Outline:
        for line in self.lines:
            head = self.heads.get(line.number)
            if head is not None and head.heading and self._heading(head):
                continue
            if head is not None and not head.heading and self._item(head):
                continue
            self._plain(line)
        return Outline(self.phases, self.loose, self.unread, self.title)

    def _is_phase(self, head: Head) -> bool:
        if VERIFICATION.search(head.words):
            return False
        if head.heading:
            if self.style.numbered_phases and head.line.level == self.style.numbered_phases:
                return head.number is not None
            if self.style.phases is None:
                return False
            return (
                head.phase is not None
                if self.style.phases is PHASE_WORDS
                else read_name(self.document.plain, head.start, head.end, self.style.phases) is not None
            )
        return self.style.phases is PHASE_WORDS and head.phase_item

    def _is_task_heading(self, head: Head) -> bool:
        if not self.style.headings:
            return False
        if head.labelled:
            return True
        if not self.style.numbered_headings or head.line.level != self.style.numbered_headings or head.number is None:
            return False
        if self.style.marked_numbers and head.mark is None:
            return False
        return self.in_tasks if self.phase is None else head.line.level > self.phase_level

    def _heading(self, head: Head) -> bool:
        """Take a heading; False where it is no more than a line of the open task."""
        level = head.line.level
        open_heading = self.part is not None and self.part.head.heading
        inner = open_heading and self.part is not None and level > self.part.head.line.level
        if not self.title and level == 1 and not self.phases:
            self.title = clean(head.words)
        if VERIFICATION.search(head.words) and not (self._is_task_heading(head) and head.task):
            self._verify(head)
        elif inner and not self._is_task_heading(head):
            return False
        elif self._is_phase(head):
            self._open_phase(head)
        elif self._is_task_heading(head):
            self._open_task(head)
        else:
            self._section(head)
        return True

    def _section(self, head: Head) -> None:
        """A heading that is neither phase nor task ends what was open on its level and above."""
        level = head.line.level
        self.part = None
        if head.labelled:
            self.unread.append(head)
        if self.phase is not None and level <= self.phase_level:
            self.phase = None
        self.section = clean(head.words)
        self.in_tasks = bool(TASKS_SECTION.fullmatch(head.words)) or (self.in_tasks and level > self.section_level)
        if TASKS_SECTION.fullmatch(head.words):
            self.section_level = level
        self.checking = bool(CHECKLIST.match(head.words))
        if self.checking and self.phase is not None and _VERIFY_SECTION.match(head.words):
            self._verify(head)
            return
        self.loose.append(head.line)

    def _verify(self, head: Head) -> None:
        self.part = Part(head, verification=True)
        if self.phase is None:
            self._open_phase(None)
        assert self.phase is not None
        self.phase.verifications.append(self.part)

    def _open_phase(self, head: Head | None) -> None:
        """Begin a phase. A phase heading below another phase's heading divides that phase, so its end is still the outer one's."""
        self.part = None
        self.checking = False
        if head is None and self.phases and self.phases[-1].head is None:
            self.phase = self.phases[-1]
            return
        within = self.phase is not None and self.phase.head is not None and self.phase_level
        self.phase = PhaseDraft(head)
        self.phases.append(self.phase)
        if head is None:
            self.phase.title = self.section if self.has_phases else ""
            self.phase_level = 0
        elif not head.heading:
            self.phase_level = 6
        elif not (within and head.line.level > self.phase_level):
            self.phase_level = head.line.level

    def _open_task(self, head: Head) -> None:
        if self.phase is None:
            self._open_phase(None)
        assert self.phase is not None
        self.part = Part(head)
        self.phase.tasks.append(self.part)

    def _item(self, head: Head) -> bool:
        """Take a list item; False where it is no more than a line of the open part."""
        item = head.line.item
        assert item is not None
        if self.part is not None:
            if self.part.head.heading and not (self.part.verification and head.labelled and head.mark is not None):
                return False
            if not self.part.head.heading and self._inside_part(head.line):
                return False
            if head.sub_task and item.depth == 0 and head.mark is not None:
                return False
        if head.mark is None:
            if self._is_phase(head) and not self.heading_phases:
                self._open_phase(head)
                return True
            if item.depth == 0 and self._titled(head):
                self.unread.append(head)
            self.part = None
            return False
        if VERIFICATION.search(head.words):
            self._verify(head)
        elif self._is_phase(head) and not head.labelled and not self.heading_phases:
            self._open_phase(head)
        elif self._is_task_item(head):
            self._open_task(head)
        else:
            self.part = None
            self.unread.append(head)
            return False
        return True

    def _titled(self, head: Head) -> bool:
        """`Task 7: t` announces a task; "Task 7 depends on Task 6" speaks of one."""
        if head.task is None or head.task.number is None:
            return False
        return self.document.plain[head.start : head.task.start].rstrip(" \t*_")[-1:] in ":：—–-.)"

    def _with_task_headings(self, heads: list[Head]) -> set[int]:
        """The lines of the phases that hold tasks as headings. Their plain boxes are no tasks."""
        found: set[int] = set()
        phase = 0
        if self.style.headings:
            for head in heads:
                if head.heading and self._is_phase(head):
                    phase = head.line.number
                elif head.heading and phase and (head.labelled or (head.line.level == self.style.numbered_headings and head.number is not None)):
                    found.add(phase)
        return found

    def _is_task_item(self, head: Head) -> bool:
        assert head.mark is not None and head.line.item is not None
        if not self.style.items:
            return False
        if head.labelled:
            return True
        if head.mark.status is None or self.checking:
            return False
        depth = 1 if self.phase is not None and self.phase.head is not None and not self.phase.head.heading else 0
        if head.line.item.depth != depth:
            return False
        if self.has_phases or self.style.headings:
            return self.phase is not None and self.phase.head is not None and self.phase.head.line.number not in self.with_task_headings
        return self.in_tasks or not self.style.tasks_section

    def _inside_part(self, line: Line) -> bool:
        assert self.part is not None
        own, item = self.part.head.line.item, line.item
        while item is not None:
            if item is own:
                return True
            item = item.parent
        return False

    def _plain(self, line: Line) -> None:
        if self.part is not None:
            if self.part.head.heading or line.kind is LineKind.BLANK or self._inside_part(line) or line.item is not None:
                self.part.lines.append(line)
                return
            self.part = None
        if line.kind is LineKind.TEXT and line.item is None:
            self._label(line)
        self.loose.append(line)

    def _label(self, line: Line) -> None:
        """A paragraph like `**Acceptance criteria:**` says what the list below it is."""
        words = self.document.content(line).rstrip()
        if words.endswith((":", "：", ":**", "**")) and words[:1] != "|":
            self.checking = bool(CHECKLIST.match(words))
