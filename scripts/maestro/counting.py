"""How many there are, in words."""

from __future__ import annotations


def plural(number: int, one: str, many: str | None = None) -> str:
    """`1 task`, `3 tasks`; `many` where it is not made with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"
