"""`run.py exec` as tests call it: with a worker of one line, in this process or as one of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from maestro.run.jobs import Job
from support import SCRIPTS, Ran, load_beside
from waiting import started

made = load_beside(__file__, "worlds")

DILIGENT = r"""f=$(grep -o 'src/[a-z]*\.py' "$MAESTRO_PROMPT_FILE" | head -n 1); mkdir -p src; echo "made = '$MAESTRO_HANDLE'" > "$f" """
"""A worker that makes the first file its brief names."""


def execute(world: Any, worker: str = DILIGENT, *options: str, test: str | None = made.TEST, yes: bool = True) -> Ran:
    tested = ("--test", test) if test else ("--no-test",)
    ran: Ran = world.door("run", "exec", "auth", "--worker", worker, *tested, *(("--yes",) if yes else ()), "--ignore-soft", *options, "--json")
    return ran


def ended(ran: Ran) -> Any:
    """The action that exec ended with, whatever its exit code."""
    return ran.json["data"]


def processes_of(world: Any) -> list[int]:
    """Workers and gates of the run that still live."""
    found = []
    for folder in world.home.jobs(world.state.run).iterdir():
        if Job(folder).result() is None:
            found.append(folder.name)
    return found


@contextmanager
def begun(world: Any, worker: str, *options: str) -> Iterator[subprocess.Popen[str]]:
    """exec as a process of its own, which does not outlive the block."""
    command = [sys.executable, str(SCRIPTS / "run.py"), "exec", "auth", "--worker", worker, "--test", made.TEST, "--yes", "--ignore-soft", *options]
    with started(
        command,
        cwd=world.root,
        env=dict(os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.terminate()
