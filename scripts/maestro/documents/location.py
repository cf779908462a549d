"""Where a track's documents lie: in its own folder, or, for a plan that was adopted where it stands, where metadata.json says."""

from __future__ import annotations

from pathlib import Path

from maestro.documents.layout import Layout
from maestro.documents.metadata import parse_metadata
from maestro.errors import InvalidDocument
from maestro.files import read_text

PLAN_KEY = "plan"
SPEC_KEY = "spec"
CONTRACTS_KEY = "contracts"
"""The fields of metadata.json that name the documents of an adopted plan, relative to the project's root."""


def plan_path(layout: Layout, track_id: str) -> Path:
    """The plan of a track. Raises InvalidDocument `plan-outside` when metadata.json leads out of the project."""
    return _named(layout, track_id, PLAN_KEY) or layout.plan(track_id)


def adopted_plan(layout: Layout, track_id: str) -> str:
    """Path of the plan, relative to the project, where it lies outside the track's folder; empty where it does not. Raises as `plan_path` does."""
    path = plan_path(layout, track_id)
    return "" if path.is_relative_to(layout.track(track_id)) else layout.shown(path)


def spec_path(layout: Layout, track_id: str) -> Path:
    """What the track is for. Raises as `plan_path` does."""
    return _named(layout, track_id, SPEC_KEY) or layout.spec(track_id)


def contracts_path(layout: Layout, track_id: str) -> Path | None:
    """The folder with the interfaces that were agreed for the track, where its metadata names one. Raises as `plan_path` does."""
    return _named(layout, track_id, CONTRACTS_KEY)


def source_registry(layout: Layout, track_id: str) -> Path | None:
    """The other tool's list of tracks, where an adopted plan lies in its layout: `conductor/tracks.md` for `conductor/tracks/login/plan.md`."""
    plan = plan_path(layout, track_id)
    registry = plan.parent.parent.parent / layout.registry.name
    return registry if plan.parent.parent.name == "tracks" and registry != layout.registry and registry.is_file() else None


def _named(layout: Layout, track_id: str, key: str) -> Path | None:
    metadata = layout.metadata(track_id)
    if not metadata.is_file():
        return None
    shown = layout.shown(metadata)
    source = parse_metadata(read_text(metadata, shown), shown).fields.get(key)
    if not isinstance(source, str) or not source:
        return None
    path = layout.root / source
    if not path.resolve().is_relative_to(layout.root.resolve()):
        message = f"{shown} names a {key} outside the project: {source}."
        raise InvalidDocument("plan-outside", message, hint=f"Correct its field {key!r}.", where=shown)
    return path
