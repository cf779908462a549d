"""What every detector is given and what it hands back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property

from maestro.evidence.claims import Heard
from maestro.evidence.hearing import hear
from maestro.evidence.ids import TaskIds
from maestro.evidence.order import TaskOrder
from maestro.evidence.view import View
from maestro.models.dependency import Dependency, ScopeEntry, SharedResource
from maestro.models.notes import Note
from maestro.models.plan import Plan, TextLine
from maestro.records import dataclass


@dataclass(frozen=True)
class Material:
    """The plan, the text of its tasks, the repository where there is one, the scopes, and the order that the stronger evidence has established so far.

    A detector adds to `order` only the edges it reports, so that a weaker one, coming later, cannot contradict it.
    """

    plan: Plan
    lines: Mapping[str, tuple[TextLine, ...]]
    """What counts as the text of each task."""
    view: View | None
    scopes: Mapping[str, tuple[ScopeEntry, ...]]
    order: TaskOrder

    @property
    def lenient(self) -> bool:
        """Neutral task lists come from other programs: what would be an error in a plan is a warning there."""
        return self.plan.dialect == "neutral"

    @cached_property
    def plan_place(self) -> dict[str, int]:
        """The place of every task in the plan's own order."""
        return {task.id: place for place, task in enumerate(self.plan.tasks)}

    @cached_property
    def ids(self) -> TaskIds:
        return TaskIds(self.plan)

    @cached_property
    def heard(self) -> dict[str, Heard]:
        """What the text of every task says about order, by task."""
        return {task: hear(task, lines, self.ids) for task, lines in self.lines.items()}

    def phase_number(self, task: str) -> int:
        """The place of the task's phase among the phases, from 0."""
        return self._phase_numbers[self.plan.by_id[task].phase]

    @cached_property
    def _phase_numbers(self) -> dict[str, int]:
        return {phase.id: number for number, phase in enumerate(self.plan.phases)}


@dataclass(slots=True)
class Found:
    """What one detector found."""

    dependencies: list[Dependency] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    shared: list[SharedResource] = field(default_factory=list)


Detector = Callable[[Material], Found]
"""A detector reads its material and reports. Detectors run from the strongest kind to the weakest."""
