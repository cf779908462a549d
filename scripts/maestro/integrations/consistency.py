"""Where plan.md and the tracker say different things, and what would bring them together. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

from maestro.integrations.issues import Issue
from maestro.integrations.link import Link
from maestro.models.plan import Phase, Status, Task
from maestro.records import dataclass

_SHA = re.compile(r"\bsha:([0-9a-f]{4,40})\b")


@dataclass(frozen=True, slots=True)
class Difference:
    """`repairs` are commands, the likelier first. `closes`: the first one only closes an issue whose task or phase the plan calls done, which loses nothing."""

    task: str | None
    issue: str | None
    message: str
    repairs: tuple[str, ...] = ()
    closes: str | None = None


def compare(link: Link) -> tuple[Difference, ...]:
    """Every difference between the markers of the plan and the issues of its epic."""
    found = [difference for task in link.plan.tasks if (difference := _of_task(link, task)) is not None]
    found += filter(None, (_of_phase(link, phase) for phase in link.plan.phases))
    known = set(link.map.tasks.values())
    found += [
        Difference(None, task.issue.id, f"{task.issue.id} ({task.issue.title}) stands for no task of {link.plan.path}.")
        for task in link.epic.tasks
        if task.issue.id not in known and not task.issue.over
    ]
    return tuple(found)


def plan_reason(task: Task) -> str:
    """Why an issue is closed whose task the plan calls done: all that a marker tells."""
    if task.status is Status.SKIPPED:
        return "skipped | plan.md"
    sha = task.marker.sha if task.marker else None
    return f"sha:{sha} | plan.md" if sha else "done | plan.md"


def phase_reason(phase: Phase) -> str:
    """The same for the issue of a phase."""
    return f"sha:{phase.checkpoint} | phase verified | plan.md"


def _of_phase(link: Link, phase: Phase) -> Difference | None:
    """A phase's issue holds up what follows: it is closed when the phase is verified, and not while something in it is left to do."""
    issue = link.issues.by_id.get(link.map.phases.get(phase.id, ""))
    if issue is None:
        return None
    if phase.verified and not issue.over:
        reason, says = phase_reason(phase), f"Phase {phase.id} is verified in the plan, and {issue.id} is {issue.status}."
        return Difference(None, issue.id, says, (f"beads.py close {issue.id} --reason {shlex.quote(reason)}",), reason)
    left = [task.id for task in phase.tasks if not task.settled]
    if issue.over and left:
        says = f"{issue.id} is {issue.status}, and in phase {phase.id} of the plan {', '.join(left)} {'is' if len(left) == 1 else 'are'} left to do."
        return Difference(None, issue.id, says, (f"beads.py release {issue.id}",))
    return None


def _of_task(link: Link, task: Task) -> Difference | None:
    name = link.map.tasks.get(task.id)
    if name is None:
        return Difference(task.id, None, f"{task.id} has no issue.", ("beads.py from-plan",))
    issue = link.issues.by_id.get(name)
    if issue is None:
        return Difference(task.id, name, f"{task.id} is mapped to {name}, which the tracker does not have.", ("beads.py from-plan",))
    return next(_differences(task, issue), None)


def _differences(task: Task, issue: Issue) -> Iterator[Difference]:
    done = task.settled
    both = f"{task.id} is {task.status} in the plan, and {issue.id} is {issue.status}"
    if done and not issue.over:
        reason = plan_reason(task)
        yield Difference(task.id, issue.id, f"{both}.", (f"beads.py close {issue.id} --reason {shlex.quote(reason)}",), reason)
    elif not done and issue.over:
        proof = _SHA.search(issue.reason)
        mark = f"mark.py {task.id} done" + (f" --sha {proof[1]}" if proof else "")
        yield Difference(task.id, issue.id, f"{both}.", (f"beads.py release {issue.id}", mark))
    elif issue.status == "in_progress" and task.status in (Status.NEW, Status.BLOCKED):
        yield Difference(task.id, issue.id, f"{both}, claimed by {issue.assignee or 'nobody'}.", (f"beads.py release {issue.id}",))
    elif issue.status == "open" and task.status is Status.PROGRESS:
        yield Difference(task.id, issue.id, f"{both}.", (f"beads.py claim {issue.id}",))
    elif done and (closed := _SHA.search(issue.reason)) is not None:
        sha = (task.marker.sha if task.marker else None) or closed[1]
        if not (closed[1].startswith(sha) or sha.startswith(closed[1])):
            yield Difference(task.id, issue.id, f"{task.id} is {sha} in the plan, and {issue.id} was closed with {closed[1]}.")
