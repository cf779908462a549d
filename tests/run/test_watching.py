"""Looking at a run from outside: everything is seen, nothing is disturbed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from builders import fingerprint
from maestro.files import lock
from maestro.models.schedule import Mode
from maestro.run import watching
from maestro.run.home import driver_alive, driver_is_dead
from maestro.run.watching import Watcher
from support import load_beside, write

made = load_beside(__file__, "worlds")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py", "after Task 1.1"), ("2.1", "src/d.py")))
    world.start()
    return world


def test_workers_are_seen_with_what_they_touched_last(world: Any) -> None:
    world.write("auth/1.1/1", {"src/a.py": "x = 1\n"})
    sight = Watcher(world.home).look()
    assert sight is not None
    told = [(worker.handle, worker.stage, worker.files) for worker in sight.workers]
    assert told == [("auth/1.1/1", "working", ("src/a.py",)), ("auth/1.2/1", "handed out, nobody has begun", ())]
    world.done("auth/1.1/1")
    seen = Watcher(world.home).look()
    assert seen is not None and seen.workers[0].stage == "reported, waits to be merged"


def test_phases_that_have_not_begun_are_foreseen(world: Any) -> None:
    sight = Watcher(world.home).look()
    assert sight is not None
    assert sight.outlook.waves == {"1": (("1.1", "1.2"), ("1.3",)), "2": (("2.1",),)}


def test_uncommitted_work_that_will_clash_is_forecast_and_git_is_not_written_to(world: Any) -> None:
    world.write("auth/1.1/1", {"src/app.py": "x = 'one'\n"})
    world.write("auth/1.2/1", {"src/app.py": "x = 'two'\n"})
    before = fingerprint(world.root)
    objects = sorted(path.name for path in (world.root / ".git" / "objects").rglob("*"))
    sight = Watcher(world.home).look()
    assert sight is not None
    assert [(clash.a, clash.b, clash.files) for clash in sight.forecast] == [("1.1", "1.2", ("src/app.py",))]
    assert fingerprint(world.root) == before
    assert sorted(path.name for path in (world.root / ".git" / "objects").rglob("*")) == objects


def test_the_run_may_be_locked_and_its_driver_may_start_while_others_look(world: Any) -> None:
    with world.home.locked("a call that takes long"):
        assert Watcher(world.home).look() is not None
    assert driver_is_dead(world.home)
    with driver_alive(world.home, "exec-1"):
        assert not driver_is_dead(world.home)


def test_a_look_at_the_drivers_lock_makes_no_file(world: Any) -> None:
    assert driver_is_dead(world.home)
    assert not (world.home.folder / "driver.lock").exists()
    with lock(world.home.folder / "driver.lock", purpose="a driver"):
        assert not driver_is_dead(world.home)


def test_a_plan_that_was_archived_takes_nothing_away(world: Any) -> None:
    world.plan_file.unlink()
    sight = Watcher(world.home).look()
    assert sight is not None and sight.composition is None
    assert sight.outlook.waves["1"] == (("1.1", "1.2"), ("1.3",))


def test_without_a_run_there_is_nothing_to_see(tmp_path: Path) -> None:
    world = made.World(tmp_path / "fresh")
    assert Watcher(world.home).look() is None


def test_workers_who_share_a_checkout_are_shown_with_their_own_files(tmp_path: Path) -> None:
    world = made.World(tmp_path / "team")
    world.start(Mode.TEAM)
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    write(world.root, {"src/a.py": "x = 1\n", "src/b.py": "x = 1\n"})
    sight = Watcher(world.home).look()
    assert sight is not None
    assert {worker.task: worker.files for worker in sight.workers} == {"1.1": ("src/a.py",), "1.2": ("src/b.py",)}


def test_what_has_not_changed_is_neither_read_nor_composed_again(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher = Watcher(world.home)
    first = watcher.look()
    monkeypatch.setattr(watching, "fold", None)
    monkeypatch.setattr(watching, "composed", None)
    again = watcher.look()
    assert first is not None and again is not None
    assert again.state is first.state and again.composition is first.composition
    monkeypatch.undo()
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n"})
    world.merge()
    later = watcher.look()
    assert later is not None and later.composition is not None and "1.1" not in later.composition.critical_path


def test_the_graph_follows_the_run_and_the_plan_again_after_it(world: Any) -> None:
    for attempt in (1, 2, 3):
        world.fail(f"auth/1.1/{attempt}", "no table", "test")
        world.next()
    world.work("auth/1.2/1", {"src/b.py": "x = 1\n"})
    world.merge()
    drawn = "".join(line for line in world.door("waves", "graph").out.splitlines() if "number:" not in line)
    assert all(sign in drawn for sign in "✗●⊘○"), "failed, done, blocked, and open in the phase to come"
    assert "[failed] 1.1" in world.door("waves", "graph", "--format", "dot").out
    world.abort()
    assert "✗" not in world.door("waves", "graph").out, "then only its markers are left"


def test_the_picture_has_the_waves_that_the_board_has(world: Any) -> None:
    """1.2 also touches what 1.1 made: composed anew it would stand in a later wave than the one it ran in."""
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n", "src/app.py": "one = 1\n"})
    world.merge()
    world.work("auth/1.2/1", {"src/b.py": "x = 1\n", "src/app.py": "one = 1\ntwo = 2\n"})
    sight = Watcher(world.home).look()
    assert sight is not None and sight.composition is not None
    assert {phase.phase: tuple(wave.tasks for wave in phase.waves) for phase in sight.composition.phases} == sight.outlook.waves
