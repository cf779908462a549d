"""The rules by which CommonMark tells raw HTML from text: what begins a block of it, and what ends that block."""

from __future__ import annotations

import re
from functools import cache

from maestro.patterns import pattern

_TAG = pattern(r"</?([A-Za-z][A-Za-z0-9-]*)(?=[ \t>]|/>|$)")
_VERBATIM = frozenset({"script", "pre", "style", "textarea"})
_BLOCKS = frozenset(
    """
    address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption figure footer form
    frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option p param search section
    summary table tbody td tfoot th thead title tr track ul
    """.split()  # noqa: SIM905
)

COMMENT_END = "-->"
BLANK_LINE = ""
_VERBATIM_END = "</>"


def html_end(rest: str, *, interrupts: bool) -> str | None:
    """What ends the block that `rest`, the text of a line, begins; None when it begins no HTML.

    `BLANK_LINE`, `COMMENT_END` or another text to be found by `ends`. `interrupts` is true where a paragraph is open, which not every tag may interrupt.
    """
    for opening, end in (("<!--", COMMENT_END), ("<?", "?>"), ("<![CDATA[", "]]>")):
        if rest.startswith(opening):
            return end
    if rest[1:2] == "!" and rest[2:3].isascii() and rest[2:3].isalpha():
        return ">"
    tag = _TAG.match(rest)
    name = tag[1].lower() if tag else ""
    if name in _VERBATIM and rest[1] != "/" and not rest.startswith("/>", tag.end() if tag else 0):
        return _VERBATIM_END
    if name in _BLOCKS or (not interrupts and name not in _VERBATIM and _whole_tag().match(rest)):
        return BLANK_LINE
    return None


def ends(end: str, rest: str) -> bool:
    """True where `rest`, the text of a line, holds the end of a block."""
    return _verbatim_end().search(rest) is not None if end == _VERBATIM_END else end in rest


@cache
def _verbatim_end() -> re.Pattern[str]:
    return re.compile(r"</(?:script|pre|style|textarea)>", re.I)


@cache
def _whole_tag() -> re.Pattern[str]:
    attribute = r"""[ \t]+[a-z_:][\w.:-]*(?:[ \t]*=[ \t]*(?:[^ \t"'=<>`]+|'[^']*'|"[^"]*"))?"""
    return re.compile(rf"(?:<[a-z][a-z0-9-]*(?:{attribute})*[ \t]*/?>|</[a-z][a-z0-9-]*[ \t]*>)[ \t]*$", re.I)
