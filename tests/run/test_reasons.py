"""Why a task ended without a commit, and what an attempt failed of, is told wherever a run's end is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maestro.views.action import action_text
from support import load_beside

made = load_beside(__file__, "worlds")

WORDS = "I will talk to the bookkeeping"


def over(folder: Path, text: str = WORDS, option: str = "skip") -> Any:
    """A run in which 1.1 succeeds at the second attempt and 1.2 is skipped after it asked."""
    world = made.World(folder)
    world.start()
    world.fail("auth/1.1/1", "the tests are red\nsetting up\nFAIL: test_it (a.Test.test_it)", "test")
    world.fail("auth/1.2/1", "comma or point?", "unclear-spec")
    world.next()
    world.work("auth/1.1/2", {"src/a.py": "x = 1\n"})
    world.merge()
    world.answer("failed-1.2", option, text)
    return world


@pytest.fixture
def world(tmp_path: Path) -> Any:
    world = over(tmp_path / "project")
    world.answer("verify-1-1", "verified")
    return world


def test_the_last_words_give_the_reason_of_a_skip_and_of_each_further_attempt(world: Any) -> None:
    action = world.complete("keep")
    told = action_text(action).splitlines()
    assert f"  1.2 skipped Make b ({WORDS})" in told
    assert "  1.1 was tried more than once: attempt 1, test: the tests are red … FAIL: test_it (a.Test.test_it)" in told
    assert [task["reason"] for task in action.tasks] == ["", WORDS]
    assert [(entry["task"], entry["attempt"], entry["class"]) for entry in action.failures] == [("1.1", "1", "test"), ("1.2", "1", "unclear-spec")]


@pytest.mark.parametrize("arguments", [("status",), ("report", "auth"), ("report", "auth", "--format", "markdown"), ("report", "auth", "--format", "pr")])
def test_status_and_every_report_give_it(world: Any, arguments: tuple[str, ...]) -> None:
    shown = " ".join(world.door("run", *arguments).out.split())
    assert WORDS in shown
    if arguments[0] == "report":
        assert "FAIL: test" in shown.replace("\\", "")
        data = json.loads(world.door("run", "report", "auth", "--json").out)["data"]
        assert {task["id"]: task["reason"] for task in data["tasks"]} == {"1.1": "", "1.2": WORDS}


def test_a_skip_without_words_names_what_was_skipped_for(tmp_path: Path) -> None:
    world = over(tmp_path / "project", text="")
    assert world.task("1.2").reason == "it failed: comma or point?"


def test_a_task_without_a_change_is_done_and_says_why_and_not_merged(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    world.done("auth/1.1/1", no_change="it is there already")
    world.merge()
    world.answer("verify-1-1", "verified")
    assert "  1.1 done Make a (it is there already)" in action_text(world.complete("keep")).splitlines()
