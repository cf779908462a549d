"""Sentences of a task that put it in order with others: "after 1.1", "using the API from Task 4.3", "must be done before Task 3"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from maestro.evidence.claims import Claim, Form, Unknown
from maestro.evidence.cues import Cue, cue_for
from maestro.evidence.groups import group_claims, may_group
from maestro.evidence.ids import TaskIds
from maestro.evidence.lines import plain, quoted
from maestro.evidence.references import Mention, is_mention, may_mention, mentions
from maestro.models.plan import TextLine
from maestro.patterns import holds, pattern

_SPLIT = pattern(r"(?<=[.!?;。；])\s+|\s(?:--|—|–)\s")
_CODE = pattern(r"`[^`]*`")
_ARTICLE = pattern(r"\b(?:the|a|an|its|this|that|these|those)\s", re.IGNORECASE)
_SUBJECT_LINK = pattern(r"[`*\")\]]*\s+(?:(?:only|also|must|should|will|still|directly|which|that|itself|is|are|be|has|needs?|to|already)\s+)*$", re.IGNORECASE)
_WHY = {Form.SENTENCE: "the text says so", Form.OUTPUT: "the text refers to what that task makes"}
_STATEMENT = pattern(
    r"\W*(?:(?:this|the)\s+task\s+|it\s+)?(?:(?:also\s+)?depends\s+(?:up)?on|requires|needs|(?:is\s+)?blocked\s+by|waits?\s+for)\s+", re.IGNORECASE
)
"""A sentence of which nothing is left but this and the tasks it names is a field without its colon: "Depends on Task 1.9."."""
_STATING = ("depend", "require", "need", "block", "wait")
"""One of these is in all such statements."""
PHRASE = 60
"""Characters before a cue in which the noun phrase of a quotation may begin."""


def read_sentences(task: str, line: TextLine, ids: TaskIds) -> Iterator[Claim | Unknown]:
    """The claims of a line of a task's running text. Code is an example, and fields have a reader of their own."""
    text = plain(line.text)
    if not (may_mention(text, ids) or may_group(text)):
        return
    for sentence in _sentences(text):
        yield from group_claims(task, sentence, line.line, ids)
        spoken = _CODE.sub(lambda match: _hide(match, ids), sentence) if "`" in sentence else sentence
        found = list(mentions(spoken, ids))
        for number, mention in enumerate(found):
            if cue := cue_for(spoken, mention):
                subjects = _subject(spoken, cue, found[:number]) or (task,)
                words = _words(sentence, cue, mention.end)
                stated = mention.named and _is_statement(spoken, mention)
                yield from _claims(subjects, mention, cue, line.line, words, itself=stated)
                form = Form.FIELD if stated else cue.form
                yield from (Unknown(task, name, line.line, words, form) for name in mention.unknown)


def _is_statement(spoken: str, mention: Mention) -> bool:
    if any(map(str.isalnum, spoken[mention.end :])) or not holds(spoken[: mention.start].lower(), _STATING):
        return False
    return _STATEMENT.fullmatch(spoken, 0, mention.start) is not None


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _SPLIT.split(text) if any(map(str.isalnum, sentence))]


def _hide(match: re.Match[str], ids: TaskIds) -> str:
    """Code inside a sentence is a name, not a sentence, unless the code is just the id of a task."""
    inner = match[0][1:-1]
    return match[0] if is_mention(inner, ids) else "`" + "x" * len(inner) + "`"


def _claims(subjects: Sequence[str], mention: Mention, cue: Cue, line: int, words: str, *, itself: bool) -> Iterator[Claim]:
    """itself: a task that names itself is a mistake to report, and no mere mention"""
    for subject in subjects:
        for other in mention.tasks:
            if other != subject or itself:
                task, needs = (other, subject) if cue.inverse else (subject, other)
                yield Claim(task, needs, line, words, _WHY[cue.form], cue.form)


def _subject(spoken: str, cue: Cue, before: Sequence[Mention]) -> tuple[str, ...]:
    """The tasks named right before the cue: in "Task 3 depends on Task 1" the text speaks of task 3, wherever it stands."""
    if before and before[-1].named and _SUBJECT_LINK.fullmatch(spoken[before[-1].end : cue.start]):
        return before[-1].tasks
    return ()


def _words(sentence: str, cue: Cue, end: int) -> str:
    """The quoted words: from the cue, or from the noun phrase before it ("the schema from Task 2.1"), to the mention."""
    start = cue.start
    if cue.form is Form.OUTPUT:
        earliest = max(0, cue.start - PHRASE)
        articles = [match.start() for match in _ARTICLE.finditer(sentence[earliest : cue.start])]
        start = earliest + articles[-1] if articles else start
    words = sentence[start:end]
    return quoted(words + (")" if words.count("(") > words.count(")") else ""))
