"""`--dry-run` says what the real call would meet, and meets the same refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from support import load_beside, write

made = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project", files={"package.json": '{"scripts": {"test": "true"}}\n'})


def rehearse(world: Any, *words: str) -> Any:
    return world.door("run", "exec", "auth", "--worker", "true", "--dry-run", *words)


def test_what_would_be_asked_and_what_yes_would_take(world: Any) -> None:
    shown = rehearse(world, "--yes").out
    assert "It would commit to branch main." in shown
    assert "Which command runs the project's tests? Found: `npm test` (package.json has a script `test`). -> use (--yes)" in shown
    assert "-> " not in rehearse(world).out.partition("It would ask first:")[2]
    assert not world.home.folder.exists()


def test_what_was_said_is_said_back(world: Any) -> None:
    shown = rehearse(world, "--test", "make check", "--branch", "login").out
    assert "It would commit to branch login." in shown and "The tests would be `make check`." in shown and "Which command runs" not in shown
    assert "Nothing would be tested." in world.door("run", "start", "auth", "--no-test", "--dry-run").out


def test_a_changed_file_refuses_the_rehearsal_as_it_would_the_run(world: Any) -> None:
    write(world.root, {"src/app.py": "x = 2\n"})
    ran = rehearse(world, "--json")
    assert (ran.code, ran.error["code"]) == (7, "tree-dirty")


def test_an_unfinished_run_is_named_with_the_command_that_goes_on(world: Any) -> None:
    world.start()
    assert "There is an unfinished run of auth: `" in rehearse(world).out
