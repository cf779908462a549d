"""The dependency graph in a terminal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from maestro.counting import plural
from maestro.models.dependency import Dependency, Kind, Strength
from maestro.models.plan import Plan
from maestro.models.schedule import Composition, PhaseWaves
from maestro.records import dataclass
from maestro.views import rails
from maestro.views.cells import clip, one_line, pad, width, wrap
from maestro.views.edges import direct
from maestro.views.ink import bold, dim
from maestro.views.looks import LOOKS, Look, looks_of
from maestro.views.words import phase_name

CRITICAL = "*"
"""Marks the tasks of the critical path."""


def graph_text(
    plan: Plan,
    composition: Composition,
    *,
    columns: int = 80,
    titles: bool = True,
    needs: bool = True,
    kinds: bool = False,
    looks: Mapping[str, Look] | None = None,
) -> list[str]:
    """The graph of each phase, wave by wave. Where rails cannot be followed any more, each task names what it needs instead.

    needs: it does so behind the rails, too
    kinds: and where each dependency comes from, where they come from several sources
    looks: the states to show where they are not those of the plan's markers
    """
    lines: list[str] = []
    style = _Style(looks or looks_of(plan), titles, needs, kinds and len(kinds_of(composition)) > 1)
    for phase in composition.phases:
        if not phase.waves:
            continue
        if len(composition.phases) > 1:
            lines.append(bold(clip(heading(phase), columns)))
        lines += [f"  {line}" for line in _phase_text(plan, composition, phase, columns - 2, style)]
    return lines


@dataclass(frozen=True, slots=True)
class _Style:
    looks: Mapping[str, Look]
    titles: bool
    needs: bool
    kinds: bool


def kinds_of(composition: Composition) -> list[str]:
    """Where the dependencies inside the phases come from, as far as they are drawn."""
    drawn = (edge for phase in composition.phases for edges in direct(in_order(phase), composition.dependencies).values() for edge in edges)
    return sorted({edge.kind.value for edge in drawn})


def legend(plan: Plan, composition: Composition, columns: int, looks: Mapping[str, Look] | None = None, *, kinds: bool = False) -> list[str]:
    """What those signs mean that stand in the text. `kinds`: and where dependencies come from that have one source only."""
    looks = looks or looks_of(plan)
    shown = {looks[task] for phase in composition.phases for task in in_order(phase)}
    words = ["number: wave", *(f"{look.node} {look.name}" for look in LOOKS if look in shown)]
    if composition.dependencies:
        words.append("rails lead down to what needs the task")
    if any(edge.strength is Strength.SOFT for edge in composition.dependencies):
        words.append("? only likely")
    if kinds and len(sources := kinds_of(composition)) == 1:
        words.append(f"source of all dependencies: {sources[0]}")
    if _marks(composition):
        words.append(f"{CRITICAL} critical path")
    return [dim(line) for line in wrap("; ".join(words), columns, indent="  ")]


def _marks(composition: Composition) -> frozenset[str]:
    """Tasks that are marked as critical: none where no task waits for another, for then there is no chain to see."""
    chain = frozenset(composition.critical_path)
    return chain if any(edge.task in chain and edge.needs in chain for edge in composition.dependencies) else frozenset()


def heading(phase: PhaseWaves) -> str:
    """`Phase 2: Backend`; ids that are no numbers stand for themselves."""
    return phase_name(phase.phase, phase.title)


def _phase_text(plan: Plan, composition: Composition, phase: PhaseWaves, columns: int, style: _Style) -> Iterator[str]:
    order = in_order(phase)
    edges = direct(order, composition.dependencies)
    looks, marks = style.looks, _marks(composition)
    drawing = rails.draw(order, {task: [edge.needs for edge in edges[task]] for task in order}, {task: looks[task].node for task in order})
    rows = iter(drawing or ())
    room = max((width(one_line(task)) for task in order), default=0)
    number_room = max(len(str(wave.number)) for wave in phase.waves)
    for wave in phase.waves:
        for position, task in enumerate(wave.tasks):
            number = f"{wave.number if position == 0 else '':>{number_room}}  "
            rail = f"{number}{next(rows)}  " if drawing is not None else number
            needed = ", ".join(_need(edge, style.kinds) for edge in edges[task])
            if width(needed) > columns // 3:
                needed = ", ".join(_need(edge, False) for edge in edges[task])
            mark = f"{CRITICAL if task in marks else ' '} " if marks else ""
            head = f"{rail}{mark}{pad(one_line(task), room)}"
            if drawing is None:
                yield from wrap(f"{head}  {f'needs {needed}' if needed else ''}", columns, indent=" " * (width(head) + 2))
                continue
            tail = f"  <- {needed}" if needed and style.needs else ""
            if width(tail) > columns // 3 and len(edges[task]) > 2:
                tail = f"  <- {', '.join(needed.split(', ')[:2])} and {len(edges[task]) - 2} more"  # the rails show them all
            title = f"  {one_line(plan.by_id[task].title)}" if style.titles else ""
            yield clip(clip(head + title, max(columns - width(tail), width(head))) + tail, columns).rstrip()


def _need(edge: Dependency, kind: bool) -> str:
    """`1.1`, `1.1?` for what is only likely, with its source `1.1? (symbols)` unless the plan itself says it."""
    return f"{one_line(edge.needs)}{'?' if edge.strength is Strength.SOFT else ''}" + (
        f" ({edge.kind.value})" if kind and edge.kind is not Kind.EXPLICIT else ""
    )


def in_order(phase: PhaseWaves) -> list[str]:
    """The tasks of a phase, wave by wave."""
    return [task for wave in phase.waves for task in wave.tasks]


def count_needs(edges: Collection[Dependency]) -> str:
    """`12 dependencies, 3 of them soft`."""
    soft = sum(edge.strength is Strength.SOFT for edge in edges)
    total = plural(len(edges), "dependency", "dependencies")
    return f"{total}, {soft} of them soft" if soft else total
