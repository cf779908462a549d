"""What a track has to do with a tracker: its epic, the issues of its tasks, as metadata.json and the tracker say."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from maestro.documents.layout import Layout
from maestro.documents.metadata import Metadata, parse_metadata
from maestro.errors import NotFound
from maestro.files import read_text
from maestro.models.notes import Note
from maestro.models.plan import Plan
from maestro.records import dataclass

if TYPE_CHECKING:
    from maestro.integrations.issues import Epic, Issues
    from maestro.integrations.mapping import IssueMap


@dataclass(frozen=True)
class Link:
    """A track's plan beside the epic that stands for it."""

    plan: Plan
    epic: Epic
    issues: Issues
    told: dict[str, str]
    where: str

    @cached_property
    def map(self) -> IssueMap:
        from maestro.integrations.mapping import map_issues

        return map_issues(self.plan, self.told, [task.issue for task in self.epic.tasks], self.epic.groups)

    @property
    def notes(self) -> tuple[Note, ...]:
        """All that reading, the epic and the mapping had to say."""
        return (*self.issues.notes, *self.epic.notes, *self.map.notes(self.where))


def read_metadata(layout: Layout, track: str) -> Metadata | None:
    """A track's metadata; None where it has none. Raises InvalidDocument `metadata-invalid`."""
    path = layout.metadata(track)
    if not path.is_file():
        return None
    return parse_metadata(read_text(path, layout.shown(path)), layout.shown(path))


def epic_of(layout: Layout, track: str) -> Metadata | None:
    """The metadata of a track that is linked to an epic; None for all others."""
    metadata = read_metadata(layout, track)
    return metadata if metadata is not None and metadata.beads_epic_id else None


def require_epic(layout: Layout, track: str) -> Metadata:
    """Raises NotFound `beads-not-linked`."""
    metadata = epic_of(layout, track)
    if metadata is None:
        where = layout.shown(layout.metadata(track))
        raise NotFound("beads-not-linked", f"{where} names no beads_epic_id.", hint=f"`beads.py from-plan {track}` makes the issues.", where=where)
    return metadata


def link(layout: Layout, track: str, plan: Plan, metadata: Metadata, issues: Issues) -> Link:
    """Raises NotFound `beads-epic-missing`."""
    from maestro.integrations.issues import read_epic

    assert metadata.beads_epic_id
    where = layout.shown(layout.metadata(track))
    return Link(plan, read_epic(issues, metadata.beads_epic_id), issues, metadata.beads_issue_map, where)
