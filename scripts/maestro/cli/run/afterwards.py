"""`run.py report`: what a run was worth, afterwards or while it goes on."""

from __future__ import annotations

from dataclasses import asdict

import click

from maestro.cli.call import Call
from maestro.cli.options import track_argument
from maestro.cli.reply import Reply
from maestro.cli.run.common import door
from maestro.cli.screen import columns

FORMATS = ("text", "markdown", "json", "html")


@door.verb(
    "report",
    examples=[("", "of the run in this checkout"), ("auth --format html > report.html", "a page for others"), ("auth --run 3f2a1c", "an earlier run")],
)
@track_argument
@click.option("--run", metavar="ID", help="An earlier run of the track, by its id or the end of it.")
@click.option("--format", "kind", type=click.Choice(FORMATS), default="text", show_default=True, help="How to write it.")
def report(call: Call, track: str | None, run: str | None, kind: str) -> Reply:
    """Show what a run was worth, what bounded it, and what detection missed. Reads only."""
    from maestro.run.reporting import report as report_of

    found = report_of(call.directory, track, run)

    def text() -> str:
        from maestro.views import report as views

        return {"markdown": views.report_markdown, "html": views.report_html}.get(kind, lambda found: views.report_text(found, columns()))(found)

    return Reply("maestro.report/1", asdict(found), text, whole=kind != "text")
