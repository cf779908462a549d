"""The headless driver: carries a track through with an agent's command line program and no session at all.

It uses the same engine as a session does. Workers and gates are detached jobs, so that a killed driver loses nothing: the next one finds their results.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from maestro import clock
from maestro.models.action import Action
from maestro.models.run import Attempt, FailureClass, Question, RunState, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run.actions import action_for
from maestro.run.activity import last_activity
from maestro.run.answers import answer
from maestro.run.bookkeeping import commit_bookkeeping, sync_plan
from maestro.run.briefs import brief, result_file
from maestro.run.collecting import job_of, settle_ended, watch_running
from maestro.run.completion import complete
from maestro.run.context import Context, opened, require_driver
from maestro.run.engine import Policy, advance
from maestro.run.failing import fail_attempt
from maestro.run.forecasting import clashes, meeting
from maestro.run.home import Home
from maestro.run.jobs import Job, Step, environment, shell
from maestro.run.leisure import Leisure, leave
from maestro.run.manual import manual_steps
from maestro.run.notifying import notify_end, notify_question
from maestro.run.pending import Pending
from maestro.run.turns import Turn

POLL = 0.02
"""Seconds between two looks at the running jobs and the journal, which are files of ours."""
LOOK = 0.2
"""Seconds until the engine looks at everything again, which asks git: at first; grows to SLOW_LOOK while nothing happens."""
SLOW_LOOK = 1.0
WATCH = 5.0
"""Seconds between two looks into running worktrees for files that nobody expected."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the user wants of a headless run. Times are seconds; None: no limit.

    ask: puts a question to a person, None where there is nobody; it answers (option, words), or None for later
    tell: shows one line of what happens
    advanced: is called after each step with the state as it is then
    """

    worker: str
    yes: bool = False
    worker_timeout: float | None = None
    idle_timeout: float | None = None
    max_wait: float | None = None
    ask: Callable[[Question], tuple[str, str] | None] | None = None
    tell: Callable[[str], None] = lambda line: None
    advanced: Callable[[RunState], None] = lambda state: None
    watch: float = WATCH


class Interrupted(Exception):
    """Somebody asked the driver to end; the text is the name of the signal."""


def execute(home: Home, driver: str, orders: Orders) -> Action:
    """Drive the run until it is finished, stopped, or waits for an answer that nobody here can give."""
    leisure = Leisure()
    with _stoppable():
        try:
            return _loop(home, driver, orders, leisure)
        except (Interrupted, KeyboardInterrupt) as error:
            leisure.stop()
            _interrupt(home, orders, *(("a signal", str(error)) if isinstance(error, Interrupted) else ("you", "Ctrl-C")))
            raise KeyboardInterrupt from None


def _loop(home: Home, driver: str, orders: Orders, leisure: Leisure) -> Action:
    rest, watched = LOOK, clock.monotonic()
    ended: set[Path] = set()
    waited_since: float | None = None
    told: set[str] = set()
    policy = _policy(orders, told)
    while True:
        with opened(home, "driving the run") as context:
            require_driver(context, driver)
            context.leisurely = True
            marked = context.state.events
            settled = _collect(context, orders)
            outcome = advance(context, policy)
            _tell(context, orders, told)
            if isinstance(outcome, Turn) and outcome.kind in ("complete", "finished"):
                leisure.stop()
            final = _act(context, outcome, orders)
            _tell(context, orders, told)
            busy = settled or context.state.events != marked
            if not busy and clock.monotonic() - watched >= orders.watch:
                _foretell(context)
                watched = clock.monotonic()
                busy = context.state.events != marked
            if busy:
                orders.advanced(context.state)
            jobs = [job for task in context.state.running() if task.attempt and (job := job_of(context, task.attempt))]
            if isinstance(outcome, Pending):
                jobs.append(outcome.job)
            passed = final is None and not busy and leisure.step(context)
            _tell(context, orders, told)
        if isinstance(final, Question):
            _ask(home, driver, final, orders)
            busy = True
        elif final is not None:
            return final
        if passed:
            continue
        if busy:
            rest, waited_since = LOOK, None
            ended.clear()
            continue
        waited_since = waited_since if waited_since is not None else clock.monotonic()
        if orders.max_wait is not None and clock.monotonic() - waited_since > orders.max_wait:
            leisure.stop()
            return _give_up(home, driver, orders, f"nothing happened for {orders.max_wait:g} s")
        _rest(home, jobs, ended, rest, leisure)
        rest = min(rest * 1.5, SLOW_LOOK)


def _foretell(context: Context) -> None:
    """Look at what the workers do, and tell where their work would conflict."""
    changed = watch_running(context)
    seen = [task for task in context.state.running() if task.id in changed]
    for clash in clashes(context, meeting(context, seen, changed)):
        context.tell(f"Forecast: {clash.a} and {clash.b} conflict in {', '.join(clash.files[:5])} as they are now.")


def _policy(orders: Orders, told: set[str]) -> Policy:
    """Slots are filled first, each worker as soon as its worktree is there. What happened before that is told before."""

    def began(context: Context, task: TaskRun) -> None:
        assert task.attempt is not None
        _tell(context, orders, told)
        _start_worker(context, task, task.attempt, orders)

    return Policy(merge=True, dispatch_first=True, began=began, between=lambda context: _collect(context, orders))


def _rest(home: Home, jobs: Sequence[Job], ended: set[Path], seconds: float, leisure: Leisure) -> None:
    """Wait so long at most: until one of the jobs has ended, each told once by `ended`, somebody else wrote into the journal, or there is something to do at
    leisure. Asks no git.
    """
    deadline = clock.monotonic() + seconds
    written = home.journal_size
    while clock.monotonic() < deadline and home.journal_size == written and not leisure.due:
        over = {job.folder for job in jobs if job.folder not in ended and job.result() is not None}
        if over:
            ended |= over
            return
        clock.pause(POLL)


def _tell(context: Context, orders: Orders, told: set[str]) -> None:
    for notice in [notice for notice in context.notices if notice not in told]:
        orders.tell(notice)
        told.add(notice)


def _act(context: Context, outcome: Turn | Pending, orders: Orders) -> Action | Question | None:
    """Do what the engine asks of a driver. An action comes back when the run cannot go on here, a question when the person at the terminal has to be asked."""
    if isinstance(outcome, Pending):
        return None
    if outcome.kind in ("dispatch", "implement"):
        for task in outcome.tasks:
            if task.attempt is not None and task.attempt.job is None:
                _start_worker(context, task, task.attempt, orders)
        return None
    if outcome.kind in ("decide", "verify-phase"):
        assert outcome.question is not None
        return _decide(context, outcome.question, orders)
    if outcome.kind == "complete":
        complete(context, "keep")
        return None
    if outcome.kind == "finished":
        working = [task.id for task in context.state.running() if task.attempt and task.attempt.job]
        if outcome.outcome == "stopped" and working:  # what runs already may finish; it is merged when the run is resumed
            context.tell(f"Paused: {context.state.paused}. Nothing new starts; the run ends when {', '.join(working)} came to an end, or now with Ctrl-C.")
            return None
        leave(context)
        if not context.state.over:
            _stop_here(context, "waiting for an answer" if outcome.outcome == "blocked" else "run stopped")
        notify_end(context, outcome.outcome)
        return action_for(context, outcome)
    return None


def _decide(context: Context, question: Question, orders: Orders) -> Question | None:
    """Take what `--yes` may take, hand back what a person at the terminal is to be asked, park everything else; independent tasks go on."""
    if orders.yes and question.unattended is not None:
        orders.tell(f"{question.text.strip().splitlines()[0]} -> {question.unattended} (--yes)")
        if question.kind == "verify-phase" and question.phase is not None:
            steps = manual_steps(context, context.state.phases[question.phase])
            orders.tell(f"Nobody tried by hand: {'; '.join(step.rstrip('.') for step in steps[:5])}")
        answer(context, question.id, question.unattended, unattended=True)
        return None
    notify_question(context, question)
    if orders.ask is not None:
        return question
    _park(context, question, orders)
    return None


def _ask(home: Home, driver: str, question: Question, orders: Orders) -> None:
    """Put a question to the person at the terminal. The run's lock is free meanwhile: workers check and report, other terminals may answer or end the run."""
    assert orders.ask is not None
    given = orders.ask(question)
    with opened(home, "recording an answer") as context:
        require_driver(context, driver)
        if all(other.id != question.id for other in context.state.open_questions):
            orders.tell("That question was settled elsewhere meanwhile.")
        elif given is not None:
            answer(context, question.id, given[0], given[1])
        else:
            _park(context, question, orders)


def _park(context: Context, question: Question, orders: Orders) -> None:
    orders.tell(f"Waits for an answer: {question.text}")
    context.record("question-parked", id=question.id)


def _start_worker(context: Context, task: TaskRun, attempt: Attempt, orders: Orders) -> None:
    handle = context.handle(task, attempt)
    folder = context.worktree(attempt)
    name = f"worker-{handle.slug}"
    job = Job(context.home.jobs(context.state.run) / name)
    job.folder.mkdir(parents=True, exist_ok=True)
    prompt = job.folder / "brief.md"
    prompt.write_text(brief(context, task, attempt, headless=True), encoding="utf-8")
    variables = {
        "MAESTRO_CHECKOUT": str(context.root),
        "MAESTRO_TASK": task.id,
        "MAESTRO_HANDLE": str(handle),
        "MAESTRO_TRACK": context.state.track,
        "MAESTRO_ATTEMPT": str(attempt.number),
        "MAESTRO_PROMPT_FILE": str(prompt),
        "MAESTRO_RESULT_FILE": str(folder / result_file(handle)),
    }
    steps = []
    if context.state.settings.setup and context.state.settings.mode is Mode.PARALLEL:
        steps.append(Step("setup", shell(context.state.settings.setup)))
    steps.append(Step("worker", shell(orders.worker), prompt))
    context.record("worker-started", task=task.id, attempt=attempt.number, worker=orders.worker, job=name)
    job.start(steps, folder, environment(**variables), timeout=orders.worker_timeout)
    orders.tell(f"{task.id} started (attempt {attempt.number}): {task.title}")


def _collect(context: Context, orders: Orders) -> bool:
    """Settle every worker that has ended, and end those that have been idle for too long. True when something was settled."""
    settled = False
    for task in context.state.running():
        attempt = task.attempt
        job = job_of(context, attempt) if attempt else None
        if attempt is None or job is None:
            continue
        ended = job.result()
        if (
            ended is None
            and orders.idle_timeout is not None
            and job.seconds_quiet() > orders.idle_timeout
            and last_activity(context, attempt) > orders.idle_timeout
        ):
            job.stop()
            fail_attempt(context, task, FailureClass.TIMEOUT, f"idle for {orders.idle_timeout:g} s: no output and no file changed")
            settled = True
        elif ended is not None:
            if job.began:
                settle_ended(context, task, attempt, ended, job)
                if task.state is TaskState.REPORTED:
                    orders.tell(f"{task.id} finished by its worker")
            else:
                _start_worker(context, task, attempt, orders)
            settled = True
    return settled


def _stop_here(context: Context, what: str) -> None:
    sync_plan(context)
    if context.state.begun:
        commit_bookkeeping(context, what)


def _give_up(home: Home, driver: str, orders: Orders, reason: str) -> Action:
    _stop_workers(home, orders, f"the run gave up, {reason}")
    with opened(home, "stopping") as context:
        require_driver(context, driver)
        context.record("paused", reason=reason)
        notify_end(context, "stopped")
        outcome = advance(context, _policy(orders, set()))
        return action_for(context, outcome)


def _interrupt(home: Home, orders: Orders, who: str, how: str) -> None:
    """The orderly end that somebody asked for: `run.py status` says so afterwards."""
    orders.tell(f"Interrupted by {who} ({how}): the workers are ended, their work is kept.")
    _stop_workers(home, orders, f"{who} ended it ({how})")
    with opened(home, "telling the end") as context:
        if context.state.paused is None and not context.state.over:
            context.record("paused", reason=f"interrupted by {who} ({how})")
        notify_end(context, "interrupted")


def _stop_workers(home: Home, orders: Orders, why: str) -> None:
    """End the running workers and leave everything resumable."""
    with opened(home, "stopping workers") as context:
        for task in context.state.running():
            job = job_of(context, task.attempt) if task.attempt else None
            if job is not None:
                job.stop()
                fail_attempt(context, task, FailureClass.INTERRUPTED, why)
        leave(context)
        _stop_here(context, "run stopped")
        _tell(context, orders, set())


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Turn SIGTERM and SIGHUP into an orderly end, like Ctrl-C."""

    def stop(received: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # the orderly end is under way; asking twice must not break it
        raise Interrupted(signal.Signals(received).name)

    try:
        previous = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    except ValueError:
        yield
        return
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def driver_name() -> str:
    return f"exec-{os.getpid()}"
