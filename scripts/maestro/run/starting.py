"""Begins a run, or goes on with one."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

from maestro import clock
from maestro.documents.location import plan_path
from maestro.documents.plans import read_plan
from maestro.documents.registry import TrackEntry
from maestro.documents.workflow import Workflow, discover_test_commands, parse_workflow
from maestro.errors import DecisionNeeded, Locked, NotFound, Unsafe, Usage
from maestro.files import read_text
from maestro.git.checkout import branch, commit_of, default_branch, head, remotes, require_ready, switch_branch, tracked_changes
from maestro.git.names import branch_ref
from maestro.git.runner import Git
from maestro.models.notes import Note
from maestro.models.plan import Plan, Status
from maestro.models.run import Driver, FailureClass, Question, RunState, Settings, TaskRun, TaskState
from maestro.models.schedule import Composition, Mode
from maestro.records import dataclass
from maestro.run import questions
from maestro.run.answers import apply_answers, reopen
from maestro.run.commands import going_on
from maestro.run.commits import only_bookkeeping
from maestro.run.context import Context, load_state
from maestro.run.failing import fail_attempt
from maestro.run.finding import find_track
from maestro.run.home import BESIDE, Home, active_track, driver_is_dead, find_run_checkout, set_active
from maestro.run.journal import Journal
from maestro.run.lying import left_over
from maestro.run.ours import our_paths
from maestro.run.permissions import missing
from maestro.run.plan_changes import identity
from maestro.run.scheduling import covers
from maestro.run.state import fold
from maestro.run.team import claims

NOBODY = Driver("")
"""A person who did not say who drives."""

BACKGROUND = ("claude", "claude-code")
"""Runtimes whose workers can go on in the background, where permission rules let them."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller of `start` asked for. None: not said, so it is read from the workflow, discovered, or asked."""

    track: str | None = None
    mode: Mode = Mode.SINGLE
    resume: bool = False
    branch: str | None = None
    test: str | None = None
    no_test: bool = False
    setup: str | None = None
    review: str | None = None
    driver: Driver = NOBODY
    take_over: bool = False
    yes: bool = False
    ignore_soft: bool = False
    headless: bool = False
    runtime: str | None = None
    notify: str | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a run would do, before anything is written."""

    home: Home
    entry: TrackEntry
    plan: Plan
    composition: Composition
    settings: Settings
    headless: bool = False


def prospect(start: Path, wish: Wish) -> Prospect:
    """Read everything a run needs and check that it may start. Writes nothing.

    Raises what the readers raise, Unsafe for every unsafe tree (exit 7), Locked `run-active`.
    """
    from maestro.evidence.beads import detect_in_track
    from maestro.evidence.view import RepositoryView
    from maestro.schedule.compose import compose

    checkout = find_run_checkout(start)
    home, entry = find_track(checkout, wish.track)
    path = plan_path(home.layout, entry.id)
    if not path.exists():
        archived = home.layout.maestro / "archive" / home.track
        where = f"it was archived in {home.layout.shown(archived)}" if archived.exists() else "write one, or adopt one with `tracks.py adopt PATH`"
        raise NotFound(
            "plan-missing",
            f"Track {home.track} has no plan at {home.layout.shown(path)}.",
            hint=f"{where[0].upper()}{where[1:]}.",
            where=home.layout.shown(path),
        )
    plan = read_plan(path, home.layout.shown(path))
    findings = detect_in_track(plan, RepositoryView(checkout.root), home.layout, entry.id)
    finished = [task.id for task in plan.tasks if task.status in (Status.DONE, Status.SKIPPED)]
    composition = compose(
        plan, findings, ignore_soft=wish.ignore_soft, finished=finished, rounds=wish.mode is Mode.PARALLEL and not wish.headless, runtime=wish.runtime
    )
    composition = replace(composition, notes=(*composition.notes, *_stale(home, plan)))
    require_ready(checkout)
    current = branch(checkout.git)
    assert current is not None
    return Prospect(home, entry, plan, composition, _settings(home, entry, wish, current), wish.headless)


def _stale(home: Home, plan: Plan) -> Iterator[Note]:
    """Tasks in progress that no run knows of (the implement document's words): they run again."""
    _, state = load_state(home)
    if state is None or state.over:
        for task in plan.tasks:
            if task.status is Status.PROGRESS:
                words = f"[!] Task {task.id} is marked in-progress but no worker is active. --> A stale task from an interrupted session: it runs again."
                yield Note("task-stale", words, plan.where(task.line))


def begin(start: Path, wish: Wish) -> Home:
    """Create the run or resume it; afterwards `next` tells what to do. Raises DecisionNeeded `run-unfinished` when there is one and nobody said `--resume`."""
    checkout = find_run_checkout(start)
    home, _ = find_track(checkout, wish.track)
    _require_no_other(home)
    with home.locked("starting a run"):
        journal, state = load_state(home)
        if state is not None and not state.over:
            if not wish.resume and not (wish.yes and wish.headless):
                raise DecisionNeeded(
                    "run-unfinished",
                    questions.unfinished(state).text,
                    hint=f"Go on with `{going_on(replace(state, driver=wish.driver) if wish.headless else state)}`, or end it with `{_ending(state)}`.",
                    question=questions.question_data(questions.unfinished(state)),
                )
            _resume(Context(home, journal, state), wish)
            return home
        found = prospect(start, wish)
        if state is not None and state.outcome == "completed" and all(task.status in (Status.DONE, Status.SKIPPED) for task in found.plan.tasks):
            return home
        _require_clean(home)
        if state is not None:
            home.journal.rename(home.folder / f"journal-{state.run}.jsonl")
        _create(found, wish)
    return home


def _ending(state: RunState) -> str:
    driver = f" --driver {state.driver.id}" if state.driver.id and not state.driver.process else ""
    return f"run.py abort --track {state.track}{driver}"


def _require_no_other(home: Home) -> None:
    other = active_track(home.checkout)
    if other is None or other == home.track:
        return
    _, state = load_state(Home(home.checkout, other))
    if state is None or state.over:
        set_active(home.checkout, None)
        return
    raise Locked(
        "run-active",
        f"This checkout already runs track {other}.",
        hint=f"Finish it, or end it with `run.py abort --track {other}`; another checkout can run {home.track}.",
    )


def _require_clean(home: Home, own: Callable[[str], bool] = lambda path: False) -> None:
    """Raise Unsafe `tree-dirty` for tracked changes that are neither maestro's documents nor, as `own` says, the run's work."""
    changed = [path for path in tracked_changes(home.checkout, ignore=our_paths(home.layout, home.track)) if not own(path)]
    if changed:
        listed = ", ".join(changed[:10]) + (", …" if len(changed) > 10 else "")
        raise Unsafe(
            "tree-dirty",
            f"Tracked files have uncommitted changes: {listed}. Nothing was touched.",
            hint="The user commits or stashes them; then repeat.",
            where=changed[0],
        )


def _create(found: Prospect, wish: Wish) -> None:
    home, checkout = found.home, found.home.checkout
    settings = found.settings
    if wish.branch and wish.branch not in ("here", settings.branch):
        switch_branch(checkout, wish.branch)
        settings = Settings(**{**asdict(settings), "branch": wish.branch})
    base = head(checkout.git)
    assert base is not None
    journal = Journal(home.journal)
    journal.append(
        "run-created",
        {
            "run": f"{home.track[:30]}-{secrets.token_hex(3)}",
            "track": home.track,
            "checkout": str(checkout.root),
            "base": base,
            "settings": asdict(settings),
            "driver": asdict(wish.driver),
            "phases": identity(found.plan),
            "questions": [questions.question_data(question) for question in _first_questions(found, settings, wish)],
        },
    )
    set_active(checkout, home.track)


def _first_questions(found: Prospect, settings: Settings, wish: Wish) -> Iterator[Question]:
    """What is asked before the first task, in the order in which it matters. It stands in the run's first event: no run exists without its questions."""
    home, git = found.home, found.home.checkout.git
    remaining = sum(task.status not in (Status.DONE, Status.SKIPPED) for task in found.plan.tasks)
    waves = sum(len(phase.waves) for phase in found.composition.phases)
    order = "one after the other" if settings.mode is Mode.SINGLE else f"in {waves} wave(s)"
    warnings = [] if wish.headless else [warning for warning in found.composition.advice.warnings if f"--{wish.mode} " in warning]
    choice = wish.runtime in BACKGROUND and settings.mode is not Mode.SINGLE and not warnings
    background = missing(home.checkout.root, settings.mode) if choice else None
    yield questions.start(home.track, f"{remaining} task(s) {order}, mode {settings.mode}.", background)
    if warnings:
        yield questions.mode_conflict("\n".join(warnings), str(wish.mode))
    if settings.test is None and not wish.no_test:
        yield questions.test_command([(found.command, found.why) for found in discover_test_commands(home.layout.root)])
    if wish.branch is None and remotes(git) and default_branch(git) == settings.branch:
        yield questions.branch_choice(settings.branch, _free_branch(git, f"maestro/{home.track}"))


def _free_branch(git: Git, name: str) -> str:
    """The name, or the next one that no branch has."""
    names = (name, *(f"{name}-{number}" for number in range(2, 1000)))
    return next(name for name in names if commit_of(git, branch_ref(name)) is None)


def _resume(context: Context, wish: Wish) -> None:
    state = context.state
    _take_driver(context, wish)
    single_work = state.settings.mode is not Mode.PARALLEL and any(task.state in (TaskState.RUNNING, TaskState.REPORTED) for task in state.tasks.values())
    if not single_work:
        _require_clean(context.home, own=_own(context))
    apply_answers(context)
    from_session = wish.headless and not state.driver.process
    orphaned = wish.take_over and not state.driver.process and state.driver.id not in ("", wish.driver.id)
    context.record("resumed", driver=asdict(wish.driver))
    set_active(context.home.checkout, state.track)
    said = {"test": wish.test, "setup": wish.setup, "review": wish.review, "notify": wish.notify}
    changes: dict[str, str | bool | None] = {key: value for key, value in said.items() if value is not None}
    if wish.yes != state.settings.yes:
        changes["yes"] = wish.yes
    if wish.no_test:
        changes["test"] = None
    if changes:
        context.record("settings-changed", changes=changes)
    _withdraw_settled(context, wish)
    if not single_work and _changed_since_green(context):
        context.record("base-reset")
    for task in list(state.tasks.values()):
        if task.state is TaskState.FAILED:
            reopen(context, task)
        elif task.state is TaskState.RUNNING and _is_orphan(context, task, from_session, orphaned):
            fail_attempt(context, task, FailureClass.LOST, "its worker belonged to a driver that is gone")


def _own(context: Context) -> Callable[[str], bool]:
    """Which changed paths are work of this run that lies in the checkout: of attempts that failed (single), of tasks that were begun (team)."""
    state = context.state
    if state.settings.mode is Mode.TEAM:
        begun = [path for task in state.tasks.values() if task.attempts and not task.state.finished for path in claims(context, task)]
        return lambda path: any(covers(entry, path) for entry in begun)
    left = left_over(state) if state.settings.mode is Mode.SINGLE else frozenset()
    return left.__contains__


def _withdraw_settled(context: Context, wish: Wish) -> None:
    """Take back the questions about the tests that this call answers: a red base is tested again, with the command of this call where it gives one."""
    state = context.state
    settled = ["test-command"] if wish.test is not None or wish.no_test else []
    if state.base_gate is None and ("base-red" not in state.answers or wish.test is not None):
        settled.append("base-red")
    for question in [question for question in state.questions.values() if question.kind in settled]:
        if question.kind == "base-red" or question.id not in state.answers:
            context.record("question-withdrawn", id=question.id)


def _changed_since_green(context: Context) -> bool:
    """Whether the branch was changed, by more than bookkeeping, since its tests were last green: then the tasks that follow stand on untested ground.

    In single mode the tests run in the checkout, where work that lies about would be taken for the branch's: then it cannot be told.
    """
    if context.state.settings.mode is Mode.SINGLE and left_over(context.state):
        return False
    green, tip = context.state.green, head(context.git)
    if green is None or tip is None or green == tip:
        return False
    return commit_of(context.git, green) is None or not only_bookkeeping(context.git, green, tip, context.ours)


def _is_orphan(context: Context, task: TaskRun, headless: bool, orphaned: bool) -> bool:
    """A session's workers end with it. `headless`: a process goes on with a session's run; `orphaned`: another session takes it over."""
    attempt = task.attempt
    if attempt is None or attempt.job is not None or context.state.settings.mode is Mode.SINGLE:
        return False
    return headless or (orphaned and attempt.attached_at is not None)


def _take_driver(context: Context, wish: Wish) -> None:
    """Let the caller drive from now on. A process that drives holds the driver's lock already, which proves the one before it dead."""
    state = context.state
    if state.driver.process:
        if not wish.driver.process and not driver_is_dead(context.home):
            raise Locked("driver-alive", f"A process is driving {state.track} right now.", hint=BESIDE)
        return
    if state.driver.id in ("", wish.driver.id) or wish.take_over:
        return
    age = round(clock.seconds_since(state.last_event_at))
    raise Locked(
        "driver-other",
        f"The run of {state.track} is driven by {state.driver.id}, last seen {age} s ago.",
        hint=f"If the user says that one is gone: `run.py start {state.track} --resume --take-over{f' --driver {wish.driver.id}' if wish.driver.id else ''}`.",
    )


def _settings(home: Home, entry: TrackEntry, wish: Wish, current: str) -> Settings:
    workflow = read_workflow(home)
    if wish.test is not None and not wish.test.strip():
        raise Usage("test-empty", "--test is empty.", hint="Give a command, or `--no-test`.")
    return Settings(
        mode=wish.mode,
        branch=current,
        test=None if wish.no_test else (wish.test or workflow.test_command),
        setup=wish.setup or workflow.setup_command,
        coverage=workflow.coverage_command,
        coverage_threshold=workflow.coverage_threshold,
        method=workflow.methodology or "tdd",
        summary_storage=workflow.summary_storage or "commit-body",
        review=wish.review or ("none" if wish.headless else "phase"),
        yes=wish.yes,
        ignore_soft=wish.ignore_soft,
        type=_type(home) or entry.type or "feature",
        mail=os.environ.get("MAESTRO_MAIL_URL") or workflow.agent_mail,
        notify=wish.notify,
    )


def read_workflow(home: Home) -> Workflow:
    path = home.layout.workflow
    return parse_workflow(read_text(path, home.layout.shown(path)), home.layout.shown(path)) if path.exists() else Workflow()


def _type(home: Home) -> str | None:
    path = home.layout.metadata(home.track)
    try:
        kind = json.loads(path.read_text(encoding="utf-8")).get("type")
    except (OSError, ValueError, AttributeError):
        return None
    return kind if isinstance(kind, str) else None


def state_of(home: Home) -> RunState | None:
    """The run's state for looking only, without the lock."""
    return fold(Journal(home.journal).events())
