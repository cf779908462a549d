"""A service that says no is given time, and trouble that is everybody's stops the run instead of eating attempts."""

from __future__ import annotations

from pathlib import Path

import pytest

from maestro.run import pacing
from support import load_beside

made = load_beside(__file__, "worlds")


def test_after_a_rate_limit_nothing_new_starts_for_a_while(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    world.fail("auth/1.2/1", "429", "quota")
    world.work("auth/1.1/1", {"src/a.py": "a = 1\n"})
    action = world.merge()
    assert action.action == "wait"
    assert any("limit" in notice for notice in action.notices)


def test_then_it_goes_on_and_the_attempt_did_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "QUOTA_WAIT", 0.0)
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    world.fail("auth/1.2/1", "429", "quota")
    assert made.handles(world.next())[-1:] == ["auth/1.2/2"]
    assert world.task("1.2").counted == 0


def test_a_second_limit_means_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "QUOTA_WAIT", 0.0)
    world = made.World(tmp_path / "project", made.FIVE)
    world.start()
    for handle in ("auth/1.1/1", "auth/1.2/1", "auth/1.3/1"):
        world.fail(handle, "429", "quota")
    assert len(made.handles(world.next())) == 1


def test_the_same_infrastructure_error_on_two_tasks_pauses_the_run(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    world.start()
    world.fail("auth/1.1/1", "no space left on device", "infrastructure")
    assert world.state.paused is None
    world.fail("auth/1.2/1", "no space left on device", "infrastructure")
    assert "no space left" in (world.state.paused or "")
    assert world.next().action == "finished"
    assert world.status() == "", "what people read is true and committed before the run stops"
