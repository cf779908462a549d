"""Work that goes on while nobody holds the run's lock."""

from __future__ import annotations

from maestro.records import dataclass
from maestro.run.jobs import Job

PATIENCE = 100.0
"""Seconds a call waits before it says so and returns: below the two minutes after which agents' shells stop a command."""


@dataclass(frozen=True, slots=True)
class Pending:
    """The engine cannot go on before `job` ends. `what` says what it is, for people: `tests of 1.2`."""

    job: Job
    what: str


class Occupied(Exception):
    """What was asked needs the integration worktree, and something else is being tested there. Whoever drives waits for that and asks again."""

    def __init__(self, pending: Pending) -> None:
        super().__init__(pending.what)
        self.pending = pending
