"""Which edges are drawn: those that no chain of other edges already says."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.models.dependency import Dependency, Strength


def direct(order: Sequence[str], edges: Sequence[Dependency]) -> dict[str, list[Dependency]]:
    """For each task of `order` the edges to draw, one per prerequisite, in that order.

    Edges from or to other tasks are left out, and those against `order`: what a run found out too late to keep it.
    Of several edges between the same two tasks the hard one stands.
    """
    place = {task: position for position, task in enumerate(order)}
    strongest: dict[str, dict[str, Dependency]] = {task: {} for task in order}
    for edge in edges:
        if place.get(edge.needs, len(place)) < place.get(edge.task, -1):
            known = strongest[edge.task].get(edge.needs)
            if known is None or (known.strength is Strength.SOFT and edge.strength is Strength.HARD):
                strongest[edge.task][edge.needs] = edge
    reached: dict[str, int] = {}
    drawn: dict[str, list[Dependency]] = {}
    for task in order:
        implied = reach = 0
        kept: list[Dependency] = []
        for needed in sorted(strongest[task], key=place.__getitem__, reverse=True):
            bit = 1 << place[needed]
            if not implied & bit:
                kept.append(strongest[task][needed])
            implied |= reached.get(needed, 0)
            reach |= bit | reached.get(needed, 0)
        reached[task] = reach
        drawn[task] = kept[::-1]
    return drawn
