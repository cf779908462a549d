"""Waves anew, while a run is on: what has started keeps its place, and only what has not started moves.

The rule is ninja's for dependencies that are found while building: they may only affect what has not begun. Everything here is pure; the run shows the
result as before, after and why.
"""

from __future__ import annotations

from maestro.records import dataclass

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from maestro.models.dependency import Dependency, Findings
from maestro.models.notes import Note
from maestro.models.plan import Phase, Plan
from maestro.models.schedule import Composition, PhaseWaves, Wave
from maestro.schedule.compose import compose
from maestro.schedule.graph import graph_of, longest_remaining, topological_order
from maestro.schedule.waves import edges_by_phase


@dataclass(frozen=True, slots=True)
class Move:
    """A task that changes its wave. `from_wave` is None for a task that is new in the plan, `to_wave` for one that left it."""

    task: str
    from_wave: int | None
    to_wave: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Regrouping:
    after: Composition
    moves: tuple[Move, ...]


def regroup(
    before: Composition,
    plan: Plan,
    findings: Findings,
    *,
    started: Collection[str],
    finished: Collection[str] = (),
    first_open: Mapping[str, int] | None = None,
    ignore_soft: bool = False,
    lengths: Mapping[str, float] | None = None,
    rounds: bool = False,
    runtime: str | None = None,
) -> Regrouping:
    """The composition for what is known now, in which `started` and `finished` tasks keep the waves of `before`.

    first_open: for phases, the first wave that a task which has not started may take; by default the last wave in which something has started, because that
    wave is still running. An edge that asks a started task to come after one that has not begun comes too late: it is left out, with a note.

    Raises what `compose` raises.
    """
    was = _wave_of(before)
    fixed = {task: was[task] for task in (*started, *finished) if task in was and task in plan.by_id}
    kept, late = _in_time(findings.dependencies, fixed)
    known = replace(findings, dependencies=tuple(kept), notes=(*findings.notes, *late))
    plain = compose(plan, known, ignore_soft=ignore_soft, finished=finished, lengths=lengths, rounds=rounds, runtime=runtime)
    inside = edges_by_phase(plan.phases, plain.dependencies)
    phases = tuple(_phase_waves(phase, inside[phase.id], fixed, (first_open or {}).get(phase.id), lengths or {}) for phase in plan.phases)
    after = replace(plain, phases=phases)
    return Regrouping(after, tuple(_moves(before, after, was)))


def _wave_of(composition: Composition) -> dict[str, int]:
    return {task: wave.number for phase in composition.phases for wave in phase.waves for task in wave.tasks}


def _in_time(edges: Iterable[Dependency], fixed: Mapping[str, int]) -> tuple[list[Dependency], list[Note]]:
    """The edges that can still be kept, and notes about those that cannot."""
    kept, late = [], []
    for edge in edges:
        if edge.task in fixed and (edge.needs not in fixed or fixed[edge.needs] > fixed[edge.task]):
            message = (
                f"Task {edge.task} turns out to need task {edge.needs} ({edge.evidence.why}), but has started already: check its result when both are merged."
            )
            late.append(Note("edge-too-late", message))
        else:
            kept.append(edge)
    return kept, late


def _phase_waves(phase: Phase, edges: list[tuple[str, str]], fixed: Mapping[str, int], first_open: int | None, lengths: Mapping[str, float]) -> PhaseWaves:
    graph = graph_of((task.id for task in phase.tasks), edges)
    earliest = first_open or max((fixed[task] for task in graph if task in fixed), default=1)
    wave: dict[str, int] = {}
    for task in topological_order(graph):
        wave[task] = fixed.get(task) or max(earliest, 1 + max((wave[need] for need in graph[task]), default=0))
    remaining = longest_remaining(graph, lengths)
    order = sorted(graph, key=lambda task: -remaining[task])
    numbers = sorted(set(wave.values()))
    return PhaseWaves(phase.id, phase.title, tuple(Wave(number, tuple(task for task in order if wave[task] == number)) for number in numbers))


def _moves(before: Composition, after: Composition, was: Mapping[str, int]) -> Iterable[Move]:
    now = _wave_of(after)
    old = {(edge.task, edge.needs): edge for edge in before.dependencies}
    new = {(edge.task, edge.needs): edge for edge in after.dependencies}
    moved = {task for task in now if was.get(task) != now[task]}
    for task in now:
        if task in moved:
            yield Move(task, was.get(task), now[task], _why(task, was, now, old, new, moved))
    for task in was:
        if task not in now:
            yield Move(task, was[task], None, "it is no longer in the plan")


def _why(
    task: str,
    was: Mapping[str, int],
    now: Mapping[str, int],
    old: Mapping[tuple[str, str], Dependency],
    new: Mapping[tuple[str, str], Dependency],
    moved: Collection[str],
) -> str:
    """The reason that placed a task where it is now."""
    if task not in was:
        return "it is new in the plan"
    needs = [need for name, need in new if name == task and now.get(need) == now[task] - 1]
    for need in needs:
        if (task, need) not in old:
            return f"it now needs {need}: {new[task, need].evidence.why}"
    for need in needs:
        if need in moved:
            return f"it needs {need}, which moved"
    gone = [need for name, need in old if name == task and (task, need) not in new]
    if now[task] < was[task] and gone:
        return f"it no longer needs {', '.join(gone)}"
    return "the tasks before it moved" if now[task] < was[task] else "its wave ended before it started"
