"""From an epic to the document that lists its tasks."""

from __future__ import annotations

from collections.abc import Mapping

from maestro.cli.subject import Subject
from maestro.cli.tracking import Tracking
from maestro.integrations.issues import Epic
from maestro.models.plan import Status
from maestro.schedule.graph import find_cycle, graph_of
from maestro.schedule.waves import assign_waves
from maestro.views.beads_shapes import IssuesData


def issues_data(mine: Tracking, epic: Epic, tasks: Mapping[str, str], track: str | None) -> IssuesData:
    """The tasks of an epic. `tasks` are issues by the ids of the plan's tasks. Waves are of what is not over, and of nothing while there is a circle."""
    names = {issue: task for task, issue in tasks.items()}
    left = [task.issue.id for task in epic.tasks if not task.issue.over]
    edges = [(task.issue.id, need) for task in epic.tasks for need in task.needs]
    cycle = find_cycle(graph_of([task.issue.id for task in epic.tasks], edges))
    return {
        "backend": mine.name,
        "degraded": mine.degraded(),
        "track": track,
        "epic": epic.issue.id,
        "title": epic.issue.title,
        "tasks": [
            {
                "issue": task.issue.id,
                "task": names.get(task.issue.id),
                "title": task.issue.title,
                "status": task.issue.status,
                "assignee": task.issue.assignee,
                "needs": list(task.needs),
                "outside": list(task.outside),
                "missing": list(task.missing),
                "ready": task.ready,
            }
            for task in epic.tasks
        ],
        "waves": [] if cycle else [list(wave) for wave in assign_waves(left, edges)],
        "cycle": cycle or [],
    }


def plan_data(mine: Tracking, subject: Subject) -> IssuesData:
    """The tasks that the plan alone tells of, where no tracker is there: in its own composition's waves, each named by its id in the plan."""
    from maestro.cli.composing import composed

    found = composed(subject).composition
    needs: dict[str, list[str]] = {}
    for edge in found.dependencies:
        needs.setdefault(edge.task, []).append(edge.needs)
    over = {task.id for task in subject.plan.tasks if task.status in (Status.DONE, Status.SKIPPED)}
    first = next((phase.id for phase in subject.plan.phases if any(task.id not in over for task in phase.tasks)), None)
    waves = [[task for task in wave.tasks if task not in over] for phase in found.phases for wave in phase.waves]
    return {
        "backend": mine.name,
        "degraded": mine.degraded(),
        "track": subject.track,
        "epic": None,
        "title": subject.plan.title or subject.name,
        "tasks": [
            {
                "issue": task.id,
                "task": task.id,
                "title": task.title,
                "status": "closed" if task.id in over else "in_progress" if task.status is Status.PROGRESS else "open",
                "assignee": "",
                "needs": needs.get(task.id, []),
                "outside": [],
                "missing": [],
                "ready": task.status is Status.NEW and task.phase == first and over.issuperset(needs.get(task.id, ())),
            }
            for task in subject.plan.tasks
        ],
        "waves": [wave for wave in waves if wave],
        "cycle": [],
    }
