"""The lines of a task that count as its text, in reading order: what every detector reads."""

from __future__ import annotations

from operator import attrgetter

from maestro.models.plan import Task, TextLine
from maestro.patterns import pattern

_LETTERS = pattern(r"[a-z\u00df-\u024f]+")


def text_lines(task: Task) -> tuple[TextLine, ...]:
    """Title, body, and the boxes and fields that the body does not already show.

    A reader may keep a sub-task or a field only in its structured form, another one in the body as well; either way each line comes once, as it is written.
    """
    shown: dict[int, str] = {}
    for line in task.body if task.boxes or task.fields else ():
        shown[line.line] = f"{shown[line.line]}\n{line.text}" if line.line in shown else line.text
    boxes = [TextLine(box.marker.line, box.text) for box in task.boxes if (known := shown.get(box.marker.line)) is None or box.text not in known]
    fields = [
        TextLine(field.line, f"{field.name}: {field.value}") for field in task.fields if field.line not in shown and f"[{field.value}]" not in task.source
    ]
    return TextLine(task.line, task.title), *sorted((*task.body, *boxes, *fields), key=_number)


_number = attrgetter("line")


def plain(text: str) -> str:
    """A text without the signs of bold type, which may stand within its words."""
    return text.replace("**", "").replace("__", "")


def words(text: str) -> list[str]:
    """The words of a text in lower case, as far as they have Latin letters."""
    return _LETTERS.findall(text)


def quoted(text: str, limit: int = 140) -> str:
    """A line as evidence shows it: without its bullet and surrounding space, and not longer than a reader wants."""
    text = " ".join(text.split()).lstrip("-*+ ")
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
