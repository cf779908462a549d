"""Goes on with a run that is there: its driver, its tasks, its tests as this call finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from maestro import clock
from maestro.counting import plural
from maestro.errors import Locked
from maestro.git.checkout import commit_of, head
from maestro.models.run import Attempt, FailureClass, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.run.activity import changed_files, own_paths
from maestro.run.answers import apply_answers, reopen
from maestro.run.commands import taking_over
from maestro.run.commits import only_bookkeeping
from maestro.run.context import Context
from maestro.run.failing import fail_attempt
from maestro.run.home import BESIDE, driver_is_dead, set_active
from maestro.run.lying import left_over
from maestro.run.prospects import Wish, require_clean
from maestro.run.scheduling import covers
from maestro.run.team import claims


def resume(context: Context, wish: Wish) -> None:
    """Let the caller of `start --resume` drive, with what this call says anew. Failed tasks and those whose worker is gone are open again.

    Raises Locked `driver-alive` and `driver-other`, Unsafe `tree-dirty`.
    """
    state = context.state
    _take_driver(context, wish)
    single_work = state.settings.mode is not Mode.PARALLEL and any(task.state.under_way for task in state.tasks.values())
    if not single_work:
        require_clean(context.home, own=_own(context))
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
    kept = state.settings.unusual(headless=wish.headless)
    context.tell(f"Goes on in {', '.join([f'{state.settings.mode} mode', *kept])}.")
    _withdraw_settled(context, wish)
    if not single_work and _changed_since_green(context):
        context.record("base-reset")
    for task in list(state.tasks.values()):
        if task.state is TaskState.FAILED:
            reopen(context, task)
        elif task.state is TaskState.RUNNING and _is_orphan(context, task, from_session, orphaned):
            _give_up(context, task)
        elif task.state is TaskState.RUNNING and orphaned and state.settings.mode is not Mode.SINGLE:
            context.tell(f"{task.id} had not begun: handed out again.")
        elif task.state is TaskState.RUNNING and task.attempt is not None and task.attempt.job:
            _tell_of_process(context, task, task.attempt)


def _tell_of_process(context: Context, task: TaskRun, attempt: Attempt) -> None:
    """A worker that is a process of ours does not end with the driver that started it. What it ended with is told where it is settled."""
    from maestro.run.collecting import job_of

    job = job_of(context, attempt)
    if job is not None and job.result() is None:
        what = "still runs and is kept" if job.began else "had not begun: it is started now"
        context.tell(f"{task.id}: its worker (attempt {attempt.number}) {what}.")
    else:
        context.tell(f"{task.id}: its worker (attempt {attempt.number}) ended meanwhile; its work is kept and looked at now.")


def _give_up(context: Context, task: TaskRun) -> None:
    """Hand a task out again whose worker ended with its driver, and say what became of its work; to a session that is said with the way to begin with it."""
    assert task.attempt is not None
    files = len([path for path in changed_files(context, task.attempt, limit=None) if own_paths(context, task)(path)])
    told = context.state.settings.mode is Mode.PARALLEL and not context.state.driver.process
    kept = "; it had changed nothing" if not files else "" if told else f"; {plural(files, 'changed file')} kept"
    fail_attempt(context, task, FailureClass.LOST, f"its worker belonged to a driver that is gone{kept}")


def _own(context: Context) -> Callable[[str], bool]:
    """Which changed paths are work of this run that lies in the checkout: of attempts that failed (single), of tasks that were begun (team)."""
    state = context.state
    if state.settings.mode is Mode.TEAM:
        begun = [path for task in state.tasks.values() if task.attempts and not task.state.finished for path in claims(context, task)]
        return lambda path: any(covers(entry, path) for entry in begun)
    left = left_over(state) if state.settings.mode is Mode.SINGLE else frozenset()
    return left.__contains__


def _withdraw_settled(context: Context, wish: Wish) -> None:
    """Take back the questions that this call answers: a red base is tested again, with the command of this call where it gives one, and work that files were
    in the way of is merged where they are gone. Where nothing has changed the same is asked again.
    """
    state = context.state
    settled = ["in-the-way"]
    settled += ["test-command"] if wish.test is not None or wish.no_test else []
    if wish.setup is not None:
        settled.append("setup-command")
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
        hint=f"If the user says that one is gone: `{taking_over(state.track, wish.driver.id, wish.runtime)}`.",
    )
