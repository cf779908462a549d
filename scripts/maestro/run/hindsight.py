"""What detection said when a phase began, held against the diffs that its tasks really made. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from maestro.models.report import Apart, Hindsight, Missed
from maestro.models.run import RunState, TaskState
from maestro.run.journal import Event
from maestro.schedule.graph import graph_of

CLOSE_LOOK = 50
"""Tasks that changed one path and are compared pair by pair; a file that more tasks change is one that everybody touches."""


def hindsight(state: RunState, events: Iterable[Event]) -> Hindsight:
    """Edges that were right, that were missing, and that no diff shows. Only tasks that this run merged with a change can say anything."""
    touched = {
        task.id: {path for path, _ in task.real_paths}
        for task in state.tasks.values()
        if task.state is TaskState.MERGED and task.real_paths and not task.outside
    }
    edges = met = 0
    missed: list[Missed] = []
    apart: list[Apart] = []
    for phase, said in first_words(events).items():
        known = [task for task in said["scopes"] if task in touched]
        for task, needs, kind, why in said["edges"]:
            if task in touched and needs in touched:
                edges += 1
                if touched[task] & touched[needs]:
                    met += 1
                else:
                    apart.append(Apart(task, needs, kind, why))
        now = {(edge.task, edge.needs) for edge in state.phases[phase].edges} if phase in state.phases else set()
        missed += _missed(state, known, touched, said, now)
    return Hindsight(edges, met, tuple(missed), tuple(apart))


def first_words(events: Iterable[Event]) -> dict[str, dict[str, Any]]:
    """The composition with which each phase began."""
    said: dict[str, dict[str, Any]] = {}
    for event in events:
        if event.name == "phase-composed":
            said.setdefault(event.data["phase"], event.data)
    return said


def _missed(state: RunState, known: list[str], touched: dict[str, set[str]], said: dict[str, Any], now: set[tuple[str, str]]) -> Iterator[Missed]:
    shared = {path for path, _ in said["shared"]}
    before = _reachable(known, said)
    owners: dict[str, list[str]] = defaultdict(list)
    for task in (task for task in state.tasks if task in known):
        for path in touched[task] - shared:
            owners[path].append(task)
    pairs: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path, tasks in owners.items():
        if len(tasks) <= CLOSE_LOOK:
            for pair in combinations(tasks, 2):
                pairs[pair].add(path)
    for (first, second), paths in pairs.items():
        if second not in before[first] and first not in before[second]:
            yield Missed(first, second, tuple(sorted(paths)), (second, first) in now or (first, second) in now)


def _reachable(tasks: list[str], said: dict[str, Any]) -> dict[str, set[str]]:
    """For each task all that it needs, directly or through others."""
    graph = graph_of(said["scopes"], [(task, needs) for task, needs, *_ in said["edges"]])
    found: dict[str, set[str]] = {}
    for task in tasks:
        seen: set[str] = set()
        stack = list(graph[task])
        while stack:
            need = stack.pop()
            if need not in seen:
                seen.add(need)
                stack += graph[need]
        found[task] = seen
    return found
