"""How a headless run came to rest is what `run.py status` says in the morning, and what `doctor` finds nothing wrong with."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from support import LONG, load_beside
from waiting import wait_for

made = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")

ONE = made.plan(("1.1", "src/a.py"))


def first_line(world: Any) -> str:
    """`run.py status`, without the time of day."""
    words: str = world.door("run", "status").out.splitlines()[0]
    return " ".join("03:12" if ":" in word[1:-1] else word for word in words.split())


def doctor(world: Any) -> list[str]:
    return [finding["code"] for finding in world.door("run", "doctor", "--json").json["data"]["findings"]]


def test_a_run_that_waits_for_an_answer_is_not_called_abandoned(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", ONE)
    assert execs.execute(world, execs.DILIGENT, yes=False, test=made.TEST).code == 8
    assert first_line(world) == "auth: waits for an answer since 03:12 UTC; 0 of 1 merged; 1 question"
    assert world.door("run", "status", "--line").out.strip() == "auth 0/1 · 1 question · stopped"
    assert doctor(world) == []


def test_ctrl_c_is_told_as_what_it_was(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", ONE)
    with execs.begun(world, f"touch {tmp_path}/began; sleep 60") as process:
        wait_for((tmp_path / "began").exists, "the worker")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LONG)
    assert "Interrupted by you (Ctrl-C): the workers are ended, their work is kept." in err
    assert "1.1 was interrupted (attempt 1): you ended it (Ctrl-C). What it had done is kept" in err and "failed" not in err and "lost" not in err
    assert first_line(world) == "auth: paused 03:12 UTC: interrupted by you (Ctrl-C); 0 of 1 merged"
    assert "1.1 was interrupted (attempt 1): you ended it (Ctrl-C); it is tried again" in world.door("progress", "--follow").out
    assert doctor(world) == [] and world.status() == ""
    assert execs.execute(world).code == 0, "the same command goes on"


def test_a_killed_driver_is_a_finding(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", ONE)
    go = tmp_path / "go"
    with execs.begun(world, f"touch {tmp_path}/began; until test -e {go}; do sleep 0.01; done; {execs.DILIGENT}") as process:
        wait_for((tmp_path / "began").exists, "the worker")
        process.kill()
        process.wait(LONG)
    try:
        assert doctor(world) == ["owner-gone"]
        paused = world.door("run", "pause").out
        assert "no process drives the run; the workers of 1.1 outlived theirs" in paused and "nothing runs" not in paused
    finally:
        go.touch()


def test_what_was_told_while_it_ran_is_not_told_again_at_its_end(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    broken = """echo '{"status": "failed", "class": "infrastructure", "summary": "no space left on device"}' > "$MAESTRO_RESULT_FILE"; exit 1"""
    ran = world.door("run", "exec", "auth", "--worker", broken, "--test", made.TEST, "--yes")
    assert ran.code == 1 and "1.1 failed (attempt 1, infrastructure)" in ran.err
    assert ran.out.startswith("STOPPED: ") and "follows" not in ran.out


def test_markers_of_tasks_that_ended_after_the_run_was_stopped_are_committed_too(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    full = "echo 'no space left on device'; exit 126"
    worker = f"case $MAESTRO_TASK in 1.[12]) {full};; *) until test -e {tmp_path}/go; do sleep 0.01; done; {full};; esac"
    with execs.begun(world, worker) as process:
        wait_for(lambda: world.home.journal.exists() and bool(world.named("paused")), "the stop")
        (tmp_path / "go").touch()
        process.communicate(timeout=LONG)
    assert "[~]" not in world.plan and world.status() == ""


def test_trouble_from_before_somebody_went_on_is_over(tmp_path: Path) -> None:
    """One task meets other trouble than two met the day before: that is no reason to stop the run with yesterday's words."""
    world = made.World(tmp_path / "project", made.FIVE)
    world.start()
    for handle in ("auth/1.1/1", "auth/1.2/1"):
        world.fail(handle, "claude: not found", "infrastructure")
    assert world.state.paused
    world.resume()
    world.fail("auth/1.1/2", "the license server is down", "infrastructure")
    assert world.state.paused is None
    assert world.states()["1.1"] == "waiting", "nor is it this task's second"


def test_who_interrupts_a_run_often_uses_up_no_attempts(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", ONE)
    world.start()
    for number in range(1, 7):
        world.fail(f"auth/1.1/{number}", "the run was interrupted", "lost")
        if number < 6:
            world.pause()
            world.resume()
    assert world.states()["1.1"] == "waiting"


def test_files_that_were_in_the_way_and_are_gone_are_no_question_any_more(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", ONE)
    (world.root / "src/a.py").write_text("mine\n")
    assert execs.execute(world).code == 8 and "in-the-way-1.1" in world.state.questions
    assert execs.execute(world, execs.DILIGENT, "--resume").code == 8, "still there: the same question"
    (world.root / "src/a.py").unlink()
    assert execs.execute(world, execs.DILIGENT, "--resume").code == 0 and world.commits() == ["1.1"]


def test_a_review_leads_to_what_the_worker_printed(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", ONE)
    assert execs.execute(world, f"echo 'I looked around first'; {execs.DILIGENT}").code == 0
    found = world.door("run", "review", "1.1", "--json").json["data"]
    assert Path(found["worker_log"]).read_text() == "I looked around first\n" and "/gate-" in found["log"]
