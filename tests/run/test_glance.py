"""One line for a prompt: it finds the run without asking git, and keeps quiet where there is none."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maestro.run.glance import glance
from maestro.run.home import driver_alive
from support import call_door, git, load_beside, make_repository

made = load_beside(__file__, "worlds")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py", "after Task 1.1")))
    world.start()
    return world


def line(folder: Path, *arguments: str) -> str:
    ran = call_door("run", "status", "--line", *arguments, cwd=folder)
    assert (ran.code, ran.err) == (0, "")
    out: str = ran.out
    return out


def test_the_line_follows_the_run_from_everywhere_inside_it(world: Any) -> None:
    assert line(world.root) == "auth 0/3 · wave 1\n"
    assert line(world.root / "src") == "auth 0/3 · wave 1\n"
    assert line(world.folder("auth/1.1/1")) == "auth 0/3 · wave 1\n", "also in a worker's worktree"
    world.fail("auth/1.2/1", "which one?", "unclear-spec")
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n"})
    world.merge()
    world.work("auth/1.3/1", {"src/c.py": "x = 1\n"})
    world.merge()
    assert line(world.root) == "auth 2/3 · wave 1 · 1 failed · 1 question\n"
    world.pause()
    assert line(world.root, "AUT") == "auth 2/3 · wave 1 · 1 failed · 1 question · paused\n"
    world.resume()
    world.abort()
    assert line(world.root) == "", "nothing is active any more"
    assert line(world.root, "auth").endswith(" · stopped\n"), "unless the track is named"


@pytest.mark.parametrize("linked", [False, True])
def test_there_is_nothing_to_say_where_nothing_runs(tmp_path: Path, world: Any, linked: bool) -> None:
    assert line(tmp_path) == ""
    folder = tmp_path / "other"
    if linked:
        git(world.root, "worktree", "add", "--quiet", "--detach", str(folder))
    else:
        make_repository(folder)
    assert line(folder) == line(folder, "nothing") == ""
    assert call_door("run", "status", "--line", "--json", cwd=folder).json["data"]["line"] == ""


def test_a_linked_checkout_shows_its_own_run(tmp_path: Path) -> None:
    """The journal lies in the common git folder, the pointer to it in the checkout's own."""
    first = made.World(tmp_path / "first")
    git(first.root, "worktree", "add", "--quiet", "-b", "second", str(tmp_path / "second"))
    second = made.World.__new__(made.World)
    second.root, second.driver = tmp_path / "second", None
    second.start()
    assert line(second.root) == "auth 0/2 · wave 1\n" and line(first.root) == ""


def test_a_driver_that_is_gone_is_told(world: Any) -> None:
    from maestro.models.run import Driver

    world.driver = "exec-1"
    world.resume(driver=Driver("exec-1", process=True), take_over=True)
    assert line(world.root) == "auth 0/3 · wave 1 · stopped\n"
    with driver_alive(world.home, "exec-1"):
        seen = glance(world.root)
        assert seen is not None and seen[1] == "running"


def test_what_lies_where_the_pointer_should_lie_does_no_harm(world: Any) -> None:
    for nonsense in ("", "[]", '{"track": 7}', '{"track": "nope"}', "\0"):
        (world.root / ".git" / "maestro-run.json").write_text(nonsense)
        assert line(world.root) == ""
