"""How the waves of a run changed, told afterwards."""

from __future__ import annotations

import click

from maestro.models.regrouping import Regrouping
from maestro.models.run import Driver, RunState
from maestro.models.settings import Settings
from maestro.views.history import history_data, history_text

CHANGE = Regrouping("1", "2025-02-19T12:00:00.000Z", (("1.1", "1.2"), ("1.3",)), (("1.1",), ("1.2",), ("1.3",)), ("1.2 also changes src/app.py.",))


def state(*changes: Regrouping) -> RunState:
    made = RunState("r1", "auth", Settings(), Driver("me"), "/checkout", "abaa869", "2025-02-19T11:00:00.000Z")
    made.regroupings += changes
    return made


def test_before_after_and_why() -> None:
    assert click.unstyle(history_text(state(CHANGE))).splitlines() == [
        "auth, run r1: 1 re-grouping",
        "",
        "phase 1  2025-02-19T12:00:00.000Z",
        "  before  1.1, 1.2 | 1.3",
        "  after   1.1 | 1.2 | 1.3",
        "  - 1.2 also changes src/app.py.",
    ]
    (change,) = history_data(state(CHANGE))["regroupings"]
    assert (change["before"], change["after"]) == ([["1.1", "1.2"], ["1.3"]], [["1.1"], ["1.2"], ["1.3"]])


def test_a_run_whose_waves_stayed() -> None:
    assert history_text(state()) == "The waves of auth (run r1) have not changed."
