"""The dependency graph in a terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from maestro.models.dependency import Dependency, Strength
from maestro.models.plan import Plan, Status
from maestro.models.schedule import Composition, PhaseWaves
from maestro.views import rails
from maestro.views.cells import clip, one_line, pad, width, wrap
from maestro.views.edges import direct
from maestro.views.ink import bold, dim
from maestro.views.words import plural

LEGEND = f"wave; {rails.NODE} task, {rails.DONE_NODE} done; a rail leads down to what needs the task; ? soft"


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


def _phase_text(plan: Plan, composition: Composition, phase: PhaseWaves, columns: int, titles: bool) -> Iterator[str]:
    order = in_order(phase)
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
            yield clip(clip(head + title, max(columns - width(tail), width(head))) + tail, columns).rstrip()


def in_order(phase: PhaseWaves) -> list[str]:
    """The tasks of a phase, wave by wave."""
    return [task for wave in phase.waves for task in wave.tasks]


def count_needs(edges: Collection[Dependency]) -> str:
    """`12 dependencies, 3 of them soft`."""
    soft = sum(edge.strength is Strength.SOFT for edge in edges)
    total = plural(len(edges), "dependency", "dependencies")
    return f"{total}, {soft} of them soft" if soft else total
