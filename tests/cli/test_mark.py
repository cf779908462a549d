"""`mark.py`: one marker changes and nothing else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from plans import LOGIN, many_tasks
from support import call_door, run_door, unchanged, write

PLAN = ".maestro/tracks/auth/plan.md"


def test_a_task_is_begun_and_done(project: Path) -> None:
    ran = call_door("mark", "1.2", "progress", cwd=project)
    assert (ran.code, ran.out) == (0, f"Task 1.2 is now in progress, was open ({PLAN}:9).\n")
    assert (project / PLAN).read_text() == LOGIN.replace("### Task 1.2: Password hashing", "### Task 1.2: Password hashing [~]")
    ran = call_door("mark", "1.2", "done", "--sha", "abaa869f00", cwd=project)
    assert ran.out == f"Task 1.2 is now done at abaa869, was in progress ({PLAN}:9).\n"
    assert "### Task 1.2: Password hashing [x] abaa869\n" in (project / PLAN).read_text()


def test_the_same_again_is_already_done(project: Path) -> None:
    call_door("mark", "1.2", "done", "--sha", "abaa869", cwd=project)
    with unchanged(project):
        assert call_door("mark", "1.2", "done", cwd=project).out == f"Task 1.2 is already done ({PLAN}:9).\n"
        assert call_door("mark", "1.2", "done", "--sha", "abaa869", "--json", cwd=project).data["changed"] is False


def test_dry_run_says_the_same_and_writes_nothing(project: Path) -> None:
    with unchanged(project):
        dry = call_door("mark", "1.2", "done", "--dry-run", "--json", cwd=project).data
    wet = call_door("mark", "1.2", "done", "--json", cwd=project).data
    assert {**dry, "dry_run": False} == wet


def test_every_byte_that_is_no_marker_stays(project: Path) -> None:
    original = ("\ufeff" + LOGIN.replace("\n", "\r\n")).removesuffix("\r\n").encode()
    (project / PLAN).write_bytes(original)
    (project / PLAN).chmod(0o640)
    call_door("mark", "1.1", "progress", cwd=project)
    assert (project / PLAN).read_bytes() == original.replace(b"user table\r\n", b"user table [~]\r\n")
    assert (project / PLAN).stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("arguments", "slug", "code"),
    [
        (("9.9", "done"), "task-not-found", 4),
        (("1.1", "finished"), "usage", 2),
        (("1.1",), "usage", 2),
        (("1.1", "done", "--sha", "xyz"), "sha-invalid", 2),
        (("1.1", "done", "--sha", "abc"), "sha-invalid", 2),
        (("1.1", "progress", "--sha", "abaa869"), "usage", 2),
        (("1.1", "done", "--track", "nothing"), "track-not-found", 4),
        (("1.1", "done", "--track", "missing.md"), "plan-missing", 4),
    ],
)
def test_a_wrong_call_writes_nothing(arguments: tuple[str, ...], slug: str, code: int, project: Path) -> None:
    with unchanged(project):
        ran = call_door("mark", *arguments, "--json", cwd=project)
    assert (ran.code, ran.error["code"]) == (code, slug)


def test_an_unknown_task_gets_the_nearest_ones(project: Path) -> None:
    assert "1.3" in call_door("mark", "1.33", "done", "--json", cwd=project).error["hint"]


def test_twenty_processes_that_mark_twenty_tasks_lose_nothing(project: Path) -> None:
    write(project, {PLAN: many_tasks(20)})

    def mark(number: int) -> int:
        return run_door("mark", f"1.{number}", "done", "--sha", f"{number:07x}", cwd=project).code

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(mark, range(1, 21))) == {0}
    tasks = call_door("plan", "show", "--json", cwd=project).data["phases"][0]["tasks"]
    assert [(task["status"], task["sha"]) for task in tasks] == [("done", f"{number:07x}") for number in range(1, 21)]
