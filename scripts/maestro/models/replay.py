"""One task done again by another agent, beside what was merged."""

from __future__ import annotations

from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Lines:
    """What one diff does to a path; None for lines that git does not count (binary files)."""

    kind: str
    added: int | None
    deleted: int | None


@dataclass(frozen=True, slots=True)
class Beside:
    """A path in either diff. `same`: both leave the same content; `in_scope`: the task's text names it."""

    path: str
    replayed: Lines | None
    merged: Lines | None
    same: bool
    in_scope: bool


@dataclass(frozen=True, slots=True)
class Tested:
    """A run of the tests. `ok` None where there was nothing to test or no command to test it with; `tail` is the end of the output."""

    command: str | None
    ok: bool | None
    tail: str
    log: str


@dataclass(frozen=True, slots=True)
class Replay:
    """A replay that has ended. `attempt` is the one whose brief and base it had; `exit_code` the worker's; `seconds` it took, `merged_seconds` the task took.

    ref: the private ref that holds what it did, empty when it changed nothing
    worktree: where its worktree still stands, empty when it is gone
    diff: the command that shows both side by side, or what the replay did where nothing was merged; empty where it did nothing
    merged_tokens, merged_cost: what the task's own workers reported, all attempts together
    """

    track: str
    run: str
    task: str
    title: str
    attempt: int
    base: str
    worker: str
    exit_code: int
    timed_out: bool
    seconds: float
    merged_seconds: float
    summary: str
    tokens: float | None
    cost: float | None
    merged: str
    tests: Tested
    merged_tests: str
    files: tuple[Beside, ...]
    ref: str
    worktree: str
    diff: str
    log: str
    merged_tokens: float | None = None
    merged_cost: float | None = None
