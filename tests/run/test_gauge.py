"""The machine is not overwhelmed: workers become fewer when memory or cores run short, and come back."""

from __future__ import annotations

from pathlib import Path

import pytest

from maestro.run.gauge import Reading, read_gauge, slots_for
from support import load_beside

made = load_beside(__file__, "worlds")


@pytest.mark.parametrize(
    ("free", "load", "slots"),
    [(0.5, 0.1, 3), (0.10, 4.0, 3), (0.09, 0.1, 2), (0.04, 0.1, 1), (0.5, 4.1, 2), (0.5, 8.5, 1), (0.09, 8.5, 1)],
)
def test_scarcity_lowers_the_number_of_workers(free: float, load: float, slots: int) -> None:
    limit, why = slots_for(Reading(free, load))
    assert limit == slots
    assert bool(why) == (slots < 3)


def test_the_reason_is_said_in_words() -> None:
    assert slots_for(Reading(0.04, 0.0))[1] == "only 4% of memory is free"
    assert slots_for(Reading(0.5, 5.25))[1] == "the load is 5.2 per core"


def test_the_real_machine_can_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAESTRO_GAUGE")
    reading = read_gauge()
    assert 0.0 < reading.free <= 1.0
    assert reading.load >= 0.0


def test_a_run_takes_fewer_workers_while_the_machine_is_short_and_more_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Watched at each start; what runs already is left alone."""
    world = made.World(tmp_path / "project", made.FIVE)
    monkeypatch.setenv("MAESTRO_GAUGE", "0.07 0.1")
    action = world.start()
    assert made.handles(action) == ["auth/1.1/1", "auth/1.2/1"] and "Up to 2 workers at a time now: only 7% of memory is free." in action.notices
    world.attach(made.handles(action))
    monkeypatch.setenv("MAESTRO_GAUGE", "0.5 9")
    world.work_all(["auth/1.1/1"])
    action = world.merge()
    assert action.action == "wait" and "Up to 1 worker at a time now: the load is 9.0 per core." in action.notices
    monkeypatch.setenv("MAESTRO_GAUGE", "0.5 0.1")
    action = world.next()
    assert made.handles(action) == ["auth/1.3/1", "auth/1.4/1"] and "Up to 3 workers at a time again." in action.notices
    assert world.named("slots-changed") == [
        {"slots": 2, "why": "only 7% of memory is free"},
        {"slots": 1, "why": "the load is 9.0 per core"},
        {"slots": 3, "why": ""},
    ]
