"""The dependency graph as an SVG picture: phases below each other, waves from left to right, readable on light and dark pages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from html import escape
from itertools import pairwise

from maestro.models.dependency import Dependency, Kind, Strength
from maestro.models.plan import Plan
from maestro.models.schedule import Composition, PhaseWaves
from maestro.views.cells import clip, one_line, width
from maestro.views.edges import direct
from maestro.views.graph import heading, in_order, kinds_of
from maestro.views.layers import Lane, arrange
from maestro.views.looks import LOOKS, Look, looks_of
from maestro.views.words import label

BOX, ROW = 240, 34
"""Width and height of a task's box."""

GAP, SPACE, MARGIN, HEAD = 88, 12, 20, 30
"""Between waves (with room for the source of a dependency), between rows, around everything, and above each phase."""

LANE = 8
"""Height of the lane in which a line passes a wave."""

Point = tuple[int, int]

_TITLE_CELLS = 33

_STYLE = """\
    .maestro-graph { background: #ffffff; }
    .maestro-graph text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .maestro-graph .phase { font-weight: 600; }
    .maestro-graph .wave, .maestro-graph .legend { font-size: 11px; fill: #59636e; }
    .maestro-graph .kind { font-size: 11px; fill: #59636e; text-anchor: middle; stroke: #ffffff; stroke-width: 4px; paint-order: stroke; }
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
      .maestro-graph { background: #0d1117; }
      .maestro-graph text { fill: #e6edf3; }
      .maestro-graph .wave, .maestro-graph .legend { fill: #9198a1; }
      .maestro-graph .kind { fill: #9198a1; stroke: #0d1117; }
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


def svg(plan: Plan, composition: Composition, looks: Mapping[str, Look] | None = None, *, explained: bool = True) -> str:
    """A standalone document, which may also stand in a page. Each task and edge carries its words as a tooltip; the critical path is drawn with thick lines.

    Edges name their source where there are several and it is not the plan's own words; soft ones are dashed.

    looks: the states to show where they are not those of the plan's markers
    explained: with the `explanation` below it
    """
    looks = looks or looks_of(plan)
    chain = set(composition.critical_path)
    steps = set(pairwise(composition.critical_path))
    several = len(kinds_of(composition)) > 1
    body: list[str] = []
    top, right = MARGIN, 0
    for phase in composition.phases:
        needs = direct(in_order(phase), composition.dependencies)
        edges = [edge for found in needs.values() for edge in found]
        places = _Places(phase, needs, top + HEAD)
        body += [_edge(edge, places, (edge.needs, edge.task) in steps) for edge in edges]
        body += _phase(plan, phase, places.corner, top, looks, chain)
        body += _kinds(edges, places) if several else ()
        top = places.bottom + MARGIN
        right = max([right, MARGIN + 7 * width(heading(phase)), *(left + BOX for left, _ in places.corner.values())])
    for words in explanation(composition, looks) if explained else ():
        body.append(f'  <text class="legend" x="{MARGIN}" y="{top}">{escape(words)}</text>')
        top += MARGIN
        right = max(right, MARGIN + 6 * width(words))
    size = f'width="{right + MARGIN}" height="{top}" viewBox="0 0 {right + MARGIN} {top}"'
    title = f"  <title>{escape(one_line(plan.title) or plan.path)}</title>"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="maestro-graph" {size} role="img">'
    return "\n".join([head, title, f"  <style>\n{_STYLE}\n  </style>", _ARROW, *body, "</svg>"])


_LINES = {"done": "dashed", "running": "blue", "skipped": "dotted", "failed": "red", "blocked": "yellow"}
"""How a box looks beside the sign in it."""


def explanation(composition: Composition, looks: Mapping[str, Look]) -> Iterator[str]:
    """What boxes and lines mean, as far as they are there."""
    shown = {looks[task] for phase in composition.phases for task in in_order(phase)}
    signs = [f"{look.prefix.strip()} {look.name} ({_LINES[look.name]})" for look in LOOKS if look in shown and look.name in _LINES]
    if signs:
        yield f"Boxes: {', '.join(signs).replace('[failed] failed', '[failed]')}."
    if composition.dependencies:
        kinds = kinds_of(composition)
        words = ["arrows lead to what needs the task"]
        words += ["dashed: only likely"] if any(edge.strength is Strength.SOFT for edge in composition.dependencies) else []
        words += ["thick: the critical path of what is left"] if composition.critical_path else []
        words += [f"all from one source: {kinds[0]}"] if len(kinds) == 1 else ["without a word: the plan says so"] if "explicit" in kinds else []
        yield f"Lines: {'; '.join(words)}."


class _Places:
    """Where boxes and lanes of a phase are. `corner` is a box's left upper one; `bottom` the phase's lower edge."""

    def __init__(self, phase: PhaseWaves, edges: Mapping[str, Sequence[Dependency]], top: int) -> None:
        layers = [wave.tasks for wave in phase.waves]
        self.layer_of = {task: number for number, layer in enumerate(layers) for task in layer}
        forward = {task: [edge.needs for edge in found if self.layer_of[edge.needs] < self.layer_of[task]] for task, found in edges.items()}
        self.corner: dict[str, tuple[int, int]] = {}
        self.lane: dict[Lane, int] = {}
        self.bottom = top + SPACE
        for number, layer in enumerate(arrange(layers, forward)):
            height = top + SPACE
            for place in layer:
                if isinstance(place, tuple):
                    self.lane[place] = height + LANE // 2
                    height += LANE + SPACE
                else:
                    self.corner[place] = (MARGIN + number * (BOX + GAP), height)
                    height += ROW + SPACE
            self.bottom = max(self.bottom, height)

    def way(self, edge: Dependency) -> list[Point]:
        """The points that an edge's line passes: from the right side of what is needed, along its lanes, to the left side of what needs it."""
        left, upper = self.corner[edge.needs]
        right, lower = self.corner[edge.task]
        points: list[Point] = [(left + BOX, upper + ROW // 2)]
        for number in range(self.layer_of[edge.needs] + 1, self.layer_of[edge.task]):
            beside, height = MARGIN + number * (BOX + GAP), self.lane[edge.needs, number]
            points += [(beside, height), (beside + BOX, height)]
        return [*points, (right, lower + ROW // 2)]


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
            yield f'    <svg x="{left}" y="{upper}" width="{BOX - 4}" height="{ROW}" aria-hidden="true"><text x="8" y="21">{caption}</text></svg></g>'


def _line(edge: Dependency, places: _Places) -> str:
    """Curves between the waves, straight lines along lanes. Inside of one wave it goes around on the left."""
    points = places.way(edge)
    if len(points) == 2 and points[0][0] >= points[1][0]:
        (right, above), (left, below) = points
        start = right - BOX
        return f"M{start} {above}C{start - MARGIN} {above} {left - MARGIN} {below} {left} {below}"
    steps = [f"M{points[0][0]} {points[0][1]}"]
    for (left, above), (right, below) in pairwise(points):
        middle = (left + right) // 2
        steps.append(f"H{right}" if above == below else f"C{middle} {above} {middle} {below} {right} {below}")
    return "".join(steps)


def _edge(edge: Dependency, places: _Places, critical: bool) -> str:
    kinds = [name for name, holds in (("soft", edge.strength is Strength.SOFT), ("critical", critical)) if holds]
    style = f' class="{" ".join(kinds)}"' if kinds else ""
    why = escape(one_line(f"{edge.task} needs {edge.needs} ({label(edge)}): {edge.evidence.why}"))
    return f'  <path{style} d="{_line(edge, places)}" marker-end="url(#arrow)"><title>{why}</title></path>'


def _kinds(edges: Sequence[Dependency], places: _Places) -> Iterator[str]:
    """Where each dependency comes from, in the middle of its last curve, and not over another one's."""
    taken: set[tuple[int, int]] = set()
    for edge in edges:
        (left, above), (right, below) = places.way(edge)[-2:]
        if edge.kind is Kind.EXPLICIT or left >= right:
            continue  # in one wave there is no room; the tooltip and the table say it
        x, y = (left + right) // 2, (above + below) // 2
        while any(x == other and abs(y - used) < 12 for other, used in taken):
            y += 12
        taken.add((x, y))
        yield f'  <text class="kind" x="{x}" y="{y + 4}">{escape(edge.kind.value)}</text>'
