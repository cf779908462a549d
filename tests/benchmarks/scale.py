"""Scale: time and memory as plans, journals and registries grow."""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from figures import SCRIPTS, Cost, Place, cost_of, door, exponent, git, place, table

from plans import make_project, many_tasks, registry
from support import make_repository, write

LIMIT = 1.1
"""The exponent up to which growth counts as linear."""

TASKS = (10, 100, 1_000, 10_000)
EVENTS = (1_000, 10_000, 100_000)
TRACKS = (5, 50, 500, 5_000)

Maker = Callable[[Place, int], tuple[list[str], Path]]
"""Makes what is measured in a size: the command, and where it runs."""

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
            ("Plans: `waves.py --json`, read, detected, scheduled and printed at first sight", "tasks", TASKS, _plan),
            ("Journals: read and folded", "events", EVENTS, _journal),
            ("Registries: `tracks.py list --json`", "tracks", TRACKS, _registry),
        ]
        return "\n\n".join(_grown(title, unit, sizes[:2] if quick else sizes, make, where, rounds) for title, unit, sizes, make in sections)


def _grown(title: str, unit: str, sizes: tuple[int, ...], make: Maker, where: Place, rounds: int) -> str:
    """Each size several times; the smallest cost counts, for whatever else the machine does only adds. Growth is that of what exceeds a start."""
    start = _best([cost_of([sys.executable, "-c", "import click"], where.folder, where) for _ in range(rounds + 2)])
    found: dict[int, Cost] = {}
    for size in sizes:
        command, cwd = make(where, size)
        costs = []
        for _ in range(rounds):
            with where.forgetting():
                costs.append(cost_of(command, cwd, where))
        found[size] = _best(costs)
    large = [size for size in sizes if size >= sizes[-1] / 100] if len(sizes) > 2 else sizes
    time = exponent([(size, max(found[size].wall - start.wall, 1e-4)) for size in large])
    memory = exponent([(size, max(found[size].memory - start.memory, 1e-2)) for size in large])
    rows = [(f"{size:,}", f"{found[size].wall:.2f}", f"{found[size].cpu:.2f}", f"{found[size].memory:.0f}") for size in sizes]
    verdict = f"Grows with exponent {time:.2f} in time and {memory:.2f} in memory (from {large[0]:,} {unit} on, without the start; at most {LIMIT} is linear)."
    return f"### {title}\n\n{verdict}\n\n{table((unit, 's', 's of processor', 'peak MB'), rows)}"


def _best(costs: list[Cost]) -> Cost:
    return Cost(min(cost.wall for cost in costs), min(cost.cpu for cost in costs), statistics.median(cost.memory for cost in costs))


def _plan(where: Place, tasks: int) -> tuple[list[str], Path]:
    root = make_project(where.folder / f"plan-{tasks}", many_tasks(tasks))
    git(root, where, "add", "--all")
    return door("waves", "auth", "--json"), root


def _registry(where: Place, tracks: int) -> tuple[list[str], Path]:
    root = make_repository(where.folder / f"registry-{tracks}")
    write(root, {".maestro/tracks.md": registry(*((" ", f"track-{number}", f"Part {number} of the work") for number in range(tracks)))})
    return door("tracks", "list", "--json"), root


def _journal(where: Place, events: int) -> tuple[list[str], Path]:
    from stories import Story

    tasks = [f"1.{number}" for number in range(events // 5)]
    story = Story(tasks)
    for number, task in enumerate(tasks):
        story.begin(number, task)
        story.add(number, "worker-attached", task=task, attempt=1)
        story.add(number, "worker-checked", task=task, attempt=1, ok=True)
        story.report(number + 1, task)
        story.merge(number + 1, task, attempt=1)
    path = where.folder / f"journal-{events}.jsonl"
    known = story.events[:events]
    path.write_text("".join(json.dumps({"n": event.number, "at": event.at, "event": event.name, **event.data}) + "\n" for event in known), encoding="utf-8")
    script = f"import sys; sys.path.insert(0, {str(SCRIPTS)!r})\n{FOLD}"
    return [sys.executable, "-c", script, str(path), str(len(known))], where.folder
