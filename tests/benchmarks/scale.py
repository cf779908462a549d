"""Scale: time and memory as plans, journals and registries grow."""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from figures import SCRIPTS, Cost, Place, cost_of, door, exponent, git, place, table

from plans import make_project, many_tasks, registry
from support import make_repository, write

LIMIT = 1.1
"""The exponent up to which growth counts as linear."""

UNSEEN = 8.0
"""MB that a process may need beyond a start before what it reads shows at all: the interpreter has as much lying free once everything is imported."""

BAR_SECONDS, BAR_BARE, BAR_MEMORY = 3.0, 300, 300
"""What the largest plan may take: seconds where a bare `python3 -c pass` takes 0.01 s, so so many times that on any machine, and MB."""

TASKS = (10, 100, 1_000, 10_000)
EVENTS = (1_000, 10_000, 100_000)
TRACKS = (5, 50, 500, 5_000)


@dataclass(frozen=True)
class Subject:
    """What is measured in one size: the commands by their names, and where they run. `anew`: each call is the first one about its plan."""

    cwd: Path
    commands: dict[str, list[str]]
    anew: bool = False


Maker = Callable[[Place, int], Subject]

PER_TASK = 500
"""Events of one task of a long run: a worker that ran its tests often."""

FOLD = """\
import sys
from collections.abc import Callable
from pathlib import Path
from maestro.run.journal import Journal
from maestro.run.state import fold
state = fold(Journal(Path(sys.argv[1])).events())
assert state is not None and state.events == int(sys.argv[2]), state and state.events
"""


def measure(quick: bool) -> str:
    """Markdown."""
    rounds = 1 if quick else 3
    with place() as where:
        sections = [
            ("Plans", "tasks", TASKS, _plan),
            ("Journals", "events", EVENTS, _run),
            ("Registries", "tracks", TRACKS, _registry),
        ]
        return "\n\n".join(_grown(title, unit, sizes[:2] if quick else sizes, make, where, rounds) for title, unit, sizes, make in sections)


def _grown(title: str, unit: str, sizes: tuple[int, ...], make: Maker, where: Place, rounds: int) -> str:
    """Each size several times; the smallest cost counts, for whatever else the machine does only adds. Growth is that of what exceeds a start."""
    start = _best([cost_of([sys.executable, "-c", "import click"], where.folder, where) for _ in range(rounds + 2)])
    found: dict[str, dict[int, Cost]] = {}
    bare: dict[str, float] = {}
    for size in sizes:
        subject = make(where, size)
        for name, command in subject.commands.items():
            costs, bares = [], []
            for _ in range(rounds):
                bares.append(cost_of([sys.executable, "-c", "pass"], subject.cwd, where))
                with where.forgetting() if subject.anew else contextlib.nullcontext():
                    costs.append(cost_of(command, subject.cwd, where))
            found.setdefault(name, {})[size] = _best(costs)
            bare[name] = min(cost.wall for cost in bares)
    large = [size for size in sizes if size >= sizes[-1] / 100] if len(sizes) > 2 else sizes
    rows, steep = [], []
    for name, costs_by_size in found.items():
        time = exponent([(size, max(costs_by_size[size].cpu - start.cpu, 1e-3)) for size in large])
        memory = exponent([(size, max(costs_by_size[size].memory - start.memory, UNSEEN)) for size in large])
        if max(time, memory) > LIMIT:
            steep.append(name)
        last = costs_by_size[sizes[-1]]
        walls = " / ".join(f"{costs_by_size[size].wall:.2f}" for size in sizes)
        rows.append((name, f"{time:.2f}", f"{memory:.2f}", walls, f"{last.wall / bare[name]:.0f}", f"{last.memory:.0f}"))
    verdict = f"Steeper than linear: {', '.join(steep)}." if steep else "All grow linearly or less."
    listed = " / ".join(f"{size:,}" for size in sizes)
    about = f"**{verdict}** The exponents are fitted from {large[0]:,} {unit} on to what exceeds a start, in time of the processor and in memory."
    head = (f"{unit}: {listed}", "exponent, time", "exponent, memory", "s", "the largest, x bare Python", f"peak MB of {sizes[-1]:,}")
    bar = "".join(_against_the_bar(found[name][sizes[-1]], bare[name]) for name in found if unit == "tasks")
    return f"### {title}\n\n{about}{bar}\n\n{table(head, rows)}"


def _against_the_bar(largest: Cost, bare: float) -> str:
    held = largest.wall <= BAR_BARE * bare and largest.memory <= BAR_MEMORY
    seconds = "" if largest.wall <= BAR_SECONDS else f" In seconds of this machine, where a bare Python takes {bare:.3f} s, it is {largest.wall:.1f}."
    what = f"at most {BAR_SECONDS:g} s where a bare Python takes 0.01 s, which is {BAR_BARE} times as long, and {BAR_MEMORY} MB"
    return f" The bar of the largest plan: {what}. **It {'holds' if held else 'is missed'}.**{seconds}"


def _best(costs: list[Cost]) -> Cost:
    return Cost(min(cost.wall for cost in costs), min(cost.cpu for cost in costs), statistics.median(cost.memory for cost in costs))


def _plan(where: Place, tasks: int) -> Subject:
    root = make_project(where.folder / f"plan-{tasks}", many_tasks(tasks))
    git(root, where, "add", "--all")
    return Subject(root, {"`waves.py --json`, read, detected, scheduled and printed at first sight": door("waves", "auth", "--json")}, anew=True)


def _registry(where: Place, tracks: int) -> Subject:
    root = make_repository(where.folder / f"registry-{tracks}")
    write(root, {".maestro/tracks.md": registry(*((" ", f"track-{number}", f"Part {number} of the work") for number in range(tracks)))})
    names = {"`tracks.py list --json`": door("tracks", "list", "--json"), "`tracks.py select track-4 --json`": door("tracks", "select", "track-4", "--json")}
    return Subject(root, names)


def _run(where: Place, events: int) -> Subject:
    """A real run whose first tasks are handed out, and a journal that tells of all the others: attempts without a change, so that git need not know them."""
    root = make_project(where.folder / f"run-{events}", many_tasks(max(events // PER_TASK, 4), per_phase=10**6))
    git(root, where, "add", "--all")
    git(root, where, "commit", "--quiet", "--message", "A plan")
    start = door("run", "start", "auth", "--parallel", "--driver", "bench", "--no-test", "--yes", "--json")
    subprocess.run(start, cwd=root, env=where.environment, check=True, capture_output=True)
    journal = root / ".git" / "maestro" / "auth" / "journal.jsonl"
    known = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    out = {event["task"] for event in known if event["event"] == "task-dispatched"}
    created = next(event for event in known if event["event"] == "run-created")
    waiting = [task["id"] for phase in created["phases"] for task in phase["tasks"] if task["id"] not in out]
    each = (events - len(known)) // len(waiting)
    told = [event for task in waiting for event in _story(task, each, created["base"])]
    lines = [json.dumps({"n": number, "at": known[-1]["at"], **event}) for number, event in enumerate(told, len(known) + 1)]
    with open(journal, "a", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)
    script = f"import sys; sys.path.insert(0, {str(SCRIPTS)!r})\n{FOLD}"
    doors = {
        "read and folded": [sys.executable, "-c", script, str(journal), str(len(known) + len(lines))],
        "`run.py next --json`": door("run", "next", "--driver", "bench", "--json"),
        "`run.py status --json`": door("run", "status", "--json"),
        "`run.py status --line`": door("run", "status", "--line"),
        "`progress.py --json`": door("progress", "--json"),
        "`run.py report --json`": door("run", "report", "--json"),
    }
    subprocess.run(doors["`run.py next --json`"], cwd=root, env=where.environment, check=True, capture_output=True)
    return Subject(root, doors)


def _story(task: str, events: int, base: str) -> list[dict[str, object]]:
    """So many events of a task that came to its end without a change."""
    begin = {"base": base, "worktree": f".maestro/worktrees/gone/{task}-1", "branch": f"maestro-work/gone/{task}-1", "text": "x" * 200}
    around: list[dict[str, object]] = [
        {"event": "task-dispatched", **begin},
        {"event": "worker-attached"},
        {"event": "task-reported", "report": {"status": "no-change", "summary": "Nothing to do. " * 5}},
        {"event": "task-merged", "sha": "", "paths": []},
        {"event": "attempt-cleaned", "kept": None},
    ]
    checks: list[dict[str, object]] = [{"event": "worker-checked", "ok": number % 2 == 1} for number in range(events - len(around))]
    return [{**event, "task": task, "attempt": 1} for event in (*around[:2], *checks, *around[2:])]
