"""What detection said when a phase began, held against the diffs that its tasks really made. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from maestro.models.dependency import Kind
from maestro.models.report import Apart, Hindsight, Missed
from maestro.models.run import FailureClass, RunState, TaskRun, TaskState
from maestro.run.journal import Event
from maestro.schedule.graph import graph_of, topological_order

STATED = frozenset({Kind.EXPLICIT, Kind.BEADS})
"""Edges that somebody wrote down. Detection only passed them on."""

CLOSE_LOOK = 50
"""Tasks that changed one path and are compared pair by pair; a file that more tasks change is one that everybody touches."""


def hindsight(state: RunState, events: Iterable[Event]) -> Hindsight:
    """Edges that were right, that were missing, and that no diff shows. Only tasks that this run merged with a change can say anything."""
    touched = {
        task.id: {path for path, _ in task.real_paths}
        for task in state.tasks.values()
        if task.state is TaskState.MERGED and task.real_paths and not task.outside
    }
    edges = met = stated = 0
    missed: list[Missed] = []
    apart: list[Apart] = []
    for phase, said in first_words(events).items():
        known = [task for task in said["scopes"] if task in touched]
        for task, needs, kind, why in said["edges"]:
            if task in touched and needs in touched:
                edges += 1
                if touched[task] & touched[needs]:
                    met += 1
                elif kind in STATED:
                    stated += 1
                else:
                    apart.append(Apart(task, needs, kind, why))
        now = {(edge.task, edge.needs) for edge in state.phases[phase].edges} if phase in state.phases else set()
        missed += _missed(state, known, touched, said, now)
    return Hindsight(edges, met, tuple(missed), tuple(apart), stated)


def first_words(events: Iterable[Event]) -> dict[str, dict[str, Any]]:
    """The composition with which each phase began."""
    said: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.name == "phase-composed":
            said.setdefault(event.data["phase"], event.data)
    return said


def _missed(state: RunState, known: list[str], touched: dict[str, set[str]], said: dict[str, Any], now: set[tuple[str, str]]) -> Iterator[Missed]:
    shared = {path for path, _ in said["shared"]}
    place = {task: number for number, task in enumerate(state.tasks)}
    owners: dict[str, list[str]] = defaultdict(list)
    for task in sorted(known, key=lambda task: place[task]):
        for path in touched[task] - shared:
            owners[path].append(task)
    pairs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path, tasks in owners.items():
        if len(tasks) <= CLOSE_LOOK:
            for pair in combinations(tasks, 2):
                pairs[pair].add(path)
    before = _needed(said, place)
    for (first, second), paths in pairs.items():
        if not (before.get(first, 0) >> place[second] & 1 or before.get(second, 0) >> place[first] & 1):
            found = (second, first) in now or (first, second) in now
            yield Missed(first, second, tuple(sorted(paths)), found, any(_clashed(state.tasks[task], paths) for task in (first, second)))


def _clashed(task: TaskRun, paths: set[str]) -> bool:
    """An attempt did not fit onto what was merged meanwhile, in one of these files."""
    return any(attempt.failure == FailureClass.CONFLICT and any(path in attempt.reason for path in paths) for attempt in task.attempts)


def _needed(said: dict[str, Any], place: dict[str, int]) -> dict[str, int]:
    """For each task all that it needs, directly or through others, as bits at the places of the tasks: sets would take the square of a long plan."""
    graph = graph_of(said["scopes"], [(task, needs) for task, needs, *_ in said["edges"]])
    found: dict[str, int] = {}
    for task in topological_order(graph):
        found[task] = 0
        for need in graph[task]:
            found[task] |= found[need] | (1 << place[need] if need in place else 0)
    return found
