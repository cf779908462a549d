"""The dependency graph as an SVG picture: phases below each other, waves from left to right, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from html import escape
from itertools import pairwise

from maestro.models.dependency import Dependency, Strength
from maestro.models.plan import Plan
from maestro.models.schedule import Composition, PhaseWaves
from maestro.views.cells import clip, one_line, width
from maestro.views.edges import direct
from maestro.views.graph import heading, in_order
from maestro.views.looks import Look, looks_of
from maestro.views.words import label

BOX, ROW = 240, 34
"""Width and height of a task's box."""

GAP, SPACE, MARGIN, HEAD = 60, 12, 20, 30
"""Between waves, between rows, around everything, and above each phase."""

_TITLE_CELLS = 31

_STYLE = """\
    .maestro-graph text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .maestro-graph .phase { font-weight: 600; }
    .maestro-graph .wave { font-size: 11px; fill: #59636e; }
    .maestro-graph rect { fill: #f6f8fa; stroke: #59636e; }
    .maestro-graph path { fill: none; stroke: #59636e; }
    .maestro-graph .soft { stroke-dasharray: 4 3; }
    .maestro-graph .critical { stroke-width: 2.5; }
    .maestro-graph .done { stroke-dasharray: 4 3; }
    .maestro-graph .skipped { stroke-dasharray: 1 3; }
    .maestro-graph .running { fill: #ddf4ff; stroke: #0969da; }
    .maestro-graph .failed { fill: #ffebe9; stroke: #cf222e; }
    .maestro-graph .blocked { fill: #fff8c5; stroke: #9a6700; }
    @media (prefers-color-scheme: dark) {
      .maestro-graph text { fill: #e6edf3; }
      .maestro-graph .wave { fill: #9198a1; }
      .maestro-graph rect { fill: #151b23; stroke: #9198a1; }
      .maestro-graph path { stroke: #9198a1; }
      .maestro-graph .running { fill: #0c2d6b; stroke: #4493f8; }
      .maestro-graph .failed { fill: #5c1215; stroke: #f85149; }
      .maestro-graph .blocked { fill: #3d2e00; stroke: #d29922; }
    }"""


_ARROW = """\
  <defs>
    <marker id="arrow" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto">
      <path d="M0 0 8 4 0 8"/>
    </marker>
  </defs>"""


def svg(plan: Plan, composition: Composition, looks: Mapping[str, Look] | None = None) -> str:
    """A standalone document, which may also stand in a page. Each task and edge carries its words as a tooltip; the critical path is drawn with thick lines.

    looks: the states to show where they are not those of the plan's markers
    """
    looks = looks or looks_of(plan)
    chain = set(composition.critical_path)
    steps = set(pairwise(composition.critical_path))
    body: list[str] = []
    top, right = MARGIN, 0
    for phase in composition.phases:
        places, bottom = _places(phase, top + HEAD)
        edges = direct(in_order(phase), composition.dependencies)
        body += [_edge(edge, places, (edge.needs, edge.task) in steps) for task in edges for edge in edges[task]]
        body += _phase(plan, phase, places, top, looks, chain)
        top = bottom + MARGIN
        right = max([right, MARGIN + 6 * width(heading(phase)), *(left + BOX for left, _ in places.values())])
    size = f'width="{right + MARGIN}" height="{top}" viewBox="0 0 {right + MARGIN} {top}"'
    title = f"  <title>{escape(one_line(plan.title) or plan.path)}</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="maestro-graph" {size} role="img">'
    return "\n".join([head, title, f"  <style>\n{_STYLE}\n  </style>", _ARROW, *body, "</svg>"])


def _places(phase: PhaseWaves, top: int) -> tuple[dict[str, tuple[int, int]], int]:
    """The left upper corner of every box, and the phase's lower edge."""
    places: dict[str, tuple[int, int]] = {}
    rows = max((len(wave.tasks) for wave in phase.waves), default=0)
    for column, wave in enumerate(phase.waves):
        for row, task in enumerate(wave.tasks):
            places[task] = (MARGIN + column * (BOX + GAP), top + SPACE + row * (ROW + SPACE))
    return places, top + SPACE + rows * (ROW + SPACE)


def _phase(plan: Plan, phase: PhaseWaves, places: dict[str, tuple[int, int]], top: int, looks: Mapping[str, Look], chain: Collection[str]) -> Iterator[str]:
    yield f'  <text class="phase" x="{MARGIN}" y="{top + 14}">{escape(heading(phase))}</text>'
    for column, wave in enumerate(phase.waves):
        yield f'  <text class="wave" x="{MARGIN + column * (BOX + GAP)}" y="{top + HEAD + 4}">wave {wave.number}</text>'
        for task in wave.tasks:
            left, upper = places[task]
            look = looks[task]
            words = f"{one_line(task)} {one_line(plan.by_id[task].title)}"
            caption = escape(clip(look.prefix + words, _TITLE_CELLS))
            kind = f"{look.name} critical" if task in chain else look.name
            whole = escape(f"{words}: {look.name}{', on the critical path' if task in chain else ''}")
            yield f'  <g><title>{whole}</title><rect class="{kind}" x="{left}" y="{upper}" width="{BOX}" height="{ROW}" rx="5"/>'
            yield f'    <text x="{left + 8}" y="{upper + 21}">{caption}</text></g>'


def _edge(edge: Dependency, places: dict[str, tuple[int, int]], critical: bool) -> str:
    left, upper = places[edge.needs]
    right, lower = places[edge.task]
    start, end = left + BOX, right
    middle = (start + end) // 2
    curve = f"M{start} {upper + ROW // 2}C{middle} {upper + ROW // 2} {middle} {lower + ROW // 2} {end} {lower + ROW // 2}"
    kinds = [name for name, holds in (("soft", edge.strength is Strength.SOFT), ("critical", critical)) if holds]
    style = f' class="{" ".join(kinds)}"' if kinds else ""
    why = escape(one_line(f"{edge.task} needs {edge.needs} ({label(edge)}): {edge.evidence.why}"))
    return f'  <path{style} d="{curve}" marker-end="url(#arrow)"><title>{why}</title></path>'
