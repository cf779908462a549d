"""Doors start fast because they import only what their answer needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support import SCRIPTS

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


def test_views_are_loaded_only_for_people(project: Path) -> None:
    assert "maestro.views.waves" not in modules_of("waves", "--json", cwd=project)
    assert "maestro.views.waves" in modules_of("waves", cwd=project)
