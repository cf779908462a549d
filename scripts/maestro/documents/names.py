"""The words by which plans name their parts: tasks, phases, verification blocks, checklists; in the languages and spellings people use."""

from __future__ import annotations

import re

from maestro.documents.words import EMPHASIS
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """The beginning of a title: its label (`task`, `phase`; empty for a bare number), the id as written, and where the title's text begins."""

    word: str
    number: str | None
    start: int


def read_name(text: str, start: int, end: int, words: re.Pattern[str]) -> Name | None:
    """The label and number at `start`, where `words` is one of the patterns below."""
    at = start
    while at < end and text[at] in EMPHASIS and at - start < 4:
        at += 1
    found = words.match(text, at, end)
    if found is None:
        return None
    number = next((value for key, value in found.groupdict().items() if value and key.startswith("number")), None)
    return Name((found.groupdict().get("word") or "").lower(), number, found.end())


_CLOSING = r"(?:\*\*|__(?=\s))?\s*"
_DELIMITERS = rf"[*_~`\])]*(?:[:：.)]+|\s*[:：—–]+|\s+-+(?=\s|$)|-(?=\s|$))?{_CLOSING}"
_NUMBER = r"(?:[A-Z]{1,4}-?)?\d+(?:\.(?:\d+|fix\d+))*[a-z]?"
_END = r"(?=$|[\s:：—–.,;()\[\]*_~`-])"

TASK_WORDS = re.compile(
    rf"(?P<word>(?i:(?:sub[ -]?)?task|(?:sub)?tarefa|tarea|aufgabe|tache)|[Tt]âche|[Зз]адача|任务|任務|タスク|작업|태스크|과제)"
    rf"(?:[\s#_-]*(?P<number>{_NUMBER}){_END}{_DELIMITERS}"
    rf"|\s+(?P<number_letter>[A-Z]\d*)(?=[*_~`]*\s*[:：—–)]|[*_~`]*\s+-\s){_DELIMITERS}"
    rf"|[*_~`]*\s*[:：—–]{_CLOSING}|\s+-\s+)"
)
"""`Task: t`, `Task 1.2: t`, `TASK-1.1 — t`, `Sub-task: t`, `任务 3：t`."""

BARE_NUMBERS = re.compile(
    rf"(?:#?(?P<number>[A-Z]{{1,4}}-?\d+(?:\.\d+)*[a-z]?|\d+(?:\.\d+)+[a-z]?){_END}{_DELIMITERS}|(?P<number_plain>\d+[a-z]?)[*_~`]*[:：.)][*_~`]*(?=\s|$){_CLOSING})"
)
"""`T001 t`, `1.1 t`, `3. t`."""

_ORDINAL = r"\d+(?:\.\d+)*[a-z]?|[IVX]{1,5}|[A-Z]"
_STRONG = r"(?i:phase|fase|etapa)|[Éé]tape|[Ээ]тап|[Фф]аза|阶段|階段|フェーズ|단계|페이즈"
_GROUPS = r"(?i:epic|wave|milestone|stage|sprint|chunk|part|iteration)"


def _phase_pattern(words: str) -> re.Pattern[str]:
    return re.compile(
        rf"(?:(?P<number_before>\d+)[.)]\s*)?(?P<word>{words})(?:\s*[#-]?\s*(?P<number>{_ORDINAL})(?=$|[\s:：—–.,;()\[\]*_~`-]){_DELIMITERS}|[*_~`]*\s*[:：—–]{_CLOSING}|\s+-\s+)"
        rf"|第\s*(?P<number_cjk>[\d一二三四五六七八九十]+)\s*(?P<word_cjk>阶段|階段|フェーズ|단계){_DELIMITERS}"
        rf"|(?P<number_suffixed>\d+)\s*(?P<word_suffixed>단계|段階){_DELIMITERS}"
    )


PHASE_WORDS = _phase_pattern(_STRONG)
"""`Phase 2: t`, `Phase: t`, `Fase 1 - t`, `1. Phase: t`, `第一階段：t`, `1단계: t`."""

GROUP_WORDS = _phase_pattern(_GROUPS)
"""Other names for a part of a plan, phases only where nothing is called a phase: `Epic 1: t`, `Wave 2 — t`, `Chunk 1: t`."""

VERIFICATION = re.compile(
    r"user manual verification|completion verification|\(protocol in workflow\.md\)|\b(?:conductor|maestro|measure)\s*[-–—]\s*[\w ]*verification"
    r"|^\W*phase\s+[\w.]+\s+(?:completion\s+)?verification\W*$|^\W*\[checkpoint\b[^\]]*\]\W*$",
    re.I,
)
"""The verification block of a phase, whoever numbered it; a checkpoint that is an item of its own belongs to it."""

CHECKLIST = re.compile(
    r"^\W*(?:[\d.]+\s*)?(?:phase\s+\S+\s+|manual\s+|automated\s+|final\s+|plan\s+|user\s+)*"
    r"(?:verif|validation (?:steps|checklist|criteria)|accept|success|definition of done|done when|exit criteria|check-?list|quality gate|pre-?requisite"
    r"|criteri|deliverable|outcome|expected|impact|notes?\b|risk|rollback|out of scope|non-goal|open question|dependenc|sign-?off|overview|summary|progress"
    r"|critério|验收|驗收|检查|検証|검증|self-?review|references?\b|legend|status\b|constraints?\b)",
    re.I,
)
"""Titles of lists that check work rather than describe it. Their boxes are no tasks."""

TASKS_SECTION = re.compile(
    r"\W*(?:[\d.]+\s*)?(?:implementation |development |phase \S+ )?"
    r"(?:tasks?|tarefas|tareas|aufgaben|taches|任务|タスク|작업)(?: (?:list|breakdown|details))?\W*",
    re.I,
)
"""The heading of a section that holds the tasks."""

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
    if number is None:
        return None
    return re.sub(r"^TASK-?", "", number, flags=re.I)
