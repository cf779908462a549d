"""A person beside `run.py exec`, in another terminal or the morning after: a word of theirs is taken in, and the run stays the process's."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from support import LONG, load_beside
from waiting import read_until, wait_for

made = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")
DILIGENT, begun, ended, execute, processes_of = execs.DILIGENT, execs.begun, execs.ended, execs.execute, execs.processes_of


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("2.1", "src/c.py", "after Task 1.1")))


def typed(world: Any, command: str) -> Any:
    """A command that was printed, typed as it stands."""
    _, script, verb, *words = shlex.split(command)
    return world.door(Path(script).stem, verb, *words, "--json")


# --- when exec has stopped


def test_answering_as_told_hands_out_nothing_and_names_the_exec_that_goes_on(world: Any) -> None:
    """Otherwise nobody does the tasks that the answer hands out, and each loses its first attempt."""
    ran = execute(world, DILIGENT, "--worker-timeout", "600", yes=False)
    driver = world.state.driver
    told = typed(world, ended(ran)["questions"][0]["options"][0]["command"])
    assert told.code == 0 and told.data["next"]["action"] == "finished", told
    assert not any(task.attempts for task in world.state.tasks.values()) and world.state.driver == driver
    then = told.data["next"]["then"].split("`")[1]
    assert shlex.split(then)[2:] == ["exec", "auth", "--worker", DILIGENT, "--worker-timeout", "600", "--resume"]
    assert then in ended(ran)["then"] and world.door("run", "status", "--json").data["next"] == then
    assert ended(typed(world, then))["open_questions"] == ["verify-1-1"], "it goes on as it was called"
    assert typed(world, world.door("run", "status", "--json").data["questions"][0]["options"][0]["command"]).code == 0
    assert [len(task.attempts) for task in world.state.tasks.values()] == [1, 1, 0]


WORDS = (("answer", "failed-1.1", "retry"), ("retry", "auth/1.1/3"), ("skip", "1.1", "--reason", "done by hand"))


@pytest.mark.parametrize("words", WORDS, ids=[words[0] for words in WORDS])
def test_every_answer_to_a_failure_is_only_recorded(world: Any, tmp_path: Path, words: tuple[str, ...]) -> None:
    execute(world, f"test $MAESTRO_TASK != 1.1 || test -e {tmp_path}/mended || exit 3; {DILIGENT}")
    told = world.door("run", *words, "--json")
    assert told.code == 0 and told.data["next"]["action"] == "finished" and "exec auth --worker" in told.data["next"]["then"]
    assert (len(world.task("1.1").attempts), world.task("1.1").state) == (3, "skipped" if words[0] == "skip" else "waiting")
    (tmp_path / "mended").touch()
    assert typed(world, told.data["next"]["then"].split("`")[1]).code == 0


def test_a_session_that_gives_its_name_takes_the_run_over(world: Any) -> None:
    execute(world, yes=False)
    told = world.door("run", "answer", "start", "start", "--driver", "session-1", "--json")
    assert told.data["next"]["action"] == "dispatch" and world.state.driver.id == "session-1"


def test_what_stands_in_the_way_of_a_second_call_is_said_with_the_same_command(world: Any) -> None:
    execute(world, yes=False)
    error = execute(world, "./agent.sh --fast", yes=False).error
    assert error["code"] == "run-unfinished" and "exec auth --worker './agent.sh --fast' --resume" in error["hint"]


def test_a_paused_run_says_how_it_goes_on_and_a_new_one_after_the_end_how_it_begins(world: Any) -> None:
    execute(world, yes=False)
    told = world.door("run", "pause", "--json").data["next"]
    assert "Recorded" in told["summary"] and told["then"].split("`")[1].endswith(" --resume")
    told = world.door("run", "abort", "--json").data["next"]
    assert "--resume" not in told["then"] and f"--test {shlex.quote(made.TEST)}" in told["then"]
    assert "question" not in world.door("run", "abort").out


def test_status_lists_the_handles_that_other_verbs_take(world: Any) -> None:
    execute(world, f"test $MAESTRO_TASK != 1.1 || exit 3; {DILIGENT}")
    assert "auth/1.1/3 failed" in world.door("run", "status").out


# --- while exec works


@contextmanager
def working(world: Any, worker: str) -> Iterator[Popen[str]]:
    """exec with both tasks of its first phase at work."""
    with begun(world, worker) as process:
        wait_for(lambda: world.home.journal.exists() and len(world.named("worker-started")) == 2, "the start of two workers")
        yield process


def test_pause_lets_who_works_finish_says_so_and_ends(world: Any, tmp_path: Path) -> None:
    waiting = f"until test -e {tmp_path}/go; do sleep 0.01; done; {DILIGENT}"
    with working(world, waiting) as process:
        told = world.door("run", "pause", "--reason", "lunch", "--json")
        assert told.code == 0 and told.data["next"]["action"] == "wait" and "progress" in told.data["next"]["then"], told
        assert process.stderr is not None
        read_until(process.stderr.fileno(), b"Paused: lunch. Nothing new starts")
        (tmp_path / "go").touch()
        out, err = process.communicate(timeout=LONG)
    assert process.returncode == 1 and "STOPPED" in out and "lunch" in out, err
    assert processes_of(world) == [] and world.named("task-failed") == []
    assert execute(world, DILIGENT, "--resume").code == 0


def test_abort_ends_exec_and_its_workers(world: Any) -> None:
    with working(world, "sleep 60") as process:
        told = world.door("run", "abort", "--json")
        assert told.code == 0 and told.data["next"]["outcome"] == "stopped", told
        out, _ = process.communicate(timeout=LONG)
    assert process.returncode == 1 and "STOPPED" in out and processes_of(world) == [] and world.state.outcome == "stopped"


def test_a_task_skipped_meanwhile_loses_its_worker_and_the_run_goes_on(world: Any, tmp_path: Path) -> None:
    with working(world, f"test $MAESTRO_TASK != 1.2 || sleep 60; {DILIGENT}") as process:
        told = world.door("run", "skip", "1.2", "--reason", "not needed", "--json")
        assert told.code == 0 and told.data["next"]["action"] == "wait", told
        assert process.wait(LONG) == 0
    assert world.commits() == ["1.1", "2.1"] and processes_of(world) == []


def test_who_wants_to_drive_meanwhile_hears_what_can_be_done(world: Any) -> None:
    with working(world, "sleep 60"):
        refused = world.door("run", "next", "--json")
        assert (refused.code, refused.error["code"]) == (6, "driver-other")
        assert "take-over" not in refused.error["hint"] and "pause" in refused.error["hint"]
        assert world.door("run", "start", "auth", "--resume", "--take-over", "--json").error["hint"] == refused.error["hint"]
        assert world.door("run", "status", "--json").data["next"].endswith("auth --follow")
