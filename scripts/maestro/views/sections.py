"""A document of sections, written once and shown as text, Markdown or HTML. Everything in it is plain text: each notation escapes for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape

from maestro.records import dataclass
from maestro.views.cells import clip, one_line, pad, printable, width, wrap
from maestro.views.ink import bold, dim

BAR = 10
"""Characters of a full bar."""

ROOM = 24
"""Columns that the last column of a table gets at least, where it has so much to say."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells. `headers` may be empty. The last column takes the room that is left; `bars` holds a share (0 to 1) for each row, drawn in front of it."""

    rows: Sequence[Sequence[str]]
    headers: Sequence[str] = ()
    right: frozenset[int] = frozenset()
    bars: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Points:
    """A list of sentences."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Literal:
    """Text that keeps its lines: a brief, the end of an output."""

    text: str


Block = str | Table | Points | Literal
"""A string is a paragraph."""


@dataclass(frozen=True, slots=True)
class Section:
    """A title and what stands below it. `folded`: Markdown shows the title until somebody opens it."""

    title: str
    blocks: Sequence[Block]
    folded: bool = False


def as_text(title: str, sections: Sequence[Section], columns: int = 80) -> str:
    """For a terminal: nothing is wider than `columns` but words that cannot be broken."""
    lines = [bold(line) for line in wrap(one_line(title), columns)]
    for section in sections:
        lines += ["", bold(one_line(section.title))]
        for block in section.blocks:
            lines += _text(block, columns)
    return "\n".join(lines)


def _text(block: Block, columns: int) -> Iterator[str]:
    match block:
        case str():
            yield from wrap(one_line(block), columns, indent="  ")
        case Points():
            for item in block.items:
                yield from wrap(one_line(item), columns, indent="    ", first="  - ")
        case Literal():
            yield from (f"  {line}".rstrip() for line in printable(block.text, keep="\n").splitlines())
        case Table():
            yield from _table(block, columns)


def _table(table: Table, columns: int) -> Iterator[str]:
    rows = [[one_line(cell) for cell in row] for row in table.rows]
    heads = [one_line(head) for head in table.headers]
    every = [heads, *rows] if heads else rows
    if not every:
        return
    widths, indent = _layout(every, columns, BAR + 2 if table.bars else 0)
    last = len(widths)
    for number, row in enumerate(every):
        header = bool(heads) and number == 0
        line = "  "
        for column, room in enumerate(widths):
            cell = clip(row[column], room)
            line += (" " * (room - width(cell)) + cell if column in table.right else pad(cell, room)) + "  "
        if table.bars:
            line += ("" if header else pad("#" * round(table.bars[number - bool(heads)] * BAR), BAR)) + "  "
        words = row[last] if len(row) > last else ""
        shown = wrap(words, columns, indent=" " * indent, first=line)
        yield from ((dim(each.rstrip()) if header else each.rstrip()) for each in shown)


def _layout(rows: Sequence[Sequence[str]], columns: int, more: int) -> tuple[list[int], int]:
    """The widths of all columns but the last one, and where that begins. The widest column gives way, so that the last one gets what it wants, up to ROOM."""
    last = max(map(len, rows)) - 1
    widths = [max(width(row[column]) for row in rows if column < len(row)) for column in range(last)]
    wanted = min(ROOM, max((width(row[last]) for row in rows if len(row) > last), default=0))
    fixed = 2 + 2 * last + more
    while widths and max(widths) > 1 and fixed + sum(widths) + wanted > columns:
        widths[widths.index(max(widths))] -= 1
    return widths, fixed + sum(widths)


def as_markdown(title: str, sections: Sequence[Section], level: int = 1) -> str:
    """CommonMark with GitHub's tables."""
    lines = [f"{'#' * level} {markdown(title)}"] if title else []
    for section in sections:
        if section.folded:
            lines += ["", f"<details><summary>{html(section.title)}</summary>"]
        elif section.title:
            lines += ["", f"{'#' * (level + 1)} {markdown(section.title)}"]
        for block in section.blocks:
            lines += ["", *_markdown(block)]
        lines += ["", "</details>"] if section.folded else []
    return "\n".join(lines).lstrip("\n")


def _markdown(block: Block) -> Iterator[str]:
    match block:
        case str():
            yield markdown(block)
        case Points():
            yield from (f"- {markdown(item)}" for item in block.items)
        case Literal():
            fence = "`" * max(3, 1 + max((len(run) for run in _backticks(block.text)), default=0))
            yield from (fence, *printable(block.text, keep="\n").splitlines(), fence)
        case Table():
            count = max(map(len, [block.headers, *block.rows]))
            yield f"| {' | '.join(_cell(head) for head in block.headers or [''] * count)} |"
            yield f"|{'|'.join('--:' if column in block.right else '---' for column in range(count))}|"
            yield from (f"| {' | '.join(map(_cell, row))} |" for row in block.rows)


def _backticks(text: str) -> Iterator[str]:
    run = ""
    for character in f"{text} ":
        if character == "`":
            run += character
        elif run:
            yield run
            run = ""


_SPECIAL = {ord(character): f"\\{character}" for character in "\\`*_{}[]<>|#~$"} | {ord("&"): "&amp;"}

_CODE = r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)"
"""What stands between backticks, as in the plans that most texts come from."""

_CALLS = r"(?<!\w)@[A-Za-z0-9][\w-]*(?:/[\w-]+)*|(?<![\w.])(?:[\w.-]{1,99}(?:/[\w.-]{1,99})?)?[#!]\d+(?:\.\d+)*\b|\bGH-\d+\b"
"""What a forge turns into a mention of somebody or a link to an issue, whatever escapes it: it looks at what is rendered, and leaves code alone."""

_BULLET = r"(\d{1,9}(?=[.)](?:\s|$))|(?=[-+](?:\s|$)))"
"""What would make a list of a paragraph that begins with it."""


def markdown(text: str) -> str:
    """Plain text in one line of Markdown. Titles and reasons are data and must not become markup, links or mentions of people; code stays code."""
    shown, done = "", 0
    line = one_line(text)
    for found in re.finditer(f"{_CODE}|{_CALLS}", line):
        shown += line[done : found.start()].translate(_SPECIAL) + (found[0] if found[1] else f"`{found[0]}`")
        done = found.end()
    return re.sub(rf"\A{_BULLET}", r"\1\\", shown + line[done:].translate(_SPECIAL))


def _cell(text: str) -> str:
    """In a table a stroke parts cells, inside of code too, unless an odd number of backslashes stands before it."""
    return re.sub(r"(\\*)\|", lambda found: found[1] + ("|" if len(found[1]) % 2 else "\\|"), markdown(text))


def code(text: str) -> str:
    """Text that stands between backticks, as many as keep it together."""
    fence = "`" * (1 + max((len(run) for run in _backticks(text)), default=0))
    gap = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{gap}{one_line(text)}{gap}{fence}"


def as_html(sections: Sequence[Section]) -> str:
    """The sections as HTML, to be put into a page."""
    return "\n".join(f"<section><h2>{html(section.title)}</h2>\n{chr(10).join(map(_html, section.blocks))}\n</section>" for section in sections)


def _html(block: Block) -> str:
    match block:
        case str():
            return f"<p>{html(block)}</p>"
        case Points():
            return "<ul>" + "".join(f"<li>{html(item)}</li>" for item in block.items) + "</ul>"
        case Literal():
            return f"<pre>{escape(printable(block.text, keep=chr(10)))}</pre>"
        case Table():
            head = "<thead><tr>" + "".join(f'<th scope="col"{_aligned(block, column)}>{html(cell)}</th>' for column, cell in enumerate(block.headers))
            head += "</tr></thead>"
            body = "".join(f"<tr>{_cells(block, number, row)}</tr>" for number, row in enumerate(block.rows))
            return f'<div class="wide"><table>{head if block.headers else ""}<tbody>{body}</tbody></table></div>'


def _cells(table: Table, number: int, row: Sequence[str]) -> str:
    cells = [f"<td{_aligned(table, column)}>{html(cell)}</td>" for column, cell in enumerate(row)]
    if table.bars:
        cells.insert(-1, f'<td class="bar" aria-hidden="true"><span style="width:{table.bars[number]:.2%}"></span></td>')
    return "".join(cells)


def _aligned(table: Table, column: int) -> str:
    return ' class="number"' if column in table.right else ""


def html(text: str) -> str:
    """Plain text in one line of HTML, also inside a quoted attribute."""
    return escape(one_line(text))
