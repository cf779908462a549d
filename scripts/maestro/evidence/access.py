"""How a text says that a task touches a path: from the verb before it and the preposition right in front of it."""

from __future__ import annotations

import re
from functools import lru_cache

from maestro.models.plan import Access
from maestro.patterns import pattern

_MAKE = (
    r"creat(?:e|es|ing)|add(?:s|ing)?|new|implement(?:s|ing)?|build(?:s|ing)?|writ(?:e|es|ing)|generat(?:e|es|ing)|scaffold(?:s|ing)?|introduc(?:e|es|ing)|"
    r"draft|set\s+up|initiali[sz]e|touch|save|define"
)
_CHANGE = (
    r"modif(?:y|ies|ying)|updat(?:e|es|ing)|edit(?:s|ing)?|refactor(?:s|ing)?|fix(?:es|ing)?|extend(?:s|ing)?|chang(?:e|es|ing)|adjust|replac(?:e|es|ing)|insert|append|"
    r"register|wire|hook|integrate|improve|enhance|rewrite|patch|bump|tweak|convert|migrate|annotate|document|clean\s*up|export|inject|apply|enable|disable|configure|expand|simplify|"
    r"rework|restructure|reorgani[sz]e|reformat|restyle|revise|overhaul|optimi[sz]e|harden|translate|upgrade|correct|repair|polish|tidy|moderni[sz]e"
)
_DROP = r"delet(?:e|es|ing)|remov(?:e|es|ing)|drop(?:s|ping)?"
_MOVE = r"renam(?:e|es|ing)|mov(?:e|es|ing)|extract(?:s|ing)?|split(?:s|ting)?"
_LOOK = (
    r"read(?:s|ing)?|see|us(?:e|es|ing)|import(?:s|ing|ed)?|run(?:s|ning)?|per|follow(?:s|ing)?|refer(?:s|ring)?(?:\s+to)?|references?|based\s+on|check(?:s|ing)?|"
    r"verif(?:y|ies|ying)|inspect|review|look(?:s|ing)?\s+at|calls?|calling|consult|load(?:s|ing)?|open|study|examine|compare|mirror|like|similar\s+to|pattern|consumes?|"
    r"depends?\s+on|analy[sz]e|audit|explore|reuse|execute|source|from|understand|confirm|ensure|against|copy|mimic|expected|expect"
)
_VERB = pattern(rf"(?<![\w/.-])(?:(?P<make>{_MAKE})|(?P<change>{_CHANGE})|(?P<drop>{_DROP})|(?P<move>{_MOVE})|(?P<look>{_LOOK}))(?![\w/-])", re.IGNORECASE)
_PLACE = pattern(r"\b(?:in|into|to|inside|within|under|on|at|of)\s+(?:the\s+|a\s+|an\s+|new\s+|existing\s+|file\s+|our\s+|both\s+)*[`*\"'(\[]*$", re.IGNORECASE)
_ADDS = pattern(r"add|introduc|defin|new|build|set|sav|touch|initial", re.IGNORECASE)
"""Verbs that put something into a file that is there: "add a flag to `a.ts`". To write or create something "in `a.ts`" may make the file."""
_FROM = pattern(r"\bfrom\s+(?:the\s+|existing\s+|file\s+)*[`*\"'(\[]*$", re.IGNORECASE)
_TAKES_FROM = pattern(r"(?:re-?)?export|remov|delet|drop|mov|extract|migrat|split", re.IGNORECASE)
"""Verbs that change the file they take something from, or are wired from: "export it from `index.ts`", "remove the flag from `a.ts`"."""
_SOURCE = pattern(
    r"\b(?:per|see|like|as\s+in|as|via|with|using|than|against|by|following|unlike|e\.g\.,?|defined\s+in|described\s+in|documented\s+in|specified\s+in|listed\s+in|found\s+in|"
    r"exists?\s+in|lives?\s+in|used\s+(?:in|by)|shown\s+in)\s+(?:the\s+|existing\s+|patterns?\s+in\s+)*[`*\"'(\[]*$",
    re.IGNORECASE,
)
_SPARED = pattern(
    r"(?:\b(?:leave|leaving|keep|keeping|without\s+(?:chang|touch|edit|modify|alter|break)ing)|"
    r"(?:\b(?:do|does|must|should|may|can|shall|will)\s*(?:not|n['’]t)|\bnever|\bdon['’]t|\bcannot|\bno\s+changes?\s+(?:to|in))\s*"
    r"(?:be\s+)?(?:chang\w*|touch\w*|edit\w*|modif\w*|alter\w*|rewrit\w*|remov\w*|delet\w*|renam\w*|mov\w*)?)"
    r"(?:\s+(?:the|any|either|both|file|files|of|in|to|and|or))*[\s`*\"'(]*(?:[\w./-]+[`*]*(?:,|\s+and|\s+or)\s+[`*]*)*$",
    re.IGNORECASE,
)
"""Words that spare a path: "leave `a.py` as it is", "do not touch `a.py` or `b.py`", "without changing `a.py`"."""
_STAYS = pattern(
    r"[`*)\"']*\s+(?:stays?|remains?|is\s+left|must\s+stay|must\s+remain|must\s+not\s+(?:be\s+)?(?:chang|touch|edit|modif|alter)\w*)\b", re.IGNORECASE
)
_CLAUSE = pattern(r"[.;!?](?:\s|$)|\bthen\b")
_LABEL = pattern(r"(?:[-*+•]\s+|\d+[.)]\s+)?(?:\[.?\]\s{0,4})?[\s*_#`]{0,8}(?P<label>[A-Za-z][A-Za-z /()]{1,40}?)[\s*_`]{0,4}[:：]")
_INTO = pattern(r"\b(?:to|into|as)\s+(?:the\s+|a\s+|new\s+|existing\s+)*[`*\"'(\[]*$", re.IGNORECASE)
_REMARK = pattern(
    r"[`*]*\s*(?:\(|[-–—]\s|\|\s*)\s*(?:(?P<make>new(?:\s+file)?|created?|to\s+be\s+created)(?=\s*(?:[),;:|]|$))|(?P<drop>deleted?|removed?)(?=\s*(?:[),;|]|$))|"
    r"(?P<change>modif|updat|edit|existing|extend|add)|(?P<look>read|reference|unchanged))",
    re.IGNORECASE,
)
_LABELS = {"make": Access.CREATE, "change": Access.MODIFY, "drop": Access.DELETE, "move": Access.RENAME, "look": Access.READ}
REACH = 240
"""Characters of a line before and after a path that may speak about it."""


def _label_access(label: str) -> Access | None:
    """The access that a label such as `Create:` or `Reference files:` gives to the paths after it."""
    match = _VERB.search(label)
    if match is None:
        return None
    return _LABELS[match.lastgroup or "change"]


def leading_label(text: str) -> tuple[str, Access | None] | None:
    """The label a line starts with, and the access it stands for: ("Create", CREATE), ("Files", None); None for a line without a label."""
    match = _LABEL.match(text.lstrip()) if ":" in text or "：" in text else None
    return (match["label"].strip(), _label_access(match["label"])) if match else None


@lru_cache(maxsize=4096)
def access_before(left: str, folder: bool = False) -> Access | None:
    """The access that the words before a path (`left`, the line up to it) give; None when they say nothing about it.

    folder: the path is a folder. To put something into one is to create in it, which leaves the rest of it to others.
    """
    clause = left[max((match.end() for match in _CLAUSE.finditer(left)), default=0) :]
    if _SPARED.search(clause):
        return Access.READ
    verbs = [(match.lastgroup or "change", match.group().casefold()) for match in _VERB.finditer(clause)]
    if _FROM.search(clause):
        taking = next((verb for _, verb in reversed(verbs) if verb != "from"), "")
        return Access.MODIFY if _TAKES_FROM.match(taking) else Access.READ
    if _SOURCE.search(clause):
        return Access.READ
    placed, into = _PLACE.search(clause) is not None, _INTO.search(clause) is not None
    if placed:  # "add an import in `a.ts`" changes `a.ts`: the import is a noun
        verbs = [(kind, verb) for kind, verb in verbs if kind != "look" or verb == "copy"] or verbs
    if not verbs:
        return None
    kind, verb = verbs[-1]
    if kind == "look":
        return Access.CREATE if into and verb == "copy" else Access.READ
    if kind == "change":
        return Access.MODIFY
    if not placed:
        return Access.MODIFY if verb.startswith(("split", "extract")) else _LABELS[kind]
    if kind == "drop":
        return Access.MODIFY
    adds = into if kind == "move" else not _ADDS.match(verb)
    return Access.CREATE if folder or adds else Access.MODIFY


def access_after(right: str) -> Access | None:
    """The access that a remark right behind a path gives: "`src/a.ts` (new)", "`src/a.ts` stays as it is"."""
    if _STAYS.match(right):
        return Access.READ
    match = _REMARK.match(right)
    return _LABELS[match.lastgroup] if match and match.lastgroup else None
