"""Follows a plan that is edited while its run goes on. A task is its id and title without markers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maestro.documents.digests import task_digests
from maestro.documents.location import plan_path
from maestro.models.plan import Plan, Status
from maestro.models.run import RunState, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run import questions
from maestro.run.context import Context


def identity(plan: Plan, path: Path) -> list[dict[str, Any]]:
    """The phases and tasks of the plan in a file, as the journal keeps them. `done` and `sha` tell what was settled before the run."""
    digests = task_digests(path, plan)
    return [
        {
            "id": phase.id,
            "title": phase.title,
            "tasks": [
                {
                    "id": task.id,
                    "title": task.title,
                    "done": _settled(task.status),
                    "sha": task.marker.sha if task.marker else None,
                    "digest": digests[task.id],
                }
                for task in phase.tasks
            ],
            "verified": phase.verified,
        }
        for phase in plan.phases
    ]


@dataclass(frozen=True, slots=True)
class _Edits:
    """What differs between the plan as it was known and as it is now. `done`: marked by hand; `odd`: what nobody can follow without being told."""

    gone: list[TaskRun]
    retitled: list[TaskRun]
    rewritten: list[TaskRun]
    added: list[str]
    done: list[str]
    odd: list[str]

    @property
    def listed(self) -> str:
        """`+1.4, -1.2, ~1.3`: tasks that came, went and changed."""
        changed = dict.fromkeys(task.id for task in (*self.retitled, *self.rewritten))
        return ", ".join([*(f"+{task}" for task in self.added), *(f"-{task.id}" for task in self.gone), *(f"~{task}" for task in changed)])


def _edits(state: RunState, now: list[dict[str, Any]]) -> _Edits:
    entries = {task["id"]: task for phase in now for task in phase["tasks"]}
    known = {task.id: task for task in state.tasks.values() if not task.fix_text}
    kept = [task for task in known.values() if task.id in entries]
    gone = [task for task in known.values() if task.id not in entries]
    retitled = [task for task in kept if entries[task.id]["title"] != task.title]
    odd = [f"{task.id} ({task.title}) is gone" for task in gone if not _removable(task.state)]
    odd += [
        f"{task.id} is now {entries[task.id]['title']!r} instead of {task.title!r}" for task in retitled if task.state is not TaskState.WAITING or task.attempts
    ]
    return _Edits(
        gone,
        retitled,
        rewritten=[task for task in kept if task.state is TaskState.WAITING and task.digest not in ("", entries[task.id]["digest"])],
        added=[task for task in entries if task not in known],
        done=[task for task, entry in entries.items() if task in known and _settled_by_hand(state, task, entry)],
        odd=odd,
    )


def follow_plan(context: Context) -> bool:
    """Take over what was edited: new tasks join, changed ones that have not started are re-grouped at the next boundary, running ones keep their text.

    Removal and renumbering are a question. True when something changed.
    """
    state = context.state
    now = identity(context.plan, plan_path(context.home.layout, state.track))
    edits = _edits(state, now)
    if not (edits.listed or edits.done):
        return False
    if (edits.odd or edits.gone) and state.answers.get("plan-changed") is None:
        questions.ask(context, questions.plan_changed(edits.odd or [f"{task.id} ({task.title}) is gone" for task in edits.gone]))
        return True
    for task_id in edits.done:
        context.record("task-skipped", task=task_id, reason="marked in the plan by hand", outside=True)
        context.tell(f"{task_id} was marked done in the plan by hand; it does not run.")
    for task in edits.rewritten:
        if not task.held and any(task.id in wave for wave in state.phases[task.phase].waves):
            context.record("task-held", task=task.id, reason=f"{task.id} was edited in the plan")
    context.record("plan-read", phases=now)
    if edits.listed:
        context.tell(f"The plan was edited ({edits.listed}); what has not started is scheduled anew.")
        for phase in state.phases.values():
            if phase.composed and not phase.verified:
                _schedule_added(context, phase.id, edits.added)
    return True


def _schedule_added(context: Context, phase_id: str, added: list[str]) -> None:
    """Put new tasks behind the last wave; the next boundary finds their right place."""
    phase = context.state.phases[phase_id]
    fresh = [
        task_id
        for task_id in added
        if task_id in context.state.tasks and context.state.tasks[task_id].phase == phase_id and context.state.tasks[task_id].state is TaskState.WAITING
    ]
    present = {task for wave in phase.waves for task in wave}
    missing = [task_id for task_id in fresh if task_id not in present]
    if missing:
        context.record("wave-added", phase=phase_id, tasks=missing)


def _removable(state: TaskState) -> bool:
    return state in (TaskState.WAITING, TaskState.BLOCKED, TaskState.SKIPPED)


def _settled_by_hand(state: RunState, task_id: str, entry: dict[str, Any]) -> bool:
    task = state.tasks[task_id]
    return bool(entry["done"]) and task.state is TaskState.WAITING and not task.attempts and state.settings.mode is Mode.PARALLEL


def _settled(status: Status) -> str | None:
    if status is Status.DONE:
        return "done"
    return "skipped" if status is Status.SKIPPED else None
