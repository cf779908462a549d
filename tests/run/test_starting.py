"""How a run begins, is left, is gone on with, and who may drive it."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from builders import commit, fingerprint, hook, tip
from maestro.errors import Locked, MaestroError, NotFound
from maestro.models.run import Driver
from maestro.models.schedule import Mode
from maestro.run.home import active_track, find_home
from maestro.run.status import condition
from support import SCRIPTS, git, load_beside, make_repository, write
from waiting import read_until, started

made = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project")


def refused(world: Any, slug: str, code: int, **wish: Any) -> MaestroError:
    """A start that is refused writes nothing."""
    before = fingerprint(world.root)
    with pytest.raises(MaestroError) as caught:
        world.begin(**wish)
    assert (caught.value.slug, caught.value.exit_code) == (slug, code), caught.value
    assert fingerprint(world.root) | {".git/maestro/auth/lock": ""} == before | {".git/maestro/auth/lock": ""}, "nothing was touched"
    return caught.value


# --- the questions before the first task


def test_the_first_question_is_start_or_cancel(world: Any) -> None:
    action = world.begin()
    assert (action.question_id, made.options(action), action.default, action.ask) == ("start", ["start", "cancel"], "start", "user")
    assert "2 tasks in 1 wave, mode parallel" in action.text
    assert "[ ] **Track" in (world.root / ".maestro/tracks.md").read_text(), "not begun yet"


def test_the_mode_that_is_advised_can_be_taken_instead(tmp_path: Path) -> None:
    """The start names it, so the question offers it; what its worktrees need is asked then."""
    world = made.World(tmp_path / "project", made.FIVE, LOCKED)
    action = world.begin(Mode.SINGLE)
    assert made.options(action) == ["start", "parallel", "cancel"]
    action = world.answer("start", "parallel")
    assert (action.question_id, world.state.settings.mode) == ("setup-command", Mode.PARALLEL)
    assert world.answer("setup-command", "none").action == "dispatch"


def test_a_single_run_can_be_taken_instead_and_needs_no_preparation(tmp_path: Path) -> None:
    three = made.plan(("1.1", "a.py"), ("1.2", "b.py"), ("1.3", "c.py"))
    world = made.World(tmp_path / "project", three, LOCKED)
    assert made.options(world.begin()) == ["start", "single", "cancel"]
    assert world.answer("start", "single").action == "implement"


def test_a_start_that_nobody_confirmed_is_asked_anew_as_it_is_wanted_now(world: Any) -> None:
    world.begin(Mode.SINGLE)
    action = world.begin(Mode.TEAM)
    assert (action.question_id, "mode team" in action.text, world.state.settings.mode) == ("start", True, Mode.TEAM)
    world.driver = "session-b"
    refused(world, "run-unfinished", 8)


def test_one_task_has_no_order(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    assert "1 task, mode single." in world.begin(Mode.SINGLE).text


def test_a_cancelled_start_is_begun_again_as_it_was_called(world: Any) -> None:
    flags = ("--parallel", "--test", made.TEST, "--review", "none", "--runtime", "claude", "--ignore-soft", "--driver", "me")
    assert world.door("run", "start", "auth", *flags).code == 0
    then = world.door("run", "answer", "start", "cancel", "--driver", "me", "--json").data["next"]["then"]
    assert shlex.split(then.split("`")[1])[-len(flags) - 2 :] == ["start", "auth", *flags]


def test_the_start_says_where_plan_and_spec_lie(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", files={".maestro/tracks/auth/spec.md": "# Spec\n"})
    data = world.door("run", "start", "auth", "--dry-run", "--json").data
    assert data["documents"] == {"plan": ".maestro/tracks/auth/plan.md", "spec": ".maestro/tracks/auth/spec.md"}


def test_cancelled_nothing_has_happened(world: Any) -> None:
    world.begin()
    action = world.answer("start", "cancel")
    assert (action.action, action.outcome) == ("finished", "stopped")
    assert world.subjects() == [] and world.status() == "" and active_track(world.home.checkout) is None
    assert world.begin().question_id == "start", "and it may be begun again"


def test_begun_the_registry_and_the_metadata_say_so(world: Any) -> None:
    world.start()
    assert "- [~] **Track: User login**" in (world.root / ".maestro/tracks.md").read_text()
    assert '"status": "in_progress"' in (world.root / ".maestro/tracks/auth/metadata.json").read_text()


def test_parallel_for_a_chain_falls_back_in_the_seeds_words(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "a.py"), ("1.2", "b.py", "after Task 1.1"), ("1.3", "c.py", "after Task 1.2")))
    world.begin()
    action = world.answer("start", "start")
    assert (action.question_id, made.options(action), action.default) == ("mode", ["single", "go-on"], "single")
    assert action.text.splitlines() == [
        "[!] --parallel specified but all 3 tasks are sequential (each depends on previous).",
        "--> Falling back to single-agent mode. No parallelism benefit here.",
    ]
    action = world.answer("mode", "single")
    assert action.action == "implement" and world.state.settings.mode is Mode.SINGLE


def test_a_question_with_named_answers_does_not_ask_for_yes_or_no(tmp_path: Path) -> None:
    """The waves show the warning in the implement document's words, the question replaces its `(y/n)`."""
    world = made.World(tmp_path / "project", made.TWO)
    begun = world.door("run", "start", "auth", "--team", "--test", made.TEST)
    assert "(y/n)" in begun.out
    asked = world.door("run", "answer", "start", "start").out
    assert "Proceed with --team anyway?\n  single (default): " in asked and "y/n" not in asked


def test_the_mode_that_was_asked_for_can_be_kept(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    world.begin()
    assert world.answer("start", "start").question_id == "mode"
    assert world.answer("mode", "go-on").action == "dispatch"


def test_without_a_test_command_a_found_one_is_proposed(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE, {"package.json": '{"scripts": {"test": "exit 0"}}'})
    world.begin(test=None)
    action = world.answer("start", "start")
    assert (action.question_id, made.options(action), action.default, action.unattended) == ("test-command", ["use", "command", "none"], "use", "use")
    assert "npm test" in action.text
    with pytest.raises(MaestroError) as caught:
        world.answer("test-command", "command")
    assert caught.value.slug == "text-missing"
    assert "answer test-command command --text TEXT`" in world.door("run", "answer", "test-command", "command").err
    assert world.answer("test-command", "command", made.TEST).action == "dispatch"
    assert world.state.settings.test == made.TEST


def test_who_names_a_command_is_told_the_line_that_ends_the_question(tmp_path: Path) -> None:
    """The answer is kept for this run; the document that speaks for all tracks is the user's to write."""
    world = made.World(tmp_path / "project", made.FIVE)
    world.begin(test=None)
    world.answer("start", "start")
    (told,) = [notice for notice in world.answer("test-command", "command", "true").notices if "no more" in notice]
    path, _, line = told.partition("write into ")[2].partition(": ")
    assert not (world.root / path).exists()
    write(world.root, {path: f"# Workflow\n\n{line.strip('`')}\n"})
    world.abort()
    world.begin(test=None)
    world.answer("start", "start")
    assert world.state.settings.test == "true" and "test-command" not in world.state.questions


@pytest.mark.parametrize("words", ["test `uname` = Linux", "true\nfalse", ""])
def test_a_line_that_would_be_read_as_another_command_is_not_named(words: str, tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    world.begin(test=None)
    world.answer("start", "start")
    action = world.answer("test-command", "command" if words else "none", words)
    assert not [notice for notice in action.notices if "no more" in notice]


LOCKED = {"package.json": "{}", "package-lock.json": "{}"}


@pytest.mark.parametrize("mode", [Mode.PARALLEL, Mode.TEAM])
def test_what_git_ignores_is_brought_into_worktrees_by_a_command_that_is_asked_for(mode: Mode, tmp_path: Path) -> None:
    """Else the tests of every fresh worktree are red for want of what is installed."""
    world = made.World(tmp_path / "project", made.FIVE, LOCKED)
    action = world.start(mode)
    assert (action.question_id, made.options(action), action.default, action.unattended) == ("setup-command", ["use", "command", "none"], "use", "use")
    assert "`npm ci` (package-lock.json exists)" in action.text
    assert world.answer("setup-command", "command", f"echo ready > {tmp_path}/installed").action == "dispatch"
    assert world.state.settings.setup == f"echo ready > {tmp_path}/installed" and (tmp_path / "installed").exists()


def test_no_preparation_is_asked_for_where_there_is_none_or_the_checkout_is_used(tmp_path: Path) -> None:
    assert made.World(tmp_path / "single", made.FIVE, LOCKED).start(Mode.SINGLE).action == "implement"
    assert made.World(tmp_path / "told", made.FIVE, LOCKED).start(setup="true").action == "dispatch"
    world = made.World(tmp_path / "none", made.FIVE, LOCKED)
    assert world.start().question_id == "setup-command"
    assert world.answer("setup-command", "none").action == "dispatch" and world.state.settings.setup is None


def test_found_nothing_there_is_nothing_to_use(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    world.begin(test=None)
    action = world.answer("start", "start")
    assert made.options(action) == ["command", "none"] and action.default is None
    assert world.answer("test-command", "none").action == "dispatch" and world.state.settings.test is None


def test_the_workflow_answers_what_it_knows(tmp_path: Path) -> None:
    workflow = f"# Workflow\n- Methodology: ship-fast\n- Test command: `{made.TEST}`\n- Summary storage: git notes\n- Coverage threshold: 80%\n"
    world = made.World(tmp_path / "project", made.FIVE, {".maestro/context/workflow.md": workflow})
    assert world.start(test=None).action == "dispatch"
    settings = world.state.settings
    assert (settings.test, settings.method, settings.summary_storage, settings.coverage_threshold) == (made.TEST, "ship-fast", "git-notes", 80.0)


def test_a_red_base_is_asked_before_the_first_task(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE, {"broken": "x\n"})
    action = world.start()
    assert (action.question_id, action.default, action.unattended) == ("base-red", "stop", None)
    assert world.named("task-dispatched") == [] and Path(action.context["log"]).exists()
    assert world.answer("base-red", "again").question_id == "base-red", "still red: asked again, not taken for accepted"
    git(world.root, "rm", "--quiet", "broken")
    git(world.root, "commit", "--quiet", "--message=Mend")
    assert world.answer("base-red", "again").action == "dispatch", "the branch is tested as it is now: its tasks begin there"


def test_a_red_base_may_be_stopped_at_and_is_asked_again_on_resume(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE, {"broken": "x\n"})
    world.start()
    action = world.answer("base-red", "stop")
    assert (action.outcome, "tests fail before" in action.summary) == ("stopped", True)
    assert world.resume().question_id == "base-red"
    assert world.answer("base-red", "no-test").action == "dispatch" and world.state.settings.test is None


def test_on_the_default_branch_of_a_repository_with_a_remote_it_asks_where(world: Any) -> None:
    git(world.root, "remote", "add", "origin", "https://example.org/x.git")
    world.begin()
    action = world.answer("start", "start")
    while action.question_id == "mode":
        action = world.answer("mode", "go-on")
    assert (action.question_id, made.options(action), action.unattended) == ("branch", ["here", "new"], "here")
    assert "You are on main" in action.text
    world.answer("branch", "new")
    assert git(world.root, "branch", "--show-current") == "maestro/auth" == world.state.settings.branch
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    assert tip(world.root, "main") == world.state.base != tip(world.root, "maestro/auth")


@pytest.mark.parametrize("given", ["here", "feature/login"])
def test_the_branch_given_is_not_asked_for(world: Any, given: str) -> None:
    git(world.root, "remote", "add", "origin", "https://example.org/x.git")
    assert world.start(branch=given).action == "dispatch"
    assert git(world.root, "branch", "--show-current") == world.state.settings.branch == ("main" if given == "here" else given)


def test_yes_takes_the_answers_that_are_safe_and_asks_the_others(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    git(world.root, "remote", "add", "origin", "https://example.org/x.git")
    action = world.begin(test=None, yes=True)
    assert action.question_id == "test-command", "no command is safe to run unasked"
    action = world.answer("test-command", "command", made.TEST)
    assert action.action == "dispatch" and world.state.settings.mode is Mode.PARALLEL and world.state.settings.branch == "main"
    assert {name: given.option for name, given in world.state.answers.items()} == {
        "start": "start",
        "mode": "go-on",
        "branch": "here",
        "test-command": "command",
    }
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    action = world.merge()
    assert action.action == "complete" and world.state.phases["1"].verified, "verified when green"
    assert any("--yes" in notice for notice in action.notices)


def test_an_answer_given_twice_is_already_done_and_another_one_a_conflict(world: Any) -> None:
    world.start()
    assert any("answered start already" in notice for notice in world.answer("start", "start").notices)
    for question, option, slug in [("start", "cancel", "already-answered"), ("start", "maybe", "already-answered"), ("moon", "x", "question-unknown")]:
        with pytest.raises(MaestroError) as caught:
            world.answer(question, option)
        assert caught.value.slug == slug


def test_an_answer_that_is_none_is_refused(world: Any) -> None:
    world.begin()
    with pytest.raises(MaestroError) as caught:
        world.answer("start", "maybe")
    assert caught.value.slug == "option-unknown" and "start, cancel" in str(caught.value.hint)


# --- refusals


@pytest.mark.parametrize("staged", [False, True])
def test_a_tracked_change_is_refused_and_kept(world: Any, staged: bool) -> None:
    write(world.root, {"src/app.py": "mine\n"})
    if staged:
        git(world.root, "add", "src/app.py")
    error = refused(world, "tree-dirty", 7)
    assert "src/app.py" in error.message and (world.root / "src/app.py").read_text() == "mine\n"


def test_untracked_files_and_maestros_own_are_no_obstacle(world: Any) -> None:
    write(world.root, {"notes.txt": "mine\n", ".maestro/notepad.md": "# Notepad\n"})
    world.plan_file.write_text(world.plan + "\nA remark.\n")
    assert world.start().action == "dispatch"


@pytest.mark.parametrize("branch", [None, "here"])
def test_a_detached_head_is_refused_with_the_words_that_help(world: Any, branch: str | None) -> None:
    git(world.root, "checkout", "--quiet", "--detach")
    error = refused(world, "detached-head", 7, branch=branch)
    assert tip(world.root)[:7] in error.message and "--branch NAME" in (error.hint or "") and "git switch BRANCH" in (error.hint or "")


@pytest.mark.parametrize("known", [False, True])
def test_on_a_detached_head_a_run_may_name_the_branch_it_goes_to(world: Any, known: bool) -> None:
    """A checkout of a build server is detached; whoever names a branch there need not be told to name one."""
    git(world.root, "checkout", "--quiet", "--detach")
    if known:
        git(world.root, "branch", "work")
    before = fingerprint(world.root)
    assert "commit to branch work" in world.door("run", "start", "auth", "--parallel", "--branch", "work", "--test", made.TEST, "--dry-run").out
    assert fingerprint(world.root) == before, "looking makes no branch"
    assert world.start(branch="work").action == "dispatch"
    assert (git(world.root, "branch", "--show-current"), world.state.settings.branch) == ("work", "work")


def test_commits_that_only_a_detached_head_has_are_not_left_behind(world: Any) -> None:
    git(world.root, "checkout", "--quiet", "--detach")
    commit(world.root, {"src/app.py": "mine\n"})
    error = refused(world, "detached-head", 7, branch="main")
    assert tip(world.root)[:7] in error.message and "git switch main" in (error.hint or "")


def test_a_branch_where_workers_branches_go_is_seen_before_anything_is_made(world: Any) -> None:
    git(world.root, "branch", "maestro-work")
    assert "git branch -m maestro-work NEW" in (refused(world, "branch-taken", 7).hint or "")
    ran = execs.execute(world)
    assert (ran.code, ran.error["code"]) == (7, "branch-taken") and not world.home.journal.exists()
    assert world.start(Mode.SINGLE).action == "implement", "a run without workers' branches is not in its way"


def test_a_hook_that_refuses_workers_branches_is_seen_before_anything_is_made(world: Any) -> None:
    hook(world.root, "reference-transaction", "grep -q maestro-work && exit 1 || exit 0")
    assert "hook" in refused(world, "branch-taken", 7).message


def test_a_repository_without_commits_is_refused_and_nothing_is_committed_for_the_user(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    git(world.root, "checkout", "--quiet", "--orphan", "empty")
    git(world.root, "rm", "--quiet", "--cached", "-r", ".")
    refused(world, "no-commits", 7)


def test_an_unfinished_merge_is_refused(world: Any) -> None:
    git(world.root, "checkout", "--quiet", "-b", "other")
    commit(world.root, {"src/app.py": "other\n"})
    git(world.root, "checkout", "--quiet", "main")
    commit(world.root, {"src/app.py": "mine\n"})
    subprocess.run(["git", "merge", "other"], cwd=world.root, capture_output=True, check=False)
    assert refused(world, "operation-in-progress", 7).exit_code == 7


def test_an_unfinished_run_is_a_question(world: Any) -> None:
    world.driver = "session-1"
    world.start()
    world.driver = None
    error = refused(world, "run-unfinished", 8)
    assert error.question is not None and [option["id"] for option in error.question["options"]] == ["resume", "abort"]
    assert "session-1" not in f"{error.question} {error.hint}", "nobody is invited to speak in another's name"


def test_a_second_track_waits_for_the_first(world: Any) -> None:
    world.start()
    write(world.root, {".maestro/tracks/other/plan.md": made.TWO})
    write(
        world.root,
        {".maestro/tracks.md": (world.root / ".maestro/tracks.md").read_text() + "\n- [ ] **Track: Other**\n*Type: feature | ID: [other](./tracks/other/)*\n"},
    )
    ran = world.door("run", "start", "other", "--no-test", "--json")
    assert (ran.code, ran.error["code"]) == (6, "run-active")
    world.abort()
    assert world.door("run", "start", "other", "--no-test", "--json").code == 0


def test_an_empty_test_command_is_refused(world: Any) -> None:
    refused(world, "test-empty", 2, test="  ")


def test_a_branch_that_git_refuses_is_told(world: Any) -> None:
    with pytest.raises(MaestroError) as caught:
        world.begin(branch="bad..name")
    assert caught.value.exit_code and git(world.root, "branch", "--show-current") == "main" and not world.home.journal.exists()


# --- pausing, resuming, ending


def test_paused_nothing_is_handed_out_until_it_is_resumed(world: Any) -> None:
    world.start()
    action = world.pause("back on Monday")
    assert (action.outcome, "back on Monday" in action.summary) == ("stopped", True)
    assert world.next().outcome == "stopped" and world.pause().outcome == "stopped"
    assert [event.name for event in world.events].count("paused") == 1
    action = world.resume()
    assert made.handles(action) == ["auth/1.1/1", "auth/1.2/1"] and action.repeat


def test_work_reported_while_paused_is_merged_after_it(world: Any) -> None:
    world.start()
    world.pause()
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    assert world.next().outcome == "stopped" and world.commits() == []
    world.resume()
    world.merge()
    assert world.commits() == ["1.1"]


def test_resume_gives_failed_tasks_fresh_attempts(world: Any) -> None:
    world.start()
    world.fail("auth/1.1/1", "what is a user?", "unclear-spec")
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    assert world.states() == {"1.1": "failed", "1.2": "merged"}
    world.pause()
    action = world.resume()
    assert made.handles(action) == ["auth/1.1/2"] and world.task("1.1").counted == 0


def test_resume_without_a_run_starts_one(world: Any) -> None:
    assert world.resume(test=made.TEST, mode=Mode.PARALLEL).question_id == "start"


def test_resume_refuses_a_tracked_change_that_is_not_the_runs(world: Any) -> None:
    world.start()
    world.pause()
    write(world.root, {"src/app.py": "mine\n"})
    with pytest.raises(MaestroError) as caught:
        world.resume()
    assert (caught.value.slug, caught.value.exit_code) == ("tree-dirty", 7)


def test_a_plan_that_was_edited_between_two_sessions_is_told_and_followed(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    world.work_all(made.handles(world.start()))
    world.pause()
    world.edit("### Phase 1 Completion", "### Task 1.3: Make c, after Task 1.1\n- [ ] Create `src/c.py`\n\n### Phase 1 Completion")
    action = world.resume()
    assert any("The plan was edited (+1.3)" in notice for notice in action.notices) and action.action == "merge"
    assert sorted(made.handles(world.merge())) == ["auth/1.2/1", "auth/1.3/1"]


def test_abort_ends_the_run_and_keeps_what_was_not_merged(world: Any) -> None:
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "half\n"})
    action = world.abort()
    assert (action.outcome, world.state.outcome) == ("stopped", "stopped")
    assert world.plan.count("[~]") == 0 and world.status() == ""
    attempt = world.task("1.1").attempts[0]
    assert git(world.root, "show", f"{attempt.snapshot}:src/a.py") == "half"
    assert git(world.root, "for-each-ref", f"--contains={attempt.snapshot}", "refs/maestro/"), "no collection can take it"
    assert any("over already" in notice for notice in world.abort().notices) and active_track(world.home.checkout) is None


def test_the_commands_that_go_on_name_who_goes_on(world: Any) -> None:
    """Each caller is given commands in its own name: the driver's work as they stand, another's lead to the question whether that one is gone."""
    world.driver = "session-1"
    world.start()
    refused = world.door("run", "start", "auth", "--driver", "session-2").err
    assert "start auth --resume --driver session-2\n" in refused and "abort --track auth --driver session-2\n" in refused
    assert "start auth --resume --driver session-1` goes on" in world.door("run", "pause", "--driver", "session-1").out


def test_only_waves_with_open_tasks_are_counted(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN.replace("Make a\n", "Make a [x]\n"))
    assert "1 task in 1 wave" in world.begin().text


def test_what_abort_leaves_is_named_with_how_to_remove_it(world: Any) -> None:
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "half\n"})
    run = world.state.run
    shown = world.door("run", "abort").out
    assert f"  left over: worktree .maestro/worktrees/{run}/1.1-1, branch maestro-work/{run}/1.1-1\n" in shown and "clean --track auth`" in shown
    assert f"{run}/integration" not in git(world.root, "worktree", "list")
    cleaned = world.door("worktree", "clean", "--track", "auth").out
    assert "Removed" in cleaned and len(git(world.root, "worktree", "list").splitlines()) == 1 and git(world.root, "branch", "--list", "maestro-work/*") == ""
    assert git(world.root, "show", f"refs/maestro/auth/{run}/1.1-1:src/a.py") == "half"


@pytest.mark.parametrize("mode", [Mode.PARALLEL, Mode.TEAM])
def test_an_ended_run_is_begun_anew_in_its_mode(world: Any, mode: Mode) -> None:
    world.start(mode)
    assert f" start auth --{mode}` begins a new run" in world.door("run", "abort").out
    shown = world.door("run", "start", "auth", "--resume", "--test", made.TEST).out
    assert f"mode {mode}." in shown and "Wave 1" in shown, "a new run, so its waves are shown first"


def test_a_completed_track_is_started_again_with_its_open_tasks_only(world: Any) -> None:
    world.work_all(made.handles(world.start()))
    world.answer(world.merge().question.id, "verified")
    world.complete()
    first = world.state.run
    world.plan_file.write_text(world.plan + "\n### Task 1.3: Make c\n- [ ] Create `src/c.py`\n")
    git(world.root, "commit", "--quiet", "--all", "--message=Another task")
    assert made.handles(world.start()) == ["auth/1.3/1"], "what is ticked never runs again"
    assert world.state.run != first and (world.home.folder / f"journal-{first}.jsonl").exists()


def test_a_task_that_an_interrupted_session_left_in_progress_is_told_and_runs_again(world: Any) -> None:
    world.edit("Make a", "Make a [~]")
    git(world.root, "commit", "-qam", "In the middle")
    ran = world.door("run", "start", "auth", "--parallel", "--no-test", "--yes", "--json")
    assert ran.json["warnings"][0]["code"] == "task-stale" and ran.json["warnings"][0]["where"].endswith("plan.md:5")
    assert "auth/1.1/1" in [worker["handle"] for worker in ran.data["next"]["workers"]]


def test_ticked_tasks_never_run(tmp_path: Path) -> None:
    text = made.FIVE.replace("Make a", "Make a [x] abaa869").replace("Make b", "Make b [-]")
    world = made.World(tmp_path / "project", text)
    assert made.handles(world.start()) == ["auth/1.3/1", "auth/1.4/1", "auth/1.5/1"]
    assert world.states()["1.1"] == "merged" and world.states()["1.2"] == "skipped"
    assert "[x] abaa869" in world.plan and "Make b [-]" in world.plan, "their marks stay as they were"


# --- drivers


def test_another_driver_is_told_who_drives_and_since_when(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.driver = "session-a"
    world.start()
    world.driver = "session-b"
    with pytest.raises(Locked) as caught:
        world.next()
    assert (caught.value.slug, caught.value.exit_code) == ("driver-other", 6)
    assert "session-a, last seen 0 s ago" in caught.value.message and "--take-over" in str(caught.value.hint)
    with pytest.raises(Locked):
        world.resume()
    action = world.resume(take_over=True)
    assert made.handles(action) == ["auth/1.1/1", "auth/1.2/1"] and action.driver == "session-b"
    world.driver = "session-a"
    with pytest.raises(Locked):
        world.next()


def test_a_driver_that_forgot_to_say_so_is_given_its_command_again(world: Any) -> None:
    """Words of a text or a hint lack the session's id; what was typed then stands in the hint as it must be."""
    world.driver = "session-a"
    world.start()
    refused = world.door("run", "answer", "start", "start", "--text", "yes, go", "--json")
    assert (refused.code, refused.error["code"]) == (6, "driver-other")
    again = re.findall(r"`(.+?)`", refused.error["hint"])[0]
    assert shlex.split(again)[2:] == ["answer", "start", "start", "--text", "yes, go", "--json", "--driver", "session-a"]
    assert world.door("run", *shlex.split(again)[2:]).code == 0


def test_who_has_a_name_of_its_own_is_another_driver(world: Any) -> None:
    world.driver = "session-a"
    world.start()
    hint = world.door("run", "merge", "--driver", "session-b", "--json").error["hint"]
    assert hint.startswith("Give `--driver session-a` if that is you.") and "merge" not in hint


def test_workers_of_a_session_that_is_gone_are_gone_with_it(tmp_path: Path) -> None:
    """A session's sub-agents end with it: what they had taken is handed out again, what nobody had taken stays as it was."""
    world = made.World(tmp_path / "project")
    world.driver = "session-a"
    world.start()
    world.attach(["auth/1.1/1"])
    world.write("auth/1.1/1", {"src/a.py": "half\n"})
    world.driver = "session-b"
    mine = ("--driver", "session-b", "--runtime", "claude")
    refused = world.door("run", "start", "auth", "--resume", *mine)
    assert refused.code == 6 and f"run.py start auth --resume --take-over {' '.join(mine)}`" in refused.err, "nothing of what was said is lost"
    taken = world.door("run", "start", "auth", "--resume", "--take-over", *mine)
    assert "its worker belonged to a driver that is gone; attempt 2 follows" in taken.out
    assert taken.out.count("auth/1.1/1 left is kept (") == 1 and "file kept" not in taken.out, "what it left is told once"
    assert "1.2 had not begun: handed out again." in taken.out and "only if nobody has it" not in taken.out
    assert "1.1 Make a (again: begins fresh; what auth/1.1/1 left is kept, its brief says where)" in taken.out
    assert "1.2 Make b (again: handed out before the take-over, nobody had begun it)" in taken.out
    action = world.next()
    assert sorted(made.handles(action)) == ["auth/1.1/2", "auth/1.2/1"]
    assert world.named("task-failed")[0]["class"] == "lost" and world.task("1.1").attempts[0].kept, "its work is kept"


def test_workers_need_no_driver(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.driver = "session-a"
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    assert world.task("1.1").state == "reported"


@contextmanager
def process_that_drives(world: Any) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the driver's lock, and the run in its name."""
    script = f"""
import sys; sys.path.insert(0, {str(SCRIPTS)!r})
from maestro.run.home import driver_alive, Home
from maestro.git.checkout import find_checkout
from pathlib import Path
with driver_alive(Home(find_checkout(Path({str(world.root)!r})), "auth"), "exec-1"):
    print("driving", flush=True)
    sys.stdin.read()
"""
    with started([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        read_until(process.stdout.fileno(), b"driving\n")
        yield process


def test_a_process_that_drives_keeps_the_run_until_it_is_dead(world: Any) -> None:
    world.driver = "exec-1"
    world.start(driver=Driver("exec-1", process=True))
    world.driver = "session-b"
    with process_that_drives(world) as process:
        try:
            with pytest.raises(Locked) as caught:
                world.next()
            assert caught.value.slug == "driver-other"
            with pytest.raises(Locked) as caught:
                world.resume(take_over=True)
            assert caught.value.slug == "driver-alive", "a living process is not robbed"
        finally:
            os.kill(process.pid, signal.SIGKILL)
    assert condition(world.home, world.state) == "owner-gone"
    action = world.next()
    assert any("process that drove this run is gone" in notice for notice in action.notices) and action.driver == "session-b"


# --- where it looks


def test_calls_from_a_workers_worktree_and_from_a_subfolder_mean_the_same_run(world: Any) -> None:
    world.start()
    for folder in (world.folder("auth/1.1/1"), world.folder("auth/1.1/1") / "src", world.root / "src"):
        assert find_home(folder).checkout.root == world.root


def test_without_a_run_it_says_how_to_start_one(world: Any) -> None:
    with pytest.raises(NotFound) as caught:
        find_home(world.root)
    assert caught.value.slug == "no-run" and "run.py start" in str(caught.value.hint)


def test_a_linked_checkout_runs_on_its_own(world: Any, tmp_path: Path) -> None:
    """The journal is the track's in the whole repository, the pointer is each checkout's own."""
    git(world.root, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "side"))
    world.start()
    from maestro.git.checkout import find_checkout

    assert active_track(find_checkout(tmp_path / "side")) is None


def test_a_hook_that_fails_does_not_stop_the_bookkeeping_from_being_tried_again(world: Any) -> None:
    refusing = hook(world.root, "pre-commit", "git diff --cached --name-only | grep -q plan.md && { echo 'no plans'; exit 1; }; exit 0")
    world.work_all(made.handles(world.start()))
    action = world.answer(world.merge().question.id, "verified")
    assert any("could not be committed" in notice for notice in action.notices) and "[x]" in world.plan
    refusing.unlink()
    world.complete()
    assert world.status() == "" and world.subjects()[-1] == "chore(auth): track complete"


def test_from_another_repository_nothing_is_found(world: Any, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other")
    with pytest.raises(MaestroError):
        find_home(other)
