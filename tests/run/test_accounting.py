"""Where the time of a run went. Each story is a run of which every second is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.models.report import Cause
from maestro.models.schedule import Mode
from maestro.run.accounting import account
from maestro.run.journal import Journal
from maestro.run.standing import Standing
from maestro.run.state import apply, fold
from support import load_beside

stories = load_beside(__file__, "stories")
worlds = load_beside(__file__, "worlds")
Story = stories.Story


def causes(story: Story, until: float | None = None) -> dict[str, float]:
    found = account(story.events, None if until is None else stories.at(until))
    return {cause.value: seconds for cause, seconds in found.causes.items() if seconds}


def test_a_chain_is_bounded_by_its_dependencies_and_its_merges() -> None:
    story = Story(["1"], ["2"], edges=[("2", "1")])
    story.begin(1, "1").report(11, "1").merge(14, "1").begin(15, "2").report(35, "2").merge(36, "2")
    assert causes(story) == {"other": 2, "dependencies": 10, "merges": 3 + 1, "work": 20}


def test_a_task_that_is_ready_and_finds_no_slot_is_bounded_by_the_slots() -> None:
    story = Story(["1", "2", "3", "4"])
    story.begin(0, "1").begin(0, "2").begin(0, "3").report(10, "1").begin(10, "4").report(30, "2").report(30, "3").report(30, "4")
    assert causes(story) == {"slots": 10, "work": 20}


def test_the_throttle_counts_as_slots() -> None:
    story = Story(["1", "2"])
    story.add(0, "slots-changed", slots=1, why="no memory").begin(0, "1").report(10, "1").begin(10, "2").report(30, "2")
    assert causes(story) == {"slots": 10, "work": 20}


def test_a_free_slot_and_a_task_that_only_waits_for_its_wave_is_the_barrier() -> None:
    story = Story(["1", "2"], ["3"], edges=[("3", "1")])
    story.begin(0, "1").begin(0, "2").report(5, "1").merge(6, "1").report(20, "2").merge(21, "2").begin(21, "3").report(30, "3")
    assert causes(story) == {"dependencies": 5, "merges": 1, "barrier": 15, "work": 9}


def test_in_single_mode_there_is_no_barrier_and_one_slot() -> None:
    story = Story(["1"], ["2"], mode="single")
    story.begin(0, "1").report(10, "1").merge(12, "1").begin(12, "2").report(20, "2").merge(21, "2")
    assert causes(story) == {"slots": 10, "merges": 3, "work": 8}


def test_a_task_that_waits_for_a_file_everybody_touches_waits_for_its_neighbour() -> None:
    story = Story(["1", "2"], shared=[("CHANGELOG.md", ["1", "2"])])
    story.begin(0, "1").report(10, "1").merge(12, "1").begin(12, "2").report(20, "2").merge(20, "2")
    assert causes(story) == {"dependencies": 10, "merges": 2, "work": 8}


def test_attempts_that_fail_in_the_end_are_retries_only_while_nothing_better_runs() -> None:
    story = Story(["1", "2"])
    story.begin(0, "1").begin(0, "2").report(5, "2").merge(6, "2").report(8, "1").fail(10, "1").begin(11, "1", 2).report(16, "1", 2).merge(17, "1", attempt=2)
    assert causes(story) == {"work": 5 + 5, "merges": 1 + 1, "retries": 4, "other": 1}


QUESTION = {"id": "failed-1", "kind": "failed", "text": "What now?", "options": [{"id": "retry", "label": "Retry", "effect": "again", "command": ""}]}


@pytest.mark.parametrize(("failure", "sequential"), [("test", 23), ("conflict", 13), ("lost", 13), ("interrupted", 13)])
def test_an_attempt_that_conflicted_or_was_broken_off_saves_nothing(failure: str, sequential: float) -> None:
    """Of two at a time one conflicts and is done again: what both took together would never have been taken one after the other."""
    story = Story(["1", "2"]).begin(0, "1").begin(0, "2").report(10, "1")
    story.add(10, "task-failed", task="2", attempt=1, reason="r", counted=True, final=False, **{"class": failure})
    found = account(story.merge(10, "1").begin(10, "2", 2).report(13, "2", 2).merge(13, "2", attempt=2).events)
    assert (found.tasks, found.sequential, found.active) == (23, sequential, 13)


def test_waiting_for_a_person_is_neither_work_nor_gain() -> None:
    story = Story(["1"])
    story.add(0, "question-asked", question=QUESTION).add(100, "question-answered", id="failed-1", option="retry")
    story.begin(100, "1").report(110, "1").merge(111, "1")
    found = account(story.events)
    assert causes(story) == {"questions": 100, "work": 10, "merges": 1}
    assert (found.wall, found.active, found.tasks, found.sequential) == (111, 11, 10, 11)


def test_what_becomes_of_the_folder_is_a_persons_word_as_well() -> None:
    story = Story(["1"], process=False).begin(0, "1").report(5, "1").merge(5, "1").add(5, "phase-verified", phase="1", checkpoint="e" * 40)
    spent = account(story.add(905, "completing", cleanup="keep").add(906, "finished", outcome="completed").events)
    assert (spent.causes[Cause.QUESTIONS], spent.active) == (900, 6)


def test_a_question_does_not_count_while_something_runs() -> None:
    story = Story(["1", "2"])
    story.begin(0, "1").add(0, "question-asked", question=QUESTION).report(10, "1").merge(11, "1")
    assert causes(story) == {"work": 10, "merges": 1}


def test_a_night_without_its_driver_is_no_task_time() -> None:
    """The process was killed; its worker ended long before anybody looked."""
    story = Story(["1"])
    story.begin(0, "1").add(8 * 3600, "resumed", driver={"id": "exec-2", "process": True}).report(8 * 3600 + 10, "1")
    found = account(story.events)
    assert causes(story) == {"away": 8 * 3600, "work": 10}
    assert found.tasks == 10


def test_what_workers_did_after_their_driver_was_killed_is_work() -> None:
    """Two of them went on, for ten minutes and for an hour; then nothing happened until the morning."""
    story, night = Story(["1", "2", "3"]), 8 * 3600
    for task in ("1", "2", "3"):
        story.begin(0, task).add(0, "worker-started", task=task, attempt=1, job=f"worker-{task}-1")
    story.report(60, "3").add(night, "resumed", driver={"id": "exec-2", "process": True})
    story.add(night, "task-reported", task="1", attempt=1, report={}, seconds=600.0)
    story.add(night, "task-failed", task="2", attempt=1, reason="red", counted=True, final=False, seconds=3600.0, **{"class": "worker"})
    found = account(story.add(night + 5, "paused", reason="enough").events)
    assert dict(found.work) == {("1", 1): 600, ("2", 1): 3600, ("3", 1): 60}
    assert found.causes[Cause.AWAY] == night - 3600 and found.wall == night + 5


def test_a_session_that_resumes_while_its_workers_work_was_not_away() -> None:
    story = Story(["1"], process=False)
    story.begin(0, "1").add(0, "worker-attached", task="1", attempt=1).add(60, "resumed", driver={"id": "s2", "process": False}).report(70, "1")
    assert causes(story) == {"work": 70}


@pytest.mark.parametrize("had_its_brief", [True, False])
def test_a_night_after_a_session_that_is_gone_is_no_task_time(had_its_brief: bool) -> None:
    """Its workers ended with it, or had never begun."""
    story, night = Story(["1", "2"], process=False), 8 * 3600
    story.begin(0, "1").begin(0, "2")
    if had_its_brief:
        story.add(0, "worker-attached", task="1", attempt=1)
    story.report(20, "2").add(night, "resumed", driver={"id": "s2", "process": False})
    if had_its_brief:
        story.add(night, "task-failed", task="1", attempt=1, reason="gone", counted=False, final=False, **{"class": "lost"})
        story.begin(night, "1", 2)
    found = account(story.report(night + 9, "1", 2 if had_its_brief else 1).events)
    assert found.causes[Cause.AWAY] == night - 20 and sum(found.work.values()) == 20 + 20 + 9


def test_paused_and_stopped_runs_are_away_once_nothing_runs() -> None:
    story = Story(["1", "2"])
    story.begin(0, "1").add(0, "paused", reason="lunch").report(10, "1").merge(12, "1").add(60, "resumed", driver={"id": "me", "process": False})
    assert causes(story)["away"] == 48
    stopped = Story(["1"]).add(0, "finished", outcome="stopped").add(9, "reopened", reason="undo")
    assert causes(stopped) == {"away": 9}


def test_the_tests_of_the_base_count_as_merging() -> None:
    story = Story(["1"]).add(0, "gate-started", subject="base", commit="b" * 40, job="gate-1").add(7, "gate-finished", subject="base", ok=True)
    story.events.pop(1)
    assert causes(story) == {"merges": 7}


def test_a_run_that_goes_on_is_counted_up_to_now() -> None:
    story = Story(["1"])
    story.begin(0, "1")
    assert causes(story, until=42) == {"work": 42}


def test_the_gain_is_what_three_at_once_save_and_never_below_nothing() -> None:
    story = Story(["1", "2", "3"])
    story.begin(0, "1").begin(0, "2").begin(0, "3").report(10, "1").report(10, "2").report(10, "3").merge(15, "3")
    found = account(story.events)
    assert (found.active, found.sequential, found.saved) == (15, 35, pytest.approx(20 / 35))
    assert account([]).saved == 0.0


STEPS = st.lists(
    st.tuples(
        st.integers(0, 50),
        st.sampled_from(["begin", "report", "merge", "fail", "pause", "resume", "ask", "answer", "stop", "hold", "regroup"]),
        st.sampled_from(["1", "2", "3", "4"]),
    ),
    max_size=40,
)


def written(steps: list[tuple[int, str, str]], mode: Mode) -> tuple[Any, int]:
    """A journal of any steps, possible or not, and the second at which it ends."""
    story = Story(["1", "2", "3"], ["4"], edges=[("4", "2"), ("3", "1")], mode=str(mode))
    now, attempts = 0, dict.fromkeys("1234", 0)
    for pause, step, task in steps:
        now += pause
        number = attempts[task]
        if step == "begin":
            attempts[task] = number = number + 1
        if number == 0 and step in ("report", "merge", "fail"):
            step = "pause"
        match step:
            case "begin" | "report" | "merge" | "fail":
                call = getattr(story, step)
                call(now, task, attempt=number)
            case "pause":
                story.add(now, "paused", reason="")
            case "resume":
                story.add(now, "resumed", driver={"id": "x", "process": task == "1"})
            case "ask":
                story.add(now, "question-asked", question=dict(QUESTION))
            case "answer":
                story.add(now, "question-answered", id="failed-1", option="retry")
            case "stop":
                story.add(now, "finished", outcome="stopped")
            case "hold":
                story.add(now, "task-held", task=task, reason="")
            case "regroup":
                basis = Story.basis([("4", "3")], [["1", "2", "3"], ["4"]])
                story.add(now, "regrouped", phase="1", before=[], after=[["1"], ["2", "3"], ["4"]], reasons=[], **basis)
    return story, now


@given(STEPS, st.sampled_from(list(Mode)))
def test_every_moment_of_any_run_is_counted_once(steps: list[tuple[int, str, str]], mode: Mode) -> None:
    story, now = written(steps, mode)
    found = account(story.events)
    assert found.wall == pytest.approx(now)
    assert sum(share.seconds for share in found.shares()) == pytest.approx(now)
    assert sum(share.share for share in found.shares()) == pytest.approx(1.0 if now else 0.0, abs=1e-4)
    assert found.active <= found.sequential + 1e-9
    assert 0.0 <= found.saved <= 1.0


@given(STEPS)
def test_what_is_kept_up_to_date_is_what_a_fresh_look_sees(steps: list[tuple[int, str, str]]) -> None:
    story, _ = written(steps, Mode.PARALLEL)
    state = fold(story.events[:1])
    assert state is not None
    kept = Standing(state)
    for event in story.events[1:]:
        apply(state, event)
        kept.follow(event)
        fresh = Standing(state)
        assert (kept.running, kept.reported, kept.waiting, set(kept.ready)) == (fresh.running, fresh.reported, fresh.waiting, set(fresh.ready))
        assert [kept.wave_begun(task) for task in state.tasks] == [fresh.wave_begun(task) for task in state.tasks]
        assert kept.waits_for_merges() == fresh.waits_for_merges()


def test_a_real_run_adds_up(tmp_path: Path) -> None:
    world = worlds.World(tmp_path / "project", worlds.CHAIN)
    world.start()
    world.work_all(["auth/1.1/1"])
    world.merge()
    events = list(Journal(world.home.journal).events())
    found = account(events)
    assert found.wall == pytest.approx(sum(found.causes.values()))
    assert found.causes[Cause.DEPENDENCIES] > 0
    assert found.work["1.1", 1] > 0
