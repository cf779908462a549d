"""A run as one page: written to a file, or served while the run goes on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maestro import clock
from maestro.counting import plural
from maestro.run.watching import Sight
from maestro.views import board_parts as parts
from maestro.views.gantt import chart
from maestro.views.gantt_table import chart_table
from maestro.views.page import page, read, template
from maestro.views.sections import html
from maestro.views.status import left_for_an_answer
from maestro.views.task_table import merges_table, tasks_table

NAVIGATION = (
    ("at-work", "At work"),
    ("waves", "Waves"),
    ("graph", "Dependencies"),
    ("chart", "Planned against measured"),
    ("tasks", "Tasks"),
    ("merges", "Merges"),
    ("changes", "Re-groupings"),
    ("log", "Log"),
)


def board_page(data: Mapping[str, Any], sight: Sight, *, live: bool = False) -> str:
    """The whole document. `data` is the document of a watcher (`watch_data`) of the same sight; `live`: the page asks its server for what is new."""
    now = sight.state.last_event_at if sight.state.over else clock.now()
    body = template("board.html").substitute(
        summary=parts.summary(data),
        news=html(_news(data)),
        questions=parts.questions(data),
        workers=parts.workers(data),
        waves=parts.waves(data),
        graph=parts.graph(sight),
        chart=chart_table(chart(sight.state, sight.composition, sight.outlook.task_s, now), sight.state, data["waves"]),
        tasks=tasks_table(data, sight),
        merges=merges_table(sight),
        changes=parts.changes(data),
        log=parts.log(sight),
    )
    links = "".join(f'<li><a href="#{name}">{words}</a></li>' for name, words in NAVIGATION)
    before = f'<a class="skip" href="#main">Skip to the run</a>\n<nav aria-label="Parts of this page"><ul>{links}</ul></nav>\n'
    if live:
        body = f'<p id="connection" role="status" class="red"></p>\n{body}'
    else:
        body += f"<footer><p>Written {html(clock.now()[:19])} UTC by maestro.</p></footer>"
    return page(f"{data['track']}: {_short(data)}", body, read("board.css"), before=before, script=read("live.js") if live else "")


def _short(data: Mapping[str, Any]) -> str:
    """What changes seldom: it is the page's title."""
    progress = data["progress"]
    gone = "waits for an answer" if left_for_an_answer(data) else "stopped"
    words = {"owner-gone": gone, "waiting": "waits for an answer"}.get(data["condition"], data["condition"])
    return f"{words}, {progress['done']} of {plural(progress['total'], 'task')}"


def _news(data: Mapping[str, Any]) -> str:
    """What a screen reader says when it changes: no times in it."""
    failed = [task["id"] for task in data["tasks"] if task["state"] == "failed"]
    asked = [question["id"] for question in data["questions"]]
    said = [_short(data), f"failed: {', '.join(failed)}" if failed else "", f"open questions: {', '.join(asked)}" if asked else ""]
    return "; ".join(words for words in said if words)
