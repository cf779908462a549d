"""How fast work may be handed out after the model's service or the environment said no."""

from __future__ import annotations

from maestro import clock
from maestro.models.run import FailureClass, RunState

QUOTA_WAIT = 60.0
"""Seconds without new work after a rate limit (implement document: wait and retry once, then fall back to sequential)."""


def quota_pause(state: RunState) -> float:
    """Seconds for which nothing new may start, because a worker ran into a limit a moment ago."""
    hits = [attempt.ended_at for task in state.tasks.values() for attempt in task.attempts if attempt.failure == FailureClass.QUOTA and attempt.ended_at]
    return max(0.0, QUOTA_WAIT - clock.seconds_since(max(hits))) if hits else 0.0


def one_at_a_time(state: RunState) -> bool:
    """True once a limit was hit again after waiting."""
    return sum(attempt.failure == FailureClass.QUOTA for task in state.tasks.values() for attempt in task.attempts) > 1


def same_trouble_twice(state: RunState) -> str | None:
    """The infrastructure error that two tasks have met, in its own words: going on would only meet it again."""
    seen: dict[str, str] = {}
    for task in state.tasks.values():
        for attempt in task.attempts:
            if attempt.failure == FailureClass.INFRASTRUCTURE:
                words = attempt.reason.strip().rpartition("\n")[2][:200]
                if seen.setdefault(words, task.id) != task.id:
                    return words
    return None
