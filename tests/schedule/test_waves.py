"""Waves are exactly the longest-path levels of the edges."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from maestro.schedule.waves import assign_waves, waves_anew

IDS = [f"1.{number}" for number in range(1, 13)]
edge_lists = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)), max_size=40).map(
    lambda pairs: [(max(p, key=IDS.index), min(p, key=IDS.index)) for p in pairs if p[0] != p[1]]
)


def waves_of(edges: list[tuple[str, str]]) -> dict[str, int]:
    return {task: number for number, wave in enumerate(assign_waves(IDS, edges), 1) for task in wave}


def test_independent_tasks_are_one_wave() -> None:
    assert assign_waves(IDS, []) == (tuple(IDS),)


def test_the_longest_remaining_path_goes_first_then_the_plan() -> None:
    assert assign_waves(["a", "b", "c", "d", "e"], [("d", "c"), ("e", "d")]) == (("c", "a", "b"), ("d",), ("e",))


def test_nothing_gives_no_wave() -> None:
    assert assign_waves([], []) == ()


@given(edge_lists)
def test_no_edge_inside_a_wave_and_every_prerequisite_earlier(edges: list[tuple[str, str]]) -> None:
    wave = waves_of(edges)
    assert all(wave[need] < wave[task] for task, need in edges)


@given(edge_lists)
def test_a_wave_is_one_more_than_the_highest_of_its_prerequisites(edges: list[tuple[str, str]]) -> None:
    wave = waves_of(edges)
    for task in IDS:
        assert wave[task] == 1 + max((wave[need] for name, need in edges if name == task), default=0)


@given(edge_lists, st.integers(min_value=0))
def test_removing_an_edge_never_makes_more_waves(edges: list[tuple[str, str]], which: int) -> None:
    if edges:
        fewer = [edge for number, edge in enumerate(edges) if number != which % len(edges)]
        assert len(assign_waves(IDS, fewer)) <= len(assign_waves(IDS, edges))


@given(edge_lists, st.randoms())
def test_the_order_in_which_edges_come_does_not_matter(edges: list[tuple[str, str]], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(edges)
    random.shuffle(shuffled)
    assert assign_waves(IDS, shuffled) == assign_waves(IDS, edges)


@given(edge_lists, st.lists(st.lists(st.sampled_from(IDS), max_size=4), max_size=5), st.sets(st.sampled_from(IDS)))
def test_placed_anew_what_started_stays_and_what_is_left_follows_in_levels(edges: list[tuple[str, str]], before: list[list[str]], left: set[str]) -> None:
    levels = assign_waves([task for task in IDS if task in left], edges)
    after = waves_anew(before, levels)
    assert all(after) and after[len(after) - len(levels) :] == levels
    assert [task for wave in after[: len(after) - len(levels)] for task in wave] == [task for wave in before for task in wave if task not in left]
    place = {task: number for number, wave in enumerate(after) for task in wave}
    assert all(place[need] < place[task] for task, need in edges if task in left and need in place)
