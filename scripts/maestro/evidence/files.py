"""Dependencies between tasks whose scopes meet. Hard: two tasks that change one file cannot run side by side.

A meeting has no direction of its own. What is stated orients it first (the material's order holds all explicit edges), then produce before consume, then
the plan's order. Each task is linked to the nearest tasks it meets and not to those behind them, so n tasks on one file give about n edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import field
from itertools import pairwise

from maestro.evidence.lines import quoted
from maestro.evidence.material import Found, Material
from maestro.evidence.meetings import Place, Touch, places
from maestro.evidence.shared import numbered_folders, shared_reason
from maestro.models.dependency import Dependency, Evidence, Kind, SharedResource, Strength
from maestro.models.plan import Access
from maestro.records import dataclass

FUNNEL = 32
"""Up to so many tasks of a group are linked one by one. Of a larger group one task waits for all, and the others wait for that one."""

_DOES = {Access.CREATE: "creates", Access.MODIFY: "changes", Access.DELETE: "deletes", Access.RENAME: "renames", Access.READ: "reads"}


def find(material: Material) -> Found:
    """File edges and shared resources of a plan."""
    found = Found()
    ordinary: list[Place] = []
    shared: list[Place] = []
    for place in places(material.scopes):
        if (why := shared_reason(place)) is None:
            ordinary.append(place)
            continue
        shared.append(place)
        if len(writers := _writers(place, material)) > 1:
            found.shared.append(SharedResource(place.path, tuple(writers), why))
    found.shared += numbered_folders(material.scopes)
    for place in (*ordinary, *shared):
        _creator_first(place, material)
    for place in ordinary:
        _else_as_listed(place, material)
    pairs: dict[tuple[str, str], list[tuple[Place, Touch, Touch]]] = {}
    for place in ordinary:
        for later, earlier in _links(place, material):
            pairs.setdefault((later.task, earlier.task), []).append((place, later, earlier))
    for place in shared:
        for later, earlier in _after_creator(place, material):
            pairs.setdefault((later.task, earlier.task), []).append((place, later, earlier))
    _report(pairs, material, found)
    return found


def _writers(place: Place, material: Material) -> list[str]:
    return sorted((touch.task for touch in place.touches.values() if touch.entry.access.writes), key=material.plan_place.__getitem__)


def _creator_first(place: Place, material: Material) -> None:
    """Let the one task that creates a file come before those of its phase that use or change it, unless stated edges say otherwise."""
    if len(creators := place.creators) != 1:
        return
    creator = creators[0]
    for touch in place.touches.values():
        later = touch.task
        same_phase = material.phase_number(later) == material.phase_number(creator)
        if later != creator and same_phase and material.order.place[creator] > material.order.place[later]:
            material.order.add(later, creator)


def _else_as_listed(place: Place, material: Material) -> None:
    """Where stated edges moved tasks past each other that they do not relate, the plan's order still decides between the two."""
    listed = sorted(place.touches.values(), key=lambda touch: material.plan_place[touch.task])
    for earlier, later in pairwise(listed):
        if material.order.place[earlier.task] > material.order.place[later.task] and earlier.conflicts(later):
            material.order.add(later.task, earlier.task)


def _in_order(place: Place, material: Material) -> list[Touch]:
    return sorted(place.touches.values(), key=lambda touch: material.order.place[touch.task])


@dataclass(slots=True)
class _Group:
    """Tasks of one manner of touching, since the last task that had to come after all of them."""

    members: list[Touch] = field(default_factory=list)
    funnel: Touch | None = None

    def before(self, touch: Touch) -> list[Touch]:
        if len(self.members) <= FUNNEL:
            return list(self.members)
        if self.funnel is None:
            self.funnel = touch
            return list(self.members)
        return [self.funnel]


def _links(place: Place, material: Material) -> Iterator[tuple[Touch, Touch]]:
    """Pairs (later, earlier) that keep all conflicting touches of one place in order.

    A task that writes the whole place waits for everything since the last such task and starts anew; the others wait only for what they conflict with.
    """
    last: Touch | None = None
    groups: dict[tuple[bool, bool], _Group] = {}
    for touch in _in_order(place, material):
        waits_for = [earlier for group in groups.values() if group.members[0].conflicts(touch) for earlier in group.before(touch)]
        if touch.whole and touch.entry.access.writes:
            waits_for = waits_for or ([last] if last else [])
            last, groups = touch, {}
        else:
            waits_for += [last] if last else []
            group = groups.setdefault((touch.whole, touch.entry.access.writes), _Group())
            group.members.append(touch)
            group.funnel = None
        yield from ((touch, earlier) for earlier in waits_for)


def _after_creator(place: Place, material: Material) -> Iterator[tuple[Touch, Touch]]:
    """At a shared resource only the task that creates it comes first."""
    if len(creators := place.creators) == 1:
        creator = place.touches[creators[0]]
        for touch in _in_order(place, material):
            if material.order.place[touch.task] > material.order.place[creator.task]:
                yield touch, creator


def _report(pairs: dict[tuple[str, str], list[tuple[Place, Touch, Touch]]], material: Material, found: Found) -> None:
    """Accept the edges, leave out those that a chain of others already implies, and tell for each where the tasks meet."""
    position = material.order.place
    for task, needs in pairs:
        material.order.add(task, needs)
    for (task, needs), meetings in sorted(pairs.items(), key=lambda item: (position[item[0][0]], position[item[0][1]])):
        if not material.order.implied(task, needs):
            found.dependencies.append(Dependency(task, needs, Kind.FILES, Strength.HARD, _evidence(meetings, material)))


def _evidence(meetings: list[tuple[Place, Touch, Touch]], material: Material) -> Evidence:
    _, later, earlier = meetings[0]
    path = max((later.entry.path, earlier.entry.path), key=len)
    more = f" and {len(meetings) - 1} more" if len(meetings) > 1 else ""
    why = f"both touch {path}{more}: {earlier.task} {_DOES[earlier.entry.access]} it, {later.task} {_DOES[later.entry.access]} it"
    text = " | ".join(f"{touch.task}{_at(touch)}: {_line_text(touch, material)}" for touch in (earlier, later))
    return Evidence(text, later.entry.line, why)


def _at(touch: Touch) -> str:
    return f" (line {touch.entry.line})" if touch.entry.line is not None else ""


def _line_text(touch: Touch, material: Material) -> str:
    """The line that names the path, or the file without its ending: "update the README"."""
    lines = [line.text for line in material.lines[touch.task] if line.line == touch.entry.line]
    name = touch.entry.path.rstrip("/").rpartition("/")[2].casefold()
    stem = name.partition(".")[0] or name
    return quoted(next((text for part in (name, stem) for text in lines if part in text.casefold()), touch.entry.path), 80)
