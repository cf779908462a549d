"""The notepad: what people want every worker to keep in mind."""

from __future__ import annotations

from maestro.documents.markdown import LineKind, scan
from maestro.documents.words import clean


def priority_context(text: str) -> tuple[str, ...]:
    """The bullets of `## Priority Context`, one string each, wrapped lines joined and sub-bullets indented. Empty when there is no such section."""
    document = scan(text)
    level = 0
    bullets: list[str] = []
    for line in document.lines:
        if line.kind is LineKind.HEADING and line.item is None:
            if clean(document.content(line)).casefold().rstrip(":") == "priority context":
                level = line.level
            elif level and line.level <= level:
                level = 0
        elif level and line.item is not None and line.kind in (LineKind.TEXT, LineKind.CODE):
            words = document.text[line.content : line.end].strip()
            if line.opens and line.item.depth == 0:
                bullets.append(words)
            elif bullets:
                bullets[-1] += f"\n- {words}" if line.opens else f" {words}"
    return tuple(bullet for bullet in bullets if bullet)
