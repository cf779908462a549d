"""Text in terminal cells: titles are data and come in any language, so lengths are columns and control characters are shown, never sent."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
"""Invisible, and needed by emoji and by several scripts. Every other invisible character hides text or reorders it, and is shown as what it is."""

_EMOJI_STYLE = "\ufe0f"


def printable(text: str, keep: str = "") -> str:
    """The text with control and reordering characters written as escapes (`\\x1b`, `\\u202e`), except those in `keep`."""
    if text.isprintable():
        return text
    return "".join(_visible(character) if character not in keep else character for character in text)


def one_line(text: str) -> str:
    """The text as one printable line, runs of white space as one blank."""
    return printable(" ".join(text.split()))


def width(text: str) -> int:
    """Columns that a terminal uses for a printable text."""
    if text.isascii():
        return len(text)
    total = previous = 0
    for character in text:
        if character == _EMOJI_STYLE:
            total += 1 if previous == 1 else 0
            previous = 2
            continue
        previous = _columns(character)
        total += previous
    return total


def clip(text: str, columns: int) -> str:
    """The text, cut to at most `columns` with an ellipsis where it is longer."""
    if width(text) <= columns:
        return text
    kept: list[str] = []
    room = columns - 1
    for character in text:
        room -= _columns(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + "…"


def clip_start(text: str, columns: int) -> str:
    """The text, cut at its beginning to at most `columns`: the end of a path says most."""
    if width(text) <= columns:
        return text
    kept: list[str] = []
    room = columns - 1
    for character in reversed(text):
        room -= _columns(character)
        if room < 0:
            break
        kept.append(character)
    return "…" + "".join(reversed(kept)).lstrip()


def pad(text: str, columns: int) -> str:
    """The text clipped or filled with blanks to exactly `columns`."""
    shown = clip(text, columns)
    return shown + " " * (columns - width(shown))


def wrap(text: str, columns: int, *, indent: str = "", first: str | None = None) -> list[str]:
    """The text broken at blanks into lines of at most `columns`; `indent` begins every line, `first` the first one where it differs.

    Words that are longer than a line, and scripts that use no blanks, are broken where the line ends; such scripts begin where the line before them ends.
    """
    lines: list[str] = []
    line = indent if first is None else first
    empty = True
    for word in text.split():
        full = not empty and width(line) + 1 + width(word) > columns
        if full and not (width(word) > columns - width(indent) and _is_wide(word[0]) and width(line) + 3 <= columns):
            lines.append(line)
            line, empty = indent, True
        line += word if empty else " " + word
        empty = False
        while width(line) > columns:
            head, line = _break(line, columns)
            lines.append(head)
            line = indent + line
    if not empty or not lines:
        lines.append(line.rstrip())
    return lines


def _break(line: str, columns: int) -> tuple[str, str]:
    used = 0
    for position, character in enumerate(line):
        used += _columns(character)
        if used > columns and position:
            return line[:position], line[position:]
    return line, ""


def _is_wide(character: str) -> bool:
    return _columns(character) > 1


def _columns(character: str) -> int:
    if character.isascii():
        return 1
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _visible(character: str) -> str:
    if character not in _JOINERS and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"):
        return character.encode("unicode_escape").decode("ascii")
    return character
