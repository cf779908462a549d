"""The order that grows with the edges."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maestro.evidence.order import TaskOrder


def test_it_starts_as_the_plan_and_moves_only_what_it_must() -> None:
    order = TaskOrder("abcd")
    assert order.add("a", "c")
    assert sorted("abcd", key=order.place.__getitem__) == ["c", "b", "a", "d"]


def test_an_edge_that_closes_a_cycle_is_refused_and_changes_nothing() -> None:
    order = TaskOrder("abc")
    assert order.add("b", "a")
    assert order.add("c", "b")
    before = dict(order.place)
    assert not order.add("a", "c")
    assert not order.add("a", "a")
    assert order.place == before


def test_implied_edges() -> None:
    order = TaskOrder("abc")
    for task, needs in (("b", "a"), ("c", "b"), ("c", "a")):
        order.add(task, needs)
    assert order.implied("c", "a")
    assert not order.implied("c", "b")


@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=60))
def test_it_always_agrees_with_every_edge_it_accepted(edges: list[tuple[int, int]]) -> None:
    order = TaskOrder(str(number) for number in range(15))
    accepted = []
    for task, needs in edges:
        if order.add(str(task), str(needs)):
            accepted.append((str(task), str(needs)))
        else:
            assert task == needs or _reaches(accepted, str(needs), str(task))
    assert all(order.place[needs] < order.place[task] for task, needs in accepted)
    assert sorted(order.place.values()) == list(range(15))


def _reaches(edges: list[tuple[str, str]], start: str, goal: str) -> bool:
    stack, seen = [start], set()
    while stack:
        here = stack.pop()
        if here == goal:
            return True
        if here not in seen:
            seen.add(here)
            stack += [needs for task, needs in edges if task == here]
    return False
