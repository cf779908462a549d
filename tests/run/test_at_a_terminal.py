"""A headless run with a person at its terminal: what happens while they think."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import pytest

from maestro.cli.conversation import asker
from maestro.files import is_locked
from maestro.models.action import Action
from maestro.models.run import Driver, Option, Question
from maestro.models.schedule import Mode
from maestro.run.executor import Orders
from maestro.run.headless import run_headless
from maestro.run.prospects import Wish
from support import LONG, load_beside
from waiting import wait_for

made = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))


def drive(world: Any, ask: Any, told: list[str]) -> Action:
    driver = Driver("exec-1", process=True)
    wish = Wish(track="auth", mode=Mode.PARALLEL, test=made.TEST, headless=True, driver=driver, ignore_soft=True)
    return run_headless(world.root, wish, Orders(execs.DILIGENT, ask=ask, tell=told.append))


def test_nobody_waits_for_a_person_who_thinks(world: Any) -> None:
    """Workers that check and other terminals need the run's lock: a prompt that held it would fail them all after a minute."""
    asked: list[str] = []

    def ask(question: Question) -> tuple[str, str] | None:
        asked.append(question.id)
        assert not is_locked(world.home.folder / "lock")
        return question.default or "", ""

    assert drive(world, ask, []).outcome == "completed"  # type: ignore[attr-defined]
    assert asked == ["start", "verify-1-1"]


def test_what_another_terminal_answers_meanwhile_stands(world: Any) -> None:
    told: list[str] = []

    def ask(question: Question) -> tuple[str, str] | None:
        if question.id == "start":
            assert world.door("run", "answer", "start", "cancel").code == 0
        return "start", ""

    action = drive(world, ask, told)
    assert "That question was settled elsewhere meanwhile." in told
    assert action.action == "finished" and world.commits() == [] and world.named("task-dispatched") == []


def test_later_parks_the_question(world: Any) -> None:
    assert drive(world, lambda question: None, []).outcome == "blocked"  # type: ignore[attr-defined]
    assert world.state.parked == {"start"}


def test_ctrl_c_at_a_question_ends_the_run_in_good_order(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def aborted(*_: object, **__: object) -> str:
        raise click.Abort

    for stream in (sys.stdin, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "prompt", aborted)
    ask = asker()
    assert ask is not None
    with pytest.raises(KeyboardInterrupt):
        ask(Question("q", "start", "Now?", (Option("start", "Start", "it begins"),)))
    with pytest.raises(KeyboardInterrupt):
        drive(world, ask, [])
    assert world.state.paused == "interrupted by you (Ctrl-C)"


def test_a_run_outlives_the_terminal_that_showed_it(world: Any, tmp_path: Path) -> None:
    """Left overnight with `disown`, or piped into a pager that somebody quits: nobody reads any more, and that is no reason to stop."""
    worker = f"touch {tmp_path}/began; until test -e {tmp_path}/go; do sleep 0.01; done; {execs.DILIGENT}"
    with execs.begun(world, worker) as process:
        wait_for((tmp_path / "began").exists, "the worker")
        process.stderr.close()
        (tmp_path / "go").touch()
        assert process.wait(LONG) == 0
    assert world.state.outcome == "completed"
