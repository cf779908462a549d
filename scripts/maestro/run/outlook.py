"""What is still to come in a run and how long it will take, judged by what its own tasks took. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from maestro import clock
from maestro.models.run import RunState, TaskRun, TaskState
from maestro.models.schedule import Composition, Mode, PhaseWaves, Wave
from maestro.records import dataclass
from maestro.schedule.graph import graph_of, topological_order
from maestro.schedule.timetable import length_of, timetable

Waves = tuple[tuple[str, ...], ...]


LEAST = 1.0
"""Seconds that anything which is not over yet is taken to need."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """All times in seconds.

    waves: of every phase, the waves in force, or those it would have if it began now
    task_s: what a task of this run takes from its dispatch to its merge (the median), from `measured` tasks; None before the first merge
    left_s: for what can still run, with as many slots as there are now and without the time people take to answer; None where nothing was measured yet
    """

    waves: dict[str, Waves]
    task_s: float | None
    measured: int
    left_s: float | None


def outlook(state: RunState, composition: Composition | None, now: str) -> Outlook:
    """The outlook at the time `now`. Without a composition nothing is known of phases that have not begun."""
    waves = known_waves(state, composition)
    lengths = durations(state)
    if not lengths:
        return Outlook(waves, None, 0, None)
    from statistics import median

    task_s = median(lengths)
    return Outlook(waves, task_s, len(lengths), _left(state, waves, task_s, now))


def known_waves(state: RunState, composition: Composition | None) -> dict[str, Waves]:
    """The waves of each phase: in force once it has begun, else as composed, in single mode one task after the other."""
    planned = {phase.phase: _planned(state, phase, composition) for phase in composition.phases} if composition else {}
    return {phase.id: tuple(map(tuple, phase.waves)) if phase.composed else planned.get(phase.id, ()) for phase in state.phases.values()}


def _planned(state: RunState, phase: PhaseWaves, composition: Composition) -> Waves:
    if state.settings.mode is not Mode.SINGLE:
        return tuple(wave.tasks for wave in phase.waves)
    there = {task for wave in phase.waves for task in wave.tasks}
    graph = graph_of((task for task in state.tasks if task in there), ((edge.task, edge.needs) for edge in composition.dependencies))
    return tuple((task,) for task in topological_order(graph))


def in_force(state: RunState, composition: Composition) -> Composition:
    """The composition with the waves that the run has, so that a drawing shows what the board says.

    What was settled before its phase began stays in the wave it would have had. In single mode, where each wave is one task, the waves stay as composed.
    """
    if state.settings.mode is Mode.SINGLE:
        return composition
    return replace(composition, phases=tuple(_phase_in_force(state, phase) for phase in composition.phases))


def _phase_in_force(state: RunState, phase: PhaseWaves) -> PhaseWaves:
    run = state.phases.get(phase.phase)
    if run is None or not run.composed:
        return phase
    known = {task for wave in phase.waves for task in wave.tasks}
    used = [[task for task in wave if task in known] for wave in run.waves]
    elsewhere = known.difference(*used)
    number = max(len(used), *(wave.number for wave in phase.waves if not elsewhere.isdisjoint(wave.tasks)), 0)
    before = {wave.number: [task for task in wave.tasks if task in elsewhere] for wave in phase.waves}
    waves = [[*before.get(place, ()), *(used[place - 1] if place <= len(used) else ())] for place in range(1, number + 1)]
    return replace(phase, waves=tuple(Wave(place, tuple(tasks)) for place, tasks in enumerate(waves, 1) if tasks))


def durations(state: RunState) -> list[float]:
    """Seconds from the dispatch of each merged attempt to its merge."""
    return [
        clock.seconds_between(task.attempts[-1].dispatched_at, task.merged_at)
        for task in state.tasks.values()
        if task.state is TaskState.MERGED and task.attempts and task.merged_at
    ]


def _left(state: RunState, waves: Mapping[str, Waves], task_s: float, now: str) -> float:
    lengths = {task.id: _rest(task, task_s, now) for task in state.tasks.values()}
    coming = [[task for task in wave if lengths.get(task, 0.0) > 0] for phase in waves.values() for wave in phase]
    slots = 1 if state.settings.mode is Mode.SINGLE else state.slots
    return round(length_of(timetable(coming, lengths, slots)), 1)


def _rest(task: TaskRun, task_s: float, now: str) -> float:
    """What is left of a task: all of it while it waits, nothing that could be foreseen once it failed, and at least a moment while it runs."""
    if task.state is TaskState.WAITING:
        return max(task_s, LEAST)
    if task.state.under_way and task.attempt is not None:
        return max(task_s - clock.seconds_between(task.attempt.dispatched_at, now), LEAST)
    return 0.0
