"""Who does a task, and what may be said of it: one worker for each attempt, the session itself where a person wants it mended in place, and no lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maestro.errors import Conflict
from maestro.models.run import Handle
from maestro.models.schedule import Mode
from maestro.run import workers
from support import load_beside

made = load_beside(__file__, "worlds")
FIRST = Handle("auth", "1.1", 1)


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project")


def report(world: Any, handle: str, **said: Any) -> None:
    """The file that a worker leaves beside its work."""
    name = f".maestro-result-{Handle.parse(handle).slug}.json"
    (world.folder(handle) / name).write_text(json.dumps({"handle": handle, **said}))


# --- one worker for each attempt


@pytest.mark.parametrize("mode", [Mode.PARALLEL, Mode.TEAM])
def test_a_second_worker_is_sent_back(world: Any, mode: Mode) -> None:
    """A client that spawns twice, or a session that forgot in the background what it spawned: two workers would write the same files."""
    world.start(mode)
    brief = workers.attach(world.root, FIRST)
    refused = world.door("worktree", "attach", "auth/1.1/1")
    assert refused.code == 5 and "[attached-already]" in refused.err and "Otherwise change nothing and return this sentence." in refused.err
    assert workers.attach(world.root, FIRST, again=True) == brief, "the one that has it, and lost its brief"


@pytest.mark.parametrize("mode", [Mode.PARALLEL, Mode.TEAM])
def test_a_worker_that_never_read_its_brief_is_sent_to_it(world: Any, mode: Mode) -> None:
    """It guessed the task from its title, and its work would have been merged as if it knew the rules. Its driver needs no brief."""
    world.driver = "session-a"
    world.start(mode)
    world.write("auth/1.1/1", {"src/a.py": "a = 1\n"})
    for call in (("worktree", "check", "auth/1.1/1"), ("run", "done", "auth/1.1/1")):
        refused = world.door(*call)
        assert refused.code == 5 and "[not-attached]" in refused.err and "worktree.py attach auth/1.1/1` first" in refused.err
    assert world.states()["1.1"] == "running" and not world.task("1.1").attempt.checks
    assert world.door("run", "done", "auth/1.2/1", "--no-change", "was there", "--driver", "session-a").code == 0
    workers.attach(world.root, FIRST)
    assert world.door("worktree", "check", "auth/1.1/1").code == 0 and world.door("run", "done", "auth/1.1/1").code == 0


def test_a_worker_may_ask_again_from_its_own_worktree(world: Any) -> None:
    world.start()
    brief = workers.attach(world.root, FIRST)
    assert workers.attach(world.folder("auth/1.1/1"), FIRST) == brief


def test_of_two_workers_that_wait_for_the_set_up_one_gets_the_task(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world.start(setup="true")
    monkeypatch.setattr(workers, "PATIENCE", 30.0)
    waited = workers.Job.wait

    def overtaken(job: Any, seconds: float) -> Any:
        monkeypatch.setattr(workers.Job, "wait", waited)
        workers.attach(world.root, FIRST)
        return waited(job, seconds)

    monkeypatch.setattr(workers.Job, "wait", overtaken)
    with pytest.raises(Conflict) as caught:
        workers.attach(world.root, FIRST)
    assert caught.value.slug == "attached-already"


# --- the driver's own hands


def test_what_is_to_be_fixed_in_place_is_the_sessions_own(world: Any) -> None:
    world.start()
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    world.write("auth/1.1/1", {"src/a.py": "nearly right\n"})
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    assert next(option["effect"] for option in world.next().options if option["id"] == "fix").startswith("the session itself")
    ran = world.door("run", "answer", "failed-1.1", "fix")
    assert "Do this one yourself, no worker: auth/1.1/2" in ran.out and "Spawn" not in ran.out
    brief = world.door("worktree", "attach", "auth/1.1/2").out
    assert "Its work is in this worktree already" in brief
    assert "and stop;" not in brief and "it is merged, and you are told what comes next." in brief, "the session has to go on"
    done = world.door("run", "done", "auth/1.1/2", "--summary", "Mended.", "--driver", "")
    assert done.code == 0 and "VERIFY-PHASE" in done.out, "merged at once, for its driver"


def test_beside_what_the_session_mends_the_others_are_spawned(world: Any) -> None:
    world.start()
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    world.fail("auth/1.2/1", "which user?", "unclear-spec")
    world.next()
    world.answer("failed-1.1", "fix")
    shown = world.door("run", "retry", "auth/1.2/1").out
    assert "Do this one yourself, no worker: auth/1.1/2" in shown and "- auth/1.1/2" not in shown
    assert "- auth/1.2/2 [maestro:spark]" in shown and "as before (how: " in shown, "a retry is a worker's"


# --- a driver reports for a worker


def test_a_driver_that_reports_a_failure_is_told_what_comes_next(world: Any) -> None:
    world.driver = "session-1"
    world.start()
    refused = world.door("run", "fail", "auth/1.1/1", "--reason", "lost", "--driver", "somebody")
    assert refused.code == 6 and "[driver-other]" in refused.err and world.states()["1.1"] == "running", "nothing was recorded"
    ran = world.door("run", "fail", "auth/1.1/1", "--reason", "lost", "--driver", "session-1")
    assert "DISPATCH" in ran.out and "auth/1.1/2" in ran.out


def test_retry_keeps_the_work_whatever_it_failed_of(world: Any) -> None:
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "half\n"})
    world.retry("auth/1.1/1")
    assert (world.folder("auth/1.1/2") / "src/a.py").read_text() == "half\n"
    world.fail("auth/1.1/2", "gone", "worker")
    world.next()
    assert not (world.folder("auth/1.1/3") / "src/a.py").exists(), "nobody asked for it this time"


# --- what is said of the work


@pytest.mark.parametrize("mode", Mode)
def test_no_change_is_refused_where_there_is_one(world: Any, mode: Mode) -> None:
    """A worker that says there was nothing to do must not slip something in unseen."""
    world.start(mode)
    world.attach(["auth/1.1/1"])
    world.write("auth/1.1/1", {"src/a.py": "a\n"})
    before = len(world.events)
    refused = world.door("run", "done", "auth/1.1/1", "--no-change", "was there")
    assert refused.code == 5 and "[changed-after-all]" in refused.err and "src/a.py" in refused.err and "run.py done auth/1.1/1" in refused.err
    assert len(world.events) == before
    (world.folder("auth/1.1/1") / "src/a.py").unlink()
    assert world.door("run", "done", "auth/1.1/1", "--no-change", "was there").code == 0


def test_of_a_team_only_the_tasks_own_paths_count_as_its_change(world: Any) -> None:
    world.start(Mode.TEAM)
    world.attach(["auth/1.1/1"])
    world.write("auth/1.2/1", {"src/b.py": "b\n"})
    assert world.door("run", "done", "auth/1.1/1", "--no-change", "was there").code == 0


@pytest.mark.parametrize("mode", [Mode.PARALLEL, Mode.TEAM])
def test_what_changed_after_a_report_of_no_change_is_not_committed(world: Any, mode: Mode) -> None:
    world.start(mode)
    world.done("auth/1.1/1", no_change="was there")
    world.write("auth/1.1/1", {"src/a.py": "a\n"})
    action = world.merge()
    assert world.commits() == [] and any("nothing had to be changed, but changed src/a.py" in notice for notice in action.notices)


def test_a_question_of_a_blocked_worker_reaches_the_user(world: Any) -> None:
    world.start()
    report(world, "auth/1.1/1", status="blocked", summary="Stopped at the tokens.", question="Which user, the admin or the guest?")
    world.done("auth/1.1/1")
    assert "Which user, the admin or the guest?" in world.task("1.1").reason
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    assert "Which user" in world.merge().text


# --- what a brief says of where it works


def test_a_worktree_under_maestro_is_not_forbidden_to_its_own_worker(world: Any) -> None:
    world.start()
    brief = workers.attach(world.root, FIRST)
    assert "change nothing outside your worktree, and in it nothing under .maestro/" in brief and "never touch .maestro/" not in brief


def test_a_team_is_told_whose_red_is_whose(world: Any) -> None:
    world.start(Mode.TEAM)
    brief = workers.attach(world.root, FIRST)
    assert "what is red through these alone is not yours" in brief
    assert "another one only where it must be, named in `discovered`" in brief and "nothing but the paths" not in brief
    assert len(brief) <= 4000


HEAD = """\
# Login Implementation Plan

> **For agentic workers:** REQUIRED SUB-SKILL: Use superpowers:subagents

**Goal:** People log in without a password.

## Background

## Rules

No new table.

## Phase 1: Part 1
"""


@pytest.mark.parametrize("mode", list(Mode))
def test_what_the_plan_says_ahead_of_its_tasks_reaches_who_does_them(tmp_path: Path, mode: Mode) -> None:
    """Once: in single mode the session keeps it from task to task."""
    plan = made.CHAIN.replace("# Plan: Example\n\n## Phase 1: Part 1\n", HEAD)
    world = made.World(tmp_path / "project", plan)
    action = world.start(mode)
    brief = action.brief if mode is Mode.SINGLE else workers.attach(world.root, FIRST)
    told = "Ahead of its tasks the plan says:\n**Goal:** People log in without a password.\n## Rules\nNo new table.\n"
    assert told in brief and "SUB-SKILL" not in brief
    if mode is Mode.SINGLE:
        world.work("auth/1.1/1", {"src/a.py": "a\n"})
        assert "Ahead" not in world.next().brief


def test_a_long_introduction_is_cut_and_its_place_named(tmp_path: Path) -> None:
    plan = made.CHAIN.replace("# Plan: Example\n", "# Plan: Example\n\n" + "Words upon words.\n" * 200)
    world = made.World(tmp_path / "project", plan)
    world.start()
    brief = workers.attach(world.root, FIRST)
    assert brief.count("Words upon words.") < 60 and f"[cut: the rest is at the beginning of {world.plan_file}]" in brief
