"""How demanding a task is, as far as its text shows: by its sub-tasks and by how many paths it writes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from maestro.models.dependency import ScopeEntry
from maestro.models.plan import Task


class Complexity(IntEnum):
    """How much one task asks of its worker, in order."""

    LOW = 1
    MODERATE = 2
    HIGH = 3


def complexity_of(task: Task, scope: Iterable[ScopeEntry]) -> Complexity:
    """Each sub-task is a step and each written path a place to keep in mind. Seven together are more than one keeps in mind at once; three are a routine."""
    load = len(task.boxes) + sum([entry.access.writes for entry in scope])
    if load >= 7:
        return Complexity.HIGH
    return Complexity.MODERATE if load >= 4 else Complexity.LOW
