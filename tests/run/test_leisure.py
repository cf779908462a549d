"""While workers work, a headless driver makes the next worktrees and removes those of merged tasks. Nobody notices but by the clock."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maestro.git import reuse
from maestro.git.leftovers import is_unfinished
from maestro.git.listing import list_worktrees
from maestro.models.schedule import Mode
from maestro.run import spares
from maestro.run.context import opened
from maestro.run.leisure import Leisure, clear_ahead
from support import git, load_beside
from waiting import started, wait_for

made = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")
DILIGENT, ended, execute = execs.DILIGENT, execs.ended, execs.execute

FOLDERS = '"$MAESTRO_CHECKOUT"/.maestro/worktrees/*'

FIRST_WAITS = f"""if [ $MAESTRO_TASK = 1.1 ]; then
for try in $(seq 6000); do test -e {FOLDERS}/1.2-1/src && break; sleep 0.01; done
DO
fi
{DILIGENT}"""
"""The first task ends when the second one's worktree is there, which nobody may start yet."""


def waiting(what: str = ":") -> str:
    return FIRST_WAITS.replace("DO", what)


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1")))


def worktrees(world: Any) -> list[str]:
    return [path.name for path in sorted((world.root / ".maestro" / "worktrees").glob("*/*"))]


def begun(world: Any) -> list[str]:
    return sorted(entry.path.name for entry in list_worktrees(world.home.checkout.git) if is_unfinished(entry))


def test_the_next_worktree_is_there_before_its_task_may_start_and_has_what_was_merged_since(world: Any) -> None:
    ran = execute(world, waiting(f"test -e {FOLDERS}/1.2-1/src || exit 1"))
    assert ran.code == 0 and world.commits() == ["1.1", "1.2"], ran
    first, second = world.named("task-dispatched")
    assert second["worktree"].endswith("/1.2-1") and git(world.root, "cat-file", "-e", f"{second['base']}:src/a.py") == ""
    assert second["base"] != first["base"]
    assert worktrees(world) == [] and git(world.root, "worktree", "list").count("\n") == 0
    assert git(world.root, "for-each-ref", "refs/heads/maestro-work/", "refs/maestro/") == ""


def test_what_nobody_needed_is_gone_when_the_driver_is(world: Any) -> None:
    ran = execute(world, waiting("exit 3"))
    assert ran.code == 8 and ended(ran)["outcome"] == "blocked", ran
    assert "1.2-1" not in worktrees(world) and begun(world) == []


def test_a_worktree_into_which_somebody_put_a_file_is_left_to_them(world: Any) -> None:
    ran = execute(world, waiting(f"echo mine > $(echo {FOLDERS}/1.2-1)/notes.txt"))
    assert ran.code == 0 and world.commits() == ["1.1", "1.2"], ran
    assert "notes.txt" in ran.err and "left alone" in ran.err
    assert [path.read_text() for path in world.root.glob(".maestro/worktrees/*/1.2-1/notes.txt")] == ["mine\n"]
    assert worktrees(world) == ["1.2-1"] and "notes.txt" not in git(world.root, "ls-tree", "-r", "--name-only", "HEAD")


def test_a_merged_tasks_worktree_goes_while_others_work(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py")))
    worker = f"""if [ $MAESTRO_TASK = 1.2 ]; then
for try in $(seq 6000); do grep -q '"attempt-cleaned"' "$(git rev-parse --git-common-dir)"/maestro/auth/journal.jsonl && break; sleep 0.01; done
test ! -e {FOLDERS}/1.1-1 || exit 1
fi
{DILIGENT}"""
    ran = execute(world, worker)
    assert ran.code == 0 and sorted(world.commits()) == ["1.1", "1.2"], ran


# --- one step after the other


def steps(world: Any) -> int:
    """Everything that there is to do now."""
    with opened(world.home, "looking around") as context:
        context.leisurely = True
        idle, count = Leisure(), 0
        while True:
            if idle.step(context):
                count += 1
            elif idle.filling is None:
                return count
            else:
                wait_for(lambda: idle.due, "the files of a worktree")


def many(tmp_path: Path) -> Any:
    tasks = [(f"1.{number}", f"src/t{number}.py") for number in range(1, 9)]
    return made.World(tmp_path / "project", made.plan(*tasks))


def test_no_more_is_made_ahead_than_can_start(tmp_path: Path) -> None:
    world = many(tmp_path)
    world.start()
    assert steps(world) == 6 and begun(world) == ["1.4-1", "1.5-1", "1.6-1"], "begun with, and looked at"
    assert steps(world) == 3 and begun(world) == ["1.4-1", "1.5-1", "1.6-1"], "another driver finds them, and looks once"


@pytest.mark.parametrize("mode", [Mode.SINGLE, Mode.TEAM])
def test_nothing_is_made_where_workers_share_the_checkout(tmp_path: Path, mode: Mode) -> None:
    world = many(tmp_path)
    world.start(mode)
    assert steps(world) == 0


def test_nothing_is_made_in_a_paused_run_or_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = many(tmp_path)
    world.start()
    monkeypatch.setattr(spares, "ROOM", 1.1)
    assert steps(world) == 0
    monkeypatch.undo()
    world.pause()
    assert steps(world) == 0


def test_what_was_begun_is_looked_at_also_where_nothing_more_may_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that rests until there is something to do must then do it."""
    world = many(tmp_path)
    world.start()
    with opened(world.home, "looking around") as context:
        idle = Leisure()
        assert idle.step(context)
        wait_for(lambda: idle.due, "the files of a worktree")
        monkeypatch.setattr(spares, "ROOM", 1.1)
        assert idle.step(context) and not idle.due and not idle.step(context)


def test_a_run_that_is_aborted_leaves_nothing_of_it(tmp_path: Path) -> None:
    world = many(tmp_path)
    world.start()
    steps(world)
    world.abort()
    assert begun(world) == []


def test_the_session_that_goes_on_uses_them(tmp_path: Path) -> None:
    world = many(tmp_path)
    world.start()
    steps(world)
    written = {path.name: (path / "src" / "app.py").stat() for path in world.root.glob(".maestro/worktrees/*/1.4-1")}
    world.fail("auth/1.1/1", "lost")
    world.skip("1.1")
    world.next()
    path = next(world.root.glob(".maestro/worktrees/*/1.4-1"))
    assert begun(world) == ["1.5-1", "1.6-1"] and written == {"1.4-1": (path / "src" / "app.py").stat()}


def test_clearing_takes_only_what_was_made_ahead(tmp_path: Path) -> None:
    world = many(tmp_path)
    world.start()
    steps(world)
    before = [name for name in worktrees(world) if name not in begun(world)]
    with opened(world.home, "clearing") as context:
        clear_ahead(context)
    assert worktrees(world) == before and "1.1-1" in before


# --- worktrees of merged tasks


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every repository counts as one whose files cost more than all else."""
    monkeypatch.setattr(reuse, "LARGE", 0)


def written(world: Any, name: str) -> int:
    """When a file that no task changes was written in the worktree of that name."""
    (path,) = world.root.glob(f".maestro/worktrees/*/{name}/src/app.py")
    return int(path.stat().st_mtime_ns)


def chain(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1"), ("1.3", "src/c.py", "after Task 1.2")))


@pytest.mark.usefixtures("large")
def test_the_next_task_begins_in_the_worktree_of_a_merged_one_and_finds_nothing_of_it(tmp_path: Path) -> None:
    world = chain(tmp_path)
    world.start()
    before = written(world, "1.1-1")
    world.work_all(["auth/1.1/1"])
    world.merge()
    (path,) = world.root.glob(".maestro/worktrees/*/1.2-1")
    assert worktrees(world) == ["1.2-1", "integration"] and written(world, "1.2-1") == before
    assert git(path, "status", "--porcelain", "--ignored") == "" and (path / "src" / "a.py").exists()
    assert [event["task"] for event in world.named("attempt-cleaned")] == ["1.1"] and git(world.root, "branch", "--list", "maestro-work/*/1.1-1") == ""


@pytest.mark.usefixtures("large")
def test_a_whole_run_needs_no_more_worktrees_than_work_at_once(tmp_path: Path) -> None:
    world = chain(tmp_path)
    ran = execute(world, f"stat -c %i src/app.py >> '{tmp_path}/inodes'; {DILIGENT}")
    assert ran.code == 0 and world.commits() == ["1.1", "1.2", "1.3"], ran
    assert len(set((tmp_path / "inodes").read_text().split())) <= 2, "one that works, and one that is made ahead meanwhile"
    assert worktrees(world) == [] and git(world.root, "worktree", "list").count("\n") == 0
    assert git(world.root, "for-each-ref", "refs/heads/maestro-work/", "refs/maestro/") == ""


@pytest.mark.usefixtures("large")
def test_no_more_of_them_are_kept_than_can_serve(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py", "after Task 1.1 and 1.2")))
    world.start()
    world.work_all(["auth/1.1/1"])
    world.merge()
    assert worktrees(world) == ["1.1-1", "1.2-1", "integration"], "kept for 1.3"
    world.work_all(["auth/1.2/1"])
    world.merge()
    assert worktrees(world) == ["1.3-1", "integration"]


@pytest.mark.usefixtures("large")
def test_one_in_which_somebody_left_a_file_is_theirs(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py", "after Task 1.1 and 1.2")))
    world.start()
    world.work_all(["auth/1.1/1"])
    world.merge()
    world.write("auth/1.1/1", {"notes.txt": "mine\n"})
    world.work_all(["auth/1.2/1"])
    world.merge()
    assert (world.folder("auth/1.1/1") / "notes.txt").read_text() == "mine\n"
    assert "1.3-1" in worktrees(world) and not list(world.folder("auth/1.3/1").glob("notes.txt"))


@pytest.mark.usefixtures("large")
def test_one_in_which_a_process_still_runs_is_not_given_to_another_task(tmp_path: Path) -> None:
    """It would write into the work of that task."""
    world = chain(tmp_path)
    world.start()
    before = written(world, "1.1-1")
    with started(["sleep", "600"], cwd=world.folder("auth/1.1/1")) as left_running:
        world.work_all(["auth/1.1/1"])
        world.merge()
        left_running.terminate()
    assert "1.2-1" in worktrees(world) and written(world, "1.2-1") != before


def test_where_files_are_few_they_are_written_anew(tmp_path: Path) -> None:
    world = chain(tmp_path)
    world.start()
    before = written(world, "1.1-1")
    world.work_all(["auth/1.1/1"])
    world.merge()
    assert worktrees(world) == ["1.2-1", "integration"] and written(world, "1.2-1") != before
