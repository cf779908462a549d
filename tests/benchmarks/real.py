"""The real thing: what a run costs per task with real processes, worktrees and merges, beside the same work done by hand with git."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import statistics
import subprocess
import time
from collections import Counter
from pathlib import Path

from figures import Place, door, git, place, table

from plans import registry
from support import write

FILES = 10_000
FEW, MANY = 3, 15
"""Tasks of a short and of a long run: what one more task costs is the difference, without the start and the end of a run."""

BAR = 0.5
"""Seconds that a task may cost beyond its worker and its tests."""

WORK, TEST = 0.2, 0.1
"""Seconds that a worker sleeps before it writes, and that the tests take."""

TRACER = """\
#!/bin/sh
printf '%s\\n' "$*" >> {log}
exec {git} "$@"
"""


def measure(quick: bool) -> str:
    """Markdown."""
    files, few, many, rounds = (50, 1, 2, 1) if quick else (FILES, FEW, MANY, 3)
    with place() as where:
        template = _template(where, files)
        ours, hand, adding = [], [], []
        for _ in range(rounds):
            short = _run(where, template, few)
            ours.append((_run(where, template, many) - short) / (many - few))
            hand.append(_by_hand(where, template, few + many) / (few + many))
            adding.append(_only_adding(where, template, few + many) / (few + many))
        calls = _git_calls(where, template, few, many)
        return _report(files, (few, many, rounds), ours, hand, adding, calls)


def _template(where: Place, files: int) -> Path:
    root = where.folder / "template"
    root.mkdir()
    git(root, where, "init", "--quiet", "--initial-branch=main")
    write(root, {f"src/part{number // 100}/module{number}.py": f"VALUE = {number}\n" for number in range(files)})
    git(root, where, "add", "--all")
    git(root, where, "commit", "--quiet", "--message", "Many files")
    return root


def _copy(where: Place, template: Path) -> Path:
    root = where.folder / "project"
    shutil.rmtree(root, ignore_errors=True)
    git(where.folder, where, "clone", "--quiet", "--local", str(template), str(root))
    git(root, where, "remote", "remove", "origin")
    return root


def _run(where: Place, template: Path, tasks: int) -> float:
    """Seconds of a headless run of so many tasks that need nothing of each other."""
    root = _copy(where, template)
    plan = "\n".join(f"### Task 1.{number}: Make thing {number}\n- [ ] Create `things/t{number}.txt`\n" for number in range(1, tasks + 1))
    metadata = json.dumps({"track_id": "things", "type": "feature", "status": "new", "description": "Things"})
    write(root, {".maestro/tracks.md": registry((" ", "things", "Things")), ".maestro/tracks/things/plan.md": f"# Plan: Things\n\n## Phase 1: All\n\n{plan}"})
    write(root, {".maestro/tracks/things/metadata.json": metadata})
    git(root, where, "add", "--all")
    git(root, where, "commit", "--quiet", "--message", "A plan")
    worker = f'sleep {WORK}; mkdir -p things; echo done > "things/t${{MAESTRO_TASK#1.}}.txt"'
    command = door("run", "exec", "things", "--worker", worker, "--test", f"sleep {TEST}", "--yes", "--json")
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=root, env=where.environment, capture_output=True, text=True)
    spent = time.perf_counter() - begun
    if done.returncode or len(list((root / "things").iterdir())) != tasks:
        raise RuntimeError(f"the run failed: {done.stdout[-1000:]} {done.stderr[-1000:]}")
    return spent


def _by_hand(where: Place, template: Path, tasks: int) -> float:
    """Seconds of what a careful person would type: for each task a worktree, its work, a commit, a merge, the tests, and the worktree gone."""
    root = _copy(where, template)
    begun = time.perf_counter()
    for number in range(1, tasks + 1):
        tree = root.parent / "hand"
        git(root, where, "worktree", "add", "--quiet", "-b", f"task-{number}", str(tree), "main")
        time.sleep(WORK)
        write(tree, {f"things/t{number}.txt": "done\n"})
        git(tree, where, "add", "--all")
        git(tree, where, "commit", "--quiet", "--message", f"Make thing {number}")
        git(root, where, "merge", "--quiet", "--squash", f"task-{number}")
        subprocess.run(["sh", "-c", f"sleep {TEST}"], check=True)
        git(root, where, "commit", "--quiet", "--message", f"Make thing {number}")
        git(root, where, "worktree", "remove", "--force", str(tree))
        git(root, where, "branch", "--quiet", "-D", f"task-{number}")
    return time.perf_counter() - begun


def _only_adding(where: Place, template: Path, tasks: int) -> float:
    """Seconds of `git worktree add` alone."""
    root = _copy(where, template)
    begun = time.perf_counter()
    for number in range(tasks):
        git(root, where, "worktree", "add", "--quiet", "--detach", str(root.parent / f"alone-{number}"), "main")
    spent = time.perf_counter() - begun
    for number in range(tasks):
        shutil.rmtree(root.parent / f"alone-{number}")
    return spent


def _git_calls(where: Place, template: Path, few: int, many: int) -> list[tuple[str, float]]:
    """git commands per task, the most frequent first, counted by a git that takes notes."""
    folder, log = where.folder / "bin", where.folder / "git.log"
    folder.mkdir()
    real = shutil.which("git")
    (folder / "git").write_text(TRACER.format(log=shlex.quote(str(log)), git=shlex.quote(str(real))))
    (folder / "git").chmod(0o755)
    noted = Place(where.folder, {**where.environment, "PATH": f"{folder}:{where.environment['PATH']}"})
    counts = []
    for tasks in (few, many):
        log.unlink(missing_ok=True)
        _run(noted, template, tasks)
        counts.append(Counter(name for line in log.read_text().splitlines() if "--no-pager" in line and (name := _command(line))))
    per_task = {name: (count - counts[0][name]) / (many - few) for name, count in counts[1].items()}
    return sorted(((name, count) for name, count in per_task.items() if count > 0), key=lambda each: -each[1])


def _command(line: str) -> str:
    words = re.sub(r"-c \S+ ", "", line.replace("--no-pager ", "")).split()
    return words[0] if words else ""


def _report(files: int, size: tuple[int, int, int], ours: list[float], hand: list[float], adding: list[float], calls: list[tuple[str, float]]) -> str:
    few, many, rounds = size
    beyond = [each - TEST for each in ours]
    by_hand = [each - TEST - WORK for each in hand]
    best = min(beyond)
    verdict = "Holds" if best <= BAR else "Missed"
    rows = [
        ("maestro, one more task of a run", f"{best / min(by_hand):.1f}", f"{statistics.median(beyond):.2f}", f"{best:.2f}"),
        ("by hand: worktree, commit, squash, commit, remove", "1.0", f"{statistics.median(by_hand):.2f}", f"{min(by_hand):.2f}"),
        ("`git worktree add` alone", f"{min(adding) / min(by_hand):.1f}", f"{statistics.median(adding):.2f}", f"{min(adding):.2f}"),
    ]
    total = sum(count for _, count in calls)
    listed = ", ".join(f"{name} {count:.1f}" for name, count in calls[:12])
    return "\n\n".join(
        [
            f"A repository of {files:,} files; tasks of one wave whose workers sleep {WORK:g} s and write a file, tests of {TEST:g} s, 3 slots, `run.py exec`. "
            f"One more task: ({many} tasks - {few} tasks) / {many - few}, {rounds} rounds, less the tests; workers run beside each other and beside merges, "
            "so some of their time is in it. By hand everything happens one after the other, less the worker and the tests. "
            f"**{verdict}: {best:.2f} s beyond the test command (at most {BAR:g}).**",
            table(("seconds per task, beyond the tests", "x by hand, fastest of each", "median s", "fastest s"), rows),
            f"git commands per task: {total:.0f}. {listed}.",
        ]
    )
