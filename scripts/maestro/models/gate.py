"""Test runs, as a run's journal tells of them: the gate's on what is to be merged, a worker's own."""

from __future__ import annotations

from maestro.records import dataclass


@dataclass(slots=True)
class GateRun:
    """The tests on one commit: `ok` None while they run; `empty` when the command found nothing to run; `spent`: seconds that earlier tries took."""

    commit: str
    job: str
    ok: bool | None = None
    empty: bool = False
    tail: str = ""
    log: str = ""
    tries: int = 1
    spent: float = 0.0


@dataclass(slots=True)
class UndoTrial:
    """Merged work taken back on trial: the reverts of `tasks` as `commit` on the branch's `tip`, with its tests, before the branch moves."""

    tasks: tuple[str, ...]
    tip: str
    commit: str
    gate: GateRun | None = None


@dataclass(slots=True)
class Check:
    """A worker's own test run: `at` UTC, `ok` green or red. A red before a green is the proof of test-first work."""

    at: str
    ok: bool
