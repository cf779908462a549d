"""The dependency graph as an SVG picture: phases below each other, waves from left to right, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from maestro.models.dependency import Dependency, Strength
from maestro.models.plan import Plan, Status
from maestro.models.schedule import Composition, PhaseWaves
from maestro.views.cells import clip, one_line, width
from maestro.views.edges import direct
from maestro.views.graph import heading, in_order
from maestro.views.words import MARKERS

BOX, ROW = 200, 34
"""Width and height of a task's box."""

GAP, SPACE, MARGIN, HEAD = 60, 12, 20, 30
"""Between waves, between rows, around everything, and above each phase."""

_TITLE_CELLS = 26

_STYLE = """\
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .phase { font-weight: 600; }
    .wave { font-size: 11px; fill: #656d76; }
    rect { fill: #f6f8fa; stroke: #656d76; }
    rect.done { stroke-dasharray: 4 3; }
    path { fill: none; stroke: #656d76; }
    path.soft { stroke-dasharray: 4 3; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      .wave { fill: #9198a1; }
      rect { fill: #161b22; stroke: #9198a1; }
      path { stroke: #9198a1; }
    }"""


_ARROW = """\
  <defs>
    <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8"/></marker>
  </defs>"""


def svg(plan: Plan, composition: Composition) -> str:
    """A standalone document. Each task and edge carries its words as a tooltip."""
    body: list[str] = []
    top, right = MARGIN, 0
    for phase in composition.phases:
        places, bottom = _places(phase, top + HEAD)
        body += _phase(plan, phase, places, top)
        edges = direct(in_order(phase), composition.dependencies)
        body += [_edge(edge, places) for task in edges for edge in edges[task]]
        top = bottom + MARGIN
        right = max([right, MARGIN + 6 * width(heading(phase)), *(left + BOX for left, _ in places.values())])
    size = f'width="{right + MARGIN}" height="{top}" viewBox="0 0 {right + MARGIN} {top}"'
    title = f"  <title>{escape(one_line(plan.title) or plan.path)}</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">'
    return "\n".join([head, title, f"  <style>\n{_STYLE}\n  </style>", _ARROW, *body, "</svg>"])


def _places(phase: PhaseWaves, top: int) -> tuple[dict[str, tuple[int, int]], int]:
    """The left upper corner of every box, and the phase's lower edge."""
    places: dict[str, tuple[int, int]] = {}
    rows = max((len(wave.tasks) for wave in phase.waves), default=0)
    for column, wave in enumerate(phase.waves):
        for row, task in enumerate(wave.tasks):
            places[task] = (MARGIN + column * (BOX + GAP), top + SPACE + row * (ROW + SPACE))
    return places, top + SPACE + rows * (ROW + SPACE)


def _phase(plan: Plan, phase: PhaseWaves, places: dict[str, tuple[int, int]], top: int) -> Iterator[str]:
    yield f'  <text class="phase" x="{MARGIN}" y="{top + 14}">{escape(heading(phase))}</text>'
    for column, wave in enumerate(phase.waves):
        yield f'  <text class="wave" x="{MARGIN + column * (BOX + GAP)}" y="{top + HEAD + 4}">wave {wave.number}</text>'
        for task in wave.tasks:
            known = plan.by_id[task]
            left, upper = places[task]
            sign = f"{MARKERS[known.status]} " if known.status is not Status.NEW else ""
            caption = escape(clip(f"{sign}{one_line(task)} {one_line(known.title)}", _TITLE_CELLS))
            state = ' class="done"' if known.status is Status.DONE else ""
            whole = escape(f"{one_line(task)} {one_line(known.title)}")
            yield f'  <g><title>{whole}</title><rect{state} x="{left}" y="{upper}" width="{BOX}" height="{ROW}" rx="5"/>'
            yield f'    <text x="{left + 8}" y="{upper + 21}">{caption}</text></g>'


def _edge(edge: Dependency, places: dict[str, tuple[int, int]]) -> str:
    left, upper = places[edge.needs]
    right, lower = places[edge.task]
    start, end = left + BOX, right
    middle = (start + end) // 2
    curve = f"M{start} {upper + ROW // 2}C{middle} {upper + ROW // 2} {middle} {lower + ROW // 2} {end} {lower + ROW // 2}"
    soft = ' class="soft"' if edge.strength is Strength.SOFT else ""
    why = escape(one_line(f"{edge.task} needs {edge.needs}: {edge.evidence.why}"))
    return f'  <path{soft} d="{curve}" marker-end="url(#arrow)"><title>{why}</title></path>'
