"""Lines of a screen whose emphasis is put on last, so that they can be cut, filled and set side by side before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from maestro.records import dataclass
from maestro.views.cells import clip, pad
from maestro.views.ink import bold, cyan, dim, green, red, yellow

Paint = Callable[[str], str]

STATE_INK: dict[str, Paint] = {"merged": green, "skipped": dim, "running": cyan, "reported": cyan, "failed": red, "blocked": red, "held": yellow}
"""Beside a sign and a word, never instead of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of plain text and how it is emphasised."""

    text: str = ""
    paint: Paint | None = None

    def drawn(self, columns: int, *, fill: bool = False) -> str:
        """The line in at most (with `fill`: exactly) so many columns."""
        text = pad(self.text, columns) if fill else clip(self.text, columns)
        return self.paint(text) if self.paint and text.strip() else text


def strong(text: str) -> Row:
    """A line that stands out: the title of what follows."""
    return Row(text, bold)


def faint(text: str) -> Row:
    """A line that says less than the others."""
    return Row(text, dim)


def cut(rows: Sequence[Row], most: int) -> list[Row]:
    """At most so many rows, the last one then saying how many are missing."""
    if len(rows) <= most:
        return list(rows)
    return [*rows[: max(0, most - 1)], faint(f"  ... and {len(rows) - max(0, most - 1)} more")][: max(0, most)]


def beside(left: Sequence[Row], right: Sequence[Row], left_columns: int, right_columns: int) -> list[str]:
    """Two columns with a rule between them."""
    lines = []
    for number in range(max(len(left), len(right))):
        one = left[number] if number < len(left) else Row()
        other = right[number] if number < len(right) else Row()
        lines.append(f"{one.drawn(left_columns, fill=True)} {dim('│')} {other.drawn(right_columns)}".rstrip())
    return lines
