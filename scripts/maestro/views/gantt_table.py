"""The chart of planned against measured times, as a table: the bars are for eyes, the words beside them for everybody."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from maestro.models.run import RunState
from maestro.views.board_parts import anchor, region
from maestro.views.gantt import Bar, Chart, Lane
from maestro.views.progress import duration
from maestro.views.sections import html
from maestro.views.words import phase_name

KINDS = {"work": "worked", "merge": "tested and merged", "failed": "failed", "open": "going on"}


def chart_table(chart: Chart, state: RunState, waves: Sequence[Mapping[str, Any]]) -> str:
    """One row for each task that was planned or begun, wave by wave, on one time scale. `waves` as a watcher's document gives them."""
    lanes = [lane for lane in chart.lanes if lane.planned or lane.measured]
    if not lanes:
        return "<p>Nothing is planned.</p>"
    basis = "nothing is measured yet: each task is given" if chart.assumed else "each task as long as this run's tasks take, "
    caption = f"Planned: the waves as they were when each phase began, {basis} {duration(round(chart.task_s))}. Zero is the first dispatch."
    scale = "".join(f"<span>{duration(chart.total * quarter / 4)}</span>" for quarter in (0, 2, 4))
    head = '<th scope="col">Task</th><th scope="col" class="narrow-quiet">Planned</th><th scope="col" class="narrow-quiet">Measured</th>'
    head += f'<th scope="col" class="lane-head"><span class="quietly">Chart</span><span class="scale" aria-hidden="true">{scale}</span></th>'
    known = {lane.task: lane for lane in lanes}
    together = {wave["phase"] for wave in waves if len(wave["tasks"]) > 1}
    groups = [(_name(wave, state, together), [known.pop(task) for task in wave["tasks"] if task in known]) for wave in waves]
    groups.append(("In no wave", list(known.values())))
    rows = "".join(_group(name, found, state, chart.total) for name, found in groups if found)
    key = "".join(f'<span class="{kind}"></span>{words}' for kind, words in (("planned", "planned"), *KINDS.items()))
    table = f"<table><caption>{html(caption)}</caption><thead><tr>{head}</tr></thead>{rows}</table>"
    return f'<p class="lane key" aria-hidden="true">{key}</p>{region("Planned against measured times", table)}'


def _name(wave: Mapping[str, Any], state: RunState, together: Collection[str]) -> str:
    """The phase by its title where it begins, then by its id. Where no wave has several tasks, waves are just an order and not named."""
    begins = wave["number"] == 1
    if wave["phase"] not in together:
        return phase_name(wave["phase"], state.phases[wave["phase"]].title) if begins else ""
    return f"{phase_name(wave['phase'], state.phases[wave['phase']].title if begins else '')}, wave {wave['number']}"


def _group(name: str, lanes: Sequence[Lane], state: RunState, total: float) -> str:
    rows = "".join(_row(lane, state.tasks[lane.task].title, total) for lane in lanes)
    head = f'<tr class="group"><th scope="rowgroup" colspan="4">{html(name)}</th></tr>' if name else ""
    return f"<tbody>{head}{rows}</tbody>"


def _row(lane: Lane, title: str, total: float) -> str:
    planned = f"{duration(lane.planned.begin)} to {duration(lane.planned.end)}" if lane.planned else "not planned"
    said = _measured(lane.measured)
    drawn = "".join(_bar(bar, total) for bar in ((lane.planned, *lane.measured) if lane.planned else lane.measured))
    name = f'<a href="#{anchor(lane.task)}">{html(lane.task)}</a> <bdi class="short">{html(title)}</bdi>'
    cells = f'<td class="time narrow-quiet">{planned}</td><td class="time narrow-quiet">{said}</td><td class="lane" aria-hidden="true">{drawn}</td>'
    return f'<tr><th scope="row" class="title">{name}</th>{cells}</tr>'


def _measured(bars: Sequence[Bar]) -> str:
    """From the first dispatch to the end, and how often it failed meanwhile."""
    if not bars:
        return "not begun"
    failed = sum(bar.kind == "failed" for bar in bars)
    words = f"since {duration(bars[0].begin)}" if bars[-1].kind == "open" else f"{duration(bars[0].begin)} to {duration(bars[-1].end)}"
    return words + (f", failed {failed}×" if failed else "")


def _bar(bar: Bar, total: float) -> str:
    left, width = 100 * bar.begin / total, 100 * (bar.end - bar.begin) / total
    return f'<span class="{bar.kind}" style="left:{left:.2f}%;width:{width:.2f}%"></span>'
