"""Where the boxes of a layered drawing stand: in the order in which lines cross little, and with a lane of its own for each line that passes a layer. Pure.

The method is Sugiyama's: a line over several layers gets a place in each of them;
the places of a layer are sorted by the middle of what each is joined to.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from itertools import pairwise

SWEEPS = 4
"""There and back again; more changes little."""


Lane = tuple[str, int]
"""The place of a task's lines in a layer that they pass, given by both: one for all of them, as they part behind it."""

Place = str | Lane
"""A task by its id, or a lane."""


def arrange(layers: Sequence[Sequence[str]], needs: Mapping[str, Sequence[str]]) -> list[list[Place]]:
    """The places of each layer, from top to bottom. `needs` gives tasks of earlier layers for each task; others are passed over."""
    layer_of = {task: number for number, layer in enumerate(layers) for task in layer}
    last = dict.fromkeys(layer_of, 0)
    for task, needed in needs.items():
        for need in needed:
            last[need] = max(last[need], layer_of[task])
    drawn: list[list[Place]] = [[*layer, *((task, number) for task in layer_of if layer_of[task] < number < last[task])] for number, layer in enumerate(layers)]
    before = {place: _before_of(place, number, layer_of, needs) for number, layer in enumerate(drawn) for place in layer}
    after: dict[Place, list[Place]] = {place: [] for place in before}
    for place, joined in before.items():
        for other in joined:
            after[other].append(place)
    best = [list(layer) for layer in drawn]
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        order = range(1, len(drawn)) if forward else range(len(drawn) - 2, -1, -1)
        for number in order:
            beside = {place: position for position, place in enumerate(drawn[number - 1 if forward else number + 1])}
            drawn[number] = _sorted(drawn[number], before if forward else after, beside)
        if _crossings(drawn, before) < _crossings(best, before):
            best = [list(layer) for layer in drawn]
    return best


def _before_of(place: Place, number: int, layer_of: Mapping[str, int], needs: Mapping[str, Sequence[str]]) -> list[Place]:
    """What a place of this layer is joined to in the layer before it."""
    owners = [place[0]] if isinstance(place, tuple) else [need for need in needs.get(place, ()) if layer_of[need] < number]
    return [owner if layer_of[owner] == number - 1 else (owner, number - 1) for owner in owners]


def _sorted(layer: Sequence[Place], joined: Mapping[Place, Sequence[Place]], beside: Mapping[Place, int]) -> list[Place]:
    """By the middle of what each is joined to; what is joined to nothing stays where it is."""
    middle = {}
    for position, place in enumerate(layer):
        others = [beside[other] for other in joined[place]]
        middle[place] = sum(others) / len(others) if others else float(position)
    return sorted(layer, key=middle.__getitem__)


def _crossings(layers: Sequence[Sequence[Place]], before: Mapping[Place, Sequence[Place]]) -> int:
    """How many pairs of lines cross between the layers."""
    found = 0
    for left, right in pairwise(layers):
        beside = {place: position for position, place in enumerate(left)}
        seen: list[int] = []
        for place in right:
            ends = sorted(beside[other] for other in before[place])
            found += sum(len(seen) - bisect_left(seen, end + 1) for end in ends)
            for end in ends:
                insort(seen, end)
    return found
