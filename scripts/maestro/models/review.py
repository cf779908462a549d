"""One task of a run, laid out for whoever reviews it: what was asked, what was done, what is proven, and what was only said."""

from __future__ import annotations

from maestro.models.gate import Check
from maestro.models.run import Edge
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class FileLine:
    """A path of the diff. Lines are None for binary files, and for work that is still in its worktree.

    in_scope: the task's text names it, or names nothing at all
    """

    path: str
    kind: str
    added: int | None
    deleted: int | None
    in_scope: bool


@dataclass(frozen=True, slots=True)
class ScopeLine:
    """A path that the task was expected to touch, and whether the diff does."""

    path: str
    access: str
    touched: bool


@dataclass(frozen=True, slots=True)
class GateLine:
    """A test run by maestro on this attempt's candidate. `ok` None while it runs; `empty`: there was nothing to run; `tries` above 1: it was red before."""

    commit: str
    ok: bool | None
    empty: bool
    tries: int
    tail: str
    log: str


@dataclass(frozen=True, slots=True)
class Claim:
    """What the worker said and what is known of it. `holds` is None where nothing can confirm or refute it."""

    said: str
    fact: str
    holds: bool | None


@dataclass(frozen=True, slots=True)
class AttemptLine:
    """How one attempt went. `kept` is the private ref that holds work which was not merged."""

    number: int
    outcome: str
    failure: str
    reason: str
    seconds: float
    kept: str


@dataclass(frozen=True, slots=True)
class Review:
    """Attempt `attempt` of a task, 0 before there is one; `state` is the task's.

    text: the task as the plan has it now; `brief` is what the worker got, `brief_file` where it lies
    scope: as the task's text gave it when its phase began, without what was learned since
    diff: the command that shows the whole change, empty where there is none
    log: where the output of its tests lies, or of its worker where it was not tested; worker_log: of its worker, where that was a process of ours
    """

    track: str
    run: str
    task: str
    title: str
    phase: str
    state: str
    reason: str
    handle: str
    attempt: int
    sha: str
    text: str
    brief: str
    brief_file: str
    diff: str
    files: tuple[FileLine, ...]
    touches_tests: bool
    scope: tuple[ScopeLine, ...]
    checks: tuple[Check, ...]
    gate: GateLine | None
    method: str
    claims: tuple[Claim, ...]
    summary: str
    needs: tuple[Edge, ...]
    attempts: tuple[AttemptLine, ...]
    worktree: str
    log: str
    worker_log: str = ""
