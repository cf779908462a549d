"""Builds the action documents: what a driver reads after each call."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from maestro import clock
from maestro.counting import plural
from maestro.models.action import Action, Decide, Merge, RunningWorker, Wait
from maestro.models.run import TaskRun, first_line
from maestro.run import questions
from maestro.run.action_parts import common, newest_attempt
from maestro.run.activity import SHOWN, activity, own_paths
from maestro.run.commands import command, driven, spell
from maestro.run.context import Context
from maestro.run.home import driver_is_dead
from maestro.run.pending import Pending
from maestro.run.turns import Turn


def action_for(context: Context, turn: Turn | Pending) -> Action:
    """The document for what the engine handed back."""
    if isinstance(turn, Pending):
        return _waiting_for_job(context, turn)
    match turn.kind:
        case "implement":
            from maestro.run.assignments import implement

            return implement(context, turn)
        case "dispatch":
            from maestro.run.assignments import dispatch

            return dispatch(context, turn)
        case "wait":
            return _wait(context, turn)
        case "merge":
            return _merge(context, turn)
        case "decide":
            return _decide(context, turn)
        case "verify-phase":
            from maestro.run.outcomes import verify

            return verify(context, turn)
        case "complete":
            from maestro.run.outcomes import complete

            return complete(context, turn)
        case "finished":
            from maestro.run.outcomes import finished

            return finished(context, turn)
    raise AssertionError(f"no action is called {turn.kind}")


def _wait(context: Context, turn: Turn) -> Action:
    running = tuple(_running(context, task) for task in turn.tasks)
    if not running:
        return Wait(
            **common(context, turn, "wait", "Nothing may start at the moment.", driven(context.state, "next")),
            running=(),
            how="Call next again in a minute; the notices say why.",
        )
    left = [str(context.handle(task, newest_attempt(task))) for task in turn.tasks if newest_attempt(task).left_at]
    lost = driven(context.state, "fail", *(left[:1] or [running[0].handle if len(running) == 1 else "HANDLE"]), "--reason", "lost")
    return Wait(
        **common(
            context, turn, "wait", f"{plural(len(running), 'worker')} running: {', '.join(worker.handle for worker in running)}", driven(context.state, "merge")
        ),
        running=running,
        how="Wait until a worker returns, then run the command below. Workers report by themselves.",
        forecast=_forecast(context, turn),
        if_lost=f"{', '.join(left)} ended without a report: `{lost}`" if left else f"A worker that came back without reporting, or is gone: `{lost}`",
    )


def _running(context: Context, task: TaskRun) -> RunningWorker:
    attempt = newest_attempt(task)
    seen = activity(context, attempt, own_paths(context, task))
    return RunningWorker(
        handle=str(context.handle(task, attempt)),
        since_s=round(clock.seconds_since(attempt.dispatched_at), 1),
        last_activity_s=seen.quiet_s,
        files=tuple(sorted(seen.files)[:SHOWN]),
    )


def _waiting_for_job(context: Context, pending: Pending) -> Action:
    return Wait(
        **common(
            context,
            None,
            "wait",
            f"The {pending.what} are running." if pending.what.startswith("tests") else f"Running: {pending.what}.",
            driven(context.state, "merge"),
        ),
        running=(),
        how="They run on by themselves; repeat the command to collect the result.",
        job=str(pending.job.log),
    )


def nothing_for_worker(context: Context) -> Action:
    """What a team worker is told that asks and gets no task. The run's state, and who drives it, are not its affair."""
    return Wait(**common(context, None, "wait", "Nothing for you now: stop.", ""), running=(), how="")


def _merge(context: Context, turn: Turn) -> Action:
    handles = tuple(str(context.handle(task, newest_attempt(task))) for task in turn.tasks)
    call = driven(context.state, "merge")
    return Merge(
        **common(context, turn, "merge", f"{plural(len(handles), 'finished task')} to merge: {', '.join(handles)}", call),
        handles=handles,
        forecast=_forecast(context, turn),
        command=call,
    )


def _forecast(context: Context, turn: Turn) -> tuple[dict[str, Any], ...]:
    from maestro.run.forecasting import clashes

    return tuple({"pair": [clash.a, clash.b], "files": list(clash.files)} for clash in clashes(context, turn.tasks))


def _decide(context: Context, turn: Turn) -> Action:
    assert turn.question is not None
    question = questions.with_commands(context.state, turn.question)
    whom = "the user" if question.ask == "user" else "yourself or the user"
    return Decide(
        **common(context, turn, "decide", first_line(question.text), f"Ask {whom}, then run the option's command."),
        question_id=question.id,
        text=question.text,
        options=tuple(asdict(option) for option in question.options),
        default=question.default,
        unattended=question.unattended,
        context=dict(question.context),
        ask=question.ask,
    )


def recorded(context: Context) -> Action:
    """What comes next after a word from beside a headless run: its process takes it up, or has to be called again. Nothing is handed out."""
    from maestro.run.collecting import job_of
    from maestro.run.outcomes import finished

    state = context.state
    if not state.over and not driver_is_dead(context.home):
        watch = command("progress", state.track, "--follow")
        words = "Recorded. `run.py exec` drives this run and takes it up at its next step."
        return Wait(**common(context, None, "wait", spell(words), watch), running=(), how="Nothing else has to be done here.")
    outcome = "blocked" if state.open_questions and not state.over and state.paused is None else "stopped"
    action = finished(context, Turn("finished", outcome=outcome))
    alive = [task.id for task in state.running() if task.attempt and (job := job_of(context, task.attempt)) and job.result() is None]
    now = f"no process drives the run; the workers of {', '.join(alive)} outlived theirs and go on by themselves." if alive else "nothing runs now."
    return replace(action, summary=f"Recorded; {now} {action.summary}" if outcome == "blocked" or state.over else f"Recorded; {now}")
