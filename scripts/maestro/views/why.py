"""One task explained."""

from __future__ import annotations

from collections.abc import Iterator

from maestro.models.dependency import Dependency
from maestro.models.plan import MARKERS, Plan
from maestro.models.schedule import Composition
from maestro.views.cells import one_line, wrap
from maestro.views.ink import bold, dim
from maestro.views.waves_data import longest_chain, places
from maestro.views.words import label, paths


def why_text(plan: Plan, composition: Composition, task: str, *, columns: int = 80) -> str:
    """What puts a task into its wave, with every signal that was weighed. The task must be part of the composition."""
    known = plan.by_id[task]
    needs = [edge for edge in composition.dependencies if edge.task == task]
    needed_by = [edge for edge in composition.dependencies if edge.needs == task]
    chain = longest_chain(composition, task)
    lines = [bold(line) for line in wrap(f"{MARKERS[known.status]} {one_line(task)} {one_line(known.title)}", columns)]
    lines.append(f"wave {places(composition)[task]} of phase {one_line(known.phase)}, {plan.where(known.line)}")
    lines += wrap(paths(composition.scopes.get(task, ())) or "no paths known", columns, indent="       ", first="scope  ")
    if len(chain) > 1:
        lines += wrap(" -> ".join(map(one_line, chain)), columns, indent="       ", first="chain  ")
    lines += ["", bold("Needs") if needs else "Needs no other task."]
    for edge in needs:
        lines += _edge(plan, edge, edge.needs, columns)
    lines += ["", bold("Is needed by") if needed_by else "No other task needs it."]
    for edge in needed_by:
        lines += _edge(plan, edge, edge.task, columns)
    return "\n".join(lines)


def _edge(plan: Plan, edge: Dependency, other: str, columns: int) -> Iterator[str]:
    title = one_line(plan.by_id[other].title) if other in plan.by_id else ""
    yield from wrap(f"{one_line(other)} {title}", columns, indent="    ", first="  ")
    yield from wrap(f"{one_line(edge.evidence.why)} ({label(edge)})", columns, indent="      ", first="    because ")
    if edge.evidence.text:
        place = f"{plan.where(edge.evidence.line)}: " if edge.evidence.line is not None else ""
        yield from (dim(line) for line in wrap(f'{place}"{one_line(edge.evidence.text)}"', columns, indent="      ", first="    "))
    for signal in edge.evidence.signals:
        words = f": {one_line(signal.words)}" if signal.words else ""
        yield from wrap(f"{signal.weight:+.1f} {signal.name}{words}", columns, indent="           ", first="      ")
