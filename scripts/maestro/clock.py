"""The one door to the clock. Scripts own the time; a model never writes it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> str:
    """The current time, UTC, ISO 8601 with milliseconds and `Z`."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def seconds_between(earlier: str, later: str) -> float:
    """Seconds from one ISO 8601 time to another, never negative: a clock that was set back must not produce negative durations."""
    return max(0.0, (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds())


def seconds_since(earlier: str) -> float:
    return seconds_between(earlier, now())


def monotonic() -> float:
    return time.monotonic()


def pause(seconds: float) -> None:
    time.sleep(seconds)
