"""Parallel mode: handing out, working, reporting, merging; the user's branch is green and true after every step."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from builders import commit, fingerprint, hook, show, tip, worktree
from maestro.errors import Conflict, Failed, MaestroError, NotFound, Unsafe
from maestro.models.run import Handle
from maestro.run import workers
from maestro.run.briefs import LIMIT
from support import call_door, git, load_beside, write

made = load_beside(__file__, "worlds")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project")


@pytest.fixture
def started(world: Any) -> Any:
    world.start()
    return world


# --- dispatch


def test_how_workers_are_started_is_said_once_and_again_when_it_is_asked_for(tmp_path: Path) -> None:
    """Each round said it in full. Whoever forgot it, after a compaction, is told where it stands; whoever takes over has never read it."""
    world = made.World(tmp_path / "project", made.plan(*((f"1.{number}", f"src/{name}.py") for number, name in enumerate("abcdef", 1))))
    world.driver = "session-a"
    world.start()
    first = world.door("run", "next", "--driver", "session-a").out
    assert "prompt: Run `" in first and "If spawning fails" in first
    world.attach(["auth/1.1/1", "auth/1.2/1", "auth/1.3/1"])
    world.work_all(["auth/1.1/1", "auth/1.2/1", "auth/1.3/1"])
    second = world.door("run", "merge", "--driver", "session-a").out
    assert "- auth/1.4/1 [maestro:" in second and "prompt: " not in second and "If spawning fails" not in second
    again = re.search(r"as before \(how: `(?:maestro |python3 \S*)run(?:\.py)? (next .*?)`\)", second)
    assert again is not None and "prompt: Run `" in world.door("run", *again[1].split()).out
    world.fail("auth/1.4/1")
    world.driver = "session-b"
    taken = world.door("run", "start", "auth", "--resume", "--take-over", "--driver", "session-b").out
    assert "prompt: Run `" in taken


def test_a_task_that_is_handed_out_again_is_said_to_be_and_what_is_kept_of_it(started: Any) -> None:
    started.write("auth/1.1/1", {"src/a.py": "half\n"})
    started.fail("auth/1.1/1", "gave up")
    shown = started.door("run", "next").out
    assert "1.1 Make a (again)" in shown
    assert "- auth/1.1/2 [maestro:spark] 1.1 Make a (again: begins fresh; what auth/1.1/1 left is kept, its brief says where)" in shown
    started.write("auth/1.1/2", {"src/a.py": "red\n"})
    started.fail("auth/1.1/2", "red", "test")
    assert "(again: begins with the work of auth/1.1/2 (test))" in started.door("run", "next").out


def test_a_worker_that_asks_has_not_failed(started: Any) -> None:
    """`failed (attempt 1, unclear-spec)` sent people looking for what went wrong."""
    told = started.fail("auth/1.1/1", "which user?", "unclear-spec")
    assert told == ["1.1 asks: which user? It waits for the answer; what was done so far is kept."]
    shown = started.door("run", "next").out
    assert "failed" not in shown and " · 1 waiting for an answer" in shown, "its sibling still runs"


def test_three_at_once_and_the_next_as_soon_as_one_is_merged(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    action = world.start()
    assert made.handles(action) == ["auth/1.1/1", "auth/1.2/1", "auth/1.3/1"] and action.free_slots == 0
    assert len(world.state.running()) == 3
    world.attach(made.handles(action))
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    action = world.merge()
    assert made.handles(action) == ["auth/1.4/1"], "siblings still run"
    assert len(world.state.running()) == 3 and world.commits() == ["1.2"]


def test_next_is_the_same_dispatch_until_somebody_attached(started: Any) -> None:
    first = started.next()
    assert first.repeat and made.handles(first) == ["auth/1.1/1", "auth/1.2/1"]
    assert [worker.worktree for worker in first.workers] == [worker.worktree for worker in started.next().workers]
    assert all(worker.last_activity_s is not None for worker in first.workers)
    assert len(started.named("task-dispatched")) == 2, "nothing is handed out twice"
    workers.attach(started.root, Handle.parse("auth/1.1/1"))
    assert made.handles(started.next()) == ["auth/1.2/1"], "only whoever has not attached"
    workers.attach(started.root, Handle.parse("auth/1.2/1"))
    action = started.next()
    assert action.action == "wait" and [worker.handle for worker in action.running] == ["auth/1.1/1", "auth/1.2/1"]


def test_while_waiting_work_that_will_conflict_is_seen_before_it_is_committed(started: Any) -> None:
    started.attach(["auth/1.1/1", "auth/1.2/1"])
    started.write("auth/1.1/1", {"src/app.py": "x = 'a'\n"})
    started.write("auth/1.2/1", {"src/app.py": "x = 'b'\n"})
    assert started.next().forecast == ({"pair": ["1.1", "1.2"], "files": ["src/app.py"]},)
    ran = started.door("run", "next")
    assert "forecast: 1.1 and 1.2 conflict in src/app.py" in ran.out


def test_those_that_clash_with_fewest_are_merged_first(tmp_path: Path) -> None:
    """1.1 clashes with both others, which do not clash with each other: merged first, it would cost two conflicts instead of one."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py")), {"one.txt": "1\n", "two.txt": "2\n"})
    world.attach(made.handles(world.start()))
    world.work("auth/1.1/1", {"src/a.py": "a\n", "one.txt": "a\n", "two.txt": "a\n"})
    world.work("auth/1.2/1", {"src/b.py": "b\n", "one.txt": "b\n"})
    world.work("auth/1.3/1", {"src/c.py": "c\n", "two.txt": "c\n"})
    assert world.next().handles == ("auth/1.2/1", "auth/1.3/1", "auth/1.1/1")
    assert world.merge().question_id == "conflict-1.1-1" and world.commits() == ["1.2", "1.3"]


def test_waiting_shows_what_workers_touched_and_how_to_free_a_lost_one(started: Any) -> None:
    for handle in ("auth/1.1/1", "auth/1.2/1"):
        workers.attach(started.root, Handle.parse(handle))
    started.write("auth/1.1/1", {"src/a.py": "a\n", ".maestro/x": "x\n", ".maestro-result-1.1-1.json": "{}"})
    action = started.next()
    assert action.running[0].files == ("src/a.py",) and action.running[0].last_activity_s < 60
    assert "--reason lost" in action.if_lost


def test_a_workers_prompt_is_a_stub_and_its_brief_is_what_attach_prints(started: Any) -> None:
    for worker in started.next().workers:
        assert len(worker.agent.prompt) <= 400 and worker.attach in worker.agent.prompt and worker.handle in worker.attach
    brief = workers.attach(started.root, Handle.parse("auth/1.1/1"))
    assert "Create `src/a.py`" in brief and str(started.folder("auth/1.1/1")) in brief and "run.py done auth/1.1/1" in brief
    assert ".maestro-result-1.1-1.json" in brief and "worktree.py check auth/1.1/1" in brief


def test_a_brief_is_bounded_and_the_rest_is_in_a_file(tmp_path: Path) -> None:
    long = made.TWO.replace(
        "- [ ] Create `src/a.py`", "- [ ] Create `src/a.py`\n" + "\n".join(f"- [ ] Step {number} of many, to be taken with care" for number in range(900))
    )
    world = made.World(tmp_path / "project", long, {".maestro/notepad.md": "# Notepad\n\n## Priority Context\n" + "- Keep it small.\n" * 300})
    world.start()
    brief = workers.attach(world.root, Handle.parse("auth/1.1/1"))
    assert len(brief) <= LIMIT and "run.py done auth/1.1/1" in brief, "how to report is never cut off"


def test_a_brief_carries_priority_context_and_names_what_to_read(tmp_path: Path) -> None:
    files = {
        ".maestro/notepad.md": "# Notepad\n\n## Priority Context\n- Money is cents.\n\n## Log\n- not this\n",
        ".maestro/tracks/auth/spec.md": "# Spec\nlong text\n",
        ".maestro/context/guidelines.md": "be kind\n",
    }
    world = made.World(tmp_path / "project", files=files)
    world.start()
    brief = workers.attach(world.root, Handle.parse("auth/1.1/1"))
    assert "Money is cents." in brief and "not this" not in brief
    assert "spec.md" in brief and "guidelines.md" in brief and "long text" not in brief and "tech-stack.md" not in brief


def test_a_brief_names_the_matched_skills_and_does_without(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    skills = '[{"name": "api-design", "matched_on": ["endpoint", "login"]}, {"name": "pytest"}]'
    commit(world.root, {".maestro/tracks/auth/metadata.json": f'{{"skills": {skills}}}\n'})
    world.start()
    first, second = Handle.parse("auth/1.1/1"), Handle.parse("auth/1.2/1")
    assert "fits the task: api-design (endpoint, login), pytest" in workers.attach(world.root, first)
    write(world.root, {".maestro/tracks/auth/metadata.json": "{}\n"})
    assert "Skills" not in workers.attach(world.root, second)


def test_the_brief_of_an_adopted_plan_names_its_spec_and_contracts(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", files={"specs/1/spec.md": "# Spec\n", "specs/1/contracts/api.yaml": "x: 1\n"})
    commit(world.root, {".maestro/tracks/auth/metadata.json": '{"spec": "specs/1/spec.md", "contracts": "specs/1/contracts"}\n'})
    world.start()
    brief = workers.attach(world.root, Handle.parse("auth/1.1/1"))
    assert "specs/1/spec.md: what the track is for" in brief and "specs/1/contracts: interfaces" in brief


def test_a_worktree_starts_from_head_at_dispatch_with_the_ignored_files_it_needs(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN, {".gitignore": ".env\n", ".worktreeinclude": ".env\n"})
    write(world.root, {".env": "SECRET=1\n"})
    world.start()
    assert (world.folder("auth/1.1/1") / ".env").read_text() == "SECRET=1\n"
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    assert (world.folder("auth/1.2/1") / "src/a.py").exists() and world.task("1.2").attempts[0].base == tip(world.root)


def test_workers_branches_and_folders_are_the_runs_own_and_git_does_not_see_them(started: Any) -> None:
    attempt = started.task("1.1").attempts[0]
    assert started.state.run in attempt.worktree and started.state.run in attempt.branch and attempt.worktree.startswith(".maestro/worktrees/")
    assert "worktrees" not in started.status() and not (started.root / ".gitignore").exists()


# --- what workers call


def test_check_records_red_then_green(started: Any) -> None:
    handle = Handle.parse("auth/1.1/1")
    started.attach(["auth/1.1/1"])
    folder = started.write("auth/1.1/1", {"broken": "x\n"})
    red = workers.check(folder, handle)
    (folder / "broken").unlink()
    green = workers.check(folder, handle)
    assert (red.ok, green.ok, [check.ok for check in started.task("1.1").attempts[0].checks]) == (False, True, [False, True])


def test_check_ends_with_1_when_red_and_shows_the_tail(world: Any) -> None:
    world.start(test="echo some output; test ! -e broken")
    world.attach(["auth/1.1/1"])
    folder = world.write("auth/1.1/1", {"broken": "x\n"})
    ran = call_door("worktree", "check", "auth/1.1/1", cwd=folder)
    assert ran.code == 1 and "some output" in ran.out and "RED" in ran.out
    (folder / "broken").unlink()
    ran = call_door("worktree", "check", "auth/1.1/1", cwd=folder)
    assert ran.code == 0 and "GREEN" in ran.out


def test_check_without_a_command_says_so(world: Any) -> None:
    world.start(no_test=True)
    world.attach(["auth/1.1/1"])
    with pytest.raises(Failed) as caught:
        workers.check(world.root, Handle.parse("auth/1.1/1"))
    assert caught.value.slug == "no-test-command"


def test_done_only_records_and_says_so_twice(started: Any) -> None:
    before = tip(started.root)
    started.work("auth/1.1/1", {"src/a.py": "a\n"})
    assert tip(started.root) == before and started.task("1.1").state == "reported"
    assert started.done("auth/1.1/1") == ["auth/1.1/1 was recorded already."]
    with pytest.raises(Conflict) as caught:
        workers.check(started.root, Handle.parse("auth/1.1/1"))
    assert caught.value.slug == "attempt-over"


def test_done_without_a_change_is_no_success(started: Any) -> None:
    with pytest.raises(Conflict) as caught:
        started.done("auth/1.1/1")
    assert caught.value.slug == "no-change" and "--no-change REASON" in str(caught.value.hint)
    assert started.task("1.1").state == "running"
    started.done("auth/1.1/1", no_change="was done in 1.0")
    started.merge()
    task = started.task("1.1")
    assert (task.state, task.sha, task.attempts[0].outcome) == ("merged", "", "no-change") and "Make a [x]\n" in started.plan


def test_a_change_that_is_on_the_branch_already_needs_no_commit(started: Any) -> None:
    started.write("auth/1.1/1", {"src/a.py": "same\n"})
    commit(started.root, {"src/a.py": "same\n"}, "By hand")
    started.done("auth/1.1/1")
    started.merge()
    assert (started.task("1.1").state, started.task("1.1").sha) == ("merged", "")


@pytest.mark.parametrize(
    ("handle", "error", "slug"),
    [("auth/1.1/2", NotFound, "handle-unknown"), ("auth/9.9/1", NotFound, "handle-unknown"), ("auth/1.1/0", NotFound, "handle-unknown")],
)
def test_an_unknown_handle_is_refused(started: Any, handle: str, error: type[MaestroError], slug: str) -> None:
    with pytest.raises(error) as caught:
        workers.done(started.root, Handle.parse(handle))
    assert caught.value.slug == slug


def test_a_replaced_attempt_is_told_to_stop(started: Any) -> None:
    started.retry("auth/1.1/1")
    for call in (workers.attach, workers.check, workers.done):
        with pytest.raises(Conflict) as caught:
            call(started.root, Handle.parse("auth/1.1/1"))  # type: ignore[operator]
        assert caught.value.slug == "attempt-superseded"


def test_a_report_is_believed_where_it_is_about_the_work(started: Any) -> None:
    handle = "auth/1.1/1"
    started.work(handle, {"src/a.py": "a\n", ".maestro-result-1.1-1.json": json.dumps({"handle": handle, "status": "done", "summary": "Adds a.\nFor all."})})
    started.merge()
    body = git(started.root, "log", "-1", "--format=%B", "--grep=Maestro-Task: 1.1")
    assert body.splitlines()[0] == "feat(auth): Make a" and "Adds a.\nFor all." in body
    assert git(started.root, "log", "-1", "--format=%an", "--grep=Maestro-Task: 1.1") == "An Author", "the user's commit"


@pytest.mark.parametrize(("status", "failure", "state"), [("failed", "worker", "waiting"), ("blocked", "unclear-spec", "failed")])
def test_a_report_of_failure_is_a_failure_whatever_was_changed(started: Any, status: str, failure: str, state: str) -> None:
    report = json.dumps({"status": status, "summary": "the API is gone"})
    started.work("auth/1.1/1", {"src/a.py": "a\n", ".maestro-result-1.1-1.json": report})
    attempt = started.task("1.1").attempts[0]
    assert (attempt.outcome, attempt.failure, attempt.reason, started.task("1.1").state) == ("failed", failure, "the API is gone", state)


def test_a_lying_report_changes_nothing(started: Any) -> None:
    """It names another attempt, and files that were not touched: the diff decides."""
    lies = json.dumps({"handle": "auth/1.2/1", "status": "failed", "discovered": [{"path": "/etc/passwd"}, {"needs": "9.9"}]})
    notices = started.work("auth/1.1/1", {"src/a.py": "a\n", ".maestro-result-1.1-1.json": lies})
    assert any("belongs to 'auth/1.2/1'" in notice for notice in notices) and started.task("1.1").state == "reported"
    started.merge()
    assert started.commits() == ["1.1"]


def test_result_files_never_reach_the_branch(started: Any) -> None:
    started.work("auth/1.1/1", {"src/a.py": "a\n", ".maestro-result-1.1-1.json": "{}", ".maestro-result-9.9-9.json": "{}"})
    started.merge()
    assert "maestro-result" not in git(started.root, "ls-tree", "-r", "--name-only", "HEAD")


def test_fail_lost_frees_the_slot_and_does_not_count(started: Any) -> None:
    started.fail("auth/1.1/1", "lost")
    task = started.task("1.1")
    assert (task.attempts[0].failure, task.counted, task.state) == ("lost", 0, "waiting")
    assert "auth/1.1/2" in made.handles(started.next())
    assert started.fail("auth/1.2/1") and started.fail("auth/1.2/1") == ["auth/1.2/1 was recorded already (failed)."]


def test_a_worktree_that_the_runtime_made_is_brought_to_the_right_commit_and_adopted(started: Any) -> None:
    """It forks from the wrong commit: an older one than the task's base."""
    ours = started.folder("auth/1.1/1")
    theirs = worktree(
        started.root, started.root / ".claude/worktrees/agent-1", git(started.root, "commit-tree", "HEAD^{tree}", "-m", "old"), "-b", "worktree-agent-1"
    )
    brief = workers.attach(theirs, Handle.parse("auth/1.1/1"))
    assert str(theirs) in brief and tip(theirs) == started.task("1.1").attempts[0].base and not ours.exists()
    write(theirs, {"src/a.py": "a\n"})
    workers.done(theirs, Handle.parse("auth/1.1/1"))
    started.merge()
    assert started.commits() == ["1.1"] and "claude" not in started.status()


def test_another_tasks_worktree_is_no_place_to_work(started: Any) -> None:
    with pytest.raises(Unsafe) as caught:
        workers.attach(started.folder("auth/1.2/1"), Handle.parse("auth/1.1/1"))
    assert caught.value.slug == "other-worktree"


def test_the_forecast_sees_uncommitted_work_collide_and_touches_nothing(started: Any) -> None:
    started.write("auth/1.1/1", {"src/app.py": "x = 'a'\n"})
    started.write("auth/1.2/1", {"src/app.py": "x = 'b'\n"})
    before = fingerprint(started.root)
    data = started.door("worktree", "forecast", "--json").data
    assert [(clash["pair"], clash["files"]) for clash in data["clashes"]] == [(["1.1", "1.2"], ["src/app.py"])]
    assert fingerprint(started.root) == before


def test_cleaning_removes_what_is_settled_and_leaves_what_holds_work(started: Any) -> None:
    started.write("auth/1.1/1", {"src/a.py": "half\n"})
    started.fail("auth/1.1/1", "cannot", "unclear-spec")
    before = fingerprint(started.root)
    dry = started.door("worktree", "clean", "--dry-run", "--json").data
    assert dry["removed"] == [started.task("1.1").attempts[0].worktree] and fingerprint(started.root) == before
    assert started.door("worktree", "clean", "--json").data["removed"] == dry["removed"]
    assert not started.folder("auth/1.1/1").exists() and started.folder("auth/1.2/1").exists()
    assert "\nKept: refs/maestro/auth/" in f"\n{started.door('worktree', 'clean').out}", "what stays is not said to have left"
    assert git(started.root, "show", f"{started.task('1.1').attempts[0].snapshot}:src/a.py") == "half"


# --- merging


def test_what_is_reported_is_offered_for_merging_and_merge_brings_it_in(started: Any) -> None:
    started.work("auth/1.1/1", {"src/a.py": "a\n"})
    action = started.next()
    assert (action.action, action.handles) == ("merge", ("auth/1.1/1",)) and "run.py merge" in action.command
    started.merge()
    assert started.commits() == ["1.1"] and (started.root / "src/a.py").read_text() == "a\n"
    assert all(line.split()[-1].startswith(".maestro/") for line in started.status().splitlines()), "markers are committed with the wave"


def test_one_commit_for_each_task_with_its_sha_in_the_plan(started: Any) -> None:
    started.work_all(["auth/1.1/1", "auth/1.2/1"])
    started.merge()
    for task in ("1.1", "1.2"):
        assert f"[x] {started.task(task).sha[:7]}" in started.plan
        assert git(started.root, "show", "--format=", "--name-only", started.task(task).sha) == f"src/{'a' if task == '1.1' else 'b'}.py"
    assert started.plan.count("- [x] Create") == 2


def test_after_a_merge_worktree_branch_and_private_refs_are_gone(started: Any) -> None:
    attempt = started.task("1.1").attempts[0]
    started.work("auth/1.1/1", {"src/a.py": "a\n"})
    started.merge()
    assert not (started.root / attempt.worktree).exists()
    assert git(started.root, "branch", "--list", attempt.branch) == "" and "1.1-1" not in git(started.root, "for-each-ref", "refs/maestro/")


def test_commits_of_a_worker_in_its_worktree_become_one(started: Any) -> None:
    folder = started.write("auth/1.1/1", {"src/a.py": "1\n"})
    commit(folder, {"src/a.py": "2\n"}, "wip")
    commit(folder, {"tests/test_a.py": "t\n"}, "wip again")
    write(folder, {"src/a.py": "3\n"})
    started.done("auth/1.1/1")
    started.merge()
    assert (
        started.subjects() == ["feat(auth): Make a"]
        and show(started.root, "HEAD", "src/a.py") == "3\n"
        and show(started.root, "HEAD", "tests/test_a.py") == "t\n"
    )


def test_a_workers_changes_to_maestros_folders_are_left_out_and_kept(started: Any) -> None:
    plan = started.plan
    started.write("auth/1.1/1", {"src/a.py": "a\n", ".maestro/tracks/auth/plan.md": plan.replace("[ ]", "[x]"), ".beads/x": "x\n"})
    started.done("auth/1.1/1")
    action = started.merge()
    assert any("which is maestro's; left out" in notice for notice in action.notices)
    assert git(started.root, "show", "--format=", "--name-only", started.task("1.1").sha) == "src/a.py"
    kept = [ref for ref in git(started.root, "for-each-ref", "--format=%(refname)", "refs/maestro/").splitlines() if "1.1-1" in ref]
    assert kept and "[x]" in show(started.root, kept[0], ".maestro/tracks/auth/plan.md")
    assert "Make b [~]" in started.plan, "what it ticked is no proof"


def test_litter_is_left_out_with_a_word(started: Any) -> None:
    started.work("auth/1.1/1", {"src/a.py": "a\n", "src/__pycache__/a.cpython-311.pyc": "x", ".coverage": "x"})
    action = started.merge()
    assert any("build leftovers left out" in notice for notice in action.notices)
    assert git(started.root, "show", "--format=", "--name-only", "HEAD") == "src/a.py"


def test_a_worktree_that_vanished_is_merged_from_its_branch(started: Any) -> None:
    import shutil

    folder = started.write("auth/1.1/1", {"src/a.py": "a\n"})
    commit(folder, {"src/a.py": "committed\n"}, "wip")
    started.done("auth/1.1/1")
    shutil.rmtree(folder)
    started.merge()
    assert started.commits() == ["1.1"] and show(started.root, "HEAD", "src/a.py") == "committed\n"


def test_a_worktree_that_vanished_with_its_work_is_a_lost_attempt(started: Any) -> None:
    import shutil

    folder = started.write("auth/1.1/1", {"src/a.py": "a\n"})
    started.done("auth/1.1/1")
    shutil.rmtree(folder)
    action = started.merge()
    assert started.task("1.1").attempts[0].failure == "lost" and "auth/1.1/2" in made.handles(action)


def test_a_hook_that_refuses_a_commit_fails_that_attempt_and_nothing_else(started: Any) -> None:
    hook(started.root, "pre-commit", "test ! -e src/a.py || { echo 'a is forbidden'; exit 1; }")
    started.work_all(["auth/1.1/1", "auth/1.2/1"])
    started.merge()
    assert started.commits() == ["1.2"] and started.task("1.1").attempts[0].failure == "build"
    assert "a is forbidden" in started.task("1.1").attempts[0].reason and not (started.root / "src/a.py").exists()


def test_summaries_go_into_git_notes_where_the_workflow_says_so(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", files={".maestro/context/workflow.md": "- Summary storage: git notes\n"})
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "a\n"})
    world.done("auth/1.1/1", summary="Adds a.")
    world.merge()
    assert git(world.root, "notes", "show", world.task("1.1").sha) == "Adds a." and "Adds a." not in git(
        world.root, "log", "-1", "--format=%B", world.task("1.1").sha
    )


# --- conflicts


def conflict(world: Any) -> Any:
    """Both tasks change the same line of a file that neither names."""
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 'a'\n"})
    world.work("auth/1.2/1", {"src/b.py": "b\n", "src/app.py": "x = 'b'\n"})
    action = world.merge()
    assert (action.action, action.question_id, made.options(action)) == ("decide", "conflict-1.2-1", ["retry", "resolve", "skip", "leave-out"])
    return action


def test_a_conflict_names_both_tasks_file_and_lines_and_touches_nothing(world: Any) -> None:
    action = conflict(world)
    assert action.text.startswith("1.2 conflicts with 1.1 in src/app.py lines 1-5.") and (action.default, action.unattended) == ("retry", "retry")
    assert action.context["tasks"] == ["1.2", "1.1"] and action.context["files"] == [{"path": "src/app.py", "lines": [[1, 5]]}]
    assert not (world.home.checkout.git_dir / "MERGE_HEAD").exists() and world.commits() == ["1.1"] and show(world.root, "HEAD", "src/app.py") == "x = 'a'\n"
    assert git(world.root, "show", f"{world.task('1.2').attempts[0].snapshot}:src/app.py") == "x = 'b'"
    assert world.folder("auth/1.2/1").exists() and world.next().question_id == "conflict-1.2-1", "asked until it is answered"


def test_a_conflict_retried_runs_again_on_the_merged_base(world: Any) -> None:
    conflict(world)
    action = world.answer("conflict-1.2-1", "retry")
    assert made.handles(action) == ["auth/1.2/2"] and (world.folder("auth/1.2/2") / "src/app.py").read_text() == "x = 'a'\n"
    brief = workers.attach(world.root, Handle.parse("auth/1.2/2"))
    assert "Attempt 1 failed (conflict)" in brief and "src/app.py" in brief
    world.work("auth/1.2/2", {"src/b.py": "b\n", "src/app.py": "x = 'ab'\n"})
    world.merge()
    assert world.commits() == ["1.1", "1.2"] and show(world.root, "HEAD", "src/app.py") == "x = 'ab'\n"


def test_a_conflict_resolved_here_gets_the_markers_in_a_scratch_worktree(world: Any) -> None:
    conflict(world)
    action = world.answer("conflict-1.2-1", "resolve")
    assert made.handles(action) == ["auth/1.2/2"]
    folder = world.folder("auth/1.2/2")
    assert "<<<<<<<" in (folder / "src/app.py").read_text() and (folder / "src/b.py").exists()
    assert "resolve the conflict markers in src/app.py" in workers.attach(world.root, Handle.parse("auth/1.2/2"))
    world.work("auth/1.2/2", {"src/app.py": "x = 'both'\n"})
    world.merge()
    assert world.commits() == ["1.1", "1.2"] and show(world.root, "HEAD", "src/app.py") == "x = 'both'\n" and show(world.root, "HEAD", "src/b.py") == "b\n"


def test_markers_that_were_left_are_not_merged(world: Any) -> None:
    conflict(world)
    world.answer("conflict-1.2-1", "resolve")
    world.write("auth/1.2/2", {"src/c.py": "c\n"})
    with pytest.raises(Conflict) as caught:
        world.done("auth/1.2/2")
    assert caught.value.slug == "markers-left" and "src/app.py" in caught.value.message and world.states()["1.2"] == "running"


def test_a_conflict_skipped_keeps_the_work_under_a_private_ref(world: Any) -> None:
    conflict(world)
    action = world.answer("conflict-1.2-1", "skip")
    assert action.action == "verify-phase" and world.states()["1.2"] == "skipped" and "Make b [-]" in world.plan
    assert git(world.root, "for-each-ref", f"--contains={world.task('1.2').attempts[0].snapshot}", "refs/maestro/")


def test_a_conflict_in_a_file_that_nobody_named_may_be_left_out(world: Any) -> None:
    conflict(world)
    world.answer("conflict-1.2-1", "leave-out")
    assert world.commits() == ["1.1", "1.2"] and show(world.root, "HEAD", "src/app.py") == "x = 'a'\n" and show(world.root, "HEAD", "src/b.py") == "b\n"


# --- held changes


def held(world: Any) -> Any:
    """A worker makes a folder that nobody named, deletes a file, and does its task."""
    world.start()
    workers.attach(world.root, Handle.parse("auth/1.2/1"))
    folder = world.write("auth/1.1/1", {"src/a.py": "a\n", "infra/deploy.sh": "x\n"})
    (folder / "src/app.py").unlink()
    world.done("auth/1.1/1")
    action = world.merge()
    assert (action.question_id, made.options(action), action.unattended) == ("held-1.1-1", ["merge", "leave-out", "retry"], None)
    assert "infra/deploy.sh (a new folder infra/)" in action.text and "src/app.py (a deletion)" in action.text
    assert world.commits() == []
    return action


def test_held_changes_are_merged_when_somebody_says_so(world: Any) -> None:
    held(world)
    world.answer("held-1.1-1", "merge")
    assert git(world.root, "show", "--format=", "--name-status", world.task("1.1").sha).splitlines() == ["A\tinfra/deploy.sh", "A\tsrc/a.py", "D\tsrc/app.py"]


def test_held_changes_are_left_out_and_kept(world: Any) -> None:
    held(world)
    world.answer("held-1.1-1", "leave-out")
    assert git(world.root, "show", "--format=", "--name-status", world.task("1.1").sha) == "A\tsrc/a.py"
    (ref,) = [ref for ref in git(world.root, "for-each-ref", "--format=%(refname)", "refs/maestro/").splitlines() if ref.endswith("-whole")]
    assert show(world.root, ref, "infra/deploy.sh") == "x\n"


def test_held_changes_retried_start_from_scratch_with_the_reason(world: Any) -> None:
    held(world)
    action = world.answer("held-1.1-1", "retry", "no deletions please")
    assert made.handles(action) == ["auth/1.1/2"] and not (world.folder("auth/1.1/2") / "infra").exists()
    brief = workers.attach(world.root, Handle.parse("auth/1.1/2"))
    assert "infra/deploy.sh" in brief and "no deletions please" in brief


def test_text_edits_outside_the_scope_are_merged_and_told(started: Any) -> None:
    started.work(
        "auth/1.1/1",
        {"src/a.py": "a\n", "src/app.py": "x = 2\n", "README.txt": "new file in a known folder\n", "tests/test_a.py": "a test belongs to every task\n"},
    )
    action = started.merge()
    assert action.action != "decide" and any("1.1 also changed" in notice and "src/app.py" in notice for notice in action.notices)
    assert show(started.root, "HEAD", "src/app.py") == "x = 2\n"


def test_a_task_that_names_no_path_has_no_boundary_for_new_folders(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", "# Plan: X\n\n## Phase 1: One\n\n### Task 1.1: Think of something\n- [ ] Do it\n")
    world.start()
    world.work("auth/1.1/1", {"new/folder/x.py": "x\n"})
    assert world.merge().action == "verify-phase"


# --- red


def test_a_red_gate_names_the_culprit_takes_back_only_it_and_its_siblings_stay(tmp_path: Path) -> None:
    """Clean by text, broken together: the tests see it after the second merge only."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py")))
    world.attach(made.handles(world.start(test="test ! -e src/a.py || test ! -e src/b.py")))
    for handle, name in (("auth/1.1/1", "a"), ("auth/1.2/1", "b"), ("auth/1.3/1", "c")):
        workers.check(world.write(handle, {f"src/{name}.py": "x\n"}), Handle.parse(handle))
        world.done(handle)
    action = world.merge()
    assert world.commits() == ["1.1", "1.3"] and world.task("1.2").attempts[0].failure == "test"
    reason = world.task("1.2").attempts[0].reason
    assert "red with 1.2 on top of" in reason and f"breaks together with 1.1 ({world.task('1.1').sha[:7]})" in reason
    assert made.handles(action) == ["auth/1.2/2"] and action.workers[0].resume_from == "auth/1.2/1 (test)"
    assert (world.folder("auth/1.2/2") / "src/b.py").exists(), "red tests want mending, not rewriting"
    brief = workers.attach(world.root, Handle.parse("auth/1.2/2"))
    assert "Attempt 1 failed (test)" in brief and "### Task 1.2: Make b\n" in brief, "the marker in the plan's heading is not the worker's"


def test_what_was_let_in_once_is_the_tasks_own_in_its_next_attempt(tmp_path: Path) -> None:
    """The second attempt was told anew that the path is outside, and the user was asked about the same deletion twice."""
    world = made.World(tmp_path / "project", made.TWO, {"src/old.py": "old\n"})
    world.start()
    for attempt in (1, 2):
        world.write(f"auth/1.1/{attempt}", {"src/a.py": f"{attempt}\n", "src/app.py": f"x = {attempt + 1}\n", **({"broken": "x\n"} if attempt == 1 else {})})
        (world.folder(f"auth/1.1/{attempt}") / "src/old.py").unlink(missing_ok=True)
        if attempt == 2:
            brief = workers.attach(world.root, Handle.parse("auth/1.1/2"))
            (world.folder("auth/1.1/2") / "broken").unlink(missing_ok=True)
        world.done(f"auth/1.1/{attempt}")
        action = world.merge()
        if attempt == 1:
            assert action.question_id == "held-1.1-1"
            world.answer("held-1.1-1", "merge")
    assert "- src/a.py (create)" in brief and "- src/app.py (as an earlier attempt did)" in brief and "- src/old.py (as an earlier attempt did)" in brief
    assert world.commits() == ["1.1"] and not any("outside its scope" in notice for notice in action.notices)
    assert "held-1.1-2" not in world.state.questions


def test_what_was_let_in_does_not_let_in_more(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO, {"src/old.py": "old\n"})
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n", "src/old.py": "edited\n", "broken": "x\n"})
    world.merge()
    (world.folder("auth/1.1/2") / "src/old.py").unlink()
    world.done("auth/1.1/2")
    assert world.merge().question_id == "held-1.1-2", "an edit was accepted, a deletion was not"


def test_a_task_stops_after_three_attempts_and_asks(world: Any) -> None:
    world.start()
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    for attempt in (1, 2, 3):
        world.write(f"auth/1.1/{attempt}", {"src/a.py": f"{attempt}\n", "broken": "x\n"})
        world.done(f"auth/1.1/{attempt}")
        action = world.merge()
    assert (action.question_id, made.options(action)) == ("failed-1.1", ["retry", "explain", "fix", "skip", "stop"])
    assert "failed after 3 attempts (last: test): " in action.text and Path(action.context["log"]).exists()
    assert world.commits() == ["1.2"] and "Make a [!]" in world.plan


def test_partial_work_can_be_fixed_in_place_instead_of_being_done_again(world: Any) -> None:
    world.start()
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    world.write("auth/1.1/1", {"src/a.py": "nearly right\n"})
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    asked = world.next()
    assert asked.question_id == "failed-1.1" and asked.text == "1.1 (Make a) asks: which user?"
    action = world.answer("failed-1.1", "fix")
    assert made.handles(action) == ["auth/1.1/2"] and (world.folder("auth/1.1/2") / "src/a.py").read_text() == "nearly right\n"
    assert "Its work is in this worktree already" in workers.attach(world.root, Handle.parse("auth/1.1/2"))


@pytest.mark.parametrize("failure", ["unclear-spec", "dependency"])
def test_what_a_repetition_cannot_help_is_asked_at_once(world: Any, failure: str) -> None:
    world.start()
    world.fail("auth/1.1/1", "which user?", failure)
    world.fail("auth/1.2/1", "which user?", failure)
    assert world.next().question_id == "failed-1.1" and world.states() == {"1.1": "failed", "1.2": "failed"}


FAILING = made.plan(
    ("1.1", "src/a.py"),
    ("1.2", "src/b.py", "after Task 1.1"),
    ("1.3", "src/c.py", "after Task 1.2"),
    ("1.4", "src/d.py"),
    ("1.5", "src/e.py", "after Task 1.4"),
)


def failing(tmp_path: Path) -> Any:
    world = made.World(tmp_path / "project", FAILING)
    assert made.handles(world.start()) == ["auth/1.1/1", "auth/1.4/1"]
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    return world


def test_dependents_of_a_failed_task_are_blocked_and_independent_ones_go_on(tmp_path: Path) -> None:
    world = failing(tmp_path)
    world.work("auth/1.4/1", {"src/d.py": "d\n"})
    action = world.merge()
    assert world.states() == {"1.1": "failed", "1.2": "blocked", "1.3": "blocked", "1.4": "merged", "1.5": "running"}
    assert made.handles(action) == ["auth/1.5/1"] and world.task("1.3").reason == "needs 1.1, which failed"
    world.work("auth/1.5/1", {"src/e.py": "e\n"})
    action = world.merge()
    assert action.question_id == "failed-1.1" and world.commits() == ["1.4", "1.5"]
    with pytest.raises(Conflict) as caught:
        from maestro.run import driving

        driving.complete(world.home, world.caller, "keep")
    assert caught.value.slug == "track-open"


def test_nothing_new_starts_in_a_wave_in_which_a_task_failed(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    world.start()
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    assert world.states()["1.4"] == "waiting" and world.states()["1.3"] == "running"
    world.work("auth/1.3/1", {"src/c.py": "c\n"})
    action = world.merge()
    assert made.handles(action) == ["auth/1.4/1", "auth/1.5/1"], "they moved to a later wave"
    assert any("1.1 failed; what was not started yet moves" in notice for notice in action.notices)


@pytest.mark.parametrize(("option", "text"), [("retry", ""), ("explain", "the user of the web form")])
def test_a_failed_task_tried_again_frees_what_it_blocked(tmp_path: Path, option: str, text: str) -> None:
    world = failing(tmp_path)
    world.work("auth/1.4/1", {"src/d.py": "d\n"})
    world.merge()
    world.work("auth/1.5/1", {"src/e.py": "e\n"})
    world.merge()
    action = world.answer("failed-1.1", option, text)
    assert made.handles(action) == ["auth/1.1/2"]
    assert not text or f"The user says: {text}" in workers.attach(world.root, Handle.parse("auth/1.1/2"))
    for handle, name in (("auth/1.1/2", "a"), ("auth/1.2/1", "b"), ("auth/1.3/1", "c")):
        world.work(handle, {f"src/{name}.py": "x\n"})
        action = world.merge()
    assert action.action == "verify-phase" and set(world.states().values()) == {"merged"}


def test_a_failed_task_skipped_lets_its_dependents_start(tmp_path: Path) -> None:
    world = failing(tmp_path)
    world.work("auth/1.4/1", {"src/d.py": "d\n"})
    world.merge()
    world.work("auth/1.5/1", {"src/e.py": "e\n"})
    world.merge()
    assert made.handles(world.answer("failed-1.1", "skip")) == ["auth/1.2/1"] and "Make a [-]" in world.plan


def test_stopping_at_a_failure_asks_again_on_resume_unless_it_was_mended(world: Any) -> None:
    world.start()
    world.fail("auth/1.1/1", "which user?", "unclear-spec")
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    assert world.merge().question_id == "failed-1.1"
    assert world.answer("failed-1.1", "stop").outcome == "stopped" and world.status() == ""
    assert made.handles(world.resume()) == ["auth/1.1/2"]


def test_retry_of_a_running_attempt_replaces_it_and_merged_work_is_not_retried(world: Any) -> None:
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "half\n"})
    action = world.retry("auth/1.1/1", fresh=True, note="smaller")
    assert "auth/1.1/2" in made.handles(action) and "src/a.py" not in [path.name for path in world.folder("auth/1.1/2").rglob("a.py")]
    assert "The user says: smaller" in workers.attach(world.root, Handle.parse("auth/1.1/2"))
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    with pytest.raises(Conflict) as caught:
        world.retry("auth/1.2/1")
    assert caught.value.slug == "task-merged"


def test_skip_settles_a_task_and_says_when_it_was_already(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    world.start()
    assert made.handles(world.skip("1.1", "done by hand")) == ["auth/1.2/1"]
    assert any("skipped already" in notice for notice in world.skip("1.1").notices)
    with pytest.raises(NotFound):
        world.skip("9.9")


# --- the user's own doings


def test_a_commit_of_the_user_mid_run_stays_and_the_work_is_rebuilt_and_tested_on_it(world: Any, tmp_path: Path) -> None:
    world.start(test=f"ls src >> {tmp_path}/seen; {made.TEST}")
    users = commit(world.root, {"src/users.py": "mine\n"}, "By hand")
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    assert git(world.root, "rev-parse", f"{world.task('1.1').sha}^") == users
    assert "users.py" in (tmp_path / "seen").read_text().split("a.py")[-1] or "users.py" in (tmp_path / "seen").read_text(), "tested together"


def test_a_commit_that_comes_while_the_gate_runs_makes_it_run_again(world: Any, tmp_path: Path) -> None:
    world.start(test=f"test ! -e {tmp_path}/commit || (rm {tmp_path}/commit; cd {world.root} && echo y > y && git add y && git commit -qm mine); {made.TEST}")
    (tmp_path / "commit").touch()
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    assert git(world.root, "log", "--format=%s", "-2").splitlines() == ["feat(auth): Make a", "mine"]
    assert len([data for data in world.named("gate-started") if data.get("task") == "1.1"]) == 2


@pytest.mark.parametrize("tracked", [True, False])
def test_a_file_of_the_user_in_the_way_stops_the_landing_and_stays(world: Any, tracked: bool) -> None:
    world.start()
    name = "src/app.py" if tracked else "src/a.py"
    world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 2\n"})
    write(world.root, {name: "mine\n"})
    action = world.merge()
    assert (action.question_id, made.options(action)) == ("in-the-way-1.1", ["again", "skip"]) and name in action.text
    assert (world.root / name).read_text() == "mine\n" and world.commits() == []
    assert world.answer("in-the-way-1.1", "again").question_id == "in-the-way-1.1", "still there"
    git(world.root, "stash", "--include-untracked", "--", name)
    world.answer("in-the-way-1.1", "again")
    assert world.commits() == ["1.1"]


def test_a_worker_that_wrote_into_the_checkout_is_noticed(started: Any) -> None:
    started.attach(["auth/1.1/1", "auth/1.2/1"])
    write(started.root, {"src/app.py": "x = 'stray'\n"})
    started.work("auth/1.1/1", {"src/a.py": "a\n"})
    action = started.merge()
    assert any("Changed in the checkout itself, and in no task's commit: src/app.py." in notice for notice in action.notices)
    assert started.commits() == ["1.1"] and (started.root / "src/app.py").read_text() == "x = 'stray'\n"


def test_other_untracked_files_of_the_user_do_not_matter(started: Any) -> None:
    write(started.root, {"notes.txt": "mine\n", "src/mine.py": "mine\n"})
    started.work("auth/1.1/1", {"src/a.py": "a\n"})
    started.merge()
    assert started.commits() == ["1.1"] and (started.root / "src/mine.py").read_text() == "mine\n"
    assert "mine.py" not in git(started.root, "ls-tree", "-r", "--name-only", "HEAD")


def test_on_another_branch_nothing_happens_until_the_user_is_back(started: Any) -> None:
    started.work("auth/1.1/1", {"src/a.py": "a\n"})
    git(started.root, "checkout", "--quiet", "-b", "elsewhere")
    with pytest.raises(MaestroError) as caught:
        started.merge()
    assert (caught.value.slug, caught.value.exit_code) == ("wrong-branch", 7) and "git switch main" in str(caught.value.hint)
    git(started.root, "checkout", "--quiet", "main")
    started.merge()
    assert started.commits() == ["1.1"]


# --- bookkeeping


def test_bookkeeping_is_committed_per_wave_and_phase_and_only_our_folders(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1"), ("2.1", "src/c.py")))
    world.start()
    write(world.root, {"notes.txt": "mine\n", ".maestro/tracks/auth/spec.md": "# Spec\n"})
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    assert world.subjects() == ["feat(auth): Make a", "chore(auth): wave 1 of phase 1"]
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.answer(world.merge().question.id, "verified")
    assert world.subjects()[2:] == ["feat(auth): Make b, after Task 1.1", "chore(auth): phase 1 verified"]
    for sha in git(world.root, "log", "--format=%H", "--grep=Maestro-Bookkeeping").splitlines():
        paths = git(world.root, "show", "--format=", "--name-only", sha).splitlines()
        assert paths and all(path.startswith(".maestro/") for path in paths)
    assert "spec.md" in git(world.root, "ls-tree", "-r", "--name-only", "HEAD") and world.status().splitlines()[-1] == "?? notes.txt"


def test_an_untracked_track_is_taken_along_with_the_first_bookkeeping(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", tracked=False)
    world.work_all(made.handles(world.start()))
    world.answer(world.merge().question.id, "verified")
    assert ".maestro/tracks/auth/plan.md" in git(world.root, "ls-tree", "-r", "--name-only", "HEAD") and world.status() == ""


def test_an_ignored_maestro_folder_is_never_committed(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", files={".gitignore": ".maestro/\n"}, tracked=False)
    world.work_all(made.handles(world.start()))
    world.answer(world.merge().question.id, "verified")
    world.complete()
    assert world.subjects() == ["feat(auth): Make a", "feat(auth): Make b"] and "[checkpoint:" in world.plan


def test_staged_work_of_the_user_does_not_slip_into_a_bookkeeping_commit(started: Any) -> None:
    started.work_all(["auth/1.1/1", "auth/1.2/1"])
    action = started.merge()
    write(started.root, {"mine.txt": "mine\n"})
    git(started.root, "add", "mine.txt")
    started.answer(action.question.id, "verified")
    assert started.status() == "A  mine.txt"
