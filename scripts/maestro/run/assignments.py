"""The action documents that hand tasks out: to the session itself, or to workers that it starts."""

from __future__ import annotations

from maestro.models.action import Action, Agent, Dispatch, Implement, Worker
from maestro.models.run import Attempt, FailureClass, TaskRun
from maestro.models.schedule import SLOTS, Mode
from maestro.run.action_parts import common, newest_attempt
from maestro.run.activity import folder_age, last_activity
from maestro.run.commands import command, driven
from maestro.run.context import Context
from maestro.run.turns import Turn

ON_SPAWN_ERROR = "Repeat the call once; if it fails again run `{fail}` for that handle."


def implement(context: Context, turn: Turn) -> Action:
    """One task for the session itself, with its brief: single mode."""
    from maestro.run.briefs import brief

    task = turn.tasks[0]
    attempt = newest_attempt(task)
    handle = str(context.handle(task, attempt))
    verb = "again: " if turn.repeat or attempt.number > 1 else ""
    return Implement(
        **common(context, turn, "implement", f"{verb}{task.id} {task.title}", command("run", "done", handle, "--summary", "TEXT")),
        handle=handle,
        title=task.title,
        brief=brief(context, task, attempt, repeat=turn.repeat),
        cwd=str(context.root),
        scope=_scope(context, task),
        method=context.state.settings.method,
        check=command("worktree", "check", handle),
        done=command("run", "done", handle),
        fail=command("run", "fail", handle, "--reason", "TEXT"),
        repeat=turn.repeat,
        resume_from=_resume(context, task, attempt),
    )


def dispatch(context: Context, turn: Turn) -> Action:
    """The turn's tasks for workers, each with the prompt that starts one."""
    ours = {task.id for task in turn.tasks if newest_attempt(task).dispatched_at >= context.state.handed_over_at}  # another driver's workers are gone
    workers = tuple(_worker(context, task, turn.repeat or (task.id in turn.again and task.id in ours)) for task in turn.tasks)
    listed = ", ".join(f"{task.id} {task.title}{' (again)' if worker.again else ''}" for task, worker in zip(turn.tasks, workers, strict=True))
    again = "again, not attached yet: " if turn.repeat else ""
    fail = driven(context.state, "fail", "HANDLE", "--reason", "lost")
    summary = f"Wave {turn.wave} of phase {turn.phase.id if turn.phase else '?'}: {again}{listed}"
    return Dispatch(
        **common(context, turn, "dispatch", summary, driven(context.state, "merge")),
        free_slots=max(0, SLOTS - len(context.state.running())),
        workers=workers,
        repeat=turn.repeat,
        on_spawn_error=ON_SPAWN_ERROR.format(fail=fail),
        background=context.state.settings.background,
        known=driven(context.state, "next") if not turn.repeat and _was_told(context, turn) else "",
    )


def _was_told(context: Context, turn: Turn) -> bool:
    """Whether this driver had workers to start before this turn. What `exec` and workers that ask for a task started by themselves says nothing of that."""
    before = [attempt for task in context.state.tasks.values() for attempt in task.attempts if task not in turn.tasks or attempt is not task.attempt]
    return any(attempt.worker is None and attempt.dispatched_at >= context.state.handed_over_at for attempt in before)


def _worker(context: Context, task: TaskRun, repeat: bool) -> Worker:
    from maestro.run.mending import is_drivers_own

    attempt = newest_attempt(task)
    handle = str(context.handle(task, attempt))
    attach = command("worktree", "attach", handle)
    prompt = f"Run `{attach}`. Its output is your complete brief: follow it to the end, and nothing else. If it fails, stop and return its error."
    kind = "spark" if len(_boxes(context, task)) <= 1 and len(_scope(context, task)) <= 1 else "kraken"
    return Worker(
        handle=handle,
        title=task.title,
        agent=Agent(subagent_type=f"maestro:{kind}", isolation=None, description=f"{task.id} {task.title}"[:60], prompt=prompt[:400]),
        attach=attach,
        worktree=str(context.worktree(attempt)),
        repeat=repeat,
        last_activity_s=_quiet(context, attempt) if repeat else None,
        resume_from=_resume(context, task, attempt),
        yourself=is_drivers_own(context, task, attempt),
        again="" if repeat else _again(context, task, attempt),
    )


def _again(context: Context, task: TaskRun, attempt: Attempt) -> str:
    """What a driver has to know of a task that is handed out again: of which attempt what is kept, or that it had not begun when this driver took over."""
    if attempt.number == 1:
        return "again: handed out before the take-over, nobody had begun it" if attempt.dispatched_at < context.state.handed_over_at else ""
    previous = task.attempts[attempt.number - 2]
    if context.state.settings.mode is not Mode.PARALLEL:
        return f"again: {'begins anew over' if task.fresh else 'goes on from'} what lies in the checkout"
    if attempt.resume_from:
        return f"again: begins with the work of {_resume(context, task, attempt)}"
    kept = f"; what {context.handle(task, previous)} left is kept, its brief says where" if previous.snapshot or previous.left else ""
    return f"again: begins fresh{kept}"


def _quiet(context: Context, attempt: Attempt) -> float:
    """Seconds since a worker last did something. Where none has attached yet, nobody works: only the age of the worktree is told."""
    if attempt.attached_at or attempt.job:
        return last_activity(context, attempt)
    return folder_age(context, attempt)


def _scope(context: Context, task: TaskRun) -> tuple[str, ...]:
    return tuple(path for path, _ in context.state.phases[task.phase].scopes.get(task.id, ()))


def _boxes(context: Context, task: TaskRun) -> tuple[object, ...]:
    found = context.plan.by_id.get(task.id)
    return found.boxes if found else ()


def _resume(context: Context, task: TaskRun, attempt: Attempt) -> str | None:
    if attempt.resume_from is None:
        return None
    previous = task.attempts[attempt.resume_from - 1]
    return f"{context.handle(task, previous)} ({FailureClass(previous.failure)})" if previous.failure else str(context.handle(task, previous))
