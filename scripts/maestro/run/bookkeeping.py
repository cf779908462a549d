"""Keeps the documents that people read in step with the journal: markers in the plan, the registry, the metadata, and the commits that hold them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from maestro import clock
from maestro.documents.edits import Change, checkpoint_phase, edited, mark_task, reopen_phase, tick_verification
from maestro.documents.location import plan_path, source_registry
from maestro.documents.metadata import update_metadata
from maestro.errors import MaestroError
from maestro.files import lock, remove_halves, rewrite_text
from maestro.git.checkout import branch, is_ignored
from maestro.models.plan import Plan, Status
from maestro.models.run import TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.run.commits import bookkeeping_message
from maestro.run.context import Context
from maestro.run.mirroring import mirror

TRACKER_EXPORT = ".beads/issues.jsonl"
"""Belongs to the documents of a track that has an epic, where the user keeps it in git."""

SHORT = 7
"""Characters of a sha in a marker (design, words)."""


def sync_plan(context: Context) -> None:
    """Write what the journal knows into the plan's markers; everything else in the file stays as it is.

    Only tasks and phases that this run has touched are written. In single mode a tick that the journal does not know is taken back: ticks are no proof.
    """
    path = plan_path(context.home.layout, context.state.track)
    shown = context.home.layout.shown(path)
    with lock(context.home.layout.maestro, purpose="marking the plan"):
        try:
            remove_halves(path.parent)
            if not rewrite_text(path, lambda text: _marked(context, context.plan_of(text)), shown):
                return
        except MaestroError as error:
            context.tell(f"The plan's markers could not be written: {error.message} The journal has them; they are written with the next step.")
            return
        except OSError as error:
            context.tell(f"The plan's markers could not be written: {shown}: {error.strerror}. The journal has them; they are written with the next step.")
            return
        context.forget_plan()


def _marked(context: Context, plan: Plan) -> str:
    """The plan's text with the markers that the journal knows of."""
    changes: list[Change] = []
    for task in context.state.tasks.values():
        changes += _task_changes(context, plan, task)
    known = {phase.id for phase in plan.phases}
    for phase in context.state.phases.values():
        if not phase.checkpoint or phase.id not in known:
            continue
        if phase.verified:
            changes += checkpoint_phase(plan, phase.id, phase.checkpoint[:SHORT]) + tick_verification(plan, phase.id)
        else:
            changes += reopen_phase(plan, phase.id)
    return edited(plan, changes)


def _task_changes(context: Context, plan: Plan, task: TaskRun) -> list[Change]:
    found = plan.by_id.get(task.id)
    if found is None or found.marker is None:
        return []
    if task.outside or (not task.attempts and task.state in (TaskState.WAITING, TaskState.BLOCKED)):
        ticked_by_worker = context.state.settings.mode is not Mode.PARALLEL and not task.outside and found.status is Status.DONE
        if not ticked_by_worker:
            return []
        context.tell(f"{task.id} was ticked in the plan without being run; the tick is taken back.")
        return mark_task(plan, task.id, Status.NEW)
    status, sha = _marker(task)
    if found.status is status and (found.marker.sha or None) == (sha or None):
        return []
    return mark_task(plan, task.id, status, sha)


def _marker(task: TaskRun) -> tuple[Status, str | None]:
    match task.state:
        case TaskState.MERGED:
            return Status.DONE, task.sha[:SHORT] or None
        case TaskState.SKIPPED:
            return Status.SKIPPED, None
        case TaskState.RUNNING | TaskState.REPORTED:
            return Status.PROGRESS, None
        case TaskState.FAILED:
            return Status.BLOCKED, None
        case _:
            return Status.NEW, None


def set_track(context: Context, status: Status) -> None:
    """Write the track's status into the registry and the metadata, and for an adopted track into the list of the tool that it comes from."""
    layout, track = context.home.layout, context.state.track
    with lock(layout.maestro, purpose="marking the track"):
        if layout.registry.exists():
            _mark_track(context, layout.registry, track, status)
        theirs = source_registry(layout, track)
        if theirs is not None:
            try:
                _mark_track(context, theirs, plan_path(layout, track).parent.name, status)
            except MaestroError as error:
                context.tell(f"{layout.shown(theirs)} was not marked: {error.message}")
    word = {Status.NEW: "new", Status.PROGRESS: "in_progress", Status.DONE: "completed"}[status]
    change_metadata(context, {"status": word, "updated_at": clock.now()}, unless={"status": word})


def _mark_track(context: Context, path: Path, track: str, status: Status) -> None:
    """Nothing happens where the registry does not list the track."""
    from maestro.documents.registry import parse_registry, set_track_status

    shown = context.home.layout.shown(path)

    def marked(text: str) -> str:
        registry = parse_registry(text, shown)
        known = any(entry.id == track for entry in registry.entries)
        return set_track_status(registry, track, status) if known else text

    rewrite_text(path, marked, shown)


def change_metadata(context: Context, changes: Mapping[str, Any], unless: Mapping[str, Any] | None = None) -> None:
    """Change fields of the track's metadata.json, leaving all others as they are. Nothing is written when it already says `unless`, or does not exist."""
    path = context.home.layout.metadata(context.state.track)
    if not path.exists():
        return
    with lock(context.home.layout.maestro, purpose="writing metadata"):
        import json

        def changed(text: str) -> str:
            known = json.loads(text) if unless is not None else {}
            same = unless is not None and all(known.get(key) == value for key, value in unless.items())
            return text if same else update_metadata(text, dict(changes))

        rewrite_text(path, changed, context.home.layout.shown(path))


def commit_bookkeeping(context: Context, what: str) -> None:
    """Commit the track's documents, and those of the project that its agent writes (notepad, context), path-limited, in the user's checkout.

    Nothing happens when `.maestro/` is ignored or nothing changed. A hook that refuses does not stop the run: it is told, and the next bookkeeping
    commit tries again.
    """
    from maestro.git.landing import commit_paths

    state, layout = context.state, context.home.layout
    mirror(context)
    if branch(context.git) != state.settings.branch:
        return
    adopted = (plan_path(layout, state.track), source_registry(layout, state.track))
    wanted = (layout.registry, layout.track(state.track), *adopted, layout.notepad, layout.context)
    paths = list(dict.fromkeys(layout.shown(path) for path in wanted if path is not None and path.exists()))
    if state.mirror.issues:
        paths += context.git.lines_z("ls-tree", "-z", "--name-only", "HEAD", "--", TRACKER_EXPORT)
    if not paths or all(is_ignored(context.git, path) for path in paths):
        context.record("bookkeeping-committed", sha=None)
        return
    try:
        sha = commit_paths(context.home.checkout, paths, bookkeeping_message(state, what))
    except MaestroError as error:
        context.tell(f"The track's documents could not be committed: {error.message} They are written, and the next commit takes them along.")
        return
    context.record("bookkeeping-committed", sha=sha)


def mirror_and_commit(context: Context) -> None:
    """Tell the tracker what it does not have yet.

    No later commit of a run that is over, or waits for people, takes the tracker's export along: then it gets a commit of its own.
    """
    state = context.state
    before = dict(state.mirror.told)
    mirror(context)
    if state.mirror.told == before or (state.outcome is None and state.paused is None):
        return
    kept = context.git.lines_z("ls-tree", "-z", "--name-only", "HEAD", "--", TRACKER_EXPORT)
    if not kept:
        return
    if branch(context.git) != state.settings.branch:
        context.tell(f"{TRACKER_EXPORT} has changed and is not committed: {state.settings.branch} is not checked out.")
        return
    from maestro.git.landing import commit_paths

    try:
        commit_paths(context.home.checkout, kept, bookkeeping_message(state, "tracker caught up"))
    except MaestroError as error:
        context.tell(f"{TRACKER_EXPORT} could not be committed: {error.message}")


def pause(context: Context, reason: str) -> None:
    """Stop the run here: what people read is true and committed before the run says that it waits for them."""
    sync_plan(context)
    commit_bookkeeping(context, "run stopped")
    context.record("paused", reason=reason)
