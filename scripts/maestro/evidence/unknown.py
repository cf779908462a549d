"""Tasks of which nothing is known. What they touch can be anything, so they run alone: after all that is listed before them, before all that follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from maestro.evidence.claims import Heard
from maestro.evidence.material import Found, Material
from maestro.models.dependency import Dependency, Evidence, Kind, ScopeEntry, Strength
from maestro.models.notes import Note, listed
from maestro.models.plan import Phase, Plan

SHOWN = 8
"""Tasks that a note names; of more it tells the number."""


def find(material: Material) -> Found:
    """Hard edges around every task that names no path and no other task. Neutral task lists come without a repository and expect no scope: none there."""
    found = Found()
    if material.lenient:
        return found
    for phase in material.plan.phases:
        blank = {task.id for task in phase.tasks if not material.scopes.get(task.id) and not _speaks(material.heard[task.id])}
        if blank and len(phase.tasks) > 1:
            _surround(phase, blank, material, found)
            found.notes += _told(phase, blank, material.plan)
    return found


def without_scope(plan: Plan, scopes: Mapping[str, tuple[ScopeEntry, ...]], edges: Iterable[Dependency]) -> list[Note]:
    """One note for the tasks to be done that name no path and do not run alone for it: nothing keeps them apart from tasks that touch the same files."""
    alone = {end for edge in edges if edge.kind is Kind.UNKNOWN for end in (edge.task, edge.needs)}
    tasks = [task for task in plan.tasks if not (task.settled or scopes.get(task.id) or task.id in alone)]
    if not tasks or plan.dialect == "neutral":
        return []
    who = (
        f"Task {tasks[0].id} names"
        if len(tasks) == 1
        else f"{len(tasks)} tasks ({', '.join(task.id for task in tasks[:SHOWN])}{', …' * (len(tasks) > SHOWN)}) name"
    )
    common = "it has" if len(tasks) == 1 else "they have"
    message = f"{who} no file, so nothing shows what {common} in common with others. Add `Files:` with the paths that are changed."
    return [Note("task-without-scope", message, plan.where(tasks[0].line))]


def _speaks(heard: Heard) -> bool:
    """Whether a task says anything about order, be it that it needs nothing."""
    return bool(heard.claims) or heard.declares


def _surround(phase: Phase, blank: set[str], material: Material, found: Found) -> None:
    """A blank task waits for everything since the last blank one; what follows waits for it. The chain orders the same as edges to and from all."""
    tasks = {task.id: task for task in phase.tasks}
    since: list[str] = []
    last: str | None = None
    for task_id in sorted(tasks, key=material.order.place.__getitem__):
        needs = since or ([last] if last else []) if task_id in blank else [last] if last else []
        for need in needs:
            about = task_id if task_id in blank else need
            why = f"task {about} names no file and no other task, so it runs alone"
            material.order.add(task_id, need)
            found.dependencies.append(Dependency(task_id, need, Kind.UNKNOWN, Strength.HARD, Evidence(tasks[about].title, tasks[about].line, why)))
        if task_id in blank:
            last, since = task_id, []
        else:
            since.append(task_id)


def _told(phase: Phase, blank: set[str], plan: Plan) -> list[Note]:
    """What to add to the blank tasks, in one note. Those that are settled do not run any more, and what they lack matters to nobody."""
    tasks = [task for task in phase.tasks if task.id in blank and not task.settled]
    if not tasks:
        return []
    names = [task.id for task in tasks]
    who = f"Task {names[0]} names" if len(names) == 1 else f"Tasks {listed(names)} name"
    alone = "it runs alone" if len(names) == 1 else "each runs alone"
    message = f"{who} no file and no other task, so {alone}. Add `Files:` with the paths it changes, or `Depends on: none`."
    return [Note("scope-unknown", message, plan.where(tasks[0].line))]
