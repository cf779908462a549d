"""One linear pass over Markdown that says what every line is, as CommonMark understands it, and where it stands in the text.

Only blocks are understood here: headings, list items, code, comments, other HTML. What the words on a line mean is for the readers of plans.
Two liberties are taken: a no-break or ideographic space counts as a space, because people paste them, and nesting stops at `MAX_NESTING`,
which keeps hostile input linear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

MAX_NESTING = 64
"""Containers deeper than this are text. No author nests so deep."""


class Kind(Enum):
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
    bullet: str
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
    kind: Kind
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
        return self.plain[line.content : line.end] if line.kind is not Kind.HEADING else self.plain[line.content : heading_end(self.plain, line)]


_BLANKS = str.maketrans({"\u00a0": " ", "\u3000": " ", "\u2007": " ", "\u202f": " "})
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|$)")
_HEADING = re.compile(r"(#{1,6})(?=[ \t]|$)[ \t]*")
_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
_BULLET = re.compile(r"([-+*]|\d{1,9}[.)])(?=[ \t]|$)")
_UNDERLINE = re.compile(r"(?:=+|-+)[ \t]*$")
_HTML_TYPE_1 = re.compile(r"<(?:script|pre|style|textarea)(?:[ \t>]|$)", re.I)
_HTML_TYPE_1_END = re.compile(r"</(?:script|pre|style|textarea)>", re.I)
_HTML_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)(?=[ \t>]|/>|$)")
_HTML_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "base",
        "basefont",
        "blockquote",
        "body",
        "caption",
        "center",
        "col",
        "colgroup",
        "dd",
        "details",
        "dialog",
        "dir",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "frame",
        "frameset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "head",
        "header",
        "hr",
        "html",
        "iframe",
        "legend",
        "li",
        "link",
        "main",
        "menu",
        "menuitem",
        "nav",
        "noframes",
        "ol",
        "optgroup",
        "option",
        "p",
        "param",
        "search",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "title",
        "tr",
        "track",
        "ul",
    ]
)
_HTML_TYPE_7 = re.compile(
    r"""(?:<[a-z][a-z0-9-]*(?:[ \t]+[a-z_:][\w.:-]*(?:[ \t]*=[ \t]*(?:[^ \t"'=<>`]+|'[^']*'|"[^"]*"))?)*[ \t]*/?>|</[a-z][a-z0-9-]*[ \t]*>)[ \t]*$""", re.I
)


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
    scanner = _Scanner(text, plain)
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
    """The state of the scan: open containers and the open leaf block inside them."""

    def __init__(self, text: str, plain: str) -> None:
        self.text = text
        self.plain = plain
        self.lines: list[Line] = []
        self.open: list[_Container] = []
        self.paragraph: list[Line] = []
        self.fence: tuple[str, int, Line] | None = None
        self.html: tuple[Kind, str | re.Pattern[str] | None, Line] | None = None

    def unclosed(self) -> Line | None:
        if self.fence is not None and not self.open:
            return self.fence[2]
        if self.html is not None and self.html[1] is not None and not self.open:
            return self.html[2]
        return None

    def take(self, number: int, start: int, end: int) -> None:
        line = Line(number, start, end, Kind.TEXT, end)
        self.lines.append(line)
        position, column, kept = self._enter_open(start, end)
        first, indent = self._blanks(position, column, end)
        blank = first >= end
        lazy = kept < len(self.open)
        if not lazy and (self.fence is not None or self.html is not None):
            self._continue_leaf(line, position, first, indent, blank)
            self._note_containers(line)
            return
        if lazy and not (self.paragraph and not blank):
            self._close(kept)
            lazy = False
        if blank:
            self._take_blank(line)
            return
        opened = False
        while True:
            if indent >= 4 and (not self.paragraph or opened):
                self._settle(lazy, kept)
                line.kind = Kind.CODE
                line.content = first
                self.paragraph = []
                break
            if indent < 4:
                char = self.plain[first]
                if char == ">":
                    if len(self.open) < MAX_NESTING:
                        lazy = self._settle(lazy, kept)
                        self._end_paragraph()
                        self.open.append(_Container(None, 0))
                        position, column = first + 1, column + indent + 1
                        if position < end and self.plain[position] in " \t":
                            position, column = self._consume(position, column, 1)
                        first, indent = self._blanks(position, column, end)
                        opened = True
                        if first >= end:
                            line.kind = Kind.BLANK
                            line.content = end
                            break
                        continue
                elif char == "#" and (found := _HEADING.match(self.plain, first, end)):
                    self._settle(lazy, kept)
                    self._end_paragraph()
                    line.kind, line.level, line.content = Kind.HEADING, len(found[1]), found.end()
                    break
                elif char in "`~" and (found := _FENCE.match(self.plain, first, end)):
                    self._settle(lazy, kept)
                    self._end_paragraph()
                    line.kind, line.fence, line.content = Kind.CODE, True, first
                    mark = found[1] or found[2]
                    self.fence = (mark[0], len(mark), line)
                    break
                elif char == "<" and self._open_html(line, first, end, opened, lazy, kept):
                    break
                if (
                    self.paragraph
                    and not lazy
                    and not opened
                    and char in "=-"
                    and _UNDERLINE.match(self.plain, first, end)
                    and self._underline(line, first, char)
                ):
                    break
                if char in "*-_" and _is_rule(self.plain, first, end):
                    self._settle(lazy, kept)
                    self._end_paragraph()
                    line.kind, line.content = Kind.RULE, first
                    break
                if (char in "-+*" or char.isdigit()) and len(self.open) < MAX_NESTING and (found := _BULLET.match(self.plain, first, end)):
                    after, width = self._blanks(found.end(), column + indent + len(found[1]), end)
                    empty = after >= end
                    interrupts = not empty and (char in "-+*" or found[1][:-1] == "1")
                    if not self.paragraph or opened or lazy or interrupts:
                        lazy = self._settle(lazy, kept)
                        self._end_paragraph()
                        wide = empty or width > 4
                        inner = indent + len(found[1]) + (1 if wide else width)
                        item = Item(line.number, found[1], end if empty else after, self._item_depth(), self._innermost())
                        self.open.append(_Container(item, inner, empty))
                        line.opens = True
                        position, column = found.end(), column + indent + len(found[1])
                        if empty:
                            line.kind, line.content = Kind.BLANK, end
                            self.paragraph = []
                            break
                        position, column = self._consume(position, column, 1 if wide else width)
                        first, indent = self._blanks(position, column, end)
                        if wide:
                            item.content = first
                        opened = True
                        continue
            if not lazy:
                self._settle(lazy, kept)
            line.content = first
            self.paragraph.append(line)
            for container in self.open:
                container.empty = False
            break
        self._note_containers(line)

    def _take_blank(self, line: Line) -> None:
        """A blank line ends a paragraph; an item that began with a blank line and meets another is over."""
        self._end_paragraph()
        line.kind = Kind.BLANK
        if self.open and self.open[-1].empty and self.open[-1].item is not None:
            self.open.pop()
        self._note_containers(line)

    def _enter_open(self, start: int, end: int) -> tuple[int, int, int]:
        """Walk into the open containers as far as the line continues them: the position, its column, and how many were entered."""
        position, column = start, 0
        for index, container in enumerate(self.open):
            first, indent = self._blanks(position, column, end)
            if container.item is None:
                if indent >= 4 or first >= end or self.plain[first] != ">":
                    return position, column, index
                position, column = first + 1, column + indent + 1
                if position < end and self.plain[position] in " \t":
                    position, column = self._consume(position, column, 1)
            elif first >= end:
                position = first
            elif indent >= container.indent:
                position, column = self._consume(position, column, container.indent)
            else:
                return position, column, index
        return position, column, len(self.open)

    def _continue_leaf(self, line: Line, position: int, first: int, indent: int, blank: bool) -> None:
        """A line inside a fence or an HTML block."""
        line.content = position
        rest = self.plain[first : line.end]
        if self.fence is not None:
            mark, width, _ = self.fence
            line.kind = Kind.CODE
            run = len(rest) - len(rest.lstrip(mark))
            if indent < 4 and run >= width and not rest[run:].strip(" \t"):
                line.fence = True
                self.fence = None
            return
        assert self.html is not None
        kind, stop, _ = self.html
        line.kind = Kind.BLANK if blank and stop is None else kind
        if (stop is None and blank) or (stop is not None and _ends(stop, rest)):
            self.html = None

    def _open_html(self, line: Line, first: int, end: int, opened: bool, lazy: bool, kept: int) -> bool:
        rest = self.plain[first:end]
        kind = Kind.HTML
        stop: str | re.Pattern[str] | None
        if rest.startswith("<!--"):
            kind, stop = Kind.COMMENT, "-->"
        elif rest.startswith("<?"):
            stop = "?>"
        elif rest.startswith("<![CDATA["):
            stop = "]]>"
        elif len(rest) > 2 and rest[1] == "!" and rest[2].isascii() and rest[2].isalpha():
            stop = ">"
        elif _HTML_TYPE_1.match(rest):
            stop = _HTML_TYPE_1_END
        elif ((tag := _HTML_TAG.match(rest)) is not None and tag[1].lower() in _HTML_BLOCKS) or ((not self.paragraph or opened) and _HTML_TYPE_7.match(rest)):
            stop = None
        else:
            return False
        self._settle(lazy, kept)
        self._end_paragraph()
        line.kind, line.content = kind, first
        if stop is None or not _ends(stop, rest):
            self.html = (kind, stop, line)
        return True

    def _underline(self, line: Line, first: int, char: str) -> bool:
        """A paragraph followed by `===` or `---` is a heading; its first line stands for it."""
        heading = self.paragraph[0]
        heading.kind, heading.level, heading.underlined = Kind.HEADING, 1 if char == "=" else 2, True
        line.kind, line.content = Kind.UNDERLINE, first
        self._end_paragraph()
        return True

    def _settle(self, lazy: bool, kept: int) -> bool:
        """The line begins a block of its own: containers it did not enter are over. Always False, the new value of `lazy`."""
        if lazy:
            self._close(kept)
        for container in self.open:
            container.empty = False
        return False

    def _close(self, kept: int) -> None:
        self._end_paragraph()
        self.fence = self.html = None
        del self.open[kept:]

    def _end_paragraph(self) -> None:
        self.paragraph = []

    def _note_containers(self, line: Line) -> None:
        line.item = self._innermost()
        line.quoted = any(container.item is None for container in self.open)

    def _innermost(self) -> Item | None:
        for container in reversed(self.open):
            if container.item is not None:
                return container.item
        return None

    def _item_depth(self) -> int:
        return sum(container.item is not None for container in self.open)

    def _blanks(self, position: int, column: int, end: int) -> tuple[int, int]:
        """The first character that is no blank, and the width of the blanks before it."""
        plain = self.plain
        at = column
        while position < end:
            char = plain[position]
            if char == " ":
                at += 1
            elif char == "\t":
                at += 4 - at % 4
            else:
                break
            position += 1
        return position, at - column

    def _consume(self, position: int, column: int, width: int) -> tuple[int, int]:
        """Step over `width` columns of blanks. Inside a tab the position stays on it and only the column moves."""
        goal = column + width
        while column < goal:
            if self.plain[position] == "\t":
                stop = column + 4 - column % 4
                if stop > goal:
                    return position, goal
                column = stop
            else:
                column += 1
            position += 1
        return position, column


def _ends(stop: str | re.Pattern[str], rest: str) -> bool:
    return stop in rest if isinstance(stop, str) else stop.search(rest) is not None


def _is_rule(text: str, first: int, end: int) -> bool:
    mark = text[first]
    count = text.count(mark, first, end)
    return count >= 3 and not text[first:end].strip(mark + " \t")
