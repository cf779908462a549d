"""The whole schedule of a plan."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from evidence.sketch import plan, task
from maestro.errors import InvalidDocument, NotFound
from maestro.evidence.detect import detect
from maestro.models.dependency import Dependency, Evidence, Findings, Kind, Strength
from maestro.models.plan import Plan, Task
from maestro.models.schedule import Composition
from maestro.schedule.compose import compose


def composed(*tasks: Task, **options: object) -> Composition:
    made = plan(*tasks)
    return compose(made, detect(made), **options)  # type: ignore[arg-type]


def shape(composition: Composition) -> list[list[tuple[str, ...]]]:
    return [[wave.tasks for wave in phase.waves] for phase in composition.phases]


def soft(task_id: str, needs: str) -> Dependency:
    return Dependency(task_id, needs, Kind.SYMBOLS, Strength.SOFT, Evidence("uses it", 1, "it uses what that task makes"), 0.7)


def with_edges(made: Plan, *edges: Dependency) -> Findings:
    return Findings(edges, {one.id: () for one in made.tasks})


TWELVE = tuple(task(f"1.{number}", files=[f"src/{number}.ts"]) for number in range(1, 13))


def test_twelve_independent_tasks_are_one_wave() -> None:
    assert shape(composed(*TWELVE)) == [[tuple(one.id for one in TWELVE)]]


def test_phases_are_sequential_and_waves_count_from_one_in_each() -> None:
    result = composed(task("1.1", files=["a.ts"]), task("1.2", files=["a.ts"]), task("2.1", files=["a.ts"], phase="2"))
    assert shape(result) == [[("1.1",), ("1.2",)], [("2.1",)]]
    assert [(part.phase, [wave.number for wave in part.waves]) for part in result.phases] == [("1", [1, 2]), ("2", [1])]
    assert [(edge.task, edge.needs) for edge in result.dependencies] == [("1.2", "1.1"), ("2.1", "1.2")]


def test_the_critical_path_goes_through_all_phases() -> None:
    result = composed(task("1.1", files=["a.ts"]), task("1.2", files=["b.ts"]), task("1.3", files=["b.ts"]), task("2.1", files=["c.ts"], phase="2"))
    assert result.critical_path == ("1.2", "1.3", "2.1")


def test_finished_tasks_keep_their_wave_and_count_for_nothing() -> None:
    tasks = (task("1.1", files=["a.ts"]), task("1.2", files=["a.ts"]), task("1.3", files=["a.ts"]))
    result = composed(*tasks, finished=["1.1"])
    assert shape(result) == [[("1.1",), ("1.2",), ("1.3",)]]
    assert result.critical_path == ("1.2", "1.3")
    assert (result.predicted.sequential, result.predicted.parallel) == (2, 2)


def test_nobody_waits_for_what_is_done() -> None:
    """1.2 needed 1.1: now that it is done, a run hands 1.2 out beside the others, whatever wave it was in."""
    made = plan(*(task(f"1.{number}", files=[f"{number}.ts"]) for number in range(1, 5)))
    result = compose(made, with_edges(made, soft("1.2", "1.1"), soft("1.4", "1.3")), finished=["1.1", "1.3"])
    assert shape(result) == [[("1.1", "1.3"), ("1.2", "1.4")]]
    result = compose(made, with_edges(made, soft("1.2", "1.1")), finished=["1.1"])
    assert (result.predicted.sequential, result.predicted.parallel) == (3, 1)
    assert "up to 3 in one wave" in [answer.answer for answer in result.advice.checklist]


def test_one_phase_alone() -> None:
    tasks = (task("1.1", files=["a.ts"]), task("2.1", files=["b.ts"], phase="2"), task("2.2", files=["b.ts"], phase="2"))
    for name in ("2", "Phase 2"):
        result = composed(*tasks, phase=name)
        assert shape(result) == [[("2.1",), ("2.2",)]]
        assert set(result.scopes) == {"2.1", "2.2"}
    with pytest.raises(NotFound) as caught:
        composed(*tasks, phase="9")
    assert caught.value.slug == "phase-not-found"


def test_soft_edges_schedule_like_hard_ones_unless_ignored() -> None:
    made = plan(task("1.1", files=["a.ts"]), task("1.2", files=["b.ts"]))
    findings = with_edges(made, soft("1.2", "1.1"))
    assert shape(compose(made, findings)) == [[("1.1",), ("1.2",)]]
    ignored = compose(made, findings, ignore_soft=True)
    assert shape(ignored) == [[("1.1", "1.2")]]
    assert ignored.dependencies == ()
    assert [note.code for note in ignored.notes] == ["soft-edge-ignored"]


class TestErrors:
    def test_a_cycle_is_shown_with_its_whole_path_and_place(self) -> None:
        tasks = (task("1.1", "A", "Depends on: 1.3"), task("1.2", files=["b.ts"]), task("1.3", "C", "Depends on: 1.1, 1.2"))
        with pytest.raises(InvalidDocument) as caught:
            composed(*tasks)
        assert caught.value.slug == "plan-cycle"
        assert "1.1 -> 1.3 -> 1.1" in caught.value.message
        assert caught.value.where == "plan.md:2"
        assert "Depends on: 1.3" in caught.value.message

    def test_each_reference_of_a_cycle_has_its_place(self) -> None:
        """Any of them may be the wrong one."""
        with pytest.raises(InvalidDocument) as caught:
            composed(task("1.1", "A", "Depends on: 1.2"), task("1.2", "B", "Depends on: 1.1"))
        lines = [int(place.removeprefix("plan.md:")) for place in caught.value.places]
        assert len(set(lines)) == 2 and [f"line {line}" in caught.value.message for line in lines] == [True, True]

    def test_a_task_that_needs_itself(self) -> None:
        with pytest.raises(InvalidDocument) as caught:
            composed(task("1.1", "A", "Depends on: 1.1"))
        assert "1.1 -> 1.1" in caught.value.message

    def test_a_tail_does_not_hide_the_cycle(self) -> None:
        tasks = (
            task("0", files=["a"]),
            task("1", "A", "Depends on: 0, 2"),
            task("2", "B", "Depends on: 3"),
            task("3", "C", "Depends on: 1"),
            task("4", "D", "Depends on: 2"),
        )
        with pytest.raises(InvalidDocument) as caught:
            composed(*tasks)
        assert "1 -> 2 -> 3 -> 1" in caught.value.message

    def test_a_later_phase(self) -> None:
        made = plan(task("1.1", files=["a.ts"]), task("2.1", files=["b.ts"], phase="2"))
        with pytest.raises(InvalidDocument) as caught:
            compose(made, with_edges(made, soft("1.1", "2.1")))
        assert caught.value.slug == "dependency-on-later-phase"

    def test_neutral_lists_are_composed_whatever_they_say(self) -> None:
        made = plan(
            task("a", "A", "Depends on: task b"), task("b", "B", "Depends on: task c, task zzz9"), task("c", "C", "Depends on: task a"), dialect="neutral"
        )
        assert sorted(name for wave in shape(compose(made, detect(made)))[0] for name in wave) == ["a", "b", "c"]


def test_notes_of_plan_and_findings_are_passed_on() -> None:
    result = composed(task("1.1", files=["a.ts"]), task("1.2", "Think"))
    assert "scope-unknown" in {note.code for note in result.notes}


def test_shared_resources_are_passed_on() -> None:
    result = composed(task("1.1", files=["a.ts", "package.json"]), task("1.2", files=["b.ts", "package.json"]), ignore_soft=True)
    assert shape(result) == [[("1.1", "1.2")]]
    assert [shared.path for shared in result.shared] == ["package.json"]


def test_ten_thousand_tasks_compose_in_a_moment() -> None:
    made = plan(*(task(f"T{number}", files=[f"src/{number % 3000}.ts"]) for number in range(10_000)))
    names = [one.id for one in made.tasks]
    findings = with_edges(made, *(soft(after, before) for before, after in zip(names, names[3000:], strict=False)))
    started = time.process_time()
    result = compose(made, findings)
    assert time.process_time() - started < 10
    assert len(result.phases[0].waves) == 4
    chain = plan(*(task(f"T{number}") for number in range(10_000)))
    edges = [soft(after.id, before.id) for before, after in pairwise(chain.tasks)]
    assert len(compose(chain, with_edges(chain, *edges)).phases[0].waves) == 10_000
