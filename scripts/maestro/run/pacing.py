"""How fast work may be handed out after the model's service or the environment said no."""

from __future__ import annotations

from maestro import clock
from maestro.models.run import Attempt, FailureClass, RunState, TaskRun

QUOTA_WAIT = 60.0
"""Seconds without new work after a rate limit (implement document: wait and retry once, then fall back to sequential)."""


def quota_pause(state: RunState) -> float:
    """Seconds for which nothing new may start, because a worker ran into a limit a moment ago."""
    hits = [attempt.ended_at for task in state.tasks.values() for attempt in task.attempts if attempt.failure == FailureClass.QUOTA and attempt.ended_at]
    return max(0.0, QUOTA_WAIT - clock.seconds_since(max(hits))) if hits else 0.0


def one_at_a_time(state: RunState) -> bool:
    """True once a limit was hit again after waiting."""
    return sum(attempt.failure == FailureClass.QUOTA for task in state.tasks.values() for attempt in task.attempts) > 1


def ended_since_resumed(state: RunState, task: TaskRun) -> list[Attempt]:
    """The task's attempts that came to an end since the run was begun or somebody last went on with it."""
    return [attempt for attempt in task.attempts if attempt.ended_at and attempt.ended_at >= state.resumed_at]


def same_trouble_twice(state: RunState) -> str | None:
    """The infrastructure error that two tasks have met, in its own words: going on would only meet it again.

    What was met before somebody went on with the run does not count: they may have mended it.
    """
    seen: dict[str, str] = {}
    for task in state.tasks.values():
        for attempt in ended_since_resumed(state, task):
            if attempt.failure == FailureClass.INFRASTRUCTURE:
                words = attempt.reason.strip().rpartition("\n")[2][:200]
                if seen.setdefault(words, task.id) != task.id:
                    return words
    return None
