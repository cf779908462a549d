"""Signals of prose: what kind of work two titles announce.

Groundwork is needed by what comes after it, closing work needs what came before it, and a fix or a small change seldom has anybody waiting for it. The
words are those of `roles.py`; how much each pairing counts stands in the table of weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from maestro.evidence.company import Company
from maestro.evidence.pairs import Asking, Pair
from maestro.evidence.profiles import Profile
from maestro.evidence.roles import CHANGING, MAKING, OPERATING, Role, may_be_everything, of_everything, word_of
from maestro.evidence.signals import About, Rule, just_before


def _has(profile: Profile, role: Role) -> bool:
    return role in profile.roles


def _announces(profile: Profile, role: Role) -> bool:
    """Groundwork by its title; the tests or documents of groundwork are not groundwork."""
    return role in profile.roles and not profile.closing


def _at_the_end(pair: Pair) -> bool:
    """Whether the later task is one of the last two of the list."""
    return pair.later.place >= pair.size - 2


def _last(pair: Pair) -> bool:
    return pair.later.place == pair.size - 1


def _founder(profile: Profile) -> bool:
    return not profile.closing and bool(profile.roles & {Role.SCAFFOLD, Role.CONTRACT, Role.CORE})


def _of_the_whole(profile: Profile) -> bool:
    return profile.closing or bool(profile.roles & {Role.WIRING, Role.POLISH})


def _closing(profile: Profile) -> bool:
    return profile.closing


def _open(profile: Profile) -> bool:
    return not profile.closing


def _wires(profile: Profile) -> bool:
    return _has(profile, Role.WIRING)


def _review(profile: Profile) -> bool:
    return profile.review


def _where(earlier: Callable[[Profile], bool], later: Callable[[Profile], bool]) -> Callable[[Asking, frozenset[int]], Iterable[int]]:
    """The tasks of which the one holds, for those of which the other holds."""
    return lambda asking, places: places & asking.company.which(earlier) if later(asking.later) else ()


def _earlier_word(role: Role) -> Callable[[Pair], str]:
    return lambda pair: word_of(role, pair.earlier.heading)


def _later_word(role: Role) -> Callable[[Pair], str]:
    return lambda pair: word_of(role, pair.later.heading)


def _title(pair: Pair) -> str:
    return pair.later.title


def _everything(pair: Pair) -> str:
    return of_everything(pair.later.heading)


def _speaks_of_all(company: Company) -> bool:
    return may_be_everything(company.lower)


def _operating(asking: Asking, places: frozenset[int]) -> Iterable[int]:
    return just_before(asking, places) if asking.later.first_word in OPERATING else ()


def _on_announced(name: str, role: Role) -> Rule:
    def announces(profile: Profile) -> bool:
        return _announces(profile, role)

    def others(profile: Profile) -> bool:
        return not _announces(profile, role)

    return Rule(name, lambda pair: announces(pair.earlier) and others(pair.later), _earlier_word(role), places=_where(announces, others))


def _closing_rule(name: str, role: Role) -> Rule:
    def ends(company: Company) -> bool:
        return any(_has(profile, role) for profile in company.profiles[-2:])

    return Rule(name, lambda pair: _at_the_end(pair) and _has(pair.later, role), _later_word(role), About.LATER, ever=ends)


RULES = (
    Rule("founder", lambda pair: pair.earlier.place == 0 and _founder(pair.earlier), lambda pair: pair.earlier.title, About.EARLIER),
    Rule("on-groundwork", lambda pair: _has(pair.earlier, Role.GROUNDWORK), _earlier_word(Role.GROUNDWORK), About.EARLIER),
    _on_announced("on-contract", Role.CONTRACT),
    _on_announced("on-core", Role.CORE),
    Rule("is-groundwork", lambda pair: _has(pair.later, Role.GROUNDWORK), _later_word(Role.GROUNDWORK), About.LATER),
    Rule("is-contract", lambda pair: _announces(pair.later, Role.CONTRACT), _later_word(Role.CONTRACT), About.LATER),
    Rule("is-core", lambda pair: _announces(pair.later, Role.CORE), _later_word(Role.CORE), About.LATER),
    Rule("on-new", lambda pair: pair.earlier.first_word in MAKING and not pair.earlier.closing, lambda pair: pair.earlier.first_word, About.EARLIER),
    Rule("on-change", lambda pair: pair.earlier.first_word in CHANGING, lambda pair: pair.earlier.first_word, About.EARLIER),
    Rule("on-wiring", lambda pair: _has(pair.earlier, Role.WIRING), _earlier_word(Role.WIRING), About.EARLIER),
    Rule("on-fix", lambda pair: pair.earlier.fix, lambda pair: pair.earlier.title, About.EARLIER),
    Rule("is-fix", lambda pair: pair.later.fix, _title, About.LATER),
    _closing_rule("finish", Role.FINISH),
    _closing_rule("check", Role.CHECK),
    _closing_rule("documents", Role.DOCUMENTS),
    _closing_rule("ship", Role.SHIP),
    _closing_rule("wiring", Role.WIRING),
    Rule("wires-work", lambda pair: _wires(pair.later) and _open(pair.earlier), _later_word(Role.WIRING), places=_where(_open, _wires)),
    Rule("everything", lambda pair: of_everything(pair.later.heading) != "" and _of_the_whole(pair.later), _everything, About.LATER, ever=_speaks_of_all),
    Rule("whole", lambda pair: pair.asking.novelty if _of_the_whole(pair.later) else 0.0, _title, About.LATER),
    Rule("whole-last", lambda pair: pair.asking.novelty if _last(pair) else 0.0, _title, About.LATER),
    Rule("work-on-closing", lambda pair: _closing(pair.earlier) and _open(pair.later), lambda pair: pair.earlier.title, places=_where(_closing, _open)),
    Rule("two-reviews", lambda pair: _review(pair.later) and _review(pair.earlier), lambda pair: "review", places=_where(_review, _review)),
    Rule("procedure", lambda pair: pair.distance == 1 and pair.later.first_word in OPERATING, lambda pair: pair.later.first_word, places=_operating),
)
