"""What looks like a task and Markdown hides: in raw HTML, in quotes, in code that was never meant to be code; and tasks that stand in tables alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from maestro.documents.markdown import Document, Line, LineKind
from maestro.documents.names import BARE_NUMBERS, TASK_WORDS, read_name, task_number
from maestro.documents.survey import Head
from maestro.documents.words import clean, read_mark
from maestro.models.notes import Note, listed
from maestro.models.plan import Task
from maestro.patterns import pattern

_TABLE_TASK = pattern(r"\|\s*[*`]*(?:TASK-?|T|#)?(\d+(?:\.\d+)*[a-z]?)[*`]*\s*\|", re.I)
_TABLE_ID = pattern(r"\|\s*[*`]*((?:TASK-?|T)\d+(?:\.\d+)*[a-z]?)[*`]*\s*\|", re.I)
_LIKE_A_TASK = pattern(r"[ \t]*(?:>[ \t]*)*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+\[[ xX~]\][ \t]|#{1,6}[ \t]+Task[ \t]+\d)")
_BEGINNING = pattern(r"[ \t]*(?:(#{1,6})|[-*+]|\d{1,3}[.)])[ \t]+(?=\S)")

_NUMBERED = pattern(r"[ \t]*#{1,6}[ \t]+[*_]{0,2}(?P<word>[A-Za-z]{3,6})[ \t]+(?P<number>(?>\d+(?:\.\d+)*[a-z]?))[ \t]*[*_]{0,2}[ \t]*[:：.—–-]")
_ALIKE = 0.7
"""Likeness from which a word was to be "task": "tsk", "taks", "tast"; not "step", "part" or "stage"."""

Form = tuple[int, bool, bool]
"""How a plan begins its numbered tasks: heading level (0 for list items), with the word "task" or a bare number, with a leading marker or without."""


def hidden_notes(document: Document, path: str, heads: Iterable[Head], tasks: Iterable[Task]) -> list[Note]:
    """One note for each hidden line that its author may have meant as a task. heads: of the tasks that were read."""
    ids = {task.id for task in tasks}
    known = {identity.casefold() for identity in ids}
    heads = list(heads)
    forms = {_form(head) for head in heads}
    read = {head.line.number for head in heads if head.name}
    hiding = [line for line in document.lines if line.kind is LineKind.CODE or line.kind is LineKind.HTML or line.quoted]
    found = [
        *_between_the_lines(document, hiding),
        *_in_tables(document, known),
        *_in_fences(document, hiding, forms, ids),
        *_misspelt(document, {level for level, word, _ in forms if word and level}, known, read),
    ]
    return [Note("task-not-read", message, f"{path}:{line.number}") for line, message in sorted(found, key=lambda one: one[0].number)]


def _between_the_lines(document: Document, hiding: Iterable[Line]) -> Iterator[tuple[Line, str]]:
    """Boxes and headings of tasks in indented code, in raw HTML and in quotes."""
    code_before = -1
    fenced = False
    for line in hiding:
        if line.fence:
            fenced = not fenced
        begins_code = line.kind is LineKind.CODE and code_before != line.number - 1
        code_before = line.number if line.kind is LineKind.CODE else code_before
        if begins_code and not line.fence and not fenced and _like_a_task(document, line):
            yield line, "This line is indented so far that Markdown takes it for code. Indent it less to make it a task."
        elif line.kind is LineKind.HTML and _like_a_task(document, line):
            yield line, "Markdown takes this line for raw HTML, so it is no task. Put a blank line behind the tag above it."
        elif line.quoted and line.kind in (LineKind.TEXT, LineKind.HEADING) and _like_a_task(document, line):
            yield line, "A box in a quote is no task. Take the `>` away to make it one."


def _like_a_task(document: Document, line: Line) -> bool:
    return _LIKE_A_TASK.match(document.text[line.start : line.end]) is not None


def _in_tables(document: Document, known: set[str]) -> Iterator[tuple[Line, str]]:
    """The ids that only rows of tables name: one note for all of them."""
    found: list[tuple[Line, str, str]] = []
    for line in document.lines if "|" in document.text else ():
        if line.kind is not LineKind.TEXT or not document.text.startswith("|", line.content, line.end):
            continue
        row = document.text[line.start : line.end].strip()
        if (name := _TABLE_ID.match(row)) is None:
            continue
        number = _TABLE_TASK.match(row)
        if name[1].casefold() not in known and (number is None or number[1].casefold() not in known):
            found.append((line, name[1], number[1] if number else name[1]))
    if found:
        line, _, number_of_first = found[0]
        only = "stands in a table and nowhere as a task. Write it" if len(found) == 1 else "stand in tables and nowhere as tasks. Write each"
        yield line, f"{listed([name for _, name, _ in found])} {only} as `### Task {number_of_first}: title`."


def _in_fences(document: Document, hiding: Iterable[Line], forms: set[Form], known: set[str]) -> Iterator[tuple[Line, str]]:
    """Tasks that a fence swallows because another block above was closed too early or never: lines in the form of the plan's tasks whose number continues
    the plan's numbers. Every other task in a fence is an example.
    """
    for line in hiding:
        if line.kind is not LineKind.CODE or line.fence or (beginning := _BEGINNING.match(document.plain, line.start, line.end)) is None:
            continue
        start = beginning.end()
        mark = read_mark(document.plain, start, line.end)
        at = mark.span.end if mark else start
        at += len(document.plain[at : line.end]) - len(document.plain[at : line.end].lstrip())
        task = read_name(document.plain, at, line.end, TASK_WORDS)
        name = task or read_name(document.plain, at, line.end, BARE_NUMBERS)
        number = task_number(name.number) if name else None
        if number is None or number in known or (len(beginning[1] or ""), task is not None, mark is not None) not in forms:
            continue
        if _neighbours(number) & known:
            known.add(number)
            words = clean(document.text[at : line.end])[:60]
            yield (
                line,
                f"{words!r} stands in a code block, so it is no task, and no other task has its number. If it is work, mend the block above it: "
                "a block that holds ``` needs a longer fence around it.",
            )


def _misspelt(document: Document, levels: set[int], known: set[str], read: set[int]) -> Iterator[tuple[Line, str]]:
    """Headings like those of the tasks, with a number of their own and a word that was to be "task". read: the lines of tasks that have a name."""
    for line in document.lines:
        if line.level not in levels or line.number in read or (heading := _NUMBERED.match(document.plain, line.start, line.end)) is None:
            continue
        if heading["number"].casefold() not in known and _likeness(heading["word"]) >= _ALIKE:
            words = clean(document.text[line.content : line.end])[:60]
            yield line, f"{words!r} has the form of a task and is not read as one. Write `Task {heading['number']}: …` if it is one."


def _likeness(word: str) -> float:
    from difflib import SequenceMatcher

    return SequenceMatcher(a="task", b=word.lower()).ratio()


def _form(head: Head) -> Form:
    return head.line.level, head.task is not None, head.mark is not None


def _neighbours(number: str) -> set[str]:
    """The numbers before and after: those of `1.2` are 1.1 and 1.3, those of T009 are T008 and T010."""
    last = re.search(r"\d+(?=[a-z]?$)", number)
    if last is None:
        return set()
    value, width = int(last[0]), len(last[0])
    return {f"{number[: last.start()]}{near:0{width}d}" for near in (value - 1, value + 1)}
