"""The dependency graph: as text with rails, for Mermaid, for Graphviz."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from maestro.models.dependency import Dependency, Strength
from maestro.models.plan import Plan, Status
from maestro.models.schedule import Composition, PhaseWaves
from maestro.views import rails
from maestro.views.cells import clip, one_line, pad, width, wrap
from maestro.views.edges import direct
from maestro.views.ink import bold, dim
from maestro.views.words import MARKERS, plural

LEGEND = f"wave; {rails.NODE} task, {rails.DONE_NODE} done; a rail leads down to what needs the task; ? soft"


def draw(kind: str, plan: Plan, composition: Composition, *, columns: int = 80) -> str:
    """The graph as `text`, `mermaid` or `dot`."""
    if kind == "mermaid":
        return mermaid(plan, composition)
    if kind == "dot":
        return dot(plan, composition)
    return "\n".join([*graph_text(plan, composition, columns=columns), *legend(columns)])


def graph_text(plan: Plan, composition: Composition, *, columns: int = 80, titles: bool = True) -> list[str]:
    """The graph of each phase, wave by wave. Where rails cannot be followed any more, each task names what it needs instead."""
    lines: list[str] = []
    for phase in composition.phases:
        if not phase.waves:
            continue
        if len(composition.phases) > 1:
            lines.append(bold(clip(heading(phase), columns)))
        lines += [f"  {line}" for line in _phase_text(plan, composition, phase, columns - 2, titles)]
    return lines


def legend(columns: int) -> list[str]:
    """What the signs of the text mean."""
    return [dim(line) for line in wrap(LEGEND, columns, indent="  ")]


def heading(phase: PhaseWaves) -> str:
    """`Phase 2: Backend`; ids that are no numbers stand for themselves."""
    name = f"Phase {one_line(phase.phase)}" if phase.phase[:1].isdigit() else one_line(phase.phase)
    return f"{name}: {one_line(phase.title)}" if phase.title else name or "Tasks"


def mermaid(plan: Plan, composition: Composition) -> str:
    """A Mermaid flowchart, from prerequisite to dependent; soft edges are dotted."""
    names = {task.id: f"t{number}" for number, task in enumerate(plan.tasks, start=1)}
    lines = ["flowchart LR"]
    for number, phase in enumerate(composition.phases, start=1):
        lines.append(f'  subgraph p{number}["{_mermaid(heading(phase))}"]')
        lines += [f'    {names[task]}["{_mermaid(_caption(plan, task))}"]' for task in _order(phase)]
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


def _phase_text(plan: Plan, composition: Composition, phase: PhaseWaves, columns: int, titles: bool) -> Iterator[str]:
    order = _order(phase)
    edges = direct(order, composition.dependencies)
    done = {task for task in order if plan.by_id[task].status is Status.DONE}
    drawing = rails.draw(order, {task: [edge.needs for edge in edges[task]] for task in order}, done)
    rows = iter(drawing or ())
    room = max((width(one_line(task)) for task in order), default=0)
    number_room = max(len(str(wave.number)) for wave in phase.waves)
    for wave in phase.waves:
        for position, task in enumerate(wave.tasks):
            number = f"{wave.number if position == 0 else '':>{number_room}}  "
            rail = f"{number}{next(rows)}  " if drawing is not None else number
            needed = ", ".join(f"{one_line(edge.needs)}{'?' if edge.strength is Strength.SOFT else ''}" for edge in edges[task])
            head = f"{rail}{pad(one_line(task), room)}"
            if drawing is None:
                yield from wrap(f"{head}  {f'needs {needed}' if needed else ''}", columns, indent=" " * (room + number_room + 4))
                continue
            tail = f"  <- {needed}" if needed else ""
            title = f"  {one_line(plan.by_id[task].title)}" if titles else ""
            yield clip(clip(head + title, max(columns - width(tail), width(head))) + tail, columns)


def _order(phase: PhaseWaves) -> list[str]:
    return [task for wave in phase.waves for task in wave.tasks]


def _drawn(composition: Composition) -> Sequence[Dependency]:
    """Direct edges over all phases, which follow each other."""
    order = [task for phase in composition.phases for task in _order(phase)]
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


def count_needs(edges: Collection[Dependency]) -> str:
    """`12 dependencies, 3 of them soft`."""
    soft = sum(edge.strength is Strength.SOFT for edge in edges)
    total = plural(len(edges), "dependency", "dependencies")
    return f"{total}, {soft} of them soft" if soft else total
