"""Questions about graphs."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from maestro.schedule.graph import find_cycle, find_cycles, graph_of, levels, longest_remaining, topological_order

DIAMOND = {"a": [], "b": ["a"], "c": ["a"], "d": ["b", "c"]}


def test_prerequisites_come_first() -> None:
    assert topological_order(DIAMOND) == ["a", "b", "c", "d"]


def test_levels_are_longest_paths() -> None:
    assert levels({"a": [], "b": ["a"], "c": ["b", "a"], "d": []}) == {"a": 1, "b": 2, "c": 3, "d": 1}


def test_the_longest_remaining_path_counts_the_task_itself() -> None:
    assert longest_remaining(DIAMOND) == {"a": 3, "b": 2, "c": 2, "d": 1}


def test_edges_to_other_tasks_are_left_out() -> None:
    assert graph_of("ab", [("a", "b"), ("a", "b"), ("a", "z"), ("z", "b")]) == {"a": ["b"], "b": []}


def test_a_graph_without_a_cycle_has_none() -> None:
    assert find_cycle(DIAMOND) is None


def test_a_cycle_with_a_tail_shows_all_members_in_order() -> None:
    graph = {"root": [], "a": ["root", "b"], "b": ["c"], "c": ["a"], "tail": ["b"]}
    assert find_cycle(graph) == ["a", "b", "c", "a"]


def test_a_task_that_needs_itself() -> None:
    assert find_cycle({"a": [], "b": ["b"]}) == ["b", "b"]


def test_long_chains_need_no_recursion() -> None:
    names = [str(number) for number in range(10_000)]
    chain = {name: [names[number - 1]] if number else [] for number, name in enumerate(names)}
    assert levels(chain)[names[-1]] == 10_000
    assert longest_remaining(chain)[names[0]] == 10_000
    ring = chain | {names[0]: [names[-1]]}
    assert len(find_cycle(ring) or ()) == 10_001


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=50))
def test_a_cycle_is_found_exactly_when_there_is_one(edges: list[tuple[int, int]]) -> None:
    graph = graph_of((str(number) for number in range(13)), ((str(task), str(need)) for task, need in edges))
    cycle = find_cycle(graph)
    assert (cycle is None) == (len(topological_order(graph)) == 13)
    if cycle:
        assert cycle[0] == cycle[-1]
        assert all(need in graph[task] for task, need in pairwise(cycle))
        assert len(set(cycle)) == len(cycle) - 1


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=30))
def test_of_all_tasks_that_could_come_next_the_first_of_the_plan_does(edges: list[tuple[int, int]]) -> None:
    graph = graph_of((str(number) for number in range(10)), ((str(task), str(need)) for task, need in edges))
    expected: list[str] = []
    while (follows := next((task for task in graph if task not in expected and set(graph[task]) <= set(expected)), None)) is not None:
        expected.append(follows)
    assert topological_order(graph) == expected


def test_cycles_that_share_no_task_are_all_found() -> None:
    graph = {"a": ["b"], "b": ["a"], "c": ["a", "d"], "d": ["d"], "e": ["c"]}
    assert find_cycles(graph) == [["a", "b", "a"], ["d", "d"]]
    assert find_cycles(DIAMOND) == []
