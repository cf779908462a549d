"""Soft dependencies: all signals of a pair of tasks are added up, and the sums decide together what waits for what.

Only tasks of one phase are weighed against each other, since phases follow each other anyway. In a list of ordinary length every earlier task is a
candidate; in a long one those nearby, those whose words or names the task uses, the last to touch its files and the first of the phase.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import lru_cache
from itertools import islice

from maestro.evidence import position, prose, symbols
from maestro.evidence.choose import Closure, choose
from maestro.evidence.company import Company
from maestro.evidence.pairs import Asking, Pair
from maestro.evidence.profiles import profiles
from maestro.evidence.signals import About, Rule
from maestro.evidence.weights import Table, probability
from maestro.models.dependency import Signal
from maestro.models.plan import Task
from maestro.once import once
from maestro.records import dataclass

RULES: tuple[Rule, ...] = (*symbols.RULES, *prose.RULES, *position.RULES)

ALL_PAIRS = 120
"""Up to so many tasks, every earlier one is a candidate."""

NEARBY = 8
"""In a longer list: so many of the tasks just before."""

NAMES = 0.2
"""The measure from which a signal names what the other task makes, and does not only touch upon it."""

BY_WORDS = 6
"""In a longer list: so many of the tasks whose words, and as many of those whose names, the task uses most."""


@dataclass(frozen=True, slots=True)
class Likely:
    """A chosen prerequisite: places in the list, the final score in log odds, and the signals, the weightiest first."""

    later: int
    earlier: int
    score: float
    signals: tuple[Signal, ...]

    @property
    def probability(self) -> float:
        return probability(self.score)


_Weighed = tuple[tuple[Rule, float], ...]


@dataclass(frozen=True, slots=True)
class _InForce:
    """The signals to which a table gives weight, by what they look at, and those that it counts as naming a product."""

    later: _Weighed
    earlier: _Weighed
    distance: _Weighed
    both: _Weighed
    naming: tuple[Rule, ...]


@lru_cache(maxsize=8)
def _in_force(table: Table) -> _InForce:
    by_kind: dict[About, list[tuple[Rule, float]]] = {about: [] for about in About}
    for rule in RULES:
        if weight := table.weight(rule.name):
            by_kind[rule.about].append((rule, weight))
    later, earlier, distance, both = (tuple(by_kind[about]) for about in (About.LATER, About.EARLIER, About.DISTANCE, About.BOTH))
    naming = tuple(rule for rule in RULES if (row := table.rows.get(rule.name)) is not None and row.names_product)
    return _InForce(later, earlier, distance, both, naming)


class Weighing:
    """The tasks of one phase, weighed against each other."""

    def __init__(self, tasks: Sequence[Task], table: Table) -> None:
        self.company = Company(profiles(tasks))
        self.table = table
        self._force = _in_force(table)
        self._earlier: dict[int, float] = {}
        self._distance: dict[int, float] = {}

    def measures(self) -> Iterator[tuple[int, int, dict[str, float]]]:
        """(later, earlier, signal -> measure) of every candidate pair: what weights are learned from."""
        for asking in self._askings:
            for place in sorted(self.candidates(asking.later.place)):
                pair = Pair(asking, self.company.profiles[place])
                yield asking.later.place, place, {rule.name: float(rule.measure(pair)) for rule in RULES}

    @once
    def scores(self) -> list[dict[int, float]]:
        """For each task its candidates and their final scores, pairs within a numbered series centred apart from the others."""
        raw = [self._raw(asking) for asking in self._askings]
        series = self.company.series
        by_sort: dict[bool, list[float]] = {True: [], False: []}
        for later, scores in enumerate(raw):
            for together, sort in by_sort.items():
                sort += [score for earlier, score in scores.items() if (series[earlier] == series[later]) is together]
        shift = {sort: self.table.centring * math.fsum(values) / max(1, len(values)) for sort, values in by_sort.items()}
        return [{earlier: score - shift[series[earlier] == series[later]] for earlier, score in scores.items()} for later, scores in enumerate(raw)]

    def candidates(self, later: int) -> frozenset[int]:
        """The earlier tasks worth looking at."""
        if len(self.company.profiles) <= ALL_PAIRS:
            return frozenset(range(later))
        asking = self._askings[later]
        found = {0, *range(max(0, later - NEARBY), later)}
        for use in (asking.word_use, asking.name_use):
            found.update(heapq.nlargest(BY_WORDS, use, key=lambda other: (use[other], other)))
        found |= asking.touched_before
        return frozenset(other for other in found if 0 <= other < later)

    def explain(self, later: int, earlier: int) -> tuple[Signal, ...]:
        """The signals of one pair that count for something, the weightiest first."""
        pair = self._pair(later, earlier)
        found = []
        force = self._force
        for rule, weight in (*force.later, *force.earlier, *force.distance, *self._of_both):
            share = weight * rule.measure(pair)
            if abs(share) >= 0.005:
                found.append(Signal(rule.name, rule.words(pair), round(share, 2)))
        return tuple(sorted(found, key=lambda signal: (-abs(signal.weight), signal.name)))

    def names_products(self, later: int, places: frozenset[int]) -> set[int]:
        """Those of some earlier tasks whose products the later text names, by any signal that the table counts as naming them."""
        if not places:
            return set()
        asking = self._askings[later]
        found: set[int] = set()
        for rule in self.naming:
            left = places - found
            for place in islice(left, 1) if rule.about is About.LATER else rule.among(asking, left):
                pair = Pair(asking, self.company.profiles[place])
                if rule.measure(pair) >= NAMES and not symbols.only_mentions(rule, pair):
                    found |= left if rule.about is About.LATER else {place}
        return found

    def decide(self, order: Sequence[int], given: Mapping[int, Sequence[int]], allowed: Mapping[int, Set[int]]) -> list[Likely]:
        """The likely prerequisites of all tasks, besides those given.

        order: the places of all tasks, each after what it needs by `given`; allowed: for each task the only candidates it may take
        """
        closure = Closure()
        settled: set[int] = set()
        likely: list[Likely] = []
        for later in order:
            scores = {place: score if place in allowed[later] else min(score, 0.0) for place, score in self.scores[later].items() if place in settled}
            known = given.get(later, ())
            chosen = choose(scores, known, closure, self.table.carried)
            closure.settle(later, (*known, *chosen))
            settled.add(later)
            likely += [Likely(later, place, scores[place], self.explain(later, place)) for place in chosen]
        return likely

    @once
    def naming(self) -> list[Rule]:
        """The signals that the table counts as naming a product, without those that are present nowhere in this list."""
        return [rule for rule in self._force.naming if self._may_be_present(rule)]

    @once
    def _of_both(self) -> list[tuple[Rule, float]]:
        """The signals that look at both tasks of a pair, with their weights, without those that are present nowhere in this list."""
        return [(rule, weight) for rule, weight in self._force.both if self._may_be_present(rule)]

    def _may_be_present(self, rule: Rule) -> bool:
        return rule.ever is None or rule.ever(self.company)

    @once
    def _askings(self) -> list[Asking]:
        return [Asking(profile, self.company) for profile in self.company.profiles]

    def _pair(self, later: int, earlier: int) -> Pair:
        return Pair(self._askings[later], self.company.profiles[earlier])

    def _raw(self, asking: Asking) -> dict[int, float]:
        profiles = self.company.profiles
        candidates = self.candidates(asking.later.place)
        if not candidates:
            return {}
        pairs = {place: Pair(asking, profiles[place]) for place in sorted(candidates)}
        start = self.table.start + _added_up(self._force.later, next(iter(pairs.values())))
        sums = {}
        for place, pair in pairs.items():
            if (of_earlier := self._earlier.get(place)) is None:
                of_earlier = self._earlier[place] = _added_up(self._force.earlier, pair)
            if (of_distance := self._distance.get(pair.distance)) is None:
                of_distance = self._distance[pair.distance] = _added_up(self._force.distance, pair)
            sums[place] = start + of_earlier + of_distance
        for rule, weight in self._of_both:
            for place in rule.among(asking, candidates):
                sums[place] += weight * rule.measure(pairs[place])
        if asking.later.task.parallel_hint:
            for place, pair in pairs.items():
                sums[place] -= self._marked(pair)
        return sums

    def _marked(self, pair: Pair) -> float:
        """What the author's own mark for parallel work takes off: more where both are marked."""
        return self.table.parallel * (1 + pair.earlier.task.parallel_hint)


def _added_up(rules: _Weighed, pair: Pair) -> float:
    return sum([weight * rule.measure(pair) for rule, weight in rules])
