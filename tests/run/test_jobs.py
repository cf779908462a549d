"""A job outlives its starter, tells everything by its folder, and leaves no process behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from maestro.run import supervisor
from maestro.run.jobs import Exit, Job, Step, environment, shell
from support import LONG, SCRIPTS, load_beside
from waiting import wait_for, wait_for_line, wait_until_gone

made = load_beside(__file__, "worlds")


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path / "jobs" / "one")


def start(job: Job, *commands: str, timeout: float | None = None, stdin: Path | None = None, **variables: str) -> Job:
    steps = [Step(f"step {number}", shell(command), stdin) for number, command in enumerate(commands, 1)]
    job.folder.parent.mkdir(parents=True, exist_ok=True)
    job.start(steps, job.folder.parent, environment(**variables), timeout)
    return job


def run(job: Job, *commands: str, **options: object) -> Exit:
    ended = start(job, *commands, **options).wait(LONG)  # type: ignore[arg-type]
    assert ended is not None
    return ended


def read(path: Path) -> int:
    """A process id that a worker writes down."""
    return int(wait_for_line(path))


def test_exit_status_and_output_are_on_disk(job: Job) -> None:
    assert run(job, "echo out; echo err >&2; exit 3") == Exit(3, "step 1")
    assert job.tail() == "out\nerr"
    assert Job(job.folder).result() == Exit(3, "step 1"), "whoever looks"


def test_steps_run_in_order_until_one_fails(job: Job) -> None:
    assert run(job, "echo one", "echo two; false", "echo three") == Exit(1, "step 2")
    assert job.tail() == "one\ntwo"


def test_a_program_that_does_not_exist_ends_like_in_a_shell(job: Job) -> None:
    job.folder.parent.mkdir(parents=True)
    job.start([Step("worker", ("/no/such/program",))], job.folder.parent, environment())
    assert job.wait(LONG) == Exit(127, "worker")
    assert "No such file" in job.tail()


def test_a_folder_that_is_gone_is_an_end_too(job: Job, tmp_path: Path) -> None:
    job.folder.mkdir(parents=True)
    job.start([Step("worker", shell("true"))], tmp_path / "gone", environment())
    ended = job.wait(LONG)
    assert ended is not None and ended.code


def test_the_tail_is_bounded_and_cut_at_a_line(job: Job) -> None:
    run(job, f"{sys.executable} -c \"for n in range(20000): print('line', n)\"")
    tail = job.tail(100)
    assert len(tail) <= 100 and tail.endswith("line 19999") and tail.splitlines()[0].startswith("line ")
    assert job.log.read_text().count("\n") == 20000, "the log is whole"


def test_output_that_is_no_text_does_not_matter(job: Job) -> None:
    run(job, r"printf 'a\377\000b'")
    assert job.tail() == "a\ufffd\0b"
    assert Job(job.folder.with_name("never started")).tail() == ""


def test_stdin_is_a_file_that_stays(job: Job, tmp_path: Path) -> None:
    brief = tmp_path / "brief.md"
    brief.write_text("the brief\n")
    run(job, "cat", "test -f /dev/stdin && cat", stdin=brief)
    assert job.tail() == "the brief\nthe brief"


def test_without_a_file_stdin_is_empty(job: Job) -> None:
    assert run(job, "cat; echo read") == Exit(0, "step 1")


def test_the_environment_is_the_users_without_gits_own(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run started from a git hook must not work on the hook's repository and index."""
    for name, value in {"GIT_DIR": "/x", "GIT_WORK_TREE": "/x", "GIT_INDEX_FILE": "/x", "GIT_AUTHOR_DATE": "2001-01-01", "MINE": "kept"}.items():
        monkeypatch.setenv(name, value)
    run(job, "env", MAESTRO_TASK="1.1")
    seen = dict(line.partition("=")[::2] for line in job.log.read_text().splitlines())
    assert not {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_AUTHOR_DATE"} & seen.keys()
    assert (seen["MINE"], seen["MAESTRO_TASK"], seen["GIT_AUTHOR_NAME"]) == ("kept", "1.1", "An Author")


def test_starting_twice_runs_once(job: Job, tmp_path: Path) -> None:
    start(job, f"echo run >> {tmp_path}/count")
    start(job, f"echo run >> {tmp_path}/count")
    job.wait(LONG)
    start(job, f"echo run >> {tmp_path}/count")
    assert job.wait(LONG) == Exit(0, "step 1") and (tmp_path / "count").read_text() == "run\n"


def test_while_it_runs_there_is_no_result(job: Job, tmp_path: Path) -> None:
    start(job, f"until test -e {tmp_path}/go; do sleep 0.01; done; exit 4")
    assert job.result() is None and job.wait(0) is None
    (tmp_path / "go").touch()
    assert job.wait(LONG) == Exit(4, "step 1")


def test_too_long_is_ended_and_told(job: Job, tmp_path: Path) -> None:
    ended = run(job, f"echo $$ > {tmp_path}/pid; echo begun; sleep 60", timeout=2)
    assert ended == Exit(124, "step 1", timed_out=True) and job.tail() == "begun"
    wait_until_gone(read(tmp_path / "pid"))


def test_the_time_limit_is_for_all_steps_together(job: Job) -> None:
    assert run(job, "sleep 0.15", "sleep 60", timeout=0.2) == Exit(124, "step 2", timed_out=True)


def test_stopping_ends_grandchildren_too(job: Job, tmp_path: Path) -> None:
    start(job, f"(sleep 60 & echo $! > {tmp_path}/grandchild); echo $$ > {tmp_path}/child; sleep 60")
    pids = [read(tmp_path / "child"), read(tmp_path / "grandchild")]
    job.stop()
    ended = job.result()
    assert ended is not None and ended.code == 128 + signal.SIGTERM and not ended.lost
    wait_until_gone(*pids)


def test_stopping_is_right_after_starting_too(job: Job, tmp_path: Path) -> None:
    """No moment after the start at which nobody can end it."""
    start(job, f"echo $$ > {tmp_path}/pid; sleep 60")
    job.stop()
    wait_for(lambda: job.result() is not None, "the end of the job")
    if (tmp_path / "pid").exists():
        wait_until_gone(read(tmp_path / "pid"))


def test_stopping_what_has_ended_or_never_began_is_nothing(job: Job) -> None:
    job.stop()
    ended = run(job, "true")
    job.stop()
    assert job.result() == ended


def test_a_process_that_ignores_the_request_is_killed(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process = subprocess.Popen(["sh", "-c", f"trap '' TERM; echo $$ > {tmp_path}/pid; while :; do sleep 0.05; done"], start_new_session=True)
    try:
        read(tmp_path / "pid")
        monkeypatch.setattr(supervisor, "GRACE", 0.1)
        supervisor.end_group(process.pid, process)
    finally:
        process.kill()
    assert process.returncode == -signal.SIGKILL


def test_what_a_finished_step_left_running_is_ended(job: Job, tmp_path: Path) -> None:
    """A forgotten server would go on writing into a worktree that is being merged."""
    assert run(job, f"sleep 60 & echo $! > {tmp_path}/server; exit 0") == Exit(0, "step 1")
    wait_until_gone(read(tmp_path / "server"))


def test_a_killed_supervisor_leaves_a_lost_job_not_a_running_one(job: Job, tmp_path: Path) -> None:
    start(job, f"echo $$ > {tmp_path}/pid; sleep 60")
    child = read(tmp_path / "pid")
    wait_for((job.folder / "pid.json").exists, "the pid of the supervisor")
    os.kill(json.loads((job.folder / "pid.json").read_text())["supervisor"], signal.SIGKILL)
    assert job.result() is None, "its worker still lives and holds the lock"
    os.killpg(child, signal.SIGKILL)
    assert job.wait(LONG) == Exit(-1, lost=True)


def test_a_started_job_never_looks_dead_and_outlives_its_starter(job: Job, tmp_path: Path) -> None:
    script = f"""
import sys; sys.path.insert(0, {str(SCRIPTS)!r})
from pathlib import Path
from maestro.run.jobs import Job, Step, environment, shell
job = Job(Path({str(job.folder)!r}))
job.start([Step("worker", shell("until test -e {tmp_path}/go; do sleep 0.01; done; echo done"))], Path({str(tmp_path)!r}), environment())
print(job.result())
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "None\n" and job.result() is None
    (tmp_path / "go").touch()
    assert job.wait(LONG) == Exit(0, "worker") and job.tail() == "done"


def test_the_supervisor_has_no_terminal_of_ours(job: Job) -> None:
    """Ctrl-C at the driver is the driver's affair."""
    run(job, "ps -o sid= -p $$ 2>/dev/null || cut -d' ' -f6 /proc/$$/stat")
    assert int(job.tail()) != os.getsid(0)


def test_seconds_quiet_count_from_the_last_output(job: Job) -> None:
    run(job, "echo word")
    os.utime(job.log, (1, 1))
    assert job.seconds_quiet() > 1e9 and Job(job.folder.with_name("none")).seconds_quiet() == 0.0
