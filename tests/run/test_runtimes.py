"""What an agent's runtime lacks is told with the way round it; it is no fault of the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support import call_maestro, load_beside, write

made = load_beside(__file__, "worlds")


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ("CLAUDECODE", "GEMINI_CLI", "CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    return made.World(tmp_path / "project")


def lacking(world: Any, *arguments: str) -> list[str]:
    ran = call_maestro("run", "doctor", "--json", *arguments, cwd=world.root)
    assert ran.code == 0, ran
    return [lack["code"] for lack in ran.data["lacks"]]


@pytest.mark.parametrize(
    ("runtime", "codes"),
    [
        ("claude", ["teams-off", "background-rules"]),
        ("codex", ["no-sub-agents", "sandbox"]),
        ("gemini", ["no-sub-agents"]),
        ("opencode", ["no-teams"]),
        ("exec", ["no-teams"]),
        ("something-new", ["runtime-unknown"]),
    ],
)
def test_each_runtime_has_its_gaps(world: Any, runtime: str, codes: list[str]) -> None:
    assert lacking(world, "--runtime", runtime) == codes


def test_the_way_round_can_be_typed(world: Any) -> None:
    ran = call_maestro("run", "doctor", "--runtime", "codex", cwd=world.root)
    assert ran.out.startswith("Everything fits together.\n") and "`maestro run exec TRACK --worker codex`" in ran.out


@pytest.mark.parametrize(("sign", "runtime"), [("CLAUDECODE", "claude"), ("GEMINI_CLI", "gemini")])
def test_a_runtime_that_says_who_it_is_needs_no_option(world: Any, sign: str, runtime: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lacking(world) == []
    monkeypatch.setenv(sign, "1")
    assert call_maestro("run", "doctor", "--json", cwd=world.root).data["runtime"] == runtime


def test_what_is_there_is_not_missing(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS", "1")
    rules = ["Bash(maestro *)", "Edit(/.maestro/worktrees/**)"]
    write(world.root, {".claude/settings.json": json.dumps({"permissions": {"allow": rules}})})
    assert lacking(world, "--runtime", "claude") == []
