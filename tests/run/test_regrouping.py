"""What was learned while running changes what is left, never what is done; and the user sees before, after and why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maestro.errors import Conflict, NotFound
from maestro.models.run import Handle
from maestro.models.schedule import Mode
from maestro.run import workers
from support import load_beside

made = load_beside(__file__, "worlds")

FOUR = made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py"), ("1.4", "src/app.py"))
"""The fourth waits for a free slot in the same wave."""


def waves(world: Any) -> list[list[str]]:
    found: list[list[str]] = world.state.phases["1"].waves
    return found


# --- a file that nobody expected


@pytest.mark.parametrize("how", ["the diff", "the report", "the door"])
def test_a_file_nobody_expected_holds_back_whoever_would_touch_it_too(tmp_path: Path, how: str) -> None:
    world = made.World(tmp_path / "project", FOUR)
    assert made.handles(world.start()) == ["auth/1.1/1", "auth/1.2/1", "auth/1.3/1"]
    if how == "the door":
        notices = workers.discover(world.root, "1.1", None, path="src/app.py", access="modify", needs=None, by="the worker")
        world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 2\n"})
    elif how == "the report":
        report = json.dumps({"discovered": [{"path": "src/app.py", "access": "modify"}]})
        notices = world.work("auth/1.1/1", {"src/a.py": "a\n", ".maestro-result-1.1-1.json": report})
    else:
        notices = world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 2\n"})
    assert any("1.4 is held back to a later wave: 1.1 changes src/app.py outside its scope, which 1.4 touches too." in notice for notice in notices)
    action = world.merge()
    assert action.action != "dispatch" or action.repeat, "a slot is free, but 1.4 stays back"
    world.work_all(["auth/1.2/1", "auth/1.3/1"])
    action = world.merge()
    assert made.handles(action) == ["auth/1.4/1"] and waves(world) == [["1.1", "1.2", "1.3"], ["1.4"]]
    (text,) = [notice for notice in action.notices if "re-grouped" in notice]
    assert text.splitlines() == [
        "Waves of phase 1 re-grouped.",
        "  before: 1.1, 1.2, 1.3, 1.4",
        "  after:  1.1, 1.2, 1.3 | 1.4",
        "  why: 1.1 changes src/app.py outside its scope, which 1.4 touches too.",
    ]
    (change,) = world.state.regroupings
    assert change.before == (("1.1", "1.2", "1.3", "1.4"),) and change.after == (("1.1", "1.2", "1.3"), ("1.4",))
    world.work("auth/1.4/1", {"src/app.py": "x = 3\n"})
    assert world.merge().action == "verify-phase" and world.commits()[-1] == "1.4"


@pytest.mark.parametrize(("scope", "path"), [("src/app.py", "src/app.py"), ("docs/", "docs/deep/how.md"), ("docs/*.md", "docs/how.md")])
def test_running_worktrees_are_looked_into_before_anything_new_starts(tmp_path: Path, scope: str, path: str) -> None:
    """Its worker has not said a word yet."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py"), ("1.4", scope)))
    world.attach(made.handles(world.start()))
    world.write("auth/1.1/1", {"src/a.py": "a\n", path: "x = 2\n"})
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    action = world.merge()
    assert action.action == "wait" and any(f"1.4 is held back to a later wave: 1.1 changes {path}" in notice for notice in action.notices)
    assert world.states()["1.4"] == "waiting" and world.named("discovered")[0]["by"] == "auth/1.1/1"


def test_a_file_that_nobody_else_needs_changes_nothing(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", FOUR)
    world.attach(made.handles(world.start()))
    notices = world.work("auth/1.1/1", {"src/a.py": "a\n", "src/other.py": "o\n"})
    assert not any("held back" in notice for notice in notices)
    assert made.handles(world.merge()) == ["auth/1.4/1"] and world.state.regroupings == []


def test_what_runs_already_is_not_held_back(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/app.py")))
    world.start()
    notices = world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 2\n"})
    assert not any("held back" in notice for notice in notices) and world.states() == {"1.1": "reported", "1.2": "running"}


# --- a prerequisite that nobody named


def test_a_discovered_prerequisite_moves_the_task_behind_it(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", FOUR)
    world.start()
    workers.discover(world.root, "1.4", None, path=None, access="modify", needs="1.2", by="the driver")
    assert world.task("1.4").held
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    assert world.merge().action != "dispatch" or world.next().repeat
    world.work_all(["auth/1.2/1", "auth/1.3/1"])
    assert made.handles(world.merge()) == ["auth/1.4/1"] and waves(world)[-1] == ["1.4"]


def test_a_discovered_prerequisite_counts_in_later_waves_with_its_reason(tmp_path: Path) -> None:
    text = made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1"), ("1.3", "src/c.py", "after Task 1.1"))
    world = made.World(tmp_path / "project", text)
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n", ".maestro-result-1.1-1.json": "{}"})
    workers.discover(world.root, "1.3", None, path=None, access="modify", needs="1.2", by="auth/1.1/1")
    action = world.merge()
    assert made.handles(action) == ["auth/1.2/1"] and waves(world) == [["1.1"], ["1.2"], ["1.3"]]
    assert any("1.3 now waits for 1.2" in notice or "1.3 needs 1.2, found while running" in notice for notice in action.notices)
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    assert made.handles(world.merge()) == ["auth/1.3/1"]


@pytest.mark.parametrize(("task", "needs"), [("1.1", "1.2"), ("1.1", "1.1"), ("1.2", "1.2")])
def test_a_prerequisite_that_would_close_a_circle_does_not_stop_the_run(tmp_path: Path, task: str, needs: str) -> None:
    """A worker says that it needs what waits for it: the plan's own word stands."""
    world = made.World(tmp_path / "project", made.CHAIN)
    world.start()
    workers.discover(world.root, task, None, path=None, access="modify", needs=needs, by="a worker")
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    assert made.handles(world.merge()) == ["auth/1.2/1"]
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    assert world.merge().action == "verify-phase"


def test_a_discovery_about_an_unknown_task_is_refused(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    for task, needs in (("9.9", "1.1"), ("1.1", "9.9")):
        with pytest.raises(NotFound):
            workers.discover(world.root, task, None, path=None, access="modify", needs=needs, by="x")
    assert world.named("discovered") == []


def test_a_report_that_names_an_unknown_task_is_only_words(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    world.work(
        "auth/1.1/1", {"src/a.py": "a\n", ".maestro-result-1.1-1.json": json.dumps({"discovered": [{"needs": "9.9"}, {"needs": "1.1"}, {"needs": "1.2"}]})}
    )
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    assert world.merge().action == "verify-phase"


# --- shared resources


def test_two_tasks_that_share_a_resource_never_run_together(tmp_path: Path) -> None:
    text = made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py"))
    for name in ("a", "c"):
        text = text.replace(f"- [ ] Create `src/{name}.py`", f"- [ ] Create `src/{name}.py`\n- [ ] Modify `package-lock.json`")
    world = made.World(tmp_path / "project", text, {"package-lock.json": "{}\n"})
    assert world.start().question_id == "setup-command"
    action = world.answer("setup-command", "none")
    assert made.handles(action) == ["auth/1.1/1", "auth/1.2/1"], "1.3 is in the same wave and waits for 1.1 to be merged"
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    world.work("auth/1.1/1", {"src/a.py": "a\n", "package-lock.json": '{"a": 1}\n'})
    assert world.states()["1.3"] == "waiting", "reported is not merged"
    assert made.handles(world.merge()) == ["auth/1.3/1"]
    assert (world.folder("auth/1.3/1") / "package-lock.json").read_text() == '{"a": 1}\n'


# --- the plan is edited


def test_a_new_task_joins_the_run(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    world.edit("### Phase 1 Completion", "### Task 1.3: Make c, after Task 1.2\n- [ ] Create `src/c.py`\n\n### Phase 1 Completion")
    action = world.next()
    assert any("The plan was edited (+1.3)" in notice for notice in action.notices) and len(world.state.tasks) == 3
    world.work_all(["auth/1.1/1", "auth/1.2/1"])
    assert made.handles(world.merge()) == ["auth/1.3/1"]
    world.work("auth/1.3/1", {"src/c.py": "c\n"})
    assert world.merge().action == "verify-phase"


def test_a_new_phase_joins_the_run(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    world.plan_file.write_text(world.plan + "\n## Phase 2: More\n\n### Task 2.1: Make c\n- [ ] Create `src/c.py`\n")
    world.work_all(["auth/1.1/1", "auth/1.2/1"])
    assert world.merge().action == "verify-phase"
    assert made.handles(world.answer("verify-1-1", "verified")) == ["auth/2.1/1"]


def test_a_waiting_task_may_be_retitled_and_gets_other_files(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1"), ("1.3", "src/c.py", "after Task 1.1")))
    world.start()
    world.edit("### Task 1.3: Make c, after Task 1.1\n- [ ] Create `src/c.py`", "### Task 1.3: Extend b, after Task 1.2\n- [ ] Modify `src/b.py`")
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    action = world.merge()
    assert made.handles(action) == ["auth/1.2/1"] and world.task("1.3").title == "Extend b, after Task 1.2" and waves(world) == [["1.1"], ["1.2"], ["1.3"]]


def test_a_running_task_keeps_its_text_and_a_new_title_is_a_question(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    world.edit("Make a", "Make something else")
    action = world.next()
    assert (action.question_id, made.options(action), action.unattended) == ("plan-changed", ["accept", "stop"], None)
    assert "1.1 is now 'Make something else' instead of 'Make a'" in action.text


def test_a_removed_task_is_a_question_and_leaves_when_that_is_meant(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1")))
    world.start()
    world.edit("### Task 1.2: Make b, after Task 1.1\n- [ ] Create `src/b.py`\n", "")
    assert world.next().question_id == "plan-changed"
    world.answer("plan-changed", "accept")
    assert list(world.state.tasks) == ["1.1"]
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    assert world.merge().action == "verify-phase"


def test_each_removal_is_a_question_of_its_own(tmp_path: Path) -> None:
    """What was said to the first is no answer to the second."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1"), ("1.3", "src/c.py", "after Task 1.1")))
    world.start()
    world.edit("### Task 1.2: Make b, after Task 1.1\n- [ ] Create `src/b.py`\n", "")
    world.next()
    world.answer("plan-changed", "accept")
    world.edit("### Task 1.3: Make c, after Task 1.1\n- [ ] Create `src/c.py`\n", "")
    assert world.next().question_id == "plan-changed" and "1.3" in world.state.tasks


def test_stopped_at_an_edit_the_mended_plan_goes_on(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    world.start()
    before = world.plan
    world.edit("### Task 1.2: Make b, after Task 1.1\n- [ ] Create `src/b.py`\n", "")
    world.next()
    assert world.answer("plan-changed", "stop").outcome == "stopped"
    assert world.resume().question_id == "plan-changed", "still removed: asked again, not taken for accepted"
    world.plan_file.write_text(before)
    assert list(world.state.tasks) == ["1.1", "1.2"]


def test_a_task_ticked_by_hand_is_settled_and_does_not_run(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    world.start()
    world.edit("Make b, after Task 1.1", "Make b, after Task 1.1 [x] abaa869")
    action = world.next()
    assert any("1.2 was marked done in the plan by hand" in notice for notice in action.notices)
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    assert world.merge().action == "verify-phase" and "[x] abaa869" in world.plan


def test_a_plan_that_cannot_be_read_stops_nothing_that_is_done(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    whole = world.plan
    world.plan_file.write_text("# nothing\n")
    with pytest.raises(Exception) as caught:
        world.next()
    assert getattr(caught.value, "exit_code", None) == 3
    world.plan_file.write_text(whole)
    assert world.next().repeat


# --- waves


def test_the_next_wave_waits_for_every_task_of_the_wave(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py", "after Task 1.1")))
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    action = world.merge()
    assert world.states() == {"1.1": "merged", "1.2": "running", "1.3": "waiting"} and (action.action != "dispatch" or action.repeat)
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    assert made.handles(world.merge()) == ["auth/1.3/1"]


def test_in_single_mode_each_wave_has_one_task(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    world.start(Mode.SINGLE)
    assert waves(world) == [["1.1"], ["1.2"], ["1.3"], ["1.4"], ["1.5"]]


def test_a_prerequisite_that_was_skipped_does_not_block(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN.replace("Make a", "Make a [-]"))
    assert made.handles(world.start()) == ["auth/1.2/1"]


def test_workers_attach_to_what_the_new_waves_gave_them(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", FOUR)
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 2\n"})
    world.work_all(["auth/1.2/1", "auth/1.3/1"])
    world.merge()
    assert "src/app.py" in workers.attach(world.root, Handle.parse("auth/1.4/1"))
    assert (world.folder("auth/1.4/1") / "src/app.py").read_text() == "x = 2\n", "it starts from what was merged"


def test_an_edited_task_that_waits_in_a_running_wave_is_looked_at_again(tmp_path: Path) -> None:
    """Its new text collides with a task that runs: as it was grouped, it would start beside it."""
    world = made.World(tmp_path / "project", FOUR)
    world.attach(made.handles(world.start()))
    world.edit("- [ ] Create `src/app.py`", "- [ ] Modify `src/a.py`")
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    action = world.merge()
    assert action.action == "wait" and any("The plan was edited (~1.4)" in notice for notice in action.notices)
    world.work_all(["auth/1.1/1", "auth/1.3/1"])
    action = world.merge()
    assert made.handles(action) == ["auth/1.4/1"] and any("why: 1.4 was edited in the plan." in notice for notice in action.notices)
    assert world.state.phases["1"].scopes["1.4"] == (("src/a.py", "modify"),)


def test_a_tick_is_no_edit(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    world.start()
    world.edit("- [ ] Create `src/b.py`", "- [~] Create `src/b.py`")
    world.next()
    assert world.named("plan-read") == []


def test_a_running_task_keeps_its_text(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    world.edit("- [ ] Create `src/a.py`", "- [ ] Create `src/something_else.py`")
    world.next()
    assert "Create `src/a.py`" in workers.attach(world.root, Handle.parse("auth/1.1/1"))
    world.fail("auth/1.1/1", "lost", "lost")
    world.work_all(["auth/1.2/1"])
    world.merge()
    assert "Create `src/something_else.py`" in workers.attach(world.root, Handle.parse("auth/1.1/2")), "the next attempt reads the plan as it is"


def test_imports_that_came_with_a_merge_count_at_the_next_boundary(tmp_path: Path) -> None:
    """1.1 lets the page of 1.3 use the ledger, whose public function 1.2 is about to change: nobody could know that before."""
    text = made.plan(("1.1", "src/shop.py"), ("1.2", "src/ledger.py", "after Task 1.1"), ("1.3", "src/page.py", "after Task 1.1")).replace("Create", "Modify")
    text = text.replace("Make ledger", "Let `settle_ledger` return cents")
    files = {"src/__init__.py": "", "src/shop.py": "x = 1\n", "src/ledger.py": "def settle_ledger():\n    return 1\n", "src/page.py": "y = 1\n"}
    world = made.World(tmp_path / "project", text, files)
    world.start(ignore_soft=False)
    assert waves(world) == [["1.1"], ["1.2", "1.3"]]
    world.work("auth/1.1/1", {"src/shop.py": "x = 2\n", "src/page.py": "from src.ledger import settle_ledger\n\ny = settle_ledger()\n"})
    action = world.merge()
    assert made.handles(action) == ["auth/1.2/1"] and waves(world) == [["1.1"], ["1.2"], ["1.3"]]
    assert any("1.3 now waits for 1.2" in notice and "import" in notice for notice in action.notices), action.notices


def test_the_history_of_the_waves_is_kept_and_shown(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", FOUR)
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 2\n"})
    world.work_all(["auth/1.2/1", "auth/1.3/1"])
    world.merge()
    shown = world.door("waves", "history").out
    assert "before  1.1, 1.2, 1.3, 1.4" in shown and "after   1.1, 1.2, 1.3 | 1.4" in shown and "1.1 changes src/app.py outside its scope" in shown
    [change] = world.door("waves", "history", "--json").data["regroupings"]
    assert change["after"] == [["1.1", "1.2", "1.3"], ["1.4"]]


# --- a task that failed


def test_what_a_failed_task_blocks_stays_behind_what_it_needs(tmp_path: Path) -> None:
    """1.1 comes back beside 1.4, which never started; 1.5 waits behind the failed 1.2, not in a wave of its own before them."""
    tasks = (*((f"1.{number}", f"src/{name}.py") for number, name in enumerate("abcd", 1)), ("1.5", "src/e.py", "after Task 1.2"))
    world = made.World(tmp_path / "project", made.plan(*tasks))
    world.start()
    world.fail("auth/1.2/1", "which user?", "unclear-spec")
    world.work("auth/1.3/1", {"src/c.py": "c\n"})
    world.fail("auth/1.1/1")
    action = world.merge()
    assert made.handles(action) == ["auth/1.1/2", "auth/1.4/1"]
    assert waves(world) == [["1.2", "1.3"], ["1.1", "1.4", "1.5"]] and world.states()["1.5"] == "blocked"
    (text,) = [notice for notice in action.notices if "re-grouped" in notice]
    assert "  before: 1.2, 1.1, 1.3, 1.4 | 1.5\n  after:  1.2, 1.3 | 1.1, 1.4, 1.5\n" in text and "1.5 is blocked: it needs 1.2, which failed." in text


def test_a_task_that_is_blocked_where_it_stands_is_said_without_a_regrouping(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1"), ("1.3", "src/c.py", "after Task 1.2")))
    world.start()
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    action = world.merge()
    assert action.question_id == "failed-1.1" and "1.3 is blocked: it needs 1.1, which failed." in action.notices
    assert waves(world) == [["1.1"], ["1.2"], ["1.3"]] and world.state.regroupings == []


def test_a_discovery_in_a_run_that_is_over_is_refused(tmp_path: Path) -> None:
    """It could order nothing, and the run's report would go on counting time."""
    world = made.World(tmp_path / "project")
    world.start()
    world.abort()
    before = len(world.events)
    with pytest.raises(Conflict) as caught:
        workers.discover(world.root, "1.1", None, path="src/x.py", access="modify", needs=None, by="x")
    assert caught.value.slug == "run-over" and len(world.events) == before
