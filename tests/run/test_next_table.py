"""What happens when something unforeseen happens: the design's table, row by row, in each of the three modes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builders import commit, show, tip
from maestro.models.run import Handle
from maestro.models.schedule import Mode
from maestro.run import pacing, workers
from support import call_door, git, load_beside, unchanged

made = load_beside(__file__, "worlds")

TABLE = (
    "the plan is edited mid-run",
    "the user commits mid-run",
    "no test command, or no tests",
    "the base is red before the first task",
    "repository without commits, detached HEAD, bare, another branch checked out",
    "a worker commits in its worktree",
    "a worker changes .maestro/, .beads/ or ticks boxes",
    "verification is rejected",
    "next twice",
    "a worker makes no change",
    "rate limit, quota",
    "a completed track is started again",
)

CANNOT = {
    ("a worker commits in its worktree", Mode.SINGLE): "its worker has no worktree but works in the user's checkout, where a commit is a commit of the user's",
}
"""What a mode does not know, and why; `test_a_single_run_has_no_worktree_to_commit_in` holds the reason against a run."""

COVERED: dict[str, set[Mode]] = {row: set() for row in TABLE}

FLAGS = {Mode.SINGLE: (), Mode.PARALLEL: ("--parallel",), Mode.TEAM: ("--team",)}

THREE = made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1"), ("1.3", "src/c.py", "after Task 1.1"))


def row(words: str, *modes: Mode) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A test of a row, in these modes (all, when none is named)."""
    COVERED[words].update(modes or Mode)
    return pytest.mark.parametrize("mode", modes or list(Mode), ids=str)


def begun(folder: Path, mode: Mode, text: str = made.CHAIN, files: dict[str, str] | None = None, **wish: Any) -> Any:
    """A run whose first tasks are handed out."""
    world = made.World(folder / "project", text, files)
    made.handles(world.start(mode, **wish))
    return world


def to_the_verification(world: Any) -> Any:
    """Workers do what the plan says until the phase is asked about."""
    action = world.next()
    while action.action != "verify-phase":
        world.work_all(made.handles(action))
        action = world.merge()
    return action


def files_of(world: Any, task: str) -> list[str]:
    return git(world.root, "show", "--format=", "--name-only", world.task(task).sha).splitlines()


def told(action: Any, words: str) -> bool:
    return any(words in notice for notice in action.notices)


# --- the plan is edited mid-run


@row("the plan is edited mid-run")
def test_what_has_not_started_is_grouped_anew_and_what_runs_keeps_its_text(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode, THREE)
    world.edit("- [ ] Create `src/a.py`", "- [ ] Create `src/another.py`")
    world.edit("Make c, after Task 1.1", "Make c, after Task 1.4")
    world.edit("### Phase 1 Completion", "### Task 1.4: Make d\n- [ ] Create `src/d.py`\n\n### Phase 1 Completion")
    action = world.next()
    assert told(action, "The plan was edited (+1.4, ~1.3)"), action.notices
    assert "Create `src/a.py`" in workers.attach(world.root, Handle.parse("auth/1.1/1")), "it runs, so it keeps its text"
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    to_the_verification(world)
    order = world.commits()
    assert sorted(order) == ["1.1", "1.2", "1.3", "1.4"] and order.index("1.4") < order.index("1.3")


@pytest.mark.parametrize("how", ["removed", "renumbered", "retitled while it runs"])
@row("the plan is edited mid-run")
def test_a_task_that_is_another_one_now_or_none_is_a_question(mode: Mode, how: str, tmp_path: Path) -> None:
    world = begun(tmp_path, mode, THREE)
    if how == "removed":
        world.edit("### Task 1.3: Make c, after Task 1.1\n- [ ] Create `src/c.py`\n", "")
    else:
        world.edit(*(("Task 1.3: Make c", "Task 1.7: Make c") if how == "renumbered" else ("Make a", "Make something else")))
    action = world.next()
    assert (action.question_id, made.options(action), action.unattended) == ("plan-changed", ["accept", "stop"], None)


# --- the user commits mid-run


@row("the user commits mid-run", Mode.PARALLEL, Mode.TEAM)
def test_a_candidate_is_built_and_tested_again_on_what_the_user_committed(mode: Mode, tmp_path: Path) -> None:
    users = f"(rm {tmp_path}/commit; cd {tmp_path}/project && echo y > y && git add y && git commit -qm mine -- y)"
    world = begun(tmp_path, mode, test=f"test ! -e {tmp_path}/commit || {users}; {made.TEST}")
    (tmp_path / "commit").touch()
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    assert world.subjects()[:2] == ["mine", "feat(auth): Make a"]
    assert [data["subject"] for data in world.named("gate-started") if data.get("task") == "1.1"] == ["attempt"] * 2


@row("the user commits mid-run", Mode.SINGLE)
def test_in_single_mode_nobody_knows_whose_commit_it_is_so_it_is_asked(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode)
    commit(world.root, {"notes.txt": "mine\n"}, "My notes")
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    action = world.merge()
    assert (action.question_id, made.options(action)) == ("foreign-1.1-1", ["adopt", "foreign"]) and world.commits() == []
    world.answer("foreign-1.1-1", "foreign")
    assert files_of(world, "1.1") == ["src/a.py"] and world.subjects()[0] == "My notes"


# --- no test command, or no tests


@row("no test command, or no tests")
def test_without_a_command_it_is_asked_once_and_nobody_says_that_it_was_tested(mode: Mode, tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    assert world.start(mode, test=None).question_id == "test-command"
    made.handles(world.answer("test-command", "none"))
    world.pause()
    assert world.resume().action != "decide", "asked once"
    assert "nothing was tested" in to_the_verification(world).summary
    assert "everything was merged untested" in world.door("run", "report").out


@row("no test command, or no tests")
def test_yes_is_no_word_about_tests(mode: Mode, tmp_path: Path) -> None:
    asked = made.World(tmp_path / "asked", made.CHAIN)
    assert asked.begin(mode, test=None, yes=True).question_id == "test-command"
    said = made.World(tmp_path / "said", made.CHAIN)
    assert made.handles(said.begin(mode, no_test=True, yes=True)) == ["auth/1.1/1"]


@row("no test command, or no tests")
def test_a_base_without_tests_is_a_warning_and_tests_that_vanish_are_red(mode: Mode, tmp_path: Path) -> None:
    text = made.plan(("1.1", "tests/t.py"), ("1.2", "src/b.py", "after Task 1.1")).replace("Create `src/b.py`", "Delete `tests/t.py`")
    world = made.World(tmp_path / "project", text)
    action = world.start(mode, test="if test -e tests/t.py; then echo 'Ran 3 tests in 0.1s'; else echo 'Ran 0 tests in 0.0s'; exit 5; fi")
    assert made.handles(action) == ["auth/1.1/1"] and told(action, "found no tests")
    world.work("auth/1.1/1", {"tests/t.py": "t\n"})
    world.merge()
    assert world.states()["1.1"] == "merged"
    (world.folder("auth/1.2/1") / "tests/t.py").unlink()
    world.done("auth/1.2/1")
    world.merge()
    assert world.task("1.2").attempts[0].failure == "test" and world.commits() == ["1.1"]


# --- the base is red before the first task


@row("the base is red before the first task")
def test_a_red_base_is_asked_about_before_anything_is_handed_out(mode: Mode, tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN, {"broken": "x\n"})
    action = world.start(mode)
    assert (action.question_id, action.unattended, world.named("task-dispatched")) == ("base-red", None, [])
    git(world.root, "rm", "--quiet", "broken")
    git(world.root, "commit", "--quiet", "--message=Mend")
    assert made.handles(world.answer("base-red", "again")) == ["auth/1.1/1"]


@row("the base is red before the first task")
def test_a_red_gate_is_run_once_more(mode: Mode, tmp_path: Path) -> None:
    """The first run of each gate is red."""
    world = begun(tmp_path, mode, test=f"echo x >> {tmp_path}/count; test $(($(wc -l < {tmp_path}/count) % 2)) = 0")
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    assert (world.states()["1.1"], world.task("1.1").attempts[0].gate.tries) == ("merged", 2)
    assert (tmp_path / "count").read_text().count("x") == 4, "base and task, twice each"


# --- repository without commits, detached HEAD, bare, another branch checked out


@pytest.mark.parametrize("state", ["without commits", "detached", "bare"])
@row("repository without commits, detached HEAD, bare, another branch checked out")
def test_where_nothing_can_land_nothing_begins_and_nothing_is_committed(mode: Mode, state: str, tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    where = world.root
    if state == "without commits":
        git(where, "checkout", "--quiet", "--orphan", "empty")
        git(where, "rm", "--quiet", "--cached", "-r", ".")
    elif state == "detached":
        git(where, "checkout", "--quiet", "--detach")
    else:
        where = tmp_path / "bare.git"
        git(tmp_path, "clone", "--quiet", "--bare", str(world.root), str(where))
    with unchanged(where):
        ran = call_door("run", "start", "auth", *FLAGS[mode], "--test", made.TEST, "--yes", "--json", cwd=where)
    assert (ran.code, bool(ran.error["hint"])) == (7, True), ran
    assert not (where / ".git/maestro/auth/journal.jsonl").exists()


@row("repository without commits, detached HEAD, bare, another branch checked out")
def test_on_another_branch_the_run_waits_until_the_user_is_back(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode)
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    git(world.root, "checkout", "--quiet", "-b", "elsewhere")
    ran = world.door("run", "next", "--json")
    assert (ran.code, ran.error["code"], "git switch main" in ran.error["hint"]) == (7, "wrong-branch", True)
    assert world.subjects() == []
    git(world.root, "checkout", "--quiet", "main")
    world.merge()
    assert world.commits() == ["1.1"]


# --- a worker commits in its worktree


@row("a worker commits in its worktree", Mode.PARALLEL)
def test_commits_in_a_worktree_are_squashed_from_its_base(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode)
    for text in ("1\n", "2\n"):
        commit(world.folder("auth/1.1/1"), {"src/a.py": text}, "a worker's")
    world.work("auth/1.1/1", {"src/a.py": "3\n"})
    world.merge()
    assert world.commits() == ["1.1"] and "a worker's" not in world.subjects() and show(world.root, "HEAD", "src/a.py") == "3\n"


@row("a worker commits in its worktree", Mode.PARALLEL)
def test_a_worktree_on_another_branch_is_held(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode)
    git(world.folder("auth/1.1/1"), "switch", "--quiet", "-c", "mine")
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    assert world.merge().question_id == "strayed-1.1-1" and world.commits() == []


@row("a worker commits in its worktree", Mode.TEAM)
def test_a_commit_in_the_shared_checkout_is_refused_and_adopted_when_its_paths_are_the_tasks(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode)
    sha = commit(world.root, {"src/a.py": "a\n"}, "a worker's")
    world.done("auth/1.1/1")
    assert world.merge().question_id == "foreign-1.1-1" and world.states()["1.1"] == "reported"
    world.answer("foreign-1.1-1", "adopt")
    assert (world.states()["1.1"], world.task("1.1").sha) == ("merged", sha)


def test_a_single_run_has_no_worktree_to_commit_in(tmp_path: Path) -> None:
    world = begun(tmp_path, Mode.SINGLE)
    workers.attach(world.root, Handle.parse("auth/1.1/1"))
    assert world.folder("auth/1.1/1").resolve() == world.root.resolve()
    assert git(world.root, "worktree", "list", "--porcelain").count("worktree ") == 1
    commit(world.root, {"src/a.py": "a\n"}, "by hand")
    world.done("auth/1.1/1")
    assert world.merge().question_id == "foreign-1.1-1", "the row of the user's commits"


# --- a worker changes .maestro/, .beads/ or ticks boxes


@row("a worker changes .maestro/, .beads/ or ticks boxes")
def test_what_is_maestros_reaches_no_tasks_commit_and_ticks_are_no_proof(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode)
    ticked = world.plan.replace("Make b, after Task 1.1", "Make b, after Task 1.1 [x] abaa869").replace("[~]", "[x]")
    world.write("auth/1.1/1", {"src/a.py": "a\n", ".maestro/tracks/auth/plan.md": ticked, ".beads/x": "x\n"})
    notices = [*world.done("auth/1.1/1")]
    action = world.merge()
    notices += action.notices
    assert files_of(world, "1.1") == ["src/a.py"] and made.handles(action) == ["auth/1.2/1"], "what was ticked runs"
    assert "abaa869" not in world.plan and f"Make a [x] {world.task('1.1').sha[:7]}" in world.plan and "after Task 1.1 [~]" in world.plan
    if mode is Mode.PARALLEL:
        assert any("which is maestro's; left out" in notice for notice in notices)
        (kept,) = git(world.root, "for-each-ref", "--format=%(refname)", "refs/maestro/").splitlines()
        assert "abaa869" in show(world.root, kept, ".maestro/tracks/auth/plan.md")
    else:
        assert any("the tick is taken back" in notice for notice in notices)


# --- verification is rejected


@row("verification is rejected")
def test_what_is_rejected_stays_open_until_it_is_mended_and_the_third_time_stops(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode, made.PHASES)
    action = to_the_verification(world)
    for number in (1, 2):
        action = world.answer(action.question.id, "issue", f"still broken {number}")
        assert made.handles(action) == [f"auth/1.fix{number}/1"] and not world.state.phases["1"].verified
        world.work(f"auth/1.fix{number}/1", {"src/a.py": f"{number}\n"})
        action = world.merge()
        assert (action.action, action.question.id) == ("verify-phase", f"verify-1-{number + 1}")
    action = world.answer(action.question.id, "issue", "no")
    assert (action.action, action.outcome, "rejected 3 times" in action.summary) == ("finished", "stopped", True)
    assert world.states()["2.1"] == "waiting" and world.resume().question.id == "verify-1-3"


# --- next twice


@row("next twice")
def test_next_is_the_same_again_until_the_worker_is_given_up(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode)
    first, second = world.next(), world.next()
    assert made.handles(first) == made.handles(second) == ["auth/1.1/1"]
    again = second if mode is Mode.SINGLE else second.workers[0]
    assert second.repeat and again.repeat
    assert mode is Mode.SINGLE or again.last_activity_s >= 0, "whoever calls is not the worker, and asks how it is"
    world.fail("auth/1.1/1", "lost", "lost")
    assert made.handles(world.next()) == ["auth/1.1/2"] and world.task("1.1").counted == 0


# --- a worker makes no change


@row("a worker makes no change")
def test_nothing_changed_is_no_success_unless_it_is_said_and_why(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode)
    world.attach(["auth/1.1/1"])
    refused = call_door("run", "done", "auth/1.1/1", "--json", cwd=world.folder("auth/1.1/1"))
    assert (refused.code, refused.error["code"], world.states()["1.1"]) == (5, "no-change", "running")
    said = call_door("run", "done", "auth/1.1/1", "--no-change", "it is there already", "--json", cwd=world.folder("auth/1.1/1"))
    assert said.code == 0
    assert made.handles(world.merge()) == ["auth/1.2/1"]
    assert (world.states()["1.1"], world.task("1.1").sha, world.commits()) == ("merged", "", [])


# --- rate limit, quota


@row("rate limit, quota")
def test_a_limit_uses_up_no_attempt_is_waited_out_and_then_means_one_at_a_time(mode: Mode, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = begun(tmp_path, mode, made.FIVE)
    first = [f"auth/{task.id}/1" for task in world.state.running()]
    for handle in first:
        world.fail(handle, "429", "quota")
    action = world.next()
    assert action.action == "wait" and told(action, "A limit of the model's service was hit") and world.task("1.1").counted == 0
    monkeypatch.setattr(pacing, "QUOTA_WAIT", 0.0)
    assert made.handles(world.next()) == ["auth/1.1/2"]
    if len(first) == 1:
        world.fail("auth/1.1/2", "429", "quota")
        assert made.handles(world.next()) == ["auth/1.1/3"]
    assert len(world.state.running()) == 1 and world.task("1.1").counted == 0


@row("rate limit, quota")
def test_the_same_trouble_of_the_machine_on_two_tasks_pauses_the_run(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode, made.FIVE)
    while world.state.paused is None:
        running = world.state.running()[0]
        world.fail(f"auth/{running.id}/{len(running.attempts)}", "no space left on device", "infrastructure")
        action = world.next()
    failed = {data["task"] for data in world.named("task-failed")}
    assert failed == {"1.1", "1.2"} and (action.action, action.outcome) == ("finished", "stopped") and "no space left" in action.summary
    assert len(world.state.running()) == (1 if mode is not Mode.SINGLE else 0), "who is at it may finish, nothing new starts"


# --- a completed track is started again


@row("a completed track is started again")
def test_a_new_run_has_the_open_tasks_only_and_the_old_journal_is_laid_aside(mode: Mode, tmp_path: Path) -> None:
    world = begun(tmp_path, mode, made.TWO)
    world.answer(to_the_verification(world).question.id, "verified")
    world.complete()
    first, before = world.state.run, tip(world.root)
    world.edit("### Phase 1 Completion", "### Task 1.3: Make c\n- [ ] Create `src/c.py`\n\n### Phase 1 Completion")
    git(world.root, "commit", "--quiet", "--all", "--message=Another task")
    assert made.handles(world.start(mode)) == ["auth/1.3/1"]
    assert world.state.run != first and world.state.base != before
    assert (world.home.folder / f"journal-{first}.jsonl").exists()


# --- the table is whole


@pytest.mark.parametrize("words", TABLE)
def test_each_row_has_a_test_in_each_mode_or_a_reason(words: str) -> None:
    impossible = {mode for name, mode in CANNOT if name == words}
    assert COVERED[words] | impossible == set(Mode) and not COVERED[words] & impossible
