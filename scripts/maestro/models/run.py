"""One execution of a track, as its journal tells it."""

from __future__ import annotations

import re
from dataclasses import field
from enum import StrEnum
from typing import Any

from maestro.errors import Usage
from maestro.models.gate import Check, GateRun, UndoTrial
from maestro.models.mirror import Mirror
from maestro.models.regrouping import Discovery, Regrouping
from maestro.models.schedule import SLOTS
from maestro.models.settings import Settings
from maestro.records import dataclass

MAX_ATTEMPTS = 3
"""Attempts on one task before the run stops and asks (implement document, failure triage)."""


class TaskState(StrEnum):
    """Where a task stands in its run.

    waiting: not started, or to be tried again
    running: a worker has it
    reported: its worker is done, and it waits to be tested and merged
    merged: on the branch
    failed: given up after its attempts; a person decides
    blocked: something it needs failed or is blocked
    skipped: a person took it out of the run
    """

    WAITING = "waiting"
    RUNNING = "running"
    REPORTED = "reported"
    MERGED = "merged"
    FAILED = "failed"
    BLOCKED = "blocked"
    SKIPPED = "skipped"

    @property
    def under_way(self) -> bool:
        """A worker has the task, or its work waits to be merged."""
        return self in (TaskState.RUNNING, TaskState.REPORTED)

    @property
    def settled(self) -> bool:
        """Nothing more happens to the task in its wave."""
        return not (self is TaskState.WAITING or self.under_way)

    @property
    def finished(self) -> bool:
        """The task needs nobody any more and its dependents may start."""
        return self in (TaskState.MERGED, TaskState.SKIPPED)


class FailureClass(StrEnum):
    """The triage of the implement document, in its words."""

    BUILD = "build"
    TEST = "test"
    DEPENDENCY = "dependency"
    UNCLEAR = "unclear-spec"
    INFRASTRUCTURE = "infrastructure"
    CONFLICT = "conflict"
    NO_CHANGE = "no-change"
    LOST = "lost"
    INTERRUPTED = "interrupted"
    TIMEOUT = "timeout"
    QUOTA = "quota"
    WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Handle:
    """Names one attempt on one task: `auth/1.1/2`. Task ids may contain slashes, track ids and attempts never do."""

    track: str
    task: str
    attempt: int

    def __str__(self) -> str:
        return f"{self.track}/{self.task}/{self.attempt}"

    @property
    def slug(self) -> str:
        """Safe as a file and ref name, and unique: `1.1-2`."""
        return f"{slugify(self.task)}-{self.attempt}"

    @classmethod
    def parse(cls, text: str) -> Handle:
        """Raises Usage `handle-invalid`."""
        track, _, rest = text.partition("/")
        task, _, attempt = rest.rpartition("/")
        if not track or not task or not attempt.isascii() or not attempt.isdigit():
            raise Usage("handle-invalid", f"{text!r} is no handle.", hint="A handle looks like `auth/1.1/2`: track, task, attempt. `run.py status` lists them.")
        return cls(track, task, int(attempt))


def slugify(text: str) -> str:
    """A name of `[A-Za-z0-9._-]` for any text; texts that had to be changed get a hash, so that two never share a name."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")[:40].strip("-.").replace("..", ".")
    if plain == text and not plain.endswith(".lock"):
        return plain
    import hashlib

    return f"{plain.removesuffix('.lock') or 'task'}-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def first_line(text: str) -> str:
    """What is said of a text where there is room for a line only."""
    return text.strip().partition("\n")[0].strip()


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question: `effect` says what happens, `command` is the literal call that gives this answer.

    words: whether words of the person's own go with it: `needed`, `welcome`, or empty where nobody reads them
    """

    id: str
    label: str
    effect: str
    command: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person (or, where `ask` says so, the agent) can decide.

    `default` is what is highlighted to a person; `unattended` is what `--yes` takes, None where nothing is safe: such a question is parked.
    `task` or `phase` says what waits for the answer; with neither, the whole run waits.
    `context` holds `{tasks, files[{path, lines}], branch, worktree, log, …}`.
    """

    id: str
    kind: str
    text: str
    options: tuple[Option, ...]
    default: str | None = None
    unattended: str | None = None
    task: str | None = None
    phase: str | None = None
    context: dict[str, Any] = field(default_factory=dict)
    ask: str = "user"


@dataclass(frozen=True, slots=True)
class Answer:
    """`applied`: all that it means has happened; until then the next call goes on with it. `unattended`: nobody gave it, `--yes` took it."""

    option: str
    text: str = ""
    applied: bool = field(default=False, compare=False)
    unattended: bool = field(default=False, compare=False)


@dataclass(slots=True)
class Attempt:
    """One try at a task, from dispatch to outcome. Times are UTC; what has not happened yet is None or empty.

    base: HEAD at its dispatch
    before: in single mode, a private commit of what the checkout looked like then
    resume_from: the earlier attempt whose work it started with; conflicted: files that this work left with conflict markers
    worker, job: who has it, and the detached job that runs it (headless runs)
    attached_at: its worker fetched the brief; left_at: its agent ended
    report: what its worker said, as in the result file; changed: the paths that differed from the base then, None where the journal does not say
    snapshot, tree: the commit and the tree of what its worker left; left_out: paths of it that are not to be merged
    accepted: changes that had to be asked for were answered
    candidate: the commit built from the snapshot on `candidate_parent`; gate: the tests on it
    text: what the plan said of the task at its dispatch
    outcome: merged, no-change, failed or skipped; failure: its class; reason: in words
    left: in single mode, the paths that it had changed when it ended without a commit; they lie in the checkout still
    cleaned: its worktree is gone; kept: the private ref that holds its work where that was not merged
    """

    number: int
    base: str
    worktree: str
    branch: str
    dispatched_at: str
    resume_from: int | None = None
    conflicted: tuple[str, ...] = ()
    worker: str | None = None
    job: str | None = None
    attached_at: str | None = None
    left_at: str | None = None
    checks: list[Check] = field(default_factory=list)
    reported_at: str | None = None
    report: dict[str, Any] = field(default_factory=dict)
    changed: tuple[str, ...] | None = None
    snapshot: str | None = None
    tree: str | None = None
    left_out: tuple[str, ...] = ()
    accepted: bool = False
    candidate: str | None = None
    candidate_parent: str | None = None
    gate: GateRun | None = None
    before: str | None = None
    text: str = ""
    outcome: str = ""
    failure: str = ""
    reason: str = ""
    left: tuple[str, ...] = ()
    ended_at: str | None = None
    cleaned: bool = False
    kept: str | None = None


@dataclass(slots=True)
class TaskRun:
    """A task in this run.

    attempts: all of them, the newest last
    sha: its commit once merged; empty when it needed no change; undone: the commit that was taken back, until it is done again
    reason: why it is failed, blocked or skipped
    real_paths: what it really changed, as (path, kind)
    counted: attempts that count towards the limit
    note: a person's words for the next attempt
    keep, fresh: a person wants the next attempt to begin with what the last one left, or anew
    fix_text: for a task that mends what a verification or review found, what it found
    found_by: the review's question, where it was one
    held: why it must not start in this wave
    outside: it was settled outside this run
    squashed: somebody put its commit together with others
    digest: of its text without markers, to see edits
    """

    id: str
    title: str
    phase: str
    state: TaskState = TaskState.WAITING
    attempts: list[Attempt] = field(default_factory=list)
    sha: str = ""
    undone: str = ""
    reason: str = ""
    real_paths: tuple[tuple[str, str], ...] = ()
    counted: int = 0
    note: str = ""
    keep: bool = False
    fresh: bool = False
    fix_text: str = ""
    found_by: str = ""
    held: str = ""
    outside: bool = False
    squashed: bool = False
    digest: str = ""
    merged_at: str | None = None

    @property
    def attempt(self) -> Attempt | None:
        """The newest attempt."""
        return self.attempts[-1] if self.attempts else None

    @property
    def why(self) -> str:
        """Why it has no commit, in one line: what holds it or took it (or its commit) out of the run, or what its worker said where it needed no change."""
        if self.sha:
            return ""
        said = (self.held or self.taken_back) if self.state is TaskState.WAITING else ""
        done = str(self.attempt.report.get("summary", "")) if self.attempt and self.state is TaskState.MERGED else ""
        return first_line(said or self.reason or done)

    @property
    def word(self) -> str:
        """The state as reports have it: what was done outside of this run is told apart from what this run merged."""
        return "done-before" if self.outside and self.state is TaskState.MERGED else str(self.state)

    @property
    def taken_back(self) -> str:
        """What is said of merged work that is not on the branch any more; empty where there is none."""
        return f"its commit {self.undone[:7]} was taken back" if self.undone else ""


@dataclass(frozen=True, slots=True)
class Edge:
    """A dependency as the schedule in force uses it."""

    task: str
    needs: str
    kind: str
    why: str


@dataclass(slots=True)
class PhaseRun:
    """A phase in this run.

    base: HEAD when it started, None before
    waves: the schedule in force, ids of tasks; edges, scopes: what it rests on, the scopes as (path, access) by task
    composed: its waves were worked out; before that `waves` is empty
    gate: the tests at its verification; coverage: percent, None where nobody measured it
    rejections: verifications that found an issue; fixes: tasks that mend what these or reviews found
    checkpoint: the last task commit, once the phase is verified
    """

    id: str
    title: str
    base: str | None = None
    waves: list[list[str]] = field(default_factory=list)
    edges: tuple[Edge, ...] = ()
    scopes: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    composed: bool = False
    gate: GateRun | None = None
    coverage: float | None = None
    rejections: int = 0
    fixes: int = 0
    verified: bool = False
    checkpoint: str = ""


@dataclass(frozen=True, slots=True)
class Driver:
    """Who calls the engine. `process` marks a driver that holds a lock as long as it lives, so that its death can be proven.

    orders: what its call was given that the run does not keep (`--worker CMD --yes …`), for the command that goes on with its run or begins anew
    """

    id: str
    process: bool = False
    orders: tuple[str, ...] = ()


@dataclass(slots=True)
class RunState:
    """Everything that a journal tells of its run, and nothing else: `run.state` folds the events into it.

    checkout: path of the user's checkout; base: HEAD at the start; phases, tasks: by id, in the order of the plan
    questions, answers: by the question's id; parked: questions that `--yes` may not answer, so that others go on meanwhile
    integration: path of the integration worktree; setup_inputs: digest of the files that the setup command was last run for
    base_gate: the tests on `base`; green: the newest commit of the branch on which the tests passed
    collected: some test run found tests, so finding none is an alarm from then on
    begun: the track is marked as in progress, and tasks may be handed out; phase: the one in work; paused: why, None while it is not
    outcome: completed, stopped or blocked once the run is over; completing: what happens to the track's folder, once that was chosen
    bookkeeping: the newest bookkeeping commit; bookkeeping_due: markers and documents are behind the journal
    shared: files that everybody touches, with their tasks; slots, slots_why: tasks that may run at once, and what lowered that
    trial: merged work that is taken back on trial; undoing: the tasks and the commit of a revert that is being landed
    mirror: what the issue tracker was told; reservations: ids of the tasks' files at the Agent Mail server; refusals: when and why it gave none
    handed_over_at: UTC, when another driver took the run over; resumed_at: when somebody last went on with it; both empty where nobody did
    last_event_at: UTC; events: how many there were
    """

    run: str
    track: str
    settings: Settings
    driver: Driver
    checkout: str
    base: str
    started_at: str
    phases: dict[str, PhaseRun] = field(default_factory=dict)
    tasks: dict[str, TaskRun] = field(default_factory=dict)
    questions: dict[str, Question] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    parked: set[str] = field(default_factory=set)
    discoveries: list[Discovery] = field(default_factory=list)
    regroupings: list[Regrouping] = field(default_factory=list)
    integration: str | None = None
    setup_inputs: str | None = None
    base_gate: GateRun | None = None
    green: str | None = None
    collected: bool = False
    begun: bool = False
    phase: str | None = None
    paused: str | None = None
    outcome: str | None = None
    bookkeeping: str | None = None
    bookkeeping_due: bool = False
    shared: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    slots: int = SLOTS
    slots_why: str = ""
    completing: str | None = None
    trial: UndoTrial | None = None
    undoing: tuple[tuple[str, ...], str] | None = None
    mirror: Mirror = field(default_factory=Mirror)
    compare_due: bool = False
    reservations: dict[str, tuple[int, ...]] = field(default_factory=dict)
    reserved_at: dict[str, str] = field(default_factory=dict)
    refusals: dict[str, tuple[str, str]] = field(default_factory=dict)
    renewal_failed_at: str = ""
    handed_over_at: str = ""
    resumed_at: str = ""
    last_event_at: str = ""
    events: int = 0

    @property
    def over(self) -> bool:
        """The run has an outcome; nothing happens in it any more."""
        return self.outcome is not None

    @property
    def open_questions(self) -> list[Question]:
        """Questions without an answer, oldest first. Nothing is asked of a run that is over."""
        return [] if self.over else [question for question in self.questions.values() if question.id not in self.answers]

    def running(self) -> list[TaskRun]:
        """The tasks that workers have now, in the order of the plan."""
        return [task for task in self.tasks.values() if task.state is TaskState.RUNNING]
