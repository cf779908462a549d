"""The words by which plans name their parts: tasks, phases, verification blocks, checklists; in the languages and spellings people use."""

from __future__ import annotations

import re
from collections.abc import Callable

from maestro.documents.words import EMPHASIS
from maestro.patterns import pattern
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """The beginning of a title: its label (`task`, `phase`; empty for a bare number), the id as written, and where the title's text begins."""

    word: str
    number: str | None
    start: int


class Wording:
    """The words for one part of a plan, to be found where a title begins.

    Most titles are ASCII, and sets of characters that reach beyond Latin take longer to compile than a plan takes to read: so there are two patterns.
    """

    def __init__(self, pattern_for: Callable[[_Signs], str], begins: str, second: str = "") -> None:
        """pattern_for: the source of a pattern; begins: the characters with which the words can begin, `0` for all digits.

        second: those of which one must follow, where the first is no digit; empty where any may
        """
        self._begins = begins
        self._digits = "0" in begins
        self._second = second
        self._narrow, self._wide = pattern(pattern_for(_NARROW)), pattern(pattern_for(_WIDE))

    def match(self, text: str, start: int, end: int) -> re.Match[str] | None:
        if start >= end or not (text[start] in self._begins or (self._digits and text[start].isdecimal())):
            return None
        if self._second and not (text[start].isdecimal() or text[start + 1 : start + 2] in self._second or text[start + 1 : start + 2].isdecimal()):
            return None
        narrow = text.isascii() or text[start:end].isascii()
        return (self._narrow if narrow else self._wide).match(text, start, end)


def read_name(text: str, start: int, end: int, words: Wording) -> Name | None:
    """The label and number at `start`, where `words` is one of the wordings below."""
    at = start
    while at < end and text[at] in EMPHASIS and at - start < 4:
        at += 1
    found = words.match(text, at, end)
    if found is None:
        return None
    groups = found.groupdict()
    number = next((value for key, value in groups.items() if value and key.startswith("number")), None)
    return Name((groups.get("word") or "").lower(), number, found.end())


@dataclass(frozen=True, slots=True)
class _Signs:
    """Colons and dashes, and whether words of other scripts are known."""

    colons: str
    dashes: str
    wide: bool

    @property
    def closing(self) -> str:
        return r"(?:\*\*|__(?=\s))?\s*"

    @property
    def delimiters(self) -> str:
        both = self.colons + self.dashes
        return rf"[*_~`\])]*(?:[{self.colons}.)]+|\s*[{both}]+|\s+-+(?=\s|$)|-(?=\s|$))?{self.closing}"

    @property
    def end(self) -> str:
        return rf"(?=$|[\s{self.colons}{self.dashes}.,;()\[\]*_~`-])"


_NARROW, _WIDE = _Signs(":", "", wide=False), _Signs(":：", "—–", wide=True)

_NUMBER = r"(?:[A-Z]{1,4}-?)?\d+(?:\.(?:\d+|fix\d+))*[a-z]?"


def _task_words(signs: _Signs) -> str:
    words = r"(?i:(?:sub[ -]?)?task|(?:sub)?tarefa|tarea|aufgabe|tache)" + r"|[Tt]âche|[Зз]адача|任务|任務|タスク|작업|태스크|과제" * signs.wide
    both = signs.colons + signs.dashes
    return (
        rf"(?P<word>{words})(?:(?:[\s#_-]*(?P<number>{_NUMBER}){signs.end}"
        rf"|\s+(?P<number_letter>[A-Z]\d*)(?=[*_~`]*\s*[{both})]|[*_~`]*\s+-\s)){signs.delimiters}"
        rf"|[*_~`]*\s*[{both}]{signs.closing}|\s+-\s+)"
    )


TASK_WORDS = Wording(_task_words, "tTsSaAſЗз任タ작태과")
"""`Task: t`, `Task 1.2: t`, `TASK-1.1 — t`, `Sub-task: t`, `任务 3：t`."""


def _bare_numbers(signs: _Signs) -> str:
    return (
        rf"(?:#?(?P<number>[A-Z]{{1,4}}-?\d+(?:\.\d+)*[a-z]?|\d+(?:\.\d+)+[a-z]?){signs.end}{signs.delimiters}"
        rf"|(?P<number_plain>\d+[a-z]?)[*_~`]*[{signs.colons}.)][*_~`]*(?=\s|$){signs.closing})"
    )


_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

BARE_NUMBERS = Wording(_bare_numbers, f"#{_CAPITALS}0", f"-{_CAPITALS}")
"""`T001 t`, `1.1 t`, `3. t`."""

_ORDINAL = r"\d+(?:\.\d+)*[a-z]?|[IVX]{1,5}|[A-Z]"


def _phases(words: str, words_wide: str = "") -> Callable[[_Signs], str]:
    def pattern_for(signs: _Signs) -> str:
        label = (
            rf"(?:(?P<number_before>\d+)[.)]\s*)?(?P<word>{words}{words_wide * signs.wide})"
            rf"(?:\s*[#-]?\s*(?P<number>{_ORDINAL}){signs.end}{signs.delimiters}|[*_~`]*\s*[{signs.colons}{signs.dashes}]{signs.closing}|\s+-\s+)"
        )
        other_order = (
            rf"|第\s*(?P<number_cjk>[\d一二三四五六七八九十]+)\s*(?P<word_cjk>阶段|階段|フェーズ|단계){signs.delimiters}"
            rf"|(?P<number_suffixed>\d+)\s*(?P<word_suffixed>단계|段階){signs.delimiters}"
        )
        return label + other_order * signs.wide

    return pattern_for


PHASE_WORDS = Wording(_phases("(?i:phase|fase|etapa)", "|[Éé]tape|[Ээ]тап|[Фф]аза|阶段|階段|フェーズ|단계|페이즈"), "pPfFeEÉéЭэФф阶階フ단페第0")
"""`Phase 2: t`, `Phase: t`, `Fase 1 - t`, `1. Phase: t`, `第一階段：t`, `1단계: t`."""

GROUP_WORDS = Wording(_phases("(?i:epic|wave|milestone|stage|sprint|chunk|part|iteration)"), "eEwWmMsSſcCpPiIİı第0")
"""Other names for a part of a plan, phases only where nothing is called a phase: `Epic 1: t`, `Wave 2 — t`, `Chunk 1: t`."""

# The patterns below are for words in lower case: one without regard to case takes three times as long to compile.

_VERIFICATION = pattern(
    r"user manual verification|completion verification|\(protocol in workflow\.md\)|\b(?:conductor|maestro|measure)\s*[-–—]\s*[\w ]*verification"
    r"|^\W*phase\s+[\w.]+\s+(?:completion\s+)?verification\W*$|^\W*\[checkpoint\b[^\]]*\]\W*$"
)


def is_verification(words: str) -> bool:
    """Whether a title is that of a phase's verification block, whoever numbered it; a checkpoint that is an item of its own belongs to it."""
    lower = words.lower()
    return ("verification" in lower or "checkpoint" in lower or "workflow.md" in lower) and _VERIFICATION.search(lower) is not None


_CHECKLIST = pattern(
    r"^\W*(?:[\d.]+\s*)?(?:phase\s+\S+\s+|manual\s+|automated\s+|final\s+|plan\s+|user\s+)*"
    r"(?:verif|validation (?:steps|checklist|criteria)|accept|success|definition of done|done when|exit criteria|check-?list|quality gate|pre-?requisite"
    r"|criteri|deliverable|outcome|expected|impact|notes?\b|risk|rollback|out of scope|non-goal|open question|dependenc|sign-?off|overview|summary|progress"
    r"|critério|验收|驗收|检查|検証|검증|self-?review|references?\b|legend|status\b|constraints?\b)"
)


def is_checklist(words: str) -> bool:
    """Whether a title is that of a list that checks work rather than describes it. Its boxes are no tasks."""
    return _CHECKLIST.match(words.lower()) is not None


_TASKS_SECTION = pattern(
    r"\W*(?:[\d.]+\s*)?(?:implementation |development |phase \S+ )?"
    r"(?:tasks?|tarefas|tareas|aufgaben|taches|任务|タスク|작업)(?: (?:list|breakdown|details))?\W*"
)


def holds_tasks(words: str) -> bool:
    """Whether a heading is that of a section that holds the tasks."""
    return _TASKS_SECTION.fullmatch(words.lower()) is not None


_CJK = {char: value for value, char in enumerate("一二三四五六七八九", 1)}


def phase_number(number: str | None) -> str | None:
    """A phase's number in the form that ids have: Chinese numerals as digits."""
    if number is None or number[0] not in "一二三四五六七八九十":
        return number
    tens, has_ten, ones = number.partition("十")
    value = (_CJK.get(tens, 1) * 10 if has_ten else 0) + _CJK.get(ones if has_ten else tens, 0)
    return str(value)


def task_number(number: str | None) -> str | None:
    """A task's number in the form that ids have: `TASK-1.1` and `#3` are `1.1` and `3`, `T001` stays."""
    if number is None or number[:4].upper() != "TASK":
        return number
    return number[4:].removeprefix("-")
