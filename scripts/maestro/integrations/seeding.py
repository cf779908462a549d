"""Makes the issues of a plan: an epic for the track, one for each phase, an issue for each task, and the edges between them.

Whatever is there already is found and kept, so that a call that was killed half way is simply repeated. All issues are made from one place, one after the
other: two clones that make children at the same time give the same id twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from itertools import pairwise

from maestro.documents.layout import Layout
from maestro.documents.metadata import update_metadata
from maestro.errors import Failed, NotFound
from maestro.files import lock, read_text, replace_text
from maestro.integrations.backend import Backend
from maestro.integrations.calls import Calls
from maestro.integrations.consistency import phase_reason, plan_reason
from maestro.integrations.issues import Issue, Issues, read_epic
from maestro.integrations.jsonl import issue_of
from maestro.integrations.labels import phase_label, task_label, track_label
from maestro.integrations.mapping import map_issues, phase_key, task_key
from maestro.integrations.reading import load, show
from maestro.integrations.writing import close
from maestro.models.notes import Note
from maestro.models.plan import Plan
from maestro.records import dataclass

TITLE, DESCRIPTION = 500, 50_000
"""Characters, within what both tools take."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: the track, its title, its plan, and `edges` as (task, what it needs)."""

    layout: Layout
    track: str
    title: str
    plan: Plan
    edges: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Seeded:
    """What is there (`existing`) and what was made or has to be made (`created`), by key of the issue map; `epic` under the key `epic`.

    `edges` are (blocked, blocker) by key; `closed` keys of issues whose tasks or phases the plan calls done.
    """

    epic: str = ""
    issues: dict[str, str] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    existing: list[str] = field(default_factory=list)
    edges: list[tuple[str, str]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def look(order: Order, issues: Issues, epic_id: str | None, told: Mapping[str, str]) -> Seeded:
    """What of the order is there already. Pure; nothing is made."""
    found = Seeded()
    label = track_label(order.track)
    labelled = (issue.id for issue in issues.by_id.values() if issue.type == "epic" and label in issue.labels and not issue.over)
    found.epic = epic_id if epic_id in issues.by_id else next(labelled, "")
    if epic_id and found.epic != epic_id:
        found.notes.append(Note("beads-epic-replaced", f"The tracker has no {epic_id}, which metadata.json named; another epic takes its place."))
    known = {key: issue for key, issue in told.items() if issue in issues.by_id}
    if found.epic:
        epic = read_epic(issues, found.epic)
        inside = [task.issue for task in epic.tasks] + list(epic.groups)
        by_label = {name: issue.id for issue in inside for name in issue.labels}
        known = {task_key(task): by_label[task_label(task)] for task in order.plan.tasks if task_label(task) in by_label} | known
        mapped = map_issues(order.plan, known, [task.issue for task in epic.tasks], epic.groups)
        known |= {task_key(order.plan.by_id[task]): issue for task, issue in mapped.tasks.items()}
        known |= {f"P{phase}": issue for phase, issue in mapped.phases.items()}
    found.issues = {key: known[key] for key in _keys(order.plan) if key in known}
    found.existing = [*(["epic"] if found.epic else []), *found.issues]
    found.created = [key for key in ("epic", *_keys(order.plan)) if key not in found.existing]
    wanted = [(_key(order, task), _key(order, needs)) for task, needs in order.edges]
    found.edges = [pair for pair in (*wanted, *_between_phases(order)) if not _has_edge(found, issues, *pair)]
    found.closed = [key for key, _ in _settled(order.plan) if not (key in found.issues and issues.by_id[found.issues[key]].over)]
    return found


def seed(backend: Backend, calls: Calls, order: Order, epic_id: str | None, told: Mapping[str, str]) -> Seeded:
    """Make what is missing, and note every issue in metadata.json as soon as it is there.

    Raises Failed `beads-refused`, `beads-id-reused`; what was made until then is noted, and the same call goes on from there.
    """
    with lock(order.layout.track(order.track), purpose="making issues"):
        found = look(order, load(backend, calls.actor), epic_id, told)
        label = track_label(order.track)
        if not found.epic:
            found.epic = _create(backend, calls, order.title, "epic", None, (label,), "")
        _note(order, found)
        for phase in order.plan.phases:
            key, parent = phase_key(phase), found.epic
            if has_issue(order.plan):
                if key not in found.issues:
                    title = f"Phase {phase.id}: {phase.title}" if phase.title else f"Phase {phase.id}"
                    found.issues[key] = _create(backend, calls, title, "epic", found.epic, (label, phase_label(phase)), "")
                    _note(order, found)
                parent = found.issues[key]
            for task in phase.tasks:
                if task_key(task) not in found.issues:
                    labels = (label, phase_label(phase), task_label(task))
                    found.issues[task_key(task)] = _create(backend, calls, task.title, "task", parent, labels, task.source)
                    _note(order, found)
        for blocked, blocker in found.edges:
            _add_edge(calls, found, blocked, blocker)
        for key, reason in _settled(order.plan):
            if key in found.closed:
                _close(calls, found, key, reason)
    return found


def _between_phases(order: Order) -> Iterator[tuple[str, str]]:
    """Phases are sequential: what a phase may begin with waits for the issue of the phase before it, which is closed when that one is verified.

    The tasks wait, not the issue of their phase: tools were seen to refuse the closing of a task while what contains it waits for something.
    """
    if not has_issue(order.plan):
        return
    left = {task.id: task.phase for task in order.plan.tasks if not task.settled}
    later = {task for task, needs in order.edges if task in left and left[task] == left.get(needs)}
    for before, phase in pairwise(phase for phase in order.plan.phases if phase.tasks):
        if not before.verified:
            yield from ((task_key(task), phase_key(before)) for task in phase.tasks if task.id in left and task.id not in later)


def _settled(plan: Plan) -> Iterator[tuple[str, str]]:
    """The issues that the plan calls done, with what they are closed for; what lies in a phase first."""
    yield from ((task_key(task), plan_reason(task)) for task in plan.tasks if task.settled)
    if has_issue(plan):
        yield from ((phase_key(phase), phase_reason(phase)) for phase in plan.phases if phase.verified)


def _close(calls: Calls, found: Seeded, key: str, reason: str) -> None:
    """Close the issue of what is done. The tool refuses while something it waits for is open; that is told."""
    try:
        close(calls, found.issues[key], reason)
    except Failed as error:
        found.closed.remove(key)
        found.notes.append(Note(error.slug, error.message))


def has_issue(plan: Plan) -> bool:
    """Whether phases get an issue of their own: not the one phase that stands for a plan without any."""
    return len(plan.phases) > 1 or any(phase.title for phase in plan.phases)


def _keys(plan: Plan) -> Iterable[str]:
    for phase in plan.phases:
        if has_issue(plan):
            yield phase_key(phase)
        yield from map(task_key, phase.tasks)


def _key(order: Order, task: str) -> str:
    return task_key(order.plan.by_id[task])


def _has_edge(found: Seeded, issues: Issues, blocked: str, blocker: str) -> bool:
    issue = issues.by_id.get(found.issues.get(blocked, ""))
    return issue is not None and found.issues.get(blocker) in issue.blockers


def _note(order: Order, found: Seeded) -> None:
    """Write the epic and the issues into metadata.json; nothing else in it changes."""
    path = order.layout.metadata(order.track)
    shown = order.layout.shown(path)
    if not path.is_file():
        raise NotFound("metadata-missing", f"Track {order.track} has no {shown}.", hint="`tracks.py new` and `tracks.py adopt` write one.", where=shown)
    with lock(order.layout.maestro, purpose="writing metadata"):
        replace_text(path, update_metadata(read_text(path, shown), {"beads_epic_id": found.epic, "beads_issue_map": found.issues}, shown))


def _create(backend: Backend, calls: Calls, title: str, kind: str, parent: str | None, labels: tuple[str, ...], description: str) -> str:
    """One issue's id, once it is proven that the issue of that id is the one that was made."""
    title = " ".join(title.split())[:TITLE]
    args = ["create", f"--title={title}", f"--type={kind}", f"--labels={','.join(labels)}"]
    if parent is not None:
        args.append(f"--parent={parent}")
    if description:
        args.append(f"--description={description[:DESCRIPTION]}")
    if calls.program.kind == "bd":
        args.append("--no-inherit-labels")
    with calls.alone():
        answer = calls.write(*args, repeatable=False)
        made = next((issue for record in answer.records if (issue := issue_of(record)) is not None), None)
        if made is not None:
            made = show(calls, made.id)
            if made.title != title:
                hint = "Another clone made an issue of the same id. Bring both trackers together, then repeat."
                raise Failed("beads-id-reused", f"{made.id} is {made.title!r} and not the new {title!r}.", hint=hint)
            return made.id
    made = _made_after_all(backend, calls, title, parent, labels)
    if made is None:
        why = answer.error or "it gave no reason"
        raise Failed(
            "beads-refused", f"{title!r} was not created. {calls.program.kind} says: {why}.", hint="Mend that, then repeat: what was made is found again."
        )
    return made.id


def _made_after_all(backend: Backend, calls: Calls, title: str, parent: str | None, labels: tuple[str, ...]) -> Issue | None:
    """The issue of a call that was ended, or whose answer was lost, after it had made one."""
    issues = load(backend, calls.actor).by_id.values()
    return next((issue for issue in issues if issue.title == title and issue.parent == parent and set(labels) <= set(issue.labels)), None)


def _add_edge(calls: Calls, found: Seeded, blocked: str, blocker: str) -> None:
    """`dep add A B` means that A waits for B. What the tool refuses (a cycle with edges of its own) is told; the plan keeps its order by itself."""
    with calls.alone():
        answer = calls.write("dep", "add", found.issues[blocked], found.issues[blocker])
    if answer.error:
        found.notes.append(Note("beads-edge-refused", f"{found.issues[blocked]} does not wait for {found.issues[blocker]}: {answer.error}."))
