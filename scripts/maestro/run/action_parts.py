"""What every action document has in common."""

from __future__ import annotations

from typing import Any

from maestro.models.run import Attempt, TaskRun
from maestro.run.commands import spell
from maestro.run.context import Context
from maestro.run.progress import progress_of
from maestro.run.turns import Turn


def common(context: Context, turn: Turn | None, action: str, summary: str, then: str) -> dict[str, Any]:
    """The fields of `models.action.Action`. `turn` None: nothing of the schedule is meant."""
    state = context.state
    return {
        "action": action,
        "run": state.run,
        "track": state.track,
        "phase": turn.phase.id if turn and turn.phase else state.phase,
        "wave": turn.wave if turn else None,
        "driver": state.driver.id,
        "summary": summary,
        "then": then,
        "progress": progress_of(state),
        "notices": tuple(spell(notice) for notice in context.notices),
    }


def newest_attempt(task: TaskRun) -> Attempt:
    """The attempt of a task that was handed out."""
    assert task.attempt is not None
    return task.attempt
