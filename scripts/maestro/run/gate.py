"""The gate: the configured tests on one commit, in a detached job, run once more before a red counts.

Candidates, phases and work that is taken back are tested in one worktree, which can hold one commit at a time: `integration` brings it to another one only
when nothing is being tested in it.
"""

from __future__ import annotations

import re
from pathlib import Path

from maestro.git.included import copy_included
from maestro.git.integration import commit_candidate, integration_at
from maestro.models.gate import GateRun
from maestro.models.run import Attempt, TaskRun
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run.context import Context
from maestro.run.home import point_to_checkout
from maestro.run.jobs import Exit, Job, Step, environment, shell
from maestro.run.pending import Occupied, Pending

MANIFESTS = (
    "package.json",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
    "pyproject.toml",
    "poetry.lock",
    "uv.lock",
    "requirements.txt",
    "requirements-dev.txt",
    "setup.py",
    "setup.cfg",
    "Cargo.lock",
    "Cargo.toml",
    "go.mod",
    "go.sum",
    "Gemfile.lock",
    "composer.lock",
)
"""Files whose change makes the set-up command run again."""

LOST_TRIES = 4
"""Starts of a gate whose process vanishes each time, before that counts as red."""

_NOTHING_RUN = re.compile(
    r"no tests ran|collected 0 items|^Ran 0 tests|NO TESTS RAN|No tests? (?:files )?found|\[no test files\]"
    r"|^# tests 0$|^ℹ tests 0$|\b0 passing\b|^running 0 tests$",
    re.MULTILINE,
)
"""pytest, unittest, jest and vitest, go; node, mocha, cargo."""

_SOMETHING_RUN = re.compile(
    r"\b[1-9]\d* (?:passed|failed|passing|failing|errors?)\b|^Ran [1-9]\d* tests?|^(?:#|ℹ) tests [1-9]"
    r"|^running [1-9]\d* tests?$|^(?:ok|FAIL|---)\s+\S|^Tests:\s.*[1-9]\d* total",
    re.MULTILINE,
)
"""Where several commands run one after the other, one that ran tests counts."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a gate run is about: the base of the run, a phase, an attempt, or work taken back. The fields are those of its journal events."""

    subject: str
    phase: str | None = None
    task: str | None = None
    attempt: int | None = None

    @property
    def fields(self) -> dict[str, object]:
        """As the events of the run's gates have them."""
        pairs = {"subject": self.subject, "phase": self.phase, "task": self.task, "attempt": self.attempt}
        return {key: value for key, value in pairs.items() if value is not None}

    @property
    def words(self) -> str:
        """What is tested, as people read it."""
        known = {"base": "tests of the base", "phase": f"tests of phase {self.phase}", "undo": "tests of what is left"}
        return known.get(self.subject, f"tests of {self.task}")


BASE = Subject("base")
UNDO = Subject("undo")
"""What is left when merged work is taken back; tested in the integration worktree in every mode, since the checkout must not be red for a moment."""


def of_phase(phase: str) -> Subject:
    return Subject("phase", phase=phase)


def of_attempt(task: TaskRun, attempt: Attempt) -> Subject:
    return Subject("attempt", task=task.id, attempt=attempt.number)


class SetupFailed(Exception):
    """The set-up command failed: the environment, not the work, is at fault. The text is the end of its output."""


def run_gate(context: Context, subject: Subject, commit: str, known: GateRun | None) -> GateRun | Pending:
    """The gate's verdict on `commit`, or what to wait for. Starts the tests when `known` is no run on this commit.

    Without a test command every commit passes, `empty` tells that nothing was tested. Raises SetupFailed.
    """
    if context.state.settings.test is None:
        return GateRun(commit, "", ok=True, empty=True)
    if known is None or known.commit != commit:
        known = _start(context, subject, commit, tries=1)
    if known.ok is not None:
        return known
    job = Job(context.home.jobs(context.state.run) / known.job)
    ended = job.result()
    if ended is None:
        return Pending(job, subject.words)
    tail = job.tail()
    if ended.step == "setup" and ended.code:
        context.record("gate-finished", **subject.fields, ok=False, tail=tail, log=str(job.log), seconds=ended.seconds)
        raise SetupFailed(tail)
    _note_setup(context, subject, commit)
    spent = round(known.spent + ended.seconds, 3)
    empty = found_nothing(ended, tail)
    # Taking tests back may well leave none.
    ok = (ended.code == 0 or empty) and not (empty and context.state.collected and subject != UNDO)
    if not ok and known.tries < (LOST_TRIES if ended.lost else 2):
        known = _start(context, subject, commit, tries=known.tries + 1, spent=spent)
        return Pending(Job(context.home.jobs(context.state.run) / known.job), f"{subject.words}, once more")
    context.record("gate-finished", **subject.fields, ok=ok, empty=empty, tail=tail, log=str(job.log), seconds=spent)
    return GateRun(commit, known.job, ok=ok, empty=empty, tail=tail, log=str(job.log), tries=known.tries)


def found_nothing(ended: Exit, output: str) -> bool:
    """True when the test command found no test to run, which is neither green nor red."""
    if ended.lost or ended.timed_out:
        return False
    return ended.code in (0, 1, 5) and bool(_NOTHING_RUN.search(output)) and not _SOMETHING_RUN.search(output)


def gate_folder(context: Context) -> Path:
    """Where the tests run: the integration worktree, or in single mode the checkout itself."""
    if context.state.settings.mode is Mode.SINGLE:
        return context.root
    return integration_folder(context)


def integration_folder(context: Context) -> Path:
    """The one worktree of a run in which candidates are built and tested."""
    return context.home.worktrees(context.state.run) / "integration"


def build_candidate(context: Context, parent: str, tree: str, message: str) -> str:
    """Commit a tree on top of `parent` in the integration worktree, which is left at that commit. Raises as `commit_candidate`."""
    sha = commit_candidate(integration(context, parent, exact=False), parent, tree, message)
    context.built = sha
    return sha


def integration(context: Context, commit: str, *, exact: bool = True) -> Path:
    """The run-owned integration worktree, made where there is none, brought to `commit`; not `exact` for callers whose next step does that itself.

    Raises Occupied while something is tested there whose verdict is still wanted; what nobody wants any more is ended.
    """
    path = integration_folder(context)
    _make_room(context, path)
    fresh = context.state.integration is None or not path.exists()
    there, context.built = context.built == commit, None
    if fresh or (exact and not there):
        worktree = integration_at(context.home.checkout, path, commit)
    if fresh:
        copy_included(context.home.checkout, path)
        point_to_checkout(worktree, context.home.checkout, None)
    if context.state.integration is None:
        context.record("integration-made", path=path.relative_to(context.root).as_posix())
    return path


def _make_room(context: Context, path: Path) -> None:
    for job in map(Job, sorted(context.home.jobs(context.state.run).glob("*"))):
        if job.works_in(path):
            what = _wanted(context, job)
            if what is not None:
                raise Occupied(Pending(job, what))
            job.stop()


def _wanted(context: Context, job: Job) -> str | None:
    """What a job in the integration worktree is about, None when its verdict would be about something that is no more.

    That holds for the tests of every task: whoever brings the worktree to another commit merges that task anew, or another one because it was given up.
    """
    state = context.state
    trial = state.trial if state.trial and state.trial.tip == context.standing[1] else None
    known = [(BASE, state.base_gate), *((of_phase(phase.id), phase.gate) for phase in state.phases.values()), (UNDO, trial and trial.gate)]
    about = next((subject.words for subject, gate in known if gate and gate.job == job.folder.name), None)
    return about or ("the coverage command" if job.folder.name.startswith("coverage-") else None)


def _start(context: Context, subject: Subject, commit: str, tries: int, spent: float = 0.0) -> GateRun:
    settings, state = context.state.settings, context.state
    folder = gate_folder(context) if _in_checkout(context, subject) else integration(context, commit)
    steps = []
    if settings.setup and not _in_checkout(context, subject) and state.setup_inputs != _setup_inputs(context, commit):
        steps.append(Step("setup", shell(settings.setup)))
    assert settings.test is not None
    steps.append(Step("test", shell(settings.test)))
    name = f"gate-{state.events + 1}"
    context.record("gate-started", **subject.fields, commit=commit, job=name, spent=spent, **{"try": tries})
    Job(context.home.jobs(state.run) / name).start(steps, folder, environment())
    return GateRun(commit, name, tries=tries, spent=spent)


def _in_checkout(context: Context, subject: Subject) -> bool:
    return context.state.settings.mode is Mode.SINGLE and subject != UNDO


def _note_setup(context: Context, subject: Subject, commit: str) -> None:
    if context.state.settings.setup and not _in_checkout(context, subject):
        inputs = _setup_inputs(context, commit)
        if inputs != context.state.setup_inputs:
            context.record("setup-finished", inputs=inputs)


def _setup_inputs(context: Context, commit: str) -> str:
    import hashlib

    listing = context.git.run("ls-tree", "-z", commit, "--", *MANIFESTS).out
    return hashlib.sha256(listing).hexdigest()[:16]
