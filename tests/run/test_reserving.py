"""With a reservation server, a task's files are reserved while its worker has it, and what somebody else holds is done later."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from maestro import clock
from maestro.models.schedule import Mode
from support import ROOT, load_beside

made = load_beside(__file__, "worlds")
fake = load_beside(str(ROOT / "tests" / "integrations" / "fakes" / "x"), "mailbox")


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with fake.serve() as found:
        monkeypatch.setenv("MAESTRO_MAIL_URL", found.url)
        monkeypatch.setenv("MAESTRO_MAIL_TOKEN", fake.TOKEN)
        yield found


def test_files_are_reserved_while_a_task_runs_and_given_back_when_it_is_merged(tmp_path: Path, mailbox: Any) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    assert mailbox.paths("BlueLake") == ["src/a.py", "src/b.py"]
    assert mailbox.projects == [str(world.root)]
    world.work_all(["auth/1.1/1"])
    world.merge()
    assert mailbox.paths("BlueLake") == ["src/b.py"]
    world.work_all(["auth/1.2/1"])
    world.merge()
    assert mailbox.held == {}


def test_what_somebody_else_holds_moves_to_a_later_wave(tmp_path: Path, mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    held = mailbox.hold("RedStone", "src/a.py")
    world = made.World(tmp_path / "project")
    action = world.start()
    assert made.handles(action) == ["auth/1.2/1"]
    assert "1.1 is held back to a later wave: src/a.py is reserved by RedStone." in action.notices
    world.work_all(["auth/1.2/1"])
    action = world.merge()
    assert [list(wave) for wave in world.state.regroupings[-1].after] == [["1.2"], ["1.1"]]
    assert action.action == "wait" and "1.1 waits: src/a.py is reserved by RedStone." in action.notices
    asked = len(mailbox.calls)
    assert world.next().action == "wait" and len(mailbox.calls) == asked, "not asked again at once"
    del mailbox.held[held]
    monkeypatch.setattr(clock, "seconds_since", lambda time: 31.0)
    assert made.handles(world.next()) == ["auth/1.1/1"]
    assert mailbox.paths("BlueLake") == ["src/a.py"]


def after(patch: pytest.MonkeyPatch, hours: float) -> None:
    """From now on so many hours have passed since anything that the journal tells of."""
    patch.setattr(clock, "seconds_since", lambda time: hours * 3600)


def test_a_long_task_keeps_its_files(tmp_path: Path, mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reservation ends after four hours by itself; half of them are left when it is renewed."""
    world = made.World(tmp_path / "project")
    world.start()
    after(monkeypatch, 1.9)
    world.next()
    assert mailbox.renewed == []
    after(monkeypatch, 2.1)
    world.next()
    assert sorted(number for number, _ in mailbox.renewed) == sorted(mailbox.held)


def test_what_ended_while_nobody_called_is_reserved_again_or_told(tmp_path: Path, mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    mailbox.held.clear()
    mailbox.hold("RedStone", "src/a.py")
    after(monkeypatch, 5)
    action = world.next()
    assert mailbox.paths("BlueLake") == ["src/b.py"]
    assert "1.1 goes on though its reservation has ended: src/a.py is reserved by RedStone." in action.notices


def test_a_renewal_that_fails_is_told_once_and_tried_again_later(tmp_path: Path, mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world = made.World(tmp_path / "project")
    world.start()
    mailbox.status = 500
    after(monkeypatch, 3)
    assert any("could not be renewed" in notice for notice in world.next().notices)
    monkeypatch.setattr(clock, "seconds_since", lambda time: 10.0 if time == world.state.renewal_failed_at else 3 * 3600)
    assert not any("could not be renewed" in notice for notice in world.next().notices)
    mailbox.status = 200
    after(monkeypatch, 3)
    world.next()
    assert len(mailbox.renewed) == 2


def test_a_run_that_ends_holds_nothing(tmp_path: Path, mailbox: Any) -> None:
    """Not even what a call that was killed had no time to note."""
    world = made.World(tmp_path / "project")
    world.start()
    mailbox.hold("BlueLake", "src/forgotten.py")
    world.abort()
    assert mailbox.held == {}


def test_a_server_that_is_gone_holds_nothing_up(tmp_path: Path, mailbox: Any) -> None:
    mailbox.status = 500
    world = made.World(tmp_path / "project")
    action = world.start()
    assert made.handles(action) == ["auth/1.1/1", "auth/1.2/1"]
    assert any("No files were reserved" in notice for notice in action.notices)


def test_a_team_worker_is_given_what_nobody_holds(tmp_path: Path, mailbox: Any) -> None:
    mailbox.hold("RedStone", "src/a.py")
    world = made.World(tmp_path / "project")
    action = world.start(Mode.TEAM)
    assert made.handles(action) == ["auth/1.2/1"]


def test_without_an_address_nobody_is_asked(tmp_path: Path, mailbox: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAESTRO_MAIL_URL")
    world = made.World(tmp_path / "project")
    world.start()
    assert mailbox.calls == []


def test_the_address_may_stand_in_the_workflow_and_the_servers_word_for_us_is_kept_from_others(
    tmp_path: Path, mailbox: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAESTRO_MAIL_URL")
    world = made.World(tmp_path / "project", files={".maestro/context/workflow.md": f"- Agent Mail: {mailbox.url}\n"})
    world.start()
    assert mailbox.paths("BlueLake") == ["src/a.py", "src/b.py"]
    (kept,) = world.home.folder.glob("mail-*.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "token of" not in world.home.journal.read_text()
