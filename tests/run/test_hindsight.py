"""What detection missed and what it claimed too much, seen from the diffs."""

from __future__ import annotations

from typing import Any

import pytest

from maestro.models.report import Apart, Missed
from maestro.run.hindsight import hindsight
from maestro.run.state import fold
from support import load_beside

Story = load_beside(__file__, "stories").Story


def seen(story: Any) -> Any:
    state = fold(story.events)
    assert state is not None
    return hindsight(state, story.events)


def done(story: Any, **paths: list[str]) -> Any:
    for task, touched in paths.items():
        story.begin(1, task[1:]).merge(2, task[1:], *touched)
    return story


def test_an_edge_whose_diffs_met_was_right() -> None:
    found = seen(done(Story(["1"], ["2"], edges=[("2", "1", "files", "both touch a.py")]), t1=["a.py"], t2=["a.py", "b.py"]))
    assert (found.edges, found.met, found.missed, found.apart) == (1, 1, (), ())


def test_two_tasks_in_one_file_without_an_edge_were_missed() -> None:
    found = seen(done(Story(["1", "2", "3"]), t1=["a.py", "b.py"], t2=["b.py", "a.py"], t3=["c.py"]))
    assert found.missed == (Missed("1", "2", ("a.py", "b.py"), found=False),)


def test_what_a_missed_pair_cost_is_told() -> None:
    story = Story(["1", "2"]).begin(0, "1").begin(0, "2").merge(1, "1", "a.py")
    story.add(2, "task-failed", task="2", attempt=1, reason="does not fit in a.py", counted=True, final=False, **{"class": "conflict"})
    story.begin(3, "2", 2).merge(4, "2", "a.py", attempt=2)
    assert seen(story).missed == (Missed("1", "2", ("a.py",), found=False, conflict=True),)


def test_a_chain_of_edges_orders_a_pair_as_well() -> None:
    found = seen(done(Story(["1"], ["2"], ["3"], edges=[("2", "1"), ("3", "2")]), t1=["a.py"], t2=["b.py"], t3=["a.py"]))
    assert found.missed == ()


def test_files_that_everybody_touches_are_not_missed() -> None:
    found = seen(done(Story(["1", "2"], shared=[("CHANGELOG.md", ["1", "2"])]), t1=["CHANGELOG.md"], t2=["CHANGELOG.md"]))
    assert found.missed == ()


def test_an_edge_whose_diffs_never_met_is_told_with_its_kind() -> None:
    found = seen(done(Story(["1"], ["2"], edges=[("2", "1", "prose", "the text names it")]), t1=["a.py"], t2=["b.py"]))
    assert found.apart == (Apart("2", "1", "prose", "the text names it"),)


@pytest.mark.parametrize("kind", ["explicit", "beads"])
def test_what_the_author_wrote_is_no_claim_of_detection(kind: str) -> None:
    """`Depends on Task 1.1` is right whatever the diffs look like; listed beside guesses it read as a mistake of ours."""
    found = seen(done(Story(["1"], ["2"], edges=[("2", "1", kind, "the plan says so")]), t1=["a.py"], t2=["b.py"]))
    assert (found.edges, found.met, found.stated, found.apart) == (1, 0, 1, ())


def test_what_the_run_learned_is_held_against_what_was_said_at_first() -> None:
    """An edge that a re-grouping added was missed all the same, but in time."""
    story = Story(["1", "2"])
    story.begin(1, "1").merge(2, "1", "a.py")
    learned = Story.basis([("2", "1", "files", "both touch a.py")], [["1"], ["2"]])
    story.add(3, "regrouped", phase="1", before=[["1", "2"]], after=[["1"], ["2"]], reasons=["1 changes a.py."], **learned)
    story.begin(4, "2").merge(5, "2", "a.py")
    assert seen(story).missed == (Missed("1", "2", ("a.py",), found=True),)
    assert seen(story).edges == 0


def test_work_that_is_not_merged_says_nothing() -> None:
    story = Story(["1"], ["2"], edges=[("2", "1")])
    story.begin(1, "1").merge(2, "1", "a.py").begin(3, "2")
    found = seen(story)
    assert (found.edges, found.apart, found.missed) == (0, (), ())
