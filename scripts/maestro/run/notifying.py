"""Tells the user's own command that somebody is needed or that the run has ended. It is a detached job of limited time: the run never waits for it."""

from __future__ import annotations

import contextlib

from maestro.models.run import Question, RunState, slugify
from maestro.run.commands import command, driven
from maestro.run.context import Context
from maestro.run.home import Home
from maestro.run.jobs import Job, Step, environment, shell
from maestro.run.progress import progress_of
from maestro.run.turns import Turn

LIMIT = 30.0
"""Seconds after which the command is ended."""

LONGEST = 2000
"""Characters of a text that an environment variable carries."""


def notify(context: Context, turn: Turn) -> None:
    """Tell what a driver in a session is about to be told, where that needs a person: each question once, the pause and the end."""
    if turn.question is not None:
        notify_question(context, turn.question)
    elif turn.kind == "complete":
        _tell(context, "question", f"complete-{context.state.events}", "All phases are verified. What happens to the track's folder?", QUESTION="cleanup")
    elif turn.kind == "finished":
        notify_end(context, turn.outcome)


def notify_question(context: Context, question: Question) -> None:
    """A person has to decide. A question that comes up in the same words once more is told again when another attempt or verification led to it."""
    tasks, phases = context.state.tasks, context.state.phases
    tries = len(tasks[question.task].attempts) if question.task in tasks else phases[question.phase].rejections if question.phase in phases else 0
    _tell(context, "question", f"question {question.id} {tries} {question.text}", question.text, QUESTION=question.id)


def notify_end(context: Context, outcome: str) -> None:
    """The run stops here: it is paused, or it ended as `completed`, `stopped`, `interrupted`, or `blocked` by questions that nobody has answered."""
    state = context.state
    if state.paused is not None and not state.over:
        _tell(context, "pause", f"pause-{state.events}", f"paused: {state.paused}", OUTCOME="stopped")
        return
    open_questions = "; ".join(question.text for question in state.open_questions)
    text = {"completed": "complete", "blocked": f"cannot go on without an answer: {open_questions}"}.get(outcome, outcome)
    _tell(context, "end", f"end-{outcome}-{state.events}", text, OUTCOME=outcome)


def unheard(home: Home, state: RunState) -> str:
    """Why the newest notice that has ended did not get through, in one line with where its output lies; empty where it did, or nothing was told."""
    if not state.settings.notify:
        return ""
    from maestro.run.telling import telling_line

    for folder in sorted(home.jobs(state.run).glob("notify-*"), key=lambda folder: folder.stat().st_mtime, reverse=True):
        job = Job(folder)
        ended = job.result()
        if ended is not None and ended.code == 0:
            return ""
        if ended is not None:
            how = f"not done within {LIMIT:g} s" if ended.timed_out else "it vanished" if ended.lost else f"exit code {ended.code}"
            said = telling_line(job.tail(2000))
            return f"the --notify command failed: {how}{f' ({said})' if said else ''}; its output: {job.log}"
    return ""


def _tell(context: Context, event: str, key: str, text: str, **more: str) -> None:
    """Start the command unless it was told this before: the job's folder goes by what is told. Nothing that happens to it reaches the run."""
    state = context.state
    if not state.settings.notify:
        return
    progress = progress_of(state)
    words = text.strip().replace("\0", "")
    told = {
        "EVENT": event,
        "TRACK": state.track,
        "RUN": state.run,
        "CHECKOUT": str(context.root),
        "SUMMARY": f"{state.track} {progress.done}/{progress.total}: {words.partition(chr(10))[0]}"[:LONGEST],
        "MESSAGE": words[:LONGEST],
        "DONE": str(progress.done),
        "TOTAL": str(progress.total),
        "NEXT": command("run", "status", state.track) if state.driver.process or state.over else driven(state, "next"),
        **more,
    }
    variables = environment(**{f"MAESTRO_{name}": value for name, value in told.items()})
    job = Job(context.home.jobs(state.run) / f"notify-{slugify(key)}")
    with contextlib.suppress(OSError):
        job.start([Step("notify", shell(state.settings.notify))], context.root, variables, timeout=LIMIT)
