"""Questions about a graph of tasks, answered in nearly linear time and without recursion, so that plans of any length work.

A graph is a mapping from each task to the tasks it needs. The order of its keys is the plan's order and decides between equals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from heapq import heappop, heappush

Graph = Mapping[str, Collection[str]]


def graph_of(tasks: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The graph of these tasks from edges (task, needs); edges to or from other tasks are left out, repeated ones count once."""
    graph: dict[str, dict[str, None]] = {task: {} for task in tasks}
    for task, need in edges:
        if task in graph and need in graph:
            graph[task][need] = None
    return {task: list(needs) for task, needs in graph.items()}


def inverted(graph: Graph) -> dict[str, list[str]]:
    """For each task the tasks that need it."""
    result: dict[str, list[str]] = {task: [] for task in graph}
    for task, needs in graph.items():
        for need in needs:
            result[need].append(task)
    return result


def topological_order(graph: Graph) -> list[str]:
    """Prerequisites first, otherwise in the graph's own order, which is the plan's. Tasks on a cycle, and those behind one, are missing from the result."""
    names = list(graph)
    if _is_in_order(graph):
        return names
    place = {task: number for number, task in enumerate(names)}
    missing = {task: len(needs) for task, needs in graph.items()}
    needed_by = inverted(graph)
    ready = [place[task] for task, count in missing.items() if count == 0]  # sorted, so a heap already
    order = []
    while ready:
        task = names[heappop(ready)]
        order.append(task)
        for other in needed_by[task]:
            missing[other] -= 1
            if missing[other] == 0:
                heappush(ready, place[other])
    return order


def _is_in_order(graph: Graph) -> bool:
    """Whether each task stands behind all that it needs, as in most plans, which people write in the order in which they would work."""
    before: set[str] = set()
    for task, needs in graph.items():
        if needs and not before.issuperset(needs):
            return False
        before.add(task)
    return True


def levels(graph: Graph) -> dict[str, int]:
    """1 + the highest level of a task's prerequisites; 1 without any. The graph must have no cycle."""
    level: dict[str, int] = {}
    for task in topological_order(graph):
        level[task] = 1 + max(map(level.__getitem__, graph[task]), default=0)
    return level


def longest_remaining(graph: Graph) -> dict[str, int]:
    """For each task how many tasks the longest chain has that starts with it and goes on with tasks that need it. The graph must have no cycle."""
    needed_by = inverted(graph)
    remaining: dict[str, int] = {}
    for task in reversed(topological_order(graph)):
        remaining[task] = 1 + max(map(remaining.__getitem__, needed_by[task]), default=0)
    return remaining


def find_cycle(graph: Graph) -> list[str] | None:
    """A cycle as the path one walks along "needs", its first task repeated at the end: [a, b, c, a]; None when there is none.

    Starts at the task of the cycle that stands first in the plan, so that the same plan always shows the same path.
    """
    done = set(topological_order(graph))
    left = [task for task in graph if task not in done] if len(done) < len(graph) else []
    if not left:
        return None
    place = {task: number for number, task in enumerate(graph)}
    seen: dict[str, int] = {}
    path: list[str] = []
    task = left[0]
    while task not in seen:  # every task that is left needs another one that is left, so this walk must come round
        seen[task] = len(path)
        path.append(task)
        task = next(need for need in graph[task] if need not in done)
    cycle = path[seen[task] :]
    first = min(range(len(cycle)), key=lambda index: place[cycle[index]])
    return [*cycle[first:], *cycle[:first], cycle[first]]


def find_cycles(graph: Graph, most: int = 10) -> list[list[str]]:
    """Cycles as `find_cycle` gives them, no task on two of them, so that each asks for a correction of its own; at most `most`."""
    found: list[list[str]] = []
    while len(found) < most and (cycle := find_cycle(graph)) is not None:
        found.append(cycle)
        gone = set(cycle)
        graph = {task: [need for need in needs if need not in gone] for task, needs in graph.items() if task not in gone}
    return found
