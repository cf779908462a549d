"""Which track a call means."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from support import call_door, make_repository


@pytest.mark.parametrize("below", ["", "src/app"])
def test_the_offer_to_adopt_a_plan_can_be_typed_where_it_was_read(below: str, tmp_path: Path) -> None:
    """Plans are named from the top of the checkout; a command is read from where somebody stands."""
    root = make_repository(tmp_path / "project", {"plan.md": "## Phase 1: p\n### Task 1.1: a\n- [ ] Create `a.py`\n", "src/app/b.py": ""})
    here = root / below
    asked = call_door("run", "status", "--json", cwd=here).error["question"]["options"]
    words = shlex.split(next(option["command"] for option in asked if option["id"] == "adopt-1"))
    adopt = words.index("adopt")
    assert ("-C" in words) is bool(below)
    assert call_door("tracks", *words[adopt:], cwd=here).code == 0 and (root / ".maestro/tracks.md").exists()
