"""What was found out while a run ran, and how its waves changed for it."""

from __future__ import annotations

from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Discovery:
    """A dependency or path found while running. `access` and `path` for a file, `needs` for a task."""

    task: str
    by: str
    path: str | None = None
    access: str | None = None
    needs: str | None = None


@dataclass(frozen=True, slots=True)
class Regrouping:
    """A change of the waves of one phase, as it is shown: before, after, and each reason in a sentence."""

    phase: str
    at: str
    before: tuple[tuple[str, ...], ...]
    after: tuple[tuple[str, ...], ...]
    reasons: tuple[str, ...]
