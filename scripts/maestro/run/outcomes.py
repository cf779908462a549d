"""The action documents that tell what was done: at the end of a phase, of all phases, of a run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from maestro.documents.location import adopted_plan
from maestro.git.checkout import head
from maestro.models.action import Action, Complete, Finished, VerifyPhase
from maestro.models.run import RunState, TaskRun, TaskState
from maestro.models.untried import untried
from maestro.run import questions
from maestro.run.action_parts import common
from maestro.run.bookkeeping import SHORT
from maestro.run.commands import command, driven, going_on
from maestro.run.context import Context
from maestro.run.turns import Turn


def verify(context: Context, turn: Turn) -> Action:
    """A phase whose tasks are settled and tested, for a person's word. `turn` has the question and the gate."""
    from maestro.run.manual import manual_steps, planned_steps
    from maestro.run.verification import checkpoint_of, untested_files

    assert turn.phase is not None and turn.question is not None and turn.gate is not None
    question = questions.with_commands(context.state, turn.question)
    tip = head(context.git) or ""
    return VerifyPhase(
        **common(context, turn, "verify-phase", question.text, "Show the user what the phase did, ask, then run the option's command."),
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


def complete(context: Context, turn: Turn) -> Action:
    """A track whose phases are verified: what becomes of its folder?"""
    from maestro.run.completion import about_leftovers

    state = context.state
    question = questions.cleanup(state.track, adopted_plan(context.home.layout, state.track))
    call = driven(context.state, "complete")
    options = tuple({**asdict(option), "command": driven(context.state, "complete", "--cleanup", option.id)} for option in question.options)
    then = "Ask the user what happens to the track's folder, then run the answer."
    return Complete(
        **common(context, turn, "complete", f"All phases of {state.track} are verified.", then),
        commits=_commits(context),
        **about_leftovers(context, cleaned=True),
        skills=_skills(context),
        options=options,
        command=call,
    )


def finished(context: Context, turn: Turn) -> Action:
    """The end of a run or of what can be done without an answer, by `turn.outcome`, and how it goes on."""
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
        **common(context, turn, "finished", words, then),
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


def _skills(context: Context) -> tuple[str, ...]:
    """Names of the skills that the track's metadata matched; whether they helped is recorded at completion."""
    path = context.home.layout.metadata(context.state.track)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return tuple(str(skill["name"]) for skill in data.get("skills") or () if isinstance(skill, dict) and skill.get("name"))
    except (OSError, ValueError, AttributeError):
        return ()
