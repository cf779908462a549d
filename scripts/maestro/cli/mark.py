"""`mark.py`: set the marker of one task and touch nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from maestro.cli.door import verb
from maestro.cli.options import dry_run, track_option
from maestro.cli.reply import Reply
from maestro.cli.subject import Subject, find_subject
from maestro.documents.edits import edited, mark_task
from maestro.documents.plans import plan_of
from maestro.errors import Usage
from maestro.files import lock, rewrite_text
from maestro.models.plan import Status
from maestro.views.words import STATUS_WORDS

if TYPE_CHECKING:
    from maestro.cli.call import Call
    from maestro.views.shapes import MarkData

_SHA = re.compile(r"[0-9a-fA-F]{7,40}")


@verb("mark", examples=[("1.2 progress", "begin a task"), ("1.2 done --sha abaa869", "with the commit that did it"), ("1.2 done --track auth -n", "only look")])
@click.argument("task")
@click.argument("state", type=click.Choice([status.value for status in Status], case_sensitive=False))
@click.option("--sha", metavar="SHA", help="The commit that completed the task; with `done` only.")
@track_option
@dry_run
def door(call: Call, task: str, state: str, sha: str | None, track: str | None, dry_run: bool) -> Reply:
    """Set the marker of TASK in its plan to STATE, changing no other byte."""
    status = Status(state)
    _check_sha(sha, status)
    short = sha[:7] if sha else None
    subject = find_subject(call, track)
    with lock(_lock_place(subject), purpose=f"marking task {task}"):
        before = subject.task(task)
        changed = bool(mark_task(subject.plan, before.id, status, short))
        if changed and not dry_run:

            def marked(text: str) -> str:
                plan = plan_of(subject.path, text, subject.shown)
                return edited(plan, mark_task(plan, before.id, status, short))

            rewrite_text(subject.path, marked, subject.shown)
    data: MarkData = {
        "track": subject.track,
        "plan": subject.shown,
        "task": task,
        "line": before.marker.line if before.marker else before.line,
        "was": before.status.value,
        "status": status.value,
        "sha": short or (before.marker.sha if before.marker and status is Status.DONE else None),
        "changed": changed,
        "dry_run": dry_run,
    }
    return Reply("maestro.mark/1", data, lambda: _text(data))


def _check_sha(sha: str | None, status: Status) -> None:
    if sha is None:
        return
    if status is not Status.DONE:
        raise Usage("usage", "--sha belongs to `done` only.", hint="Leave it out.")
    if not _SHA.fullmatch(sha):
        raise Usage("sha-invalid", f"{sha!r} is no commit id.", hint="Give 7 to 40 hexadecimal digits, as `git rev-parse --short HEAD` prints them.")


def _lock_place(subject: Subject) -> Path:
    folder = subject.root / ".maestro" if subject.root is not None else subject.path.parent
    return folder if folder.is_dir() else subject.path.parent


def _text(data: MarkData) -> str:
    if not data["changed"]:
        return f"Task {data['task']} is already {STATUS_WORDS[Status(data['status'])]} ({data['plan']}:{data['line']})."
    verb = "would be" if data["dry_run"] else "is now"
    sha = f" at {data['sha']}" if data["sha"] else ""
    states = f"{STATUS_WORDS[Status(data['status'])]}{sha}, was {STATUS_WORDS[Status(data['was'])]}"
    return f"Task {data['task']} {verb} {states} ({data['plan']}:{data['line']})."
