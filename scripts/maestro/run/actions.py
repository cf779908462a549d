"""Builds the action documents: what a driver reads after each call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from maestro import clock
from maestro.counting import plural
from maestro.documents.location import adopted_plan
from maestro.git.checkout import head
from maestro.models.action import Action, Agent, Complete, Decide, Dispatch, Finished, Implement, Merge, RunningWorker, VerifyPhase, Wait, Worker
from maestro.models.run import Attempt, FailureClass, RunState, TaskRun, TaskState, first_line
from maestro.models.schedule import SLOTS, Mode
from maestro.models.untried import untried
from maestro.run import questions
from maestro.run.activity import SHOWN, activity, folder_age, last_activity, own_paths
from maestro.run.bookkeeping import SHORT
from maestro.run.commands import command, driven, going_on, spell
from maestro.run.context import Context
from maestro.run.home import driver_is_dead
from maestro.run.pending import Pending
from maestro.run.progress import progress_of
from maestro.run.turns import Turn

ON_SPAWN_ERROR = "Repeat the call once; if it fails again run `{fail}` for that handle."


def action_for(context: Context, turn: Turn | Pending) -> Action:
    """The document for what the engine handed back."""
    if isinstance(turn, Pending):
        return _waiting_for_job(context, turn)
    return _BUILDERS[turn.kind](context, turn)


def _common(context: Context, turn: Turn | None, action: str, summary: str, then: str) -> dict[str, Any]:
    state = context.state
    return {
        "action": action,
        "run": state.run,
        "track": state.track,
        "phase": turn.phase.id if turn and turn.phase else state.phase,
        "wave": turn.wave if turn else None,
        "driver": state.driver.id,
        "summary": summary,
        "then": then,
        "progress": progress_of(state),
        "notices": tuple(spell(notice) for notice in context.notices),
    }


def _implement(context: Context, turn: Turn) -> Action:
    from maestro.run.briefs import brief

    task = turn.tasks[0]
    attempt = _attempt(task)
    handle = str(context.handle(task, attempt))
    verb = "again: " if turn.repeat or attempt.number > 1 else ""
    return Implement(
        **_common(context, turn, "implement", f"{verb}{task.id} {task.title}", command("run", "done", handle, "--summary", "TEXT")),
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


def _dispatch(context: Context, turn: Turn) -> Action:
    ours = {task.id for task in turn.tasks if _attempt(task).dispatched_at >= context.state.handed_over_at}  # another driver's workers are gone
    workers = tuple(_worker(context, task, turn.repeat or (task.id in turn.again and task.id in ours)) for task in turn.tasks)
    listed = ", ".join(f"{task.id} {task.title}{' (again)' if worker.again else ''}" for task, worker in zip(turn.tasks, workers, strict=True))
    again = "again, not attached yet: " if turn.repeat else ""
    fail = driven(context.state, "fail", "HANDLE", "--reason", "lost")
    summary = f"Wave {turn.wave} of phase {turn.phase.id if turn.phase else '?'}: {again}{listed}"
    return Dispatch(
        **_common(context, turn, "dispatch", summary, driven(context.state, "merge")),
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

    attempt = _attempt(task)
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


def _wait(context: Context, turn: Turn) -> Action:
    running = tuple(_running(context, task) for task in turn.tasks)
    if not running:
        return Wait(
            **_common(context, turn, "wait", "Nothing may start at the moment.", driven(context.state, "next")),
            running=(),
            how="Call next again in a minute; the notices say why.",
        )
    left = [str(context.handle(task, _attempt(task))) for task in turn.tasks if _attempt(task).left_at]
    lost = driven(context.state, "fail", *(left[:1] or [running[0].handle if len(running) == 1 else "HANDLE"]), "--reason", "lost")
    return Wait(
        **_common(
            context, turn, "wait", f"{plural(len(running), 'worker')} running: {', '.join(worker.handle for worker in running)}", driven(context.state, "merge")
        ),
        running=running,
        how="Wait until a worker returns, then run the command below. Workers report by themselves.",
        forecast=_forecast(context, turn),
        if_lost=f"{', '.join(left)} ended without a report: `{lost}`" if left else f"A worker that came back without reporting, or is gone: `{lost}`",
    )


def _running(context: Context, task: TaskRun) -> RunningWorker:
    attempt = _attempt(task)
    seen = activity(context, attempt, own_paths(context, task))
    return RunningWorker(
        handle=str(context.handle(task, attempt)),
        since_s=round(clock.seconds_since(attempt.dispatched_at), 1),
        last_activity_s=seen.quiet_s,
        files=tuple(sorted(seen.files)[:SHOWN]),
    )


def _waiting_for_job(context: Context, pending: Pending) -> Action:
    return Wait(
        **_common(
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
    return Wait(**_common(context, None, "wait", "Nothing for you now: stop.", ""), running=(), how="")


def _merge(context: Context, turn: Turn) -> Action:
    handles = tuple(str(context.handle(task, _attempt(task))) for task in turn.tasks)
    call = driven(context.state, "merge")
    return Merge(
        **_common(context, turn, "merge", f"{plural(len(handles), 'finished task')} to merge: {', '.join(handles)}", call),
        handles=handles,
        forecast=_forecast(context, turn),
        command=call,
    )


def _forecast(context: Context, turn: Turn) -> tuple[dict[str, Any], ...]:
    from maestro.run.forecasting import clashes

    return tuple({"pair": [clash.a, clash.b], "files": list(clash.files)} for clash in clashes(context, turn.tasks))


def _verify(context: Context, turn: Turn) -> Action:
    from maestro.run.manual import manual_steps, planned_steps
    from maestro.run.verification import checkpoint_of, untested_files

    assert turn.phase is not None and turn.question is not None and turn.gate is not None
    question = questions.with_commands(context.state, turn.question)
    tip = head(context.git) or ""
    return VerifyPhase(
        **_common(context, turn, "verify-phase", question.text, "Show the user what the phase did, ask, then run the option's command."),
        base=(turn.phase.base or "")[:SHORT],
        head=tip[:SHORT],
        test={"command": context.state.settings.test, "ok": turn.gate.ok, "tail": turn.gate.tail if not turn.gate.ok else turn.gate.tail[-300:]},
        coverage=turn.phase.coverage if turn.phase.coverage is None or turn.phase.coverage >= 0 else None,
        untested_files=untested_files(context, turn.phase, tip),
        manual_steps=manual_steps(context, turn.phase),
        derive_steps=not planned_steps(context, turn.phase),
        question=question,
        commits=_commits(context, turn.phase.id),
        without_commit=_without_commit(context, turn.phase.id),
        checkpoint=checkpoint_of(context, turn.phase)[:SHORT],
    )


def _decide(context: Context, turn: Turn) -> Action:
    assert turn.question is not None
    question = questions.with_commands(context.state, turn.question)
    whom = "the user" if question.ask == "user" else "yourself or the user"
    return Decide(
        **_common(context, turn, "decide", first_line(question.text), f"Ask {whom}, then run the option's command."),
        question_id=question.id,
        text=question.text,
        options=tuple(asdict(option) for option in question.options),
        default=question.default,
        unattended=question.unattended,
        context=dict(question.context),
        ask=question.ask,
    )


def _complete(context: Context, turn: Turn) -> Action:
    from maestro.run.completion import about_leftovers

    state = context.state
    question = questions.cleanup(state.track, adopted_plan(context.home.layout, state.track))
    call = driven(context.state, "complete")
    options = tuple({**asdict(option), "command": driven(context.state, "complete", "--cleanup", option.id)} for option in question.options)
    then = "Ask the user what happens to the track's folder, then run the answer."
    return Complete(
        **_common(context, turn, "complete", f"All phases of {state.track} are verified.", then),
        commits=_commits(context),
        **about_leftovers(context, cleaned=True),
        skills=_skills(context),
        options=options,
        command=call,
    )


def _finished(context: Context, turn: Turn) -> Action:
    from maestro.run.completion import about_leftovers, times

    state = context.state
    asked = tuple(question.id for question in state.open_questions)
    words = {
        "completed": f"Track {state.track} is complete.",
        "stopped": f"The run of {state.track} stopped" + (f": {state.paused}." if state.paused else "."),
        "blocked": f"The run of {state.track} cannot go on without an answer.",
    }[turn.outcome]
    again = going_on(state)
    stopped = f"`{again}` begins a new run of what is open." if state.over else f"`{again}` goes on."
    failed = any(task.state is TaskState.FAILED for task in state.tasks.values())
    alone = "; that alone gives failed tasks fresh attempts" if failed else ""
    blocked = f"Answer the question{'s' if len(asked) > 1 else ''}, then `{again}` goes on{alone}."
    then = {"completed": "", "stopped": stopped}.get(turn.outcome, blocked)
    return Finished(
        **_common(context, turn, "finished", words, then),
        outcome=turn.outcome,
        tasks=tuple(_outcome(task) for task in state.tasks.values()),
        branch=state.settings.branch,
        tests=_tests(state) if turn.outcome == "completed" else "",
        retried=tuple(task.id for task in state.tasks.values() if len(task.attempts) > 1),
        failures=tuple(_failures(state)),
        open_questions=asked,
        questions=tuple(questions.with_commands(state, question) for question in state.open_questions),
        times=times(context),
        report=command("run", "report", state.track),
        untried=untried(state),
        **(about_leftovers(context) if state.over else {}),
    )


def recorded(context: Context) -> Action:
    """What comes next after a word from beside a headless run: its process takes it up, or has to be called again. Nothing is handed out."""
    from maestro.run.collecting import job_of

    state = context.state
    if not state.over and not driver_is_dead(context.home):
        watch = command("progress", state.track, "--follow")
        words = "Recorded. `run.py exec` drives this run and takes it up at its next step."
        return Wait(**_common(context, None, "wait", spell(words), watch), running=(), how="Nothing else has to be done here.")
    outcome = "blocked" if state.open_questions and not state.over and state.paused is None else "stopped"
    action = _finished(context, Turn("finished", outcome=outcome))
    alive = [task.id for task in state.running() if task.attempt and (job := job_of(context, task.attempt)) and job.result() is None]
    now = f"no process drives the run; the workers of {', '.join(alive)} outlived theirs and go on by themselves." if alive else "nothing runs now."
    return replace(action, summary=f"Recorded; {now} {action.summary}" if outcome == "blocked" or state.over else f"Recorded; {now}")


_BUILDERS = {
    "implement": _implement,
    "dispatch": _dispatch,
    "wait": _wait,
    "merge": _merge,
    "verify-phase": _verify,
    "decide": _decide,
    "complete": _complete,
    "finished": _finished,
}


def _commits(context: Context, phase: str | None = None) -> tuple[dict[str, str], ...]:
    """The task commits of a phase, or of the run."""
    tasks = [task for task in context.state.tasks.values() if task.sha and phase in (None, task.phase)]
    return tuple({"id": task.id, "sha": task.sha[:SHORT], "title": task.title} for task in tasks)


def _without_commit(context: Context, phase: str) -> tuple[dict[str, str], ...]:
    """The tasks of a phase that left nothing on the branch: skipped, or done without a change, and why."""
    tasks = [task for task in context.state.tasks.values() if task.phase == phase and task.state.finished and not task.sha]
    state = {TaskState.MERGED: "without a change"}
    return tuple({"id": task.id, "title": task.title, "state": state.get(task.state, str(task.state)), "reason": task.why} for task in tasks)


def _outcome(task: TaskRun) -> dict[str, str]:
    """What became of a task, and why where it ended without a commit."""
    why = task.why if task.state.settled else ""
    return {"id": task.id, "sha": task.sha[:SHORT], "state": str(task.state), "title": task.title, "reason": why}


def _tests(state: RunState) -> str:
    """How the tests ended that were last run on the branch: at the end of the last phase, or before its newest merge where nothing came after that."""
    if state.settings.test is None:
        return "none"
    last = next(reversed(state.phases.values()), None)
    if last is not None and last.gate is not None and last.gate.ok is not None:
        return "green" if last.gate.ok else "red"
    return "green" if state.green else ""


def _failures(state: RunState) -> Iterator[dict[str, str]]:
    """Every attempt that came to nothing, of all tasks."""
    from maestro.run.telling import in_short

    for task in state.tasks.values():
        for attempt in task.attempts:
            if attempt.outcome == "failed":
                yield {"task": task.id, "attempt": str(attempt.number), "class": attempt.failure, "reason": in_short(attempt.reason)}


def _attempt(task: TaskRun) -> Attempt:
    assert task.attempt is not None
    return task.attempt


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


def _skills(context: Context) -> tuple[str, ...]:
    """Names of the skills that the track's metadata matched; whether they helped is recorded at completion."""
    path = context.home.layout.metadata(context.state.track)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return tuple(str(skill["name"]) for skill in data.get("skills") or () if isinstance(skill, dict) and skill.get("name"))
    except (OSError, ValueError, AttributeError):
        return ()
