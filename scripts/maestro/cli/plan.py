"""`plan.py`: a plan as maestro reads it, and what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from maestro.cli.door import Door
from maestro.cli.options import track_argument
from maestro.cli.reply import Reply
from maestro.cli.screen import columns
from maestro.cli.subject import find_subject
from maestro.errors import InvalidDocument, MaestroError
from maestro.views.plan_data import plan_data

if TYPE_CHECKING:
    from maestro.cli.call import Call
    from maestro.models.notes import Note
    from maestro.views.shapes import LintData, ProblemData

door = Door(
    "plan",
    help="Show a plan as maestro reads it, and check it. Changes nothing.",
    default="show",
    examples=[("show auth", "phases, tasks and sub-tasks"), ("lint auth", "what to correct before it can run"), ("lint draft.md --json", "as data")],
)


@door.verb("show", examples=[("auth", "a track"), ("specs/001/tasks.md --json", "any plan, as data")])
@track_argument
def show(call: Call, track: str | None) -> Reply:
    """Show phases, tasks and sub-tasks with their markers."""
    from maestro.views.plan import plan_text

    subject = find_subject(call, track)
    plan = subject.plan
    return Reply("maestro.plan/1", plan_data(plan, subject.track), lambda: plan_text(plan, name=subject.name, columns=columns()), plan.notes)


@door.verb("lint", examples=[("auth", "exit 1 when something must be corrected"), ("draft.md --strict", "warnings count, too")])
@track_argument
@click.option("--strict", is_flag=True, help="Let warnings fail as well.")
def lint(call: Call, track: str | None, strict: bool) -> Reply:
    """Check that a plan can be read and its dependencies can be scheduled."""
    from maestro.cli.composing import composed
    from maestro.documents.lint import lint_plan
    from maestro.evidence.unknown import without_scope
    from maestro.views.plan import problems_text

    subject = find_subject(call, track)
    problems: list[ProblemData] = []
    notes: list[Note] = []
    try:
        notes += lint_plan(subject.plan)
        whole = composed(subject)
        notes += (note for note in whole.notes if note not in notes)
        notes += without_scope(subject.plan, whole.composition.scopes, whole.composition.dependencies)
    except InvalidDocument as error:
        problems += (_error(one) for one in (error, *error.also))
    problems += map(warning, sorted(notes, key=lambda note: note.line))
    failed = any(strict or problem["severity"] == "error" for problem in problems)
    data: LintData = {"track": subject.track, "document": subject.shown, "problems": problems}
    return Reply("maestro.lint/1", data, lambda: problems_text(problems, subject.shown, columns()), exit_code=int(failed))


def _error(error: MaestroError) -> ProblemData:
    return {"severity": "error", "code": error.slug, "message": error.message, "where": error.where, "hint": error.hint}


def warning(note: Note) -> ProblemData:
    """A note as a problem of a document."""
    return {"severity": "warning", "code": note.code, "message": note.message, "where": note.where, "hint": None}
