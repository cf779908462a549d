"""One linear pass over Markdown that says what every line is, as CommonMark understands it, and where it stands in the text.

Only blocks are understood here: headings, list items, code, comments, other HTML. What the words on a line mean is for the readers of plans.
Two liberties are taken: a no-break or ideographic space counts as a space, because people paste them, and nesting stops at `MAX_NESTING`,
which keeps hostile input linear.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from maestro.documents.html_blocks import BLANK_LINE, COMMENT_END, ends, html_end
from maestro.records import dataclass

MAX_NESTING = 64
"""Containers deeper than this are text. No author nests so deep."""


class LineKind(Enum):
    """What a line is, after the list items and quotes that hold it."""

    BLANK = auto()
    HEADING = auto()
    TEXT = auto()
    CODE = auto()
    COMMENT = auto()
    HTML = auto()
    RULE = auto()
    UNDERLINE = auto()


@dataclass(slots=True, eq=False)
class Item:
    """A list item. `content` is where its text starts, `depth` the number of items around it."""

    line: int
    content: int
    depth: int
    parent: Item | None


@dataclass(slots=True, eq=False)
class Line:
    """One line: `start` to `end` is its text without the line ending, `content` where it begins behind indentation, bullets and quote marks.

    `level` is the level of a heading, else 0. `item` is the innermost list item that holds the line and `opens` is true on that item's first line.
    `fence` is true on the lines that open and close a fenced code block.
    """

    number: int
    start: int
    end: int
    kind: LineKind
    content: int
    item: Item | None = None
    opens: bool = False
    quoted: bool = False
    level: int = 0
    fence: bool = False
    underlined: bool = False


@dataclass(slots=True, eq=False)
class Document:
    """A scanned text. `text` is the original, `plain` the same with all blanks as ordinary spaces, so that both share their offsets.

    `unclosed` is the line of a fence or comment that runs to the end of the document for want of an end.
    """

    text: str
    plain: str
    lines: list[Line]
    unclosed: Line | None = None

    def content(self, line: Line) -> str:
        """The line's text behind its containers; of a heading without the number signs."""
        return self.plain[line.content : line.end] if line.kind is not LineKind.HEADING else self.plain[line.content : heading_end(self.plain, line)]


_BLANKS = str.maketrans({"\u00a0": " ", "\u3000": " ", "\u2007": " ", "\u202f": " "})
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_HEADING = re.compile(r"(#{1,6})(?=[ \t]|$)[ \t]*")
_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_BULLET = re.compile(r"([-+*]|\d{1,9}[.)])(?=[ \t]|$)")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")


def heading_end(text: str, line: Line) -> int:
    """Where the words of a heading end: before closing number signs and blanks."""
    end = line.end
    body = text[line.content : end].rstrip(" \t")
    if not line.underlined and body.endswith("#"):
        cut = body.rstrip("#")
        if not cut or cut[-1] in " \t":
            body = cut.rstrip(" \t")
    return line.content + len(body)


def scan(text: str) -> Document:
    """Say of every line of `text` what it is. Never fails; linear in the length of the text."""
    plain = text.translate(_BLANKS) if not text.isascii() else text
    scanner = _Scanner(plain)
    position = 1 if text.startswith("\ufeff") else 0
    number = 0
    length = len(text)
    while position < length:
        number += 1
        found = _LINE.match(plain, position)
        assert found is not None
        after = found.end()
        end = after
        while end > position and plain[end - 1] in "\r\n":
            end -= 1
        scanner.take(number, position, end)
        position = after
    return Document(text, plain, scanner.lines, scanner.unclosed())


@dataclass(slots=True, eq=False)
class _Container:
    """An open list item (`indent` is the width its lines need) or an open quote (`indent` 0, `item` None)."""

    item: Item | None
    indent: int
    empty: bool = False


class _Scanner:
    """The state of the scan: open containers, the open leaf block inside them, and the place on the current line.

    On the line, `first` is the next character that is no blank, behind `indent` columns of blanks that begin at `position` and `column`. A line is `lazy`
    while it does not continue all open containers and may yet continue their paragraph; `entered` is how many it does continue. `opened` is true once
    the line has opened a container.
    """

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.lines: list[Line] = []
        self.open: list[_Container] = []
        self.paragraph: Line | None = None
        self.fence: tuple[str, int, Line] | None = None
        self.html: tuple[LineKind, str, Line] | None = None
        self.position = self.column = self.first = self.indent = self.end = self.entered = 0
        self.lazy = self.opened = False

    def unclosed(self) -> Line | None:
        """The line that opened a fence or comment which nothing has ended."""
        if self.open:
            return None
        if self.fence is not None:
            return self.fence[2]
        return self.html[2] if self.html is not None and self.html[1] != BLANK_LINE else None

    def take(self, number: int, start: int, end: int) -> None:
        """Place one line."""
        line = Line(number, start, end, LineKind.TEXT, end)
        self.lines.append(line)
        self.position, self.column, self.end, self.opened = start, 0, end, False
        self._enter()
        blank = self.first >= end
        self.lazy = self.entered < len(self.open)
        if not self.lazy and (self.fence is not None or self.html is not None):
            self._continue_leaf(line, blank)
        else:
            if self.lazy and (self.paragraph is None or blank):
                self._settle()
            if blank:
                self._take_blank(line)
            elif self._open_containers(line):
                self._begin_leaf(line)
        line.item = self._innermost()
        line.quoted = any(container.item is None for container in self.open)

    def _enter(self) -> None:
        """Walk into the open containers as far as the line continues them."""
        for index, container in enumerate(self.open):
            self._skip_blanks()
            if container.item is None:
                if self.indent >= 4 or self.first >= self.end or self.plain[self.first] != ">":
                    self.entered = index
                    return
                self._behind_quote_mark()
            elif self.first >= self.end:
                self.position = self.first
            elif self.indent >= container.indent:
                self._consume(container.indent)
            else:
                self.entered = index
                return
        self.entered = len(self.open)
        self._skip_blanks()

    def _continue_leaf(self, line: Line, blank: bool) -> None:
        """A line inside a fence or an HTML block."""
        line.content = self.position
        rest = self.plain[self.first : line.end]
        if self.fence is not None:
            mark, width, _ = self.fence
            line.kind = LineKind.CODE
            run = len(rest) - len(rest.lstrip(mark))
            if self.indent < 4 and run >= width and not rest[run:].strip(" \t"):
                line.fence = True
                self.fence = None
        elif self.html is not None:
            kind, end, _ = self.html
            line.kind = LineKind.BLANK if blank and end == BLANK_LINE else kind
            if blank if end == BLANK_LINE else ends(end, rest):
                self.html = None

    def _take_blank(self, line: Line) -> None:
        """A blank line ends a paragraph; an item that began with a blank line and meets another is over."""
        line.kind = LineKind.BLANK
        self.paragraph = None
        if self.open and self.open[-1].empty:
            self.open.pop()

    def _open_containers(self, line: Line) -> bool:
        """Open the quotes and list items that begin here. False where nothing follows them on the line."""
        while self.indent < 4 and len(self.open) < MAX_NESTING:
            if self.plain[self.first] == ">":
                self._settle()
                self.open.append(_Container(None, 0))
                self._behind_quote_mark()
                self._skip_blanks()
            elif not self._open_item(line):
                return True
            self.opened = True
            if self.first >= self.end:
                line.kind, line.content = LineKind.BLANK, self.end
                return False
        return True

    def _open_item(self, line: Line) -> bool:
        found = _BULLET.match(self.plain, self.first, self.end)
        if found is None or self._is_underline() or self._is_rule():
            return False
        bullet = found[1]
        self.column += self.indent + len(bullet)
        self.position = found.end()
        start, before = self.first, self.indent
        self._skip_blanks()
        empty = self.first >= self.end
        if self.paragraph is not None and not self.opened and not self.lazy and (empty or bullet[:-1] not in ("", "1")):
            self.column -= before + len(bullet)
            self.first, self.indent = start, before
            return False
        self._settle()
        wide = empty or self.indent > 4
        gap = 1 if wide else self.indent
        item = Item(line.number, self.first, sum(container.item is not None for container in self.open), self._innermost())
        self.open.append(_Container(item, before + len(bullet) + gap, empty))
        line.opens = True
        if not empty:
            self._consume(gap)
            self._skip_blanks()
        return True

    def _begin_leaf(self, line: Line) -> None:
        """Begin the block that the rest of the line is, or continue the paragraph that is open."""
        plain, first, end = self.plain, self.first, self.end
        char = plain[first]
        line.content = first
        if self.indent >= 4:
            if self.paragraph is None:
                self._settle()
                line.kind = LineKind.CODE
                return
        elif char == "#" and (heading := _HEADING.match(plain, first, end)):
            self._settle()
            line.kind, line.level, line.content = LineKind.HEADING, len(heading[1]), heading.end()
            return
        elif char in "`~" and (fence := _FENCE.match(plain, first, end)):
            self._settle()
            mark = fence[1] or fence[2]
            line.kind, line.fence = LineKind.CODE, True
            self.fence = (mark[0], len(mark), line)
            return
        elif char == "<" and (stop := html_end(plain[first:end], interrupts=self.paragraph is not None)) is not None:
            self._settle()
            line.kind = LineKind.COMMENT if stop == COMMENT_END else LineKind.HTML
            if stop == BLANK_LINE or not ends(stop, plain[first:end]):
                self.html = (line.kind, stop, line)
            return
        elif self.paragraph is not None and self._is_underline():
            self.paragraph.kind, self.paragraph.level, self.paragraph.underlined = LineKind.HEADING, 1 if char == "=" else 2, True
            line.kind = LineKind.UNDERLINE
            self.paragraph = None
            return
        elif char in "*-_" and self._is_rule():
            self._settle()
            line.kind = LineKind.RULE
            return
        if self.paragraph is None:
            self._settle()
            self.paragraph = line

    def _settle(self) -> None:
        """The line begins a block of its own: the paragraph ends, and what the line did not enter is over."""
        self.paragraph = None
        if self.lazy:
            self.fence = self.html = None
            del self.open[self.entered :]
            self.lazy = False
        for container in self.open:
            container.empty = False

    def _innermost(self) -> Item | None:
        return next((container.item for container in reversed(self.open) if container.item is not None), None)

    def _is_underline(self) -> bool:
        """`===` or `---` below a paragraph makes it a heading; its first line stands for it."""
        return self.paragraph is not None and not self.lazy and not self.opened and _UNDERLINE.match(self.plain, self.first, self.end) is not None

    def _is_rule(self) -> bool:
        mark = self.plain[self.first]
        if mark not in "*-_" or self.plain.count(mark, self.first, self.end) < 3:
            return False
        return not self.plain[self.first : self.end].strip(mark + " \t")

    def _behind_quote_mark(self) -> None:
        self.position, self.column = self.first + 1, self.column + self.indent + 1
        if self.position < self.end and self.plain[self.position] in " \t":
            self._consume(1)

    def _skip_blanks(self) -> None:
        """Find the next character that is no blank. Tabs reach to the next column that four divides."""
        plain, first, column = self.plain, self.position, self.column
        while first < self.end:
            char = plain[first]
            if char == " ":
                column += 1
            elif char == "\t":
                column += 4 - column % 4
            else:
                break
            first += 1
        self.first, self.indent = first, column - self.column

    def _consume(self, width: int) -> None:
        """Step over `width` columns of blanks. Inside a tab the position stays on it and only the column moves."""
        goal = self.column + width
        while self.column < goal:
            if self.plain[self.position] == "\t":
                stop = self.column + 4 - self.column % 4
                if stop > goal:
                    self.column = goal
                    return
                self.column = stop
            else:
                self.column += 1
            self.position += 1
