"""Which track a call means."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from plans import registry
from support import call_door, make_repository

READING = (
    "run status",
    "run report",
    "run review 1.1",
    "progress",
    "progress --follow",
    "worktree list",
    "worktree forecast",
    "worktree clean",
    "waves history",
)


@pytest.mark.parametrize("call", READING)
def test_who_only_looks_where_nothing_is_is_not_asked_what_to_execute(call: str, tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {"README.md": ""})
    ran = call_door(*call.split(), "--json", cwd=root)
    assert (ran.code, ran.error["code"], ran.error["message"]) == (4, "no-run", "No run and no track is here.")
    assert "tracks.py new" in ran.error["hint"] and "question" not in ran.error


def test_who_only_looks_is_not_asked_which_of_the_tracks_has_no_run(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project", {".maestro/tracks.md": registry((" ", "auth", "Log in"), (" ", "export", "Export"))})
    assert call_door("run", "status", "--json", cwd=root).error["code"] == "no-run"
    assert call_door("run", "start", "--json", cwd=root).error["code"] == "track-ambiguous"


@pytest.mark.parametrize("below", ["", "src/app"])
def test_the_offer_to_adopt_a_plan_can_be_typed_where_it_was_read(below: str, tmp_path: Path) -> None:
    """Plans are named from the top of the checkout; a command is read from where somebody stands."""
    root = make_repository(tmp_path / "project", {"plan.md": "## Phase 1: p\n### Task 1.1: a\n- [ ] Create `a.py`\n", "src/app/b.py": ""})
    here = root / below
    asked = call_door("run", "start", "--json", cwd=here).error["question"]["options"]
    words = shlex.split(next(option["command"] for option in asked if option["id"] == "adopt-1"))
    adopt = words.index("adopt")
    assert ("-C" in words) is bool(below)
    assert call_door("tracks", *words[adopt:], cwd=here).code == 0 and (root / ".maestro/tracks.md").exists()
