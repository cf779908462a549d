"""The documents that leave the doors of a run with `--json`: their `data`, field by field. `schemas/` is generated from these types."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from maestro.models.action import Complete, Decide, Dispatch, Finished, Implement, Merge, Progress, VerifyPhase, Wait
from maestro.models.regrouping import Regrouping
from maestro.models.run import Question
from maestro.models.untried import Untried
from maestro.views.shapes import AdviceData, LogEntryData, PhaseData, PredictedData

NextData = Implement | Dispatch | Wait | Merge | VerifyPhase | Decide | Complete | Finished
"""The action that `next` and `exec` print, told apart by its field `action`."""


class RunData(TypedDict):
    """What a verb that changed something prints: what comes next."""

    next: NextData


class CompositionData(TypedDict):
    """The waves as they are shown before anything runs; `waves.py --json` has all of it."""

    phases: list[PhaseData]
    critical_path: list[str]
    predicted: PredictedData
    advice: AdviceData


class StartData(TypedDict):
    """`documents`: paths of the plan, and of the spec where there is one, for who reads what the track is about. `next` is null with --dry-run."""

    composition: CompositionData
    documents: dict[str, str]
    next: NextData | None


class TaskStatusData(TypedDict):
    """A task of a run. `since_s` counts seconds from its dispatch while it runs; `failure` is the class of a failed one's newest failure."""

    id: str
    title: str
    state: str
    attempt: int
    sha: str
    since_s: float | None
    reason: str
    phase: str
    failure: str
    handle: str | None


class WorktreeRowData(TypedDict):
    """The newest attempt's worktree of a task."""

    task: str
    path: str
    branch: str


class ClashData(TypedDict):
    """Two running tasks (or one and HEAD) that would conflict."""

    pair: list[str]
    files: list[str]


class SlotsData(TypedDict):
    """How many workers may run at once now, how many do, and why there are fewer than usual (empty when there are not)."""

    limit: int
    busy: int
    why: str


class WorkingData(TypedDict):
    """A task that somebody works on. Seconds since its dispatch, and since the last sign of life; `files`: what it changed so far, the newest first."""

    handle: str
    task: str
    title: str
    stage: str
    since_s: float
    quiet_s: float
    files: list[str]


class RunWaveData(TypedDict):
    """A wave of a phase. `planned`: the phase has not begun, its waves may still change."""

    phase: str
    number: int
    tasks: list[str]
    planned: bool


class TimesData(TypedDict):
    """Seconds: since the start (`over`: to the end), what a task takes (the median of `measured` tasks of this run), and what is left; null where nothing was
    measured yet.
    """

    elapsed_s: float
    over: bool
    task_s: float | None
    measured: int
    left_s: float | None


class UnmergedData(TypedDict):
    """Work of an open task that is not on the branch: the files it changes, and the worktree or private ref that holds it. `alive`: its worker still runs."""

    task: str
    handle: str
    state: str
    files: list[str]
    place: str
    alive: bool


class StatusData(TypedDict):
    """Where a run stands. `condition` is running, waiting, paused, owner-gone, completed or stopped; `quiet_s` seconds since the last event.

    `unusual`: settings that are not as they are without any option, in words. `run.py status` adds `left`, `untried` and `unheard` (why the newest notice
    did not get through), `progress.py` what a watcher sees: `slots` and what follows.
    """

    run: str
    track: str
    mode: str
    condition: str
    branch: str
    checkout: str
    driver: str
    phase: str | None
    started_at: str
    last_event_at: str
    quiet_s: float
    progress: Progress
    tasks: list[TaskStatusData]
    phases: dict[str, str]
    questions: list[Question]
    worktrees: list[WorktreeRowData]
    unmerged: list[str]
    regroupings: list[Regrouping]
    paused: str | None
    unusual: list[str]
    next: str
    left: NotRequired[list[UnmergedData]]
    untried: NotRequired[list[Untried]]
    unheard: NotRequired[str]
    slots: NotRequired[SlotsData]
    workers: NotRequired[list[WorkingData]]
    forecast: NotRequired[list[ClashData]]
    waves: NotRequired[list[RunWaveData]]
    times: NotRequired[TimesData]
    log: NotRequired[list[LogEntryData]]


class LineData(TypedDict):
    """The run in one line; all but `line` are null where there is no run."""

    line: str
    track: str | None
    condition: str | None
    done: int | None
    total: int | None
    failed: int | None
    questions: int | None


class ReceiptData(TypedDict):
    """A worker's report (`handle`) or a discovery (`task`) was recorded."""

    handle: NotRequired[str]
    task: NotRequired[str]
    notices: list[str]


class BriefData(TypedDict):
    """A worker's complete instructions."""

    handle: str
    brief: str


class CheckData(TypedDict):
    """A worker's test run; `ok` is null while it still runs. Of the changed files of a shared checkout that a red one names, `yours` are
    the task's own, `others` those that it does not claim. `suspects` says in single mode what other tasks left in the checkout, empty where nothing lies there.
    """

    handle: str
    ok: bool | None
    tail: str
    log: str
    others: list[str]
    yours: list[str]
    suspects: str


class WorktreeData(TypedDict):
    """A worktree that was made for one task."""

    handle: str
    path: str
    attach: str


class WorktreesData(TypedDict):
    """The worktrees of a run, those of its workers and its integration worktree."""

    track: str
    worktrees: list[WorktreeRowData]


class ForecastData(TypedDict):
    """Which of the `running` tasks would conflict with each other, or with HEAD, as their work is now."""

    track: str
    running: list[str]
    clashes: list[ClashData]


class CleanData(TypedDict):
    """Worktrees that were removed; `left`: those that hold work, and the refs of work that was not merged."""

    removed: list[str]
    left: list[str]
    notices: list[str]


class UndoData(TypedDict):
    """Tasks whose commits were reverted; `commit` is the newest revert, empty while the tests of what is left still run."""

    tasks: list[str]
    commit: str
    notices: list[str]
    next: str


class FindingData(TypedDict):
    """One thing that does not fit; `fixable` when `doctor --fix` can mend it."""

    code: str
    message: str
    hint: str
    fixable: bool


class LackData(TypedDict):
    """Something that the runtime does not offer, and the way round it."""

    code: str
    message: str
    hint: str


class DoctorData(TypedDict):
    """What is (still) wrong, with --fix what was mended and what was not, and what the agent's `runtime` lacks (null: it is not known)."""

    findings: list[FindingData]
    mended: list[str]
    failed: list[str]
    runtime: str | None
    lacks: list[LackData]


class DemoData(TypedDict):
    """What the demo did. `seconds` has `wall` and `sequential`; `saved` and `predicted` are shares, 0 to 1."""

    outcome: str | None
    plan: str
    log: str
    clean: bool
    retried: list[str]
    regrouped: list[dict[str, Any]]
    seconds: dict[str, float]
    saved: float
    predicted: float
    folder: str | None
