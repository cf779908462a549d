"""Start-up: what each door takes, as a multiple of what Python itself takes."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
from functools import partial
from pathlib import Path

from figures import HOOKS, Cost, Place, cost_of, door, git, in_turns, place, table

from plans import make_project, many_tasks

TASKS = 200
BAR = 10
"""Times a bare `python3 -c pass` that a door may take at most."""

BARE, CLICK = "`python3 -c pass`", "`python3 -c 'import click'`"
HELD = ("`waves.py --json`", "`run.py next --json`")
"""The doors that the bar was set for."""


def measure(quick: bool) -> str:
    """Markdown."""
    with place() as where:
        project = _project(where, 20 if quick else TASKS)
        return _report(project, where, 1 if quick else 15)


def _project(where: Place, tasks: int) -> Path:
    """A plan of so many tasks, whose run has handed out its first three."""
    root = make_project(where.folder / "project", many_tasks(tasks))
    git(root, where, "add", "--all")
    git(root, where, "commit", "--quiet", "--message", "A plan")
    start = door("run", "start", "auth", "--parallel", "--driver", "bench", "--no-test", "--yes", "--json")
    subprocess.run(start, cwd=root, env=where.environment, check=True, capture_output=True)
    return root


def _report(project: Path, where: Place, rounds: int) -> str:
    event = json.dumps({"session_id": "s", "hook_event_name": "PreToolUse", "cwd": str(project), "tool_name": "Bash", "tool_input": {"command": "ls"}})
    doors = {
        "`mark.py --json`": door("mark", "1.1", "progress", "--track", "auth", "--json"),  # first, because its first call changes the plan
        HELD[0]: door("waves", "auth", "--json"),
        "`waves.py why`": door("waves", "why", "1.3", "--track", "auth", "--json"),
        HELD[1]: door("run", "next", "--driver", "bench", "--json"),
        "`run.py status --json`": door("run", "status", "--json"),
        "`run.py status --line`": door("run", "status", "--line"),
        "`progress.py --json`": door("progress", "--json"),
        "`worktree.py attach`": door("worktree", "attach", "auth/1.2/1", "--again"),
        "`plan.py show --json`": door("plan", "show", "auth", "--json"),
        "`tracks.py list --json`": door("tracks", "list", "--json"),
        "`hooks/guard.py`": [sys.executable, str(HOOKS / "guard.py")],
        "`waves.py --help`": door("waves", "--help"),
    }
    commands = {BARE: [sys.executable, "-c", "pass"], CLICK: [sys.executable, "-c", "import click"], **doors}

    def call(name: str, first: bool) -> Cost:
        with where.forgetting() if first else contextlib.nullcontext():
            return cost_of(commands[name], project, where, event if "guard" in name else None)

    known = {name: partial(call, name, False) for name in commands}
    new = {f"{name} at first": partial(call, name, True) for name in HELD}
    in_turns(known, 1)  # bytecode and disk caches are warm from here on
    costs = in_turns({**known, **new}, rounds)
    wall = {name: [cost.wall for cost in found] for name, found in costs.items()}
    middle = {name: statistics.median(values) for name, values in wall.items()}
    work = {name: statistics.median(cost.cpu for cost in found) for name, found in costs.items()}
    rows = [
        (
            name,
            f"{middle[name] / middle[BARE]:.1f}",
            f"{middle[name] / middle[CLICK]:.1f}",
            f"{min(wall[name]) / min(wall[BARE]):.1f}",
            f"{work[name] / work[BARE]:.1f}",
            f"{middle[name] * 1000:.0f}",
            f"{min(wall[name]) * 1000:.0f}",
        )
        for name in costs
    ]
    head = ("whole process", "x bare Python", "x `import click`", "x bare, fastest of each", "x bare, processor", "median ms", "fastest ms")
    missed = [f"{name} ({middle[name] / middle[BARE]:.1f})" for name in HELD if middle[name] > BAR * middle[BARE]]
    verdict = f"Missed by {' and '.join(missed)}." if missed else "Both hold."
    tasks = (project / ".maestro/tracks/auth/plan.md").read_text(encoding="utf-8").count("### Task")
    about = (
        f"A plan of {tasks} tasks, three of them handed out; all calls in turns, {rounds} rounds. The bar: {' and '.join(HELD)} take at most {BAR} times "
        f"as long as a bare Python. **{verdict}** `at first` is the first call after the plan has changed, which reads and weighs it; later ones remember "
        "what it found."
    )
    return f"{about}\n\n{table(head, rows)}"
