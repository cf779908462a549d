"""A task and an earlier one that it may need: what the signals look at."""

from __future__ import annotations

from maestro.evidence.company import Company
from maestro.evidence.profiles import Profile
from maestro.once import once

NEIGHBOURS = 25
"""Titles with the same word that are compared, so that a word of everywhere costs no more than a rare one."""


class Asking:
    """One task that asks what it needs, with what is the same for all its candidates."""

    def __init__(self, later: Profile, company: Company) -> None:
        self.later = later
        self.company = company

    @once
    def word_use(self) -> dict[int, float]:
        return self.company.word_use(self.later)

    @once
    def name_use(self) -> dict[int, float]:
        return self.company.name_use(self.later)

    @once
    def most_words(self) -> float:
        return max(self.word_use.values(), default=0.0)

    @once
    def most_names(self) -> float:
        return max(self.name_use.values(), default=0.0)

    @once
    def relied_on(self) -> frozenset[str]:
        return frozenset().union(*self.later.relied_on)

    @once
    def quoted(self) -> frozenset[int]:
        """The places of the tasks whose titles write like code what this one mentions."""
        named = self.company.title_named
        return frozenset(place for name in self.company.mentions[self.later.place] if name in named for place in named[name])

    @once
    def touched_before(self) -> frozenset[int]:
        """For each of its files the place of the last task before it that touches it; -1 where there is none."""
        return frozenset(self.company.last_touching(path, self.later.place) for path in self.later.files)

    @once
    def novelty(self) -> float:
        """How little the title has in common with the most similar earlier one: 1 for a title about the whole rather than about a part. 0 to 1."""
        company, title, place = self.company, self.later.title_words, self.later.place
        similar = {other for word in title for other in company.titles_with[word][:NEIGHBOURS] if other < place}
        return 1 - max((company.title_rarity.covered(company.profiles[other].title_words, title) for other in similar), default=0.0)


class Pair:
    """`later` may need `earlier`. There are many pairs, and every signal reads these: plain attributes, for the sake of speed."""

    def __init__(self, asking: Asking, earlier: Profile) -> None:
        self.asking = asking
        self.earlier = earlier
        self.later = asking.later
        self.company = asking.company
        self.distance = asking.later.place - earlier.place
        self.size = self.company.size

    @once
    def shared_title_words(self) -> frozenset[str]:
        return self.later.title_words & self.earlier.title_words

    @once
    def title_match(self) -> float:
        """The share of the earlier title that the later title repeats. 0 to 1."""
        if not self.shared_title_words:
            return 0.0
        return self.company.title_rarity.covered(self.earlier.title_words, self.later.title_words)
