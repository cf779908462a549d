"""From a plan and what is known of its dependencies to the whole schedule."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise

from maestro.errors import InvalidDocument, NotFound, together
from maestro.models.dependency import Dependency, Findings, Kind, Strength
from maestro.models.notes import Note
from maestro.models.plan import Phase, Plan
from maestro.models.schedule import Composition, PhaseWaves, Wave
from maestro.schedule.advice import advise, facts_of
from maestro.schedule.graph import find_cycles, graph_of
from maestro.schedule.predict import predict
from maestro.schedule.waves import assign_waves, critical_path, edges_by_phase


def compose(
    plan: Plan,
    findings: Findings,
    *,
    ignore_soft: bool = False,
    finished: Collection[str] = (),
    rounds: bool = False,
    runtime: str | None = None,
    phase: str | None = None,
) -> Composition:
    """The waves of a plan with everything a person wants to see before it runs.

    ignore_soft: schedule as if only hard edges existed; the others become notes
    finished: tasks that are done or skipped; they keep their wave, and do not count for prediction, critical path and advice: nobody waits for them
    rounds: see `predict`
    runtime: the agent runtime that will drive the run, for advice
    phase: look at this phase only, by id

    Raises InvalidDocument `plan-cycle` with the whole path (cycles that share no task together), `dependency-on-later-phase`; NotFound `phase-not-found`.
    """
    finished = frozenset(finished)
    phases = _chosen(plan, phase)
    ids = {task.id for part in phases for task in part.tasks}
    used, notes = _used(plan, findings, ignore_soft)
    edges = [edge for edge in used if edge.task in ids and edge.needs in ids]
    inside = edges_by_phase(phases, edges)
    waves = _waves(phases, inside, frozenset())
    left = _waves(phases, inside, finished) if finished else waves
    chain = critical_path(phases, inside, finished)
    scopes = {task: entries for task, entries in findings.scopes.items() if task in ids}
    shared = tuple(resource for resource in findings.shared if len(ids.intersection(resource.tasks)) > 1)
    return Composition(
        phases=waves,
        dependencies=tuple(edges),
        scopes=scopes,
        shared=shared,
        critical_path=chain,
        predicted=predict(left, chain, rounds=rounds),
        advice=advise(facts_of(phases, left, edges, scopes, shared, finished, runtime)),
        notes=(*plan.notes, *findings.notes, *notes),
    )


def _waves(phases: Iterable[Phase], inside: Mapping[str, Sequence[tuple[str, str]]], finished: frozenset[str]) -> tuple[PhaseWaves, ...]:
    """The waves of each phase's tasks without the finished ones, as a run that begins now would have them."""
    return tuple(_phase_waves(phase, assign_waves((task.id for task in phase.tasks if task.id not in finished), inside[phase.id])) for phase in phases)


def _phase_waves(phase: Phase, waves: Sequence[Sequence[str]]) -> PhaseWaves:
    return PhaseWaves(phase.id, phase.title, tuple(Wave(number, tuple(tasks)) for number, tasks in enumerate(waves, 1)))


def _chosen(plan: Plan, phase: str | None) -> tuple[Phase, ...]:
    if phase is None:
        return plan.phases
    wanted = phase.casefold().removeprefix("phase").strip()
    chosen = tuple(part for part in plan.phases if part.id.casefold().removeprefix("phase").strip() == wanted)
    if not chosen:
        known = ", ".join(part.id for part in plan.phases)
        raise NotFound("phase-not-found", f"{plan.path} has no phase {phase}.", hint=f"Phases: {known}.", where=plan.path)
    return chosen


def _used(plan: Plan, findings: Findings, ignore_soft: bool) -> tuple[list[Dependency], list[Note]]:
    """The edges that order the tasks, checked, and what is to be said of the others."""
    used = [edge for edge in findings.dependencies if not (ignore_soft and edge.strength is Strength.SOFT)]
    _check_phases(plan, used)
    _check_cycles(plan, used)
    soft = [edge for edge in findings.dependencies if edge.strength is Strength.SOFT] if ignore_soft else []
    notes = [Note("soft-edge-ignored", f"Task {edge.task} may need task {edge.needs}: {edge.evidence.why}. Ignored as asked.") for edge in soft]
    return used, notes


def _check_phases(plan: Plan, edges: Sequence[Dependency]) -> None:
    number = {task.id: place for place, phase in enumerate(plan.phases) for task in phase.tasks}
    for edge in edges:
        if number[edge.needs] > number[edge.task]:
            raise InvalidDocument(
                "dependency-on-later-phase",
                f'Task {edge.task} needs task {edge.needs} ("{edge.evidence.text}"), which belongs to a later phase.',
                hint="Phases run one after the other: move one of the two tasks.",
                where=plan.where(edge.evidence.line or plan.by_id[edge.task].line),
            )


def _check_cycles(plan: Plan, edges: Sequence[Dependency]) -> None:
    graph = graph_of((task.id for task in plan.tasks), ((edge.task, edge.needs) for edge in edges))
    if cycles := find_cycles(graph):
        raise together([_cycle(cycle, plan, edges) for cycle in cycles])


def _cycle(cycle: Sequence[str], plan: Plan, edges: Sequence[Dependency]) -> InvalidDocument:
    steps = set(pairwise(cycle))
    on_it = {(edge.task, edge.needs): edge for edge in edges if (edge.task, edge.needs) in steps}
    around = [on_it[step] for step in pairwise(cycle)]
    lines = [edge.evidence.line or plan.by_id[edge.task].line for edge in around]
    reasons = "; ".join(f'{edge.task} needs {edge.needs}: "{edge.evidence.text}", line {line}' for edge, line in zip(around, lines, strict=True))
    stated = all(edge.kind in (Kind.EXPLICIT, Kind.BEADS) for edge in around)
    return InvalidDocument(
        "plan-cycle",
        f"The tasks wait for each other: {' -> '.join(cycle)} ({reasons}).",
        hint="Remove one of these references, as the user says; then repeat the command." if stated else "Remove one of these dependencies; then repeat.",
        where=plan.where(lines[0]),
        places=map(plan.where, lines),
    )
