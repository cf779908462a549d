"""The gate: green, red only when it is red twice, and neither when nothing was tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import commit
from maestro.run import driving
from maestro.run.gate import found_nothing
from maestro.run.jobs import Exit, Job
from support import load_beside
from waiting import wait_for

made = load_beside(__file__, "worlds")

NOTHING = {
    "pytest": (5, "collected 0 items\n\n===== no tests ran in 0.01s ====="),
    "pytest quiet": (5, "\nno tests ran in 0.00s"),
    "unittest": (0, "\n----------------------------------------------------------------------\nRan 0 tests in 0.000s\n\nOK"),
    "unittest 3.12": (5, "\n----------------------------------------------------------------------\nRan 0 tests in 0.000s\n\nNO TESTS RAN"),
    "jest": (1, "No tests found, exiting with code 1\nRun with `--passWithNoTests` to exit with code 0"),
    "vitest": (1, "No test files found, exiting with code 1"),
    "node": (0, "TAP version 13\n1..0\n# tests 0\n# suites 0\n# pass 0"),
    "node spec": (0, "ℹ tests 0\nℹ suites 0\nℹ pass 0"),
    "mocha": (0, "\n  0 passing (1ms)\n"),
    "go": (0, "?   \texample.org/x\t[no test files]"),
    "cargo": (
        0,
        "\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed; 0 ignored\n\n   Doc-tests x\n\nrunning 0 tests\n\ntest result: ok. 0 passed; 0 failed",
    ),
}

SOMETHING = {
    "pytest": (0, "collected 3 items\n\n===== 3 passed in 0.01s ====="),
    "pytest deselected all but one": (0, "collected 0 items / 1 error\n1 passed"),
    "pytest errors": (2, "collected 0 items / 1 error\n\n===== 1 error in 0.05s ====="),
    "unittest": (0, "Ran 12 tests in 0.002s\n\nOK"),
    "jest": (1, "Tests:       1 failed, 3 passed, 4 total"),
    "node": (0, "TAP version 13\n# tests 2\n# pass 2"),
    "mocha": (1, "  0 passing (1ms)\n  2 failing\n"),
    "go, some packages": (0, "?   \texample.org/x\t[no test files]\nok  \texample.org/y\t0.002s"),
    "go, failing": (1, "--- FAIL: TestX (0.00s)\nFAIL\nFAIL\texample.org/y\t0.002s\n?   \texample.org/x\t[no test files]"),
    "cargo, two crates": (0, "running 0 tests\n\ntest result: ok. 0 passed\n\nrunning 3 tests\n\ntest result: ok. 3 passed"),
    "go, only failing to build": (1, "FAIL\texample.org/y [build failed]\n?   \texample.org/x\t[no test files]"),
    "a silent script": (0, ""),
    "a failing script": (1, "make: *** [test] Error 1"),
    "a missing program": (127, "sh: 1: pytest: not found"),
}


@pytest.mark.parametrize(("code", "output"), NOTHING.values(), ids=NOTHING)
def test_it_is_noticed_that_no_test_ran(code: int, output: str) -> None:
    assert found_nothing(Exit(code, "test"), output)


@pytest.mark.parametrize(("code", "output"), SOMETHING.values(), ids=SOMETHING)
def test_a_verdict_is_a_verdict(code: int, output: str) -> None:
    assert not found_nothing(Exit(code, "test"), output)


def test_a_run_that_was_ended_found_not_nothing() -> None:
    assert not found_nothing(Exit(-1, lost=True), "no tests ran") and not found_nothing(Exit(124, "test", timed_out=True), "no tests ran")


# --- in a run


def test_a_red_gate_is_run_once_more_before_it_counts(tmp_path: Path) -> None:
    """The first run of each gate is red."""
    world = made.World(tmp_path / "project")
    flaky = f"echo x >> {tmp_path}/count; test $(($(wc -l < {tmp_path}/count) % 2)) = 0"
    action = world.start(test=flaky)
    world.work(made.handles(action)[0], {"src/a.py": "a\n"})
    world.merge()
    assert world.task("1.1").state == "merged" and world.task("1.1").attempt.gate.tries == 2
    assert (tmp_path / "count").read_text().count("x") == 4, "base and task, twice each"


def test_red_twice_fails_the_attempt_and_keeps_the_branch_green(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    one, two = made.handles(world.start(test=f"echo x >> {tmp_path}/count; {made.TEST}"))
    world.work(one, {"src/a.py": "a\n", "broken": "b\n"})
    world.work(two, {"src/b.py": "b\n"})
    action = world.merge()
    assert made.handles(action) == ["auth/1.1/2"]
    assert world.commits() == ["1.2"] and not (world.root / "broken").exists()
    assert (world.task("1.1").attempts[0].failure, world.task("1.1").attempts[0].gate.tries) == ("test", 2)


def test_nothing_collected_is_red_only_after_something_was_collected(tmp_path: Path) -> None:
    test = "if test -e tests/t; then echo 'Ran 3 tests in 0.1s'; else echo 'Ran 0 tests in 0.0s'; exit 5; fi"
    text = made.plan(("1.1", "tests/t"), ("1.2", "src/b.py", "after Task 1.1"))
    world = made.World(tmp_path / "project", text)
    action = world.start(test=test)
    assert action.action == "dispatch" and any("found no tests" in notice for notice in action.notices), "a base without tests is only a warning"
    world.work("auth/1.1/1", {"tests/t": "t\n"})
    world.merge()
    assert world.state.collected
    world.write("auth/1.2/1", {"src/b.py": "b\n"})
    (world.folder("auth/1.2/1") / "tests/t").unlink()
    world.done("auth/1.2/1")
    held = world.merge()
    assert held.action == "decide" and "a deletion" in held.text
    world.answer(held.question_id, "merge")
    assert world.task("1.2").attempts[0].failure == "test", "a suite that vanished is red"


def test_the_setup_command_prepares_the_integration_worktree_once_per_set_of_manifests(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "requirements.txt", "after Task 1.1")))
    world.start(setup=f"echo $PWD >> {tmp_path}/setups")
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    assert (tmp_path / "setups").read_text().count("integration") == 1
    world.work("auth/1.2/1", {"requirements.txt": "x\n"})
    world.merge()
    assert (tmp_path / "setups").read_text().count("integration") == 2, "the manifest changed"


def test_a_failing_setup_pauses_before_anything_starts_and_says_why(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    action = world.start(setup="echo no network; exit 1")
    assert (action.action, action.outcome) == ("finished", "stopped")
    assert "set-up command failed" in action.summary and any("no network" in notice for notice in action.notices)
    assert world.commits() == [] and not world.named("task-dispatched")
    action = world.resume(setup="true")
    assert action.action == "dispatch", "mended, it goes on"


def test_a_setup_that_fails_on_a_task_is_the_environments_fault(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "requirements.txt")))
    world.start(setup="test ! -e requirements.txt")
    world.work("auth/1.1/1", {"requirements.txt": "x\n"})
    world.merge()
    assert world.task("1.1").attempts[0].failure == "infrastructure"


def test_without_a_command_everything_passes_and_nobody_claims_otherwise(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    world.work_all(made.handles(world.start(no_test=True)))
    action = world.merge()
    assert action.action == "verify-phase" and action.test["command"] is None and "nothing was tested" in action.summary
    assert world.named("gate-started") == []


def test_tests_of_a_candidate_that_is_no_more_end_before_the_next_one_is_tested(tmp_path: Path) -> None:
    """Two test runs in one folder would see each other's files."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    go, begun = tmp_path / "go", tmp_path / "begun"
    go.touch()
    world.start(test=f"echo x >> {begun}; until test -e {go}; do sleep 0.01; done")
    world.work_all(["auth/1.1/1"])
    go.unlink()
    begun.unlink()
    impatient = driving.Caller(world.driver, patience=0.0)
    driving.merge(world.home, impatient)
    wait_for(begun.exists, "the gate")
    old = Job(world.home.jobs(world.state.run) / world.task("1.1").attempts[0].gate.job)
    commit(world.root, {"notes.txt": "mine\n"}, "My notes")
    driving.merge(world.home, impatient)
    assert old.result() is not None and world.task("1.1").attempts[0].gate.job != old.folder.name
    go.touch()
    assert world.merge().action == "verify-phase" and world.task("1.1").attempts[0].gate.tries == 1
