"""The dependency graph in notations that other programs draw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from maestro.models.dependency import Dependency, Strength
from maestro.models.plan import Plan
from maestro.models.schedule import Composition
from maestro.views.cells import clip, one_line
from maestro.views.edges import direct
from maestro.views.graph import heading, in_order
from maestro.views.looks import Look, looks_of

_SHAPES = {"open": ("[", "]"), "running": ("([", "])"), "done": ("(", ")"), "skipped": (">", "]"), "blocked": ("[/", "/]"), "failed": ("{{", "}}")}
"""Of Mermaid's nodes: a box, a stadium, a rounded box, a flag, a leaning box, a hexagon. With the sign in the caption no state needs a colour."""

_MERMAID_STYLES = {
    "running": "stroke-width:3px",
    "done": "stroke-dasharray:4 3",
    "skipped": "stroke-dasharray:1 3",
    "blocked": "stroke:#9a6700",
    "failed": "stroke:#cf222e,stroke-width:3px",
}
_DOT_STYLES = {
    "open": "",
    "running": ", style=bold",
    "done": ", style=dashed",
    "skipped": ", style=dotted",
    "blocked": ", shape=octagon",
    "failed": ", shape=hexagon",
}


def mermaid(plan: Plan, composition: Composition, looks: Mapping[str, Look] | None = None) -> str:
    """A Mermaid flowchart, from prerequisite to dependent, phases below each other, waves as columns.

    Edges name their kind; soft ones are dotted, those of the critical path thick.
    """
    names = {task.id: f"t{number}" for number, task in enumerate(plan.tasks, start=1)}
    looks = looks or looks_of(plan)
    lines = ["flowchart TB"]
    used: dict[str, list[str]] = {}
    for number, phase in enumerate(composition.phases, start=1):
        lines.append(f'  subgraph p{number}["{_mermaid(heading(phase))}"]')
        lines.append("    direction LR")
        for task in in_order(phase):
            begin, end = _SHAPES[looks[task].name]
            lines.append(f'    {names[task]}{begin}"{_mermaid(_caption(plan, task, looks[task]))}"{end}')
            used.setdefault(looks[task].name, []).append(names[task])
        lines.append("  end")
    steps = set(pairwise(composition.critical_path))
    edges = _drawn(composition)
    for edge in edges:
        arrow = "-.->" if edge.strength is Strength.SOFT else "==>" if (edge.needs, edge.task) in steps else "-->"
        lines.append(f"  {names[edge.needs]} {arrow}|{edge.kind.value}| {names[edge.task]}")
    critical = [str(place) for place, edge in enumerate(edges) if (edge.needs, edge.task) in steps]
    if critical:
        lines.append(f"  linkStyle {','.join(critical)} stroke-width:3px")
    lines += [f"  {names[one]} ~~~ {names[other]}" for one, other in _unseen(composition, edges)]
    lines += [f"  p{number} ~~~ p{number + 1}" for number in range(1, len(composition.phases))]
    for name, style in _MERMAID_STYLES.items():
        if name in used:
            lines += [f"  classDef {name} {style}", f"  class {','.join(used[name])} {name}"]
    return "\n".join(lines)


def _unseen(composition: Composition, edges: Sequence[Dependency]) -> Iterator[tuple[str, str]]:
    """Links that are not drawn: they keep a task that nothing in the next wave needs in the column of its wave, where Mermaid would move it to the right."""
    drawn = {(edge.needs, edge.task) for edge in edges}
    for phase in composition.phases:
        for wave, following in pairwise(phase.waves):
            yield from ((task, following.tasks[0]) for task in wave.tasks if not any((task, other) in drawn for other in following.tasks))


def dot(plan: Plan, composition: Composition, looks: Mapping[str, Look] | None = None) -> str:
    """A Graphviz digraph, from prerequisite to dependent. Edges name their kind; soft ones are dashed, those of the critical path bold; waves are columns."""
    looks = looks or looks_of(plan)
    chain, steps = set(composition.critical_path), set(pairwise(composition.critical_path))
    lines = ["digraph plan {", "  rankdir=LR;", "  node [shape=box];"]
    for number, phase in reversed(list(enumerate(composition.phases, start=1))):  # Graphviz puts the first one at the bottom
        lines += [f"  subgraph cluster_{number} {{", f"    label={_dot(heading(phase))};"]
        for wave in phase.waves:
            for task in wave.tasks:
                style = _DOT_STYLES[looks[task].name] + (", penwidth=2.5" if task in chain else "")
                lines.append(f"    {_dot(task)} [label={_dot(_caption(plan, task, looks[task]))}{style}];")
            if len(wave.tasks) > 1:
                lines.append(f"    {{ rank=same; {' '.join(_dot(task) + ';' for task in wave.tasks)} }}")
        lines.append("  }")
    for edge in _drawn(composition):
        style = ", style=dashed" if edge.strength is Strength.SOFT else ""
        style += ", penwidth=2.5" if (edge.needs, edge.task) in steps else ""
        lines.append(f"  {_dot(edge.needs)} -> {_dot(edge.task)} [label={_dot(edge.kind.value)}{style}];")
    return "\n".join([*lines, "}"])


def _drawn(composition: Composition) -> list[Dependency]:
    """Direct edges inside the phases; that these follow each other says all that lies between them."""
    return [edge for phase in composition.phases for found in direct(in_order(phase), composition.dependencies).values() for edge in found]


def _caption(plan: Plan, task: str, look: Look) -> str:
    return clip(f"{look.prefix}{one_line(task)} {one_line(plan.by_id[task].title)}", 60)


_MERMAID = {ord(character): f"#{ord(character)};" for character in '"#<>&;`[]{}()|\\'}


def _mermaid(text: str) -> str:
    return text.translate(_MERMAID)


def _dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
