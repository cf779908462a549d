"""Takes merged work back: reverts exactly what a task, wave or phase committed, and sets its markers back."""

from __future__ import annotations

import contextlib

from maestro.errors import Conflict, Failed, MaestroError, NotFound, Usage
from maestro.git.checkout import branch, commit_of, head, is_ancestor
from maestro.git.landing import land
from maestro.git.runner import Git
from maestro.models.plan import Status
from maestro.models.run import TaskRun, TaskState
from maestro.run.bookkeeping import commit_bookkeeping, set_track, sync_plan
from maestro.run.commits import revert_message
from maestro.run.completion import clean_up
from maestro.run.context import Context
from maestro.run.gate import UNDO, SetupFailed, integration, run_gate
from maestro.run.home import set_active
from maestro.run.later_work import committed, resting_on, steps_back
from maestro.run.pending import Pending
from maestro.run.scheduling import composed, regroup
from maestro.run.summaries import note_taken_back

SHOWN = 8
"""Reasons that a refusal gives."""


def unit(context: Context, words: tuple[str, ...]) -> list[TaskRun]:
    """The merged tasks that `1.2`, `wave 2` (of the current or last phase), `wave 1.2` (phase 1, wave 2) or `phase 1` mean, in the order of their commits.

    Raises NotFound `task-unknown`, `phase-not-found`, `wave-not-found`; Usage `undo-what`; Conflict `nothing-to-undo`.
    """
    state = context.state
    match words:
        case ("phase", identity):
            if identity not in state.phases:
                raise NotFound("phase-not-found", f"The run has no phase {identity}.", hint=f"Phases: {', '.join(state.phases)}.")
            chosen = [task for task in state.tasks.values() if task.phase == identity]
        case ("wave", number):
            phase_id, _, wave = number.rpartition(".")
            phase = state.phases.get(phase_id or state.phase or "")
            if phase is None or not wave.isdigit() or not 1 <= int(wave) <= len(phase.waves):
                raise NotFound(
                    "wave-not-found", f"There is no wave {number}.", hint="Say `wave 2`, or `wave 1.2` for wave 2 of phase 1; `run.py status` lists them."
                )
            chosen = [state.tasks[task] for task in phase.waves[int(wave) - 1]]
        case (identity,):
            if identity not in state.tasks:
                raise NotFound("task-unknown", f"The run has no task {identity}.", hint="`run.py status` lists the tasks.")
            chosen = [state.tasks[identity]]
        case _:
            raise Usage("undo-what", "Say what to undo.", hint="`run.py undo 1.2`, `run.py undo wave 2` or `run.py undo phase 1`.")
    merged = [task for task in chosen if committed(task)]
    if not merged:
        raise Conflict("nothing-to-undo", f"{' '.join(words)} has no commit of this run.", hint="`run.py status` shows what is merged.")
    return sorted(merged, key=lambda task: task.merged_at or "")


def undo(context: Context, tasks: list[TaskRun], words: str) -> str | Pending:
    """Revert the commits of these tasks on the run's branch, newest first, as one commit each, and hand the tasks out again later. Returns the last commit.

    The result is tested in the integration worktree before the branch moves; Pending: the tests run, the same call made again goes on. `words` are those that
    name the unit, for the errors.
    Raises Conflict `undo-needed-later` when merged work outside the unit rests on it, `undo-not-alone` when its commits were squashed with others,
    `undo-conflict` when later changes touch the same lines, `undo-red` when the tests fail without it, Failed `setup-failed`. Nothing is changed then.
    """
    _refuse_later(context, tasks, words)
    _refuse_shared_commits(context, tasks)
    state = context.state
    if any(task.state.under_way for task in state.tasks.values()):
        raise Conflict("workers-running", "Workers are running.", hint="Wait for them, or `run.py pause` and settle them first.")
    tip = head(context.git)
    assert tip is not None
    trial = state.trial
    if trial is None or (trial.tasks, trial.tip) != (tuple(task.id for task in tasks), tip) or commit_of(context.git, trial.commit) is None:
        candidate = _reverted(context, tasks, tip)
        context.record("undo-prepared", tasks=[task.id for task in tasks], tip=tip, commit=candidate)
        trial = state.trial
    assert trial is not None
    try:
        verdict = run_gate(context, UNDO, trial.commit, trial.gate)
    except SetupFailed as error:
        _leave(context)
        raise Failed("setup-failed", f"The set-up command failed in the integration worktree:\n{str(error)[-1500:]}", hint="Mend it, then repeat.") from None
    if isinstance(verdict, Pending):
        return verdict
    if not verdict.ok:
        _leave(context)
        raise Conflict(
            "undo-red",
            f"Without {words} the tests fail, so nothing was taken back; something that is not known to rest on it does.\n{verdict.tail}".rstrip(),
            hint=f"Look at {verdict.log}; take back or change what still uses it first.",
        )
    if state.settings.test is None:
        context.tell("There is no test command: what is left was not tested.")
    context.record("undo-begun", tasks=list(trial.tasks), commit=trial.commit)
    land(context.home.checkout, branch(context.git) or "", tip, trial.commit)
    finish_undo(context)
    return trial.commit


def _reverted(context: Context, tasks: list[TaskRun], tip: str) -> str:
    """The commit that the branch becomes, made in the integration worktree."""
    state = context.state
    git = Git(integration(context, tip))
    for task in reversed(tasks):
        result = git.run("revert", "--no-commit", "--end-of-options", task.sha, check=False)
        if result.code == 0:
            result = git.run("commit", "--quiet", "--cleanup=whitespace", "--file=-", input=revert_message(state, task).encode(), check=False)
        if result.code:
            git.run("revert", "--abort", check=False)
            integration(context, tip)
            _leave(context)
            raise Conflict(
                "undo-conflict",
                f"{task.id} cannot be taken back: later commits changed the same lines.",
                hint=f"Revert those first, or this one by hand: `git revert {task.sha[:7]}`.",
            )
    candidate = head(git)
    if candidate is None or candidate == tip:
        raise Failed("undo-failed", "Reverting left nothing to commit.", hint="Look at `git log`: the work may be taken back already.")
    return candidate


def _leave(context: Context) -> None:
    """Forget the attempt to undo. A run that is over leaves no worktree behind."""
    context.record("undo-ended")
    if context.state.over:
        clean_up(context)


def finish_undo(context: Context) -> None:
    """Bring the run in step with a revert that is on the branch, also with one whose call was killed before it could."""
    state = context.state
    if state.undoing is None:
        return
    names, commit = state.undoing
    if is_ancestor(context.git, commit, "HEAD"):
        for name in names:
            if state.tasks[name].state is TaskState.MERGED:
                note_taken_back(context, state.tasks[name], commit)
                context.record("task-undone", task=name)
        _order_anew(context, names)
        if state.outcome is not None:
            context.record("reopened", reason="merged work was taken back")
        set_active(context.home.checkout, state.track)
        set_track(context, Status.PROGRESS)
        sync_plan(context)
        commit_bookkeeping(context, f"{', '.join(names)} taken back")
    context.record("undo-ended")


def _order_anew(context: Context, names: tuple[str, ...]) -> None:
    """What was learned since these tasks ran may put them into other waves; where the plan cannot be read any more, their old ones have to do."""
    with contextlib.suppress(MaestroError):
        for phase in {name: context.state.phases[context.state.tasks[name].phase] for name in names}.values():
            regroup(context, phase)


def _refuse_later(context: Context, tasks: list[TaskRun], words: str) -> None:
    edges = {(edge.task, edge.needs) for phase in context.state.phases.values() for edge in phase.edges}
    with contextlib.suppress(MaestroError):  # the plan may be archived; then what the run was scheduled by has to do
        edges.update((edge.task, edge.needs) for edge in composed(context).dependencies)
    later = resting_on(context.state, edges, tasks)
    if not later:
        return
    reasons: dict[str, list[str]] = {}
    for entry in reversed(later):
        reasons.setdefault(entry.why, []).append(entry.task.id)
    listed = "; ".join(f"{', '.join(names)} {why}" for why, names in list(reasons.items())[:SHOWN]) + ("; …" if len(reasons) > SHOWN else "")
    order = ", then ".join(f"`run.py undo {step}`" for step in (*steps_back(context.state, later), words))
    raise Conflict(
        "undo-needed-later",
        f"{words} cannot be taken back: merged work rests on it. {listed}.",
        hint=f"Take that back as well, in this order: {order}.",
    )


def _refuse_shared_commits(context: Context, tasks: list[TaskRun]) -> None:
    """A commit that somebody squashed holds more than one task: reverting it would take more than what was asked."""
    for task in tasks:
        beside = [other.id for other in context.state.tasks.values() if other.sha == task.sha and other not in tasks]
        if beside or task.squashed:
            others = f"work of {', '.join(beside)}" if beside else "other changes"
            hint = f"Look at it (`git show {task.sha[:7]}`) and take back by hand what should go."
            raise Conflict("undo-not-alone", f"{task.id} is in commit {task.sha[:7]} together with {others}; the branch was rewritten.", hint=hint)
