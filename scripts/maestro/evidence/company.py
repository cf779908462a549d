"""What the words of a task mean in the company of the other tasks: how rare they are, which task brings them in, what stands beside what.

Everything here is found by going over the tasks once and looking words up; no two tasks are compared.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence, Set
from itertools import chain
from operator import eq

from maestro.evidence.profiles import RUN, Profile
from maestro.evidence.terms import joined
from maestro.once import once

SPELLED_OUT = 7
"""Letters that a name needs before plain words that spell it are taken for it."""

SPELLED_WITHIN = 20_000
"""Characters of a text that are searched for spelled-out names."""


LOOKED_THROUGH = 120
"""Tasks of a list whose texts are looked through as one."""


class Rarity:
    """How telling a term is: near 1 when one task has it, near 0 when all have it."""

    def __init__(self, sets: Sequence[Iterable[str]]) -> None:
        most = math.log(len(sets) + 1)
        counts = Counter(chain.from_iterable(sets))
        self._weights = {term: 1 - math.log(count) / most for term, count in counts.items()}
        self._totals: dict[frozenset[str], float] = {}

    def __call__(self, term: str) -> float:
        return self._weights.get(term, 0.0)

    def sum(self, terms: Iterable[str]) -> float:
        return math.fsum(map(self, terms))

    def covered(self, terms: frozenset[str], by: Set[str]) -> float:
        """The share of `terms`, by weight, that `by` holds. Titles are asked about again and again, so their totals are kept."""
        held = terms & by
        if not held:
            return 0.0
        total = self._totals.get(terms)
        if total is None:
            total = self._totals[terms] = self.sum(terms)
        return self.sum(held) / total if total else 0.0


class Company:
    """A list of tasks, seen as a whole."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.profiles = profiles
        self.size = len(profiles)
        self._which: dict[Callable[[Profile], bool], frozenset[int]] = {}

    @once
    def lower(self) -> str:
        """All texts, lower case."""
        return "\n".join([profile.lower for profile in self.profiles])

    @once
    def title_rarity(self) -> Rarity:
        return Rarity([profile.title_words for profile in self.profiles])

    @once
    def rarity(self) -> Rarity:
        return Rarity([profile.words for profile in self.profiles])

    @once
    def name_rarity(self) -> Rarity:
        return Rarity(self.mentions)

    @once
    def introduced_by(self) -> dict[str, int]:
        """For each word of a title, the place of the first task whose title has it."""
        return _first((profile.place, profile.title_words) for profile in self.profiles)

    @once
    def named_by(self) -> dict[str, int]:
        """For each name, the place of the task that brings it in: the first that says it makes it, or else the first that mentions it."""
        mentioned = _first((profile.place, profile.names) for profile in self.profiles)
        counts = Counter(chain.from_iterable(profile.names for profile in self.profiles))
        if len(counts) == counts.total():
            return mentioned
        several = {name for name, tasks in counts.items() if tasks > 1}
        return mentioned | _first((profile.place, profile.made(several & profile.names.keys())) for profile in self.profiles)

    @once
    def stem_by(self) -> dict[str, int]:
        """For each file's stem, the place of the first task that has it among its files or its names."""
        return _first((profile.place, [*profile.names, *profile.stems]) for profile in self.profiles)

    @once
    def introduced(self) -> list[list[str]]:
        """For each task its title's words that no earlier title has."""
        first = self.introduced_by
        return [[word for word in sorted(profile.title_words) if first[word] == profile.place] for profile in self.profiles]

    @once
    def mentions(self) -> list[frozenset[str]]:
        """The names that each task mentions, also as plain words."""
        long = {name for name in self.named_by if len(name) >= SPELLED_OUT}
        return [frozenset(profile.names.keys() | joined(profile.lower[:SPELLED_WITHIN], long)) for profile in self.profiles]

    def word_use(self, later: Profile) -> dict[int, float]:
        """How much the task uses the words that each earlier title introduces: place -> weight. A word in the title counts as three in the text."""
        use: dict[int, float] = defaultdict(float)
        for word in sorted(later.words):
            place = self.introduced_by.get(word)
            if place is not None and place < later.place:
                count = later.body_words[word] + 3 * (word in later.title_words)
                use[place] += self.rarity(word) * math.log1p(count)
        return use

    def name_use(self, later: Profile) -> dict[int, float]:
        """How much the task mentions the names that each earlier task was the first to mention: place -> weight."""
        use: dict[int, float] = defaultdict(float)
        for name in sorted(self.mentions[later.place]):
            place = self.named_by[name]
            if place < later.place:
                use[place] += self.name_rarity(name)
        return {place: math.log1p(weight) for place, weight in use.items()}

    def last_with(self, word: str, before: int) -> int:
        """The place of the last title that has the word, looking backwards from `before`; -1 when there is none."""
        return _last_below(self.titles_with[word], before)

    @once
    def titles_with(self) -> dict[str, list[int]]:
        """For each title word, the places of the titles that have it, rising."""
        return _places((profile.place, profile.title_words) for profile in self.profiles)

    def last_touching(self, path: str, before: int) -> int:
        """The place of the last task before `before` that touches the path; -1 when there is none."""
        return _last_below(self._touching[path], before)

    @once
    def _touching(self) -> dict[str, list[int]]:
        return _places((profile.place, profile.files) for profile in self.profiles)

    @once
    def title_named(self) -> dict[str, list[int]]:
        """For each name that titles write like code, the places of those titles."""
        return _places((profile.place, profile.title_names) for profile in self.profiles)

    @once
    def cited(self) -> dict[str, frozenset[int]]:
        """The places of the tasks that can be cited by their labels, by the first run of letters and digits in it."""
        citable = (profile for profile in self.profiles if len(profile.label) > 2 and not profile.label.isdigit())
        return _sets((profile.place, RUN.findall(profile.label.lower())[:1]) for profile in citable)

    @once
    def pathed(self) -> dict[str, frozenset[int]]:
        """The places of the tasks with paths, by a run of letters and digits that stands in every text which names the path; empty where there is none."""
        return _sets((profile.place, map(_inner_run, profile.paths)) for profile in self.profiles)

    @once
    def forms(self) -> dict[str, frozenset[int]]:
        """For each word the places of the titles that begin or end with it."""
        ends = ((profile.place, {profile.first_word, *profile.form[:1], *profile.form[-1:]}) for profile in self.profiles)
        return _sets(ends)

    @once
    def heads(self) -> dict[str, frozenset[int]]:
        """For each numbered series, the places at which it begins."""
        return _sets((place, [name]) for place, name in enumerate(self.series) if name and (place == 0 or self.series[place - 1] != name))

    @once
    def shares_names(self) -> bool:
        """Whether two tasks mention one name."""
        return _overlap(self.mentions)

    @once
    def shares_stems(self) -> bool:
        """Whether a file of one task is called like a file or a name of another."""
        return _overlap([profile.stems | profile.names.keys() for profile in self.profiles])

    @once
    def shares_files(self) -> bool:
        """Whether two tasks touch one file."""
        return _overlap([profile.files for profile in self.profiles])

    @once
    def spells_paths(self) -> bool:
        """Whether a path of one task may stand in the text of another. Not looked for in long lists, where every path would be sought in a long text."""
        if self.size > LOOKED_THROUGH:
            return True
        return any(self.lower.count(path) > profile.lower.count(path) for profile in self.profiles for path in profile.paths)

    def which(self, holds: Callable[[Profile], bool]) -> frozenset[int]:
        """The places of the tasks of which something holds; looked at once for the whole list."""
        if holds not in self._which:
            self._which[holds] = frozenset(profile.place for profile in self.profiles if holds(profile))
        return self._which[holds]

    @once
    def series(self) -> list[str]:
        """The numbered series of each task, where the list as a whole is numbered in series; otherwise empty names."""
        named = [profile.series for profile in self.profiles]
        counts = Counter(name for name in named if name)
        several = len(counts) > 1 and counts.total() >= 1.6 * len(counts)
        return named if several and counts.total() >= 0.7 * len(named) else [""] * len(named)


def _inner_run(path: str) -> str:
    """The longest part of a path that has an end of a word on both sides; its first and last part may be cut off the words of a text."""
    return max(RUN.findall(path)[1:-1], key=len, default="")


def _overlap(sets: Sequence[Set[str]]) -> bool:
    return len(set().union(*sets)) < sum(map(len, sets))


def _last_below(places: Sequence[int], limit: int) -> int:
    at = bisect_left(places, limit)
    return places[at - 1] if at else -1


def _first(terms: Iterable[tuple[int, Iterable[str]]]) -> dict[str, int]:
    """For each term the place it comes with first. Places rise, so the last to be written down is the first to have it."""
    first: dict[str, int] = {}
    for place, some in reversed(list(terms)):
        first.update(dict.fromkeys(some, place))
    return first


def _places(terms: Iterable[tuple[int, Iterable[str]]]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, some in terms:
        for term in some:
            places[term].append(place)
    return places


def _sets(terms: Iterable[tuple[int, Iterable[str]]]) -> dict[str, frozenset[int]]:
    return {term: frozenset(places) for term, places in _places(terms).items()}


def resemblance(one: Profile, other: Profile) -> float:
    """How far two titles have one form: "Create the user page" and "Create the order page" do. 0 to 1."""
    a, b = one.form, other.form
    if not a or not b or (a[0] != b[0] and a[-1] != b[-1]):
        return 0.0
    common: int = sum(map(eq, a, b)) + sum(map(eq, reversed(a), reversed(b)))
    return min(1.0, common / max(len(a), len(b)))
