"""Two runs are held to be in the same situation only where whatever decides how they go on is the same: a sweep leaves a run at a situation that it knows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from headless import Project, make
from killing import SCENARIOS, drive, situations_of
from maestro.run.journal import Journal
from maestro.run.state import fold
from situations import ARRIVED, situation
from support import git, write


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Project:
    project = make(tmp_path_factory.mktemp("finished") / "project")
    assert drive(project, None).code == 0
    return project


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of a run that is over."""
    shutil.copytree(finished.root, tmp_path / "project", symlinks=True)
    return Project(tmp_path / "project")


def now(project: Project) -> str:
    return situation(project, project.state)


def later(project: Project) -> None:
    """The same run on another day, with an event more that says nothing."""
    *lines, last = project.home.journal.read_text().replace("2025-02-19T", "2031-01-01T").splitlines()
    last = json.dumps({**json.loads(last), "n": len(lines) + 2})
    lines.append(json.dumps({"n": len(lines) + 1, "at": json.loads(last)["at"], "event": "settings-changed", "changes": {}}))
    project.home.journal.write_text("\n".join([*lines, last, ""]))


ALTERATIONS: dict[str, Callable[[Project], object]] = {
    "a file of the checkout": lambda project: write(project.root, {"src/app.py": "x = 2\n"}),
    "a file that git ignores": lambda project: write(project.root, {".env": "SECRET=2\n"}),
    "an empty folder": lambda project: (project.root / ".maestro/worktrees").mkdir(),
    "the half of a file": lambda project: write(project.root, {".maestro/.tracks.md.1.abcdefgh.tmp": ""}),
    "what is staged": lambda project: git(project.root, "rm", "--quiet", "--cached", "src/app.py"),
    "the mode of what is staged": lambda project: git(project.root, "update-index", "--chmod=+x", "src/app.py"),
    "a ref": lambda project: git(project.root, "update-ref", "refs/maestro/auth/kept", "HEAD"),
    "the branch": lambda project: git(project.root, "switch", "--quiet", "-c", "other"),
    "a worktree": lambda project: git(project.root, "worktree", "add", "--quiet", "--detach", ".maestro/worktrees/auth-1"),
    "a setting of git": lambda project: git(project.root, "config", "core.ignoreCase", "true"),
    "an event": lambda project: _record(project, "paused", reason="later"),
    "the folder of a job": lambda project: (project.home.jobs(project.state.run) / "gate-99").mkdir(),
    "how a job ended": lambda project: next(project.home.folder.glob("jobs/*/gate-*/exit.json")).write_text('{"code": 1}'),
}


def _record(project: Project, name: str, **data: str) -> None:
    journal = Journal(project.home.journal)
    fold(journal.events())
    journal.append(name, data)


@pytest.mark.parametrize("altered", ALTERATIONS)
def test_whatever_could_decide_something_makes_another_situation(altered: str, project: Project) -> None:
    before = now(project)
    ALTERATIONS[altered](project)
    assert now(project) != before


def test_what_a_driver_remembers_makes_another_situation(project: Project) -> None:
    assert situation(project, project.state, ["1.1 still works"]) != situation(project, project.state, [])


def test_times_processes_and_touched_files_make_none(project: Project) -> None:
    before = now(project)
    later(project)
    for path in project.root.glob("src/*"):
        path.touch()
    git(project.root, "update-index", "--refresh")
    assert now(project) == before


@pytest.mark.parametrize("over", [True, False])
def test_what_was_reported_earlier_makes_another_until_it_is_over(over: bool, project: Project) -> None:
    """What was reported first is merged first."""
    state = project.state
    attempts = [state.tasks[task].attempts[-1] for task in ("1.1", "1.2")]
    for attempt in attempts:
        attempt.outcome = "merged" if over else ""
    before = situation(project, state)
    attempts[0].reported_at, attempts[1].reported_at = attempts[1].reported_at, attempts[0].reported_at
    assert (situation(project, state) == before) is over
    state.tasks["1.1"].merged_at, state.tasks["1.2"].merged_at = state.tasks["1.2"].merged_at, state.tasks["1.1"].merged_at
    assert situation(project, state) != before


def test_a_worker_of_an_earlier_driver_makes_another(project: Project) -> None:
    """It is handed out again."""
    state = project.state
    state.tasks["1.2"].attempts[-1].outcome = ""
    before = situation(project, state)
    state.handed_over_at = "2025-02-19T13:00:00.000Z"
    assert situation(project, state) != before


@pytest.mark.parametrize("name", ["parallel", "team"])
def test_a_run_comes_through_a_new_situation_with_each_step(name: str, tmp_path: Path) -> None:
    project = SCENARIOS[name](tmp_path / "project")
    assert drive(project, None).code == 0
    lines = project.root.with_name("situations").read_text().splitlines()
    assert len(lines) == len(situations_of(project)) > 3


def test_another_run_is_left_where_it_comes_to_a_known_situation(tmp_path: Path) -> None:
    project = make(tmp_path / "project")
    shutil.copytree(project.root, tmp_path / "saved", symlinks=True)
    assert drive(project, None).code == 0
    known = project.root.with_name("situations").read_text().splitlines()
    for place, one in enumerate(known):
        shutil.rmtree(project.root)
        shutil.copytree(tmp_path / "saved", project.root, symlinks=True)
        assert drive(project, None, known=[one]).code == ARRIVED
        assert project.root.with_name("situations").read_text().splitlines() == known[: place + 1]
