"""Lets another agent do a task again: the same brief, the same base, a scratch worktree of its own. Nothing of it reaches a branch or the run's journal."""

from __future__ import annotations

import contextlib
import re
import secrets
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

from maestro import clock
from maestro.errors import Conflict, MaestroError, NotFound
from maestro.files import is_locked, lock, read_text
from maestro.git.checkout import Checkout, commit_of, exclude_locally
from maestro.git.diffs import line_counts, steps
from maestro.git.included import copy_included
from maestro.git.removal import remove_worktree
from maestro.git.runner import Git
from maestro.git.snapshot import Snapshot, keep, take_snapshot
from maestro.git.worktrees import create_worktree
from maestro.models.replay import Beside, Lines, Replay, Tested
from maestro.models.run import Attempt, Handle, TaskRun
from maestro.records import dataclass
from maestro.run.accounting import account
from maestro.run.briefs import result_file
from maestro.run.collecting import OUTPUT
from maestro.run.dispatching import EXCLUDED
from maestro.run.hindsight import first_words
from maestro.run.home import Home
from maestro.run.jobs import Exit, Job, Step, environment, shell
from maestro.run.presets import require_program, worker_command
from maestro.run.reporting import Chosen, choose_run, task_named, tested, usage_of
from maestro.run.reports import Report, read_report
from maestro.run.reviewing import brief_file
from maestro.run.scheduling import covers
from maestro.run.spending import spent_in

PREFIX = "replay-"
"""What the names of worktrees begin with in which a task is done again."""

ALIVE = "alive"
"""The file that a replay holds locked as long as it lives."""

_STATUS = {"A": "added", "M": "modified", "D": "deleted", "T": "type"}

_CHECK = re.compile(r"`[^`\n]*\bworktree(?:\.py)? check [^`\n]*`(?: runs the project's tests here and records red or green)?")
_DONE = re.compile(r"^Then (?:run `[^`\n]*\brun(?:\.py)? done .*|exit 0; anything else .*)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller of a replay wants. `test` None: the run's own command; `keep`: make the worktree there and leave it; `timeout` in seconds."""

    worker: str
    test: str | None = None
    no_test: bool = False
    timeout: float | None = None
    keep: Path | None = None
    tell: Callable[[str], None] = lambda line: None


@dataclass(frozen=True, slots=True)
class _Stage:
    """Where a replay happens. `name` is unique; its files and its log lie in `folder`, its worktree at `path`."""

    home: Home
    handle: Handle
    attempt: Attempt
    name: str
    path: Path

    @property
    def folder(self) -> Path:
        return self.home.folder / "replays" / self.name

    @property
    def git(self) -> Git:
        return self.home.checkout.git


def replay(start: Path, task_id: str, track: str | None, run: str | None, wish: Wish) -> Replay:
    """Do the task again and compare. The worktree goes when all that is in it is kept under a private ref, and stays with `keep` or when it cannot go.

    Raises NotFound `task-unknown`, `brief-missing`, Conflict `not-replayable`, `folder-not-empty`, and what `choose_run`, `require_program` and
    `create_worktree` raise.
    """
    chosen = choose_run(start, track, run)
    task, number = task_named(chosen, task_id)
    attempt = _attempt(chosen, task, number)
    handle = Handle(chosen.state.track, task.id, attempt.number)
    require_program(worker_command(wish.worker))
    source = brief_file(chosen.home, chosen.state.run, handle)
    if source is None:
        hint = "Nobody fetched it, or its session worked in single mode."
        raise NotFound("brief-missing", f"The brief of {handle} was not kept, so it cannot be given again.", hint=hint)
    if wish.keep is not None and wish.keep.exists() and (not wish.keep.is_dir() or any(wish.keep.iterdir())):
        raise Conflict("folder-not-empty", f"{wish.keep} is not empty.", hint="Name a new folder.", where=str(wish.keep))
    name = f"{handle.slug}-{secrets.token_hex(3)}"
    stage = _Stage(chosen.home, handle, attempt, name, (wish.keep or chosen.home.layout.worktrees / f"{PREFIX}{name}").absolute())
    with lock(stage.folder / ALIVE, purpose="replaying"):
        exclude_locally(chosen.home.checkout, EXCLUDED)
        create_worktree(chosen.home.checkout, stage.path, attempt.base, None)
        copy_included(chosen.home.checkout, stage.path)
        with _put_away(stage, chosen, wish) as kept:
            begun = clock.monotonic()
            ended = _work(stage, chosen, wish, read_text(source))
            seconds = clock.monotonic() - begun
            report = read_report(stage.path / result_file(handle), handle, chosen.state.run)
            work = kept.take()
            tests = _test(stage, chosen, wish, work)
    return _compared(chosen, task, stage, wish, kept, work, (ended, seconds, report, tests))


def goes_on(checkout: Checkout, worktree: Path) -> bool:
    """Whether a replay works in this worktree: its caller lives, or the worker that a killed one left behind."""
    folders = (checkout.common_dir / "maestro").glob(f"*/replays/{worktree.name.removeprefix(PREFIX)}")
    return any(is_locked(folder / ALIVE) or any(Job(folder / job).works_in(worktree) for job in ("worker", "test")) for folder in folders)


def _attempt(chosen: Chosen, task: TaskRun, number: int | None) -> Attempt:
    """The newest attempt (or the one with this number) that is over and began fresh: one that mended another's work had more than its base to begin with."""
    named = [attempt for attempt in task.attempts if number in (None, attempt.number)]
    for attempt in reversed(named):
        if attempt.outcome and attempt.resume_from is None and commit_of(chosen.home.checkout.git, attempt.base) is not None:
            return attempt
    begun = [attempt.base for attempt in named if attempt.outcome and attempt.resume_from is None]
    none = "has no attempt that is over and began anew, so there is nothing to do again"
    why = f"began at {begun[-1][:12]}, which is not in this repository any more" if begun else none
    raise Conflict("not-replayable", f"{task.id} {why}.", hint="`run.py status` shows how far it is.")


def _work(stage: _Stage, chosen: Chosen, wish: Wish, brief: str) -> Exit:
    """Run the worker to its end, as `exec` would: brief on stdin, the same variables."""
    state = chosen.state
    prompt = stage.folder / "brief.md"
    stage.folder.mkdir(parents=True, exist_ok=True)
    prompt.write_text(fitted(brief, chosen.home.checkout.root / stage.attempt.worktree, stage.path, _command(chosen, wish)), encoding="utf-8")
    variables = {
        "MAESTRO_CHECKOUT": str(stage.home.checkout.root),
        "MAESTRO_TASK": stage.handle.task,
        "MAESTRO_HANDLE": str(stage.handle),
        "MAESTRO_TRACK": state.track,
        "MAESTRO_ATTEMPT": str(stage.handle.attempt),
        "MAESTRO_PROMPT_FILE": str(prompt),
        "MAESTRO_RESULT_FILE": str(stage.path / result_file(stage.handle)),
    }
    setup = [Step("setup", shell(state.settings.setup))] if state.settings.setup else []
    worker = worker_command(wish.worker, _command(chosen, wish))
    wish.tell(f"{stage.handle.task} is done again in {stage.path} by: {worker}")
    return _run(Job(stage.folder / "worker"), [*setup, Step("worker", shell(worker), prompt)], stage.path, variables, wish.timeout)


def _run(job: Job, steps: list[Step], folder: Path, variables: dict[str, str], timeout: float | None) -> Exit:
    job.start(steps, folder, environment(**variables), timeout=timeout)
    try:
        ended = job.wait(None)
    except BaseException:
        job.stop()
        raise
    assert ended is not None
    return ended


def _command(chosen: Chosen, wish: Wish) -> str | None:
    return None if wish.no_test else wish.test or chosen.state.settings.test


def _test(stage: _Stage, chosen: Chosen, wish: Wish, work: Snapshot | None) -> Tested:
    """The tests on what the replay left, in its worktree."""
    command, job = _command(chosen, wish), Job(stage.folder / "test")
    if command is None or work is None:
        return Tested(command, None, "", "")
    wish.tell(f"Testing it: {command}")
    ended = _run(job, [Step("test", shell(command))], stage.path, {}, wish.timeout)
    return Tested(command, ended.code == 0, job.tail(2000), str(job.log))


def fitted(brief: str, old: Path, new: Path, test: str | None) -> str:
    """The brief for another folder. Its last paragraph names commands of the run that was, which this worker has no part in: it runs the tests itself."""
    head, gap, ending = brief.replace(str(old), str(new)).rstrip("\n").rpartition("\n\n")
    ending = _CHECK.sub(lambda _: f"`{test}` runs the project's tests" if test else "there is none", ending)
    return f"{head}{gap}{_DONE.sub('Then exit 0.', ending)}\n"


class _Kept:
    """What was put under private refs: the work, and the worktree once more where the tests left something in it."""

    def __init__(self, stage: _Stage, run: str) -> None:
        self.stage = stage
        self.ref = f"refs/maestro/{stage.handle.track}/{run}/replay-{stage.name}"
        self.work: Snapshot | None = None
        self.tree: str | None = None
        self.stays = ""

    def take(self) -> Snapshot | None:
        """Keep what is in the worktree now; None when that is nothing."""
        taken = take_snapshot(self.stage.path, self.stage.attempt.base, f"replay of {self.stage.handle}\n")
        self.tree = taken.tree
        if not steps(self.stage.git, self.stage.attempt.base, taken.commit):
            return None
        first = self.work is None
        if first or (self.work and self.work.tree != taken.tree):
            keep(self.stage.git, self.ref if first else f"{self.ref}-tested", taken.commit)
        self.work = self.work or taken
        return self.work


@contextlib.contextmanager
def _put_away(stage: _Stage, chosen: Chosen, wish: Wish) -> Iterator[_Kept]:
    """Afterwards keep all that is in the worktree, also when the replay was interrupted, and remove it unless the caller wants to have it."""
    kept, ended = _Kept(stage, chosen.state.run), False
    try:
        yield kept
        ended = True
    finally:
        try:
            kept.take()
            if wish.keep is None:
                remove_worktree(stage.home.checkout, stage.path, kept_tree=kept.tree, base=stage.attempt.base)
        except MaestroError as error:
            wish.tell(f"The worktree {stage.path} stays: {error.message}")
        kept.stays = str(stage.path) if stage.path.exists() else ""
        if kept.work and not ended:
            wish.tell(f"What it has done so far is kept as {kept.ref}")


def _compared(chosen: Chosen, task: TaskRun, stage: _Stage, wish: Wish, kept: _Kept, work: Snapshot | None, went: tuple[Exit, float, Report, Tested]) -> Replay:
    ended, seconds, report, tests = went
    job = Job(stage.folder / "worker")
    told = report.usage or spent_in(job.tail(OUTPUT))
    usage, before = usage_of([Attempt(0, "", "", "", "", report={"usage": told})]), usage_of(task.attempts)
    spent = account(chosen.events).work
    merged = task.sha if task.sha and commit_of(stage.git, f"{task.sha}^") else ""
    said = first_words(chosen.events).get(task.phase, {"scopes": {}})["scopes"].get(task.id, ())
    files = tuple(beside(stage.git, stage.attempt.base, work.commit if work else None, merged, [path for path, _ in said]))
    paths = [file.path for file in files]
    words = ["-C", str(stage.home.checkout.root), "diff", (merged or stage.attempt.base)[:12], work.commit[:12], "--", *paths] if work else []
    return Replay(
        track=chosen.state.track,
        run=chosen.state.run,
        task=task.id,
        title=task.title,
        attempt=stage.attempt.number,
        base=stage.attempt.base,
        worker=worker_command(wish.worker, _command(chosen, wish)),
        exit_code=ended.code,
        timed_out=ended.timed_out,
        seconds=round(seconds, 3),
        merged_seconds=round(sum(spent.get((task.id, attempt.number), 0.0) for attempt in task.attempts), 3),
        summary=report.summary,
        tokens=usage.tokens,
        cost=usage.cost,
        merged=merged,
        tests=tests,
        merged_tests=tested(chosen.state, task),
        files=files,
        ref=kept.ref if work else "",
        worktree=kept.stays,
        diff=f"git {shlex.join(words)}" if words else "",
        log=str(job.log),
        merged_tokens=before.tokens,
        merged_cost=before.cost,
    )


def beside(git: Git, base: str, replayed: str | None, merged: str, scope: list[str]) -> Iterator[Beside]:
    """Every path of either diff. The merged one is the commit against its parent, which may be further than the replay's base."""
    ours, ours_left = _lines(git, base, replayed) if replayed else ({}, {})
    theirs, theirs_left = _lines(git, f"{merged}^", merged) if merged else ({}, {})
    for path in sorted(ours.keys() | theirs.keys()):
        same = path in ours and path in theirs and ours_left[path] == theirs_left[path]
        yield Beside(path, ours.get(path), theirs.get(path), same, not scope or any(covers(entry, path) for entry in scope))


def _lines(git: Git, old: str, new: str) -> tuple[dict[str, Lines], dict[str, str]]:
    """What a diff does to each path, and the content that it leaves there."""
    counts = line_counts(git, old, new)
    entries = [entry for entry in steps(git, old, new) if not entry.path.startswith(".maestro/")]
    lines = {entry.path: Lines(_STATUS.get(entry.status[0], "modified"), *(counts.get(entry.path) or (None, None))) for entry in entries}
    return lines, {entry.path: entry.new_id for entry in entries}
