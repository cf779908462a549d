"""Workers in the background need permission rules: offered at the start, written on yes and never otherwise."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from maestro.models.schedule import Mode
from maestro.run.permissions import REPORTS, needed
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
    assert f"adds {', '.join(RULES)} to {LOCAL} until the run is over" in (offered(world) or "")
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


def test_a_team_writes_in_the_folders_of_its_tasks_and_nowhere_else(tmp_path: Path) -> None:
    world = begun(tmp_path / "project", mode=Mode.TEAM)
    assert "adds Bash(maestro *), Edit(/.maestro-result-*.json), Edit(/src/**) to" in (offered(world) or "")
    rules = ("Bash(maestro *)", f"Edit(/{REPORTS})", "Edit(/README.md)", "Edit(/a/**)", "Edit(/docs/**)")
    assert needed(Mode.TEAM, [["a/b/c.py", "README.md"], ["docs/"]]) == rules


def test_a_team_with_a_task_that_names_no_paths_may_have_to_write_anywhere(tmp_path: Path) -> None:
    assert needed(Mode.TEAM, [["src/a.py"], []]) == ("Bash(maestro *)", "Edit(/**)")


@pytest.mark.parametrize("before", [None, '{"permissions": {"deny": ["Read(.env)"], "allow": ["Bash(ls)"]}}'], ids=["nothing", "rules of the user's"])
@pytest.mark.parametrize("ending", ["completed", "aborted"])
def test_what_was_added_is_taken_back_when_the_run_is_over(tmp_path: Path, before: str | None, ending: str) -> None:
    """A rule for one run must not let every later session write without being asked."""
    world = begun(tmp_path / "project")
    write(world.root, {LOCAL: before} if before else {})
    action = world.answer("start", "background")
    if ending == "aborted":
        action = world.abort()
    else:
        while action.action == "dispatch":
            world.work_all(made.handles(action))
            action = world.merge()
        world.answer("verify-1-1", "verified")
        action = world.complete()
    assert json.loads((world.root / LOCAL).read_text()) == json.loads(before or "{}")
    assert any(notice.startswith(f"Taken back from {LOCAL}: {RULES[0]}") for notice in action.notices)


def test_a_rule_that_was_there_before_stays(tmp_path: Path) -> None:
    world = begun(tmp_path / "project")
    write(world.root, {LOCAL: json.dumps({"permissions": {"allow": [RULES[0]]}})})
    world.answer("start", "background")
    world.abort()
    assert json.loads((world.root / LOCAL).read_text()) == {"permissions": {"allow": [RULES[0]]}}


def test_what_cannot_be_taken_back_is_named(tmp_path: Path) -> None:
    world = begun(tmp_path / "project")
    world.answer("start", "background")
    write(world.root, {LOCAL: "{"})
    assert any(f"take these out of it, which this run had added: {RULES[0]}" in notice for notice in world.abort().notices)
    assert (world.root / LOCAL).read_text() == "{"


@pytest.mark.parametrize(("mode", "runtime"), [(Mode.SINGLE, "claude"), (Mode.PARALLEL, None), (Mode.PARALLEL, "codex")])
def test_it_is_offered_only_where_there_is_a_background(tmp_path: Path, mode: Mode, runtime: str | None) -> None:
    assert offered(begun(tmp_path / "project", mode=mode, runtime=runtime)) is None
