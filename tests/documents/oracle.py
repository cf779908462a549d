"""What an independent reader of Markdown sees, and what our scan sees, in one form."""

from __future__ import annotations

import mistune

from maestro.documents.markdown import Document, LineKind, scan


def items(document: Document) -> list[int]:
    """The lines on which list items begin, one entry per item."""
    seen: dict[int, int] = {}
    for line in document.lines:
        item = line.item
        while item is not None:
            seen[id(item)] = item.line
            item = item.parent
    return sorted(seen.values())


def of_mistune(text: str) -> tuple[list[int], int, int]:
    """Heading levels in order, the number of list items, the number of code blocks."""
    levels: list[int] = []
    counts = {"list_item": 0, "block_code": 0}

    def visit(tokens: list[dict[str, object]]) -> None:
        for token in tokens:
            if token["type"] == "heading":
                levels.append(token["attrs"]["level"])  # type: ignore[index]
            elif token["type"] in counts:
                counts[str(token["type"])] += 1
            visit(token.get("children") or [])  # type: ignore[arg-type]

    visit(mistune.create_markdown(renderer=None)(text))  # type: ignore[arg-type]
    return levels, counts["list_item"], counts["block_code"]


def of_scan(text: str) -> tuple[list[int], int, int]:
    document = scan(text)
    levels = [line.level for line in document.lines if line.kind is LineKind.HEADING]
    blocks = 0
    fenced = previous_code = False
    for line in document.lines:
        if line.fence:
            fenced = not fenced
            blocks += fenced
        elif line.kind is LineKind.CODE and not fenced and not previous_code:
            blocks += 1
        if line.kind is not LineKind.BLANK:
            previous_code = line.kind is LineKind.CODE and not line.fence
    return levels, len(items(document)), blocks
