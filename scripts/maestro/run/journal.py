"""The append-only journal of a run: one event a line, on disk before the next effect happens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from maestro import clock
from maestro.errors import InvalidDocument
from maestro.files import append_line
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: `number` counts from 1, `at` is UTC, `name` selects the fold's handler, `data` its payload."""

    number: int
    at: str
    name: str
    data: dict[str, Any]


class Journal:
    """Reads and extends one journal file. The caller holds the run's lock while it appends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._count = 0
        self._last = ""

    def exists(self) -> bool:
        return self.path.exists()

    def events(self) -> Iterator[Event]:
        """All events in order. A torn last line, which no caller was told of, is left out.

        Raises InvalidDocument `journal-damaged` for anything else that is not an event: a run is never continued from a guess.
        """
        if not self.path.exists():
            return
        lines = self.path.read_bytes().split(b"\n")
        lines.pop()
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                event = Event(entry["n"], entry["at"], entry["event"], {key: value for key, value in entry.items() if key not in ("n", "at", "event")})
            except (ValueError, KeyError, TypeError, RecursionError):
                raise InvalidDocument(
                    "journal-damaged",
                    "The journal of this run cannot be read.",
                    hint="Move the file away to start over; worktrees and branches stay.",
                    where=f"{self.path}:{number}",
                ) from None
            self._count, self._last = event.number, event.at
            yield event

    def append(self, name: str, data: dict[str, Any]) -> Event:
        """Record an event durably. Call `events` to its end before the first append, so that numbers go on."""
        self._count += 1
        self._last = clock.now_after(self._last)
        event = Event(self._count, self._last, name, data)
        text = json.dumps({"n": event.number, "at": event.at, "event": name, **data}, ensure_ascii=False, separators=(",", ":"))
        # Bytes of file names that are no UTF-8 are half characters in Python, which a line of text can hold only escaped, as JSON does it.
        append_line(self.path, text.encode("utf-8", "backslashreplace").decode("utf-8"))
        return event
