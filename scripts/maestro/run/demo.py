"""`run.py demo`: the whole way from a plan to merged commits, on a sample that is made for it."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from maestro import clock
from maestro.documents.layout import Layout
from maestro.documents.registry import add_track
from maestro.errors import Conflict
from maestro.files import read_text, replace_text
from maestro.git.checkout import find_checkout
from maestro.git.runner import Git
from maestro.models.action import Action
from maestro.models.run import Driver, RunState
from maestro.models.schedule import Composition, Mode
from maestro.run.accounting import account
from maestro.run.commands import spell
from maestro.run.executor import Orders, driver_name
from maestro.run.headless import run_headless
from maestro.run.home import Home
from maestro.run.journal import Journal
from maestro.run.prospects import Prospect, Wish, prospect
from maestro.run.sample import project, worker
from maestro.run.status import find_state


def run_demo(keep: Path | None, tell: Callable[[str], None], advanced: Callable[[RunState], None], show: Callable[[Prospect], str]) -> dict[str, Any]:
    """Make the sample, run it, and tell what happened. Removes the sample unless `keep` names a folder for it.

    Raises Conflict `folder-not-empty` when that folder holds something already.
    """
    if keep is not None and keep.exists() and any(keep.iterdir()):
        raise Conflict("folder-not-empty", f"{keep} is not empty.", hint="Name a new folder.", where=str(keep))
    folder = keep.resolve() if keep is not None else Path(tempfile.mkdtemp(prefix="maestro-demo-"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        make_sample(folder)
        return _run(folder, tell, advanced, show) | {"folder": str(folder) if keep is not None else None}
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)


def make_sample(folder: Path) -> None:
    """A repository with one commit that holds the sample's code, its track and its workflow."""
    layout = Layout(folder)
    for name, text in project.FILES.items():
        _write(folder / name, text)
    _write(layout.plan(project.TRACK), project.PLAN)
    fields = {
        "track_id": project.TRACK,
        "type": "feature",
        "status": "new",
        "description": project.DESCRIPTION,
        "created_at": clock.now(),
        "phases": 2,
        "tasks": 9,
    }
    _write(layout.metadata(project.TRACK), json.dumps(fields, indent=2) + "\n")
    _write(layout.registry, add_track("# Tracks\n", project.TRACK, project.DESCRIPTION, "feature"))
    _write(layout.workflow, f"# Workflow\n\n- Methodology: TDD\n- Test command: `{shlex.quote(sys.executable)} -m unittest discover -q`\n")
    git = Git(folder)
    git.run("init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "maestro demo"), ("user.email", "demo@localhost"), ("commit.gpgSign", "false")):
        git.run("config", key, value)
    git.run("add", "--all")
    git.run("commit", "--quiet", "--message=A small start, and a plan")


def _run(folder: Path, tell: Callable[[str], None], advanced: Callable[[RunState], None], show: Callable[[Prospect], str]) -> dict[str, Any]:
    tell(f"A sample repository was made in {folder}: a small Python package, and a plan of nine tasks in two phases.\n")
    driver = driver_name()
    wish = Wish(track=project.TRACK, mode=Mode.PARALLEL, driver=Driver(driver, process=True), yes=True, headless=True, runtime="exec")
    found = prospect(folder, wish)
    tell(show(found))
    tell("\nNow it runs: up to three scripted workers at a time, each in a git worktree of its own.\n")
    orders = Orders(worker=f"exec {shlex.quote(sys.executable)} -I {shlex.quote(worker.__file__)}", yes=True, tell=tell, advanced=advanced, watch=0.5)
    action = run_headless(folder, wish, orders)
    _, state = find_state(folder, project.TRACK)
    return _result(folder, found.composition, action, state)


def _result(folder: Path, composition: Composition, action: Action, state: RunState) -> dict[str, Any]:
    git = Git(folder)
    spent = account(Journal(Home(find_checkout(folder), project.TRACK).journal).events())
    retried = [task.id for task in state.tasks.values() if len(task.attempts) > 1]
    return {
        "outcome": state.outcome,
        "plan": read_text(Layout(folder).plan(project.TRACK)),
        "log": git.text("log", "--oneline", "--no-decorate"),
        "clean": git.text("status", "--porcelain") == "",
        "retried": retried,
        "regrouped": [{"before": change.before, "after": change.after, "reasons": change.reasons} for change in state.regroupings],
        "seconds": {"wall": round(spent.active, 1), "sequential": round(spent.sequential, 1)},
        "saved": round(spent.saved, 3),
        "predicted": composition.predicted.saved,
    }


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_text(path, text)


def report(data: dict[str, Any]) -> str:
    """What happened, in words."""
    seconds = data["seconds"]
    lines = ["The finished plan:", "", data["plan"].rstrip(), "", "The commits:", "", data["log"], ""]
    for change in data["regrouped"]:
        lines.append(f"Re-grouped while running: {change['reasons'][0]}")
        lines.append("  before: " + " | ".join(", ".join(wave) for wave in change["before"]))
        lines.append("  after:  " + " | ".join(", ".join(wave) for wave in change["after"]))
    lines.append(f"Failed once and retried: {', '.join(data['retried'])}.")
    lines.append(f"Working tree clean: {'yes' if data['clean'] else 'NO'}.")
    lines.append(
        f"Measured: {seconds['wall']:g} s, against {seconds['sequential']:g} s for the same work one task after the other: {data['saved']:.0%} saved"
        f" (predicted {data['predicted']:.0%}, without merging and the retry)."
    )
    if data["folder"]:
        lines.append(spell(f"The sample is in {data['folder']}; `run.py report` there says what bounded the run."))
    return "\n".join(lines)
