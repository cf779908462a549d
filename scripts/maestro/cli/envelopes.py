"""What stands around every answer and every error with `--json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict


class WarningData(TypedDict):
    """Something the reader should know and nothing that stopped the command. `where` is `file:line` where a place is known."""

    code: str
    message: str
    where: str | None


class ReplyEnvelope(TypedDict):
    """The one object on stdout with `--json`. `ok` is false where the command found problems; its data is complete all the same."""

    schema: str
    ok: bool
    data: Mapping[str, object]
    warnings: list[WarningData]


class MistakeData(TypedDict):
    """One thing that is wrong. `code` is a stable slug, `where` the place, `hint` the next step; `places` are all of them where several have a part in it."""

    code: str
    message: str
    hint: str | None
    where: str | None
    places: NotRequired[list[str]]


class ErrorData(MistakeData):
    """What went wrong. `question` says what a person has to decide (exit code 8); `also` holds what else is wrong in the same document."""

    question: NotRequired[dict[str, Any]]
    also: NotRequired[list[MistakeData]]


class ErrorEnvelope(TypedDict):
    """The one object on stdout when a command with `--json` failed."""

    schema: Literal["maestro.error/1"]
    ok: Literal[False]
    error: ErrorData
