"""Reserves a task's files with an Agent Mail server while its worker has it, where the user has named one. Without one nothing here happens.

Other agents of the user may work in the same repository; a path that one of them holds is a reason to do something else first.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from maestro import clock
from maestro.errors import Failed, MaestroError
from maestro.models.plan import Access
from maestro.models.run import TaskRun
from maestro.run.context import Context

if TYPE_CHECKING:
    from maestro.integrations.mail import Agent, Mail

TOKEN = "MAESTRO_MAIL_TOKEN"
"""The variable that holds the server's token; it stands in no document."""

AGAIN = 30.0
"""Seconds before a refused task is asked for again."""

PATIENCE = 300.0
"""Seconds before a renewal that failed is tried again: a server that hangs must not hold up every step."""


def not_refused(context: Context, tasks: list[TaskRun]) -> list[TaskRun]:
    """Without those whose files somebody held a moment ago; it is said what they wait for."""
    free = []
    for task in tasks:
        at, reason = context.state.refusals.get(task.id, ("", ""))
        if at and clock.seconds_since(at) < AGAIN:
            context.tell(f"{task.id} waits: {reason}.")
        else:
            free.append(task)
    return free


def reserved(context: Context, task: TaskRun, others: bool) -> bool:
    """Whether the task may start: its files are reserved, or nobody has to be asked. A refused task moves to a later wave while there are `others` to do.

    A server that does not answer is told and holds nothing up: reservations are advice, worktrees keep the tasks apart.
    """
    url = context.state.settings.mail
    paths = _written(context, task)
    if url is None or not paths:
        return True
    try:
        mail, agent = _known(context, url)
        grant = mail.reserve(agent, paths, f"{context.state.track} {task.id}")
    except Failed as error:
        context.tell(f"No files were reserved: {error.message}")
        return True
    if grant.refused:
        context.record("paths-refused", task=task.id, reason=grant.refused)
        if others:
            context.record("task-held", task=task.id, reason=grant.refused)
        context.tell(f"{task.id} {'is held back to a later wave' if others else 'waits'}: {grant.refused}.")
        return False
    context.record("paths-reserved", task=task.id, ids=list(grant.ids))
    return True


def renew(context: Context) -> None:
    """Hold the files of running tasks for as long as they run, though a reservation lasts for some hours only: half of them are over when this begins.

    What ended while nobody called is reserved again. Where somebody else has it by now, the worker goes on, and it is told.
    """
    state = context.state
    if state.settings.mail is None or not state.reserved_at:
        return
    from maestro.integrations.mail import LIFETIME

    due = [task for task, at in state.reserved_at.items() if state.tasks[task].state.under_way and clock.seconds_since(at) > LIFETIME / 2]
    if not due or (state.renewal_failed_at and clock.seconds_since(state.renewal_failed_at) < PATIENCE):
        return
    try:
        mail, agent = _known(context, state.settings.mail)
        for name in due:
            ids = state.reservations[name]
            if ids and not mail.renew(agent, ids):
                grant = mail.reserve(agent, _written(context, state.tasks[name]), f"{state.track} {name}")
                if grant.refused:
                    context.tell(f"{name} goes on though its reservation has ended: {grant.refused}.")
                ids = grant.ids
            context.record("paths-reserved", task=name, ids=list(ids))
    except Failed as error:
        context.record("renewal-failed", reason=error.message)
        context.tell(f"Reservations of {', '.join(due)} could not be renewed: {error.message}")


def _written(context: Context, task: TaskRun) -> list[str]:
    """The paths that a task is expected to write."""
    return [path for path, access in context.state.phases[task.phase].scopes.get(task.id, ()) if Access(access).writes]


def give_back(context: Context) -> None:
    """Release what settled tasks had reserved, and everything once the run is over."""
    state = context.state
    if state.settings.mail is None or not state.reservations:
        return
    settled = [task for task in state.reservations if not state.tasks[task].state.under_way]
    if not settled:
        return
    try:
        mail, agent = _known(context, state.settings.mail)
        if state.over:
            mail.release_all(agent)
        else:
            mail.release(agent, [number for task in settled for number in state.reservations[task]])
    except MaestroError as error:
        context.tell(f"Reservations of {', '.join(settled)} could not be released, and end by themselves: {error.message}")
    for task in settled:
        context.record("paths-released", task=task)


def _known(context: Context, url: str) -> tuple[Mail, Agent]:
    """The server, and our name there: one for each run, kept beside the journal where only the user can read it."""
    from maestro.integrations.backend import primary_root
    from maestro.integrations.mail import Agent, Mail

    mail = Mail(url, os.environ.get(TOKEN, ""), str(primary_root(context.root)))
    path = context.home.folder / f"mail-{context.state.run}.json"
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return mail, Agent(kept["name"], kept["token"])
    except (OSError, ValueError, KeyError, TypeError):
        agent = mail.register(f"track {context.state.track}")
        _keep(path, json.dumps({"name": agent.name, "token": agent.token}))
        return mail, agent


def _keep(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
