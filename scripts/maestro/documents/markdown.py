"""One linear pass over Markdown that says what every line is, as CommonMark understands it, and where it stands in the text.

Only blocks are understood here: headings, list items, code, comments, other HTML. What the words on a line mean is for the readers of plans.
Two liberties are taken: a no-break or ideographic space counts as a space, because people paste them, and nesting stops at `MAX_NESTING`,
which keeps hostile input linear.
"""

from __future__ import annotations

from enum import Enum, auto

from maestro.documents.html_blocks import BLANK_LINE, COMMENT_END, ends, html_end
from maestro.documents.place import Place
from maestro.patterns import pattern
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


_BLANKS = "\u00a0\u3000\u2007\u202f"
_LINE = pattern(r"(?!\Z)( *)([^\r\n]*)(?:\r\n?|\n)?")
_HEADING = pattern(r"(#{1,6})(?=[ \t]|$)[ \t]*")
_FENCE = pattern(r"(`{3,})[^`]*$|(~{3,})")
_BLOCK_MARKS = "#`~<*-_"
_BULLET = pattern(r"([-+*]|\d{1,9}[.)])(?:( {1,4})(?=[^ \t])|(?=[ \t]|$))")
_UNDERLINE = pattern(r"(?:=+|-+)[ \t]*$")


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
    plain = text
    for blank in _BLANKS if not text.isascii() else "":
        plain = plain.replace(blank, " ")
    scanner = _Scanner(plain)
    lines: list[Line] = []
    for number, found in enumerate(_LINE.finditer(plain, 1 if text.startswith("\ufeff") else 0), 1):
        end = found.end(2)
        line = Line(number, found.start(), end, LineKind.TEXT, end)
        scanner.take(line, found.end(1))
        lines.append(line)
    return Document(text, plain, lines, scanner.unclosed())


@dataclass(slots=True, eq=False)
class _Container:
    """An open list item or quote. `indent`: the width that an item's lines need, None for a quote; `item`: the innermost item here; `quoted`: in a quote.

    `empty`: nothing but blanks stands in the item so far.
    """

    indent: int | None
    item: Item | None
    quoted: bool
    empty: bool = False


@dataclass(slots=True, eq=False)
class _Fence:
    """An open fenced code block, which as many of its marks end."""

    opened: Line
    marks: str

    def take(self, line: Line, place: Place) -> bool:
        """Whether the line ends the block."""
        line.kind = LineKind.CODE
        line.fence = place.indent < 4 and place.plain.startswith(self.marks, place.first, place.end) and not place.rest.rstrip(" \t").strip(self.marks[0])
        return line.fence


@dataclass(slots=True, eq=False)
class _Html:
    """An open comment or other HTML. `end`: see `html_end`."""

    opened: Line
    end: str

    def take(self, line: Line, place: Place) -> bool:
        """Whether the line ends the block."""
        line.kind = self.opened.kind
        if self.end != BLANK_LINE:
            return ends(self.end, place.rest)
        if place.at_end:
            line.kind = LineKind.BLANK
        return place.at_end


class _Scanner:
    """The state of the scan between lines: the open containers and the open block inside them, a `paragraph` or a `leaf` whose lines are not read.

    `beyond` of the open containers, the inner ones, are not continued by the line at hand. They are over as soon as it begins a block of its own; until then
    it may yet continue their paragraph.
    """

    def __init__(self, plain: str) -> None:
        self.place = Place(plain)
        self.open: list[_Container] = []
        self.beyond = 0
        self.paragraph: Line | None = None
        self.leaf: _Fence | _Html | None = None

    def unclosed(self) -> Line | None:
        """The line that opened a fence or comment which nothing has ended."""
        if self.open or self.leaf is None or (isinstance(self.leaf, _Html) and self.leaf.end == BLANK_LINE):
            return None
        return self.leaf.opened

    def take(self, line: Line, first: int) -> None:
        """Say what a line is. first: where it goes on behind spaces, of which alone most indentation is made."""
        place = self.place
        place.begin(line.start, first, line.end)
        if self.open:
            self.beyond = len(self.open) - self._enter()
        if self.leaf is not None and not self.beyond:
            line.content = place.position
            if self.leaf.take(line, place):
                self.leaf = None
        else:
            at_end = place.first >= place.end
            if self.beyond and (at_end or self.paragraph is None):
                self._settle()
            if at_end:
                self._take_blank(line)
            elif self._open_containers(line):
                self._take_words(line)
        if self.open:
            line.item, line.quoted = self.open[-1].item, self.open[-1].quoted

    def _enter(self) -> int:
        """Walk into the open containers as far as the line continues them: so many."""
        place = self.place
        for entered, container in enumerate(self.open):
            if container.indent is None:
                if place.at_end or place.indent >= 4 or place.plain[place.first] != ">":
                    return entered
                place.enter_quote()
            elif place.at_end:
                place.position = place.first
            elif place.indent >= container.indent:
                place.enter(container.indent)
            else:
                return entered
        return len(self.open)

    def _take_blank(self, line: Line) -> None:
        """A blank line ends a paragraph; an item that began with a blank line and meets another is over."""
        line.kind = LineKind.BLANK
        self.paragraph = None
        if self.open and self.open[-1].empty:
            self.open.pop()

    def _open_containers(self, line: Line) -> bool:
        """Open the quotes and list items that begin here. False where nothing follows them on the line."""
        place = self.place
        while place.indent < 4 and len(self.open) < MAX_NESTING:
            char = place.plain[place.first]
            if char == ">":
                self._settle()
                self.open.append(_Container(None, self.open[-1].item if self.open else None, quoted=True))
                place.enter_quote()
            elif not (char in "-+*" or char.isdecimal()) or not self._open_item(line):
                return True
            if place.at_end:
                line.kind, line.content = LineKind.BLANK, line.end
                return False
        return True

    def _open_item(self, line: Line) -> bool:
        place = self.place
        found = _BULLET.match(place.plain, place.first, place.end)
        if found is None:
            return False
        bullet, gap = found.groups()
        if (gap is None or place.plain[found.end()] == bullet) and place.is_rule():
            return False
        if self.paragraph is not None and not self.beyond:
            words = gap is not None or place.plain[found.end() : place.end].strip(" \t")
            if bullet[:-1] not in ("", "1") or not words or self._is_underline():
                return False  # only a first item that has words may interrupt a paragraph
        self._settle()
        width, empty = place.indent + len(bullet), False
        if gap is not None:
            width += len(gap)
            place.jump(found.end())
        else:
            place.step(len(bullet))
            empty = place.first >= place.end
            behind = 1 if empty or place.indent > 4 else place.indent
            width += behind
            if not empty:
                place.enter(behind)
        around = self.open[-1] if self.open else None
        parent = around.item if around else None
        item = Item(line.number, place.first, parent.depth + 1 if parent else 0, parent)
        self.open.append(_Container(width, item, around is not None and around.quoted, empty))
        line.opens = True
        return True

    def _take_words(self, line: Line) -> None:
        """Begin the block that the rest of the line is, or continue the paragraph that is open."""
        place = self.place
        line.content = place.first
        if self.paragraph is not None and place.indent < 4 and self._is_underline():
            self.paragraph.kind, self.paragraph.level, self.paragraph.underlined = LineKind.HEADING, 1 if place.rest[0] == "=" else 2, True
            self.paragraph = None
            line.kind = LineKind.UNDERLINE
        elif ((place.indent < 4 and place.plain[place.first] not in _BLOCK_MARKS) or not self._begin_block(line)) and self.paragraph is None:
            self._settle()
            self.paragraph = line

    def _begin_block(self, line: Line) -> bool:
        """Begin what is no paragraph. False where the rest of the line is words."""
        plain, first, end = self.place.plain, self.place.first, self.place.end
        leaf: _Fence | _Html | None = None
        char = plain[first]
        if self.place.indent >= 4:
            if self.paragraph is not None:
                return False
            line.kind = LineKind.CODE
        elif char == "#" and (heading := _HEADING.match(plain, first, end)):
            line.kind, line.level, line.content = LineKind.HEADING, len(heading[1]), heading.end()
        elif char in "`~" and (fence := _FENCE.match(plain, first, end)):
            line.kind, line.fence = LineKind.CODE, True
            leaf = _Fence(line, fence[1] or fence[2])
        elif char == "<" and (stop := html_end(plain[first:end], interrupts=self.paragraph is not None)) is not None:
            line.kind = LineKind.COMMENT if stop == COMMENT_END else LineKind.HTML
            leaf = _Html(line, stop) if stop == BLANK_LINE or not ends(stop, plain[first:end]) else None
        elif self.place.is_rule():
            line.kind = LineKind.RULE
        else:
            return False
        self._settle()
        self.leaf = leaf
        return True

    def _settle(self) -> None:
        """The line begins a block of its own: the paragraph ends, and what the line did not enter is over."""
        self.paragraph = None
        if self.beyond:
            self.leaf = None
            del self.open[-self.beyond :]
            self.beyond = 0
        if self.open:
            self.open[-1].empty = False

    def _is_underline(self) -> bool:
        """`===` or `---` below a paragraph makes it a heading; its first line stands for it."""
        return self.paragraph is not None and not self.beyond and _UNDERLINE.match(self.place.plain, self.place.first, self.place.end) is not None
