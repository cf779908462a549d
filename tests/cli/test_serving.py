"""The served board: for this machine alone, reading only, and as fresh as the run."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maestro.cli import serving
from maestro.errors import Conflict
from support import LONG, SCRIPTS, load_beside
from waiting import join, read_until, started

made = load_beside(str(Path(__file__).parent.parent / "run" / "x.py"), "worlds")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    world = made.World(tmp_path / "project")
    world.start()
    return world


@pytest.fixture
def port(world: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The server of the world's run, in a thread."""
    monkeypatch.setattr(serving, "FRESH", 0.0)
    with serving.Server(serving.Board(world.home), 0) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            join(thread)


def ask(port: int, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONG)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read().decode()
    finally:
        connection.close()


def test_the_page_follows_the_run(world: Any, port: int) -> None:
    status, headers, text = ask(port)
    assert status == 200 and headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<h1>auth: running, 0 of 2 tasks</h1>" in text
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n"})
    world.merge()
    assert "<h1>auth: running, 1 of 2 tasks</h1>" in ask(port)[2]


def test_the_data_is_what_the_command_prints(world: Any, port: int) -> None:
    def steady(document: dict[str, Any]) -> dict[str, Any]:
        return {key: document["data"][key] for key in ("run", "progress", "waves", "slots", "log")} | {"schema": document["schema"]}

    status, headers, text = ask(port, "/board.json")
    assert status == 200 and headers["Content-Type"] == "application/json; charset=utf-8"
    assert steady(json.loads(text)) == steady(world.door("progress", "--json").json)
    assert json.loads(ask(port, "/", Accept="application/json")[2])["schema"] == "maestro.status/1"
    assert ask(port, "/", Accept="text/html,application/json")[2].startswith("<!doctype html>")


def test_what_has_not_changed_is_not_sent_again(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "FRESH", 60.0)
    monkeypatch.setattr(serving, "board_page", lambda data, sight, live: "<p>the same</p>")
    _, headers, _ = ask(port)
    assert ask(port, If_None_Match=headers["ETag"])[0::2] == (304, "")
    assert ask(port, If_None_Match='"other"')[0] == 200


def test_only_its_own_name_and_only_questions_are_answered(port: int) -> None:
    for host in ("evil.example", f"evil.example:{port}", "127.0.0.1", ""):
        assert ask(port, Host=host)[0] == 421
    assert ask(port, Host=f"LOCALHOST:{port}")[0] == 200
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        assert ask(port, method=method)[0] == 501
    assert ask(port, "/../etc/passwd")[0] == 404
    status, headers, text = ask(port, method="HEAD")
    assert (status, text) == (200, "") and int(headers["Content-Length"]) > 1000
    assert headers["X-Frame-Options"] == "DENY" and headers["Cache-Control"] == "no-store"
    assert not any(name.lower().startswith("access-control") for name in headers)


def test_the_page_may_run_its_own_script_only(port: int) -> None:
    page = ask(port)[2]
    policy = re.search(r'Security-Policy" content="([^"]+)"', page)
    assert policy is not None
    assert "script-src &#x27;sha256-" in policy[1] and "connect-src &#x27;self&#x27;" in policy[1]
    assert page.count("<script") == 1


def test_a_run_that_is_gone_or_damaged_is_said_so(world: Any, port: int) -> None:
    journal = world.home.journal.read_text()
    world.home.journal.write_text("no event\n" + journal)
    assert ask(port)[0] == 500 and "cannot be read" in ask(port)[2]
    world.home.journal.unlink()
    assert ask(port)[0] == 410


def test_a_port_that_is_taken_is_said_so(world: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(Conflict) as caught:
        serving.serve(serving.Board(world.home), other.getsockname()[1])
    assert caught.value.slug == "port-taken"


def test_the_door_prints_its_address_and_ends_on_ctrl_c(world: Any) -> None:
    command = [sys.executable, str(SCRIPTS / "progress.py"), "--serve"]
    with started(command, cwd=world.root, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        line = read_until(process.stderr.fileno(), b"\n").decode()
        address = re.search(r"http://127\.0\.0\.1:(\d+)/ ", line)
        assert address is not None, line
        assert ask(int(address[1]))[0] == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LONG)
    assert b"You stopped the server" in err and out == b""
    assert process.returncode == 130
