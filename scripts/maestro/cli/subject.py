"""What a TRACK on the command line means: a track of the registry, or a plan wherever it lies."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from maestro.cli.call import Call, find_root, find_top
from maestro.documents.layout import Layout
from maestro.documents.location import plan_path
from maestro.documents.registry import TrackEntry, read_registry, select_track
from maestro.errors import NotFound
from maestro.models.plan import Plan, Task
from maestro.records import dataclass

_PLAN_NAMES = ("tasks.md", "plan.md", "tasks.json")
_PLAN_ENDINGS = (".md", ".markdown", ".json", ".txt")


@dataclass(frozen=True)
class Subject:
    """The plan that a command is about. `track` is None for a plan that no registry knows; `root` is the project or checkout it belongs to."""

    path: Path
    shown: str
    root: Path | None
    track: str | None = None
    entry: TrackEntry | None = None

    @cached_property
    def plan(self) -> Plan:
        """Raises what reading a plan raises."""
        from maestro.documents.plans import read_plan

        return read_plan(self.path, self.shown)

    def task(self, task_id: str) -> Task:
        """The task with this id. Raises NotFound `task-not-found`, naming the nearest ids."""
        known = self.plan.by_id
        if task_id in known:
            return known[task_id]
        import difflib

        near = difflib.get_close_matches(task_id, known, n=3) or list(known)[:12]
        hint = f"There {'is' if len(near) == 1 else 'are'} {', '.join(near)}{' ...' if len(near) == 12 else ''}; `plan.py show` lists all."
        raise NotFound("task-not-found", f"{self.shown} has no task {task_id}.", hint=hint, where=self.shown)

    @property
    def name(self) -> str:
        """What messages call it: the track, or the plan's path."""
        return self.track or self.shown


def find_subject(call: Call, track: str | None) -> Subject:
    """The subject that TRACK names; without one, the only open track.

    Raises NotFound `track-not-found`, `no-open-tracks`, `plan-missing` and the like, DecisionNeeded `track-ambiguous`.
    """
    if track is not None and (path := _as_path(call, track)) is not None:
        return _of_path(call, path)
    if track is not None and call.root is None and (call.directory / track).is_file():
        return _of_path(call, call.directory / track)
    registry = read_registry(call.layout)
    try:
        entry = select_track(registry, track)
    except NotFound as error:
        if track is not None and error.slug == "track-not-found" and (call.directory / track).is_file():
            return _of_path(call, call.directory / track)
        raise
    return subject_of(call.layout, entry)


def subject_of(layout: Layout, entry: TrackEntry) -> Subject:
    """The plan of a track that the registry lists."""
    path = plan_path(layout, entry.id)
    return Subject(path, layout.shown(path), layout.root, entry.id, entry)


def find_plan_file(call: Call, source: str) -> Path:
    """The plan file that a path stands for, absolute; a folder stands for the plan in it. Raises NotFound `plan-missing`."""
    path = call.directory / source
    if path.is_dir():
        path = next((path / name for name in _PLAN_NAMES if (path / name).is_file()), path)
    if not path.is_file():
        wanted = f" (looked for {', '.join(_PLAN_NAMES)})" if path.is_dir() else ""
        raise NotFound("plan-missing", f"There is no plan {source}{wanted}.", hint="Give the path of a plan file.", where=source)
    return path.resolve()


def _as_path(call: Call, track: str) -> Path | None:
    """The plan file that TRACK is the path of, when it looks like a path; a folder stands for the plan in it."""
    if "/" not in track and not track.lower().endswith(_PLAN_ENDINGS):
        return None
    path = call.directory / track
    if path.exists() or track.lower().endswith(_PLAN_ENDINGS):
        return find_plan_file(call, track)
    return None


def _of_path(call: Call, path: Path) -> Subject:
    path = path.resolve()
    root = find_root(path.parent)
    if root is not None:
        layout = Layout(root)
        tracks = layout.maestro / "tracks"
        if path.is_relative_to(tracks) and path.parent.parent == tracks and path.name == "plan.md":
            return Subject(path, layout.shown(path), root, path.parent.name)
    top = root or find_top(path.parent)
    return Subject(path, shown_path(path, top, call.directory), top)


def shown_path(path: Path, top: Path | None, directory: Path) -> str:
    """A path as messages name it: relative to the project, or to where the call was made, where it lies below one of them."""
    for base in (top, directory):
        if base is not None and path.is_relative_to(base.resolve()):
            return path.relative_to(base.resolve()).as_posix()
    return path.as_posix()
