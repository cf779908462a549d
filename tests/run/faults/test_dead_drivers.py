"""A driver that is gone takes nothing with it: its workers go on, and whoever drives next finds them, alive or finished."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from headless import Ended, Project, hurry, in_child, look, make
from maestro.models.run import Driver
from maestro.run import driving
from maestro.run.driving import Caller
from maestro.run.jobs import Job
from maestro.run.starting import begin
from maestro.run.status import condition
from support import LONG, load_beside
from waiting import alive, wait_for

made = load_beside(str(Path(__file__).parent), "worlds")

PATIENT = """\
echo $$ >> {folder}/$MAESTRO_TASK
while [ ! -e {folder}/go ]; do sleep 0.01; done
"""
"""Says that it works, and works on when it is told to."""


def drive(project: Project) -> Ended:
    def work() -> None:
        hurry()
        os.write(2, project.drive().encode())

    return in_child(work, project.root.with_name("log"))


def killed_while_they_work(folder: Path) -> Project:
    """A run whose driver was ended by SIGKILL while two workers were at work."""
    plain = make(folder / "project")
    project = Project(plain.root, PATIENT.format(folder=folder) + plain.worker)

    def work() -> None:
        hurry()
        driver = os.getpid()
        if os.fork() == 0:
            wait_for(lambda: (folder / "1.1").exists() and (folder / "1.2").exists(), "the work of two workers")
            os.kill(driver, signal.SIGKILL)
            os._exit(0)
        project.drive()

    assert in_child(work, folder / "log").killed
    return project


def finish(project: Project, folder: Path) -> None:
    (folder / "go").touch()
    jobs = [Job(project.home.jobs(project.state.run) / f"worker-{task}-1") for task in ("1.1", "1.2")]
    wait_for(lambda: all(job.result() for job in jobs), "the end of both workers")


def each_worker_ran_once(project: Project, folder: Path) -> None:
    assert [len((folder / task).read_text().split()) for task in ("1.1", "1.2")] == [1, 1]
    assert [len(task.attempts) for task in project.state.tasks.values()][:2] == [1, 1]


def test_workers_that_still_work_are_adopted(tmp_path: Path) -> None:
    project = killed_while_they_work(tmp_path)
    pids = [int((tmp_path / task).read_text()) for task in ("1.1", "1.2")]
    assert all(alive(pid) for pid in pids) and condition(project.home, project.state) == "owner-gone"

    def work() -> None:
        hurry()
        if os.fork() == 0:
            wait_for(lambda: (tmp_path / "log").read_text().count(" is kept.") == 2, "the new driver's word on both")
            (tmp_path / "go").touch()
            os._exit(0)
        os.write(2, project.drive({"tell": lambda line: os.write(2, f"{line}\n".encode())}).encode())

    said = in_child(work, tmp_path / "log").said
    assert said.endswith("completed")
    first, *kept = said.splitlines()[:3]
    assert first.startswith("Goes on in parallel mode")
    assert kept == [f"{task}: its worker (attempt 1) still runs and is kept." for task in ("1.1", "1.2")], "nobody has to guess"
    each_worker_ran_once(project, tmp_path)
    assert sorted(task for _, task, _ in look(project).commits if task) == ["1.1", "1.2", "1.3"] and look(project).litter == ()


def test_workers_that_finished_meanwhile_are_not_asked_again(tmp_path: Path) -> None:
    project = killed_while_they_work(tmp_path)
    finish(project, tmp_path)
    assert drive(project).said.endswith("completed")
    each_worker_ran_once(project, tmp_path)


def by_resume(project: Project, told: list[str]) -> None:
    begin(project.root, project.wish(driver=Driver("me"), headless=False), told)
    assert [line.partition(":")[0] for line in told[1:]] == ["1.1", "1.2"]


@pytest.mark.parametrize("calls", [by_resume, lambda project, told: None])
def test_a_session_goes_on_with_what_a_dead_process_began(calls: Callable[[Project, list[str]], object], tmp_path: Path) -> None:
    """With `--resume`, or just with `next`: a process that is proven dead is replaced without a word from anybody."""
    project = killed_while_they_work(tmp_path)
    finish(project, tmp_path)
    told: list[str] = []
    calls(project, told)
    assert told[1:] in ([], [f"{task}: its worker (attempt 1) ended meanwhile; its work is kept and looked at now." for task in ("1.1", "1.2")])
    action = driving.merge(project.home, Caller("me", patience=LONG))
    assert action.action == "dispatch" and [worker.handle for worker in action.workers] == ["auth/1.3/1"]  # type: ignore[attr-defined]
    assert {task.id: str(task.state) for task in project.state.tasks.values()} == {"1.1": "merged", "1.2": "merged", "1.3": "running"}
    each_worker_ran_once(project, tmp_path)
