"""What is left to do when a run begins or goes on, by the track's issue tracker: a task whose issue was closed with a commit of this branch is done.

The plan's markers say most of it. The tracker knows more where another checkout or person closed an issue and the plan was not brought in step. A closed
issue without such a commit proves nothing: its task runs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from maestro.documents.edits import edited, mark_task
from maestro.documents.location import plan_path
from maestro.documents.plans import parse_plan
from maestro.errors import MaestroError
from maestro.files import lock, rewrite_text
from maestro.git.checkout import commit_of, is_ancestor
from maestro.models.plan import Status
from maestro.models.run import TaskRun, TaskState
from maestro.run.bookkeeping import SHORT
from maestro.run.context import Context
from maestro.run.mirrored import CLOSED

if TYPE_CHECKING:
    from maestro.integrations.issues import Issue

_SHA = re.compile(r"\bsha:([0-9a-f]{7,40})\b")


def take_over_closed(context: Context) -> None:
    """Mark such tasks in the plan and leave them out of the run. Where the tracker cannot be read, the plan alone says what is left, and it is told."""
    from maestro.integrations.link import epic_of

    state = context.state
    try:
        metadata = epic_of(context.home.layout, state.track)
        if metadata is None:
            return
        if state.compare_due:
            context.record("tracker-compared")
        from maestro.integrations.backend import find_backend
        from maestro.integrations.link import link
        from maestro.integrations.reading import peek

        backend = find_backend(context.root, ask=False)
        found = link(context.home.layout, state.track, context.plan, metadata, peek(backend))
    except MaestroError as error:
        context.tell(f"What is left to do comes from the plan alone: {error.message}")
        return
    closed = {
        task.id: found.issues.by_id[found.map.tasks[task.id]]
        for task in state.tasks.values()
        if task.state is TaskState.WAITING and not _closed_by_us(context, task) and found.map.tasks.get(task.id) in found.issues.by_id
    }
    closed = {task: issue for task, issue in closed.items() if issue.status == "closed"}
    done = {task: sha for task, issue in closed.items() if (sha := _proven(context, issue))}
    if done:
        _mark(context, done)
        for task in done:
            context.record("task-skipped", task=task, reason=f"closed as {closed[task].id}", outside=True)
        listed = ", ".join(f"{task} ({sha[:SHORT]})" for task, sha in done.items())
        context.tell(f"By the issue tracker ({backend.name}) these are done, with commits of this branch, and do not run: {listed}.")
    doubtful = [f"{task} ({issue.id})" for task, issue in closed.items() if task not in done]
    if doubtful:
        context.tell(f"Closed in the issue tracker, but with no commit of this branch, so they run: {', '.join(doubtful)}.")
    issues = {task.id: found.issues.by_id.get(found.map.tasks.get(task.id, "")) for task in state.tasks.values() if _closed_by_us(context, task)}
    opened = [f"{task} ({issue.id})" for task, issue in issues.items() if issue is not None and not issue.over and state.tasks[task].state.finished]
    if opened:
        context.tell(f"Opened again in the issue tracker since this run closed them: {', '.join(opened)}. `beads.py status {state.track}` settles it.")


def _closed_by_us(context: Context, task: TaskRun) -> bool:
    """The tracker says of such a task what this run told it, and nothing of its own."""
    return context.state.mirror.told.get(f"task:{task.id}", "").startswith(CLOSED)


def _proven(context: Context, issue: Issue) -> str:
    """The commit that the issue was closed for, where the branch contains it; else nothing."""
    named = _SHA.search(issue.reason)
    commit = commit_of(context.git, named[1]) if named else None
    return commit if commit is not None and is_ancestor(context.git, commit, "HEAD") else ""


def _mark(context: Context, done: dict[str, str]) -> None:
    path = plan_path(context.home.layout, context.state.track)
    shown = context.home.layout.shown(path)
    with lock(context.home.layout.maestro, purpose="marking the plan"):

        def marked(text: str) -> str:
            plan = parse_plan(text, shown)
            return edited(plan, (change for task, sha in done.items() for change in mark_task(plan, task, Status.DONE, sha[:SHORT])))

        rewrite_text(path, marked, shown)
    context.forget_plan()
