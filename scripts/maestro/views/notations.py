"""The dependency graph in notations that other programs draw."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.models.dependency import Dependency, Strength
from maestro.models.plan import Plan, Status
from maestro.models.schedule import Composition
from maestro.views.cells import clip, one_line
from maestro.views.edges import direct
from maestro.views.graph import heading, in_order
from maestro.views.words import MARKERS


def mermaid(plan: Plan, composition: Composition) -> str:
    """A Mermaid flowchart, from prerequisite to dependent; soft edges are dotted."""
    names = {task.id: f"t{number}" for number, task in enumerate(plan.tasks, start=1)}
    lines = ["flowchart LR"]
    for number, phase in enumerate(composition.phases, start=1):
        lines.append(f'  subgraph p{number}["{_mermaid(heading(phase))}"]')
        lines += [f'    {names[task]}["{_mermaid(_caption(plan, task))}"]' for task in in_order(phase)]
        lines.append("  end")
    for edge in _drawn(composition):
        arrow = "-.->" if edge.strength is Strength.SOFT else "-->"
        lines.append(f"  {names[edge.needs]} {arrow}|{edge.kind.value}| {names[edge.task]}")
    done = [names[task.id] for task in plan.tasks if task.status is Status.DONE]
    if done:
        lines += ["  classDef done stroke-dasharray:4 3", f"  class {','.join(done)} done"]
    return "\n".join(lines)


def dot(plan: Plan, composition: Composition) -> str:
    """A Graphviz digraph, from prerequisite to dependent; soft edges are dashed, waves stand in columns."""
    lines = ["digraph plan {", "  rankdir=LR;", "  node [shape=box];"]
    for number, phase in enumerate(composition.phases, start=1):
        lines += [f"  subgraph cluster_{number} {{", f"    label={_dot(heading(phase))};"]
        for wave in phase.waves:
            for task in wave.tasks:
                style = ", style=dashed" if plan.by_id[task].status is Status.DONE else ""
                lines.append(f"    {_dot(task)} [label={_dot(_caption(plan, task))}{style}];")
            lines.append(f"    {{ rank=same; {' '.join(_dot(task) + ';' for task in wave.tasks)} }}")
        lines.append("  }")
    for edge in _drawn(composition):
        style = ", style=dashed" if edge.strength is Strength.SOFT else ""
        lines.append(f"  {_dot(edge.needs)} -> {_dot(edge.task)} [label={_dot(edge.kind.value)}{style}];")
    return "\n".join([*lines, "}"])


def _drawn(composition: Composition) -> Sequence[Dependency]:
    """Direct edges over all phases, which follow each other."""
    order = [task for phase in composition.phases for task in in_order(phase)]
    return [edge for edges in direct(order, composition.dependencies).values() for edge in edges]


def _caption(plan: Plan, task: str) -> str:
    known = plan.by_id[task]
    sign = f"{MARKERS[known.status]} " if known.status is not Status.NEW else ""
    return clip(f"{sign}{one_line(task)} {one_line(known.title)}", 60)


_MERMAID = {ord(character): f"#{ord(character)};" for character in '"#<>&;`[]{}()|\\'}


def _mermaid(text: str) -> str:
    return text.translate(_MERMAID)


def _dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
