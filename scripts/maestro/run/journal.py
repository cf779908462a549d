"""The append-only journal of a run: one event a line, on disk before the next effect happens."""

from __future__ import annotations

import json
import os
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
        for event in _events(self.path, self.path.read_bytes(), 1):
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


class Reader:
    """Reads a journal that others write to, each event once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = 0
        self._end = b""
        self._read = self._count = 0

    def look(self) -> tuple[bool, list[Event]]:
        """Whether this is a journal that was not looked at before, and the events that were written since the last look; all of them where it is.

        Nothing is concluded from where a file ends alone: where it is another file, is shorter, or has another event at the place that was read to, it is
        read anew. Raises FileNotFoundError, InvalidDocument `journal-damaged`.
        """
        with open(self.path, "rb") as stream:
            file = os.fstat(stream.fileno()).st_ino
            stream.seek(self._read - len(self._end))
            text = stream.read()
            known = bool(self._end) and file == self._file and text.startswith(self._end)
            if known:
                text = text[len(self._end) :]
            else:
                stream.seek(0)
                text, self._end, self._read, self._count = stream.read(), b"", 0, 0
        events = list(_events(self.path, text, self._count + 1))
        whole = text[: text.rfind(b"\n") + 1]
        if whole:
            self._end = whole[whole.rfind(b"\n", 0, -1) + 1 :]
        self._file, self._read, self._count = file, self._read + len(whole), self._count + len(events)
        return not known, events


def _events(path: Path, text: bytes, first: int) -> Iterator[Event]:
    """The events of whole lines, the first of which stands on the line `first`."""
    lines = text.split(b"\n")
    lines.pop()
    for number, line in enumerate(lines, first):
        try:
            entry = json.loads(line.decode("utf-8", "surrogatepass"))
            event = Event(entry.pop("n"), entry.pop("at"), entry.pop("event"), entry)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise InvalidDocument(
                "journal-damaged",
                "The journal of this run cannot be read.",
                hint="Move the file away to start over; worktrees and branches stay.",
                where=f"{path}:{number}",
            ) from None
        yield event
