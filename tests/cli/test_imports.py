"""Doors start fast because they import only what their answer needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plans import make_project
from support import ROOT, SCRIPTS, git, load_beside, run_door, write

HEAVY = {"git", "hashlib", "importlib.metadata", "jsonschema", "mistune", "psutil", "pydantic", "rich", "urllib.request", "venv"}

REPORT = """\
import os, runpy, sys
os._exit = sys.exit
sys.argv = sys.argv[1:]
try:
    runpy.run_path(sys.argv[0], run_name="__main__")
except SystemExit as ended:
    assert not ended.code, ended.code
print("\\n".join(sys.modules), file=sys.stderr)
"""


def modules_of(door: str, *arguments: str, cwd: Path) -> set[str]:
    """Names of the modules that are loaded when a door has answered."""
    call = [sys.executable, "-c", REPORT, str(SCRIPTS / f"{door}.py"), *arguments]
    done = subprocess.run(call, cwd=cwd, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    "line",
    [
        "waves --json",
        "waves",
        "waves why 1.3 --json",
        "waves graph --format mermaid",
        "plan show --json",
        "plan lint",
        "tracks list --json",
        "tracks status",
        "mark 1.1 progress --json",
        "metadata show",
        "beads probe --json",
        "beads tasks",
    ],
)
def test_reading_doors_load_nothing_heavy(line: str, project: Path) -> None:
    loaded = modules_of(*line.split(), cwd=project)
    assert "click" in loaded
    assert not loaded & HEAVY
    assert not {name for name in loaded if name.startswith("maestro.run.")}


READERS = {f"maestro.documents.{name}" for name in ("entries", "html_blocks", "kinds", "markdown", "outline", "place", "survey", "words")}
"""What reads a plan or the list of tracks; whoever remembers them needs none of it."""

SHAPES = {"maestro.cli.envelopes", "maestro.views.beads_shapes", "maestro.views.shapes"}
"""What the types and the schemas need, and no call."""


@pytest.mark.parametrize("line", ["tracks list --json", "plan show --json", "mark 1.1 progress --json", "waves why 1.3 --json", "tracks status --json"])
def test_what_was_read_once_is_not_read_again(line: str, project: Path) -> None:
    os.utime(project / "src" / "app.py", (1_700_000_000, 1_700_000_000))  # as below
    loading(line, project)
    loading(line, project)  # the first one may have changed the plan
    assert loading(line, project) & (HEAVY | READERS | SHAPES) == set()


NOT_FOR_STEPS = {
    *HEAVY,
    *READERS,
    *SHAPES,
    *("random", "shutil", "statistics", "tempfile"),
    *(f"maestro.git.{name}" for name in ("adoption", "forecast", "integration", "landing", "leftovers", "removal", "snapshot", "trial")),
    *(f"maestro.run.{name}" for name in ("answers", "completion", "dispatching", "failing", "gate", "holding", "merging", "taking", "telling", "undoing")),
    *(f"maestro.run.{name}" for name in ("settling", "team", "verification", "workers")),
    *("maestro.run.starting", "maestro.run.resuming", "maestro.run.prospects"),
    *("maestro.run.executor", "maestro.run.demo", "maestro.run.doctoring", "maestro.run.reporting", "maestro.run.reviewing"),
    *("maestro.documents.workflow", "maestro.documents.toolchain", "maestro.views.waves", "maestro.models.report", "secrets"),
}
"""What the steps of a run that goes on have no use for."""

WRITING = {"hashlib", "random", "shutil", "tempfile", *READERS}
"""For those that write into the plan."""

COMPOSING = {"maestro.evidence.detect", "maestro.schedule.compose", "maestro.schedule.advice"}
"""For boundaries between waves, and for the board, which shows them."""


def loading(line: str, cwd: Path) -> set[str]:
    return modules_of(*line.split(), cwd=cwd)


@pytest.mark.parametrize("line", ["waves --json", "waves why 1.3 --json"])
def test_a_plan_that_was_looked_at_is_not_read_again(line: str, project: Path) -> None:
    os.utime(project / "src" / "app.py", (1_700_000_000, 1_700_000_000))  # a file that has only just changed is not relied on
    first = loading(line, project)
    assert {"maestro.evidence.detect", "maestro.documents.survey"} <= first
    assert "tomllib" not in first
    again = loading(line, project)
    assert not again & {"maestro.documents.survey", "maestro.git", "subprocess", "unicodedata"}
    assert not {name for name in again if name.startswith("maestro.evidence.")} - {f"maestro.evidence.{name}" for name in ("beads", "recall", "view")}


STEPS = ["run next --driver d --json", "run status", "run status --json", "progress --json", "worktree list"]


@pytest.fixture(scope="session")
def under_way(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose run has handed out its first tasks."""
    root = make_project(tmp_path_factory.mktemp("steps") / "project")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "A track")
    rested = {"MAESTRO_GAUGE": "0.5 0.1"}  # whatever else this machine does
    assert run_door("run", "start", "auth", "--parallel", "--driver", "d", "--no-test", "--yes", cwd=root, environment=rested).code == 0
    return root


@pytest.mark.parametrize("line", STEPS)
def test_steps_of_a_run_load_only_what_steps_need(line: str, under_way: Path) -> None:
    loading(line, under_way)
    loaded = loading(line, under_way)
    assert loaded & (NOT_FOR_STEPS if line.startswith("progress") else NOT_FOR_STEPS | COMPOSING) == set()


def test_a_verb_is_looked_up_without_the_other_verbs(under_way: Path) -> None:
    verbs = {name for name in loading("run next --driver d", under_way) if name.startswith("maestro.cli.run.")}
    assert verbs == {"maestro.cli.run.common", "maestro.cli.run.step"}


def test_a_worker_s_calls_load_only_what_workers_need(under_way: Path) -> None:
    for_workers = NOT_FOR_STEPS - {"maestro.run.workers"} | COMPOSING | {"maestro.run.engine"}
    loading("worktree attach auth/1.1/1", under_way)
    assert loading("worktree attach auth/1.2/1", under_way) & for_workers == set(), "another worker's, because one attempt has one worker"
    write(under_way / ".maestro" / "worktrees", {f"{next((under_way / '.maestro' / 'worktrees').iterdir()).name}/1.1-1/src/models/user.py": "class User: ..."})
    assert loading("run done auth/1.1/1 --summary x", under_way) & (for_workers - WRITING - {"maestro.run.settling"}) == set()


def test_the_guard_loads_nothing_for_calls_that_are_no_worker_s(project: Path) -> None:
    script = REPORT.replace("assert not ended.code, ended.code", "pass")
    event = json.dumps({"session_id": "s", "hook_event_name": "PreToolUse", "cwd": str(project), "tool_name": "Bash", "tool_input": {"command": "ls"}})
    call = [sys.executable, "-c", script, str(ROOT / "hooks" / "guard.py")]
    loaded = set(subprocess.run(call, cwd=project, input=event, capture_output=True, text=True, check=True).stderr.split())
    assert not {name for name in loaded if name.startswith("maestro")}
    assert not loaded & (HEAVY | {"click", "dataclasses", "subprocess"})


def test_a_prompt_is_answered_without_git_and_with_little(project: Path) -> None:
    """`run.py status --line` is called at every prompt: with a run and without one it loads the journal's fold, and neither git's door nor any reader."""
    quiet = modules_of("run", "status", "--line", cwd=project.parent)
    story = load_beside(str(ROOT / "tests/run/stories.py"), "stories").Story(["1", "2"])
    folder = project / ".git" / "maestro" / "auth"
    folder.mkdir(parents=True)
    lines = (json.dumps({"n": event.number, "at": event.at, "event": event.name, **event.data}) for event in story.events)
    (folder / "journal.jsonl").write_text("".join(f"{line}\n" for line in lines))
    (project / ".git" / "maestro-run.json").write_text('{"track": "auth"}')
    loaded = modules_of("run", "status", "--line", cwd=project)
    assert not (quiet | loaded) & (HEAVY | {"subprocess"})
    rooms = {name.split(".")[1] for name in loaded if name.startswith("maestro.")}
    assert not rooms & {"documents", "evidence", "git", "integrations", "schedule"}
    ran = {name for name in loaded if name.startswith("maestro.run.")}
    assert ran == {"maestro.run.condition", "maestro.run.glance", "maestro.run.journal", "maestro.run.progress"} | {
        "maestro.run.state",
        "maestro.run.task_events",
    }


def test_views_are_loaded_only_for_people(project: Path) -> None:
    assert "maestro.views.waves" not in modules_of("waves", "--json", cwd=project)
    assert "maestro.views.waves" in modules_of("waves", cwd=project)
