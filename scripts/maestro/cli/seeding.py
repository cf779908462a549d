"""`beads.py from-plan`: from a track to the order for its issues, and what came of it."""

from __future__ import annotations

from maestro.cli.composing import composed
from maestro.cli.subject import Subject
from maestro.cli.tracking import Tracking, registered
from maestro.errors import Failed, NotFound
from maestro.integrations.link import read_metadata
from maestro.integrations.reading import peek_or_nothing, synchronise
from maestro.integrations.seeding import Order, Seeded, look, seed
from maestro.integrations.setup import set_up
from maestro.models.dependency import Kind, Strength
from maestro.models.notes import Note
from maestro.views.beads_shapes import SeededData

WRITTEN = (Kind.EXPLICIT, Kind.FILES, Kind.BEADS)
"""Edges that a tracker has or is given. It would keep a guess for ever, as a fact, and hand it back as the strongest evidence."""


def made(mine: Tracking, subject: Subject, *, dry_run: bool) -> tuple[SeededData, tuple[Note, ...]]:
    """Make the issues of a track's plan, or say what would be made. Raises Failed `beads-read-only`, and what `seed` raises."""
    layout, track = registered(subject)
    metadata = read_metadata(layout, track)
    if metadata is None:
        shown = layout.shown(layout.metadata(track))
        raise NotFound("metadata-missing", f"Track {track} has no {shown}.", hint="`tracks.py new` and `tracks.py adopt` write one.", where=shown)
    found = composed(subject)
    edges = tuple((edge.task, edge.needs) for edge in found.composition.dependencies if edge.strength is Strength.HARD and edge.kind in WRITTEN)
    title = metadata.description or (subject.entry.description if subject.entry else "") or subject.plan.title or track
    order = Order(layout, track, title, subject.plan, edges)
    backend, begun, notes = mine.backend, False, found.notes
    if not backend.folder.is_dir():
        begun = True
        if not dry_run:
            backend, note = set_up(backend)
            if not backend.folder.is_dir():
                hint = "Install br, or set bd up yourself: `bd init --prefix maestro`."
                raise Failed("beads-read-only", note.message if note else "There is no .beads folder, and no br to set one up.", hint=hint)
    seeded = Seeded()
    if dry_run:
        seeded = look(order, peek_or_nothing(backend), metadata.beads_epic_id, metadata.beads_issue_map)
    else:
        calls = backend.calls(mine.actor)
        if calls is None:
            mine.refuse()
        seeded = seed(backend, calls, order, metadata.beads_epic_id, metadata.beads_issue_map)
        synchronise(backend, calls)
    return {
        "backend": backend.name,
        "degraded": [{"code": note.code, "message": note.message} for note in backend.degraded] if not begun or not dry_run else [],
        "track": track,
        "epic": seeded.epic or None,
        "initialised": begun,
        "created": seeded.created,
        "existing": seeded.existing,
        "edges": [list(pair) for pair in seeded.edges],
        "closed": seeded.closed,
        "issue_map": seeded.issues,
        "dry_run": dry_run,
    }, (*notes, *seeded.notes)
