"""What a run would do, read and checked before anything is written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from maestro.documents.location import plan_path, spec_path
from maestro.documents.plans import read_plan
from maestro.documents.registry import TrackEntry
from maestro.documents.workflow import Workflow, parse_workflow
from maestro.errors import NotFound, Unsafe, Usage
from maestro.files import read_text
from maestro.git.checkout import branch, require_ready, tracked_changes
from maestro.models.notes import Note
from maestro.models.plan import Plan, Status
from maestro.models.run import Driver
from maestro.models.schedule import Composition, Mode
from maestro.models.settings import Settings
from maestro.records import dataclass
from maestro.run.context import load_state
from maestro.run.finding import find_track
from maestro.run.home import Home, find_run_checkout
from maestro.run.ours import our_paths

NOBODY = Driver("")
"""A person who did not say who drives."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What the caller of `start` asked for. None: not said, so it is read from the workflow, discovered, or asked."""

    track: str | None = None
    mode: Mode = Mode.SINGLE
    resume: bool = False
    branch: str | None = None
    test: str | None = None
    no_test: bool = False
    setup: str | None = None
    review: str | None = None
    driver: Driver = NOBODY
    take_over: bool = False
    yes: bool = False
    ignore_soft: bool = False
    headless: bool = False
    runtime: str | None = None
    notify: str | None = None

    @property
    def target(self) -> str | None:
        """The branch to switch to first, None for staying on the current one."""
        return None if self.branch in (None, "", "here") else self.branch


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a run would do, before anything is written."""

    home: Home
    entry: TrackEntry
    plan: Plan
    composition: Composition
    settings: Settings
    headless: bool = False


def prospect(start: Path, wish: Wish) -> Prospect:
    """Read everything a run needs and check that it may start. Writes nothing.

    Raises what the readers raise, Unsafe for every unsafe tree (exit 7), Locked `run-active`.
    """
    from maestro.evidence.beads import detect_in_track
    from maestro.evidence.view import RepositoryView
    from maestro.git.worktrees import require_namespace
    from maestro.run.spares import BRANCHES
    from maestro.schedule.compose import compose

    checkout = find_run_checkout(start)
    home, entry = find_track(checkout, wish.track)
    path = plan_path(home.layout, entry.id)
    if not path.exists():
        archived = home.layout.maestro / "archive" / home.track
        where = f"it was archived in {home.layout.shown(archived)}" if archived.exists() else "write one, or adopt one with `tracks.py adopt PATH`"
        raise NotFound(
            "plan-missing",
            f"Track {home.track} has no plan at {home.layout.shown(path)}.",
            hint=f"{where[0].upper()}{where[1:]}.",
            where=home.layout.shown(path),
        )
    plan = read_plan(path, home.layout.shown(path))
    findings = detect_in_track(plan, RepositoryView(checkout.root), home.layout, entry.id)
    finished = [task.id for task in plan.tasks if task.status in (Status.DONE, Status.SKIPPED)]
    composition = compose(
        plan, findings, ignore_soft=wish.ignore_soft, finished=finished, rounds=wish.mode is Mode.PARALLEL and not wish.headless, runtime=wish.runtime
    )
    composition = replace(composition, notes=(*composition.notes, *_stale(home, plan)))
    require_ready(checkout, wish.target)
    if wish.mode is Mode.PARALLEL:
        require_namespace(checkout, BRANCHES)
    current = branch(checkout.git) or wish.target
    assert current is not None
    return Prospect(home, entry, plan, composition, _settings(home, entry, wish, current), wish.headless)


def documents_of(found: Prospect) -> dict[str, str]:
    """Paths of the documents that say what the track is about: `plan`, and `spec` where there is one."""
    layout = found.home.layout
    named = {"plan": plan_path(layout, found.entry.id), "spec": spec_path(layout, found.entry.id)}
    return {name: layout.shown(path) for name, path in named.items() if path.exists()}


def _stale(home: Home, plan: Plan) -> Iterator[Note]:
    """Tasks in progress that no run knows of (the implement document's words): they run again."""
    _, state = load_state(home)
    if state is None or state.over:
        for task in plan.tasks:
            if task.status is Status.PROGRESS:
                words = f"[!] Task {task.id} is marked in-progress but no worker is active. --> A stale task from an interrupted session: it runs again."
                yield Note("task-stale", words, plan.where(task.line))


def require_clean(home: Home, own: Callable[[str], bool] = lambda path: False) -> None:
    """Raise Unsafe `tree-dirty` for tracked changes that are neither maestro's documents nor, as `own` says, the run's work."""
    changed = [path for path in tracked_changes(home.checkout, ignore=our_paths(home.layout, home.track)) if not own(path)]
    if changed:
        listed = ", ".join(changed[:10]) + (", …" if len(changed) > 10 else "")
        raise Unsafe(
            "tree-dirty",
            f"Tracked files have uncommitted changes: {listed}. Nothing was touched.",
            hint="The user commits or stashes them; then repeat.",
            where=changed[0],
        )


def _settings(home: Home, entry: TrackEntry, wish: Wish, current: str) -> Settings:
    workflow = _workflow(home)
    if wish.test is not None and not wish.test.strip():
        raise Usage("test-empty", "--test is empty.", hint="Give a command, or `--no-test`.")
    return Settings(
        mode=wish.mode,
        branch=current,
        test=None if wish.no_test else (wish.test or workflow.test_command),
        setup=wish.setup or workflow.setup_command,
        coverage=workflow.coverage_command,
        coverage_threshold=workflow.coverage_threshold,
        method=workflow.methodology or "tdd",
        summary_storage=workflow.summary_storage or "commit-body",
        review=wish.review or ("none" if wish.headless else "phase"),
        yes=wish.yes,
        ignore_soft=wish.ignore_soft,
        type=_type(home) or entry.type or "feature",
        mail=os.environ.get("MAESTRO_MAIL_URL") or workflow.agent_mail,
        notify=wish.notify,
    )


def _workflow(home: Home) -> Workflow:
    path = home.layout.workflow
    return parse_workflow(read_text(path, home.layout.shown(path)), home.layout.shown(path)) if path.exists() else Workflow()


def _type(home: Home) -> str | None:
    path = home.layout.metadata(home.track)
    try:
        kind = json.loads(path.read_text(encoding="utf-8")).get("type")
    except (OSError, ValueError, AttributeError):
        return None
    return kind if isinstance(kind, str) else None
