"""The chart of planned against measured times, as a table: the bars are for eyes, the words beside them for everybody."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.models.run import RunState
from maestro.views.board_parts import anchor, region
from maestro.views.gantt import Chart, Line, Span
from maestro.views.progress import duration
from maestro.views.sections import html

KINDS = {"work": "worked", "merge": "tested and merged", "failed": "failed", "open": "going on"}


def chart_table(chart: Chart, state: RunState) -> str:
    """One row for each task that was planned or begun, on one time scale."""
    lines = [line for line in chart.lines if line.planned or line.measured]
    if not lines:
        return "<p>Nothing is planned.</p>"
    basis = "nothing is measured yet: each task is given" if chart.assumed else "each task as long as this run's tasks take, "
    caption = f"Planned: the waves as they were when each phase began, {basis} {duration(chart.task_s)}. Zero is the first dispatch."
    scale = "".join(f"<span>{duration(chart.total * quarter / 4)}</span>" for quarter in (0, 2, 4))
    head = '<th scope="col">Task</th><th scope="col" class="narrow-quiet">Planned</th><th scope="col">Measured</th>'
    head += f'<th scope="col" class="lane-head"><span class="quietly">Chart</span><span class="scale" aria-hidden="true">{scale}</span></th>'
    rows = "".join(_row(line, state.tasks[line.task].title, chart.total) for line in lines)
    key = "".join(f'<span class="{kind}"></span>{words}' for kind, words in (("planned", "planned"), *KINDS.items()))
    table = f"<table><caption>{html(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<p class="lane key" aria-hidden="true">{key}</p>{region("Planned against measured times", table)}'


def _row(line: Line, title: str, total: float) -> str:
    planned = f"{duration(line.planned.begin)} to {duration(line.planned.end)}" if line.planned else "not planned"
    said = _measured(line.measured)
    bars = "".join(_bar(span, total) for span in ((line.planned, *line.measured) if line.planned else line.measured))
    name = f'<a href="#{anchor(line.task)}">{html(line.task)}</a> <span class="narrow-off">{html(title)}</span>'
    cells = f'<td class="time narrow-quiet">{planned}</td><td class="time">{said}</td><td class="lane" aria-hidden="true">{bars}</td>'
    return f'<tr><th scope="row" class="title">{name}</th>{cells}</tr>'


def _measured(spans: Sequence[Span]) -> str:
    """From the first dispatch to the end, and how often it failed meanwhile."""
    if not spans:
        return "not begun"
    failed = sum(span.kind == "failed" for span in spans)
    words = f"since {duration(spans[0].begin)}" if spans[-1].kind == "open" else f"{duration(spans[0].begin)} to {duration(spans[-1].end)}"
    return words + (f", failed {failed}×" if failed else "")


def _bar(span: Span, total: float) -> str:
    left, width = 100 * span.begin / total, 100 * (span.end - span.begin) / total
    return f'<span class="{span.kind}" style="left:{left:.2f}%;width:{width:.2f}%"></span>'
