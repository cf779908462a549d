"""`run.py report` and `run.py review`: a run, or one task of it, looked at afterwards or while it goes on."""

from __future__ import annotations

from dataclasses import asdict

import click

from maestro.cli.call import Call
from maestro.cli.options import track_argument, track_option
from maestro.cli.reply import Reply
from maestro.cli.run.common import door
from maestro.cli.screen import columns

run_option = click.option("--run", metavar="ID", help="An earlier run of the track, by its id or the end of it.")

FORMATS = ("text", "markdown", "json", "html", "pr")


@door.verb(
    "report",
    examples=[
        ("", "of the run in this checkout"),
        ("auth --format html > report.html", "a page for others"),
        ("auth --format pr | gh pr create --body-file -", "a pull request's body"),
    ],
)
@track_argument
@run_option
@click.option("--format", "kind", type=click.Choice(FORMATS), default="text", show_default=True, help="How to write it.")
def report(call: Call, track: str | None, run: str | None, kind: str) -> Reply:
    """Show what a run was worth, what bounded it, and what detection missed. Reads only."""
    from maestro.run.reporting import report as report_of

    found = report_of(call.directory, track, run)

    def text() -> str:
        from maestro.views.pull_request import pull_request
        from maestro.views.report import report_html, report_markdown, report_text

        documents = {"markdown": report_markdown, "html": report_html, "pr": pull_request}
        return documents[kind](found) if kind in documents else report_text(found, columns())

    return Reply("maestro.report/1", asdict(found), text, whole=kind != "text")


@door.verb("review", examples=[("1.2", "what was asked, done, proven and said"), ("1.2 --attempt 1 --json", "a failed attempt, as data")])
@click.argument("task")
@click.option("--attempt", type=click.IntRange(min=1), metavar="N", help="Not the newest attempt but this one.")
@track_option
@run_option
def review(call: Call, task: str, attempt: int | None, track: str | None, run: str | None) -> Reply:
    """Lay one task out for a review. Its text, diff, scope, proofs, and its worker's claims beside the facts. TASK may be a handle. Reads only."""
    from maestro.run.reviewing import review as review_of

    found = review_of(call.directory, task, track, run, attempt)

    def text() -> str:
        from maestro.views.review import review_text

        return review_text(found, columns(), full=call.full)

    return Reply("maestro.review/1", asdict(found), text)
