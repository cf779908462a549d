"""Workers in the background need permission rules: offered at the start, written on yes and never otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maestro.models.schedule import Mode
from support import load_beside, write

made = load_beside(__file__, "worlds")
LOCAL = ".claude/settings.local.json"
RULES = ["Bash(maestro *)", "Edit(/.maestro/worktrees/**)"]


def offered(world: Any) -> str | None:
    """What the answer `background` says it does; None when it is not offered."""
    found = [option["effect"] for option in world.next().options if option["id"] == "background"]
    return found[0] if found else None


def begun(folder: Path, files: dict[str, str] | None = None, mode: Mode = Mode.PARALLEL, runtime: str | None = "claude") -> Any:
    world = made.World(folder, made.FIVE, files)
    world.begin(mode, runtime=runtime)
    return world


def test_the_rules_are_named_before_anything_is_written(tmp_path: Path) -> None:
    world = begun(tmp_path / "project")
    assert f"adds {', '.join(RULES)} to {LOCAL}" in (offered(world) or "")
    assert not (world.root / ".claude").exists()
    action = world.answer("start", "start")
    assert not (world.root / ".claude").exists() and action.background is False


def test_on_yes_they_are_added_to_what_is_there(tmp_path: Path) -> None:
    world = begun(tmp_path / "project")
    write(world.root, {LOCAL: '{"model": "opus", "permissions": {"deny": ["Read(.env)"], "allow": ["Bash(ls)"]}}'})
    action = world.answer("start", "background")
    settings = json.loads((world.root / LOCAL).read_text())
    assert settings == {"model": "opus", "permissions": {"deny": ["Read(.env)"], "allow": ["Bash(ls)", *RULES]}}
    assert ".claude" not in world.status()
    assert action.action == "dispatch" and action.background is True and any("Added to" in notice for notice in action.notices)
    assert "in the background" in world.door("run", "next").out


@pytest.mark.parametrize("rules", [RULES, ["Bash", "Edit"]], ids=["exactly", "more than that"])
def test_rules_that_are_there_are_not_written_again(tmp_path: Path, apart: Path, rules: list[str]) -> None:
    write(apart, {".claude/settings.json": json.dumps({"permissions": {"allow": rules}})})
    world = begun(tmp_path / "project")
    assert offered(world) == "finished work is merged while others still run"
    assert world.answer("start", "background").background is True
    assert not (world.root / LOCAL).exists()


@pytest.mark.parametrize("settings", ["{", "[]", '{"permissions": []}', '{"permissions": {"allow": "all"}}'])
def test_settings_that_cannot_be_understood_stay_as_they_are(tmp_path: Path, settings: str) -> None:
    world = begun(tmp_path / "project")
    write(world.root, {LOCAL: settings})
    action = world.answer("start", "background")
    assert (world.root / LOCAL).read_text() == settings
    assert action.background is False and any("could not be extended" in notice for notice in action.notices)


def test_a_team_writes_in_the_checkout(tmp_path: Path) -> None:
    world = begun(tmp_path / "project", mode=Mode.TEAM)
    assert "Edit(/**)" in (offered(world) or "")


@pytest.mark.parametrize(("mode", "runtime"), [(Mode.SINGLE, "claude"), (Mode.PARALLEL, None), (Mode.PARALLEL, "codex")])
def test_it_is_offered_only_where_there_is_a_background(tmp_path: Path, mode: Mode, runtime: str | None) -> None:
    assert offered(begun(tmp_path / "project", mode=mode, runtime=runtime)) is None
