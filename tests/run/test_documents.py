"""What the doors of a run print with --json is what `schemas/` say, from the first question to the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from maestro.run import bookkeeping
from support import ROOT, load_beside

made = load_beside(__file__, "worlds")


def say(world: Any, line: str) -> dict[str, Any]:
    """Call a door with --json, hold its document against its schema, and give its data."""
    document: dict[str, Any] = world.door(*line.split(), "--json").json
    name, _, version = document["schema"].removeprefix("maestro.").partition("/")
    assert version == "1"
    schema = json.loads((ROOT / "schemas" / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    return document.get("data") or document["error"]


def test_a_whole_run_speaks_as_the_schemas_say(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    assert say(world, "run start auth --parallel --dry-run")["next"] is None
    assert say(world, "run start auth --parallel --test true")["next"]["action"] == "decide"
    say(world, "run answer start start")
    if world.state.open_questions:
        say(world, "run answer mode go-on")
    assert say(world, "run next")["action"] == "dispatch"
    say(world, "run status")
    say(world, "progress")
    say(world, "worktree list")
    say(world, "worktree attach auth/1.1/1")
    world.write("auth/1.1/1", {"src/a.py": "a = 1\n"})
    assert say(world, "worktree check auth/1.1/1")["ok"] is True
    say(world, "worktree forecast")
    say(world, "run done auth/1.1/1")
    assert say(world, "run merge")["next"]["action"] == "dispatch"
    say(world, "run fail auth/1.2/1 --reason lost")
    assert say(world, "run report")["failures"][0]["task"] == "1.2"
    say(world, "run next")
    world.work("auth/1.2/2", {"src/b.py": "b = 1\n"})
    assert say(world, "run merge")["next"]["action"] == "verify-phase"
    say(world, "run undo 1.2")
    say(world, "run start auth --resume")
    world.work("auth/1.2/3", {"src/b.py": "b = 2\n"})
    say(world, "run merge")
    say(world, "run answer verify-1-1 verified")
    say(world, "run answer review-phase-1 no")
    assert say(world, "run next")["action"] == "complete"
    say(world, "run doctor")
    say(world, "worktree clean")
    assert say(world, "run complete")["next"]["action"] == "finished"
    assert say(world, "run report --format json")["merged"] == 2
    say(world, "run status")


def test_errors_of_a_run_are_documents_too(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    assert say(world, "run next")["code"] == "no-run"
    assert say(world, "run done nonsense")["code"] == "handle-invalid"
    assert say(world, "run answer")["code"] == "usage"


def test_an_edit_made_while_the_markers_are_written_is_kept_and_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = made.World(tmp_path / "project", made.PHASES)
    mark, edits = bookkeeping.mark_task, iter([("Create `src/b.py`", "Create `src/b.py`, with a note")])

    def marking(*given: Any) -> Any:
        for old, new in edits:
            world.edit(old, new)
        return mark(*given)

    monkeypatch.setattr(bookkeeping, "mark_task", marking)
    world.start()
    assert "with a note" in world.plan and "Make a [~]" in world.plan
