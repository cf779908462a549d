"""Doors start fast because they import only what their answer needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support import ROOT, SCRIPTS, load_beside

HEAVY = {"git", "hashlib", "importlib.metadata", "jsonschema", "mistune", "psutil", "pydantic", "rich", "urllib.request", "venv"}

REPORT = """\
import runpy, sys
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
    ],
)
def test_reading_doors_load_nothing_heavy(line: str, project: Path) -> None:
    loaded = modules_of(*line.split(), cwd=project)
    assert "click" in loaded
    assert not loaded & HEAVY
    assert not {name for name in loaded if name.startswith("maestro.run.")}


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
    assert ran == {"maestro.run.condition", "maestro.run.glance", "maestro.run.journal", "maestro.run.pointers", "maestro.run.progress"} | {
        "maestro.run.state",
        "maestro.run.task_events",
    }


def test_views_are_loaded_only_for_people(project: Path) -> None:
    assert "maestro.views.waves" not in modules_of("waves", "--json", cwd=project)
    assert "maestro.views.waves" in modules_of("waves", cwd=project)
