"""What a run leaves behind that is not on the branch, as the morning's `run.py status` tells it."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from headless import in_child
from maestro.models.run import Driver
from maestro.run.unmerged import unmerged_work
from support import load_beside
from waiting import wait_for

made = load_beside(__file__, "worlds")


def left(world: Any) -> list[tuple[str, tuple[str, ...], bool]]:
    return [(found.handle, found.files, found.alive) for found in unmerged_work(world.home, world.state)]


def test_files_of_running_and_of_failed_attempts_are_counted(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py")))
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "x\n", "src/more.py": "x\n"})
    world.write("auth/1.2/1", {"src/b.py": "x\n"})
    world.fail("auth/1.2/1", "cannot")
    world.next()
    world.work("auth/1.3/1", {"src/c.py": "x\n"})
    world.merge()
    assert left(world) == [("auth/1.1/1", ("src/a.py", "src/more.py"), False), ("auth/1.2/1", ("src/b.py",), False)]
    kept = unmerged_work(world.home, world.state)[1]
    assert kept.place.startswith("refs/maestro/auth/")
    text = world.door("run", "status").out
    assert "1.1: 2 files unmerged in .maestro/worktrees/" in text and "1.2: 1 file unmerged in refs/maestro/auth/" in text


def test_of_many_attempts_the_newest_is_told_and_the_others_are_counted(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    for attempt in (1, 2, 3):
        world.write(f"auth/1.1/{attempt}", {"src/a.py": f"x = {attempt}\n"})
        world.fail(f"auth/1.1/{attempt}", "cannot")
        world.next()
    told = [line for line in world.door("run", "status", "--full").out.replace("\n    ", " ").splitlines() if "unmerged" in line]
    assert len(told) == 1 and "(auth/1.1/3)" in told[0] and told[0].endswith("; 2 earlier attempts kept too: `run.py review 1.1`")


def test_a_task_that_is_settled_leaves_nothing(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "x\n"})
    world.fail("auth/1.1/1", "cannot")
    world.skip("1.1")
    assert left(world) == []


def test_the_morning_after_a_driver_was_killed(tmp_path: Path) -> None:
    """Its worker goes on without it: that is told, with what it has written so far and the command that takes it up again."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py")))
    go = tmp_path / "go"
    worker = f'echo x > "src/$MAESTRO_TASK.py"; echo x > src/a.py; test $MAESTRO_TASK = 1.1 || exit 0; until test -e {go}; do sleep 0.01; done'

    def drive() -> None:
        from maestro.run.executor import Orders
        from maestro.run.headless import run_headless
        from maestro.run.prospects import Wish

        wish = Wish(track="auth", mode=made.Mode.PARALLEL, test=made.TEST, yes=True, headless=True, driver=Driver("exec-1", process=True), ignore_soft=True)

        def advanced(state: Any) -> None:
            if state.tasks["1.2"].state == "merged" and (world.folder("auth/1.1/1") / "src/a.py").exists():
                os.kill(os.getpid(), signal.SIGKILL)

        run_headless(world.root, wish, Orders(worker, yes=True, advanced=advanced))

    assert in_child(drive, tmp_path / "log").killed
    try:
        ran = world.door("run", "status")
        first, _, settings, unmerged, *_, last = ran.out.splitlines()
        assert settings == "  defaults are taken for answers (--yes), soft dependencies do not count"
        assert first.startswith("auth: stopped ") and first.endswith(" UTC, the process that drove it is gone; 1 of 2 merged")
        assert unmerged.startswith("  1.1: 2 files unmerged in .maestro/worktrees/")
        assert "its worker still runs" in " ".join(ran.out.split())
        assert "run.py exec auth --worker" in last and last.endswith("--yes --resume")
        assert json.loads(world.door("run", "status", "--json").out)["data"]["left"][0]["alive"] is True
    finally:
        go.touch()
    wait_for(lambda: left(world) == [("auth/1.1/1", ("src/1.1.py", "src/a.py"), False)])


@pytest.mark.parametrize(("condition", "words"), [("completed", "next: nothing"), ("stopped", "run start auth")])
def test_the_next_command_fits(tmp_path: Path, condition: str, words: str) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    if condition == "stopped":
        world.abort()
    else:
        world.work("auth/1.1/1", {"src/a.py": "x\n"})
        world.merge()
        world.answer("verify-1-1", "verified")
        world.complete()
    out = world.door("run", "status").out
    assert words.replace("run start", "run.py start") in out and f"auth: {condition} " in out
