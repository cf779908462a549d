"""The composition in words: complete when asked, compact when it has to be, honest about the gain."""

from __future__ import annotations

import pytest
from syrupy.assertion import SnapshotAssertion

from maestro.models.dependency import SharedResource
from maestro.models.plan import Status
from maestro.models.schedule import Prediction
from maestro.views.cells import width
from maestro.views.waves import prediction, waves_text
from maestro.views.why import why_text
from support import load_beside

made = load_beside(__file__, "compositions")


def plain(text: str) -> str:
    import click

    return click.unstyle(text)


def sample() -> tuple[object, object]:
    plan = made.plan_of(
        made.task("1.1", "Create the user table", Status.DONE),
        made.task("1.2", "Hash passwords"),
        made.task("1.3", "Let people log in"),
        made.task("2.1", "Draw the form", phase="2"),
    )
    edges = (made.hard("1.3", "1.1"), made.soft("1.3", "1.2"))
    shared = (SharedResource("CHANGELOG.md", ("1.2", "1.3"), "a changelog"),)
    return plan, made.composition(plan, {"1": [["1.1", "1.2"], ["1.3"]], "2": [["2.1"]]}, *edges, shared=shared)


def test_everything_is_said(snapshot: SnapshotAssertion) -> None:
    plan, composition = sample()
    assert plain(waves_text(plan, composition, name="auth")) == snapshot


def test_finished_tasks_are_not_explained_again_when_room_is_short() -> None:
    plan, composition = sample()
    full = plain(waves_text(plan, composition, name="auth"))
    short = plain(waves_text(plan, composition, name="auth", limit=len(full) - 1))
    assert "+src/1.1.py" in full and "+src/1.1.py" not in short
    assert "add --full" in short and "add --full" not in full


def test_edges_with_one_reason_are_told_in_one_sentence() -> None:
    plan = made.plan_of(*(made.task(f"1.{number}") for number in range(1, 5)))
    edges = (made.hard("1.4", "1.1"), made.hard("1.4", "1.2", "another reason"), made.hard("1.4", "1.3"))
    text = plain(waves_text(plan, made.composition(plan, {"1": [["1.1", "1.2", "1.3"], ["1.4"]]}, *edges), name="auth", columns=120))
    assert [line.strip().split(" (")[0] for line in text.splitlines() if line.strip().startswith("needs")] == ["needs 1.1, 1.3", "needs 1.2"]


def test_every_form_fits_the_width() -> None:
    plan, composition = sample()
    for limit in (None, 3000, 1500, 1000, 10):
        assert all(width(line) <= 60 for line in plain(waves_text(plan, composition, name="auth", columns=60, limit=limit)).splitlines())


@pytest.mark.parametrize(
    ("predicted", "words"),
    [
        (Prediction(7, 5, 2 / 7, "the critical path of 5 tasks"), "7 one after another, 5 in waves: 29 % saved (the critical path of 5 tasks)"),
        (Prediction(3, 3, 0.0, "a chain"), "3 one after another, 3 in waves: nothing saved (a chain)"),
        (Prediction(2.5, 1.5, 0.4, ""), "2.5 one after another, 1.5 in waves: 40 % saved"),
        (Prediction(0, 0, 0, "nothing is left to run"), "nothing is left to do"),
    ],
)
def test_the_gain_is_told_as_it_is(predicted: Prediction, words: str) -> None:
    assert prediction(predicted) == words


def test_why_shows_every_signal(snapshot: SnapshotAssertion) -> None:
    plan, composition = sample()
    assert plain(why_text(plan, composition, "1.3")) == snapshot
