"""All dependencies of a plan: runs the detectors from the strongest to the weakest and settles what they disagree about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from maestro.evidence import explicit, files, imports, planned, products, soft, subjects
from maestro.evidence.lines import text_lines
from maestro.evidence.material import Detector, Found, Material
from maestro.evidence.order import TaskOrder
from maestro.evidence.paths import scopes as extract_scopes
from maestro.evidence.unknown import find as find_unknown
from maestro.evidence.view import View
from maestro.models.dependency import Dependency, Findings, Kind, ScopeEntry, Strength
from maestro.models.notes import Note
from maestro.models.plan import Plan

HARD: tuple[Detector, ...] = (explicit.find, files.find, find_unknown)
"""Detectors whose edges always hold. Each adds its edges to the material's order itself."""

WEIGHED: tuple[Detector, ...] = (planned.find, imports.find, products.find, subjects.find, soft.find)
"""Detectors of soft edges, which the order has yet to admit."""

_STRENGTH = {kind: rank for rank, kind in enumerate(Kind)}


def detect(
    plan: Plan,
    view: View | None = None,
    *,
    real_scopes: Mapping[str, tuple[ScopeEntry, ...]] | None = None,
    discovered: Sequence[Dependency] = (),
) -> Findings:
    """What depends on what in `plan`, with the evidence.

    view: the repository, where there is one
    real_scopes: for tasks whose diff is known, the paths they really touched; they replace the extracted scope
    discovered: edges known from elsewhere, of kind DISCOVERED (learned while running) or BEADS (kept by an issue tracker)

    Raises InvalidDocument `unknown-reference` and `dependency-on-later-phase`. Cycles of stated edges are left in for the schedule to report; every other
    edge that would close one is left out, with a note.
    """
    lines = {task.id: text_lines(task) for task in plan.tasks}
    extracted, notes = extract_scopes(plan, view, lines)
    scopes = {**extracted, **{task: entries for task, entries in (real_scopes or {}).items() if task in extracted}}
    material = Material(plan, lines, view, scopes, TaskOrder(task.id for task in plan.tasks))
    all_found = [_handed_in([edge for edge in discovered if edge.kind is Kind.BEADS], material)]
    all_found.append(HARD[0](material))
    all_found.append(_handed_in([edge for edge in discovered if edge.kind is not Kind.BEADS], material))
    firm = _with_listed_scopes(material) if material.lenient else material
    all_found += [detector(firm) for detector in HARD[1:]]
    all_found += [_admit(detector(material), material) for detector in WEIGHED]
    place = material.plan_place
    edges = sorted(_strongest(edge for found in all_found for edge in found.dependencies), key=lambda edge: (place[edge.task], place[edge.needs]))
    return Findings(
        dependencies=tuple(edges),
        scopes=scopes,
        shared=tuple(resource for found in all_found for resource in found.shared),
        notes=(*notes, *(note for found in all_found for note in found.notes)),
    )


def _with_listed_scopes(material: Material) -> Material:
    """In a neutral list, where nobody was asked for scopes, only the files that a task lists are hard evidence. Paths in its text are for `soft` to weigh."""
    plan = material.plan
    scopes, _ = extract_scopes(plan, material.view, dict.fromkeys(material.lines, ()))
    return replace(material, scopes=scopes)


def _strongest(edges: Iterable[Dependency]) -> list[Dependency]:
    """One edge for each ordered pair: a hard one before a soft one, then the kind that stands first in `Kind`."""
    best: dict[tuple[str, str], Dependency] = {}
    for edge in edges:
        pair = (edge.task, edge.needs)
        if pair not in best or _rank(edge) < _rank(best[pair]):
            best[pair] = edge
    return list(best.values())


def _rank(edge: Dependency) -> tuple[bool, int]:
    return edge.strength is not Strength.HARD, _STRENGTH[edge.kind]


def _handed_in(edges: Iterable[Dependency], material: Material) -> Found:
    """Edges from elsewhere. Those of an issue tracker are stated, so their cycles stay; a discovered one gives way to what is stated."""
    found = Found()
    for edge in edges:
        if edge.task not in material.plan.by_id or edge.needs not in material.plan.by_id:
            found.notes.append(Note("unknown-reference", f"{edge.task} needs {edge.needs}, says {edge.kind.value}, but the plan does not have both tasks."))
            continue
        stated = edge.kind is Kind.BEADS and not material.lenient
        found.dependencies += _admit(Found([edge]), material, found.notes, even_cycles=stated).dependencies
    return found


def _admit(found: Found, material: Material, notes: list[Note] | None = None, *, even_cycles: bool = False) -> Found:
    """Keep the edges that contradict neither the order of the phases nor what is already known; note the others."""
    notes = found.notes if notes is None else notes
    kept = []
    for edge in found.dependencies:
        later_phase = material.phase_number(edge.needs) > material.phase_number(edge.task)
        if even_cycles or not (later_phase or not material.order.add(edge.task, edge.needs)):
            kept.append(edge)
            continue
        reason = "belongs to a later phase" if later_phase else f"already waits for task {edge.task}"
        where = material.plan.where(edge.evidence.line) if edge.evidence.line else None
        message = f'Task {edge.task} seems to need task {edge.needs} ("{edge.evidence.text}"), but task {edge.needs} {reason}: left out.'
        notes.append(Note("edge-left-out", message, where))
    found.dependencies = kept
    return found
