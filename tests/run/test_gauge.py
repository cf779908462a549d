"""The machine is not overwhelmed: workers become fewer when memory or cores run short, and come back."""

from __future__ import annotations

import pytest

from maestro.run.gauge import Reading, read_gauge, slots_for


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
