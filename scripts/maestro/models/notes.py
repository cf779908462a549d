"""What maestro tells beside its data."""

from __future__ import annotations

from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Note:
    """A warning: something the reader should know and nothing that stops the command.

    `code` is a stable slug, `where` is `file:line` where a place is known.
    """

    code: str
    message: str
    where: str | None = None
