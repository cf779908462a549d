"""Doors as real processes: pipes, signals, locales, standard streams."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from plans import LOGIN, many_tasks
from support import LONG, ROOT, SCRIPTS, make_repository, run_door, unchanged, write
from waiting import read_until, started, wait_for

WAVES = [sys.executable, str(SCRIPTS / "waves.py")]


def wait_until_open(pid: int, folder: Path) -> None:
    """Wait until a process has opened a folder, which it does to lock it. Where the system does not tell, wait long enough."""

    def opened() -> bool:
        with contextlib.suppress(OSError):
            return any(os.readlink(entry) == str(folder) for entry in Path(f"/proc/{pid}/fd").iterdir())
        return False

    if Path("/proc/self/fd").exists():
        wait_for(opened, f"the opening of {folder.name}")
    else:
        time.sleep(1)


def test_a_reader_who_goes_away_is_no_error(project: Path) -> None:
    write(project, {".maestro/tracks/auth/plan.md": many_tasks(400)})
    for extra in (["--full"], ["--json"]):
        with started([*WAVES, *extra], cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            process.stdout.close()
            assert read_until(process.stderr.fileno()) == b""
        assert process.returncode == 0


@pytest.mark.parametrize("settings", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "latin-1"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}])
def test_output_is_utf8_whatever_the_locale(settings: dict[str, str], project: Path) -> None:
    plain = run_door("waves", cwd=project)
    assert "登录限流" in plain.out and "○" in plain.out
    assert run_door("waves", cwd=project, environment=settings).out == plain.out


def test_who_profiles_a_door_sees_the_profile(project: Path) -> None:
    """A door ends without taking the interpreter apart, except where somebody waits for that."""
    done = subprocess.run([sys.executable, "-m", "cProfile", *WAVES[1:], "--help"], cwd=project, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Usage: waves.py" in done.stdout and "function calls" in done.stdout


def test_an_interruption_ends_quietly_with_130(project: Path) -> None:
    """A lock that somebody else holds makes the call wait long enough to interrupt it."""
    from maestro.files import lock

    with lock(project / ".maestro", purpose="a test"), unchanged(project):
        call = [sys.executable, str(SCRIPTS / "mark.py"), "1.1", "done", "--json"]
        with started(call, cwd=project, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            wait_until_open(process.pid, project / ".maestro")
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=LONG)
    assert (process.returncode, json.loads(out)["error"]["code"]) == (130, "interrupted")


def test_without_any_standard_input(project: Path) -> None:
    done = subprocess.run(["sh", "-c", f"exec {sys.executable} {SCRIPTS / 'waves.py'} --json <&-"], cwd=project, capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (0, True)


def test_a_directory_that_is_gone_is_told(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(["sh", "-c", f"rmdir {gone}; exec {sys.executable} {SCRIPTS / 'tracks.py'} --json"], cwd=gone, capture_output=True, text=True)
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (4, "directory-missing")


def test_git_variables_of_a_hook_do_not_mislead(project: Path, tmp_path: Path) -> None:
    other = make_repository(tmp_path / "other")
    here = run_door("waves", "--json", cwd=project)
    assert run_door("waves", "--json", cwd=project, environment={"GIT_DIR": str(other / ".git"), "GIT_INDEX_FILE": "/nowhere"}).out == here.out


def test_doors_leave_nothing_in_a_project(repository: Path) -> None:
    write(repository, {"draft.md": LOGIN})
    with unchanged(repository):
        for line in ("waves draft.md", "plan show draft.md", "plan lint draft.md", "waves graph draft.md", "waves why 1.1 --track draft.md"):
            assert run_door(*line.split(), cwd=repository).code == 0


def test_one_name_for_all_doors(project: Path) -> None:
    for command in ([sys.executable, str(ROOT / "bin" / "maestro")], [sys.executable, "-c", "from maestro.bootstrap import console; console()"]):
        environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)} if "-c" in command else None
        done = subprocess.run([*command, "waves", "auth", "--json"], cwd=project, capture_output=True, text=True, env=environment)
        assert done.stdout == run_door("waves", "auth", "--json", cwd=project).out


def test_what_the_one_command_advises_can_be_typed_as_it_stands(project: Path) -> None:
    """Messages inside name doors by their files."""
    line = [sys.executable, str(ROOT / "bin" / "maestro"), "run", "done", "auth/1.1/1"]
    done = subprocess.run(line, cwd=project, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 4 and "`maestro run start auth`" in done.stderr
    assert "`run.py start auth`" in run_door("run", "done", "auth/1.1/1", cwd=project).err
