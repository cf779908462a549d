"""What a run was worth and what held it up: computed afterwards, or while it still runs, from its journal alone."""

from __future__ import annotations

from enum import StrEnum

from maestro.models.regrouping import Regrouping
from maestro.models.run import Edge
from maestro.models.untried import Untried
from maestro.records import dataclass


class Cause(StrEnum):
    """What a moment of a run went into. Each moment counts once, under the first of these that is true of it.

    away: nobody drove the run: it was paused, stopped, or its driver was gone
    questions: nothing was worked on and a person's answer was missing, also the last one, what becomes of the track's folder
    retries: all that was worked on or merged were attempts that failed in the end
    slots: every slot was taken while a task that needs nothing more waited for one
    barrier: a slot was free, and a task that needs nothing more waited for its wave to begin
    merges: finished work was tested and merged while nothing else could go on, or while a task waited for just that
    dependencies: a slot was free, and every task that was left waited for one that was still worked on
    work: the last tasks were at work, and nothing waited
    other: none of these: worktrees, briefs, bookkeeping, a session between its calls, waiting for the machine or the model's service
    """

    AWAY = "away"
    QUESTIONS = "questions"
    RETRIES = "retries"
    SLOTS = "slots"
    BARRIER = "barrier"
    MERGES = "merges"
    DEPENDENCIES = "dependencies"
    WORK = "work"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a run's wall time that one cause took. The seconds of all shares add up to the wall time, the shares to 1 (or to 0 of no time at all)."""

    cause: Cause
    seconds: float
    share: float


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds, but for `saved`.

    wall: from the first event to the last one, to now while the run goes on
    active: `wall` without the time in which nobody drove the run or a person's answer was missing
    tasks: the sum over all attempts from dispatch to report, those that failed included
    sequential: what the same work takes one task after the other: `tasks` without `vain`, and the active time in which no worker ran. Merging that went on
        while others worked is not in it, so the gain is never overstated by it
    vain: the part of `tasks` that went into attempts that conflicted, were lost or interrupted: side by side or not, nothing was saved by it
    saved: 1 - active / sequential, 0 to 1
    predicted: what the waves promised that the phases began with, as a share like `saved`: all tasks equally long, tests and merges free. None where nothing
        was to run beside anything, in single mode
    critical: the longest chain of tasks that need each other, with the lengths that they really had; phases follow each other
    """

    wall: float
    active: float
    tasks: float
    sequential: float
    saved: float
    critical: float
    predicted: float | None = None
    vain: float = 0.0


@dataclass(frozen=True, slots=True)
class Spent:
    """What workers reported of tokens and cost, summed over `attempts` attempts that said anything. `cost` has the unit that they use, usually US dollars."""

    tokens: float | None = None
    cost: float | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that came to nothing. `seconds` it was worked on; `failure` is the triage's class."""

    task: str
    attempt: int
    failure: str
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TaskReport:
    """A task of the run. `seconds` of work on it, all attempts together; `tested`: green, untested, or empty where nothing was merged.

    proof: `red-green` (its worker saw the tests fail, then pass), `green`, `red`, or empty when no test run of the worker is on record
    files: what it changed; `outside` are those of them that its text did not name, where it named any
    """

    id: str
    title: str
    phase: str
    state: str
    sha: str
    attempts: int
    seconds: float
    tested: str
    proof: str
    files: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    reason: str = ""
    tokens: float | None = None
    cost: float | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """Two tasks of a phase that changed the same paths though nothing ordered them when the phase began.

    found: the run noticed it in time; conflict: it did not, and one of them had to be done again
    """

    first: str
    second: str
    paths: tuple[str, ...]
    found: bool
    conflict: bool = False


@dataclass(frozen=True, slots=True)
class Apart:
    """An edge that was concluded, between tasks whose diffs have no path in common. It may be right all the same: one uses what the other made."""

    task: str
    needs: str
    kind: str
    why: str


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What detection said when each phase began, held against the diffs that came of it. `edges` of them could be checked, `met` were seen in the diffs.

    stated: how many of the rest are the author's own word, which no diff refutes; all others are in `apart`
    """

    edges: int = 0
    met: int = 0
    missed: tuple[Missed, ...] = ()
    apart: tuple[Apart, ...] = ()
    stated: int = 0


@dataclass(frozen=True, slots=True)
class Gates:
    """The tests that maestro ran on candidates, phases and the base: how often, how often red, and for how many seconds together."""

    command: str | None
    runs: int
    red: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the run. `option` is empty while it is open; `words` are what was said with the answer; `unattended`: `--yes` took it, nobody looked."""

    id: str
    text: str
    option: str
    label: str
    words: str = ""
    unattended: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A whole run, told afterwards. `condition` is as in `run.py status`; `merged` of `total` tasks are on the branch; `edges` are those in force at the end;
    `other_runs` are those of the same track, newest first; `description` is the track's, empty where the registry does not know it any more.
    """

    run: str
    track: str
    condition: str
    mode: str
    branch: str
    base: str
    started_at: str
    ended_at: str
    merged: int
    total: int
    times: Times
    bound: tuple[Share, ...]
    critical_path: tuple[str, ...]
    tasks: tuple[TaskReport, ...]
    failures: tuple[Failure, ...]
    gates: Gates
    usage: Spent
    regroupings: tuple[Regrouping, ...]
    hindsight: Hindsight
    edges: tuple[Edge, ...]
    questions: tuple[Asked, ...]
    phases: dict[str, str]
    other_runs: tuple[str, ...] = ()
    description: str = ""
    untried: tuple[Untried, ...] = ()
