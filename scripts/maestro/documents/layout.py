"""Where the documents of a project lie."""

from __future__ import annotations

import re
from pathlib import Path

from maestro.errors import Usage
from maestro.records import dataclass

_TRACK_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of `.maestro/` under the project's root. Nothing is read or made here."""

    root: Path

    @property
    def maestro(self) -> Path:
        """The folder `.maestro/`."""
        return self.root / ".maestro"

    @property
    def registry(self) -> Path:
        """The list of tracks."""
        return self.maestro / "tracks.md"

    @property
    def notepad(self) -> Path:
        """What people want every worker to keep in mind."""
        return self.maestro / "notepad.md"

    @property
    def context(self) -> Path:
        """The folder of documents about the whole project."""
        return self.maestro / "context"

    @property
    def workflow(self) -> Path:
        """How the project works: commands, method, storage of summaries."""
        return self.context / "workflow.md"

    @property
    def worktrees(self) -> Path:
        """Where the worktrees of runs lie."""
        return self.maestro / "worktrees"

    def track(self, track_id: str) -> Path:
        """The folder of a track. Raises Usage `track-id-invalid`, so an id never leads out of `.maestro/tracks/`."""
        check_track_id(track_id)
        return self.maestro / "tracks" / track_id

    def plan(self, track_id: str) -> Path:
        """The plan in the track's own folder. Raises as `track` does; `location.plan_path` also knows plans that were adopted where they stand."""
        return self.track(track_id) / "plan.md"

    def spec(self, track_id: str) -> Path:
        """What the track is for, in its own folder. Raises as `track` does."""
        return self.track(track_id) / "spec.md"

    def metadata(self, track_id: str) -> Path:
        """The track's metadata.json. Raises as `track` does."""
        return self.track(track_id) / "metadata.json"

    def shown(self, path: Path) -> str:
        """The path as messages show it: POSIX, relative to the root when it lies inside."""
        try:
            return path.relative_to(self.root).as_posix()
        except ValueError:
            return path.as_posix()


def check_track_id(track_id: str) -> None:
    """Raise Usage `track-id-invalid` unless the id is safe as a folder, branch and file name."""
    if not _TRACK_ID.fullmatch(track_id) or ".." in track_id:
        raise Usage(
            "track-id-invalid",
            f"{track_id!r} cannot be the id of a track.",
            hint="Use letters, digits, dots, underscores and dashes, starting with a letter or digit and without two dots in a row.",
        )
