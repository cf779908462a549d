"""What comes next, in words: the same document that `--json` prints, as short as an agent's context wants it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from maestro.models.action import Action, Complete, Decide, Dispatch, Finished, Implement, Merge, VerifyPhase, Wait
from maestro.models.run import Option
from maestro.views.progress import duration, progress_line
from maestro.views.words import short_ids

YOURS = "Yours to answer, from what you see there; ask the user only what you cannot judge."
"""Under a decision that is the agent's."""

DERIVE = "Yours: the plan has no manual steps, so derive some from the spec, or else from the plan."
"""In place of a phase's manual steps. What its tasks brought is listed above it, and says nobody what to try."""

_DONE = {"merged": "done"}
"""A task that was settled without a commit is not called merged."""


def action_text(action: Action) -> str:
    """The whole action: notices first, then what to do, then the literal next command. Where there is none, nothing follows."""
    word = "STOPPED" if isinstance(action, Finished) and action.outcome != "completed" else action.action.upper()
    lines = [*action.notices, f"{word}: {action.summary}"]
    lines += _body(action)
    if not action.then:
        return "\n".join(lines)
    if action.action not in ("decide", "verify-phase", "complete"):
        lines.append(f"then: {action.then}")
    lines.append(progress_line(action.track, action.progress, action.phase, action.wave))
    return "\n".join(lines)


def _body(action: Action) -> Iterator[str]:
    match action:
        case Implement():
            yield f"method: {action.method}; check: {action.check}"
            yield from action.brief.rstrip().splitlines()
        case Dispatch():
            yield from _dispatch(action)
        case Wait():
            yield from _wait(action)
        case Merge():
            yield from _forecast(action.forecast)
        case VerifyPhase():
            yield from _verify(action)
        case Decide():
            yield from action.text.splitlines()[1:]
            if action.ask == "agent":
                yield YOURS
            yield from _options([Option(**option) for option in action.options], action.default, action.question_id)
        case Complete():
            yield from _complete(action)
        case Finished():
            yield from _finished(action)


def _wait(action: Wait) -> Iterator[str]:
    for worker in action.running:
        touched = f", touched {', '.join(worker.files)}" if worker.files else ""
        yield f"  {worker.handle}: running {duration(worker.since_s)}, last sign of life {duration(worker.last_activity_s)} ago{touched}"
    yield from _forecast(action.forecast)
    if action.how:
        yield action.how
    if action.if_lost:
        yield action.if_lost


def _complete(action: Complete) -> Iterator[str]:
    yield from _left_over(action)
    if action.skills:
        yield f"skills of this track: {', '.join(action.skills)}; add --skills 'NAME: whether it helped, and why'"
    yield "Ask the user: what happens to the track's folder?"
    yield from _options([Option(**option) for option in action.options], "keep", "--cleanup")


def _finished(action: Finished) -> Iterator[str]:
    yield from (f"  {task['id']} {task['sha'] or _DONE.get(task['state'], task['state'])} {task['title']}{_because(task)}" for task in action.tasks)
    yield from (f"  {task} was tried more than once: {_why_again(action, task)}" for task in action.retried)
    yield f"  on branch {action.branch}" + (f"; tests: {action.tests}" if action.tests else "")
    yield from (f"  nobody tried by hand (phase {entry.phase}): {entry.step}" for entry in action.untried)
    yield from (f"  {line}" for line in _left_over(action))
    for question in action.questions:
        yield f"  question {question.id}: {question.text}"
        yield from (f"  {line}" for line in _options(list(question.options), question.default, question.id))
    if action.times.get("wall"):
        yield f"  {_times(action.times)}; more: {action.report}"


def _left_over(action: Complete | Finished) -> Iterator[str]:
    """What the run leaves behind, and what the user may do about it."""
    yield from (f"left over: {entry}" for entry in action.leftovers)
    if action.show_leftovers:
        yield f"  for the user, to see what is left over: {action.show_leftovers}"
        yield f"  for the user, to remove it for good: {action.remove_leftovers}"


def _because(task: Mapping[str, str]) -> str:
    return f" ({short_ids(task['reason'])})" if task["reason"] else ""


def _why_again(action: Finished, task: str) -> str:
    """What each attempt of a task failed of; one that a person took back failed of nothing."""
    failed = [f"attempt {entry['attempt']}, {entry['class']}: {short_ids(entry['reason'])}" for entry in action.failures if entry["task"] == task]
    return "; ".join(failed) or "it was asked for again"


def _forecast(clashes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for clash in clashes:
        yield f"  forecast: {' and '.join(clash['pair'])} conflict in {', '.join(clash['files'])}"


def _dispatch(action: Dispatch) -> Iterator[str]:
    """The workers, and their prompt once, since it differs in the handle only."""
    for worker in [worker for worker in action.workers if worker.yourself]:
        yield f"Do this one yourself, no worker: {worker.handle} {worker.agent.description}: run `{worker.attach}`, and what it prints"
    workers = [worker for worker in action.workers if not worker.yourself]
    if not workers:
        return
    where = "in the background" if action.background else "in the foreground"
    how = f"as before (how: `{action.known}`)" if action.known else "each with the prompt below, its own handle in place of HANDLE"
    yield f"Spawn all of these in one message, {where}, {how}:"
    for worker in workers:
        note = f" ({worker.again})" if worker.again else f" (continues {worker.resume_from})" if worker.resume_from else ""
        note += " (handed out before: only if nobody has it)" if worker.repeat and not action.repeat else ""
        yield f"- {worker.handle} [{worker.agent.subagent_type}] {worker.agent.description}{note}"
    if action.known:
        return
    first = workers[0]
    yield f"prompt: {first.agent.prompt.replace(first.handle, 'HANDLE')}"
    yield f"If spawning fails: {action.on_spawn_error}"


def _verify(action: VerifyPhase) -> Iterator[str]:
    test = action.test
    yield from (f"  {commit['id']} {commit['sha']} {commit['title']}" for commit in action.commits)
    yield from (f"  {task['id']} {task['state']} {task['title']}{_because(task)}" for task in action.without_commit)
    yield f"commits {action.base}..{action.checkpoint}; tests: {'none' if test['command'] is None else 'green' if test['ok'] else 'RED'}" + (
        f"; coverage {action.coverage:g} %" if action.coverage is not None and action.coverage >= 0 else ""
    )
    if test["command"] is not None and not test["ok"]:
        yield from str(test["tail"]).splitlines()[-20:]
    if action.untested_files:
        yield f"changed without a test of its own: {', '.join(action.untested_files[:10])}"
    if not action.derive_steps:
        yield from (f"  try: {step}" for step in action.manual_steps[:12])
    elif action.manual_steps:
        yield DERIVE
    yield from _options(list(action.question.options), action.question.default, action.question.id)


def _options(options: list[Option], default: str | None, before: str) -> Iterator[str]:
    """Each answer with its effect, and one line that shows how any of them is given. `before` is the word in front of an answer in its command."""
    for option in options:
        mark = " (default)" if option.id == default else ""
        label = "" if option.label.casefold() == option.id else f" {option.label}:"
        yield f"  {option.id}{mark}:{label} {option.effect}"
    yield answer_call(options, before)


def _times(times: dict[str, float]) -> str:
    """How long it took; where it waited for people or was left alone, also how long without that."""
    waited = times["wall"] - times["active"]
    active = f" ({duration(times['active'])} of it active)" if waited >= 1 else ""
    return f"{duration(times['wall'])} in all{active}, {duration(times['tasks'])} of task time"


def answer_call(options: Sequence[Option], before: str) -> str:
    """The one line that shows how any of these answers is given."""
    first = options[0]
    needed, welcome = ([option.id for option in options if option.words == words] for words in ("needed", "welcome"))
    parts = [f"with --text TEXT for {', '.join(needed)}" if needed else "", f"--text TEXT may go with {', '.join(welcome)}" if welcome else ""]
    words = "; ".join(part for part in parts if part)
    call = first.command.replace(" --text TEXT", "").replace(f" {before} {first.id}", f" {before} <{'|'.join(option.id for option in options)}>")
    return f"answer: {call}" + (f" ({words})" if words else "")
