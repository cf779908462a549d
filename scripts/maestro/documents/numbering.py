"""The ids of phases and tasks: the author's numbers where they name one thing only, made ones otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from maestro.documents.markdown import Document
from maestro.documents.names import GROUP_WORDS, Name, phase_number, read_name, task_number
from maestro.documents.outline import Part, PhaseDraft
from maestro.documents.survey import Head, tail_of
from maestro.errors import InvalidDocument, together
from maestro.models.notes import Note


def phase_ids(document: Document, drafts: Sequence[PhaseDraft], path: str, notes: list[Note]) -> list[str]:
    """The id of each phase: its number; without one, or where the number was used before, the next free ordinal, and then a note says so."""
    numbers = [_phase_number(document, draft.head) for draft in drafts]
    taken = {number for number in numbers if number}
    seen: dict[str, int] = {}
    ids: list[str] = []
    for ordinal, (draft, number) in enumerate(zip(drafts, numbers, strict=True), 1):
        line = draft.head.line.number if draft.head else 1
        if number and number not in seen:
            seen[number] = line
            ids.append(number)
            continue
        free = ordinal
        while str(free) in taken:
            free += 1
        taken.add(str(free))
        ids.append(str(free))
        if number:
            notes.append(
                Note(
                    "phase-number-repeated",
                    f"Phase {number} stands twice, first in line {seen[number]}; this one is read as phase {free}. Renumber it.",
                    f"{path}:{line}",
                )
            )
    return ids


def phase_name(document: Document, head: Head | None) -> Name | None:
    """The label and number of a phase's heading, in whichever words plans call phases; None where there are none."""
    if head is None:
        return None
    return head.phase or read_name(document.plain, head.start, head.end, GROUP_WORDS) or head.number


def _phase_number(document: Document, head: Head | None) -> str | None:
    name = phase_name(document, head)
    return phase_number(name.number) if name else None


def task_ids(document: Document, drafts: Sequence[PhaseDraft], phases: Sequence[str], path: str, *, by_phase: bool) -> dict[int, str]:
    """The id of each task, by the `id()` of its part: the author's; without one, phase and position.

    phases: the ids of the phases; by_phase: numbers may start anew in each phase, and then phase and number together are the id
    Raises InvalidDocument `plan-duplicate-id`.
    """
    own: dict[int, str | None] = {}
    for draft in drafts:
        for part in draft.tasks:
            number = task_number(part.head.name.number) if part.head.name else None
            own[id(part)] = number or tail_of(document, part.head).comment_id
    uses = Counter(number for number in own.values() if number)
    firsts = {number: part for number, part in reversed([(own[id(part)], part) for draft in drafts for part in draft.tasks]) if number}
    restarts = by_phase and any(count > 1 and "." not in number for number, count in uses.items())
    ids: dict[int, str] = {}
    taken = {number for number, count in uses.items() if count == 1 and not (restarts and "." not in number)}
    repeated = []
    for draft, phase_id in zip(drafts, phases, strict=True):
        in_phase: dict[str, Part] = {}
        for part in draft.tasks:
            number = own[id(part)]
            if number is None or (uses[number] == 1 and not (restarts and "." not in number)):
                ids[id(part)] = number or ""
                continue
            if number in in_phase or ((not restarts or "." in number) and part is not firsts[number]):
                repeated.append(_duplicate(number, part, in_phase.get(number, firsts[number]), path))
                continue
            in_phase[number] = part
            ids[id(part)] = f"{phase_id}.{number}"
            taken.add(ids[id(part)])
    if repeated:
        raise together(repeated)
    for draft, phase_id in zip(drafts, phases, strict=True):
        for ordinal, part in enumerate(draft.tasks, 1):
            if not ids[id(part)]:
                position = ordinal
                while f"{phase_id}.{position}" in taken:
                    position += 1
                ids[id(part)] = f"{phase_id}.{position}"
                taken.add(ids[id(part)])
    return ids


def _duplicate(number: str, part: Part, first: Part, path: str) -> InvalidDocument:
    line = part.head.line.number
    return InvalidDocument(
        "plan-duplicate-id",
        f"Task {number} stands twice in {path}: in line {first.head.line.number} and in line {line}.",
        hint="Give one of them another number.",
        where=f"{path}:{line}",
    )
