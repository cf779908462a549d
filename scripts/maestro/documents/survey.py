"""A first look at a plan: its headings and list items as possible beginnings, and the style that they show.

The readers recognise their dialects by it; `outline` then gives every line its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from maestro.documents.markdown import Document, Line, LineKind, heading_end
from maestro.documents.names import BARE_NUMBERS, GROUP_WORDS, PHASE_WORDS, TASK_WORDS, Name, Wording, holds_tasks, is_checklist, is_verification, read_name
from maestro.documents.words import EMPHASIS, Mark, Tail, read_mark, read_tail
from maestro.models.plan import Status
from maestro.patterns import pattern
from maestro.records import dataclass

_STEP_ID = pattern(r"(?:T|WP)\d+[a-z]?")
_SYMBOLS = pattern(r"(?:[\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+[ \t]*)+")
_BEFORE_MARKS = EMPHASIS + "["
_OWNER = pattern(r"[*_]{0,2}\[[^\[\]\n]{1,24}\][*_]{0,2}[ \t]+")


@dataclass(slots=True, eq=False)
class Head:
    """A heading or list item as a possible beginning of a part. `start` is behind a leading marker, `end` where the line's words end."""

    line: Line
    start: int
    end: int
    mark: Mark | None
    task: Name | None
    number: Name | None
    phase: Name | None
    words: str
    heading: bool

    @property
    def labelled(self) -> bool:
        """It calls itself a task: by the word, or by an id like `T012`."""
        return self.task is not None or (self.number is not None and bool(_STEP_ID.fullmatch(self.number.number or "")))

    @property
    def sub_task(self) -> bool:
        """It calls itself a part of a task: `Sub-task: t`."""
        return self.task is not None and self.task.word.startswith("sub")

    @property
    def name(self) -> Name | None:
        """What it is called as a task: by the word with a number, or by a bare number."""
        return self.task or self.number

    @property
    def phase_item(self) -> bool:
        """A top-level list item that is called a phase and numbered."""
        return self.phase is not None and not self.heading and self.phase.number is not None and self.line.item is not None and self.line.item.depth == 0


@dataclass(slots=True, eq=False)
class Style:
    """What a dialect takes for a task: headings, numbered headings of one level, list items; and which headings are phases.

    `tasks_section`: a section `Tasks` holds the boxes that count where there is no phase.
    `marked_numbers`: of numbered headings only those with a marker count.
    """

    headings: bool = False
    numbered_headings: int = 0
    items: bool = True
    phases: Wording | None = PHASE_WORDS
    numbered_phases: int = 0
    tasks_section: bool = False
    marked_numbers: bool = False


@dataclass(eq=False)
class Survey:
    """What a plan holds, counted before it is read, for the readers to recognise their own."""

    document: Document
    heads: list[Head]
    first: int

    @cached_property
    def boxes(self) -> dict[int, Head]:
        """The list items that have a marker, by their lines."""
        return {head.line.number: head for head in self.heads if head.mark is not None and not head.heading}

    def style(self, *, headings: bool) -> Style:
        """The style for this plan, with tasks as headings or as items."""
        titles = [head for head in self.heads if head.heading]
        called = [head.line.level for head in titles if head.phase is not None and not is_verification(head.words)]
        style = Style(headings=headings)
        if not called:
            grouped = [head.line.level for head in titles if self._group(head)]
            style.phases = GROUP_WORDS if grouped else PHASE_WORDS if any(head.phase_item for head in self.heads) else None
            called = grouped
        style.tasks_section = self._has_tasks_section()
        if headings and not any(head.labelled for head in titles):
            self._number_headings(style, titles, min(called, default=1))
        elif not headings and style.phases is None:
            self._number_phases(style, titles)
        return style

    def _group(self, head: Head) -> bool:
        return read_name(self.document.plain, head.start, head.end, GROUP_WORDS) is not None

    def _has_tasks_section(self) -> bool:
        """True where a section `Tasks` holds boxes, so that boxes elsewhere are checklists."""
        inside = 0
        for head in self.heads:
            if head.heading:
                if inside and head.line.level > inside:
                    continue
                inside = head.line.level if holds_tasks(head.words) else 0
            elif inside and head.mark is not None:
                return True
        return False

    def _number_headings(self, style: Style, titles: list[Head], above: int) -> None:
        """Choose the level whose numbers are tasks; plain numbers above dotted ones are phases."""
        levels = sorted({head.line.level for head in titles if head.number is not None and head.line.level > above})
        if not levels:
            return
        style.numbered_headings = levels[0]
        style.marked_numbers = any(head.number is not None and head.mark is not None for head in titles)
        if style.phases is None and len(levels) > 1:
            outer = [head for head in titles if head.number and head.line.level == levels[0]]
            inner = [head for head in titles if head.number and head.line.level == levels[1]]
            if all("." not in (head.number.number or "") for head in outer if head.number) and any(
                "." in (head.number.number or "") for head in inner if head.number
            ):
                style.numbered_phases, style.numbered_headings = levels[0], levels[1]

    def _number_phases(self, style: Style, titles: list[Head]) -> None:
        """Numbered sections are phases where at least two of them hold boxes."""
        levels = {head.line.level for head in titles if head.number is not None and not is_checklist(head.words)}
        if not levels or style.tasks_section:
            return
        level = min(levels)
        holding = 0
        current: Head | None = None
        for head in self.heads:
            if head.heading and head.line.level <= level:
                current = head if head.number is not None else None
            elif current is not None and head.mark is not None:
                holding += 1
                current = None
        if holding >= 2:
            style.numbered_phases = level


def survey(document: Document) -> Survey:
    """Look at every heading and at every list item that could begin something. Linear."""
    first = _after_front_matter(document)
    return Survey(document, list(_heads(document, first)), first)


def _after_front_matter(document: Document) -> int:
    """The index of the first line behind YAML front matter, which only the very first line can open."""
    lines, text = document.lines, document.text
    if not lines or text[lines[0].start : lines[0].end].rstrip() != "---":
        return 0
    for index in range(1, len(lines)):
        if text[lines[index].start : lines[index].end].rstrip() in ("---", "..."):
            return index + 1
    return 0


def _heads(document: Document, first: int) -> Iterator[Head]:
    plain = document.plain
    for line in document.lines[first:]:
        if line.opens:
            if line.kind is LineKind.TEXT and not line.quoted and line.item is not None:
                mark = read_mark(plain, line.content, line.end)
                if mark is not None or line.item.depth == 0:
                    yield _read_head(document, line, mark)
        elif line.level and line.item is None and not line.quoted:
            head = _read_head(document, line, read_mark(plain, line.content, line.end))
            if not line.underlined or head.phase is not None or head.labelled:
                yield head


def _read_head(document: Document, line: Line, mark: Mark | None) -> Head:
    """The heading or list item that the line begins. mark: its marker."""
    plain = document.plain
    start = mark.span.end if mark else line.content
    words = plain[start : heading_end(plain, line) if line.level else line.end].rstrip()
    end = start + len(words)
    start = end - len(words.lstrip(" \t"))
    while start < end and plain[start] in _BEFORE_MARKS and (again := read_mark(plain, start, end)) is not None:
        start = end - len(plain[again.span.end : end].lstrip(" \t"))
    if start < end and plain[start] >= "\u2190":
        start = _behind_symbols(plain, start, end)
    name_at = _behind_owner(plain, start, end) if plain.startswith(("*", "_", "["), start, end) else start
    task = read_name(plain, name_at, end, TASK_WORDS)
    number = None if task else read_name(plain, start, end, BARE_NUMBERS)
    phase = None if task else read_name(plain, start, end, PHASE_WORDS)
    return Head(line, start, end, mark, task, number, phase, plain[start:end], line.level > 0)


def tail_of(document: Document, head: Head) -> Tail:
    """What stands behind the title of a task, see `words.read_tail`."""
    name = head.name
    start = name.start if name else head.start
    done = head.mark is not None and head.mark.status is Status.DONE
    return read_tail(document.plain, min(start, head.end), head.end, done=done, heading=head.heading and head.mark is None)


def _behind_symbols(plain: str, start: int, end: int) -> int:
    """Behind the pictures before the name of a part, as in `## 🚀 Phase 1: t`. Before any other words they belong to the title."""
    found = _SYMBOLS.match(plain, start, end)
    if found is None or not any(read_name(plain, found.end(), end, words) for words in (PHASE_WORDS, TASK_WORDS, GROUP_WORDS)):
        return start
    return found.end()


def _behind_owner(plain: str, start: int, end: int) -> int:
    """Behind a prefix like `**[Agent A]**` or `[P]`, which says who does the task."""
    found = _OWNER.match(plain, start, end)
    return found.end() if found else start
