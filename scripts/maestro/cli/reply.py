"""What a command returns: data for programs, words for people, and how it went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from maestro.errors import MaestroError
from maestro.models.notes import Note
from maestro.records import dataclass

if TYPE_CHECKING:
    from maestro.cli.envelopes import ErrorData, ErrorEnvelope, ReplyEnvelope, WarningData


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


def envelope(reply: Reply) -> ReplyEnvelope:
    """What a reply looks like with `--json`."""
    warnings: list[WarningData] = [{"code": note.code, "message": note.message, "where": note.where} for note in reply.warnings]
    return {"schema": reply.schema, "ok": reply.exit_code == 0, "data": reply.data, "warnings": warnings}


def error_envelope(error: MaestroError) -> ErrorEnvelope:
    """What an error looks like with `--json`."""
    document = _mistake(error)
    if error.question is not None:
        document["question"] = error.question
    if error.also:
        document["also"] = [_mistake(one) for one in error.also]
    return {"schema": "maestro.error/1", "ok": False, "error": document}


def _mistake(error: MaestroError) -> ErrorData:
    """What one error says of itself."""
    told: ErrorData = {"code": error.slug, "message": error.message, "hint": error.hint, "where": error.where}
    if len(error.places) > 1:
        told["places"] = list(error.places)
    return told
