"""What maestro tells beside its data."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """A warning: something the reader should know and nothing that stops the command.

    `code` is a stable slug, `where` is `file:line` where a place is known.
    """

    code: str
    message: str
    where: str | None = None

    @property
    def line(self) -> int:
        """The line that `where` ends with, 0 where it names none."""
        _, _, line = (self.where or "").rpartition(":")
        return int(line) if line.isdigit() else 0


def listed(names: Sequence[str]) -> str:
    """Several things in one sentence: `1.1`, `1.1 and 1.2`, `1.1, 1.2 and 1.3`. There is at least one."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
