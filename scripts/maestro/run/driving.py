"""The driver's verbs: next, merge, answer, retry, skip, verify, complete, pause, abort, status. Each ends with what comes next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from maestro import clock
from maestro.documents.location import adopted_plan
from maestro.errors import Conflict, DecisionNeeded, NotFound
from maestro.git.checkout import head
from maestro.models.run import Attempt, FailureClass, Handle, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run import questions
from maestro.run.actions import action_for, nothing_for_worker, recorded
from maestro.run.bookkeeping import commit_bookkeeping, sync_plan
from maestro.run.context import Context, beside, opened, require_driver
from maestro.run.engine import Policy, advance
from maestro.run.handles import find_attempt
from maestro.run.home import Home, driver_is_dead
from maestro.run.notifying import notify
from maestro.run.pending import PATIENCE, Occupied
from maestro.run.reserving import not_refused, reserved
from maestro.run.scheduling import current_wave, startable
from maestro.run.slots import slots_free
from maestro.run.turns import Turn

if TYPE_CHECKING:
    from maestro.models.action import Action

ASK = Policy()
"""Serve a driver that calls `merge` by itself."""

MERGE = Policy(merge=True)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and how long this call may wait for a job (seconds)."""

    driver: str | None = None
    patience: float = PATIENCE


def next_action(home: Home, caller: Caller, policy: Policy = ASK, *, told: list[str] | None = None) -> Action:
    """Go on until a driver is needed, waiting for jobs only as long as the caller may. `told` are notices of what the same call did before."""
    deadline = clock.monotonic() + caller.patience
    notices = list(told or ())
    while True:
        with opened(home, "looking for the next step") as context:
            context.notices = notices
            require_driver(context, caller.driver)
            turn = advance(context, policy)
            if isinstance(turn, Turn) and _take_default(context, turn):
                continue
            left = deadline - clock.monotonic()
            if isinstance(turn, Turn):
                notify(context, turn)
            if isinstance(turn, Turn) or left <= 0:
                return action_for(context, turn)
            notices = context.notices
        turn.job.wait(left)


def _take_default(context: Context, turn: Turn) -> bool:
    """With `--yes`, give the answer that is safe without anybody looking. False when a person or agent has to."""
    question = turn.question
    if question is None or question.unattended is None or not context.state.settings.yes:
        return False
    from maestro.run.answers import answer as give_answer

    context.tell(f"{question.text.strip().splitlines()[0]} -> {question.unattended} (--yes)")
    give_answer(context, question.id, question.unattended, unattended=True)
    return True


def require(home: Home, caller: Caller) -> None:
    """Raise Locked `driver-other` where somebody else drives the run, and is no process beside which a person may say something."""
    with opened(home, "looking who drives the run") as context:
        beside(context, caller.driver)


def merge(home: Home, caller: Caller) -> Action:
    """Merge what is reported, then what comes next."""
    return next_action(home, caller, MERGE)


def answer(home: Home, caller: Caller, question: str, option: str, text: str) -> Action:
    """Take an answer to an open question, of the driver or of somebody beside it, and go on."""
    from maestro.run.answers import answer as give_answer

    with opened(home, "recording an answer") as context:
        outside = beside(context, caller.driver)
        give_answer(context, question, option, text)
        sync_plan(context)
        if outside:
            return recorded(context)
    return next_action(home, caller, MERGE, told=context.notices)


def retry(home: Home, caller: Caller, handle: Handle, *, fresh: bool, note: str) -> Action:
    """Another attempt for this task, with the work of the last one unless `fresh`. Raises Conflict `task-merged` when there is nothing to retry."""
    from maestro.run.answers import reopen
    from maestro.run.failing import fail_attempt

    with opened(home, "retrying a task") as context:
        outside = beside(context, caller.driver)
        task, attempt = find_attempt(context, handle)
        if task.state is TaskState.MERGED:
            raise Conflict("task-merged", f"{task.id} is merged as {task.sha[:7]}.", hint="`run.py undo` takes merged work back.")
        if not attempt.outcome:
            _end_worker(context, attempt)
            fail_attempt(context, task, FailureClass.WORKER, note or "retried by its driver")
        reopen(context, task, note=note, fresh=fresh, keep=not fresh)
        over = "" if context.state.settings.mode is Mode.PARALLEL else f", over what {handle} left in the checkout"
        context.tell(f"Attempt {attempt.number + 1} of {task.id} begins {f'anew{over}' if fresh else f'with what {handle} left'}.")
        sync_plan(context)
        if outside:
            return recorded(context)
    return next_action(home, caller, told=context.notices)


def skip(home: Home, caller: Caller, task_id: str, reason: str) -> Action:
    """Take a task out of the run; what needs it may start. Raises NotFound `task-unknown`, Conflict `task-merged`."""
    from maestro.run.answers import skip_task

    with opened(home, "skipping a task") as context:
        outside = beside(context, caller.driver)
        task = context.state.tasks.get(task_id)
        if task is None:
            raise NotFound("task-unknown", f"The run has no task {task_id}.", hint="`run.py status` lists the tasks.")
        if task.state is TaskState.MERGED:
            raise Conflict("task-merged", f"{task_id} is merged as {task.sha[:7]}.", hint="`run.py undo` takes merged work back.")
        if task.state is TaskState.SKIPPED:
            context.tell(f"{task_id} is skipped already.")
        else:
            if task.attempt is not None and not task.attempt.outcome:
                _end_worker(context, task.attempt)
            skip_task(context, task, reason)
        sync_plan(context)
        if outside:
            return recorded(context)
    return next_action(home, caller, told=context.notices)


def _end_worker(context: Context, attempt: Attempt) -> None:
    """A worker that is a process of ours goes on with nothing that nobody wants any more."""
    from maestro.run.collecting import job_of

    job = job_of(context, attempt)
    if job is not None:
        job.stop()


def hand_out(home: Home, caller: Caller, task_id: str) -> tuple[Handle, Path]:
    """Start one task that may start now and give its handle and worktree; one that runs already gives its own.

    Raises NotFound `task-unknown`, Conflict `task-not-startable` for everything whose turn has not come.
    """
    from maestro.run.dispatching import dispatch

    with opened(home, "making a worktree") as context:
        require_driver(context, caller.driver)
        task = context.state.tasks.get(task_id)
        if task is None:
            raise NotFound("task-unknown", f"The run has no task {task_id}.", hint="`run.py status` lists the tasks.")
        if task.state is not TaskState.RUNNING:
            wave = next((current_wave(context, phase) for phase in context.state.phases.values() if phase.composed and not phase.verified), None)
            tip = head(context.git)
            if wave is None or tip is None or task not in startable(context, wave[1]) or not slots_free(context):
                raise Conflict("task-not-startable", f"{task_id} cannot start now ({task.state}).", hint="`run.py next` says what can.")
            dispatch(context, task, tip)
            sync_plan(context)
        assert task.attempt is not None
        return context.handle(task, task.attempt), context.worktree(task.attempt)


def claim(home: Home, worker: str) -> Action:
    """One task for one team worker, who keeps it until it is reported: the same call again gives the same task. Waits are for the worker to repeat.

    Raises Conflict `not-a-team` outside team mode.
    """
    with opened(home, "claiming a task") as context:
        state = context.state
        if state.settings.mode is not Mode.TEAM:
            raise Conflict("not-a-team", "Only a team run hands tasks out to workers that ask.", hint="Start it with `run.py start TRACK --team`.")
        mine = next((task for task in state.running() if task.attempt and task.attempt.worker == worker), None)
        if mine is None:
            mine = _claimed(context, worker)
        if mine is None:
            return nothing_for_worker(context)
        sync_plan(context)
        return action_for(context, Turn("implement", state.phases[mine.phase], None, (mine,)))


def _claimed(context: Context, worker: str) -> TaskRun | None:
    """The next task that may start, taken for this worker."""
    from maestro.run.dispatching import dispatch
    from maestro.run.team import conflicts_with_running

    wave = next((current_wave(context, phase) for phase in context.state.phases.values() if phase.composed and not phase.verified), None)
    tip = head(context.git)
    if wave is None or tip is None or context.state.over or context.state.paused or not slots_free(context):
        return None
    able = (task for task in not_refused(context, startable(context, wave[1])) if not conflicts_with_running(context, task))
    task = next((task for task in able if reserved(context, task, others=False)), None)
    if task is not None:
        attempt = dispatch(context, task, tip)
        context.record("worker-started", task=task.id, attempt=attempt.number, worker=worker, job=None)
        context.record("worker-attached", task=task.id, attempt=attempt.number)
    return task


def undo(home: Home, caller: Caller, words: tuple[str, ...]) -> tuple[list[str], str, list[str]]:
    """Take merged work back. Returns the tasks, the last revert commit (empty while what is left is still being tested: repeat the call), and notices."""
    from maestro.run.undoing import finish_undo, unit
    from maestro.run.undoing import undo as take_back

    deadline = clock.monotonic() + caller.patience
    while True:
        with opened(home, "undoing") as context:
            if not context.state.over and not (context.state.driver.process and driver_is_dead(home)):
                require_driver(context, caller.driver)
            finish_undo(context)
            tasks = unit(context, words)
            try:
                outcome = take_back(context, tasks, " ".join(words))
            except Occupied as occupied:
                outcome = occupied.pending
            left = deadline - clock.monotonic()
            if isinstance(outcome, str) or left <= 0:
                return [task.id for task in tasks], outcome if isinstance(outcome, str) else "", context.notices
        outcome.job.wait(left)


def verify(home: Home, caller: Caller) -> Action:
    """The verification of the current phase; the same as `next` where it has come to that."""
    action = next_action(home, caller, MERGE)
    if action.action in ("dispatch", "implement", "merge"):
        raise Conflict("phase-open", f"Phase {action.phase} still has tasks to do.", hint="`run.py next` says which.")
    return action


def complete(home: Home, caller: Caller, cleanup: str | None, *, confirmed: bool = False, skills: str | None = None) -> Action:
    """Complete the track: marks, cleanup (keep, review, archive, delete), last commit.

    Raises Conflict `track-open` while a phase is not verified, DecisionNeeded `question-open` while one is, and `confirm-delete` until the deletion was
    confirmed a second time.
    """
    from maestro.run.completion import complete as complete_run

    with opened(home, "completing the track") as context:
        require_driver(context, caller.driver)
        if context.state.outcome == "completed":
            context.tell("The track is complete already.")
            return _end(context)
        if any(not phase.verified for phase in context.state.phases.values()):
            raise Conflict("track-open", "Not every phase is verified yet.", hint="`run.py next` says what is left.")
        if context.state.open_questions:
            asked = context.state.open_questions[0]
            hint = f"Answer it with `run.py answer {asked.id} OPTION`, then repeat. `run.py next` shows it with its options."
            raise DecisionNeeded("question-open", asked.text, hint=hint, question=questions.question_data(asked))
        choice = cleanup or "keep"
        if choice == "delete" and not confirmed:
            question = questions.cleanup_delete(home.track, adopted_plan(home.layout, home.track))
            raise DecisionNeeded(
                "confirm-delete", question.text, hint="Ask the user again; on yes: `… --confirm-delete`.", question=questions.question_data(question)
            )
        if skills is not None:
            from maestro.run.bookkeeping import change_metadata

            change_metadata(context, {"skill_effectiveness": skills})
        complete_run(context, choice)
        return _end(context)


def pause(home: Home, caller: Caller, reason: str) -> Action:
    """Hand nothing out any more, and commit the documents that people read. Who works goes on."""
    with opened(home, "pausing") as context:
        outside = beside(context, caller.driver)
        sync_plan(context)
        commit_bookkeeping(context, "run paused")
        if context.state.paused is None and not context.state.over:
            context.record("paused", reason=reason)
        return recorded(context) if outside else _end(context)


def abort(home: Home, caller: Caller) -> Action:
    """End the run; unmerged work keeps its branches and worktrees."""
    from maestro.run.completion import abort as end_run

    with opened(home, "ending the run") as context:
        if context.state.over:
            context.tell("The run is over already.")
        else:
            beside(context, caller.driver)
            end_run(context)
        return _end(context)


def _end(context: Context) -> Action:
    """The document of a run that is over or paused."""
    turn = advance(context, ASK)
    if isinstance(turn, Turn):
        notify(context, turn)
    return action_for(context, turn)
