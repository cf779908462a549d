"""What a command returns: data for programs, words for people, and how it went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from maestro.errors import MaestroError
from maestro.models.notes import Note
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer of a command.

    schema: name and version of the document in `data`, such as `maestro.waves/1`
    data: plain JSON values; keys are only ever added
    text: makes the words for people; called only when nobody asked for JSON, so it may import what it needs
    warnings: beside the data, on stderr for people
    exit_code: 0, or 1 where the command worked and found problems
    whole: the text is a document for others (a page, a drawing) and is never shortened
    """

    schema: str
    data: Mapping[str, object]
    text: Callable[[], str]
    warnings: Sequence[Note] = ()
    exit_code: int = 0
    whole: bool = False


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
    """One thing that is wrong. `code` is a stable slug, `where` the place, `hint` the next step."""

    code: str
    message: str
    hint: str | None
    where: str | None


class ErrorData(MistakeData):
    """What went wrong. `question` says what a person has to decide (exit code 8); `also` holds what else is wrong in the same document."""

    question: NotRequired[dict[str, Any]]
    also: NotRequired[list[MistakeData]]


class ErrorEnvelope(TypedDict):
    """The one object on stdout when a command with `--json` failed."""

    schema: Literal["maestro.error/1"]
    ok: Literal[False]
    error: ErrorData


def envelope(reply: Reply) -> ReplyEnvelope:
    """What a reply looks like with `--json`."""
    warnings: list[WarningData] = [{"code": note.code, "message": note.message, "where": note.where} for note in reply.warnings]
    return {"schema": reply.schema, "ok": reply.exit_code == 0, "data": reply.data, "warnings": warnings}


def error_envelope(error: MaestroError) -> ErrorEnvelope:
    """What an error looks like with `--json`."""
    document: ErrorData = {"code": error.slug, "message": error.message, "hint": error.hint, "where": error.where}
    if error.question is not None:
        document["question"] = error.question
    if error.also:
        document["also"] = [{"code": one.slug, "message": one.message, "hint": one.hint, "where": one.where} for one in error.also]
    return {"schema": "maestro.error/1", "ok": False, "error": document}
