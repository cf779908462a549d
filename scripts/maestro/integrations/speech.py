"""What a tool of the beads family said: every JSON document on both of its streams, whatever stands around them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from maestro.records import dataclass

_DECODER = json.JSONDecoder()
_START = re.compile(r"^[\[{]", re.MULTILINE)
_WRAPPERS = ("data", "issues", "updated", "created", "closed")
_BUSY = re.compile(r"database_locked|\b(?:is|database) (?:locked|busy)\b|sqlite_busy|lock (?:timeout|contention)|acquire \w*\s?lock", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended. `code` is the exit code, negative for a signal, None when the time was over; `truncated`: a document broke off."""

    args: tuple[str, ...]
    code: int | None
    documents: tuple[Any, ...]
    truncated: bool
    out: str
    err: str

    @property
    def timed_out(self) -> bool:
        return self.code is None

    @property
    def error(self) -> str:
        """What went wrong, in the tool's own words; empty where nothing did."""
        for document in self.documents:
            if isinstance(document, dict) and document.get("error"):
                return _words(document["error"])
        if self.timed_out:
            return "it did not answer in time"
        if self.truncated:
            return "its answer breaks off"
        if self.code:
            said = (self.err.strip() or self.out.strip()).splitlines()
            return said[-1][:300] if said else f"exit code {self.code}"
        return ""

    @property
    def busy(self) -> bool:
        """Another process has the database: the only trouble that is tried again by itself."""
        return self.code not in (0, None) and bool(_BUSY.search(self.error) or _BUSY.search(self.err))

    @property
    def records(self) -> list[dict[str, Any]]:
        """The issues that the answer is about, out of whatever envelope the tool's version uses."""
        return [record for document in self.documents for record in _records(document)]


def understand(args: tuple[str, ...], code: int | None, out: str, err: str) -> Answer:
    """Read both streams. Log lines and progress are passed over; a document begins at the start of a line."""
    documents: list[Any] = []
    truncated = False
    for stream in (out, err):
        found, broken = _documents(stream)
        documents += found
        truncated = truncated or broken
    return Answer(args, code, tuple(documents), truncated, out, err)


def _documents(text: str) -> tuple[list[Any], bool]:
    found: list[Any] = []
    position, text = 0, text.lstrip("\ufeff")
    while (start := _START.search(text, position)) is not None:
        try:
            document, position = _DECODER.raw_decode(text, start.start())
        except json.JSONDecodeError as error:
            rest = len(text.rstrip()) - error.pos
            if rest <= 0 or error.msg.startswith("Unterminated") or (error.msg.startswith("Invalid \\") and rest <= len("\\uXXXX")):
                return found, True
            position = text.find("\n", start.start()) + 1 or len(text)
            continue
        except RecursionError:
            return found, True
        if isinstance(document, dict) or all(isinstance(part, dict) for part in document):
            found.append(document)
    return found, False


def _records(document: Any) -> Iterator[dict[str, Any]]:
    if isinstance(document, list):
        for part in document:
            yield from _records(part)
    elif isinstance(document, dict) and not document.get("error"):
        if isinstance(document.get("id"), str):
            yield document
            return
        for key in _WRAPPERS:
            yield from _records(document.get(key))


def _words(error: Any) -> str:
    if not isinstance(error, dict):
        return str(error)
    code, message = error.get("code"), str(error.get("message") or "")
    return f"{message} ({code})" if code and message else message or str(code)
