"""How a text says that a task touches a path: from the verb before it and the preposition right in front of it."""

from __future__ import annotations

import re
from functools import lru_cache

from maestro.evidence.verbs import verbs
from maestro.models.plan import Access
from maestro.patterns import holds, pattern

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
_SPARING = ("leav", "keep", "without", "no", "n't", "n’t", "never")
"""One of these is in all words that spare a path."""
_STAYS = pattern(
    r"[`*)\"']*\s+(?:stays?|remains?|is\s+left|must\s+stay|must\s+remain|must\s+not\s+(?:be\s+)?(?:chang|touch|edit|modif|alter)\w*)\b", re.IGNORECASE
)
_CLAUSE = pattern(r"[.;!?](?:\s|$)|\bthen\b")
_LABEL = pattern(r"(?:[-*+•]\s+|\d+[.)]\s+)?(?:\[.?\]\s{0,4})?[\s*_#`]{0,8}(?P<label>[A-Za-z][A-Za-z /()]{1,40}?)[\s*_`]{0,4}[:：]")
_INTO = pattern(r"\b(?:to|into|as)\s+(?:the\s+|a\s+|new\s+|existing\s+)*[`*\"'(\[]*$", re.IGNORECASE)
_LEADING_WORDS = """
in into to inside within under on at of from per see like as via with using than against by following unlike e.g. e.g.,
the a an new existing file our both
"""
_LEADING_IN = tuple(_LEADING_WORDS.split())
"""The last words before a path that lead in to it, one of which `_PLACE`, `_FROM`, `_SOURCE` and `_INTO` end with."""
_REMARK = pattern(
    r"[`*]*\s*(?:\(|[-–—]\s|\|\s*)\s*(?:(?P<make>new(?:\s+file)?|created?|to\s+be\s+created)(?=\s*(?:[),;:|]|$))|(?P<drop>deleted?|removed?)(?=\s*(?:[),;|]|$))|"
    r"(?P<change>modif|updat|edit|existing|extend|add)|(?P<look>read|reference|unchanged))",
    re.IGNORECASE,
)
_REMARKS = {"make": Access.CREATE, "change": Access.MODIFY, "drop": Access.DELETE, "look": Access.READ}
_CLOSING = "`*"
_STAYING, _REMARKING = ("stay", "remain", "is", "must"), ("(", "-", "–", "—", "|")
"""How what stands behind a path begins, where it says something about it."""
REACH = 240
"""Characters of a line before and after a path that may speak about it."""


def label_access(label: str) -> Access | None:
    """The access that a label such as `Create:` or `Reference files:` gives to the paths after it."""
    return next((access for access, _ in verbs(label)), None)


def leading_label(text: str) -> str | None:
    """The label a line starts with, such as `Create` or `Reference files`; None for a line without a label."""
    match = _LABEL.match(text.lstrip()) if ":" in text or "：" in text else None
    return match["label"].strip() if match else None


@lru_cache(maxsize=4096)
def access_before(left: str, folder: bool = False) -> Access | None:
    """The access that the words before a path (`left`, the line up to it) give; None when they say nothing about it.

    folder: the path is a folder. To put something into one is to create in it, which leaves the rest of it to others.
    """
    clause = left[max((match.end() for match in _CLAUSE.finditer(left)), default=0) :]
    if holds(clause.lower(), _SPARING) and _SPARED.search(clause):
        return Access.READ
    said = verbs(clause)
    leads_in = clause.rstrip("`*\"'([").rstrip().lower().endswith(_LEADING_IN)
    if leads_in and _FROM.search(clause):
        taking = next((verb for _, verb in reversed(said) if verb != "from"), "")
        return Access.MODIFY if _TAKES_FROM.match(taking) else Access.READ
    if leads_in and _SOURCE.search(clause):
        return Access.READ
    placed, into = leads_in and _PLACE.search(clause) is not None, leads_in and _INTO.search(clause) is not None
    if placed:  # "add an import in `a.ts`" changes `a.ts`: the import is a noun
        said = [(access, verb) for access, verb in said if access is not Access.READ or verb == "copy"] or said
    if not said:
        return None
    access, verb = said[-1]
    if access is Access.READ:
        return Access.CREATE if into and verb == "copy" else Access.READ
    if access is Access.MODIFY:
        return Access.MODIFY
    if not placed:
        return Access.MODIFY if verb.startswith(("split", "extract")) else access
    if access is Access.DELETE:
        return Access.MODIFY
    adds = into if access is Access.RENAME else not _ADDS.match(verb)
    return Access.CREATE if folder or adds else Access.MODIFY


def access_after(right: str) -> Access | None:
    """The access that a remark right behind a path gives: "`src/a.ts` (new)", "`src/a.ts` stays as it is"."""
    if right.lstrip(_CLOSING + ")\"'").lstrip().lower().startswith(_STAYING) and _STAYS.match(right):
        return Access.READ
    match = _REMARK.match(right) if right.lstrip(_CLOSING).lstrip().startswith(_REMARKING) else None
    return _REMARKS[match.lastgroup] if match and match.lastgroup else None
