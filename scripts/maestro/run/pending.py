"""Work that goes on while nobody holds the run's lock."""

from __future__ import annotations

from maestro.records import dataclass
from maestro.run.jobs import Job


@dataclass(frozen=True, slots=True)
class Pending:
    """The engine cannot go on before `job` ends. `what` says what it is, for people: `tests of 1.2`."""

    job: Job
    what: str
