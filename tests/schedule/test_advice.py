"""Which mode fits, and what a user is told who asks for another one."""

from __future__ import annotations

import pytest

from evidence.sketch import plan, task
from maestro.evidence.detect import detect
from maestro.models.plan import Task
from maestro.models.schedule import Composition, Mode
from maestro.schedule.advice import warnings_for
from maestro.schedule.complexity import Complexity, complexity_of
from maestro.schedule.compose import compose


def composed(*tasks: Task, **options: object) -> Composition:
    made = plan(*tasks)
    return compose(made, detect(made), **options)  # type: ignore[arg-type]


def independent(count: int, boxes: int = 0) -> list[Task]:
    return [task(f"1.{number}", files=[f"src/{number}.ts"], boxes=[f"step {box}" for box in range(boxes)]) for number in range(1, count + 1)]


def chain(count: int) -> list[Task]:
    return [task("1.1", files=["a.ts"])] + [task(f"1.{number}", "Work", f"Depends on: 1.{number - 1}") for number in range(2, count + 1)]


def linked(count: int, boxes: int) -> list[Task]:
    return [*independent(count, boxes), task("1.99", "Join", "Depends on: 1.1, 1.2", boxes=["a"])]


class TestMode:
    def test_all_sequential(self) -> None:
        advice = composed(*chain(6)).advice
        assert advice.mode is Mode.SINGLE
        assert "sequential" in advice.reasons[0]

    def test_many_shared_files(self) -> None:
        tasks = [task(f"1.{number}", files=[f"src/{number}.ts", "package.json"]) for number in range(1, 7)]
        advice = composed(*tasks).advice
        assert advice.mode is Mode.SINGLE
        assert "shared files" in advice.reasons[0]

    @pytest.mark.parametrize("count", [1, 2, 3])
    def test_small_tracks(self, count: int) -> None:
        assert composed(*independent(count)).advice.mode is Mode.SINGLE

    def test_complex_tasks_that_hang_together(self) -> None:
        assert composed(*linked(5, boxes=7)).advice.mode is Mode.TEAM
        assert composed(*linked(5, boxes=7), runtime="codex").advice.mode is Mode.SINGLE
        assert composed(*linked(5, boxes=7), runtime="opencode").advice.mode is Mode.PARALLEL

    def test_otherwise_parallel(self) -> None:
        assert composed(*independent(5)).advice.mode is Mode.PARALLEL
        advice = composed(*linked(5, boxes=1)).advice
        assert advice.mode is Mode.PARALLEL
        assert "Waves handle the dependency ordering naturally." in advice.reasons

    def test_only_what_remains_counts(self) -> None:
        assert composed(*independent(6), finished=["1.1", "1.2", "1.3"]).advice.mode is Mode.SINGLE
        assert composed(*independent(2), finished=["1.1", "1.2"]).advice.mode is Mode.SINGLE


class TestRules:
    PLANS = (
        chain(6),
        [task(f"1.{number}", files=[f"src/{number}.ts", "package.json"]) for number in range(1, 7)],
        independent(3),
        linked(5, boxes=7),
        independent(12),
        linked(5, boxes=1),
    )

    @pytest.mark.parametrize(("rule", "tasks"), list(enumerate(PLANS)), ids=["sequential", "shared", "small", "complex", "independent", "mixed"])
    def test_each_of_the_six_has_an_answer_and_the_first_that_holds_decides(self, rule: int, tasks: list[Task]) -> None:
        advice = composed(*tasks).advice
        holding = [answer for answer in advice.rules if answer.holds]
        assert len(advice.rules) == 6
        assert holding[0].mode is advice.mode
        assert advice.rules.index(holding[0]) == min(rule, 4)

    @pytest.mark.parametrize("runtime", ["codex", "opencode", "claude", None])
    def test_what_the_runtime_lacks_is_no_answer(self, runtime: str | None) -> None:
        for tasks in (independent(5), linked(5, boxes=7)):
            advice = composed(*tasks, runtime=runtime).advice
            assert advice.mode is next((rule.mode for rule in advice.rules if rule.holds), Mode.SINGLE)

    def test_nothing_left_to_run(self) -> None:
        assert not any(rule.holds for rule in composed(*independent(2), finished=["1.1", "1.2"]).advice.rules)


class TestWarnings:
    def test_a_flag_for_sequential_tasks(self) -> None:
        assert warnings_for(composed(*chain(3)), Mode.PARALLEL) == (
            "[!] --parallel specified but all 3 tasks are sequential (each depends on previous).\n"
            "--> Falling back to single-agent mode. No parallelism benefit here.",
        )

    def test_a_flag_for_a_small_track(self) -> None:
        assert warnings_for(composed(*independent(2)), Mode.TEAM) == (
            "[!] --team specified but only 2 tasks in this track.\n--> Single-agent mode is more efficient for small tracks. Proceed with --team anyway? (y/n)",
        )
        assert "only 1 task in this track" in warnings_for(composed(*independent(1)), Mode.PARALLEL)[0]

    def test_what_is_done_already_is_not_said_to_be_no_task_of_the_track(self) -> None:
        assert "only 1 open task in this track" in warnings_for(composed(*independent(3), finished=["1.1", "1.2"]), Mode.TEAM)[0]
        assert "all 2 open tasks are sequential" in warnings_for(composed(*chain(3), finished=["1.1"]), Mode.PARALLEL)[0]

    def test_a_flag_that_fits(self) -> None:
        assert warnings_for(composed(*independent(3)), Mode.PARALLEL) == ()
        assert warnings_for(composed(*independent(5)), Mode.TEAM) == ()
        assert warnings_for(composed(*chain(3)), Mode.SINGLE) == ()

    def test_a_runtime_that_lacks_what_the_mode_needs(self) -> None:
        assert "no agent teams" in warnings_for(composed(*independent(5), runtime="opencode"), Mode.TEAM)[0]
        assert "side by side" in warnings_for(composed(*independent(5), runtime="codex"), Mode.PARALLEL)[0]


class TestChecklist:
    def test_the_eight_questions_in_their_order(self) -> None:
        assert [answer.question for answer in composed(*independent(5)).advice.checklist] == [
            "Task count",
            "Independent tasks in phase?",
            "File scope overlap between tasks?",
            "Cross-task dependencies?",
            "Task complexity",
            "Need human review between tasks?",
            "Runtime supports Task tool?",
            "Runtime supports Agent Teams?",
        ]

    def test_answers_of_this_plan(self) -> None:
        answers = composed(*independent(5), runtime="claude").advice.checklist
        assert (answers[0].answer, answers[0].single, answers[0].parallel, answers[0].team) == ("5", False, True, True)
        assert answers[1].answer == "up to 5 in one wave"
        assert (answers[6].answer, answers[6].parallel) == ("yes", True)
        assert composed(*independent(5)).advice.checklist[7].team is None


def test_complexity_from_sub_tasks_and_scope() -> None:
    assert complexity_of(task("1.1"), ()) is Complexity.LOW
    assert complexity_of(task("1.1", boxes=list("abcd")), ()) is Complexity.MODERATE
    assert complexity_of(task("1.1", boxes=list("abcdefg")), ()) is Complexity.HIGH
