#!/usr/bin/env python3
"""Trials for fresh readers: builds the sample repository of a scenario, says what its user says, and checks afterwards what must be true.

    python3 tests/trials/trial.py list
    python3 tests/trials/trial.py build parallel /tmp/trial
    python3 tests/trials/trial.py check parallel /tmp/trial

A scenario is a file beside this one. It needs no packages: only git and the standard library, as the package's own documents do.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from maestro.documents.layout import Layout
from maestro.documents.location import plan_path
from maestro.documents.plans import read_plan
from maestro.documents.registry import add_track, read_registry
from maestro.models.plan import Plan, Status
from maestro.run.sample import project, worker

TEST = "python3 -m unittest discover -q"
DOCUMENTS = {".maestro/context/workflow.md": f"# Workflow\n\n- Methodology: TDD\n- Test command: `{TEST}`\n"}


@dataclass(frozen=True)
class Track:
    """`plan` names a file in plans/."""

    id: str
    description: str
    plan: str


@dataclass(frozen=True)
class After:
    """What must be true. Tasks are those of the first complete track; `*` stands for any one track."""

    complete: tuple[str, ...] = ()
    untouched: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    attempts: Mapping[str, int] = field(default_factory=dict)
    mode: str | None = None
    passes: tuple[str, ...] = ()
    """Shell commands in the repository that must succeed."""


@dataclass(frozen=True)
class Scenario:
    """`says` is what the user types, `user` how they answer, `prepare` a step that makes the repository what it is when the trial begins."""

    name: str
    about: str
    says: str
    user: str
    tracks: tuple[Track, ...]
    after: After
    prepare: str | None = None


def scenarios() -> dict[str, Scenario]:
    return {path.stem: _read(path) for path in sorted(HERE.glob("*.toml"))}


def _read(path: Path) -> Scenario:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    tracks = []
    for name, about in told.pop("tracks").items():
        about = {"description": about} if isinstance(about, str) else about
        tracks.append(Track(name, about["description"], about.get("plan", name)))
    after = {key: tuple(value) if isinstance(value, list) else value for key, value in told.pop("after").items()}
    return Scenario(path.stem, tracks=tuple(tracks), after=After(**after), **told)


# --- building


def build(scenario: Scenario, folder: Path) -> None:
    """The sample repository of a scenario, in a folder that does not exist or is empty."""
    if folder.exists() and any(folder.iterdir()):
        sys.exit(f"{folder} is not empty.")
    files = dict(project.FILES)
    if scenario.tracks:
        files |= DOCUMENTS
    registry = "# Tracks\n"
    for track in scenario.tracks:
        registry = add_track(registry, track.id, track.description, "feature")
        metadata = {"track_id": track.id, "type": "feature", "status": "new", "description": track.description}
        files |= {f".maestro/tracks/{track.id}/metadata.json": json.dumps(metadata, indent=2) + "\n", ".maestro/tracks.md": registry}
        files |= {f".maestro/tracks/{track.id}/plan.md": (HERE / "plans" / f"{track.plan}.md").read_text(encoding="utf-8")}
    if scenario.prepare in _FILES:
        files |= _FILES[scenario.prepare]
    write(folder, files)
    git(folder, "init", "--quiet", "--initial-branch=main")
    for key, value in (("user.name", "A User"), ("user.email", "user@localhost"), ("commit.gpgSign", "false")):
        git(folder, "config", key, value)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "A small start, and a plan" if scenario.tracks else "A small start")
    if scenario.prepare in _STEPS:
        _STEPS[scenario.prepare](folder)


def _killed(folder: Path) -> None:
    """A session began the track in parallel and was killed: 1.1 was reported, 1.2 half written, 1.3 not begun."""
    door(folder, "run", "start", "expenses", "--parallel", "--review", "none", "--driver", "session-1")
    door(folder, "run", "answer", "start", "start", "--driver", "session-1")
    worktrees = {task: Path(found) for task, found in _worktrees(folder)}
    for task in ("1.1", "1.2"):
        door(folder, "worktree", "attach", f"expenses/{task}/1")
    write(worktrees["1.1"], worker.WORK["1.1"])
    door(folder, "run", "done", "expenses/1.1/1", "--summary", "The money type.")
    write(worktrees["1.2"], {"pocket/category.py": "class Category(str):\n    ...  # half\n"})


def _worktrees(folder: Path) -> Iterator[tuple[str, str]]:
    for row in json.loads(door(folder, "worktree", "list", "--json"))["data"]["worktrees"]:
        yield row["task"], str(folder / row["path"])


_FILES: dict[str, dict[str, str]] = {
    "contract": {
        "tests/test_contract.py": (
            "import unittest\n\n\nclass Contract(unittest.TestCase):\n    def test_amounts_have_a_point(self):\n"
            "        try:\n            from pocket.money import Money\n        except ImportError:\n            self.skipTest('no money yet')\n"
            "        self.assertEqual(str(Money(250)), '2.50')\n"
        )
    },
    "adopt": {"docs/plans/money.md": (HERE / "plans" / "adopt.md").read_text(encoding="utf-8")},
}
_STEPS: dict[str, Callable[[Path], None]] = {"killed": _killed}


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout.rstrip("\n")


def door(folder: Path, name: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, ROOT / "scripts" / f"{name}.py", *arguments], cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode:
        sys.exit(f"{name}.py {' '.join(arguments)}: {done.stderr}")
    return done.stdout


# --- checking


def check(scenario: Scenario, folder: Path) -> list[str]:
    """What is not as it must be; empty when the trial succeeded."""
    if not (folder / ".maestro/tracks.md").exists():
        return ["there is no track"]
    layout = Layout(folder)
    after = scenario.after
    tracks = [entry.id for entry in read_registry(layout).entries]
    done = [track for track in tracks if "*" in after.complete or track in after.complete]
    wrong = [] if done else [f"none of the tracks is {', '.join(after.complete)}"]
    for track in done:
        wrong += [f"{track}: {line}" for line in _incomplete(layout, track, after)]
    for track in after.untouched:
        if read_registry(layout).get(track).status is not Status.NEW or git(folder, "log", "--format=%h", f"--grep=Maestro-Track: {track}"):
            wrong.append(f"{track} was touched")
    wrong += [f"fails: {command}" for command in (TEST, *after.passes) if not _succeeds(command, folder)]
    wrong += _lying_about(folder)
    return wrong


def _incomplete(layout: Layout, track: str, after: After) -> Iterator[str]:
    """What the track lacks."""
    if read_registry(layout).get(track).status is not Status.DONE:
        yield "is not marked complete in tracks.md"
    if json.loads(layout.metadata(track).read_text(encoding="utf-8")).get("status") != "completed":
        yield "is not completed in metadata.json"
    plan = read_plan(plan_path(layout, track), track)
    commits = _commits(layout.root, track)
    for task in plan.tasks:
        expected = Status.SKIPPED if task.id in after.skipped else Status.DONE
        if task.status is not expected:
            yield f"task {task.id} is {task.status}, not {expected}"
        found = [commit for name, commit in commits if name == task.id]
        if len(found) != (0 if task.id in after.skipped else 1):
            yield f"task {task.id} has {len(found)} commits on the branch"
        elif found and (not (marked := task.marker.sha if task.marker else None) or not found[0].startswith(marked)):
            yield f"task {task.id} is marked with {marked or 'no commit'}, its commit is {found[0][:7]}"
    yield from _journaled(layout.root, track, plan, after)


def _journaled(root: Path, track: str, plan: Plan, after: After) -> Iterator[str]:
    """What the run's journal contradicts."""
    path = root / ".git" / "maestro" / track / "journal.jsonl"
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def named(name: str) -> list[dict[str, Any]]:
        return [event for event in events if event["event"] == name]

    mode = next((event["settings"]["mode"] for event in named("run-created")), None)
    if after.mode and mode != after.mode:
        yield f"ran in mode {mode}"
    verified = {event["phase"] for event in named("phase-verified")}
    yield from (f"phase {phase.id} was never verified" for phase in plan.phases if phase.id not in verified)
    answered = [event["id"] for event in named("question-answered")]
    yield from (f"nobody answered {start}" for start in after.asked if not any(name.startswith(start) for name in answered))
    for task, most in after.attempts.items():
        count = sum(event["task"] == task for event in named("task-dispatched"))
        if count != most:
            yield f"task {task} was handed out {count} times"


def _commits(root: Path, track: str) -> list[tuple[str, str]]:
    """Task and full sha of the track's commits on the branch."""
    log = git(root, "log", "--format=%H%x09%(trailers:key=Maestro-Track,valueonly,separator=%x20)%x09%(trailers:key=Maestro-Task,valueonly,separator=%x20)")
    rows = (line.split("\t") for line in log.splitlines())
    return [(task, commit) for commit, named, task in rows if named == track and task]


def _lying_about(folder: Path) -> Iterator[str]:
    """What a finished run must not leave behind."""
    if git(folder, "branch", "--show-current") != "main":
        yield "another branch is checked out"
    if changed := git(folder, "status", "--porcelain"):
        yield f"the working tree is not clean: {changed}"
    if len(git(folder, "worktree", "list").splitlines()) != 1:
        yield "worktrees are left over"
    if (folder / ".git" / "maestro-run.json").exists():
        yield "the checkout still points at a run"


def _succeeds(command: str, folder: Path) -> bool:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, shell=True, cwd=folder, env=environment, capture_output=True, stdin=subprocess.DEVNULL).returncode == 0


# --- the command


def main() -> None:
    parser = argparse.ArgumentParser(description="Trials for fresh readers.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list", help="the scenarios")
    for verb, says in (("build", "make the sample repository and say what the user says"), ("check", "say what is not as it must be")):
        one = verbs.add_parser(verb, help=says)
        one.add_argument("scenario", choices=sorted(scenarios()))
        one.add_argument("folder", type=Path)
    given = parser.parse_args()
    if given.verb == "list":
        for scenario in scenarios().values():
            print(f"{scenario.name:<10} {scenario.about}")
        return
    scenario, folder = scenarios()[given.scenario], given.folder.resolve()
    if given.verb == "build":
        build(scenario, folder)
        print(f"{scenario.about}\nrepository: {folder}\npackage: {ROOT}\nthe user says: {scenario.says}\nthe user: {scenario.user}")
        return
    wrong = check(scenario, folder)
    print("\n".join(wrong) or f"{scenario.name}: all is as it must be.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
