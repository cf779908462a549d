"""The state of a run in a screenful."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from maestro.counting import plural
from maestro.models.action import Progress, TaskProgress, WaveProgress
from maestro.models.run import Option, Question
from maestro.views.action import answer_call
from maestro.views.cells import printable, wrap
from maestro.views.progress import duration, progress_text

OWNER_GONE = "the process that drove it is gone"

SAME_DAY = 20 * 3600
"""Seconds after which a time of day alone would be taken for today's."""


def status_text(data: dict[str, Any], columns: int = 80, now: Sequence[str] = (), limit: int | None = None) -> str:
    """Where it runs, how far it is, what it waits for, what to do next. `now` are lines about who is at work.

    limit: characters above which tasks that are finished or wait are counted only, so that questions and the next step stay
    """
    whole = "\n".join(_status(data, columns, now, folded=False))
    return whole if limit is None or len(whole) <= limit else "\n".join(_status(data, columns, now, folded=True))


def _status(data: dict[str, Any], columns: int, now: Sequence[str], *, folded: bool) -> list[str]:
    lines = [f"{data['track']}: {summary(data)}", f"{data['mode']} on branch {data['branch']} in {data['checkout']}"]
    lines += wrap(", ".join(data["unusual"]), columns, indent="  ") if data["unusual"] else []
    lines += [line for words in _left_over(data.get("left", ())) for line in wrap(words, columns, indent="    ", first="  ")]
    lines += [line for entry in data.get("untried", ()) for line in wrap(_untried(entry), columns, indent="    ", first="  ")]
    lines += wrap(printable(data["unheard"]), columns, indent="    ", first="  ") if data.get("unheard") else []
    lines += [*now, ""]
    waves = tuple(WaveProgress(**{**wave, "tasks": tuple(wave["tasks"])}) for wave in data["progress"]["waves"])
    progress = Progress(**{**data["progress"], "waves": waves})
    tasks = [TaskProgress(**{key: value for key, value in task.items() if key in TaskProgress.__slots__}) for task in data["tasks"]]
    lines.append(progress_text(data["track"], progress, tasks, data["phases"], columns, folded=folded))
    lines += wrap(f"handles: {handles}", columns, indent="    ", first="  ") if (handles := _handles(data)) else []
    for question in data["questions"]:
        words = f"Question {question['id']}: {printable(question['text'], keep=chr(10))}"
        lines += ["", *(line for part in words.splitlines() for line in wrap(part, columns, indent="  ", first=part[: len(part) - len(part.lstrip())]))]
        lines.append(f"  {answer_call([Option(**option) for option in question['options']], question['id'])}")
    theirs = f" (for its driver, {printable(data['driver'])})" if " --driver " in data["next"] and " --resume" not in data["next"] else ""
    lines += ["", *(["Finished and waiting tasks are only counted: add --full to see them all."] if folded else ())]
    return [*lines, f"next{theirs}: {data['next']}"]


def summary(data: Mapping[str, Any]) -> str:
    """The first line of the morning: `waits for an answer since 03:12 UTC; 4 of 7 merged; 1 question`."""
    states, asked = Counter(task["state"] for task in data["tasks"]), len(data["questions"])
    parts = [condition_words(data), f"{states['merged']} of {states.total()} merged"]
    parts += [f"{states[word]} {word}" for word in ("skipped", "failed", "blocked") if states[word]]
    parts += [plural(asked, "question")] if asked and data["condition"] != "waiting" else []
    return "; ".join(parts)


def _handles(data: Mapping[str, Any]) -> str:
    """The newest attempts of open tasks, by the names that `fail`, `retry` and `review` take."""
    listed = (f"{task['handle']} {task['state']}" for task in data["tasks"] if task.get("handle") and task["state"] not in ("merged", "skipped"))
    return ", ".join(listed)


def _untried(entry: Mapping[str, Any]) -> str:
    return f"nobody tried by hand (phase {entry['phase']}): {printable(entry['step'])}"


def _left_over(left: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """One line for each task: what its newest attempt left, and of how many before that the work is kept."""
    for task, found in groupby(left, key=lambda one: one["task"]):
        *earlier, newest = found
        more = f"; {plural(len(earlier), 'earlier attempt')} kept too: `run.py review {task}`" if earlier else ""
        yield f"{_left(newest)}{more}"


def _left(left: Mapping[str, Any]) -> str:
    """One attempt whose work is not on the branch."""
    alive = "; its worker still runs" if left["alive"] else ""
    return f"{left['task']}: {plural(len(left['files']), 'file')} unmerged in {left['place']} ({left['handle']}{alive})"


def question_lines(question: Question, columns: int = 80) -> list[str]:
    """A question as a person at a terminal is asked it: with what there is to try, where the whole output lies, and what each answer does."""
    lines = [line for part in printable(question.text, keep="\n").splitlines() for line in wrap(part, columns, indent="  ", first="")]
    for step in question.context.get("steps", ()):
        lines += wrap(printable(step), columns, indent="       ", first="  try: ")
    if question.context.get("log"):
        lines.append(f"  log: {printable(question.context['log'])}")
    for option in question.options:
        lines += wrap(f"{option.label} ({option.effect})", columns, indent="    ", first=f"  {option.id}: ")
    return lines


def left_for_an_answer(data: Mapping[str, Any]) -> bool:
    """A process that drove the run ended in good order, because it could do nothing more without an answer; none that was killed beside its workers."""
    return bool(data["condition"] == "owner-gone" and data["questions"] and not any(task["state"] == "running" for task in data["tasks"]))


def condition_words(data: Mapping[str, Any]) -> str:
    """The state of the whole run in a few words, with the time at which it came to rest."""
    quiet = duration(data["quiet_s"])
    at = data["last_event_at"]
    then = f"{at[11:16]} UTC" if data["quiet_s"] < SAME_DAY else f"{at[:10]} {at[11:16]} UTC"
    return {
        "running": f"running, last event {quiet} ago",
        "waiting": f"waits for an answer since {then}",
        "paused": f"paused {then}: {data['paused']}",
        "owner-gone": f"waits for an answer since {then}" if left_for_an_answer(data) else f"stopped {then}, {OWNER_GONE}",
        "completed": f"completed {then}",
        "stopped": f"stopped {then}",
    }[data["condition"]]
