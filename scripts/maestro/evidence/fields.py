"""Dependency fields of a task: `Depends on: Task 1.2`, `**Blocked by**: T003`, `Dependencies:` with a list below, `Blocks: 2.3`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from maestro.evidence.claims import Claim, Form, Group, Heard, Unknown
from maestro.evidence.ids import TaskIds
from maestro.evidence.lines import quoted
from maestro.evidence.references import mention_at, mentions
from maestro.models.plan import TextLine
from maestro.patterns import holds, pattern
from maestro.records import dataclass

_NEEDS = (
    r"(?:(?:task|hard|internal|upstream|plan|explicit|build)\s+)?dependenc(?:y|ies)|depends(?:\s+(?:up)?on)?|depend\s+on|dependent\s+on|deps|"
    r"blocked[\s_-]+(?:by|on)|blockers?|requires?|prerequisites?|pre-requisites?|prereqs?|needs|waits?\s+(?:for|on)|runs?\s+after|predecessors?|"
    r"depends_on|abhängigkeiten|abhängig\s+von|voraussetzungen?|dépendances?|dépend\s+de|dependencias|depende\s+de|dependências|зависимости|зависит\s+от|"
    r"依赖|依賴|前置任务|前置任務|依存|依存関係|의존성"
)
_NEEDED_BY = (
    r"blocks|blocking|unblocks|required\s+by|needed\s+by|prerequisite\s+(?:for|of)|precedes|successors?|"
    r"must\s+(?:be\s+(?:done|finished|merged)|finish|land)\s+before"
)
_LABEL = pattern(
    rf"(?P<bullet>(?:[-*+•]|\d+[.)])\s+)?(?:\[.?\]\s+)?(?P<heading>\#{{1,6}}\s+)?\|?[\s*_`]{{0,8}}(?:(?P<needs>{_NEEDS})|(?P<needed_by>{_NEEDED_BY}))"
    r"[\s*_`]{0,8}(?:\([^()]*\)[\s*_`]{0,8})?(?P<colon>[:：|]|$)[\s*_]*(?P<value>.*)",
    re.IGNORECASE,
)
_LABEL_WORDS = """
dependency dependencies depends depend dependent deps blocked blocker blockers require requires prerequisite prerequisites requisite requisites prereq prereqs
needs wait waits run runs predecessor predecessors abhängigkeiten abhängig voraussetzung voraussetzungen dépendance dépendances dépend dependencias depende
dependências blocks blocking unblocks required needed precedes successor successors must
"""
_LABELLING = frozenset(_LABEL_WORDS.split())
_FURTHER_LABELS = ("зависи", "依赖", "依賴", "前置任", "依存", "의존성")
"""One of these is in all labels, as a word in Latin letters or as a part of another one."""
_LABEL_SIGNS = (":", "：", "|", "#")
"""One of these is behind or before all labels."""
_ITEM = pattern(r"(?P<indent>\s*)(?:[-*+•]|\d+[.)])\s+(?P<value>.*)")
_NEXT_LABEL = pattern(r"(?:\[.?\]\s*)?(?:\*\*|__)[^*_]+(?:\*\*|__)\s*:|(?:\[.?\]\s*)?\*\*[^*]+:\s*\*\*")
_NOTHING = pattern(
    r"[\W_]*$|[\W_]*(?:none|nothing|nil|null|n/a|not\s+applicable|keine?|aucune?|ninguna?|nenhuma?|нет|无|無|なし|없음|"
    r"no(?=\s*(?:$|[.,;(]|other|hard|task|dep|prereq|block|preced)))(?!\w)",
    re.IGNORECASE,
)
_COMMENT = pattern(r"<!--(?:(?!<!--).)*?-->|(?<!\S)#\s.*$|(?<!\S)//\s.*$")
_PARENTHESES = pattern(r"\(([^()]*)\)")
_ITEM_START = pattern(r"(?:^|[,;:：•+&、，>—–]|\b(?:and|or|on|by|und|et|y|plus|after))[\s\W]*$", re.IGNORECASE)
_EARLIER = pattern(
    r"\b(?:all|every|any|each)(?:\s+of)?(?:\s+the)?\s+(?:previous|prior|preceding|earlier|above|other|foregoing)\b|\b(?:all|everything)(?:\s+\w+)?\s+(?:above|before)\b"
    r"|^[\W_]*(?:all|everything)(?:\s+(?:implementation\s+)?(?:tasks|units))?[\W_]*$",
    re.IGNORECASE,
)
_BEFORE = pattern(r"\b(?:the\s+)?(?:previous|preceding|prior)\s+(?:task|unit|item|one)\b|^[\W_]*previous[\W_]*$", re.IGNORECASE)
_PHASES = pattern(r"\bphases?\s+(?P<first>\w+(?:\.\w+)*)(?:(?:\s*(?:-|–|—|to|and|,|&)\s*)(?:phase\s+)?(?P<last>\d+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Field:
    line: int
    label: str
    values: tuple[str, ...]
    inverse: bool
    places: range
    """Which of the task's lines it takes up."""


def labelling(text: str, words: Set[str]) -> tuple[str, ...]:
    """What a text in lower case, with these words, has of labels of dependency fields: only lines that hold some of it can have such a field."""
    return *(words & _LABELLING), *(part for part in _FURTHER_LABELS if part in text)


def _fields(lines: Sequence[TextLine], labels: Sequence[str]) -> Iterator[_Field]:
    """The dependency fields among a task's lines, with the items of the list below a label that has no value of its own."""
    for number, line in enumerate(lines):
        text = line.text.lstrip()
        if line.code or not (holds(text, _LABEL_SIGNS) and holds(text.lower(), labels)):
            continue
        if (match := _LABEL.match(text)) is None or not (match["colon"] or match["heading"]):
            continue
        label = match["needs"] or match["needed_by"]
        value = match["value"].strip().rstrip("|").strip()
        values = [value] if value else list(_items(lines, number + 1, len(line.text) - len(text) if match["bullet"] else -1))
        if value.endswith((",", " and")) and number + 1 < len(lines) and not lines[number + 1].code:
            values.append(lines[number + 1].text.strip())
        below = len(values) - (1 if value else 0)
        yield _Field(line.line, label, tuple(values), match["needed_by"] is not None, range(number, number + below + 1))


def _items(lines: Sequence[TextLine], start: int, indent: int) -> Iterator[str]:
    """The items of the list that begins at `start`, perhaps after an empty line, and is indented by more than `indent`."""
    for number in range(start, len(lines)):
        line = lines[number]
        if not line.text.strip() and number == start:
            continue
        item = _ITEM.match(line.text)
        if item is None or line.code or len(item["indent"]) <= indent or _NEXT_LABEL.match(item["value"]):
            return
        yield item["value"]


def read_fields(task: str, lines: Sequence[TextLine], ids: TaskIds, labels: Sequence[str]) -> tuple[Heard, frozenset[int]]:
    """What the fields say, and which of `lines` they take up, for the reader of running text to leave alone. labels: what `labelling` found in the text"""
    claims: list[Claim] = []
    unknown: list[Unknown] = []
    taken: set[int] = set()
    declares = False
    for field in _fields(lines, labels):
        declares = declares or not field.inverse
        taken.update(field.places)
        for value in field.values:
            words = quoted(f"{field.label}: {value}")
            for claim in _value(task, value, ids, field, words):
                if isinstance(claim, Unknown):
                    unknown.append(claim)
                else:
                    claims.append(claim)
    return Heard(tuple(claims), tuple(unknown), declares), frozenset(taken)


def _value(task: str, value: str, ids: TaskIds, field: _Field, words: str) -> Iterator[Claim | Unknown]:
    value = _COMMENT.sub("", value)
    if _NOTHING.match(value):
        return
    why = f"the field `{field.label}` names it"
    value = _without_reasons(value, ids)
    if not field.inverse:
        yield from _groups(task, value, ids, field, words, why)
    value = _PHASES.sub(" ; ", value)
    for mention in mentions(value, ids):
        if not mention.named and not _ITEM_START.search(value[max(0, mention.start - 30) : mention.start]):
            continue
        tasks = list(mention.tasks)
        if tasks and tasks[-1] == task and re.match(r"\s+[a-z]", value[mention.end :]):
            tasks.pop()  # "Task 2, Task 3 also changes it", written in task 3, is a remark about itself
        if len(tasks) > 2 and task in tasks:
            tasks.remove(task)  # a range that covers the task means the others
        for other in tasks:
            yield Claim(other, task, field.line, words, why, Form.FIELD) if field.inverse else Claim(task, other, field.line, words, why, Form.FIELD)
        for name in mention.unknown:
            yield Unknown(task, name, field.line, words, Form.FIELD)


def _groups(task: str, value: str, ids: TaskIds, field: _Field, words: str, why: str) -> Iterator[Claim | Unknown]:
    if _EARLIER.search(value):
        yield Claim(task, "", field.line, words, why, Form.FIELD, Group.EARLIER)
    elif _BEFORE.search(value):
        yield Claim(task, "", field.line, words, why, Form.FIELD, Group.BEFORE)
    for match in _PHASES.finditer(value):
        names = [match["first"]]
        if match["last"] and match["first"].isdigit():
            names = [str(number) for number in range(int(match["first"]), int(match["last"]) + 1)][:100]
        for name in names:
            if (phase := ids.phase(name)) is not None:
                yield Claim(task, phase.id, field.line, words, why, Form.FIELD, Group.PHASE)
            elif name.isdigit():
                yield Unknown(task, f"phase {name}", field.line, words, Form.FIELD)


def _without_reasons(value: str, ids: TaskIds) -> str:
    """Parentheses hold reasons, whose numbers are no references, unless they hold nothing but a reference: "the user model (T003)"."""

    def keep(match: re.Match[str]) -> str:
        inner = match[1].strip()
        mention = mention_at(inner, 0, ids)
        alone = mention is not None and mention.named and not inner[mention.end :].strip()
        return f" {inner} " if alone and mentionless(value[max(0, match.start() - 200) : match.start()]) else " " * 2

    def mentionless(before: str) -> bool:
        last = re.split(r"[,;]|\band\b", before)[-1]
        return not any(True for _ in mentions(last, ids))

    return _PARENTHESES.sub(keep, value)
