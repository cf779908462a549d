"""The state machine: from what the journal says to the one thing that has to happen next.

`advance` makes every step that needs nobody (composing, re-grouping, merging, gates, bookkeeping) and returns when a driver has to do something, or when a job
has to end first. It can be called at any time, by any process, and goes on from the truth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from maestro.errors import Unsafe
from maestro.models.plan import Status
from maestro.models.run import PhaseRun, Question, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run import questions
from maestro.run.bookkeeping import SHORT, commit_bookkeeping, mirror_and_commit, pause, set_track, sync_plan
from maestro.run.collecting import collect_ended, is_begun, unmerged, watch_running
from maestro.run.context import Context
from maestro.run.pending import Occupied, Pending
from maestro.run.plan_changes import follow_plan
from maestro.run.reserving import give_back, not_refused, renew, reserved
from maestro.run.rewriting import follow_history
from maestro.run.scheduling import awaited, current_wave, kept_empty, record_composed, regroup, schedule_phase, startable
from maestro.run.slots import slots_free
from maestro.run.turns import Turn


@dataclass(frozen=True, slots=True)
class Policy:
    """How a driver wants to be served.

    merge: merge reported tasks now, instead of asking the driver to call `merge`
    dispatch_first: fill free slots before merging, so that merging overlaps with work (headless runner); otherwise merged work comes first
    began: is called with each task as soon as its worktree is there, before that of the next one is made
    between: is called between two steps, so that a worker that ended during a long one does not wait for the next ones
    """

    merge: bool = False
    dispatch_first: bool = False
    began: Callable[[Context, TaskRun], None] = lambda context, task: None
    between: Callable[[Context], object] = lambda context: None


def advance(context: Context, policy: Policy) -> Turn | Pending:
    """Go on until a driver or a job is needed. Raises Unsafe `wrong-branch`."""
    if any(not answer.applied for answer in context.state.answers.values()):
        from maestro.run.answers import apply_answers

        apply_answers(context)
    if context.state.undoing is not None:
        from maestro.run.undoing import finish_undo

        finish_undo(context)
    collect_ended(context)
    follow_history(context)
    if context.state.begun and context.state.compare_due and not context.state.over:
        from maestro.run.taking_over import take_over_closed

        take_over_closed(context)
    if context.state.completing is not None and not context.state.over:
        from maestro.run.completion import complete

        complete(context, context.state.completing)
    while True:
        try:
            turn = _next(context, policy)
        except Occupied as occupied:
            turn = occupied.pending
        if turn is not None:
            if not context.state.over:
                sync_plan(context)
            mirror_and_commit(context)
            give_back(context)
            renew(context)
            return turn
        policy.between(context)
        context.look_again()


def _next(context: Context, policy: Policy) -> Turn | Pending | None:
    """One step. None: something changed, ask again."""
    state = context.state
    if state.outcome is not None:
        return Turn("finished", outcome=state.outcome)
    if state.paused is not None:
        return Turn("finished", outcome="stopped")
    blocking = _open(context, lambda question: question.task is None and question.phase is None)
    if blocking is not None:
        return Turn("decide", question=blocking)
    if any(question.task is None and question.phase is None for question in state.open_questions):
        return Turn("finished", outcome="blocked")
    _require_branch(context)
    if not state.begun:
        from maestro.run.taking_over import take_over_closed

        set_track(context, Status.PROGRESS)
        take_over_closed(context)
        context.record("run-begun")
        return None
    verdict = _base(context)
    if verdict is not True:
        return verdict
    if follow_plan(context):
        return None
    phase = next((phase for phase in state.phases.values() if not phase.verified), None)
    if phase is None:
        return Turn("complete")
    if not phase.composed:
        return _compose(context, phase)
    return _work(context, phase, policy)


def _open(context: Context, fits: Callable[[Question], bool]) -> Question | None:
    """The oldest open question of a kind that is not parked."""
    return next((question for question in context.state.open_questions if fits(question) and question.id not in context.state.parked), None)


def _require_branch(context: Context) -> None:
    wanted = context.state.settings.branch
    current = context.standing[0]
    if current != wanted:
        where = f"branch {current}" if current else "no branch (detached HEAD)"
        raise Unsafe(
            "wrong-branch",
            f"The run of {context.state.track} is on branch {wanted}, but {where} is checked out.",
            hint=f"Run `git switch {wanted}`, then repeat.",
        )


def _base(context: Context) -> Literal[True] | Pending | None:
    """True once the base is known to be testable: green, nothing to test, or accepted by a person."""
    state = context.state
    if state.settings.test is None:
        return True
    known = state.base_gate
    if known is not None and known.ok is not None:
        if known.ok:
            return True
        answer = state.answers.get("base-red")
        if answer is None:
            questions.ask(context, questions.base_red(state.settings.test, known, begun=any(task.attempts for task in state.tasks.values())))
            return None
        return True
    from maestro.run.gate import BASE, SetupFailed, run_gate

    tip = known.commit if known else context.standing[1]
    assert tip is not None
    try:
        verdict = run_gate(context, BASE, tip, known)
    except SetupFailed as error:
        pause(context, f"The set-up command failed: {error}")
        context.tell(f"The set-up command failed; the run is paused. {str(error).strip()[-500:]}")
        return None
    if isinstance(verdict, Pending):
        return verdict
    if verdict.empty:
        context.tell("The test command found no tests to run; until it does, nothing is proven by it.")
    return None


def _compose(context: Context, phase: PhaseRun) -> Turn | None:
    tip = context.standing[1]
    assert tip is not None
    schedule = schedule_phase(context, phase)
    record_composed(context, phase, tip, schedule)
    return None


def _work(context: Context, phase: PhaseRun, policy: Policy) -> Turn | Pending | None:
    """Inside a phase: questions, merges, starts, waiting, boundaries, in the order that the driver's policy sets."""
    state = context.state
    wave = current_wave(context, phase)
    number = wave[0] if wave else len(phase.waves) or 1
    question = _open(context, lambda question: question.kind != "verify-phase" and question.phase in (None, phase.id))
    if question is not None:
        return Turn("decide", phase, number, question=question)
    order: tuple[Callable[[], Turn | Pending | None], ...] = (lambda: _merge(context, phase, number, policy), lambda: _start(context, phase, policy))
    merge_first = state.settings.mode is Mode.SINGLE or not policy.dispatch_first
    for step in order if merge_first else reversed(order):
        marked = state.events
        turn = step()
        if turn is not None or state.events != marked:
            return turn
    running = tuple(state.running())
    if running:
        if state.settings.mode is Mode.SINGLE:
            return Turn("implement", phase, number, running, repeat=True)
        unattached = tuple(task for task in running if task.attempt and not task.attempt.attached_at and not task.attempt.job)
        return Turn("dispatch", phase, number, unattached, repeat=True) if unattached else Turn("wait", phase, number, running)
    return _boundary(context, phase, number)


def _merge(context: Context, phase: PhaseRun, number: int, policy: Policy) -> Turn | Pending | None:
    """Bring reported tasks into the branch, one at a time; the one that was begun is carried on with, so that the order is looked for once for each."""
    reported = unmerged(context)
    if not reported:
        return None
    if not is_begun(reported[0]):
        from maestro.run.forecasting import merge_order

        reported = merge_order(context, reported)
        if not policy.merge and context.state.settings.mode is not Mode.SINGLE:
            return Turn("merge", phase, number, tuple(reported))
    if context.state.settings.mode is Mode.TEAM:
        from maestro.run.team import team_step

        return team_step(context, reported[0])
    from maestro.run.merging import merge_step

    return merge_step(context, reported[0])


def _start(context: Context, phase: PhaseRun, policy: Policy) -> Turn | None:
    """Fill the free slots from the current wave; at the first start of a later wave, look at the schedule again first."""
    state = context.state
    wave = current_wave(context, phase)
    if wave is None:
        return None
    number, tasks = wave
    ready = startable(context, tasks)
    if (why := kept_empty(tasks)) and state.settings.mode is not Mode.SINGLE:
        context.tell(why)
    if state.settings.mode is Mode.TEAM:
        from maestro.run.team import conflicts_with_running

        ready = [task for task in ready if not conflicts_with_running(context, task)]
    free = slots_free(context)
    wanted, ready = ready, not_refused(context, ready)
    idle = not any(task.state.under_way for task in state.tasks.values())
    if idle and (free == 0 or not ready) and wanted:
        return Turn("wait", phase, number)
    if not ready or free == 0 or (any(task.state is TaskState.REPORTED for task in state.tasks.values()) and state.settings.mode is Mode.SINGLE):
        return None
    untouched = not any(task.attempts for task in tasks)
    if untouched and number > 1 and not any(task.fix_text for task in tasks) and _ends_wave(context, phase, number - 1):
        return None
    within = awaited(context, phase)
    if within is None or within:
        watch_running(context, within or ())
    ready = [task for task in ready if not task.held]
    context.look_again()
    tip = context.standing[1]
    assert tip is not None
    started = tuple(_start_each(context, ready, free, tip, policy))
    if not started:
        return None
    kind = "implement" if state.settings.mode is Mode.SINGLE else "dispatch"
    waiting = tuple(task for task in state.running() if task not in started and task.attempt and not task.attempt.attached_at and not task.attempt.job)
    return Turn(kind, phase, number, (*waiting, *started), again=tuple(task.id for task in waiting))


def _ends_wave(context: Context, phase: PhaseRun, number: int) -> bool:
    """What comes between two waves: the ended one's bookkeeping and review, then another look at the schedule. Whether that changes what comes next."""
    state = context.state
    if state.bookkeeping_due and state.settings.mode is Mode.PARALLEL:
        sync_plan(context)
        commit_bookkeeping(context, f"wave {number} of phase {phase.id}")
        subject = f"wave-{phase.id}-{number}"
        if state.settings.review == "wave" and f"review-{subject}" not in state.questions:
            commits = f"{(phase.base or '')[:SHORT]}..HEAD"
            questions.ask(context, questions.review(subject, f"Wave {number} of phase {phase.id}", commits, phase.id, each="wave", last=False))
            return True
    marked = state.events
    regroup(context, phase)
    return state.events != marked


def _start_each(context: Context, ready: list[TaskRun], free: int, tip: str, policy: Policy) -> Iterator[TaskRun]:
    """Start as many as there are slots. In team mode each start claims paths, which the next one must respect."""
    from maestro.run.dispatching import dispatch
    from maestro.run.team import conflicts_with_running

    for task in ready:
        if free == 0:
            return
        if context.state.settings.mode is Mode.TEAM and conflicts_with_running(context, task):
            continue
        others = len(ready) > 1 or any(other.state.under_way for other in context.state.tasks.values())
        if not reserved(context, task, others):
            continue
        dispatch(context, task, tip)
        policy.began(context, task)
        free -= 1
        yield task


def _boundary(context: Context, phase: PhaseRun, number: int) -> Turn | Pending | None:
    """Nothing runs: start what waits after re-grouping, ask about what failed, or verify the phase."""
    state = context.state
    tasks = [task for task in state.tasks.values() if task.phase == phase.id]
    open_tasks = {question.task for question in state.open_questions}
    if any(task.state in (TaskState.WAITING, TaskState.BLOCKED) for task in tasks):
        marked = state.events
        if regroup(context, phase) and state.events != marked:
            return None
    for task in tasks:
        if task.state is TaskState.FAILED and task.id not in open_tasks:
            from maestro.run.briefs import failure_log

            attempt = task.attempt
            questions.ask(context, questions.failed(state, task, failure_log(context, attempt) if attempt else ""))
            return None
    if any(question.id in state.parked for question in state.open_questions):
        return Turn("finished", phase, number, outcome="blocked")
    from maestro.run.verification import verify_step

    return verify_step(context, phase, number)
