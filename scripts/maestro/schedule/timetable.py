"""When each task would run if all went as scheduled: what a forecast, a chart and a remaining time are made of."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence

from maestro.models.schedule import SLOTS


def timetable(waves: Iterable[Sequence[str]], lengths: Mapping[str, float], slots: int = SLOTS, unknown: float = 1.0) -> dict[str, tuple[float, float]]:
    """Begin and end of each task, counted from the begin of the first wave, in the unit of `lengths`; a task without a length takes `unknown`.

    A wave begins when the one before is settled. Within a wave tasks start in its order, each as soon as one of the slots is free.
    """
    table: dict[str, tuple[float, float]] = {}
    begin = 0.0
    for wave in waves:
        free = [begin] * max(1, slots)
        for task in wave:
            start = heapq.heappop(free)
            table[task] = (start, start + lengths.get(task, unknown))
            heapq.heappush(free, table[task][1])
        begin = max(free)
    return table


def length_of(table: Mapping[str, tuple[float, float]]) -> float:
    """From the first begin to the last end."""
    return max((end for _, end in table.values()), default=0.0)
