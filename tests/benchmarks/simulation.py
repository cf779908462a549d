"""Plays a plan's tasks through slots and merges, second by second of a made-up clock, the way a scheduler would hand them out."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SLOTS = 3


@dataclass(frozen=True)
class Work:
    """What has to be done. `order`: tasks in the plan's order; `phase`: which one each belongs to; `needs`: prerequisites
    within the phase; `lengths` and `merge` in one unit of time."""

    order: Sequence[str]
    phase: Mapping[str, int]
    needs: Mapping[str, frozenset[str]]
    lengths: Mapping[str, float]
    merge: float

    @property
    def sequential(self) -> float:
        """One task after the other in one checkout: nothing to merge."""
        return sum(self.lengths[task] for task in self.order)

    @property
    def chain(self) -> float:
        """The longest chain of each phase, phase after phase."""
        longest: dict[str, float] = {}
        for task in self.topological():
            longest[task] = self.lengths[task] + max((longest[need] for need in self.needs[task]), default=0.0)
        by_phase: dict[int, float] = {}
        for task, length in longest.items():
            by_phase[self.phase[task]] = max(by_phase.get(self.phase[task], 0.0), length)
        return sum(by_phase.values())

    @property
    def bound(self) -> float:
        """No schedule is shorter, whatever it does."""
        return max(self.chain, self.sequential / SLOTS)

    def remaining(self) -> dict[str, float]:
        """For each task the longest chain that begins with it."""
        rest = {task: self.lengths[task] for task in self.order}
        for task in reversed(self.topological()):
            for need in self.needs[task]:
                rest[need] = max(rest[need], self.lengths[need] + rest[task])
        return rest

    def levels(self) -> dict[str, tuple[int, int]]:
        """Phase and wave of each task."""
        level: dict[str, int] = {}
        for task in self.topological():
            level[task] = 1 + max((level[need] for need in self.needs[task]), default=0)
        return {task: (self.phase[task], level[task]) for task in self.order}

    def topological(self) -> list[str]:
        """All tasks, each after what it needs; those of a cycle are missing."""
        left = {task: len(self.needs[task]) for task in self.order}
        users: dict[str, list[str]] = {task: [] for task in self.order}
        for task in self.order:
            for need in self.needs[task]:
                users[need].append(task)
        ready = [task for task in self.order if not left[task]]
        done: list[str] = []
        while ready:
            task = ready.pop()
            done.append(task)
            for user in users[task]:
                left[user] -= 1
                if not left[user]:
                    ready.append(user)
        return done


@dataclass(frozen=True)
class Scheduler:
    """longest: the longest remaining chain first, otherwise the plan's order; waves: a wave waits for all of the one before; overlapped: merges happen while
    others run, otherwise when everything that runs has come back; overtaking: a task may start before one that stands earlier and has to wait."""

    name: str
    longest: bool
    waves: bool
    overlapped: bool
    overtaking: bool = True


SCHEDULERS = (
    Scheduler("document order", longest=False, waves=False, overlapped=False, overtaking=False),
    Scheduler("waves with barrier", longest=False, waves=True, overlapped=False),
    Scheduler("ours: waves, longest chain first, merges overlapped", longest=True, waves=True, overlapped=True),
    Scheduler("no barrier at all", longest=True, waves=False, overlapped=True),
)


def makespan(work: Work, how: Scheduler) -> float:
    """How long all of it takes. Phases follow each other; a task starts when what it needs is merged; merges are made one at a time."""
    rest = work.remaining() if how.longest else {}
    group = work.levels() if how.waves else {task: (work.phase[task], 0) for task in work.order}
    place = {task: number for number, task in enumerate(work.order)}
    waiting = sorted(work.order, key=lambda task: (group[task], -rest.get(task, 0.0), place[task]))
    running: list[tuple[float, str]] = []
    returned: list[str] = []
    merging: tuple[float, str] | None = None
    merged: set[str] = set()
    now = 0.0
    while len(merged) < len(work.order):
        current = min(group[task] for task in work.order if task not in merged)
        for task in list(waiting):
            if len(running) == SLOTS or group[task] != current:
                break
            if work.needs[task] <= merged:
                waiting.remove(task)
                heapq.heappush(running, (now + work.lengths[task], task))
            elif not how.overtaking and (running or merging or returned):
                break
        if merging is None and returned and (how.overlapped or not running):
            merging = (now + work.merge, returned.pop(0))
        if merging is not None and (not running or merging[0] <= running[0][0]):
            now, task = merging
            merged.add(task)
            merging = None
        else:
            now, task = heapq.heappop(running)
            returned.append(task)
    return now
