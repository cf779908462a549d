"""The form of a signal: what it looks at, how it is measured, and which words it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import Enum
from itertools import islice

from maestro.evidence.company import Company
from maestro.evidence.pairs import Asking, Pair
from maestro.records import dataclass


class About(Enum):
    """What a signal looks at. What concerns only one of the two tasks is measured once for that task, and their distance once in each list."""

    BOTH = "both"
    DISTANCE = "distance"
    LATER = "later"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Rule:
    """A named reason for, or against, "later needs earlier". The table of weights says how much it counts and why anyone should believe it."""

    name: str
    measure: Callable[[Pair], float]
    """0 when it is absent, up to about 1."""
    words: Callable[[Pair], str]
    """What carried it, for evidence; asked only for edges that are reported."""
    about: About = About.BOTH
    places: Callable[[Asking, frozenset[int]], Iterable[int]] | None = None
    """Those among some earlier tasks for which it may be present at all, so that nobody measures it for the others; None where that takes as long."""
    ever: Callable[[Company], bool] | None = None
    """False for a list of tasks in which it is present nowhere, for certain; None where nobody can tell by looking at the list."""

    def among(self, asking: Asking, places: frozenset[int]) -> Iterable[int]:
        return places if self.places is None else self.places(asking, places)


def just_before(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    return places & {asking.later.place - 1}


def listed(words: Iterable[str], limit: int = 4) -> str:
    return ", ".join(islice(words, limit))
