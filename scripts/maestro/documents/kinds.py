"""What the headings and list items of one plan are, in the plan's own style: phases, tasks or verification blocks. Decided before the plan is walked."""

from __future__ import annotations

from collections.abc import Iterator

from maestro.documents.names import PHASE_WORDS, is_verification, read_name
from maestro.documents.survey import Head, Style, Survey


class Kinds:
    """Which heads begin what. What depends on the place of a head in the plan is told with the question."""

    def __init__(self, survey: Survey, style: Style) -> None:
        self._style = style
        self._plain = survey.document.plain
        self._verifications = {head.line.number for head in survey.heads if is_verification(head.words)}
        named = [head for head in survey.heads if head.heading or head.phase is not None]
        phases = [head for head in named if head.line.number not in self._verifications and self._is_called_phase(head)]
        self._phases = {head.line.number for head in phases}
        self._heading_phases = any(head.heading for head in phases)
        self._with_task_headings = set(self._holding_task_headings(survey.heads))

    @property
    def has_phases(self) -> bool:
        """The plan is divided into phases."""
        return bool(self._phases)

    def is_verification(self, head: Head) -> bool:
        return head.line.number in self._verifications

    def is_phase(self, head: Head) -> bool:
        """Where headings are phases, list items are none."""
        return head.line.number in self._phases and (head.heading or not self._heading_phases)

    def is_task_heading(self, head: Head, phase_level: int | None, in_tasks: bool) -> bool:
        """`phase_level`: of the open phase, None outside of phases, where a section of tasks decides."""
        if not self._style.headings:
            return False
        if head.labelled:
            return True
        if not self._is_numbered(head) or (self._style.marked_numbers and head.mark is None):
            return False
        return in_tasks if phase_level is None else head.line.level > phase_level

    def is_task_item(self, head: Head, phase: Head | None, in_tasks: bool, checking: bool) -> bool:
        """`phase`: the head of the open phase; `in_tasks`, `checking`: the section is one of tasks, or a checklist."""
        assert head.mark is not None and head.line.item is not None
        if not self._style.items:
            return False
        if head.labelled:
            return True
        below_item = phase is not None and not phase.heading
        if head.mark.status is None or checking or head.line.item.depth != int(below_item):
            return False
        if self.has_phases or self._style.headings:
            return phase is not None and phase.line.number not in self._with_task_headings
        return in_tasks or not self._style.tasks_section

    def announces_task(self, head: Head) -> bool:
        """`Task 7: t` announces a task; "Task 7 depends on Task 6" speaks of one."""
        if head.task is None or head.task.number is None:
            return False
        return self._plain[head.start : head.task.start].rstrip(" \t*_")[-1:] in ":：—–-.)"

    def _is_called_phase(self, head: Head) -> bool:
        style = self._style
        if not head.heading:
            return style.phases is PHASE_WORDS and head.phase_item
        if style.numbered_phases and head.line.level == style.numbered_phases:
            return head.number is not None
        if style.phases is PHASE_WORDS:
            return head.phase is not None
        return style.phases is not None and read_name(self._plain, head.start, head.end, style.phases) is not None

    def _is_numbered(self, head: Head) -> bool:
        """On the level whose numbers are tasks."""
        return head.number is not None and head.line.level == self._style.numbered_headings

    def _holding_task_headings(self, heads: list[Head]) -> Iterator[int]:
        """The lines of the phases that hold tasks as headings. Their plain boxes are no tasks."""
        phase = None
        for head in heads if self._style.headings else ():
            if head.heading and head.line.number in self._phases:
                phase = head.line.number
            elif head.heading and phase is not None and (head.labelled or self._is_numbered(head)):
                yield phase
