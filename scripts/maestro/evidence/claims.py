"""What a text claims about the order of tasks, before the claims are checked against the plan."""

from __future__ import annotations

from enum import IntEnum

from maestro.records import dataclass


class Form(IntEnum):
    """How binding the words are, the most binding first."""

    FIELD = 1
    """A field such as `Depends on:`: the author lists what the task needs."""
    SENTENCE = 2
    """A sentence about order: "after 1.1", "blocked by T003", "must be done before Task 3"."""
    OUTPUT = 3
    """A mention of what another task makes: "the API from Task 1.1". A dependency is inferred, it was not stated."""


class Group(IntEnum):
    """References that name no single task."""

    EARLIER = 1
    """ "all previous tasks" """
    BEFORE = 2
    """ "the previous task" """
    PHASE = 3
    """ "everything in Phase 1" """


@dataclass(frozen=True, slots=True)
class Claim:
    """`task` is said to need `needs`: a task id, or a `group` of tasks (with the phase's id in `needs` for `Group.PHASE`)."""

    task: str
    needs: str
    line: int
    words: str
    why: str
    form: Form
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A reference to a task or phase that the plan does not have. In a field, or a sentence that says nothing else, it is an error, in running text a note."""

    task: str
    name: str
    line: int
    words: str
    form: Form


@dataclass(frozen=True, slots=True)
class Heard:
    """All that one task's text says. `declares` is true when it has a dependency field, even one that says "none"."""

    claims: tuple[Claim, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    declares: bool = False
