"""Watches the machine, so that three workers at once do not overwhelm it (waves document, risk 2)."""

from __future__ import annotations

import os

from maestro.models.schedule import SLOTS
from maestro.records import dataclass

LOW_MEMORY, VERY_LOW_MEMORY = 0.10, 0.05
"""Shares of memory that must stay available for three, and for two workers."""

HIGH_LOAD, VERY_HIGH_LOAD = 4.0, 8.0
"""Load per core above which two, and one worker run. The one-minute average counts, which passes a bound only when the load lasts."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`free` is the share of memory that is available, 0 to 1; `load` the one-minute load average per core."""

    free: float
    load: float


def read_gauge() -> Reading:
    """What the machine says now; what it cannot tell counts as fine. MAESTRO_GAUGE (`free load`, such as `0.5 0.1`) speaks in its place: for tests."""
    if (said := os.environ.get("MAESTRO_GAUGE")) is not None:
        free, load = map(float, said.split())
        return Reading(free, load)
    import psutil

    memory = psutil.virtual_memory()
    try:
        load = os.getloadavg()[0] / (os.cpu_count() or 1)
    except OSError:
        load = 0.0
    return Reading(memory.available / memory.total if memory.total else 1.0, load)


def slots_for(reading: Reading) -> tuple[int, str]:
    """How many workers may run, and why fewer than usual (empty when not)."""
    limits = [(SLOTS, "")]
    if reading.free < LOW_MEMORY:
        limits.append((1 if reading.free < VERY_LOW_MEMORY else SLOTS - 1, f"only {reading.free:.0%} of memory is free"))
    if reading.load > HIGH_LOAD:
        limits.append((1 if reading.load > VERY_HIGH_LOAD else SLOTS - 1, f"the load is {reading.load:.1f} per core"))
    return min(limits)
