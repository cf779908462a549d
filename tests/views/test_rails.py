"""The graph drawn with rails, one task per line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maestro.views.rails import MOST_RAILS, draw


def picture(order: str, needs: dict[str, str], done: str = "") -> list[str]:
    rows = draw(order.split(), {task: needed.split() for task, needed in needs.items()}, dict.fromkeys(done.split(), "●"))
    assert rows is not None
    return [row.rstrip() for row in rows]


def test_a_chain_is_one_rail() -> None:
    assert picture("a b c", {"b": "a", "c": "b"}, done="a") == ["●", "○", "○"]


def test_tasks_on_their_own_have_no_rail() -> None:
    assert picture("a b", {}) == ["○", "○"]


def test_a_rail_runs_on_until_the_last_task_that_needs_it() -> None:
    assert picture("a b c d", {"b": "a", "c": "a", "d": "a"}) == ["○", "├─○", "├─○", "○"]


def test_rails_that_meet_end_in_the_task_that_needs_them() -> None:
    assert picture("a b c", {"c": "a b"}) == ["○", "│ ○", "○─┘"]


def test_a_line_that_only_passes_a_rail_leaves_it_whole() -> None:
    assert picture("a b c d e", {"d": "a c", "e": "b a c"}) == [
        "○",
        "│ ○",
        "│ │ ○",
        "├─│─┼─○",
        "○─┴─┘",
    ]


def test_a_graph_that_no_eye_can_follow_is_not_drawn() -> None:
    order = [str(number) for number in range(MOST_RAILS + 2)]
    assert draw([*order, "end"], {"end": order}) is None


@given(st.integers(1, 12).flatmap(lambda size: st.tuples(st.just(size), st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=20))))
def test_every_task_has_its_line_and_its_node(sample: tuple[int, list[tuple[int, int]]]) -> None:
    size, pairs = sample
    order = [str(number) for number in range(size)]
    needs: dict[str, set[str]] = {task: set() for task in order}
    for one, other in pairs:
        if one != other:
            needs[str(max(one, other))].add(str(min(one, other)))
    rows = draw(order, needs)
    assert rows is not None
    assert [row.count("○") for row in rows] == [1] * size
    assert len({len(row) for row in rows}) == 1
    for task, row in zip(order, rows, strict=True):
        joints = sum(row.count(sign) for sign in "├┼┤└┴┘")
        assert joints <= len(needs[task]) <= joints + 1, "one joint for each prerequisite whose rail does not end in the node itself"
