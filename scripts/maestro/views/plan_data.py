"""Plans and tracks as data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from maestro.models.plan import Box, Phase, Plan, Status, Task

if TYPE_CHECKING:
    from maestro.views.shapes import BoxData, PlanData, PlanPhaseData, PlanTaskData, ProgressData


def plan_data(plan: Plan, track: str | None) -> PlanData:
    """What `plan.py show --json` gives."""
    return {"track": track, "plan": plan.path, "dialect": plan.dialect, "title": plan.title, "phases": [_phase(phase) for phase in plan.phases]}


def progress_data(plan: Plan) -> ProgressData:
    """Tasks by status."""
    count = Counter(task.status for task in plan.tasks)
    return {
        "tasks": len(plan.tasks),
        "done": count[Status.DONE],
        "progress": count[Status.PROGRESS],
        "skipped": count[Status.SKIPPED],
        "blocked": count[Status.BLOCKED],
    }


def next_task(plan: Plan) -> Task | None:
    """The first task in document order that is neither done nor skipped."""
    return next((task for task in plan.tasks if task.status not in (Status.DONE, Status.SKIPPED)), None)


def _phase(phase: Phase) -> PlanPhaseData:
    verification = phase.verification
    return {
        "id": phase.id,
        "title": phase.title,
        "line": phase.line,
        "checkpoint": phase.checkpoint,
        "tasks": [_task(task) for task in phase.tasks],
        "verification": None if verification is None else {"title": verification.title, "line": verification.line, "boxes": _boxes(verification.boxes)},
    }


def _task(task: Task) -> PlanTaskData:
    return {
        "id": task.id,
        "title": task.title,
        "status": task.status.value,
        "line": task.line,
        "sha": task.marker.sha if task.marker is not None else None,
        "subtasks": _boxes(task.boxes),
    }


def _boxes(boxes: Iterable[Box]) -> list[BoxData]:
    return [{"text": box.text, "status": box.marker.status.value, "line": box.marker.line, "depth": box.depth} for box in boxes]
