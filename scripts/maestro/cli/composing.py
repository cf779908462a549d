"""From a subject to its composition: read, detect, compose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from maestro.documents.layout import Layout
from maestro.errors import MaestroError
from maestro.evidence.beads import detect_in_track
from maestro.evidence.recall import find_dependencies
from maestro.evidence.view import RepositoryView
from maestro.models.notes import Note
from maestro.models.plan import Plan, Status
from maestro.models.schedule import Composition
from maestro.pointers import run_folder
from maestro.records import dataclass
from maestro.schedule.compose import compose

if TYPE_CHECKING:
    from pathlib import Path

    from maestro.cli.subject import Subject
    from maestro.models.run import RunState

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


def followed(found: Composed, subject: Subject, start: Path, *, as_planned: bool = False) -> tuple[Composed, RunState | None]:
    """The composition as the run of this track has it, and that run's state, while one goes on; else what was found, and None.

    as_planned: only the state is asked for; the composition was made otherwise than the run's on purpose
    """
    if subject.track is None or not _has_run(start, subject.track):
        return found, None
    from maestro.run.picture import picture

    seen = picture(start, subject.track)
    if seen is None or as_planned:
        return found, seen.state if seen else None
    shown = {part.phase for part in found.composition.phases}
    phases = tuple(part for part in seen.composition.phases if part.phase in shown)
    return Composed(seen.plan, replace(seen.composition, phases=phases), found.notes), seen.state


def _has_run(start: Path, track: str) -> bool:
    """Asked before anything of the engine is imported."""
    from maestro.git.checkout import find_checkout

    try:
        return run_folder(find_checkout(start).common_dir, track).exists()
    except MaestroError:  # no repository
        return False


def _in_rounds(runtime: str | None) -> bool:
    """Workers of a session come back together; the headless runner fills every slot as soon as it is free."""
    return runtime is not None and runtime.casefold() not in ("exec", "none")
