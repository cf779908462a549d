"""A linear order of the tasks that grows with the dependencies accepted so far.

Detectors need two answers while they add edges: would this edge close a cycle, and which of two tasks comes first by all that is known? Both come from
one order, kept up to date by the algorithm of Pearce and Kelly ("A dynamic topological sort algorithm for directed acyclic graphs", 2006): an edge that
agrees with the order costs nothing, another one moves only the tasks between its two ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable


class TaskOrder:
    """Starts as the plan's own order and changes as little as the accepted edges ask for."""

    def __init__(self, ids: Iterable[str]) -> None:
        self.place: dict[str, int] = {task: place for place, task in enumerate(ids)}
        self._needs: dict[str, list[str]] = {task: [] for task in self.place}
        self._needed_by: dict[str, list[str]] = {task: [] for task in self.place}

    def add(self, task: str, needs: str) -> bool:
        """Accept the edge "`task` needs `needs`"; False, and nothing changes, when it would close a cycle."""
        if task == needs:
            return False
        if self.place[needs] > self.place[task] and not self._reorder(task, needs):
            return False
        self._needs[task].append(needs)
        self._needed_by[needs].append(task)
        return True

    def needs(self, task: str) -> tuple[str, ...]:
        """What the task needs by the edges accepted so far, in the order of their acceptance."""
        return tuple(self._needs[task])

    def implied(self, task: str, needs: str, budget: int = 400) -> bool:
        """Whether a chain of two or more accepted edges leads from `task` to `needs`.

        Looks at no more than `budget` tasks, so that a long plan stays fast; beyond it the answer is False, which costs a redundant edge at most.
        """
        lowest = self.place[needs]
        stack = [step for step in self._needs[task] if step != needs]
        seen: set[str] = set()
        while stack and len(seen) < budget:
            step = stack.pop()
            if step == needs:
                return True
            if step not in seen and self.place[step] > lowest:
                seen.add(step)
                stack.extend(self._needs[step])
        return False

    def _reorder(self, task: str, needs: str) -> bool:
        low, high = self.place[task], self.place[needs]
        after = self._reach(task, self._needed_by, lambda place: place <= high)
        if needs in after:
            return False
        before = self._reach(needs, self._needs, lambda place: place >= low)
        moved = sorted(before, key=self.place.__getitem__) + sorted(after, key=self.place.__getitem__)
        for place, name in zip(sorted(self.place[name] for name in moved), moved, strict=True):
            self.place[name] = place
        return True

    def _reach(self, start: str, steps: dict[str, list[str]], within: Callable[[int], bool]) -> set[str]:
        found, stack = {start}, [start]
        while stack:
            for step in steps[stack.pop()]:
                if step not in found and within(self.place[step]):
                    found.add(step)
                    stack.append(step)
        return found
