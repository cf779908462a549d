"""Errors that people and agents can act on: a stable slug, a message, a place, the next step, an exit code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar


class MaestroError(Exception):
    """Something expected went wrong.

    slug: stable name, listed in reference/errors.md
    message: what happened, in one or two sentences
    hint: the next command or step
    where: `file:line` or a path, where there is one
    places: every `file:line` that has a part in it, where that is more than one
    question: the question document (see `models.run.Question`) for exit code 8
    also: more of the same found on the way, so that a person corrects them all at once; `together` fills it
    """

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        slug: str,
        message: str,
        *,
        hint: str | None = None,
        where: str | None = None,
        places: Iterable[str] = (),
        question: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.slug = slug
        self.message = message
        self.hint = hint
        self.where = where
        self.places = tuple(places)
        self.question = question
        self.also: tuple[MaestroError, ...] = ()


class Failed(MaestroError):
    """Something ran and did not succeed, or problems were found."""

    exit_code = 1


class Usage(MaestroError):
    """The call itself is wrong."""

    exit_code = 2


class InvalidDocument(MaestroError):
    """A document cannot be understood; nothing was changed."""

    exit_code = 3


def together(problems: Sequence[InvalidDocument]) -> InvalidDocument:
    """The first of these problems, of which there is at least one; it carries the others."""
    first, *others = problems
    first.also = tuple(others)
    return first


class NotFound(MaestroError):
    """A track, task, handle or file does not exist."""

    exit_code = 4


class Conflict(MaestroError):
    """The request contradicts what already happened."""

    exit_code = 5


class Locked(MaestroError):
    """Another process or driver holds what is needed."""

    exit_code = 6


class Unsafe(MaestroError):
    """Going on could harm the user's work; nothing was touched."""

    exit_code = 7


class DecisionNeeded(MaestroError):
    """A person has to decide; `question` says what and how to answer."""

    exit_code = 8
