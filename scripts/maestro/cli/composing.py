"""From a subject to its composition: read, detect, compose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro.documents.layout import Layout
from maestro.evidence.beads import detect_in_track
from maestro.evidence.recall import find_dependencies
from maestro.evidence.view import RepositoryView
from maestro.models.notes import Note
from maestro.models.plan import Plan, Status
from maestro.models.schedule import Composition
from maestro.records import dataclass
from maestro.schedule.compose import compose

if TYPE_CHECKING:
    from maestro.cli.subject import Subject

FINISHED = (Status.DONE, Status.SKIPPED)


@dataclass(frozen=True, slots=True)
class Composed:
    """A plan with its composition, and what reading, detecting and composing had to say, each note once."""

    plan: Plan
    composition: Composition
    notes: tuple[Note, ...]


def composed(subject: Subject, *, ignore_soft: bool = False, runtime: str | None = None, phase: str | None = None) -> Composed:
    """The composition of a subject's plan, with finished tasks left out of all forecasts.

    Raises what reading, detecting and composing raise.
    """
    plan = subject.plan
    view = None if subject.root is None else RepositoryView(subject.root)
    if subject.root is not None and subject.track is not None:
        findings = detect_in_track(plan, view, Layout(subject.root), subject.track)
    else:
        findings = find_dependencies(plan, view)
    finished = [task.id for task in plan.tasks if task.status in FINISHED]
    composition = compose(plan, findings, ignore_soft=ignore_soft, finished=finished, rounds=_in_rounds(runtime), runtime=runtime, phase=phase)
    return Composed(plan, composition, tuple(dict.fromkeys(composition.notes)))


def _in_rounds(runtime: str | None) -> bool:
    """Workers of a session come back together; the headless runner fills every slot as soon as it is free."""
    return runtime is not None and runtime.casefold() not in ("exec", "none")
