"""What a person tries by hand before a phase is verified."""

from __future__ import annotations

import re

from maestro.models.run import PhaseRun
from maestro.run.context import Context

_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[.?\]\s*)?")


def planned_steps(context: Context, phase: PhaseRun) -> tuple[str, ...]:
    """What the plan asks a person to try: the steps of the phase's verification block."""
    found = next((entry for entry in context.plan.phases if entry.id == phase.id), None)
    if found is not None and found.verification is not None and (found.verification.steps or found.verification.boxes):
        steps = (_BULLET.sub("", step) for step in (*found.verification.steps, *(box.text for box in found.verification.boxes)))
        return tuple(dict.fromkeys(step for step in steps if step))
    return ()


def manual_steps(context: Context, phase: PhaseRun) -> tuple[str, ...]:
    """What there is to try: the plan's steps, or where it has none, what the phase's tasks brought."""
    if planned := planned_steps(context, phase):
        return planned
    brought = [f"{task.id} ({task.title})" for task in context.state.tasks.values() if task.phase == phase.id and task.sha]
    return (f"what {', '.join(brought)} brought",) if brought else ()
