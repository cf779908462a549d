"""References that name no single task: "after all previous tasks", "once everything in Phase 1 is done"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from maestro.evidence.claims import Claim, Form, Group
from maestro.evidence.cues import DONE, NOT_BEFORE, REACH, denies, inserts
from maestro.evidence.ids import TaskIds
from maestro.evidence.lines import quoted
from maestro.patterns import holds, pattern

_CUE = (
    r"\b(?P<cue>depends?\s+(?:up)?on|requires?|needs?|blocked\s+by|once|after|as\s+soon\s+as|when|wait(?:s|ing)?\s+(?:for|on|until)|follow(?:s|ing)|builds?\s+on|"
    rf"{NOT_BEFORE})\s+"
)
_EARLIER = pattern(
    _CUE + r"(?:(?:all|every|any|each)\s+(?:of\s+)?(?:the\s+)?(?:other\s+)?(?:previous|prior|preceding|earlier|other|foregoing|above)\s+"
    r"(?:\w+\s+)?(?:tasks?|units?|work|items?)"
    r"|(?:all\s+(?:the\s+)?(?:tasks|units|work)|everything)\s+(?:listed\s+)?(?:above|before(?:\s+(?:it|this))?|else))\b",
    re.IGNORECASE,
)
_PREVIOUS = pattern(_CUE + r"the\s+(?:previous|preceding|prior)\s+(?:task|unit)\b", re.IGNORECASE)
_PHASE = pattern(
    _CUE + r"(?P<all>(?:everything|all(?:\s+(?:the\s+)?(?:tasks|units|work))?(?:\s+of)?|the\s+(?:whole|end|completion))\s+(?:(?:in|of|from)\s+)?)?"
    r"(?:completion\s+of\s+)?phase\s+(?P<phase>\d+(?:\.\d+)*)\b",
    re.IGNORECASE,
)
_TELLING = ("phase", "previous", "prior", "preceding", "earlier", "other", "foregoing", "above", "before", "else")
_FIRM = ("depend", "blocked", "wait", "not", "n't", "cannot", "never")
_WHY = "the text says so"


def may_group(text: str) -> bool:
    """False for a text that has none of the words for groups, and need not be searched with the patterns."""
    return holds(text.lower(), _TELLING)


def group_claims(task: str, sentence: str, line: int, ids: TaskIds) -> Iterator[Claim]:
    """The claims of one sentence about groups of tasks. A phase counts only when its end is meant, not when it just names a place in a document."""
    if not may_group(sentence):
        return
    for wording, group in ((_EARLIER, Group.EARLIER), (_PREVIOUS, Group.BEFORE)):
        if (match := wording.search(sentence)) and not denies(sentence[max(0, match.start() - REACH) : match.start()]):
            yield Claim(task, "", line, quoted(match[0]), _WHY, Form.SENTENCE, group)
    for match in _PHASE.finditer(sentence):
        before = sentence[max(0, match.start() - REACH) : match.start()]
        firm = match["all"] or DONE.match(sentence[match.end() : match.end() + REACH]) or match["cue"].casefold().startswith(_FIRM)
        phase = ids.phase(match["phase"])
        if phase and firm and not inserts(before) and not denies(before):
            yield Claim(task, phase.id, line, quoted(match[0]), _WHY, Form.SENTENCE, Group.PHASE)
