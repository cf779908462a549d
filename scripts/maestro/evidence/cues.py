"""The words that turn a mention of a task into a dependency, or keep it from being one.

Cues stand right before the mention ("blocked by T003"), with a few words between ("after the move (WP03) lands"), or on both sides ("before Task 3
starts"). What denies, postpones or compares ("not", "later", "in parallel with", "unlike") speaks against them.
"""

from __future__ import annotations

import re
from collections.abc import Set

from maestro.evidence.claims import Form
from maestro.evidence.lines import words
from maestro.evidence.references import NOUN, Mention
from maestro.patterns import holds, pattern
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Cue:
    """`start` is where the words begin in the sentence; `inverse` says that it is the mentioned task which needs the other one."""

    start: int
    form: Form
    inverse: bool = False


def _compile(*alternatives: str, before: str = "", after: str = "") -> re.Pattern[str]:
    return pattern(before + "(?:" + "|".join(alternatives) + ")" + after, re.IGNORECASE)


_NEAR = r"(?P<gap>(?:[^\w.;!?]+[\w'’/-]+){0,6}?[^\w.;!?]*)$"
"""Up to six words of the same clause between cue and mention."""
_NEXT = r"(?P<gap>[\s(]*(?:the\s+|both\s+)?[\s(`*\"\[]*)$"
"""Nothing but an article and opening signs between cue and mention."""

NOT_BEFORE = (
    r"(?:not|n't|never|cannot)\s+(?:be\s+)?(?:start|begin|run|merge|land|proceed|ship|execute|attempt|done)\w*(?:\s+\w+){0,2}?\s+(?:until|before|unless)"
)
ORDER = _compile(
    r"depend(?:s|ent|ing|ency|encies)?\s+(?:only\s+|also\s+|directly\s+)?(?:up)?on|dep(?:end(?:s|ency|encies)?|s)(?=:)",
    r"rel(?:y|ies|ying)\s+on|blocked\s+(?:by|on)|gated\s+(?:on|by)|contingent\s+on",
    r"build(?:s|ing)?\s+(?:up)?on|built\s+(?:up)?on|on\s+top\s+of",
    r"wait(?:s|ing)?\s+(?:for|on|until)|requir(?:es?|ing)|needs?|prerequisites?(?:\s+is|\s+are|:)",
    r"once|as\s+soon\s+as|(?:only\s+)?after|when|post|following",
    r"después\s+de|tras|requiere|depende\s+d[eao]s?|após|depois\s+d[eao]s?|requer",
    r"nach|sobald|hängt\s+(?:\w+\s+)?von|baut\s+auf|benötigt|après|dépend\s+de|nécessite",
    NOT_BEFORE,
    before=r"\b(?P<cue>",
    after=")" + _NEAR,
)
_ORDERING_WORDS = """
depend depends dependent depending dependency dependencies deps rely relies relying blocked gated contingent build builds building built top wait waits waiting
require requires requiring need needs prerequisite prerequisites once soon after when post follows following until before unless
después tras requiere depende após depois requer nach sobald hängt baut benötigt après dépend nécessite
blocks unblocks required needed used consumed consumption ahead precedes
"""
_ORDERING = frozenset(_ORDERING_WORDS.split())
"""One of these words is in all that puts one task before another, apart from what `OUTPUT` finds."""
_ON = frozenset(("build", "builds", "building", "built", "top"))
"""Those of them that are words of everyday work without "on"."""


def ordering(words: Set[str]) -> Set[str]:
    """Of the words of a text, in lower case, those that may put tasks in order."""
    found = words & _ORDERING
    return found - _ON if words.isdisjoint(("on", "upon")) else found


NEEDED_BY = _compile(
    r"(?:un)?blocks|prerequisites?\s+(?:for|of|to)|(?:required|needed)\s+(?:by|for)|(?:used|consumed)\s+(?:later\s+)?by|(?:ready\s+)?for\s+consumption\s+by",
    r"before\s+(?:starting|beginning|running)|ahead\s+of|precedes",
    r"(?:must|should|needs?\s+to|has\s+to|have\s+to|shall)\s+(?!not\b)(?:be\s+|have\s+been\s+)?(?:\w+\s+){1,4}?before",
    r"(?:done|completed?|finished|merged|landed|committed|ready)\s+before",
    before=r"\b(?P<cue>",
    after=")" + _NEXT,
)
_NEEDING = ("blocks", "prerequisite", "required", "needed", "used", "consum", "before", "ahead", "precedes")
"""One of these is in all words by which the mentioned task needs the other one."""
BEFORE = _compile("before", before=r"\b(?P<cue>", after=")" + _NEXT)
STARTS = pattern(r"[`*\")\]]*\s+(?:can|may|could)?\s*(?:starts?|begins?|proceeds?|runs?|touches|executes?|is\s+(?:started|begun|attempted))\b", re.IGNORECASE)
DONE = _compile(
    r"is|are|has|have|was|were|gets?|lands?|merges?|completes?|finish(?:es)?|ships?|passes|succeeds?|done|complete|finished|merged|ready|green",
    before=r"[`*\")\]]*(?:\s+\w+){0,3}?\s+",
    after=r"\b",
)
_MADE = (
    r"created|added|introduced|defined|built|implemented|written|produced|generated|established|set\s+up|provided|landed|shipped|discovered|validated|extracted|made|"
    r"exported|scaffolded|specified|owned|delivered|completed|fixed|refactored|renamed|registered|configured|installed|merged|declared|used|documented|designed|"
    r"drafted|prepared|exposed|returned|emitted|recorded|captured|agreed|chosen|decided|measured|moved|migrated|wired|published"
)
_PRODUCT = r"outputs?|results?|artifacts?|deliverables?|work|code|schema|api|interfaces?|types?|models?|changes|implementation|completion|findings"
OUTPUT = _compile(
    rf"\bfrom|\b(?:{_MADE})\s+(?:earlier\s+)?(?:in|by|during|with|as\s+part\s+of)|\b(?:{_PRODUCT})\s+of",
    r"\bper|\busing|\buses?|\breus(?:es?|ing)|\bextends?|\bextending|\bconsum(?:es?|ing)|\bintegrates?\s+with|\bcontinues?|\baligned\s+with|\bvia|\bagainst",
    before="(?P<cue>",
    after=")" + _NEXT,
)
_HANDING_WORDS = """
from in by during with of per using use uses reuse reuses reusing extend extends extending consume consumes consuming continue continues via against
"""
HANDING = frozenset(_HANDING_WORDS.split())
"""The last words of all that `OUTPUT` finds."""
HANDED_ON = pattern(rf"\b(?:{'|'.join(sorted(HANDING))})[\s(`*\"\[]+(?:(?:the|both)[\s(`*\"\[]+)?(?:{NOUN}|#?(?:[a-z]{{1,8}}[-_]?)?\d)")
"""In lower case, such a word right before tasks that have no unusual ids."""
_DENIED = _compile(
    r"\bnot|n't|\bnever|\bno|\bwithout|\bneither|\bnor|\bregardless|\brather\s+than|\binstead\s+of|\bunlike|\bindependent(?:ly)?|\bnon",
    after=r"[\s-]+(?:\w+\s+){0,3}$",
)
_DENYING = ("no", "n't", "ne", "without", "regardless", "rather", "instead", "unlike", "independent")
"""One of these is in all words of denial."""
_BREAKS = _compile(
    r"parallel|concurrent(?:ly)?|simultaneous(?:ly)?|independent(?:ly)?|before|but|while|unlike|without|blocks|not|like|similar|same|whereas|section|except",
    before=r"\b",
    after=r"\b",
)
"""Words between cue and mention that begin another thought."""
_POSTPONED = _compile(
    r"will|shall|later|future|deferred|defer|postponed?|eventually|placeholder|stub(?:bed)?|until|out\s+of\s+scope|not\s+yet|parallel|concurrent(?:ly)?|separately",
    r"afterwards|unlike|instead|follow-up|reserved|not\s+to|move[sd]?\s+to",
    before=r"\b",
    after=r"\b",
)
_TAKEN_AWAY = _compile(
    "moved|moves|deferred|split|removed|separated?|apart|differs?|different|independent(?:ly)?|away|isolated|distinct|aside|excluded",
    before=r"\b",
    after=r"\s+$",
)
_LATER = pattern(r"[^.;]{0,40}\b(?:later|deferred|instead|future)\b", re.IGNORECASE)
_INSERTED = pattern(
    r"^\W*(?:\w+:\s*)?(?:insert|place|put|append|position|add|move|write|document|mention)\b.*\b(?:sections?|headings?|links?|rows?|entry|entries|paragraphs?|lines?|"
    r"blocks?|steps?|bullets?|tables?|chapters?|columns?|text|comments?|notes?|content|phases?)\b|^\W*(?:insert|position)\b",
    re.IGNORECASE,
)
"""Editing of a document that has tasks or phases of its own: "insert a section after Phase 2"."""
_PLACES_OF_TEXT = "section heading link row entr paragraph line block step bullet table chapter column text comment note content phase insert position"
_INSERTABLE = tuple(_PLACES_OF_TEXT.split())
"""One of these is in all words of such editing."""
_NEGATIONS = ("not", "n't", "never", "cannot")


REACH = 240
"""Characters on each side of a mention in which its cues are looked for. Longer sentences are rare; without a bound a very long line would take for ever."""


def denies(before: str) -> bool:
    """Whether the words before a cue deny it: "does not depend on"."""
    return holds(before.lower(), _DENYING) and _DENIED.search(before) is not None


def inserts(before: str) -> bool:
    """Whether the words before a cue speak of editing a document, which has places of its own."""
    return holds(before.lower(), _INSERTABLE) and _INSERTED.search(before) is not None


def cue_for(sentence: str, mention: Mention) -> Cue | None:
    """What the words of a sentence around a mention make of it."""
    offset = max(0, mention.start - REACH)
    cue = _nearest(sentence[offset : mention.start], sentence[mention.end : mention.end + REACH], mention)
    return Cue(cue.start + offset, cue.form, cue.inverse) if cue else None


def _nearest(left: str, right: str, mention: Mention) -> Cue | None:
    lower = left.lower()
    if holds(lower, _NEEDING) and (match := NEEDED_BY.search(left)):
        kept = _worded(match, mention) and not denies(left[: match.start()])
        return Cue(match.start("cue"), Form.SENTENCE, inverse=True) if kept else None
    if (
        "before" in lower
        and (match := BEFORE.search(left))
        and mention.named
        and STARTS.match(right)
        and not re.search(NOT_BEFORE + r"\s*\W*$", left, re.IGNORECASE)
    ):
        return Cue(match.start("cue"), Form.SENTENCE, inverse=True)
    if not _ORDERING.isdisjoint(words(lower)) and (match := ORDER.search(left)) and _orders(match, left, right, mention):
        return Cue(match.start("cue"), Form.SENTENCE)
    if mention.named and (match := OUTPUT.search(left)) and _infers(match, left, right):
        return Cue(match.start("cue"), Form.OUTPUT)
    return None


def _worded(match: re.Match[str], mention: Mention) -> bool:
    """A bare number needs the cue right before it."""
    return mention.named or not match["gap"].strip(' `*"[(:')


def _orders(match: re.Match[str], left: str, right: str, mention: Mention) -> bool:
    cue, gap = match["cue"].casefold(), match["gap"]
    if not _worded(match, mention) or (gap.strip() and _BREAKS.search(gap)):
        return False
    if denies(left[: match.start()]) and not cue.startswith(_NEGATIONS):
        return False
    if cue == "post":
        return gap.strip() in ("-", "")
    if cue == "when":
        return DONE.match(right) is not None
    if cue == "following":
        return not gap.strip(" `*(")
    if cue.startswith(("need", "requir")) and re.match(r"\s*(?:to|for|in)\b", gap):
        return False
    return not (cue.endswith(("after", "once")) and inserts(left) and not DONE.match(right))


def _infers(match: re.Match[str], left: str, right: str) -> bool:
    if match["cue"].casefold() == "from" and _TAKEN_AWAY.search(left[: match.start()]):
        return False
    return not (_POSTPONED.search(left) or denies(left[: match.start()]) or _LATER.match(right))
