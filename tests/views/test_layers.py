"""The places of a layered drawing: every line has a way of its own, and few cross."""

from __future__ import annotations

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from maestro.views.layers import arrange


def test_a_line_that_passes_a_layer_has_a_lane_there() -> None:
    assert arrange([["a", "b"], ["c"], ["d"]], {"c": ["a"], "d": ["c", "b"]}) == [["a", "b"], ["c", ("b", 1)], ["d"]]


def test_lines_that_need_not_cross_do_not() -> None:
    assert arrange([["a", "b", "c"], ["x", "y", "z"]], {"x": ["c"], "y": ["b"], "z": ["a"]}) in (
        [["a", "b", "c"], ["z", "y", "x"]],
        [["c", "b", "a"], ["x", "y", "z"]],
    )


def test_lines_of_one_task_share_their_lane_until_they_part() -> None:
    places = arrange([["a"], ["b"], ["c", "d"]], {"b": ["a"], "c": ["a"], "d": ["a"]})
    assert places[1].count(("a", 1)) == 1


def test_a_line_inside_of_a_layer_needs_no_lane() -> None:
    assert arrange([["a", "b"]], {"b": ["a"]}) == [["a", "b"]]


shapes = st.lists(st.integers(1, 4), min_size=1, max_size=5)


@given(shapes, st.data())
def test_every_task_stands_once_in_its_layer_and_every_line_can_be_drawn(sizes: list[int], data: st.DataObject) -> None:
    layers = [[f"{number}.{place}" for place in range(size)] for number, size in enumerate(sizes)]
    needs = {
        task: data.draw(st.lists(st.sampled_from(list(chain(*layers[:number]))), unique=True))
        for number, layer in enumerate(layers)
        if number
        for task in layer
    }
    places = arrange(layers, needs)
    assert [sorted(place for place in layer if isinstance(place, str)) for layer in places] == layers
    layer_of = {task: number for number, layer in enumerate(layers) for task in layer}
    for task, needed in needs.items():
        for need in needed:
            assert all((need, number) in places[number] for number in range(layer_of[need] + 1, layer_of[task]))
