"""Waves anew while a run is on."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.sketch import plan, task
from maestro.models.dependency import Dependency, Evidence, Findings, Kind, Strength
from maestro.models.plan import Plan
from maestro.models.schedule import Composition
from maestro.schedule.compose import compose
from maestro.schedule.regroup import Move, Regrouping, regroup

FOUR = plan(*(task(f"1.{number}") for number in range(1, 5)))


def known(made: Plan, *edges: tuple[str, str]) -> Findings:
    found = tuple(Dependency(task_id, needs, Kind.DISCOVERED, Strength.HARD, Evidence("seen", None, f"{task_id} uses {needs}")) for task_id, needs in edges)
    return Findings(found, {one.id: () for one in made.tasks})


def waves(composition: Composition) -> list[tuple[str, ...]]:
    return [wave.tasks for phase in composition.phases for wave in phase.waves]


def regrouped(*edges: tuple[str, str], started: str = "", finished: str = "", **options: dict[str, int]) -> Regrouping:
    before = compose(FOUR, known(FOUR, ("1.3", "1.1")))
    return regroup(before, FOUR, known(FOUR, *edges), started=started.split(), finished=finished.split(), **options)  # type: ignore[arg-type]


def test_nothing_new_moves_nothing() -> None:
    result = regrouped(("1.3", "1.1"))
    assert result.moves == ()
    assert waves(result.after) == [("1.1", "1.2", "1.4"), ("1.3",)]


def test_a_new_edge_moves_what_has_not_started() -> None:
    result = regrouped(("1.3", "1.1"), ("1.4", "1.2"), started="1.1 1.2")
    assert waves(result.after) == [("1.1", "1.2"), ("1.3", "1.4")]
    assert result.moves == (Move("1.4", 1, 2, "it now needs 1.2: 1.4 uses 1.2"),)


def test_what_follows_moves_along() -> None:
    result = regrouped(("1.3", "1.1"), ("1.1", "1.2"), started="1.2")
    assert waves(result.after) == [("1.2", "1.4"), ("1.1",), ("1.3",)]
    assert result.moves[1] == Move("1.3", 2, 3, "it needs 1.1, which moved")


def test_what_has_started_keeps_its_place_and_is_told_of() -> None:
    result = regrouped(("1.3", "1.1"), ("1.1", "1.4"), started="1.1")
    assert waves(result.after) == [("1.1", "1.2", "1.4"), ("1.3",)]
    assert [note.code for note in result.after.notes] == ["edge-too-late"]


def test_an_edge_that_went_away_brings_a_task_forward() -> None:
    result = regrouped(started="1.2")
    assert result.moves == (Move("1.3", 2, 1, "it no longer needs 1.1"),)


def test_after_a_wave_is_over_the_rest_takes_later_waves() -> None:
    result = regrouped(("1.3", "1.1"), started="1.2", finished="1.1", first_open={"1": 2})
    assert waves(result.after) == [("1.1", "1.2"), ("1.3", "1.4")]
    assert result.moves == (Move("1.4", 1, 2, "its wave ended before it started"),)


def test_tasks_come_and_go_with_the_plan() -> None:
    before = compose(FOUR, known(FOUR))
    edited = plan(task("1.1"), task("1.2"), task("1.3"), task("1.5"))
    result = regroup(before, edited, known(edited, ("1.5", "1.1")), started=["1.1"])
    assert set(result.moves) == {Move("1.5", None, 2, "it is new in the plan"), Move("1.4", 1, None, "it is no longer in the plan")}


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12),
    st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=12),
    st.sets(st.integers(1, 6)),
)
def test_only_what_has_not_started_ever_moves(old: list[tuple[int, int]], new: list[tuple[int, int]], started: set[int]) -> None:
    six = plan(*(task(f"1.{number}") for number in range(1, 7)))

    def edges(pairs: list[tuple[int, int]]) -> list[tuple[str, str]]:
        return [(f"1.{max(pair)}", f"1.{min(pair)}") for pair in pairs if pair[0] != pair[1]]

    before = compose(six, known(six, *edges(old)))
    running = {f"1.{number}" for number in started}
    result = regroup(before, six, known(six, *edges(old + new)), started=running)
    assert not running.intersection(move.task for move in result.moves)
    place = {name: wave.number for phase in result.after.phases for wave in phase.waves for name in wave.tasks}
    for edge in result.after.dependencies:
        assert place[edge.needs] < place[edge.task] or {edge.task, edge.needs} <= running
