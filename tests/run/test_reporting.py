"""The report of a run: of the one in force, while it goes on and afterwards, and of earlier ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maestro.errors import NotFound
from maestro.models.report import Failure, Gates, Spent
from maestro.models.run import Attempt
from maestro.run.reporting import of_run, proof_of, report, usage_of
from maestro.run.state import fold
from maestro.views.pull_request import pull_request
from support import load_beside

stories = load_beside(__file__, "stories")
worlds = load_beside(__file__, "worlds")


def told(story: Any, condition: str = "completed") -> Any:
    state = fold(story.events)
    assert state is not None
    return of_run(state, story.events, condition)


def test_lengths_failures_and_the_critical_path_come_from_the_journal() -> None:
    story = stories.Story(["1", "2"], ["3"], edges=[("3", "2")])
    story.begin(0, "1").begin(0, "2").report(4, "2", tokens=100.0).merge(5, "2", "a.py")
    story.report(10, "1").fail(12, "1").begin(12, "1", 2).report(20, "1", 2, tokens=50.0, cost=0.5).merge(21, "1", "b.py", attempt=2)
    story.begin(21, "3").report(30, "3").merge(31, "3", "a.py")
    found = told(story)
    assert [(task.id, task.seconds, task.attempts) for task in found.tasks] == [("1", 18, 2), ("2", 4, 1), ("3", 9, 1)]
    assert (found.critical_path, found.times.critical) == (("1",), 18)
    assert found.failures == (Failure("1", 1, "test", "red", 10),)
    assert found.usage == Spent(150.0, 0.5, 2)
    assert found.times.wall == 31 and sum(share.seconds for share in found.bound) == 31
    assert found.hindsight.met == 1


@pytest.mark.parametrize(
    ("waves", "mode", "predicted"), [([["1", "2", "3", "4"], ["5"]], "parallel", 0.4), ([["1"], ["2"]], "parallel", 0.0), ([["1"], ["2"]], "single", None)]
)
def test_the_gain_that_was_promised_is_told_beside_the_one_that_was_had(waves: list[list[str]], mode: str, predicted: float | None) -> None:
    assert told(stories.Story(*waves, mode=mode).begin(0, "1").report(1, "1").merge(1, "1")).times.predicted == predicted


def test_gates_take_the_time_that_their_processes_took_whenever_somebody_looks() -> None:
    """A driver that was gone for a night while tests ran for a minute, and a verdict that was taken over from an earlier candidate."""
    story = stories.Story(["1"])
    gate = {"subject": "phase", "phase": "1"}
    story.add(0, "gate-started", **gate, commit="c", job="g1").add(30_000, "gate-finished", **gate, ok=False, seconds=60.5)
    story.add(30_001, "gate-started", **gate, commit="d", job="g3").add(30_004, "gate-finished", **gate, ok=True, seconds=2.0)
    story.add(30_005, "gate-started", **gate, commit="e", job="g3").add(30_005, "gate-finished", **gate, ok=True)
    assert told(story).gates == Gates("make test", 2, 1, 62.5)


def test_work_that_was_taken_back_is_told() -> None:
    story = stories.Story(["1", "2"]).begin(0, "1").merge(1, "1", "a.py").begin(1, "2").merge(2, "2", "b.py").add(3, "task-undone", task="1")
    found = told(story, "running")
    assert (found.tasks[0].state, found.tasks[0].sha, found.tasks[0].reason) == ("waiting", "", "its commit eeeeeee was taken back")
    assert "1 Make 1: waiting (its commit eeeeeee was taken back)" in pull_request(found)
    again = told(story.begin(4, "1", 2).merge(5, "1", attempt=2))
    assert (again.tasks[0].state, again.tasks[0].reason) == ("merged", "")


def test_what_a_commit_rests_on() -> None:
    story = stories.Story(["1", "2", "3"])
    gate = {"subject": "attempt", "attempt": 1}
    for task, empty in (("1", False), ("2", True)):
        story.begin(0, task).add(1, "candidate-made", task=task, attempt=1, sha="c", parent="b")
        story.add(1, "gate-started", **gate, task=task, commit="c", job="g").add(2, "gate-finished", **gate, task=task, ok=True, empty=empty).merge(3, task)
    assert [task.tested for task in told(story).tasks] == ["green", "untested", ""]
    assert told(stories.Story(["1"], test=None).begin(0, "1").merge(1, "1")).tasks[0].tested == "untested"


@pytest.mark.parametrize(
    ("checks", "proof"),
    [([], ""), ([True], "green"), ([False], "red"), ([False, True], "red-green"), ([True, False], "green"), ([True, False, True], "red-green")],
)
def test_red_before_green_is_the_proof_of_test_first_work(checks: list[bool], proof: str) -> None:
    story = stories.Story(["1"]).begin(0, "1")
    for second, ok in enumerate(checks, 1):
        story.add(second, "worker-checked", task="1", attempt=1, ok=ok)
    state = fold(story.events)
    assert state is not None
    assert proof_of(state.tasks["1"]) == proof


def test_what_mends_a_phase_stands_in_it() -> None:
    story = stories.Story(["1"])
    story.events[0].data["phases"].append({"id": "2", "title": "Part 2", "tasks": [{"id": "2", "title": "Make 2", "done": None}]})
    story.begin(0, "1").merge(1, "1").add(2, "fix-task-added", phase="1", task="1.fix1", title="Mend it", text="It is broken.")
    assert [task.id for task in told(story).tasks] == ["1", "1.fix1", "2"]


def test_answers_that_nobody_gave_are_told_apart() -> None:
    story = stories.Story(["1"])
    options = [{"id": "go", "label": "Go on", "effect": "", "command": ""}]
    for number, more in enumerate(({}, {"unattended": True}), 1):
        story.add(number, "question-asked", question={"id": f"q{number}", "kind": "k", "text": "Well?", "options": options})
        story.add(number, "question-answered", id=f"q{number}", option="go", text="", **more)
    assert [(asked.id, asked.label, asked.unattended) for asked in told(story).questions] == [("q1", "Go on", False), ("q2", "Go on", True)]


def test_files_outside_of_what_the_text_named_at_first_are_told() -> None:
    story = stories.Story(["1", "2"])
    story.events[1].data["scopes"]["1"] = [("src/", "modify")]
    story.begin(0, "1").merge(1, "1", "src/a.py", "b.py").begin(1, "2").merge(2, "2", "c.py")
    assert [task.outside for task in told(story).tasks] == [("b.py",), ()], "a task that names nothing has no boundary"


def test_parts_of_tokens_are_added_up_and_silence_is_not_zero() -> None:
    def attempt(**usage: float) -> Attempt:
        return Attempt(1, "b", "", "", "", report={"usage": usage})

    assert usage_of([attempt()]) == Spent(None, None, 0)
    assert usage_of([attempt(input_tokens=10, output_tokens=5), attempt(cost_usd=0.0)]) == Spent(15, 0.0, 2)
    assert usage_of([attempt(tokens=7, input_tokens=5, output_tokens=2)]) == Spent(7, None, 1)


def test_what_a_failed_attempt_used_counts_as_well(tmp_path: Path) -> None:
    world = worlds.World(tmp_path / "project", worlds.plan(("1.1", "src/a.py")))
    world.start()
    said = {"handle": "auth/1.1/1", "status": "failed", "class": "test", "summary": "red", "tokens": 500, "cost": -1}
    world.write("auth/1.1/1", {"src/a.py": "x\n", ".maestro-result-1.1-1.json": json.dumps(said)})
    world.done("auth/1.1/1")
    world.next()
    world.write("auth/1.1/2", {"src/a.py": "y\n", ".maestro-result-1.1-2.json": json.dumps({"tokens": 300, "cost_usd": 0.5})})
    world.done("auth/1.1/2")
    world.merge()
    found = report(world.root, "auth")
    assert (found.usage, found.tasks[0].tokens) == (Spent(800, 0.5, 2), 800)
    assert "Used, as the workers say" in world.door("run", "report").out


def test_earlier_runs_of_a_track_are_kept_and_shown(tmp_path: Path) -> None:
    world = worlds.World(tmp_path / "project", worlds.CHAIN)
    world.start()
    first = world.state.run
    world.abort()
    world.start()
    world.work_all(["auth/1.1/1"])
    world.merge()
    now = report(world.root, None)
    assert (now.run, now.condition, now.merged, now.other_runs) == (world.state.run, "running", 1, (first,))
    assert now.description == "User login"
    assert now.edges[0].needs == "1.1"
    then = report(world.root, "auth", first[-6:])
    assert (then.run, then.condition, then.merged, then.other_runs) == (first, "stopped", 0, (world.state.run,))
    with pytest.raises(NotFound) as error:
        report(world.root, None, "nope")
    assert error.value.slug == "run-unknown" and first in str(error.value.hint)


def test_a_track_that_was_deleted_since_still_has_its_report(tmp_path: Path) -> None:
    world = worlds.World(tmp_path / "project", worlds.plan(("1.1", "src/a.py")))
    world.start()
    world.work_all(["auth/1.1/1"])
    world.merge()
    world.answer("verify-1-1", "verified")
    world.complete("delete", confirmed=True)
    assert report(world.root, "auth").condition == "completed"


def test_looking_writes_nothing_and_no_run_is_said(tmp_path: Path) -> None:
    world = worlds.World(tmp_path / "project")
    ran = world.door("run", "report", "auth", "--format", "json")
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (4, "no-run")
    assert not world.home.folder.exists()


def test_the_end_and_the_report_tell_the_same_times(tmp_path: Path) -> None:
    """Rounded twice, 119.96 seconds are two minutes here and less there."""
    world = worlds.World(tmp_path / "project", worlds.plan(("1.1", "src/a.py")))
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n"})
    world.merge()
    world.answer("verify-1-1", "verified")
    told, times = world.complete("keep").times, report(world.root, "auth").times
    assert (told["wall"], told["active"], told["tasks"]) == (times.wall, times.active, times.tasks)
