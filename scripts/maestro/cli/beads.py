"""`beads.py`: the issue tracker of a project, where it has one of the beads family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import click

from maestro.cli.call import Call
from maestro.cli.door import Door
from maestro.cli.options import dry_run, track_argument, track_option
from maestro.cli.reply import Reply
from maestro.cli.screen import columns
from maestro.cli.tracking import Tracking, optional_subject, registered, tracking
from maestro.errors import MaestroError
from maestro.integrations.issues import Issue
from maestro.integrations.writing import Change
from maestro.models.notes import Note
from maestro.views.beads_shapes import BeadsStatusData, ChangeData, HeldData, IssuesData, ProbeData, SyncData

if TYPE_CHECKING:
    from maestro.cli.subject import Subject
    from maestro.integrations.consistency import Difference
    from maestro.integrations.link import Link

door = Door(
    "beads",
    help="Look at and change the issue tracker (br or bd) beside a plan. Every answer says who gave it; without a tool the export is read, or the plan.",
    examples=[
        ("probe", "which tracker answers, and what does not work"),
        ("tasks auth", "the epic's tasks in waves"),
        ("from-plan auth", "an epic with an issue for each task"),
        ("claim maestro-a1b.2 --actor worker-3", "one winner, whoever else tries"),
        ("status auth", "where plan.md and the tracker disagree, and the commands that settle it"),
    ],
)

actor_option = click.option("--actor", metavar="NAME", help="Who claims; unique to each worker. Without it a new name is made and told.")


@door.verb("probe", examples=[("", "who answers"), ("--json", "as data")])
def probe(call: Call) -> Reply:
    """Say which tracker answers, its version, and what is degraded."""
    from maestro.integrations.programs import Program, find_program
    from maestro.integrations.reading import peek
    from maestro.views.beads import probe_text

    mine = tracking(call)
    backend, viewer = mine.backend, find_program("bv")
    notes: list[Note] = [viewer] if isinstance(viewer, Note) else []
    count = None
    try:
        count = len(peek(backend).by_id)
    except MaestroError as error:
        if error.slug != "beads-none":
            notes.append(Note(error.slug, f"{error.where or ''} {error.message}".strip()))
    program = backend.program
    data: ProbeData = {
        "backend": mine.name,
        "degraded": mine.degraded(notes),
        "folder": backend.shown(backend.folder),
        "export": backend.shown(backend.jsonl) if backend.jsonl else None,
        "program": program.path if program else None,
        "version": program.version if program else None,
        "viewer": viewer.path if isinstance(viewer, Program) else None,
        "issues": count,
    }
    return Reply("maestro.beads/1", data, lambda: probe_text(data, columns()))


@door.verb("tasks", examples=[("auth", "of a track's epic"), ("maestro-a1b --json", "of any epic, as data")])
@track_argument
def tasks(call: Call, track: str | None) -> Reply:
    """List the tasks of an epic (a track's, or by its id) in waves."""
    from maestro.cli.issue_lists import issues_data, plan_data
    from maestro.integrations.issues import read_epic
    from maestro.views.beads import tasks_text

    mine = tracking(call)
    subject = optional_subject(call, track)
    notes: tuple[Note, ...]
    data: IssuesData
    if subject is not None and mine.name == "plan":
        data, notes = plan_data(mine, subject), ()
    elif subject is not None:
        link = mine.link(subject)
        data, notes = issues_data(mine, link.epic, link.map.tasks, subject.track), link.notes
    else:
        epic = read_epic(mine.issues, track or "")
        data, notes = issues_data(mine, epic, {}, None), (*mine.issues.notes, *epic.notes)
    return Reply("maestro.beads-tasks/1", data, lambda: tasks_text(data, columns()), notes)


@door.verb("claim", examples=[("maestro-a1b.2", "the answer names the actor that was made"), ("1.2 --track auth --actor w1", "by the plan's id")])
@click.argument("issue")
@track_option
@actor_option
def claim(call: Call, issue: str, track: str | None, actor: str | None) -> Reply:
    """Take an issue, or exit 5 with its holder."""
    from maestro.integrations.writing import claim as take

    mine = tracking(call, actor)
    return _changed(mine, "claim", take(mine.calls, mine.issue(issue, track)))


@door.verb("release", examples=[("maestro-a1b.2", "open, and nobody's"), ("1.2 --track auth", "also opens a closed one again")])
@click.argument("issue")
@track_option
def release(call: Call, issue: str, track: str | None) -> Reply:
    """Give an issue back: open and without a holder."""
    from maestro.integrations.writing import release as give_back

    mine = tracking(call)
    return _changed(mine, "release", give_back(mine.calls, mine.issue(issue, track)))


@door.verb("close", examples=[("maestro-a1b.2 --reason 'sha:abaa869 | tests pass | login works'", "says what proves it")])
@click.argument("issue")
@click.option("--reason", required=True, metavar="TEXT", help="sha:SHA | tests pass | evidence.")
@track_option
@actor_option
def close(call: Call, issue: str, reason: str, track: str | None, actor: str | None) -> Reply:
    """Close one issue with its proof."""
    from maestro.integrations.writing import close as finish

    mine = tracking(call, actor)
    return _changed(mine, "close", finish(mine.calls, mine.issue(issue, track), reason))


@door.verb("sync", examples=[("", "after changes by hand, and before a commit")])
def sync(call: Call) -> Reply:
    """Let the tool bring its exported file up to date; git is not touched."""
    from maestro.integrations.backend import exported
    from maestro.integrations.reading import synchronise
    from maestro.views.beads import sync_text

    mine = tracking(call)
    count = synchronise(mine.backend, mine.calls)
    export = exported(mine.backend.folder)
    data: SyncData = {
        "backend": mine.name,
        "degraded": mine.degraded(),
        "export": mine.backend.shown(export) if export else None,
        "issues": count,
    }
    return Reply("maestro.beads-sync/1", data, lambda: sync_text(data, columns()))


@door.verb("status", examples=[("auth", "differences and their repairs; exit 1 where there are some"), ("auth --fix", "close what the plan calls done")])
@track_argument
@click.option("--fix", is_flag=True, help="Close the issues of tasks that the plan calls done. Nothing else is decided for you.")
def status(call: Call, track: str | None, fix: bool) -> Reply:
    """Compare plan.md with the tracker."""
    from maestro.cli.subject import find_subject
    from maestro.integrations.consistency import compare
    from maestro.integrations.writing import close as finish
    from maestro.views.beads import status_text

    mine = tracking(call)
    subject = find_subject(call, track)
    registered(subject)
    if mine.name == "plan":
        alone = _of_the_plan(mine, subject)
        return Reply("maestro.beads-status/1", alone, lambda: status_text(alone, columns()))
    link = mine.link(subject)
    differences = compare(link)
    fixed = []
    for difference in differences if fix else ():
        if difference.closes is not None and difference.issue is not None:
            finish(mine.calls, difference.issue, difference.closes)
            fixed.append(difference.issue)
    data = _beside_the_epic(mine, subject, link, [found for found in differences if found.issue not in fixed], fixed)
    return Reply("maestro.beads-status/1", data, lambda: status_text(data, columns()), link.notes, int(bool(data["differences"])))


def _of_the_plan(mine: Tracking, subject: Subject) -> BeadsStatusData:
    """Where no tracker answers, the plan stands alone."""
    return {
        "backend": "plan",
        "degraded": mine.degraded(),
        "track": subject.name,
        "epic": None,
        "done": sum(task.settled for task in subject.plan.tasks),
        "total": len(subject.plan.tasks),
        "differences": [],
        "fixed": [],
        "viewer": None,
    }


def _beside_the_epic(mine: Tracking, subject: Subject, link: Link, differences: Sequence[Difference], fixed: list[str]) -> BeadsStatusData:
    """The epic as it is now. `differences`: those that are left; `fixed`: the issues that this call closed."""
    from maestro.integrations.crosscheck import cross_check

    viewer = cross_check(mine.backend, link.epic)
    return {
        "backend": mine.name,
        "degraded": mine.degraded(),
        "track": subject.name,
        "epic": link.epic.issue.id,
        "done": sum(task.issue.over for task in link.epic.tasks) + len(fixed),
        "total": len(link.epic.tasks),
        "differences": [{"task": found.task, "issue": found.issue, "message": found.message, "repairs": list(found.repairs)} for found in differences],
        "fixed": fixed,
        "viewer": None
        if viewer is None
        else {"program": viewer.program, "only_bv": list(viewer.only_bv), "only_ours": list(viewer.only_ours), "trouble": viewer.trouble},
    }


@door.verb("from-plan", examples=[("auth --dry-run", "what would be made"), ("auth", "epic, phases, tasks and edges; again: only what is missing")])
@track_argument
@dry_run
def from_plan(call: Call, track: str | None, dry_run: bool) -> Reply:
    """Make the issues of a track's plan."""
    from maestro.cli.seeding import made
    from maestro.cli.subject import find_subject
    from maestro.views.beads import seeded_text

    data, notes = made(tracking(call), find_subject(call, track), dry_run=dry_run)
    return Reply("maestro.beads-made/1", data, lambda: seeded_text(data, columns()), notes)


def _changed(mine: Tracking, verb: Literal["claim", "release", "close"], change: Change) -> Reply:
    from maestro.views.beads import change_text

    data: ChangeData = {
        "backend": mine.name,
        "degraded": mine.degraded(),
        "issue": change.issue.id,
        "verb": verb,
        "actor": mine.actor,
        "changed": change.changed,
        "before": _held(change.before),
        "after": _held(change.issue if verb != "claim" else replace(change.issue, assignee=change.issue.assignee or mine.actor)),
    }
    return Reply("maestro.beads-change/1", data, lambda: change_text(data, columns()))


def _held(issue: Issue) -> HeldData:
    return {"status": issue.status, "assignee": issue.assignee, "reason": issue.reason}
