"""Waves: tasks whose prerequisites all lie in earlier waves. And the chain that bounds them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from maestro.models.dependency import Dependency
from maestro.models.plan import Phase
from maestro.schedule.graph import Graph, graph_of, levels, longest_remaining, topological_order


def assign_waves(tasks: Iterable[str], edges: Iterable[tuple[str, str]]) -> tuple[tuple[str, ...], ...]:
    """The longest-path levels of the edges (task, needs) among these tasks, exactly; edges to other tasks do not count.

    Within a wave the task with the longest remaining path comes first, so that the chain that bounds the run is never kept waiting; equals keep the order
    of `tasks`. The edges must have no cycle.
    """
    graph = graph_of(tasks, edges)
    level = levels(graph)
    remaining = longest_remaining(graph)
    waves: list[list[str]] = [[] for _ in range(max(level.values(), default=0))]
    for task in sorted(graph, key=lambda task: -remaining[task]):
        waves[level[task] - 1].append(task)
    return tuple(tuple(wave) for wave in waves)


def waves_anew(before: Iterable[Sequence[str]], left: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """The waves of a phase when what is left takes the waves `left`: what has started keeps its place before them. No wave is empty."""
    moving = {task for wave in left for task in wave}
    kept = (tuple(task for task in wave if task not in moving) for wave in before)
    return tuple(wave for wave in (*kept, *map(tuple, left)) if wave)


def critical_path(phases: Sequence[Phase], inside: Mapping[str, Iterable[tuple[str, str]]], finished: Collection[str] = ()) -> tuple[str, ...]:
    """The chain of unfinished tasks that bounds the whole plan from below: phases run one after the other, so it is the longest chain of each phase in turn.

    inside: as `edges_by_phase` gives them
    """
    path: list[str] = []
    for phase in phases:
        graph = graph_of((task.id for task in phase.tasks if task.id not in finished), inside[phase.id])
        path += longest_chain(graph)
    return tuple(path)


def longest_chain(graph: Graph, lengths: Mapping[str, float] | None = None) -> list[str]:
    """The longest chain of a graph without cycles, prerequisites first; of equals the one through tasks that stand earlier in the plan.

    lengths: of the tasks, 1 where unknown
    """
    lengths = lengths or {}
    place = {task: number for number, task in enumerate(graph)}
    total: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for task in topological_order(graph):
        needs = graph[task]
        best = max(needs, key=lambda need: (total[need], -place[need])) if needs else None
        before[task] = best
        total[task] = lengths.get(task, 1.0) + (total[best] if best is not None else 0.0)
    chain: list[str] = []
    step = max(total, key=lambda task: (total[task], -place[task]), default=None)
    while step is not None:
        chain.append(step)
        step = before[step]
    return chain[::-1]


def edges_by_phase(phases: Iterable[Phase], edges: Iterable[Dependency]) -> dict[str, list[tuple[str, str]]]:
    """The edges inside each phase, as (task, needs). Edges between phases order nothing that the phases do not order already."""
    phases = tuple(phases)
    phase_of = {task.id: phase.id for phase in phases for task in phase.tasks}
    inside: dict[str, list[tuple[str, str]]] = {phase.id: [] for phase in phases}
    for edge in edges:
        phase = phase_of.get(edge.task)
        if phase is not None and phase == phase_of.get(edge.needs):
            inside[phase].append((edge.task, edge.needs))
    return inside
