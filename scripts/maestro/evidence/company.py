"""What the words of a task mean in the company of the other tasks: how rare they are, which task brings them in, what stands beside what.

Everything here is found by going over the tasks once and looking words up; no two tasks are compared.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from maestro.evidence.profiles import Profile


class Rarity:
    """How telling a term is: near 1 when one task has it, near 0 when all have it."""

    def __init__(self, sets: Sequence[Iterable[str]]) -> None:
        self._count = Counter(term for terms in sets for term in terms)
        self._most = math.log(len(sets) + 1)

    def __call__(self, term: str) -> float:
        count = self._count.get(term)
        return 1 - math.log(count) / self._most if count else 0.0

    def sum(self, terms: Iterable[str]) -> float:
        return math.fsum(sorted(map(self, terms)))

    def covered(self, terms: Iterable[str], by: frozenset[str] | Mapping[str, object]) -> float:
        """The share of `terms`, by weight, that `by` holds."""
        weights = {term: self(term) for term in terms}
        total = math.fsum(sorted(weights.values()))
        return math.fsum(sorted(weight for term, weight in weights.items() if term in by)) / total if total else 0.0


class Company:
    """A list of tasks, seen as a whole."""

    def __init__(self, profiles: Sequence[Profile]) -> None:
        self.profiles = profiles

    @cached_property
    def title_rarity(self) -> Rarity:
        return Rarity([profile.title_words for profile in self.profiles])

    @cached_property
    def rarity(self) -> Rarity:
        return Rarity([profile.words for profile in self.profiles])

    @cached_property
    def name_rarity(self) -> Rarity:
        return Rarity([profile.names for profile in self.profiles])

    @cached_property
    def introduced_by(self) -> dict[str, int]:
        """For each word of a title, the place of the first task whose title has it."""
        return _first((profile.place, profile.title_words) for profile in self.profiles)

    @cached_property
    def named_by(self) -> dict[str, int]:
        """For each name, and each file's stem, the place of the first task that has it."""
        return _first((profile.place, [*profile.names, *profile.stems]) for profile in self.profiles)

    def introduced(self, profile: Profile) -> list[str]:
        """The title's words that no earlier title has."""
        return [word for word in sorted(profile.title_words) if self.introduced_by[word] == profile.place]

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
        for name in sorted(later.names):
            place = self.named_by[name]
            if place < later.place:
                use[place] += self.name_rarity(name)
        return {place: math.log1p(weight) for place, weight in use.items()}

    def last_with(self, word: str, before: int) -> int:
        """The place of the last title that has the word, looking backwards from `before`; -1 when there is none."""
        places = self._titles_with[word]
        low = [place for place in places if place < before]
        return low[-1] if low else -1

    @cached_property
    def _titles_with(self) -> dict[str, list[int]]:
        return _places((profile.place, profile.title_words) for profile in self.profiles)

    def last_touching(self, path: str, before: int) -> int:
        """The place of the last task before `before` that touches the path; -1 when there is none."""
        low = [place for place in self._touching[path] if place < before]
        return low[-1] if low else -1

    @cached_property
    def _touching(self) -> dict[str, list[int]]:
        return _places((profile.place, profile.files) for profile in self.profiles)

    @cached_property
    def series(self) -> list[str]:
        """The numbered series of each task, where the list as a whole is numbered in series; otherwise empty names."""
        named = [profile.series for profile in self.profiles]
        counts = Counter(name for name in named if name)
        several = len(counts) > 1 and counts.total() >= 1.6 * len(counts)
        return named if several and counts.total() >= 0.7 * len(named) else [""] * len(named)


def _first(terms: Iterable[tuple[int, Iterable[str]]]) -> dict[str, int]:
    first: dict[str, int] = {}
    for place, some in terms:
        for term in some:
            first.setdefault(term, place)
    return first


def _places(terms: Iterable[tuple[int, Iterable[str]]]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, some in terms:
        for term in some:
            places[term].append(place)
    return places


def resemblance(one: Profile, other: Profile) -> float:
    """How far two titles have one form: "Create the user page" and "Create the order page" do. 0 to 1."""
    a, b = one.form, other.form
    if not a or not b or (a[0] != b[0] and a[-1] != b[-1]):
        return 0.0
    common = sum(x == y for x, y in zip(a, b, strict=False)) + sum(x == y for x, y in zip(reversed(a), reversed(b), strict=False))
    return min(1.0, common / max(len(a), len(b)))
