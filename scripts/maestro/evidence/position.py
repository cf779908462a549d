"""Signals of position and form: who comes first, who stands side by side, whose titles look alike.

They never make an edge alone where a plan has scopes: an order of writing is not an order of work.
"""

from __future__ import annotations

from collections.abc import Iterable

from maestro.evidence.company import resemblance
from maestro.evidence.pairs import Asking, Pair
from maestro.evidence.signals import About, Rule


def _nothing(_: Pair) -> str:
    return ""


def _alike(pair: Pair) -> float:
    """0 to 1: same first word, same last word, same first telling word."""
    a, b = pair.later, pair.earlier
    score = float(a.first_word == b.first_word != "")
    if a.title_words and b.title_words and a.form and b.form:
        score += (a.form[-1] == b.form[-1]) + 0.5 * (a.form[:2] == b.form[:2])
    return score / 2.5


def _heads(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    return places & asking.company.heads.get(asking.company.series[asking.later.place], frozenset())


def _of_like_form(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    """Titles that begin or end with the same word."""
    forms, later = asking.company.forms, asking.later
    return frozenset().union(*(places & forms[word] for word in {later.first_word, *later.form[:1], *later.form[-1:]}))


RULES = (
    Rule("first", lambda pair: pair.earlier.place == 0, _nothing, About.EARLIER),
    Rule("next", lambda pair: pair.distance == 1, _nothing, About.DISTANCE),
    Rule("far", lambda pair: pair.distance / pair.size, _nothing, About.DISTANCE),
    Rule("alike", _alike, lambda pair: pair.earlier.first_word, places=_of_like_form),
    Rule("same-form", lambda pair: resemblance(pair.later, pair.earlier), lambda pair: pair.earlier.title, places=_of_like_form),
    Rule(
        "head-of-series",
        lambda pair: pair.earlier.place in _heads(pair.asking, frozenset((pair.earlier.place,))),
        lambda pair: pair.company.series[pair.earlier.place],
        places=_heads,
    ),
)
