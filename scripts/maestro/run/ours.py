"""Which paths of a repository are maestro's own business: never part of a task's commit, no obstacle to a run, committed as bookkeeping."""

from __future__ import annotations

from maestro.documents.layout import Layout
from maestro.documents.location import plan_path, source_registry

FOLDERS = (".maestro/", ".beads/")


def our_paths(layout: Layout, track: str) -> tuple[str, ...]:
    """Folders, and of a track that was adopted where it stands its plan and the list that names it; each ends in `/`, as prefixes of `path + "/"`."""
    registry = source_registry(layout, track)
    files = [layout.shown(path) for path in (plan_path(layout, track), registry) if path is not None]
    return (*FOLDERS, *(f"{file}/" for file in files if not file.startswith(FOLDERS)))


def is_ours(path: str, ours: tuple[str, ...]) -> bool:
    """`ours`: prefixes as `our_paths` gives them."""
    return f"{path}/".startswith(ours)
