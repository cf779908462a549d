"""Killed at any instant, a run goes on as if nothing had happened: same files, same commits, same markers, nothing left over.

`crashing.Seam` sees every effect of a run on its repository; each is a point at which a child process ends itself by SIGKILL. Another one resumes the run. A
sample of the points that meets every kind of effect is tried so; all of them (`slow`; of effects that are half done the first of each kind) from copies that
one run makes of its repository at each point; what goes on from there is followed to a situation from which another one came to a good end (`situations.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from crashing import copy_of
from headless import Project, look, with_slow
from killing import SCENARIOS, distinct, drive, in_turn, sweep, trouble, undisturbed, unusual
from support import git, write

WHOLE = {"parallel": 250, "team": 200}
"""Runs that are killed at every single point, of which there are more than so many; of the others, what these two do not have."""

SLICES = 4
"""The sweep is cut into so many tests, which run beside each other."""


def report(troubles: Iterable[str]) -> None:
    """Fail with all that is wrong."""
    found = [trouble for trouble in troubles if trouble]
    if found:
        pytest.fail("\n\n".join(found), pytrace=False)


def test_an_undisturbed_run_leaves_nothing_but_its_work(tmp_path: Path) -> None:
    left = undisturbed("parallel", tmp_path).left
    assert left.outcome == "completed" and left.litter == ()
    assert [task for _, task, _ in left.commits if task] == ["1.1", "1.2", "1.3"]
    assert left.notes == ("did 1.1", "did 1.2", "did 1.3")


def test_every_event_of_the_journal_is_a_point_twice(tmp_path: Path) -> None:
    """Before it is written, and half written."""
    events = {point.about: set() for point in undisturbed("parallel", tmp_path).points if point.kind == "journal"}
    for point in undisturbed("parallel", tmp_path).points:
        if point.kind == "journal":
            events[point.about].add(point.moment)
    assert {"run-created", "task-dispatched 1.1", "candidate-made 1.2", "task-merged 1.3", "phase-verified", "finished"} <= events.keys()
    assert all(moments == {"before", "torn"} for moments in events.values())


def test_what_a_kill_leaves_is_what_the_copy_holds(tmp_path: Path) -> None:
    """So that whatever goes on from a copy goes on after a kill as well."""
    points = undisturbed("parallel", tmp_path).points
    wanted = ("torn journal run-begun", "before git symbolic-ref", "torn write .maestro/tracks/auth/.plan.md", "before journal task-merged 1.2")
    numbers = [next(number for number, point in enumerate(points, 1) if str(point).startswith(words)) for words in wanted]
    copied = SCENARIOS["parallel"](tmp_path / "copied" / "project")
    assert drive(copied, None, numbers).code == 0
    for number in numbers:
        killed = SCENARIOS["parallel"](tmp_path / str(number) / "project")
        assert drive(killed, number).killed
        assert steady(killed.root, killed.root) == steady(copy_of(copied.root, number), copied.root), str(points[number - 1])


def steady(folder: Path, root: Path) -> dict[str, str]:
    """The files of a repository without what no two runs share: where it lies, what time it is, and which process it was."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "objects" not in path.parts and path.name not in ("index", "pid.json", "driver.json") and path.suffix != ".sample":
            text = path.read_bytes().decode("latin-1").replace(str(root), "<root>")
            name = re.sub(r"\.\d+\.\w{8}\.tmp", ".tmp", path.relative_to(folder).as_posix())
            found[name] = re.sub(r'\d{4}-\d\d-\d\dT[\d:.]+Z|\d{10} \+0000|exec-\d+|\b[0-9a-f]{7,40}\b|(?<="seconds":) ?[\d.]+', "<now>", text)
    return found


@pytest.mark.parametrize("part", range(5))
def test_a_run_that_was_killed_somewhere_ends_like_any_other(part: int, tmp_path: Path) -> None:
    """A sample of the sweep below, by real kills: 10 points, spread over all kinds of effects."""
    numbers = distinct(undisturbed("parallel", tmp_path).points)
    chosen = [numbers[place * (len(numbers) - 1) // 9] for place in range(10)][part::5]
    report(trouble("parallel", tmp_path, number) for number in chosen)


@pytest.mark.parametrize("name", with_slow([name for name in SCENARIOS if name not in WHOLE], "single", "the gate is red once", "an issue tracker"))
def test_other_ways_of_a_run_survive_a_kill_too(name: str, tmp_path: Path) -> None:
    """Two points of those that the ordinary run does not have."""
    numbers = unusual(name, tmp_path)
    assert len(numbers) > 1
    report(trouble(name, tmp_path, number) for number in (numbers[0], numbers[len(numbers) // 2]))


def test_a_team_that_is_killed_while_it_lands_in_the_shared_checkout(tmp_path: Path) -> None:
    """A sample of its sweep: with the branch moved and the index not, before its event, and with a worker's file half written."""
    points = undisturbed("team", tmp_path).points
    wanted = ("before git update-index", "before journal task-merged 1.2", "torn write src/hashing.py")
    report(trouble("team", tmp_path, next(number for number, point in enumerate(points, 1) if str(point).startswith(words))) for words in wanted)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(SLICES))
@pytest.mark.parametrize("name", WHOLE)
def test_every_point_of_a_run(name: str, part: int, tmp_path: Path) -> None:
    points = undisturbed(name, tmp_path).points
    assert len(points) > WHOLE[name], "points are missing: what happened to the seam?"
    report(sweep(name, tmp_path, in_turn(points, part, SLICES)))


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in SCENARIOS if name not in WHOLE])
def test_every_new_point_of_the_other_ways(name: str, tmp_path: Path) -> None:
    report(sweep(name, tmp_path, unusual(name, tmp_path)))


@pytest.mark.slow
def test_a_run_that_is_killed_while_it_resumes(tmp_path: Path) -> None:
    numbers = distinct(undisturbed("parallel", tmp_path).points)[::9]
    report(sweep("parallel", tmp_path, numbers, again={number: 3 + 7 * place % 40 for place, number in enumerate(numbers)}))


def a_user_commits(project: Project) -> None:
    write(project.root, {"notes.txt": "mine\n"})
    git(project.root, "add", "notes.txt")
    git(project.root, "commit", "--quiet", "--message", "My notes")


def test_a_user_who_commits_between_the_kill_and_the_resume(tmp_path: Path) -> None:
    """The base of whatever was half made has moved."""
    points = undisturbed("parallel", tmp_path).points
    wanted = ("worktree unlock", "journal task-dispatched 1.1", "journal candidate-made 1.1", "merge --ff-only", "journal task-merged 1.1")
    numbers = [next(number for number, point in enumerate(points, 1) if words in str(point) and point.moment == "before") for words in wanted]
    for number in numbers:
        found = trouble("parallel", tmp_path, number, meanwhile=a_user_commits)
        assert found.count("killed at") == 1 and ": files\n" in found and "notes.txt" in found.splitlines()[-1], found
        left = look(Project(tmp_path / str(number) / "project"))
        assert [line.rpartition("\t")[2] for line in left.files] == [".gitignore", "notes.txt", "src/app.py", "src/hashing.py", "src/user.py"]


def test_a_run_that_is_over_is_not_begun_again_by_going_on_with_it(tmp_path: Path) -> None:
    """There is nothing left to do, so nothing is done: no commit, no event."""
    project = SCENARIOS["parallel"](tmp_path / "project")
    assert drive(project, None).code == 0
    before, events = look(project), project.state.events
    assert drive(project, None).code == 0
    assert (look(project), project.state.events) == (before, events)
