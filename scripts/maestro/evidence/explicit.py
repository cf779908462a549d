"""Dependencies that the plan states: in fields, in sentences about order, and by referring to what another task makes. Always hard.

A field or a sentence is a declaration; what it names must exist and must not lie in a later phase. A mere reference to another task's output is an
inference of ours: where it contradicts what is declared, the declaration holds.

When do text and listing disagree? The plan lists two tasks of one phase as independent when no declaration leads from the one to the other. An inferred
dependency between such tasks is reported, so that its author can declare it or deny it; so is one that points to a task listed later.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from maestro.errors import InvalidDocument, together
from maestro.evidence.claims import Claim, Form, Group, Heard, Unknown
from maestro.evidence.material import Found, Material
from maestro.evidence.outside import outside_claims
from maestro.models.dependency import Dependency, Evidence, Kind, Strength
from maestro.models.notes import Note
from maestro.models.plan import Plan, Task
from maestro.patterns import pattern

_TIME = pattern(r"(?:only )?after|once|when|as soon as|following", re.IGNORECASE)
"""Words that may just look ahead: "the shim goes once Task 3.1 is merged" asks nothing of a task in phase 1, so it is no error there."""
WHOLE_GROUP = 64
"""Up to so many tasks, "all previous tasks" becomes an edge to each; of a larger group only to those that no other member needs, which orders the same."""


def find(material: Material) -> Found:
    """The explicit edges of a plan.

    Raises InvalidDocument `unknown-reference` and `dependency-on-later-phase`, all of them together, except for neutral task lists, where both are notes.
    Cycles of declared edges are handed on, for the schedule to report with their whole path; in neutral task lists the edge that closes one is left out
    with a note.
    """
    heard = material.heard
    found = Found()
    wrong: list[InvalidDocument] = []
    for one in heard.values():
        for unknown in one.unknown:
            _report_unknown(unknown, material, found, wrong)
    outside, looking_ahead = _outside(material)
    found.notes += looking_ahead
    claims = outside + [claim for one in heard.values() for claim in one.claims]
    single = [claim for claim in claims if claim.group is None]
    for claim in _strongest([*single, *_expanded(claims, single, material)], material.plan_place):
        _accept(claim, material, found, wrong)
    if wrong:
        raise together(wrong)
    _compare_with_listing(found, heard, claims, material)
    return found


def _outside(material: Material) -> tuple[list[Claim], list[Note]]:
    """What the plan says outside its tasks. Such a text may well look back or ahead, so a task of a later phase is no error there but a note."""
    kept: list[Claim] = []
    notes: list[Note] = []
    for claim in outside_claims(material.plan, material.ids):
        if claim.group is None and material.phase_number(claim.needs) > material.phase_number(claim.task):
            message = f'The plan says "{claim.words}", but task {claim.needs} belongs to a later phase than task {claim.task}.'
            notes.append(Note("dependency-on-later-phase", message, material.plan.where(claim.line)))
        else:
            kept.append(claim)
    return kept, notes


def _report_unknown(unknown: Unknown, material: Material, found: Found, wrong: list[InvalidDocument]) -> None:
    where = material.plan.where(unknown.line)
    name = unknown.name if unknown.name.startswith("phase") else f"task {unknown.name}"
    message = f'Task {unknown.task} says "{unknown.words}", but the plan has no {name}.'
    if unknown.form is Form.FIELD and not material.lenient:
        wrong.append(InvalidDocument("unknown-reference", message, hint="Correct the id, or add the task.", where=where))
        return
    found.notes.append(Note("unknown-reference", message, where))


def _expanded(claims: Iterable[Claim], single: Iterable[Claim], material: Material) -> Iterator[Claim]:
    """Claims about groups as claims about their members."""
    plan = material.plan
    groups: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.group is not None:
            groups.setdefault(claim.task, []).append(claim)
    if not groups:
        return
    needs: dict[str, set[str]] = {}
    for claim in single:
        needs.setdefault(claim.task, set()).add(claim.needs)
    earlier: list[str] = []
    ends: dict[str, None] = {}
    phase_ends: dict[str, list[str]] = {}
    for task in plan.tasks:
        for claim in groups.get(task.id, ()):
            for member in _members(claim, task, plan, earlier, ends, phase_ends):
                needs.setdefault(task.id, set()).add(member)
                yield Claim(task.id, member, claim.line, claim.words, claim.why, claim.form)
        for need in needs.get(task.id, ()):
            ends.pop(need, None)
        ends[task.id] = None
        earlier.append(task.id)
        if len(earlier) < len(plan.tasks) and plan.tasks[len(earlier)].phase != task.phase:
            phase_ends[task.phase] = [name for name in ends if plan.by_id[name].phase == task.phase]


def _members(claim: Claim, task: Task, plan: Plan, earlier: list[str], ends: dict[str, None], phase_ends: dict[str, list[str]]) -> list[str]:
    if claim.group is Group.BEFORE:
        return earlier[-1:]
    if claim.group is Group.EARLIER:
        return list(earlier) if len(earlier) <= WHOLE_GROUP else list(ends)
    if claim.needs == task.phase:
        own = [name for name in (earlier if len(earlier) <= WHOLE_GROUP else ends) if plan.by_id[name].phase == task.phase]
        return own
    members = [member.id for member in plan.phase(claim.needs).tasks]
    return members if len(members) <= WHOLE_GROUP else phase_ends.get(claim.needs, members[-1:])


def _strongest(claims: Iterable[Claim], place: Mapping[str, int]) -> list[Claim]:
    """One claim for each ordered pair. Declared ones come first, then those that agree with the plan's order: of a cycle the odd one is found last."""
    best: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        pair = (claim.task, claim.needs)
        if pair not in best or claim.form < best[pair].form:
            best[pair] = claim
    return sorted(best.values(), key=lambda claim: (claim.form is Form.OUTPUT, place[claim.needs] > place[claim.task]))


def _accept(claim: Claim, material: Material, found: Found, wrong: list[InvalidDocument]) -> None:
    plan = material.plan
    where = plan.where(claim.line)
    declared = claim.form is not Form.OUTPUT
    if material.phase_number(claim.needs) > material.phase_number(claim.task):
        message = f'Task {claim.task} says "{claim.words}", but task {claim.needs} belongs to a later phase.'
        if declared and not _TIME.match(claim.words) and not material.lenient:
            hint = "Phases run one after the other: move one of the two tasks."
            wrong.append(InvalidDocument("dependency-on-later-phase", message, hint=hint, where=where))
        else:
            found.notes.append(Note("dependency-on-later-phase", message, where))
        return
    closes_cycle = not material.order.add(claim.task, claim.needs)
    if closes_cycle and (material.lenient or not declared):
        message = f'Task {claim.task} says "{claim.words}", but task {claim.needs} already waits for task {claim.task}: left out.'
        found.notes.append(Note("reference-closes-cycle", message, where))
        return
    evidence = Evidence(claim.words, claim.line, claim.why)
    found.dependencies.append(Dependency(claim.task, claim.needs, Kind.EXPLICIT, Strength.HARD, evidence))


def _compare_with_listing(found: Found, heard: Mapping[str, Heard], claims: Iterable[Claim], material: Material) -> None:
    """A note for each inferred dependency between tasks that the plan lists as independent."""
    plan = material.plan
    forms: dict[tuple[str, str], Form] = {}
    for claim in claims:
        pair = (claim.task, claim.needs)
        forms[pair] = min(claim.form, forms.get(pair, claim.form))
    declared: dict[str, list[str]] = {}
    for edge in found.dependencies:
        if forms.get((edge.task, edge.needs), Form.FIELD) is not Form.OUTPUT:
            declared.setdefault(edge.task, []).append(edge.needs)
    listing = PurePosixPath(plan.path).name
    place = material.plan_place
    for edge in found.dependencies:
        form = forms.get((edge.task, edge.needs), Form.FIELD)
        if plan.by_id[edge.task].phase != plan.by_id[edge.needs].phase or form is Form.FIELD:
            continue
        listed_later = place[edge.needs] > place[edge.task]
        if listed_later or (form is Form.OUTPUT and not _leads(declared, edge.task, edge.needs)):
            message = (
                f'[!] Task {edge.task} references "{edge.evidence.text}" but {listing} lists them as independent.\n'
                f"--> Treating Task {edge.task} as dependent on Task {edge.needs}. Adjust wave assignment."
            )
            found.notes.append(Note("reference-not-listed", message, plan.where(edge.evidence.line or plan.by_id[edge.task].line)))


def _leads(needs: dict[str, list[str]], start: str, goal: str, budget: int = 400) -> bool:
    """Whether declarations lead from `start` to `goal`; gives up, with False, after `budget` tasks."""
    stack, seen = [start], {start}
    while stack and len(seen) < budget:
        for step in needs.get(stack.pop(), ()):
            if step == goal:
                return True
            if step not in seen:
                seen.add(step)
                stack.append(step)
    return False
