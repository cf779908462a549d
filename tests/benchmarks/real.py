"""The real thing: what a run costs per task with real processes, worktrees and merges, beside the same work done by hand with git."""

from __future__ import annotations

import json
import os
import resource
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import Cost, Place, cost_of, door, file_system, git, place, table

from plans import registry
from support import write

FILES = 10_000
FEW, MANY = 3, 6
"""Tasks of a short and of a long run: what one more task costs is the difference, without the start and the end of a run."""

ALONE = 3
"""Tasks done by hand, and worktrees made and removed alone."""

BAR = 0.5
"""Seconds that a task may cost beyond its worker and its tests."""

WORK, TEST = 0.2, 0.1
"""Seconds that a worker sleeps before it writes, and that the tests take. So short that the driver has all to do and nothing to wait for."""

LONG = 10.0
"""Seconds of workers that leave the driver time, as real ones do: what it does meanwhile delays nobody."""


@dataclass(frozen=True)
class Spent:
    """Seconds of one thing done once: by the clock, and of the processor by the process that did it and what it started."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Run:
    """A headless run: what it took, and the git commands that it ran, with the seconds that each kind took."""

    tasks: int
    cost: Cost
    count: Counter[str]
    seconds: Counter[str]


@dataclass(frozen=True)
class More:
    """What one more task adds to a run. `git`: seconds in git commands by kind, `count`: how many of each."""

    whole: Spent
    git: dict[str, float]
    count: dict[str, float]


def measure(quick: bool) -> str:
    """Markdown."""
    files, few, many, alone, rounds, long = (50, 1, 2, 1, 1, WORK) if quick else (FILES, FEW, MANY, ALONE, 3, LONG)
    with place() as where:
        template = _template(where, files)
        runs: dict[tuple[int, float], list[Run]] = {}
        hand, adding, removing = [], [], []
        for _ in range(rounds):
            for tasks, work in ((few, WORK), (many, WORK), (few, long), (many, long)):
                runs.setdefault((tasks, work), []).append(_run(where, template, tasks, work))
            hand.append(_by_hand(where, template, alone))
            added, removed = _worktrees_alone(where, template, alone)
            adding.append(added)
            removing.append(removed)
        # Of each kind of run the fastest: the fastest of differences would be the one to which the machine was kindest.
        least = {kind: min(found, key=lambda run: run.cost.wall) for kind, found in runs.items()}
        more = _one_more(least[few, WORK], least[many, WORK])
        beside = _further_round(least[few, long], least[many, long], long)
        return _report(files, (few, many, rounds), more, beside, hand, adding, removing, file_system(where.folder))


def _template(where: Place, files: int) -> Path:
    root = where.folder / "template"
    root.mkdir()
    git(root, where, "init", "--quiet", "--initial-branch=main")
    write(root, {f"src/part{number // 100}/module{number}.py": f"VALUE = {number}\n" for number in range(files)})
    git(root, where, "add", "--all")
    git(root, where, "commit", "--quiet", "--message", "Many files")
    return root


def _copy(where: Place, template: Path) -> Path:
    """A repository to measure in, beside those of earlier measurements. They are not removed before the end: for some seconds after many files went, ext4 takes
    several times as long to make new ones, and the runs of which a difference is taken would not begin alike.
    """
    root = Path(tempfile.mkdtemp(prefix="measured-", dir=where.folder)) / "project"
    git(where.folder, where, "clone", "--quiet", "--local", str(template), str(root))
    git(root, where, "remote", "remove", "origin")
    os.sync()
    return root


def _run(where: Place, template: Path, tasks: int, work: float) -> Run:
    """A headless run of so many tasks that need nothing of each other and take their workers `work` seconds. git itself takes notes of its commands."""
    root = _copy(where, template)
    plan = "\n".join(f"### Task 1.{number}: Make thing {number}\n- [ ] Create `things/t{number}.txt`\n" for number in range(1, tasks + 1))
    metadata = json.dumps({"track_id": "things", "type": "feature", "status": "new", "description": "Things"})
    write(root, {".maestro/tracks.md": registry((" ", "things", "Things")), ".maestro/tracks/things/plan.md": f"# Plan: Things\n\n## Phase 1: All\n\n{plan}"})
    write(root, {".maestro/tracks/things/metadata.json": metadata})
    git(root, where, "add", "--all")
    git(root, where, "commit", "--quiet", "--message", "A plan")
    notes, settings = where.folder / "notes", where.folder / "gitconfig"
    shutil.rmtree(notes, ignore_errors=True)
    notes.mkdir()
    settings.write_text(f"[trace2]\n\teventTarget = {notes}\n", encoding="utf-8")
    noted = Place(where.folder, {**where.environment, "GIT_CONFIG_GLOBAL": str(settings)})
    worker = f'sleep {work}; mkdir -p things; echo done > "things/t${{MAESTRO_TASK#1.}}.txt"'
    cost = cost_of(door("run", "exec", "things", "--worker", worker, "--test", f"sleep {TEST}", "--yes", "--json"), root, noted)
    if len(list((root / "things").iterdir())) != tasks:
        raise RuntimeError("the run did not do all tasks")
    count: Counter[str] = Counter()
    seconds: Counter[str] = Counter()
    for name, spent in _commands(notes):
        count[name] += 1
        seconds[name] += spent
    return Run(tasks, cost, count, seconds)


def _commands(notes: Path) -> Iterator[tuple[str, float]]:
    """The git commands of maestro with their seconds, without those that git starts itself. One file for each command, one event a line."""
    for file in notes.iterdir():
        events = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        words = next((event["argv"] for event in events if event["event"] == "start"), [])
        spent = next((event["t_abs"] for event in events if event["event"] == "exit"), 0.0)
        if "--no-pager" in words:
            yield _command(words), float(spent)


def _command(words: Sequence[str]) -> str:
    """`worktree add` and the like for commands that have verbs, else their name. What goes before is `git --no-pager -c NAME=VALUE ...`."""
    rest = list(words[words.index("--no-pager") + 1 :])
    while rest[0] == "-c":
        del rest[:2]
    return " ".join(rest[:2]) if rest[0] == "worktree" else rest[0]


def _one_more(few: Run, many: Run) -> More:
    tasks = many.tasks - few.tasks
    whole = Spent((many.cost.wall - few.cost.wall) / tasks - TEST, (many.cost.cpu - few.cost.cpu) / tasks)
    names = many.count.keys() | few.count.keys()
    seconds = {name: (many.seconds[name] - few.seconds[name]) / tasks for name in names}
    return More(whole, seconds, {name: (many.count[name] - few.count[name]) / tasks for name in names})


def _further_round(few: Run, many: Run, work: float) -> float:
    """Seconds per task by which a second round of tasks, as many as there are slots, makes a run longer than its workers do."""
    return (many.cost.wall - few.cost.wall - work) / (many.tasks - few.tasks)


def _by_hand(where: Place, template: Path, tasks: int) -> Spent:
    """What a careful person would type: for each task a worktree, its work, a commit, a merge, the tests, and the worktree gone. Without work and tests."""
    root = _copy(where, template)

    def all_tasks() -> None:
        for number in range(1, tasks + 1):
            tree = root.parent / "hand"
            git(root, where, "worktree", "add", "--quiet", "-b", f"task-{number}", str(tree), "main")
            time.sleep(WORK)
            write(tree, {f"things/t{number}.txt": "done\n"})
            git(tree, where, "add", "--all")
            git(tree, where, "commit", "--quiet", "--message", f"Make thing {number}")
            git(root, where, "merge", "--quiet", "--squash", f"task-{number}")
            time.sleep(TEST)
            git(root, where, "commit", "--quiet", "--message", f"Make thing {number}")
            git(root, where, "worktree", "remove", "--force", str(tree))
            git(root, where, "branch", "--quiet", "-D", f"task-{number}")

    spent = _each(tasks, all_tasks)
    return Spent(spent.wall - WORK - TEST, spent.cpu)


def _worktrees_alone(where: Place, template: Path, number: int) -> tuple[Spent, Spent]:
    """`git worktree add` and `git worktree remove` alone."""
    root = _copy(where, template)
    trees = [root.parent / f"alone-{each}" for each in range(number)]
    added = _each(number, lambda: [git(root, where, "worktree", "add", "--quiet", "--detach", str(tree), "main") for tree in trees])
    removed = _each(number, lambda: [git(root, where, "worktree", "remove", "--force", str(tree)) for tree in trees])
    return added, removed


def _each(number: int, call: Callable[[], object]) -> Spent:
    """What one of so many things takes that a call does."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    call()
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(wall / number, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / number)


def _report(files: int, size: tuple[int, int, int], best: More, beside: float, hand: list[Spent], adding: list[Spent], removing: list[Spent], kind: str) -> str:
    few, many, rounds = size
    least = {name: _least(found) for name, found in (("hand", hand), ("adding", adding), ("removing", removing))}
    whole, inside = best.whole.wall, sum(best.git.values())
    making = best.git.get("worktree add", 0.0)
    rest = whole - making
    rows = [
        ("maestro: on the way to the end of a run, beside workers that take their time", f"{beside / least['hand'].wall:.1f}", f"{beside:.2f}", ""),
        _row("maestro: all that one more task is, with nothing to wait for", best.whole, least["hand"]),
        _row("by hand: worktree, commit, squash, commit, remove", least["hand"], least["hand"]),
        _row("`git worktree add` alone", least["adding"], least["hand"]),
        _row("`git worktree remove` alone", least["removing"], least["hand"]),
    ]
    others = sum(count for name, count in best.count.items() if name != "worktree add")
    parts = [
        ("`git worktree add`", f"{making / whole:.0%}", f"{making:.2f}"),
        (f"{others:.0f} other git commands", f"{(inside - making) / whole:.0%}", f"{inside - making:.2f}"),
        ("everything else: Python, removing the files, starting processes, waiting", f"{(whole - inside) / whole:.0%}", f"{whole - inside:.2f}"),
    ]
    often = ", ".join(f"{name} {best.count[name]:.1f}" for name in sorted(best.count, key=lambda name: -best.count[name])[:10])
    bars = (("on the way to the end", beside), ("all but making the worktree, with nothing to wait for", rest))
    verdicts = [f"{what}, {seconds:.2f} s: {'holds' if seconds <= BAR else 'missed'}" for what, seconds in bars]
    return "\n\n".join(
        [
            f"A repository of {files:,} files on {kind}; tasks of one wave whose workers sleep and write a file, tests of {TEST:g} s, 3 slots, `run.py exec`. "
            f"One more task: ({many} tasks - {few} tasks) / {many - few}, of each the fastest of {rounds}, less the tests, with workers of {WORK:g} s; "
            "they run beside "
            f"each other and beside merges, so some of their time is in it. On the way: the same with workers of {LONG:g} s, less their time; "
            "what is done while they work is not in it. By hand everything happens one after the other, less the worker and the tests. "
            f"**At most {BAR:g} s per task: {'; '.join(verdicts)}.**",
            table(("per task, beyond the tests", "x by hand", "s", "s of processor"), rows),
            "Where the time of one more task goes:",
            table(("", "share", "s"), parts),
            f"git commands per task: {sum(best.count.values()):.0f}. {often}.",
        ]
    )


def _row(name: str, spent: Spent, hand: Spent) -> tuple[str, ...]:
    return name, f"{spent.wall / hand.wall:.1f}", f"{spent.wall:.2f}", f"{spent.cpu:.2f}"


def _least(found: Sequence[Spent]) -> Spent:
    """Whatever else the machine does only adds."""
    return Spent(min(each.wall for each in found), min(each.cpu for each in found))
