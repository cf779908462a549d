"""Where a track's plan lies: in its own folder, or, for a plan that was adopted where it stands, where metadata.json says."""

from __future__ import annotations

from pathlib import Path

from maestro.documents.layout import Layout
from maestro.documents.metadata import parse_metadata
from maestro.errors import InvalidDocument
from maestro.files import read_text

PLAN_KEY = "plan"
"""The field of metadata.json that names an adopted plan, relative to the project's root."""


def plan_path(layout: Layout, track_id: str) -> Path:
    """The plan of a track. Raises InvalidDocument `plan-outside` when metadata.json leads out of the project."""
    metadata = layout.metadata(track_id)
    if metadata.is_file():
        shown = layout.shown(metadata)
        source = parse_metadata(read_text(metadata, shown), shown).fields.get(PLAN_KEY)
        if isinstance(source, str) and source:
            path = layout.root / source
            if not path.resolve().is_relative_to(layout.root.resolve()):
                raise InvalidDocument(
                    "plan-outside", f"{shown} names a plan outside the project: {source}.", hint=f"Correct its field {PLAN_KEY!r}.", where=shown
                )
            return path
    return layout.plan(track_id)
