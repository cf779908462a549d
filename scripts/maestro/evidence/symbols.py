"""Signals of symbols: a task uses the words, names and files that an earlier one brings in.

Each signal has a measure, from 0 to about 1, and the words that evidence shows for it. "Brings in" means: is the first of the list to have it, in its
title for words, anywhere for names written like code. So a word that many tasks share ties none of them to each other, only to the first, and the rarer
it is the more it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from functools import lru_cache

from maestro.evidence.company import Company
from maestro.evidence.pairs import Asking, Pair
from maestro.evidence.profiles import Profile
from maestro.evidence.signals import Rule, listed
from maestro.evidence.terms import words

MOST = 0.6
"""The share of a title that a clause must repeat to speak of that task."""


def _introduced(pair: Pair) -> list[str]:
    company = pair.company
    used = [word for word in company.introduced[pair.earlier.place] if word in pair.later.words]
    return sorted(used, key=company.rarity, reverse=True)


def _uses_words(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    """The tasks whose titles bring in words that this one uses."""
    return places & asking.word_use.keys()


def _introduces(pair: Pair) -> float:
    use = pair.asking.word_use.get(pair.earlier.place, 0.0)
    return use / pair.asking.most_words if use else 0.0


def _known_names(pair: Pair) -> list[str]:
    company, earlier = pair.company, pair.earlier
    mentioned = company.mentions[pair.later.place]
    return [name for name in earlier.names if name in mentioned and company.named_by[name] == earlier.place]


def _names(pair: Pair) -> float:
    use = pair.asking.name_use.get(pair.earlier.place, 0.0)
    return use / pair.asking.most_names if use else 0.0


def _names_words(pair: Pair) -> str:
    names = sorted(_known_names(pair), key=lambda name: (-pair.company.name_rarity(name), -len(name)))
    return listed(pair.earlier.names[name] for name in names)


def _topic(pair: Pair) -> float:
    return pair.company.rarity.covered(pair.earlier.title_words, pair.later.words)


def _topic_words(pair: Pair) -> str:
    return _as_written(pair, pair.earlier.title_words & pair.later.words)


def _topic_first(pair: Pair) -> float:
    return pair.company.rarity.covered(pair.earlier.title_words, pair.later.lead)


def _detail(pair: Pair) -> float:
    company = pair.company
    only_inside = [word for word in _introduced(pair) if word not in pair.later.title_words]
    return min(2.0, company.rarity.sum(only_inside)) / 2


def _only_these(pair: Pair) -> list[str]:
    company, earlier = pair.company, pair.earlier.place
    shared = sorted(pair.shared_title_words)
    return [word for word in shared if company.introduced_by[word] == earlier == company.last_with(word, pair.later.place)]


def _sole(pair: Pair) -> float:
    return min(2.0, pair.company.title_rarity.sum(_only_these(pair))) / 2


def _quoted(pair: Pair) -> list[str]:
    return [name for name in pair.earlier.title_names if name in pair.company.mentions[pair.later.place]]


def _quotes(pair: Pair) -> float:
    return min(2.0, pair.company.name_rarity.sum(_quoted(pair))) / 2


def _quotes_words(pair: Pair) -> str:
    return listed(pair.earlier.title_names[name] for name in _quoted(pair))


def _stem_places(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    first = asking.company.stem_by
    return places & {first[stem] for stem in (*asking.later.stems, *asking.later.names) if stem in first}


def _same_stem(pair: Pair) -> list[str]:
    first, later = pair.company.stem_by, pair.later
    return [stem for stem in sorted(pair.earlier.stems) if first[stem] == pair.earlier.place and (stem in later.names or stem in later.stems)]


def _paths(pair: Pair) -> list[str]:
    lower = pair.later.lower
    return [path for path in sorted(pair.earlier.paths) if path in lower]


def _names_path(pair: Pair) -> bool:
    lower = pair.later.lower
    return any(path in lower for path in pair.earlier.paths)


def _path_places(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    return _indexed(asking.company.pathed, {"", *asking.later.runs}, places)


def _indexed(index: Mapping[str, frozenset[int]], words: Set[str], places: frozenset[int]) -> Iterable[int]:
    """Those among `places` that an index gives for one of the words."""
    return frozenset().union(*(places & index[word] for word in index.keys() & words))


def _nearest(pair: Pair) -> bool:
    return pair.earlier.place in pair.asking.touched_before


def _nearest_file(pair: Pair) -> list[str]:
    shared = pair.later.files & pair.earlier.files
    return [path for path in sorted(shared) if pair.company.last_touching(path, pair.later.place) == pair.earlier.place]


@lru_cache(maxsize=512)
def _citation(label: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.-]){re.escape(label)}(?![\w-]|\.\d)", re.IGNORECASE)


def _cites(pair: Pair) -> bool:
    label = pair.earlier.label
    if pair.earlier.place not in _cited(pair.asking, frozenset((pair.earlier.place,))) or label == pair.later.label or label.lower() not in pair.later.lower:
        return False
    return _citation(label).search(pair.later.body) is not None


def _cited(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    return _indexed(asking.company.cited, asking.later.runs, places)


def _builds_on(pair: Pair) -> float:
    title = pair.earlier.title_words
    if not _of_two_words(pair.earlier) or 2 * len(title & pair.asking.relied_on) < len(title):
        return 0.0
    covered = max(pair.company.rarity.covered(title, clause) for clause in pair.later.relied_on)
    return covered if covered >= MOST else 0.0


def _reliable(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    return places & asking.company.which(_of_two_words) if asking.relied_on else ()


def _of_two_words(profile: Profile) -> bool:
    return len(profile.title_words) > 1


def _reviewable(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    return places & asking.company.which(_no_review) if asking.later.review else ()


def _no_review(profile: Profile) -> bool:
    return not profile.review


def _reviews_it(pair: Pair) -> bool:
    return pair.later.review and not pair.earlier.review and pair.title_match > 0.75


def _as_written(pair: Pair, stems: Iterable[str]) -> str:
    """Stems as the words of the earlier title that they come from."""
    wanted = set(stems)
    spelled = [word for word in re.findall(r"[^\s,;:()\[\]`\"]+", pair.earlier.subject) if wanted & set(words(word))]
    return listed(dict.fromkeys(spelled))


def only_mentions(rule: Rule, pair: Pair) -> bool:
    """Whether the names that a signal rests on are ones which the earlier task was the first to mention, and does not say it makes."""
    return rule is NAMES and not pair.earlier.made(frozenset(_known_names(pair)))


def _shares_names(company: Company) -> bool:
    return company.shares_names


def _shares_stems(company: Company) -> bool:
    return company.shares_stems


def _shares_files(company: Company) -> bool:
    return company.shares_files


def _spells_paths(company: Company) -> bool:
    return company.spells_paths


def _cites_any(company: Company) -> bool:
    return bool(company.cited)


def _relies(company: Company) -> bool:
    return any(profile.relied_on for profile in company.profiles)


def _reviews(company: Company) -> bool:
    return "review" in company.lower and any(profile.review for profile in company.profiles)


NAMES = Rule("names", _names, _names_words, places=lambda asking, places: places & asking.name_use.keys(), ever=_shares_names)

RULES = (
    Rule("introduces", _introduces, lambda pair: _as_written(pair, _introduced(pair)), places=_uses_words),
    NAMES,
    Rule("topic", _topic, _topic_words),
    Rule("topic-first", _topic_first, _topic_words),
    Rule("detail", _detail, lambda pair: _as_written(pair, _introduced(pair)), places=_uses_words),
    Rule("sole-words", _sole, lambda pair: _as_written(pair, _only_these(pair)), places=_uses_words),
    Rule("quotes-title", _quotes, _quotes_words, places=lambda asking, places: places & asking.quoted, ever=_shares_names),
    Rule("same-stem", lambda pair: bool(_same_stem(pair)), lambda pair: listed(_same_stem(pair)), places=_stem_places, ever=_shares_stems),
    Rule("names-file", _names_path, lambda pair: listed(_paths(pair)), places=_path_places, ever=_spells_paths),
    Rule(
        "same-file",
        _nearest,
        lambda pair: listed(_nearest_file(pair)),
        places=lambda asking, places: places & asking.touched_before,
        ever=_shares_files,
    ),
    Rule("builds-on", _builds_on, _topic_words, places=_reliable, ever=_relies),
    Rule("cites-label", _cites, lambda pair: pair.earlier.label, places=_cited, ever=_cites_any),
    Rule(
        "reviews-it",
        _reviews_it,
        lambda pair: pair.earlier.subject,
        places=_reviewable,
        ever=_reviews,
    ),
)
