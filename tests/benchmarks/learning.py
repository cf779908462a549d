"""Learning weights: a logistic regression whose weights keep the sign of their reason, in plain Python.

Every list counts the same whatever its length: its dependencies together weigh as much as its independent pairs together, so that a score above zero means
that claiming the pair is expected to gain more safety than it costs freedom. What is ordered only through a chain counts neither way.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from task_lists import TaskList

from maestro.evidence.weigh import Weighing
from maestro.evidence.weights import Table

FEW = 10
"""A list with fewer pairs of a sort counts less, in proportion: two lucky pairs should not teach as much as twenty."""

CROWD = 0.4
"""A repository with n lists counts as n to the power of 1 - CROWD: its habits should not drown the others'."""

RIDGE = 32.0
"""How strongly weights are held near zero, against a total weight of `TOTAL` for all pairs; each signal measured in its own standard deviations."""
TOTAL = 150.0

STEPS = 400
SETTLED = 1e-5


@dataclass(frozen=True, slots=True)
class Example:
    """One pair of tasks: its signals that are not 0, whether it is a dependency, and how much it counts."""

    measures: Mapping[str, float]
    needed: bool
    counts: float


@dataclass(frozen=True, slots=True)
class Fit:
    weights: dict[str, float]
    start: float


def examples(one: TaskList, table: Table) -> list[Example]:
    """The pairs of one list that teach something."""
    ids = one.ids
    need_counts = 1 / max(FEW, len(one.direct))
    free_counts = 1 / max(FEW, len(one.independent))
    found = []
    for later, earlier, measures in Weighing(one.plan.tasks, table).measures():
        pair = (ids[later], ids[earlier])
        present = {name: value for name, value in measures.items() if value}
        if pair in one.direct:
            found.append(Example(present, True, need_counts))
        elif pair in one.independent:
            found.append(Example(present, False, free_counts))
    return found


def learn(lists: Sequence[TaskList], known: Mapping[str, list[Example]], table: Table) -> Fit:
    """Weights from these lists. `known` holds the examples of each list by its name; `table` gives the signals and their signs."""
    crowd = Counter(one.repository for one in lists)
    rows = [Example(example.measures, example.needed, example.counts * crowd[one.repository] ** -CROWD) for one in lists for example in known[one.name]]
    total = sum(row.counts for row in rows)
    problem = _Problem([Example(row.measures, row.needed, row.counts * TOTAL / total) for row in rows], table)
    return problem.solve()


def mean_score(fit: Fit, rows: Iterable[Example]) -> float:
    """The mean score of a list's pairs without any centring."""
    scores = [fit.start + sum(fit.weights[name] * value for name, value in row.measures.items()) for row in rows]
    return sum(scores) / len(scores) if scores else 0.0


class _Problem:
    """Accelerated projected gradient descent (Beck and Teboulle 2009) over standardised signals, restarted whenever it overshoots."""

    def __init__(self, rows: Sequence[Example], table: Table) -> None:
        self.names = list(table.rows)
        self.signs = [math.copysign(1, table.rows[name].weight) for name in self.names]
        place = {name: number for number, name in enumerate(self.names)}
        self.rows = [([(place[name], value) for name, value in row.measures.items()], row.needed, row.counts) for row in rows]
        sums: dict[int, float] = defaultdict(float)
        squares: dict[int, float] = defaultdict(float)
        for cells, _, counts in self.rows:
            for name, value in cells:
                sums[name] += counts * value
                squares[name] += counts * value * value
        self.means = [sums[name] / TOTAL for name in range(len(self.names))]
        self.widths = [math.sqrt(max(squares[name] / TOTAL - self.means[name] ** 2, 1e-9)) for name in range(len(self.names))]

    def solve(self) -> Fit:
        size = len(self.names)
        best, start = [0.0] * size, 0.0
        point, point_start, pace = best, start, 1.0
        step = 1 / (0.25 * TOTAL * 4 + RIDGE)
        for _ in range(STEPS):
            slope, slope_start = self._gradient(point, point_start)
            moved = [self._allowed(number, value - step * slope[number]) for number, value in enumerate(point)]
            moved_start = point_start - slope_start / (0.25 * TOTAL * 4)
            change = max(abs(a - b) for a, b in zip([*moved, moved_start], [*best, start], strict=True))
            uphill = sum((a - b) * (b - c) for a, b, c in zip(point, moved, best, strict=True)) > 0
            next_pace = 1.0 if uphill else (1 + math.sqrt(1 + 4 * pace * pace)) / 2
            push = 0.0 if uphill else (pace - 1) / next_pace
            point = [a + push * (a - b) for a, b in zip(moved, best, strict=True)]
            point_start = moved_start + push * (moved_start - start)
            best, start, pace = moved, moved_start, next_pace
            if change < SETTLED:
                break
        weights = [value / width for value, width in zip(best, self.widths, strict=True)]
        return Fit(dict(zip(self.names, weights, strict=True)), start - sum(weight * mean for weight, mean in zip(weights, self.means, strict=True)))

    def _allowed(self, number: int, value: float) -> float:
        return value if value * self.signs[number] > 0 else 0.0

    def _gradient(self, point: Sequence[float], start: float) -> tuple[list[float], float]:
        weights = [value / width for value, width in zip(point, self.widths, strict=True)]
        offset = start - sum(weight * mean for weight, mean in zip(weights, self.means, strict=True))
        slopes = [0.0] * len(point)
        all_errors = 0.0
        for cells, needed, counts in self.rows:
            score = offset
            for number, value in cells:
                score += weights[number] * value
            error = counts * (1 / (1 + math.exp(-score)) - needed)
            all_errors += error
            for number, value in cells:
                slopes[number] += error * value
        gradient = [
            (slope - all_errors * mean) / width + RIDGE * value for slope, mean, width, value in zip(slopes, self.means, self.widths, point, strict=True)
        ]
        return gradient, all_errors
