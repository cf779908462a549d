"""Merged work can be taken back: exactly what a unit committed, and never what later work rests on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from maestro.errors import Conflict, MaestroError
from maestro.models.schedule import Mode
from maestro.run import driving
from support import git, load_beside, write
from waiting import wait_for

made = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")


def finished(folder: Path, text: str, mode: Mode = Mode.PARALLEL) -> Any:
    """A world whose first phase is merged and waits for its verification."""
    world = made.World(folder, text)
    action = world.start(mode)
    while action.action in ("dispatch", "implement"):
        world.work_all(made.handles(action))
        action = world.merge()
    assert action.action == "verify-phase"
    return world


def undo(world: Any, *words: str) -> list[str]:
    return driving.undo(world.home, world.caller, words)[0]


@pytest.mark.parametrize("mode", list(Mode), ids=str)
def test_a_task_is_reverted_alone_and_is_open_again(mode: Mode, tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.FIVE, mode)
    assert undo(world, "1.2") == ["1.2"]
    assert not (world.root / "src/b.py").exists()
    assert (world.root / "src/a.py").exists() and (world.root / "src/c.py").exists()
    assert world.states()["1.2"] == "waiting"
    assert "### Task 1.2: Make b [ ]" in world.plan_file.read_text()
    assert git(world.root, "status", "--porcelain") == ""
    assert made.handles(world.next()) == ["auth/1.2/2"]


def test_what_was_taken_back_runs_again_as_a_new_attempt(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.CHAIN)
    undo(world, "1.2")
    action = world.next()
    assert [worker.handle for worker in action.workers] == ["auth/1.2/2"]  # type: ignore[attr-defined]
    world.work("auth/1.2/2", {"src/b.py": "better = True\n"})
    assert world.merge().action == "verify-phase"
    assert (world.root / "src/b.py").read_text() == "better = True\n"


def test_work_that_others_rest_on_stays_and_they_are_named(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.CHAIN)
    before = git(world.root, "rev-parse", "HEAD")
    with pytest.raises(Conflict, match=r"1\.2 needs 1\.1") as caught:
        undo(world, "1.1")
    assert caught.value.slug == "undo-needed-later" and "`run.py undo 1.2`, then `run.py undo 1.1`" in (caught.value.hint or "")
    assert git(world.root, "rev-parse", "HEAD") == before


def test_work_of_a_later_phase_that_rests_on_it_is_named_too(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/c.py"), ("2.1", "src/b.py", "using the module from Task 1.1")))
    world.answer("verify-1-1", "verified")
    world.work_all(["auth/2.1/1"])
    world.merge()
    with pytest.raises(Conflict, match=r"2\.1 needs 1\.1"):
        undo(world, "1.1")
    with pytest.raises(Conflict, match=r"2\.1 came in a later phase"):
        undo(world, "1.2")


def test_a_file_that_a_later_task_changed_too_ties_them(tmp_path: Path) -> None:
    """Nothing in the plan says so: the second worker changed a file that the first had made."""
    world = made.World(tmp_path / "project", made.CHAIN.replace(", after Task 1.1", ""))
    world.start()
    world.work_all(["auth/1.1/1"])
    world.merge()
    world.work("auth/1.2/1", {"src/b.py": "b\n", "src/app.py": "x = 2\n"})
    world.merge()
    world.answer("verify-1-1", "issue", "the greeting is wrong")
    world.work("auth/1.fix1/1", {"src/app.py": "x = 3\n"})
    world.merge()
    with pytest.raises(Conflict, match=r"1\.fix1 changed src/app\.py after 1\.2") as caught:
        undo(world, "1.2")
    assert "`run.py undo 1.fix1`, then `run.py undo 1.2`" in (caught.value.hint or "")
    assert undo(world, "1.fix1") == ["1.fix1"] and undo(world, "1.2") == ["1.2"]


def verified(folder: Path, text: str, test: str = made.TEST) -> Any:
    """A world whose run is complete."""
    world = made.World(folder, text)
    action = world.start(test=test)
    while action.action != "complete":
        if action.action == "dispatch":
            world.work_all(worker.handle for worker in action.workers)
            action = world.merge()
        else:
            action = world.answer(action.question.id, "verified")
    world.complete()
    return world


THREE = made.plan(("1.1", "src/a.py"), ("1.2", "src/d.py"), ("2.1", "src/b.py"), ("2.2", "src/c.py"), ("3.1", "src/e.py"))


def test_a_phase_stays_while_a_later_one_is_merged(tmp_path: Path) -> None:
    world = verified(tmp_path / "project", THREE)
    before = git(world.root, "rev-parse", "HEAD")
    ran = world.door("run", "undo", "phase", "1", "--json")
    assert (ran.code, ran.error["code"]) == (5, "undo-needed-later") and "2.1, 2.2, 3.1 came in a later phase" in ran.error["message"]
    steps = re.findall(r" undo ([^`]+)`", ran.error["hint"])
    assert steps == ["3.1", "phase 2", "phase 1"]
    assert git(world.root, "rev-parse", "HEAD") == before and world.status() == "" and world.state.over
    for step in steps:
        assert world.door("run", "undo", *step.split()).code == 0, step
    assert git(world.root, "ls-files", "src") == "src/app.py"
    assert "checkpoint" not in world.plan and "[x]" not in world.plan


def test_the_tests_have_to_be_green_without_it(tmp_path: Path) -> None:
    """A commit of the user's rests on it, which no journal knows."""
    world = verified(tmp_path / "project", made.PHASES, test="test ! -e uses-b || test -e src/b.py")
    (world.root / "uses-b").write_text("import b\n")
    git(world.root, "add", "uses-b")
    git(world.root, "commit", "-qm", "mine")
    before = git(world.root, "rev-parse", "HEAD")
    ran = world.door("run", "undo", "2.1", "--json")
    assert (ran.code, ran.error["code"]) == (5, "undo-red")
    assert git(world.root, "rev-parse", "HEAD") == before and world.status() == "" and world.task("2.1").state == "merged"
    assert not (world.root / ".maestro/worktrees").exists()
    git(world.root, "rm", "-q", "uses-b")
    git(world.root, "commit", "-qm", "no more")
    assert undo(world, "2.1") == ["2.1"], "asked again, it is tested again"


def test_taking_every_test_back_is_no_red(tmp_path: Path) -> None:
    world = verified(tmp_path / "project", made.PHASES, test="if test -e src/b.py; then echo 'Ran 1 test'; else echo 'Ran 0 tests'; exit 5; fi")
    assert undo(world, "2.1") == ["2.1"]
    assert world.resume().action == "dispatch"


def test_a_checkpoint_goes_with_the_word_it_stood_for(tmp_path: Path) -> None:
    world = verified(tmp_path / "project", made.PHASES)
    assert world.plan.count("[checkpoint: ") == 2 and world.plan.count("- [x] Look at it") == 2
    undo(world, "2.1")
    assert world.plan.count("[checkpoint: ") == 1 and "## Phase 2: Part 2\n" in world.plan and world.plan.count("- [ ] Look at it") == 1
    assert world.status() == ""


def test_a_branch_that_somebody_turned_red_is_a_question_on_resume(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.PHASES)
    world.start()
    world.work_all(["auth/1.1/1"])
    world.merge()
    world.pause()
    git(world.root, "revert", "--no-edit", world.task("1.1").sha)
    (world.root / "broken").write_text("x\n")
    git(world.root, "add", "broken")
    git(world.root, "commit", "-qm", "by hand")
    action = world.resume()
    assert action.question_id == "base-red" and "on the branch as it is now" in action.text
    git(world.root, "rm", "-q", "broken")
    git(world.root, "commit", "-qm", "mended")
    assert world.answer("base-red", "again").action == "verify-phase"


def test_bookkeeping_does_not_make_a_resume_test_again(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.PHASES)
    world.start()
    world.work_all(["auth/1.1/1"])
    world.merge()
    world.answer("verify-1-1", "verified")
    world.pause()
    world.resume()
    assert world.named("base-reset") == []


def test_a_wave_and_a_phase_are_units_too(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.CHAIN)
    assert undo(world, "wave", "2") == ["1.2"]
    assert undo(world, "phase", "1") == ["1.1"]
    assert git(world.root, "ls-files", "src") == "src/app.py"


def test_history_only_grows(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.FIVE)
    before = git(world.root, "rev-parse", "HEAD")
    undo(world, "phase", "1")
    assert git(world.root, "merge-base", before, "HEAD") == before


def test_lines_that_a_later_commit_changed_are_a_refusal_that_leaves_everything(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.FIVE)
    (world.root / "src/a.py").write_text("somebody = 'else'\n")
    git(world.root, "commit", "-qam", "by hand")
    before = git(world.root, "rev-parse", "HEAD")
    with pytest.raises(Conflict) as caught:
        undo(world, "1.1")
    assert caught.value.slug == "undo-conflict"
    assert git(world.root, "rev-parse", "HEAD") == before
    assert git(world.root, "status", "--porcelain", "--", "src") == ""
    assert world.states()["1.1"] == "merged"


def test_a_completed_track_is_open_again(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.PHASES)
    world.answer("verify-1-1", "verified")
    world.work_all(["auth/2.1/1"])
    world.merge()
    world.answer("verify-2-1", "verified")
    assert world.complete().action == "finished"
    undo(world, "2.1")
    assert "- [~] **Track" in (world.root / ".maestro/tracks.md").read_text()
    assert [worker.handle for worker in world.resume().workers] == ["auth/2.1/2"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "slug"), [(("9.9",), "task-unknown"), (("wave", "9"), "wave-not-found"), (("phase", "9"), "phase-not-found"), (("a", "b"), "undo-what")]
)
def test_what_is_not_there_cannot_be_undone(tmp_path: Path, words: tuple[str, ...], slug: str) -> None:
    world = finished(tmp_path / "project", made.CHAIN)
    with pytest.raises(MaestroError) as caught:
        undo(world, *words)
    assert caught.value.slug == slug


def impatient(world: Any) -> driving.Caller:
    """Somebody whose call waits for no test."""
    return driving.Caller(world.driver, patience=0.0)


def waiting_tests(tmp_path: Path, look: str) -> str:
    """Tests that begin, wait until they may go on, and only then look at what lies there."""
    return f"echo x >> {tmp_path}/begun; until test -e {tmp_path}/go; do sleep 0.01; done; {look}"


@pytest.fixture
def user_built_on_b(tmp_path: Path) -> Any:
    """Two tasks are merged; a commit of the user's rests on the second, which no journal knows. The tests are red without it."""
    (tmp_path / "go").touch()
    world = made.World(tmp_path / "project", made.TWO)
    world.start(test=waiting_tests(tmp_path, "test ! -e uses-b || test -e src/b.py"))
    world.work_all(["auth/1.1/1", "auth/1.2/1"])
    world.merge()
    write(world.root, {"uses-b": "import b\n"})
    git(world.root, "add", "uses-b")
    git(world.root, "commit", "-qm", "mine")
    (tmp_path / "go").unlink()
    (tmp_path / "begun").unlink()
    return world


def test_work_that_is_being_taken_back_is_tested_alone_whatever_else_the_run_wants_to_test(user_built_on_b: Any, tmp_path: Path) -> None:
    """There is one worktree for tests: brought to another commit meanwhile, it would call green what is red without the work."""
    world = user_built_on_b
    before = git(world.root, "rev-parse", "HEAD")
    assert driving.undo(world.home, impatient(world), ("1.2",))[:2] == (["1.2"], "")
    wait_for((tmp_path / "begun").exists, "the gate")
    meanwhile = driving.next_action(world.home, impatient(world))
    assert (meanwhile.action, meanwhile.summary) == ("wait", "The tests of what is left are running.")
    (tmp_path / "go").touch()
    with pytest.raises(Conflict) as caught:
        undo(world, "1.2")
    assert caught.value.slug == "undo-red"
    assert git(world.root, "rev-parse", "HEAD") == before and world.task("1.2").state == "merged"
    assert world.next().action == "verify-phase"


def test_a_phase_that_is_being_tested_is_tested_to_the_end_before_work_is_taken_back(user_built_on_b: Any, tmp_path: Path) -> None:
    world = user_built_on_b
    driving.next_action(world.home, impatient(world))
    wait_for((tmp_path / "begun").exists, "the gate")
    tree = git(world.root / world.state.integration, "rev-parse", "HEAD^{tree}")
    driving.undo(world.home, impatient(world), ("1.2",))
    assert git(world.root / world.state.integration, "rev-parse", "HEAD^{tree}") == tree and world.state.trial is None
    (tmp_path / "go").touch()
    with pytest.raises(Conflict):
        undo(world, "1.2")
    assert world.state.phases["1"].gate is not None and world.state.phases["1"].gate.ok is None
    assert world.next().action == "verify-phase" and world.state.phases["1"].gate.ok is True


def test_what_was_taken_back_step_by_step_comes_back_in_the_order_of_its_dependencies(tmp_path: Path) -> None:
    """The dependent is taken back first, so it must not be the first to run again: what it needs is gone by then."""
    world = verified(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1"), ("1.3", "src/c.py", "after Task 1.2")))
    for task in ("1.3", "1.2", "1.1"):
        undo(world, task)
    assert [wave for wave in world.state.phases["1"].waves if wave] == [["1.1"], ["1.2"], ["1.3"]]
    before = len(world.commits())
    action = world.resume()
    while action.action == "dispatch":
        world.work_all(made.handles(action))
        action = world.merge()
    assert world.commits()[before:] == ["1.1", "1.2", "1.3"]


def test_what_the_first_time_taught_orders_what_comes_back(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.TWO)
    assert world.state.phases["1"].waves == [["1.1", "1.2"]]
    assert world.door("run", "discover", "1.2", "--needs", "1.1").code == 0
    undo(world, "phase", "1")
    assert [wave for wave in world.state.phases["1"].waves if wave] == [["1.1"], ["1.2"]]
    assert made.handles(world.next()) == ["auth/1.1/2"]


def test_who_takes_work_back_from_a_headless_run_does_not_drive_it_from_then_on(tmp_path: Path) -> None:
    """Nobody would go on with it: the words are a person's, and the run is its next process's."""
    world = made.World(tmp_path / "project", made.CHAIN)
    assert execs.execute(world).code == 0
    for task in ("1.2", "1.1"):
        ran = world.door("run", "undo", task)
        assert ran.code == 0 and "run.py exec auth" in ran.out and ran.out.rstrip().endswith("--resume")
    assert world.state.driver.process and world.state.paused == "merged work was taken back"
    assert execs.execute(world, execs.DILIGENT, "--resume").code == 0
    assert world.commits()[-2:] == ["1.1", "1.2"]
