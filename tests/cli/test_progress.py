"""`progress.py`: the same facts once, live, as lines and as data, whoever looks and however they stop."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from maestro.run.watching import Watcher
from maestro.views import ticker
from maestro.views.ticker import Ticker
from maestro.views.watch_data import watch_data
from support import LONG, SCRIPTS, load_beside, run_door
from waiting import read_until, started

made = load_beside(str(Path(__file__).parent.parent / "run" / "x.py"), "worlds")

COLOUR = re.compile(r"\x1b\[(?:\d+;)*3\d(?:;\d+)*m")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("2.1", "src/c.py")))
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "x = 1\n"})
    return world


def following(world: Any, out: int, **environment: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return started(
        [sys.executable, str(SCRIPTS / "progress.py"), "--follow"],
        cwd=world.root,
        env={**os.environ, "TERM": "xterm-256color", **environment},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.PIPE,
    )


def terminal(rows: int = 24, columns: int = 80) -> tuple[int, int]:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    return ours, theirs


def test_data_has_what_the_board_shows(world: Any) -> None:
    data = world.door("progress", "--json").data
    assert [(worker["handle"], worker["files"]) for worker in data["workers"]] == [("auth/1.1/1", ["src/a.py"]), ("auth/1.2/1", [])]
    assert data["slots"] == {"limit": 3, "busy": 2, "why": ""}
    assert [(wave["phase"], wave["tasks"], wave["planned"]) for wave in data["waves"]] == [("1", ["1.1", "1.2"], False), ("2", ["2.1"], True)]
    assert data["times"]["left_s"] is None and data["log"][-1]["text"] == "1.2 starts"


@pytest.mark.parametrize(
    ("environment", "live", "colour"),
    [({}, True, True), ({"NO_COLOR": "1"}, True, False), ({"TERM": "dumb"}, False, False)],
    ids=["colour", "no-color", "dumb"],
)
def test_on_a_terminal_it_draws_until_the_run_ends(world: Any, environment: dict[str, str], live: bool, colour: bool) -> None:
    ours, theirs = terminal()
    with following(world, theirs, **environment) as process:
        os.close(theirs)
        seen = read_until(ours, b"1.2 starts")
        world.abort()
        text = (seen + read_until(ours)).decode()
    os.close(ours)
    assert process.returncode == 0
    assert ("\x1b[?1049h" in text) == live == ("\x1b[?1049l" in text), "the alternate screen, left again"
    assert bool(COLOUR.search(text)) == colour
    assert ("Slots: 2 of 3 busy" in text) == live
    assert "auth: stopped" in text, "and at last where it stands"


def test_the_board_may_be_opened_before_the_run(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py")))
    assert run_door("progress", "--follow", cwd=world.root).code == 4, "without a terminal nobody waits"
    ours, theirs = terminal()
    with following(world, theirs) as process:
        os.close(theirs)
        assert process.stderr is not None
        assert b"auth has no run yet: waiting for one." in read_until(process.stderr.fileno(), b"\n")
        world.start()
        seen = read_until(ours, b"1.2 starts")
        world.abort()
        read_until(ours)
    os.close(ours)
    assert b"Slots: 2 of 3 busy" in seen and process.returncode == 0


def test_without_a_terminal_each_event_is_a_line(world: Any) -> None:
    with following(world, subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        seen = read_until(process.stdout.fileno(), b"0 %")
        world.abort()
        text = (seen + read_until(process.stdout.fileno())).decode()
        assert read_until(process.stderr.fileno()) == b""
    assert process.returncode == 0
    assert "\x1b" not in text
    lines = [line[10:] for line in text.splitlines() if re.match(r"\d\d:\d\d:\d\dZ ", line)]
    assert lines[:1] and lines[0].endswith("is made: 3 tasks in 2 phases")
    assert {"1.1 starts", "1.2 starts", "the run is stopped"} <= set(lines)
    assert any(re.fullmatch(r"auth 0/3 · 0 % · phase 1 wave 1 0 % · 2 to hand out · \d+ s so far", line) for line in lines)
    assert "          waves   1.1, 1.2" in text.splitlines()


def test_ctrl_c_stops_watching_and_nothing_else(world: Any) -> None:
    with following(world, subprocess.PIPE) as process:
        assert process.stdout is not None
        read_until(process.stdout.fileno(), b"1.2 starts")
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LONG)
    assert b"You stopped watching" in err
    assert process.returncode == 130
    assert world.state.outcome is None


def test_after_a_run_the_next_step_is_its_report(world: Any) -> None:
    assert world.door("progress", "--json").data["next"] == world.door("run", "status", "--json").data["next"]
    world.abort()
    assert world.door("progress", "--json").data["next"].endswith("report auth")


def test_a_failure_says_why_and_its_question_how_it_is_answered(world: Any) -> None:
    for attempt in (1, 2, 3):
        world.fail(f"auth/1.1/{attempt}", "its worker ended with exit code 3\nworking on src/a.py\nno bcrypt here", "worker")
        world.next()
    world.work("auth/1.2/1", {"src/b.py": "x = 1\n"})
    world.merge()
    data = world.door("progress", "--json").data
    task = data["tasks"][0]
    assert (task["state"], task["failure"], task["reason"]) == ("failed", "worker", "its worker ended with exit code 3 … no bcrypt here")
    assert all(f"run.py answer failed-1.1 {option['id']}" in option["command"] for option in data["questions"][0]["options"])
    text = world.door("progress").out
    assert "its worker ended with exit code 3 … no bcrypt here" in text and "run.py answer failed-1.1 <retry|" in text


def test_a_question_is_not_cut_off_by_a_long_plan(tmp_path: Path) -> None:
    paths = [f"src/{first}{second}.py" for first in "abcdefghijkl" for second in "abcdefghijkl"]
    world = made.World(
        tmp_path / "project",
        made.plan(*((f"{number // 12 + 1}.{number % 12 + 1}", path, "and all that belongs to it" * 2) for number, path in enumerate(paths))),
    )
    world.begin()
    for door in ("progress",), ("run", "status"):
        out = world.door(*door).out
        assert "Question start: " in out and "run.py answer start <" in out and "more lines left out" not in out
        assert out.count("    12 waiting") == 12 and "--full" in out
        assert len(world.door(*door, "--full").out) > 10_000


def test_a_log_says_who_is_at_work_when_nothing_else_happens(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    watcher, told = Watcher(world.home), Ticker()

    def look() -> list[str]:
        sight = watcher.look()
        assert sight is not None
        return list(told.lines(sight, watch_data(world.home, sight)))

    assert len(look()) > 1 and look() == [], "each fact once"
    monkeypatch.setattr(ticker, "SILENCE", -1.0)
    [line] = look()
    assert re.fullmatch(r"\S+Z at work: 1\.1 for \d+ s \(src/a\.py, \d+ s ago\); 1\.2 for \d+ s \(handed out, nobody has begun\)", line)
