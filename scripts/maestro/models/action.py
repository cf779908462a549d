"""What a run asks its driver to do next: the document that `run.py next` prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from maestro.models.run import Question
from maestro.models.untried import Untried
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class TaskProgress:
    """One task as progress shows it. `state` as in `TaskState`, or `held`; `since_s`: seconds since its dispatch, while it runs; `phase`: its phase's id.

    failure: of a failed task, the class of its newest attempt's failure; `unclear-spec` asks something
    """

    id: str
    title: str
    state: str
    attempt: int = 0
    sha: str = ""
    since_s: float | None = None
    reason: str = ""
    phase: str = ""
    failure: str = ""


@dataclass(frozen=True, slots=True)
class WaveProgress:
    """One wave as progress shows it. `done` of its `total` tasks are finished; `percent` is 0 to 100."""

    phase: str
    wave: int
    tasks: tuple[str, ...]
    done: int
    total: int
    percent: int


@dataclass(frozen=True, slots=True)
class Progress:
    """Overall, per wave and per task. Percentages are 0 to 100. `done` of `total` tasks are finished; `skipped` of these were never done.

    asking: of the `failed`, how many only wait for the user's answer to their worker's question
    reported: of the `running`, how many are finished by their workers and wait to be merged
    unbegun: of the `running`, how many are handed out and nobody has begun them; again: tasks beside those that wait for another attempt
    """

    done: int
    total: int
    running: int
    failed: int
    percent: int
    waves: tuple[WaveProgress, ...] = ()
    skipped: int = 0
    asking: int = 0
    reported: int = 0
    unbegun: int = 0
    again: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Common to all actions: `summary` is one line for the user, `notices` are re-groupings and warnings of this call.

    then: the literal next command; empty where there is none
    """

    action: str
    run: str
    track: str
    phase: str | None
    wave: int | None
    driver: str
    summary: str
    then: str
    progress: Progress
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Implement(Action):
    """Work on one task in `cwd`, then run `done`. `brief` is the whole instruction; `check`, `done` and `fail` are literal commands."""

    handle: str
    title: str
    brief: str
    cwd: str
    scope: tuple[str, ...]
    method: str
    check: str
    done: str
    fail: str
    repeat: bool = False
    resume_from: str | None = None


@dataclass(frozen=True, slots=True)
class Agent:
    """How to spawn a worker: the arguments of the runtime's own tool."""

    subagent_type: str
    isolation: str | None
    description: str
    prompt: str


@dataclass(frozen=True, slots=True)
class Worker:
    """One task that is handed out. `attach` is the command that gives its brief, `last_activity_s` the seconds since its worker's last sign of life.

    yourself: the user wants it mended in place, so the driver does it instead of spawning a worker
    again: of a task that was handed out before, what became of that; empty for one that is new, or that its driver was told of already
    """

    handle: str
    title: str
    agent: Agent
    attach: str
    worktree: str
    last_activity_s: float | None = None
    resume_from: str | None = None
    repeat: bool = False
    yourself: bool = False
    again: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch(Action):
    """Spawn these workers, all at once. `repeat` (here for all, or on one worker): it was handed out before and has not attached yet.

    `background`: they may go on by themselves; `then` is run whenever one of them ended. Otherwise when all are back.
    known: where this driver was told before how workers are started, the command that says it again; else empty
    """

    free_slots: int
    workers: tuple[Worker, ...]
    repeat: bool = False
    on_spawn_error: str = ""
    background: bool = False
    known: str = ""


@dataclass(frozen=True, slots=True)
class RunningWorker:
    """One worker at work. Seconds since its dispatch and since its last sign of life; `files`: what it changed so far, the newest first."""

    handle: str
    since_s: float
    last_activity_s: float
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Action):
    """Something runs that nobody here can speed up: workers (`running`) or a job (`job`). `if_lost` frees a worker that is gone.

    `forecast`: which of the workers would conflict with each other or with HEAD as their work is now, as in `merge`.
    """

    running: tuple[RunningWorker, ...]
    how: str
    if_lost: str = ""
    job: str | None = None
    forecast: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Action):
    """Finished work waits to be merged: run `command`. `handles` stand in the order to merge, `forecast` names the pairs that would conflict."""

    handles: tuple[str, ...]
    forecast: tuple[dict[str, Any], ...]
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyPhase(Action):
    """Show the user what the phase did and ask. `test` is {command, ok, tail}.

    without_commit: tasks of the phase that were skipped or needed no change, as {id, title, state, reason}
    derive_steps: the plan has no manual steps; `manual_steps` only names what there is to try, and the agent makes steps of it
    checkpoint: the phase's last task commit, which its heading gets; behind it up to `head`, where the tests ran, lie commits of other origin or none
    """

    base: str
    head: str
    test: dict[str, Any]
    coverage: float | None
    untested_files: tuple[str, ...]
    manual_steps: tuple[str, ...]
    question: Question
    commits: tuple[dict[str, str], ...] = ()
    without_commit: tuple[dict[str, str], ...] = ()
    derive_steps: bool = False
    checkpoint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decide(Action):
    """Put this question to whom `ask` names, with these words and options, then run the option's command."""

    question_id: str
    text: str
    options: tuple[dict[str, str], ...]
    default: str | None
    unattended: str | None
    context: dict[str, Any]
    ask: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Complete(Action):
    """Every task is settled: ask the user what happens to the track, then run `command`. `leftovers`: worktrees and refs that hold unmerged work.

    show_leftovers, remove_leftovers: commands for the user, about what the refs hold; empty where none are left
    """

    commits: tuple[dict[str, str], ...]
    leftovers: tuple[str, ...]
    skills: tuple[str, ...]
    options: tuple[dict[str, str], ...]
    command: str
    show_leftovers: str = ""
    remove_leftovers: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished(Action):
    """`outcome` is completed, stopped or blocked. `report` is the command that tells what the run was worth.

    tasks: {id, sha, state, title, reason}, the reason of those without a commit
    retried: tasks with more than one attempt; failures: the attempts that came to nothing, as {task, attempt, class, reason}
    times: seconds: `wall`, `active` (without waiting for people), `tasks`, `sequential`; and `saved`, the share of the sequential time (see `Times`)
    untried: manual steps of verified phases that nobody has tried, because `--yes` answered
    tests: of a completed run, how they ended last, `green` or `red`; `none` without a test command
    leftovers, show_leftovers, remove_leftovers: as in `Complete`, of a run that is over
    """

    outcome: str
    tasks: tuple[dict[str, str], ...]
    open_questions: tuple[str, ...]
    times: dict[str, float]
    report: str = ""
    branch: str = ""
    retried: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    untried: tuple[Untried, ...] = ()
    leftovers: tuple[str, ...] = ()
    failures: tuple[dict[str, str], ...] = ()
    show_leftovers: str = ""
    remove_leftovers: str = ""
    tests: str = ""


def document(action: Action) -> dict[str, Any]:
    """The action as plain JSON values."""
    return asdict(action)
