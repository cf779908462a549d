"""Who takes over a run reads what is there: how many are at work, how it was set up, what the one before left half done."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from maestro.models.schedule import Mode
from maestro.views.action import action_text
from support import git, load_beside

made = load_beside(__file__, "worlds")

THREE = made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py"))


def killed(folder: Path) -> Any:
    """A session is gone: 1.1 was reported, 1.2 half written, 1.3 not begun."""
    world = made.World(folder, THREE)
    world.driver = "s1"
    world.start()
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n"})
    world.write("auth/1.2/1", {"src/b.py": "half\n"})
    return world


def taken_over(world: Any) -> str:
    """What the session reads that takes the run over."""
    world.driver = "s2"
    return str(world.door("run", "start", "auth", "--resume", "--take-over", "--driver", "s2").out)


def test_each_task_is_counted_as_what_was_said_of_it(tmp_path: Path) -> None:
    world = killed(tmp_path / "project")
    assert "· 1 running · 1 to merge · 1 to hand out" in action_text(world.next())
    assert "· 1 to merge · 1 to hand out · 1 to do again" in taken_over(world)
    assert "· 2 to hand out" in action_text(world.merge())


def test_half_written_work_is_named_with_the_way_to_begin_with_it(tmp_path: Path) -> None:
    world = killed(tmp_path / "project")
    shown = taken_over(world)
    assert "Yours to judge: before attempt 2 is handed out, `" in shown
    assert "retry auth/1.2/1 --driver s2` lets it begin with that work; without that it begins anew." in shown
    see = re.search(r"What auth/1.2/1 left is kept \(`git diff (\w+) (\w+)`\)", shown)
    assert see is not None and "+half" in git(world.root, "diff", *see.groups())
    assert "Attempt 2 of 1.2 begins with what auth/1.2/1 left." in world.door("run", "retry", "auth/1.2/1", "--driver", "s2").out
    world.merge()
    assert (world.folder("auth/1.2/2") / "src/b.py").read_text() == "half\n"


def test_without_that_word_the_next_attempt_begins_anew_and_can_see_it(tmp_path: Path) -> None:
    world = killed(tmp_path / "project")
    taken_over(world)
    world.merge()
    assert not (world.folder("auth/1.2/2") / "src/b.py").exists()
    brief = world.door("worktree", "attach", "auth/1.2/2").out
    command = brief.partition("What it left: `")[2].partition("`")[0]
    assert "+half" in git(world.root, *command.split()[1:])


def test_nothing_is_said_of_a_lost_worker_that_left_nothing(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    assert not any("left is kept" in line for line in world.fail("auth/1.1/1", "gone", "lost"))


@pytest.mark.parametrize("mode", list(Mode))
def test_how_the_run_was_set_up_is_told_when_it_goes_on_and_by_its_status(tmp_path: Path, mode: Mode) -> None:
    world = made.World(tmp_path / "project")
    world.start(mode, review="none", test=None, no_test=True)
    unusual = "tasks are not tested, no reviews, soft dependencies do not count"
    assert f"Goes on in {mode} mode, {unusual}." in world.door("run", "start", "auth", "--resume").out
    assert f"\n  {unusual}\n" in world.door("run", "status").out
    assert json.loads(world.door("run", "status", "--json").out)["data"]["unusual"][1] == "no reviews"


def test_nothing_is_told_of_settings_that_are_as_usual(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start(Mode.SINGLE, review="phase", ignore_soft=False)
    assert world.state.settings.unusual() == () and world.state.settings.unusual(headless=True) == ("reviews after each phase",)
    assert "Goes on in single mode." in world.door("run", "start", "auth", "--resume").out


def test_what_is_left_over_is_shown_and_removed_by_the_printed_commands(tmp_path: Path) -> None:
    world = killed(tmp_path / "project")
    taken_over(world)
    world.merge()
    world.work_all(["auth/1.2/2", "auth/1.3/1"])
    world.merge()
    completing = world.answer("verify-1-1", "verified")
    finished = world.complete("keep")
    for action in (completing, finished):
        lines = action_text(action).splitlines()
        assert any("left over: refs/maestro/auth/" in line for line in lines)
        assert any(line.endswith(f"to see what is left over: {action.show_leftovers}") for line in lines)
        assert any(line.endswith(f"to remove it for good: {action.remove_leftovers}") for line in lines)

    def run(command: str) -> str:
        return subprocess.run(command, shell=True, cwd=world.root, check=True, capture_output=True, text=True).stdout

    assert "src/b.py" in run(finished.show_leftovers)
    run(finished.remove_leftovers)
    assert git(world.root, "for-each-ref", "refs/maestro/") == "" and sorted(world.commits()) == ["1.1", "1.2", "1.3"]


def test_where_nothing_is_left_over_no_command_is_printed(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n"})
    world.merge()
    world.answer("verify-1-1", "verified")
    action = world.complete("keep")
    assert (action.leftovers, action.show_leftovers, action.remove_leftovers) == ((), "", "")
