"""Single mode: one task after the other in the user's checkout, each committed with exactly what changed since it was handed out."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from builders import commit, show, tip
from maestro.errors import MaestroError
from maestro.models.run import Handle
from maestro.models.schedule import Mode
from maestro.run import workers
from support import git, load_beside, write

made = load_beside(__file__, "worlds")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project", made.CHAIN)


@pytest.fixture
def started(world: Any) -> Any:
    world.start(Mode.SINGLE)
    return world


def changed(world: Any, task: str) -> list[str]:
    return git(world.root, "show", "--format=", "--name-status", world.task(task).sha).splitlines()


def test_one_task_at_a_time_in_the_plans_order(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    action = world.start(Mode.SINGLE)
    order = []
    while action.action == "implement":
        order.append(action.handle)
        assert len(world.state.running()) == 1 and action.cwd == str(world.root)
        world.work(action.handle, {action.scope[0]: "x\n"})
        action = world.merge()
    assert order == [f"auth/1.{number}/1" for number in range(1, 6)] and action.action == "verify-phase"
    assert world.commits() == ["1.1", "1.2", "1.3", "1.4", "1.5"] and not (world.root / ".maestro/worktrees").exists()


def test_the_plans_order_holds_where_no_edge_says_otherwise(tmp_path: Path) -> None:
    """In parallel the one that others wait for goes first; here nobody would gain by that."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py", "after Task 1.2"), ("1.4", "src/d.py")))
    world.start(Mode.SINGLE)
    assert [wave for wave in world.state.phases["1"].waves] == [["1.1"], ["1.2"], ["1.3"], ["1.4"]]


def test_what_is_yours_to_do_is_said_also_when_an_earlier_task_was_opened_again(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start(Mode.SINGLE)
    world.fail("auth/1.1/1", "no idea", "unclear-spec")
    assert world.next().handle == "auth/1.2/1"
    world.retry("auth/1.1/1")
    action = world.next()
    assert (action.action, action.handle, action.repeat) == ("implement", "auth/1.2/1", True) and "Create `src/b.py`" in action.brief


def test_an_implement_action_holds_all_that_is_needed(started: Any) -> None:
    action = started.next()
    assert (action.action, action.repeat, action.handle, action.title, action.scope, action.method) == (
        "implement",
        True,
        "auth/1.1/1",
        "Make a",
        ("src/a.py",),
        "tdd",
    )
    assert "Create `src/a.py`" in action.brief and "done auth/1.1/1" in action.done and "check auth/1.1/1" in action.check and "fail auth/1.1/1" in action.fail
    assert "Make a [~]" in started.plan


def test_exactly_what_changed_since_the_dispatch_is_committed(world: Any) -> None:
    write(world.root, {"notes.txt": "before\n", "src/draft.py": "before\n"})
    world.start(Mode.SINGLE)
    write(world.root, {"src/draft.py": "changed by the task\n"})
    world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 2\n", "tests/test_a.py": "t\n"})
    world.merge()
    assert changed(world, "1.1") == ["A\tsrc/a.py", "M\tsrc/app.py", "A\tsrc/draft.py", "A\ttests/test_a.py"]
    assert "?? notes.txt" in world.status(), "the user's own file stays as it was"


def test_done_through_the_door_says_what_comes_next(started: Any) -> None:
    write(started.root, {"src/a.py": "a\n"})
    ran = started.door("run", "done", "auth/1.1/1", "--json")
    assert ran.code == 0 and ran.data["next"]["action"] == "implement" and ran.data["next"]["handle"] == "auth/1.2/1"


def test_a_red_gate_leaves_the_work_in_the_checkout_to_be_mended(started: Any) -> None:
    started.work("auth/1.1/1", {"src/a.py": "a\n", "broken": "x\n"})
    action = started.merge()
    assert (action.action, action.handle, started.commits()) == ("implement", "auth/1.1/2", [])
    assert (started.root / "src/a.py").exists() and "failed (test)" in action.brief
    (started.root / "broken").unlink()
    started.write("auth/1.1/2", {"tests/test_a.py": "t\n"})
    started.done("auth/1.1/2")
    started.merge()
    assert changed(started, "1.1") == ["A\tsrc/a.py", "A\ttests/test_a.py"], "the first attempt's work belongs to the task"


def test_a_red_gate_mended_without_a_further_file_is_a_change_too(started: Any) -> None:
    """The second attempt only takes away what was wrong."""
    started.work("auth/1.1/1", {"src/a.py": "a\n", "broken": "x\n"})
    started.merge()
    (started.root / "broken").unlink()
    started.done("auth/1.1/2")
    started.merge()
    assert changed(started, "1.1") == ["A\tsrc/a.py"]


def test_a_tick_that_nobody_earned_is_taken_back(started: Any) -> None:
    started.edit("Make b, after Task 1.1", "Make b, after Task 1.1 [x] abaa869")
    notices = started.work("auth/1.1/1", {"src/a.py": "a\n"})
    assert any("the tick is taken back" in notice for notice in notices) and "abaa869" not in started.plan
    assert started.merge().handle == "auth/1.2/1"


def commits_by_hand(world: Any) -> Any:
    commit(world.root, {"src/a.py": "by the agent itself\n"}, "I could not resist")
    world.write("auth/1.1/1", {"src/app.py": "x = 2\n"})
    world.done("auth/1.1/1")
    action = world.merge()
    assert (action.question_id, made.options(action), action.ask) == ("foreign-1.1-1", ["adopt", "foreign"], "agent")
    return action


def test_commits_since_the_dispatch_are_adopted_or_somebody_elses(started: Any) -> None:
    action = commits_by_hand(started)
    assert tip(started.root)[:7] in action.text and started.commits() == []
    action = started.answer("foreign-1.1-1", "foreign")
    assert action.handle == "auth/1.2/1" and changed(started, "1.1") == ["M\tsrc/app.py"]


def test_an_adopted_commit_counts_when_nothing_else_is_left(started: Any) -> None:
    users = commit(started.root, {"src/a.py": "a\n"}, "Committed by the agent")
    started.done("auth/1.1/1", summary="all committed")
    started.merge()
    action = started.answer("foreign-1.1-1", "adopt")
    assert action.handle == "auth/1.2/1" and started.task("1.1").sha == users and f"[x] {users[:7]}" in started.plan


def test_our_own_commits_are_not_foreign(tmp_path: Path) -> None:
    """Bookkeeping and the task before."""
    world = made.World(tmp_path / "project", made.PHASES)
    action = world.start(Mode.SINGLE)
    for handle, name in (("auth/1.1/1", "a"), ("auth/2.1/1", "b")):
        world.work(handle, {f"src/{name}.py": "x\n"})
        action = world.merge()
        assert action.action == "verify-phase", action
        action = world.answer(action.question.id, "verified")
    assert action.action == "complete"


def test_bookkeeping_waits_for_the_phase(started: Any) -> None:
    started.work("auth/1.1/1", {"src/a.py": "a\n"})
    started.merge()
    started.work("auth/1.2/1", {"src/b.py": "b\n"})
    action = started.merge()
    assert started.subjects() == ["feat(auth): Make a", "feat(auth): Make b, after Task 1.1"]
    started.answer(action.question.id, "verified")
    assert started.subjects()[2:] == ["chore(auth): phase 1 verified"] and started.status() == ""


def test_failing_and_skipping_work_here_too(started: Any) -> None:
    started.fail("auth/1.1/1", "which user?", "unclear-spec")
    assert started.next().question_id == "failed-1.1"
    action = started.answer("failed-1.1", "skip")
    assert action.handle == "auth/1.2/1"


def test_resuming_with_work_in_the_checkout_is_not_an_unsafe_tree(started: Any) -> None:
    write(started.root, {"src/app.py": "x = 2  # half done\n"})
    started.pause()
    action = started.resume()
    assert (action.action, action.handle, action.repeat) == ("implement", "auth/1.1/1", True)
    assert "Changed so far, uncommitted and kept: src/app.py. Go on from it." in action.brief, "whoever resumes may be another session"


def failed_for_good(folder: Path) -> Any:
    """1.1 is given up with a tracked and a new file changed; 1.2, which needs nothing of it, is handed out."""
    world = made.World(folder, made.TWO)
    world.start(Mode.SINGLE)
    world.write("auth/1.1/1", {"src/app.py": "x = 'half'\n", "src/a.py": "half\n"})
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    return world


def test_what_a_failed_attempt_left_does_not_stop_the_resume_and_is_the_next_ones_to_go_on_with(tmp_path: Path) -> None:
    world = failed_for_good(tmp_path / "project")
    world.pause()
    before = {path: (world.root / path).read_bytes() for path in ("src/app.py", "src/a.py")}
    action = world.resume()
    assert (action.action, action.handle) == ("implement", "auth/1.1/2")
    assert "lies here still, uncommitted: src/a.py, src/app.py" in action.brief
    assert {path: (world.root / path).read_bytes() for path in before} == before
    world.work("auth/1.1/2", {"src/a.py": "whole\n"})
    world.merge()
    assert changed(world, "1.1") == ["A\tsrc/a.py", "M\tsrc/app.py"]


def test_clearing_away_what_a_failed_attempt_left_is_no_deletion(tmp_path: Path) -> None:
    world = failed_for_good(tmp_path / "project")
    world.next()
    (world.root / "src/a.py").unlink()
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    assert world.merge().question_id == "failed-1.1"
    assert changed(world, "1.2") == ["A\tsrc/b.py"]


def test_what_the_user_changed_since_is_still_refused(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO, {"mine.py": "y = 1\n"})
    world.start(Mode.SINGLE)
    world.write("auth/1.1/1", {"src/app.py": "x = 'half'\n"})
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    world.pause()
    write(world.root, {"mine.py": "y = 2\n"})
    with pytest.raises(MaestroError) as caught:
        world.resume()
    assert (caught.value.slug, caught.value.where) == ("tree-dirty", "mine.py")


def test_what_others_left_is_told_when_a_task_starts_and_when_it_is_tested(tmp_path: Path) -> None:
    world = failed_for_good(tmp_path / "project")
    action = world.next()
    assert action.handle == "auth/1.2/1"
    assert any("1.1 left src/a.py, src/app.py in the checkout" in notice for notice in action.notices)
    assert "Not yours, and in no commit: src/a.py, src/app.py (left by 1.1, failed)" in action.brief
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    notices = world.merge().notices
    assert any("1.2 is tested beside files that are in no commit: src/a.py, src/app.py" in notice for notice in notices)
    assert changed(world, "1.2") == ["A\tsrc/b.py"]


def test_cleaning_does_not_say_that_it_removed_the_checkout(tmp_path: Path) -> None:
    world = failed_for_good(tmp_path / "project")
    for call in (("worktree", "clean", "--dry-run"), ("worktree", "clean")):
        assert world.door(*call, "--json").data["removed"] == []
    assert (world.root / "src/a.py").read_text() == "half\n"


ASIDE = "git stash push --include-untracked --message 'left by 1.1' -- src/a.py src/app.py"


def test_what_a_skipped_task_leaves_is_told_with_the_way_to_put_it_aside(tmp_path: Path) -> None:
    """Nobody but the user takes it out of the checkout, so they are told how; afterwards it is nobody's change."""
    world = failed_for_good(tmp_path / "project")
    action = world.skip("1.1")
    (told,) = [notice for notice in action.notices if notice.startswith("What 1.1 left stays in the checkout")]
    assert "src/a.py, src/app.py" in told and told.endswith(f"`{ASIDE}`.") and (world.root / "src/a.py").exists()
    git(world.root, *shlex.split(ASIDE)[1:])
    assert git(world.root, "status", "--porcelain", "--", "src") == ""
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    assert not any("src/app.py" in notice for notice in world.merge().notices)
    assert changed(world, "1.2") == ["A\tsrc/b.py"]
    assert "src/a.py" in git(world.root, "stash", "show", "--include-untracked", "--name-only")


def test_a_red_run_names_what_a_skipped_task_left(tmp_path: Path) -> None:
    """Its author sees nothing of its own that is wrong: the check, the tests before the commit and those of the phase say what else lies there."""
    world = made.World(tmp_path / "project", made.TWO)
    world.start(Mode.SINGLE, test="test ! -e src/a.py")
    world.write("auth/1.1/1", {"src/a.py": "half\n"})
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    world.skip("1.1")
    world.write("auth/1.2/1", {"src/b.py": "b\n"})
    why = "Perhaps red through what lies in the checkout, in no commit: src/a.py (left by 1.1, skipped)"
    assert why in world.door("worktree", "check", "auth/1.2/1").out
    world.done("auth/1.2/1")
    assert any(notice.startswith(why) for notice in world.merge().notices)
    world.skip("1.2")
    assert why in world.next().question.text


def test_a_task_that_comes_back_is_not_taken_for_what_was_committed_meanwhile(tmp_path: Path) -> None:
    world = failed_for_good(tmp_path / "project")
    world.next()
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    assert world.states()["1.2"] == "merged"
    world.retry("auth/1.1/1")
    assert world.next().handle == "auth/1.1/2"
    world.work("auth/1.1/2", {"src/a.py": "whole\n"})
    action = world.merge()
    assert action.action == "verify-phase" and not any("outside its scope" in notice and "src/b.py" in notice for notice in action.notices)
    assert changed(world, "1.1") == ["A\tsrc/a.py", "M\tsrc/app.py"]


def test_files_staged_by_the_user_stay_staged(started: Any) -> None:
    write(started.root, {"mine.txt": "mine\n"})
    git(started.root, "add", "mine.txt")
    started.work("auth/1.1/1", {"src/a.py": "a\n"})
    started.merge()
    assert show(started.root, "HEAD", "src/a.py") == "a\n"


def test_work_in_a_subfolder_and_odd_names_is_committed(started: Any) -> None:
    started.work("auth/1.1/1", {"src/a.py": "a\n", "src/größe 日本.txt": "1\n", "src/[x]*.txt": "2\n", "src/-rf": "3\n"})
    started.merge()
    assert git(started.root, "show", "--format=", "--name-only", "-z", started.task("1.1").sha).count("\0") >= 3


def test_a_deletion_that_nobody_named_is_held_here_too(started: Any) -> None:
    (started.root / "src/app.py").unlink()
    started.work("auth/1.1/1", {"src/a.py": "a\n"})
    action = started.merge()
    assert action.question_id == "held-1.1-1"
    started.answer("held-1.1-1", "merge")
    assert changed(started, "1.1") == ["A\tsrc/a.py", "D\tsrc/app.py"]


def test_held_changes_left_out_stay_in_the_checkout(started: Any) -> None:
    started.work("auth/1.1/1", {"src/a.py": "a\n", "infra/deploy.sh": "x\n"})
    assert started.merge().question_id == "held-1.1-1"
    started.answer("held-1.1-1", "leave-out")
    assert changed(started, "1.1") == ["A\tsrc/a.py"] and (started.root / "infra/deploy.sh").exists()


def test_attach_in_single_mode_only_prints_the_brief(started: Any) -> None:
    assert "Create `src/a.py`" in workers.attach(started.root, Handle.parse("auth/1.1/1"))
    assert git(started.root, "worktree", "list").count("\n") == 0


def test_done_without_a_change_is_asked_back(started: Any) -> None:
    with pytest.raises(MaestroError) as caught:
        started.done("auth/1.1/1")
    assert caught.value.slug == "no-change"
    started.done("auth/1.1/1", no_change="is there already")
    assert started.merge().handle == "auth/1.2/1" and started.task("1.1").sha == ""
