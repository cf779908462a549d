"""Dependencies that an issue tracker states: edges between the issues of a track's epic, as edges between the tasks that they stand for. Always hard.

They are the strongest source: somebody entered each of them. Beside them the other detectors go on; where both know a pair, the tracker's word is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from maestro.documents.layout import Layout
from maestro.errors import Failed, InvalidDocument, NotFound
from maestro.evidence.recall import find_dependencies
from maestro.evidence.view import View
from maestro.integrations.link import Link, epic_of
from maestro.models.dependency import Dependency, Evidence, Findings, Kind, ScopeEntry, Strength
from maestro.models.notes import Note
from maestro.models.plan import Plan

UNREAD = "beads-unread"
"""The note of a tracker that could not be read, for those who have to tell it."""


def find(link: Link) -> tuple[Dependency, ...]:
    """The edges between the plan's tasks that the epic's issues state. Edges to issues that stand for no task are `outside` and not ours.

    A task that waits for a whole earlier phase waits for it by the order of the phases already.
    """
    tasks = {issue: task for task, issue in link.map.tasks.items()}
    return tuple(_edges(link, tasks))


def _edges(link: Link, tasks: dict[str, str]) -> Iterator[Dependency]:
    place = {task.id: number for number, phase in enumerate(link.plan.phases) for task in phase.tasks}
    for part in link.epic.tasks:
        task = tasks.get(part.issue.id)
        for need in part.needs:
            if task is None or need not in tasks:
                continue
            if need in part.issue.blockers or place[tasks[need]] >= place[task]:
                evidence = Evidence(f"{part.issue.id} depends on {need}", None, "an edge of the issue tracker")
                yield Dependency(task, tasks[need], Kind.BEADS, Strength.HARD, evidence)


def detect_in_track(
    plan: Plan,
    view: View | None,
    layout: Layout,
    track: str,
    *,
    real_scopes: dict[str, tuple[ScopeEntry, ...]] | None = None,
    discovered: Sequence[Dependency] = (),
    known: Sequence[Dependency] = (),
) -> Findings:
    """All dependencies of a track's plan, those of its tracker included. Tracks without `beads_epic_id` are not asked about one.

    `known` are edges that the tracker stated before: they hold while it cannot be read. Without them an unreadable tracker is an error, because the plan alone
    may miss what it says; one that is not there is a note. Raises what `detect` raises, and InvalidDocument `beads-invalid`, `beads-conflict-markers`.
    """
    stated, notes = _stated(plan, layout, track, known)
    findings = find_dependencies(plan, view, real_scopes=real_scopes, discovered=[*stated, *discovered])
    return replace(findings, notes=(*notes, *findings.notes)) if notes else findings


def _stated(plan: Plan, layout: Layout, track: str, known: Sequence[Dependency]) -> tuple[Sequence[Dependency], tuple[Note, ...]]:
    metadata = epic_of(layout, track)
    if metadata is None:
        return (), ()
    from maestro.integrations.backend import find_backend
    from maestro.integrations.link import link
    from maestro.integrations.reading import peek

    backend = find_backend(layout.root, ask=False)
    where = layout.shown(layout.metadata(track))
    try:
        issues = peek(backend)
        found = link(layout, track, plan, metadata, issues)
    except (Failed, InvalidDocument, NotFound) as error:
        if isinstance(error, InvalidDocument) and not known:
            raise
        says = "the edges it stated before stay in force" if known else "dependencies come from the plan alone"
        return known, (Note(UNREAD, f"{error.message} So {says}.", error.where or where),)
    notes = (*backend.degraded, *found.notes)
    return find(found), notes
