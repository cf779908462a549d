"""Team mode: workers share the checkout, each task is committed alone, and nobody's half-done work is swept along."""

from __future__ import annotations

import json
import multiprocessing
from pathlib import Path
from typing import Any

import pytest

from maestro.errors import Conflict
from maestro.models.schedule import Mode
from maestro.run import driving
from support import git, load_beside, write

made = load_beside(__file__, "worlds")


def team(folder: Path, text: str = made.FIVE, **wish: object) -> Any:
    world = made.World(folder, text)
    world.start(Mode.TEAM, **wish)
    return world


def test_a_finished_task_is_committed_without_its_neighbours_work(tmp_path: Path) -> None:
    world = team(tmp_path / "project")
    write(world.root, {"src/a.py": "a = 1\n", "src/b.py": "half done"})
    world.done("auth/1.1/1")
    world.merge()
    assert git(world.root, "show", "--format=", "--name-only", world.task("1.1").sha) == "src/a.py"
    assert git(world.root, "status", "--porcelain", "--", "src") == "?? src/b.py"
    assert world.states()["1.2"] == "running"


def test_the_users_index_agrees_with_the_new_head(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "a = 1\n"})
    world.done("auth/1.1/1")
    world.merge()
    assert git(world.root, "diff", "--cached", "--name-only") == ""


def test_tests_run_without_the_work_of_those_who_are_still_at_it(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO, test="test ! -e src/b.py")
    write(world.root, {"src/a.py": "a = 1\n", "src/b.py": "red until it is finished"})
    world.done("auth/1.1/1")
    world.merge()
    assert world.states()["1.1"] == "merged"


def test_changes_that_nobody_claims_are_a_question(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "a = 1\n", "notes.txt": "whose?"})
    world.done("auth/1.1/1")
    action = world.merge()
    assert (action.action, action.question_id) == ("decide", "unclaimed-1.1-1")  # type: ignore[attr-defined]
    world.answer("unclaimed-1.1-1", "task")
    assert git(world.root, "show", "--format=", "--name-only", world.task("1.1").sha).split() == ["notes.txt", "src/a.py"]


def test_a_fix_owns_what_its_phase_changed_and_all_else_is_one_question(tmp_path: Path) -> None:
    """Its text names no paths, so each file that it mended was asked about."""
    world = team(tmp_path / "project", made.PHASES)
    write(world.root, {"src/a.py": "a = 1\n"})
    world.done("auth/1.1/1")
    world.answer(world.merge().question.id, "issue", "It says nothing.")  # type: ignore[attr-defined]
    write(world.root, {"src/a.py": "a = 2\n"})
    world.done("auth/1.fix1/1")
    action = world.merge()
    assert action.action == "verify-phase" and world.commits() == ["1.1", "1.fix1"]
    world.answer(action.question.id, "issue", "Nor elsewhere.")  # type: ignore[attr-defined]
    write(world.root, {"src/a.py": "a = 3\n", "src/app.py": "x = 2\n", "notes.txt": "n\n"})
    world.done("auth/1.fix2/1")
    action = world.merge()
    assert [entry["path"] for entry in action.context["files"]] == ["notes.txt", "src/app.py"]  # type: ignore[attr-defined]
    assert world.answer("unclaimed-1.fix2-1", "task").action == "verify-phase"


def test_what_is_left_unclaimed_stays_where_it_is(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "a = 1\n", "notes.txt": "mine"})
    world.done("auth/1.1/1")
    world.merge()
    world.answer("unclaimed-1.1-1", "leave")
    assert git(world.root, "show", "--format=", "--name-only", world.task("1.1").sha) == "src/a.py"
    assert (world.root / "notes.txt").read_text() == "mine"


def test_a_workers_own_commit_is_not_taken_unseen(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "a = 1\n"})
    git(world.root, "add", "src/a.py")
    git(world.root, "commit", "-qm", "a worker that commits")
    world.done("auth/1.1/1")
    assert world.merge().question_id == "foreign-1.1-1"  # type: ignore[attr-defined]


def test_a_worker_keeps_its_task_until_it_is_reported(tmp_path: Path) -> None:
    world = team(tmp_path / "project")
    world.fail("auth/1.1/1", "lost", "lost")
    first = driving.claim(world.home, "kraken-1")
    again = driving.claim(world.home, "kraken-1")
    assert first.handle == again.handle  # type: ignore[attr-defined]


def test_a_worker_without_a_task_is_told_to_stop_and_nothing_of_the_drivers(tmp_path: Path) -> None:
    """It would drive the run itself, or give a living colleague's task away."""
    world = made.World(tmp_path / "project", made.TWO)
    world.driver = "session-1"
    world.start(Mode.TEAM)
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    idle = world.door("run", "next", "--worker", "kraken-3")
    assert (idle.code, idle.out) == (0, "WAIT: Nothing for you now: stop.\n")
    refused = world.door("run", "fail", "auth/1.1/1", "--reason", "lost")
    assert refused.code == 6 and "[driver-other]" in refused.err and world.states()["1.1"] == "running"
    world.abort()
    assert world.door("run", "next", "--worker", "kraken-3").out == idle.out


def test_a_wait_shows_of_the_shared_checkout_what_each_worker_did(tmp_path: Path) -> None:
    write(tmp_path / "project", {"old.txt": "older than the run"})
    world = team(tmp_path / "project", made.TWO)
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    write(world.root, {"src/a.py": "a = 1\n", "notes.txt": "whose?"})
    action = world.next()
    assert {worker.handle: worker.files for worker in action.running} == {"auth/1.1/1": ("src/a.py",), "auth/1.2/1": ()}  # type: ignore[attr-defined]
    assert all(worker.last_activity_s <= worker.since_s for worker in action.running)  # type: ignore[attr-defined]
    assert action.then.endswith(" merge"), "one call takes what is reported and says what comes next"


def test_a_red_check_says_which_of_the_named_files_are_not_the_tasks(tmp_path: Path) -> None:
    """Whoever mends a colleague's half-done file meets that colleague there."""
    world = team(tmp_path / "project", made.TWO, test="! cat src/a.py src/b.py | grep wrong || { echo 'File src/b.py: wrong'; exit 1; }")
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    write(world.root, {"src/a.py": "a = 1\n", "src/b.py": "wrong\n"})
    red = world.door("worktree", "check", "auth/1.1/1")
    assert red.code == 1 and "RED\nRed there, but not yours: src/b.py. It names none of your files." in red.out
    found = world.door("worktree", "check", "auth/1.2/1", "--json").json["data"]
    assert (found["others"], found["yours"]) == ([], ["src/b.py"])


@pytest.mark.parametrize(("options", "told", "brief"), [((), "goes on from", "Go on from it"), (("--fresh",), "begins anew over", "Begin anew in its place")])
def test_what_lies_in_a_shared_checkout_is_told_as_what_it_is_to_the_next_attempt(options: tuple[str, ...], told: str, brief: str, tmp_path: Path) -> None:
    """A driver is not told of a fresh start where the worker is told to go on."""
    world = team(tmp_path / "project", made.TWO)
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    write(world.root, {"src/a.py": "half\n"})
    shown = world.door("run", "retry", "auth/1.1/1", *options).out
    assert f"(again: {told} what lies in the checkout)" in shown
    assert brief in world.door("worktree", "attach", "auth/1.1/2").out


def test_the_report_of_another_run_is_not_taken_for_this_ones(tmp_path: Path) -> None:
    """Both lie in the checkout under the same name, and a worker may forget to write its own."""
    world = team(tmp_path / "project", made.TWO)
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    write(
        world.root,
        {"src/a.py": "a\n", ".maestro-result-1.1-1.json": '{"handle": "auth/1.1/1", "run": "auth-000000", "status": "blocked", "question": "Which?"}'},
    )
    told = world.door("run", "done", "auth/1.1/1").out
    assert "its report belongs to the run 'auth-000000'; settled from its diff." in told and "Which?" not in told
    assert f'"run": "{world.state.run}"' in world.door("worktree", "attach", "auth/1.2/1", "--again").out


def test_workers_reports_do_not_stay_beside_the_users_files(tmp_path: Path) -> None:
    """What they say stands in the journal; in the shared checkout they would lie about, hidden from `git status`, for ever."""
    world = team(tmp_path / "project", made.TWO)
    for handle in ("1.1-1", "1.2-1"):
        write(
            world.root, {f".maestro-result-{handle}.json": json.dumps({"handle": f"auth/{handle.replace('-', '/')}", "run": world.state.run, "summary": "s"})}
        )
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    assert (world.task("1.1").attempts[0].report["summary"], sorted(path.name for path in world.root.glob(".maestro-result*"))) == (
        "s",
        [".maestro-result-1.2-1.json"],
    )
    world.abort()
    assert list(world.root.glob(".maestro-result*")) == []


def test_who_works_alone_is_not_told_of_others(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.CHAIN)
    assert "others work there" not in world.door("worktree", "attach", "auth/1.1/1").out
    assert "others work there at the same time" in team(tmp_path / "other").door("worktree", "attach", "auth/1.1/1").out


def test_a_teams_brief_asks_for_no_green_run_that_a_shared_checkout_may_not_have(tmp_path: Path) -> None:
    world = team(tmp_path)
    brief = world.door("worktree", "attach", "auth/1.1/1").out
    assert "3. Clean up while nothing of yours is red. Report the red run, and that nothing of yours is red." in brief
    assert "change nothing under .maestro/ or .beads/; in files that others work on too, change no lines but your own;" in brief


def test_claims_are_refused_outside_a_team(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    with pytest.raises(Conflict) as caught:
        driving.claim(world.home, "kraken-1")
    assert caught.value.slug == "not-a-team"


def _claim(root: str, name: str) -> str | None:
    from maestro.git.checkout import find_checkout
    from maestro.run.home import Home

    return getattr(driving.claim(Home(find_checkout(Path(root)), "auth"), name), "handle", None)


def test_twenty_workers_that_claim_at_once_get_one_task_each(tmp_path: Path) -> None:
    world = team(tmp_path / "project")
    for handle in ("auth/1.1/1", "auth/1.2/1", "auth/1.3/1"):
        world.fail(handle, "lost", "lost")
    with multiprocessing.get_context("fork").Pool(20) as pool:
        claimed = pool.starmap(_claim, [(str(world.root), f"kraken-{number}") for number in range(20)])
    handles = [handle for handle in claimed if handle]
    assert len(handles) == len(set(handles)) == 3
    assert sorted(world.states().values()).count("running") == 3


def test_a_workers_own_commit_is_adopted_when_its_paths_are_the_tasks(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "a = 1\n"})
    git(world.root, "add", "src/a.py")
    git(world.root, "commit", "-qm", "a worker that commits")
    sha = git(world.root, "rev-parse", "HEAD")
    world.done("auth/1.1/1")
    world.merge()
    world.answer("foreign-1.1-1", "adopt")
    assert world.task("1.1").sha == sha


def test_a_users_commit_of_other_files_is_built_upon_without_a_question(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "a = 1\n", "notes.txt": "mine\n"})
    git(world.root, "add", "notes.txt")
    git(world.root, "commit", "-qm", "My notes", "--", "notes.txt")
    world.done("auth/1.1/1")
    world.merge()
    assert world.states()["1.1"] == "merged" and git(world.root, "show", "--format=", "--name-only", world.task("1.1").sha) == "src/a.py"


def test_a_team_task_that_is_red_is_mended_in_the_checkout_and_stops_after_three(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO, test="! grep -q wrong src/a.py")
    for attempt in (1, 2, 3):
        write(world.root, {"src/a.py": f"wrong {attempt}\n"})
        world.done(f"auth/1.1/{attempt}")
        action = world.merge()
    write(world.root, {"src/b.py": "b\n"})
    world.done("auth/1.2/1")
    action = world.merge()
    assert action.question_id == "failed-1.1" and (world.root / "src/a.py").read_text() == "wrong 3\n"  # type: ignore[attr-defined]
    assert world.commits() == ["1.2"]


def test_an_edited_plan_is_followed_in_team_mode(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    world.edit("### Phase 1 Completion", "### Task 1.3: Make c, after Task 1.2\n- [ ] Create `src/c.py`\n\n### Phase 1 Completion")
    assert any("The plan was edited (+1.3)" in notice for notice in world.next().notices)


def test_ticks_that_a_worker_makes_in_the_plan_are_taken_back(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.CHAIN)
    world.edit("Make b, after Task 1.1", "Make b, after Task 1.1 [x]")
    write(world.root, {"src/a.py": "a = 1\n"})
    world.done("auth/1.1/1")
    assert "Make b, after Task 1.1 [ ]" in world.plan or "Make b, after Task 1.1\n" in world.plan
    world.merge()
    assert world.states()["1.2"] == "running"


def test_a_worker_that_changes_nothing_has_not_succeeded(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    with pytest.raises(Conflict) as caught:
        world.done("auth/1.1/1")
    assert caught.value.slug == "no-change"


def test_a_dead_workers_task_is_free_and_its_changes_stay(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "half\n"})
    world.fail("auth/1.1/1", "lost", "lost")
    action = driving.claim(world.home, "kraken-2")
    assert action.handle == "auth/1.1/2" and (world.root / "src/a.py").read_text() == "half\n"  # type: ignore[attr-defined]


def test_a_task_with_nothing_to_do_is_settled_by_the_merge(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    world.done("auth/1.1/1", no_change="it is there already")
    world.merge()
    assert (world.states()["1.1"], world.task("1.1").sha) == ("merged", "")


def test_one_commit_with_two_tasks_files_is_adopted_by_both(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "a = 1\n", "src/b.py": "b = 1\n"})
    git(world.root, "add", "src")
    git(world.root, "commit", "-qm", "a worker that commits all it sees")
    sha = git(world.root, "rev-parse", "HEAD")
    for task in ("1.1", "1.2"):
        world.done(f"auth/{task}/1")
        world.merge()
        world.answer(f"foreign-{task}-1", "adopt")
        assert world.task(task).sha == sha


def test_an_adopted_commit_has_to_be_green_like_any_other(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "a = 1\n", "broken": "x\n"})
    git(world.root, "add", "src/a.py", "broken")
    git(world.root, "commit", "-qm", "a worker that commits")
    world.done("auth/1.1/1")
    world.merge()
    world.answer("foreign-1.1-1", "adopt")
    assert (world.task("1.1").sha, world.task("1.1").attempts[0].failure) == ("", "test")


def with_ci(folder: Path) -> Any:
    """A worker that changed its project's CI, which its task does not name, and claims it in its report."""
    world = team(folder, made.TWO)
    report = {"handle": "auth/1.1/1", "status": "done", "discovered": [{"path": ".github/workflows/ci.yml", "access": "create"}]}
    write(world.root, {"src/a.py": "a = 1\n", ".github/workflows/ci.yml": "on: push\n", ".maestro-result-1.1-1.json": json.dumps(report)})
    world.done("auth/1.1/1")
    return world


def test_what_could_do_harm_is_held_although_the_report_claims_it(tmp_path: Path) -> None:
    world = with_ci(tmp_path / "project")
    action = world.merge()
    assert (action.question_id, [file["path"] for file in action.context["files"]]) == ("held-1.1-1", [".github/workflows/ci.yml"])  # type: ignore[attr-defined]
    assert world.commits() == []


@pytest.mark.parametrize(("option", "committed"), [("merge", [".github/workflows/ci.yml", "src/a.py"]), ("leave-out", ["src/a.py"])])
def test_what_was_held_is_committed_or_stays_where_it_is(option: str, committed: list[str], tmp_path: Path) -> None:
    world = with_ci(tmp_path / "project")
    world.merge()
    world.answer("held-1.1-1", option)
    assert git(world.root, "show", "--format=", "--name-only", world.task("1.1").sha).split() == committed
    assert (world.root / ".github/workflows/ci.yml").read_text() == "on: push\n"


def test_what_was_held_and_not_wanted_is_the_next_attempts_to_take_away(tmp_path: Path) -> None:
    world = with_ci(tmp_path / "project")
    world.merge()
    action = world.answer("held-1.1-1", "retry", "not the CI")
    assert "auth/1.1/2" in made.handles(action) and ".github/workflows/ci.yml" in world.task("1.1").attempts[0].reason
    (world.root / ".github/workflows/ci.yml").unlink()
    world.done("auth/1.1/2")
    world.merge()
    assert git(world.root, "show", "--format=", "--name-only", world.task("1.1").sha) == "src/a.py"


def test_a_new_dependency_is_asked_about_in_the_shared_checkout_too(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "requirements.txt")), {".maestro/context/tech-stack.md": "# Tech stack\n\n- click\n"})
    world.start(Mode.TEAM)
    write(world.root, {"requirements.txt": "leftpad==1.0\n"})
    world.done("auth/1.1/1")
    assert world.merge().question_id == "technology-1.1-1"


def test_what_is_to_stay_is_asked_about_once(tmp_path: Path) -> None:
    world = team(tmp_path / "project", made.TWO)
    write(world.root, {"src/a.py": "a = 1\n", "src/b.py": "b = 1\n", "notes.txt": "mine"})
    world.done("auth/1.1/1")
    world.done("auth/1.2/1")
    world.merge()
    assert world.answer("unclaimed-1.1-1", "leave").action == "verify-phase" and world.commits() == ["1.1", "1.2"]
