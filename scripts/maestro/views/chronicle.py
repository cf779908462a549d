"""What happened in a run, one sentence for each event that a person cares about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from maestro.counting import plural
from maestro.models.run import FailureClass, first_line
from maestro.views.cells import one_line

if TYPE_CHECKING:
    from maestro.run.journal import Event
    from maestro.views.shapes import LogEntryData

Data = Mapping[str, Any]


def chronicle(events: Sequence[Event], newest: int | None = None) -> list[LogEntryData]:
    """The events that people care about, the oldest first; with `newest`, only so many of the last ones."""
    told: Iterator[LogEntryData] = ({"at": event.at, "text": words} for event in reversed(events) if (words := sentence(event)))
    return list(islice(told, newest))[::-1]


def sentence(event: Event) -> str | None:
    """One printable line; None for events that only the engine needs."""
    say = SENTENCES.get(event.name)
    return one_line(say(event.data)) if say is not None else None


def _because(data: Data, key: str = "reason") -> str:
    return f": {first_line(data[key])}" if data.get(key) else ""


def _created(data: Data) -> str:
    tasks = sum(len(phase["tasks"]) for phase in data["phases"])
    return f"run {data['run']} of {data['track']} is made: {plural(tasks, 'task')} in {plural(len(data['phases']), 'phase')}"


def _composed(data: Data) -> str:
    return f"phase {data['phase']} begins: {plural(sum(map(len, data['waves'])), 'task')} in {plural(len(data['waves']), 'wave')}"


def _dispatched(data: Data) -> str:
    return f"{data['task']} starts" + (f", attempt {data['attempt']}" if data["attempt"] > 1 else "")


def _gate(data: Data) -> str:
    known = {"base": "the starting point", "phase": f"phase {data.get('phase')}", "undo": "what an undo leaves"}
    subject = known.get(data["subject"], f"{data.get('task')}")
    return f"tests of {subject} are {'green' if data['ok'] else 'RED'}" + (" (there are none)" if data.get("empty") else "")


def _failed(data: Data) -> str:
    from maestro.run.telling import in_short

    after = "no further attempt" if data["final"] else "it is tried again"
    if data["class"] == FailureClass.INTERRUPTED:
        return f"{data['task']} was interrupted (attempt {data['attempt']}): {first_line(data['reason'])}; {after}"
    return f"{data['task']} failed ({data['class']}, attempt {data['attempt']}, {after}): {in_short(data['reason']) or 'no reason given'}"


def _merged(data: Data) -> str:
    return f"{data['task']} is merged as {data['sha'][:7]}" if data["sha"] else f"{data['task']} needed no change"


def _slots(data: Data) -> str:
    return f"up to {plural(data['slots'], 'worker')} at a time" + (_because(data, "why") or " again")


def _found(data: Data) -> str:
    return f"{data['task']} touches {data['path']}, which nobody expected" if data.get("path") else f"{data['task']} turns out to need {data['needs']}"


SILENT = frozenset(
    {
        "answer-applied",
        "attempt-cleaned",
        "base-reset",
        "bookkeeping-committed",
        "candidate-made",
        "changes-settled",
        "completing",
        "gate-started",
        "integration-made",
        "mirror-linked",
        "mirrored",
        "paths-released",
        "paths-reserved",
        "renewal-failed",
        "tracker-compared",
        "question-withdrawn",
        "settings-changed",
        "setup-finished",
        "snapshot-taken",
        "undo-begun",
        "undo-ended",
        "undo-prepared",
        "worker-attached",
        "worker-ended",
        "worker-started",
    }
)
"""Steps of the engine inside what is told anyway. An event stands here or has its sentence; the house's tests insist."""

SENTENCES: dict[str, Callable[[Data], str]] = {
    "run-created": _created,
    "run-begun": lambda data: "the run begins",
    "plan-read": lambda data: "the plan was edited and read again",
    "phase-composed": _composed,
    "wave-added": lambda data: f"a wave is added to phase {data['phase']}: {', '.join(data['tasks'])}",
    "regrouped": lambda data: f"phase {data['phase']} is re-grouped: {' '.join(data['reasons'])}",
    "task-dispatched": _dispatched,
    "worker-checked": lambda data: f"{data['task']}: its worker's tests are {'green' if data['ok'] else 'red'}",
    "task-reported": lambda data: f"{data['task']} reports",
    "task-held": lambda data: f"{data['task']} is held back{_because(data)}",
    "gate-finished": _gate,
    "changes-left-out": lambda data: f"{data['task']}: left out of its commit: {', '.join(data['paths'])}",
    "task-merged": _merged,
    "task-failed": _failed,
    "task-blocked": lambda data: f"{data['task']} is blocked{_because(data)}",
    "task-unblocked": lambda data: f"{data['task']} is no longer blocked",
    "task-skipped": lambda data: f"{data['task']} is skipped{_because(data)}",
    "task-reopened": lambda data: f"{data['task']} is opened again",
    "task-undone": lambda data: f"{data['task']} is taken back",
    "task-moved": lambda data: f"the branch was rewritten: {data['task']} is in {data['sha'][:7]} now",
    "discovered": _found,
    "fix-task-added": lambda data: f"{data['task']} is added to mend what was found: {first_line(data['title'])}",
    "question-asked": lambda data: f"question {data['question']['id']}: {first_line(data['question']['text'])}",
    "question-answered": lambda data: f"answer to {data['id']}: {data['option']}",
    "question-parked": lambda data: f"{data['id']} waits for a person",
    "phase-verified": lambda data: f"phase {data['phase']} is verified",
    "coverage-measured": lambda data: f"coverage of phase {data['phase']}: {data['percent']:g} %" if data["percent"] >= 0 else "coverage could not be measured",
    "mirror-failed": lambda data: f"the issue tracker cannot be told{_because(data)}",
    "mirror-caught-up": lambda data: "the issue tracker knows all again",
    "paths-refused": lambda data: f"{data['task']} waits for paths that somebody else holds{_because(data)}",
    "slots-changed": _slots,
    "paused": lambda data: f"paused{_because(data)}",
    "resumed": lambda data: "the run goes on",
    "reopened": lambda data: f"the run is opened again{_because(data)}",
    "finished": lambda data: f"the run is {data['outcome']}",
}
