"""The one door to the clock. Scripts own the time; a model never writes it."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta


def now() -> str:
    """The current time, UTC, ISO 8601 with milliseconds and `Z`."""
    return _written(datetime.now(UTC))


def now_after(earlier: str) -> str:
    """The current time, or a moment after `earlier` when the clock was set back or has not moved on: what is recorded later must have a later time."""
    current = now()
    if current > earlier:
        return current
    try:
        return _written(datetime.fromisoformat(earlier) + timedelta(milliseconds=1))
    except (ValueError, OverflowError):
        return current


def time_of_day(moment: str) -> str:
    """The time of day of an ISO 8601 time of ours, to the second, with the `Z` that says UTC."""
    return f"{moment[11:19]}Z"


def _written(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one ISO 8601 time to another, never negative: a clock that was set back must not produce negative durations."""
    return max(0.0, (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds())


def seconds_since(earlier: str) -> float:
    """Seconds from an ISO 8601 time to now, never negative."""
    return seconds_between(earlier, now())


def monotonic() -> float:
    """Seconds on a clock that only goes forward, for measuring and for deadlines; its zero means nothing."""
    return time.monotonic()


def pause(seconds: float) -> None:
    """Do nothing for so long."""
    time.sleep(seconds)
