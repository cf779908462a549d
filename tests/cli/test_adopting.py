"""`tracks.py adopt`: plans of other tools become tracks where they are, and are carried out in their own dialect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from builders import commit
from support import call_door, git, run_door, unchanged, write

CONDUCTOR = {
    "conductor/tracks.md": """\
# Project Tracks

## [~] Track: Sign in with passkeys
*Link: [./conductor/tracks/signin_20250101/](./conductor/tracks/signin_20250101/)*

---

- [ ] **Track: Find notes**
*Link: [./tracks/find_20250102/](./tracks/find_20250102/)*

- [ ] **Track: Never planned**
*Link: [./tracks/lost_20250103/](./tracks/lost_20250103/)*
""",
    "conductor/tracks/find_20250102/plan.md": "# Plan\n\n## Phase 1: Index\n\n- [ ] Task: Make `src/index.py`\n",
    "conductor/tracks/signin_20250101/plan.md": """\
# Implementation Plan

## Phase 1: Store

- [ ] Task: Make `src/users.py`
    - [ ] Write it
- [ ] Task: Make `src/forms.py`
- [ ] Task: Conductor - User Manual Verification 'Phase 1: Store' (Protocol in workflow.md)
""",
    "conductor/tracks/signin_20250101/metadata.json": '{"type": "bug", "created_at": "2025-01-01T00:00:00Z", "skills": [{"name": "auth"}]}\n',
    "conductor/tracks/unlisted_20250104/plan.md": "# Unlisted work\n\n## Phase 1: p\n\n- [x] Task: Make `src/x.py` abaa869\n",
    "conductor/workflow.md": "# Workflow\n\n- Test command: `true`\n",
    "conductor/tech-stack.md": "# Tech\n",
    "conductor/code_styleguides/python.md": "# Python\n",
    "conductor/archive/old/plan.md": "# Old\n",
}


def metadata(root: Path, track: str) -> Any:
    return json.loads((root / f".maestro/tracks/{track}/metadata.json").read_text())


def test_a_conductor_folder_is_adopted_as_a_whole(repository: Path) -> None:
    write(repository, CONDUCTOR)
    ran = call_door("tracks", "adopt", "conductor", "--json", cwd=repository)
    assert [track["track"] for track in ran.data["tracks"]] == ["signin_20250101", "find_20250102", "unlisted_20250104"]
    assert [(warning["code"], warning["where"]) for warning in ran.json["warnings"]] == [("plan-missing", "conductor/tracks.md:11")]
    listed = call_door("tracks", "--json", cwd=repository).data["tracks"]
    assert [(track["description"], track["type"], track["status"], track["plan"]) for track in listed] == [
        ("Sign in with passkeys", "bug", "progress", "conductor/tracks/signin_20250101/plan.md"),
        ("Find notes", "feature", "new", "conductor/tracks/find_20250102/plan.md"),
        ("Unlisted work", "feature", "done", "conductor/tracks/unlisted_20250104/plan.md"),
    ]
    kept = metadata(repository, "signin_20250101")
    assert (kept["created_at"], kept["skills"], kept["status"]) == ("2025-01-01T00:00:00Z", [{"name": "auth"}], "in_progress")


def test_nothing_of_a_conductor_folder_is_rewritten_and_its_context_is_at_hand(repository: Path) -> None:
    write(repository, CONDUCTOR | {".maestro/context/tech-stack.md": "# Ours\n"})
    data = call_door("tracks", "adopt", "conductor/", "--json", cwd=repository).data
    assert data["context"] == [".maestro/context/workflow.md", ".maestro/context/code_styleguides/python.md"]
    assert {name: (repository / name).read_text() for name in CONDUCTOR} == CONDUCTOR
    assert (repository / ".maestro/context/workflow.md").read_text() == CONDUCTOR["conductor/workflow.md"]
    assert (repository / ".maestro/context/tech-stack.md").read_text() == "# Ours\n"


def test_adopting_a_folder_again_takes_what_is_new(repository: Path) -> None:
    write(repository, CONDUCTOR)
    call_door("tracks", "adopt", "conductor", cwd=repository)
    with unchanged(repository):
        assert call_door("tracks", "adopt", "conductor", "--json", cwd=repository).data["changed"] is False
    write(repository, {"conductor/tracks/lost_20250103/plan.md": "# P\n\n## Phase 1: p\n- [ ] Task: Make `src/y.py`\n"})
    data = call_door("tracks", "adopt", "conductor", "--json", cwd=repository).data
    assert [track["track"] for track in data["tracks"] if track["changed"]] == ["lost_20250103"]


def test_a_dry_run_of_a_folder_writes_nothing(repository: Path) -> None:
    write(repository, CONDUCTOR)
    with unchanged(repository):
        ran = call_door("tracks", "adopt", "conductor", "--dry-run", cwd=repository)
    assert "signin_20250101 would be adopted" in ran.out and "Would copy .maestro/context/workflow.md" in ran.out


def test_a_plan_that_cannot_be_read_does_not_keep_the_others_out(repository: Path) -> None:
    write(repository, CONDUCTOR | {"conductor/tracks/find_20250102/plan.md": "# Nothing\n"})
    ran = call_door("tracks", "adopt", "conductor", "--json", cwd=repository)
    assert [track["track"] for track in ran.data["tracks"]] == ["signin_20250101", "unlisted_20250104"]
    assert ("plan-no-tasks", "conductor/tracks/find_20250102/plan.md:1") in [(warning["code"], warning["where"]) for warning in ran.json["warnings"]]


def test_folders_that_cannot_be_adopted(repository: Path) -> None:
    write(repository, {"a/tracks/x/notes.md": "x\n", "b/tracks/x/plan.md": "# Nothing\n"})
    with unchanged(repository):
        assert call_door("tracks", "adopt", "a", "--json", cwd=repository).error["code"] == "plan-missing"
        assert call_door("tracks", "adopt", "b", "--json", cwd=repository).error["code"] == "plan-no-tasks"
        assert call_door("tracks", "adopt", "b", "--id", "x", "--json", cwd=repository).error["code"] == "usage"


def test_one_conductor_track_takes_description_and_type_from_its_metadata(repository: Path) -> None:
    about = '{"track_id": "signin_20250101", "type": "bug", "description": "Passkeys"}\n'
    write(repository, CONDUCTOR | {"conductor/tracks/signin_20250101/metadata.json": about})
    call_door("tracks", "adopt", "conductor/tracks/signin_20250101/plan.md", cwd=repository)
    (track,) = call_door("tracks", "--json", cwd=repository).data["tracks"]
    assert (track["id"], track["description"], track["type"]) == ("signin_20250101", "Passkeys", "bug")


def test_of_a_spec_kit_feature_its_tasks_are_the_plan(repository: Path) -> None:
    write(repository, {"specs/001/plan.md": "# Design\n", "specs/001/tasks.md": PLANS["spec-kit"][1]})
    assert call_door("tracks", "adopt", "specs/001", "--json", cwd=repository).data["plan"] == "specs/001/tasks.md"


PLANS = {
    "conductor": (
        "conductor/tracks/t/plan.md",
        "## Phase 1: p\n\n- [ ] Task: Make `src/a.py`\n    - [ ] Write it\n- [ ] Task: Make `src/b.py`, after Task 1.1\n",
        "## Phase 1: p [checkpoint: SHA2]\n\n- [x] Task: Make `src/a.py` SHA1\n    - [x] Write it\n- [x] Task: Make `src/b.py`, after Task 1.1 SHA2\n",
    ),
    "spec-kit": (
        "specs/001/tasks.md",
        "## Phase 1: Setup\n\n- [ ] T001 [P] Make src/a.py\n- [ ] T002 Make src/b.py (depends on T001)\n",
        "## Phase 1: Setup [checkpoint: SHA2]\n\n- [x] T001 [P] Make src/a.py SHA1\n- [x] T002 Make src/b.py (depends on T001) SHA2\n",
    ),
    "spec-maestro": (
        ".maestro/specs/001/plan.md",
        "# P\n\n<!-- TASK:BEGIN id=T001 -->\n### T001: A\n\n**Files to Modify:**\n\n- `src/a.py` (new)\n\n- [ ] It runs\n<!-- TASK:END -->\n"
        "<!-- TASK:BEGIN id=T002 -->\n### T002: B\n- **Dependencies:** T001\n\n**Files to Modify:**\n\n- `src/b.py` (new)\n<!-- TASK:END -->\n",
        "# P\n\n<!-- TASK:BEGIN id=T001 -->\n### T001: A [x] SHA1\n\n**Files to Modify:**\n\n- `src/a.py` (new)\n\n- [x] It runs\n<!-- TASK:END -->\n"
        "<!-- TASK:BEGIN id=T002 -->\n### T002: B [x] SHA2\n- **Dependencies:** T001\n\n**Files to Modify:**\n\n- `src/b.py` (new)\n<!-- TASK:END -->\n",
    ),
    "superpowers": (
        "docs/superpowers/plans/one.md",
        "# P\n\n> superpowers:executing-plans\n\n### Task 1: A\n\n**Files:**\n- Create: `src/a.py`\n\n- [ ] **Step 1: Write**\n\n"
        "### Task 2: B\n\n**Files:**\n- Create: `src/b.py`\n\n- Consumes: `a()` from Task 1\n",
        "# P\n\n> superpowers:executing-plans\n\n### Task 1: A [x] SHA1\n\n**Files:**\n- Create: `src/a.py`\n\n- [x] **Step 1: Write**\n\n"
        "### Task 2: B [x] SHA2\n\n**Files:**\n- Create: `src/b.py`\n\n- Consumes: `a()` from Task 1\n",
    ),
}
"""A plan of two tasks in each dialect: where it lies, its text, and its text when both are done."""

WORKER = r"""f=$(grep -o 'src/[a-z]*\.py' "$MAESTRO_PROMPT_FILE" | head -n 1); mkdir -p src; echo "made = 1" > "$f" """


@pytest.mark.parametrize("dialect", PLANS)
def test_an_adopted_plan_is_carried_out_in_its_own_dialect(dialect: str, repository: Path) -> None:
    path, text, after = PLANS[dialect]
    commit(repository, {path: text})
    data = call_door("tracks", "adopt", path, "--id", "it", "--json", cwd=repository).data
    assert (data["dialect"], data["tasks"]) == (dialect, 2)
    commit(repository, {})
    edges = call_door("waves", "it", "--json", cwd=repository).data["dependencies"]
    assert [(edge["kind"], edge["strength"]) for edge in edges] == [("explicit", "hard")]
    ran = run_door("run", "exec", "it", "--worker", WORKER, "--no-test", "--yes", "--json", cwd=repository)
    assert ran.code == 0, ran
    first, second = (task["sha"][:7] for task in ran.json["data"]["tasks"])
    assert (repository / path).read_text() == after.replace("SHA1", first).replace("SHA2", second)
    assert git(repository, "status", "--porcelain") == ""


def test_the_list_of_the_tool_that_a_track_comes_from_is_marked_too(repository: Path) -> None:
    """Who looks at the track there sees that it is finished."""
    commit(repository, CONDUCTOR)
    call_door("tracks", "adopt", "conductor", cwd=repository)
    commit(repository, {})
    ran = run_door("run", "exec", "find_20250102", "--worker", WORKER, "--no-test", "--yes", "--json", cwd=repository)
    assert ran.code == 0, ran
    theirs = (repository / "conductor/tracks.md").read_text()
    assert theirs == CONDUCTOR["conductor/tracks.md"].replace("- [ ] **Track: Find notes**", "- [x] **Track: Find notes**")
    assert git(repository, "status", "--porcelain") == ""
    assert "Maestro-Bookkeeping" in git(repository, "log", "-1", "--format=%B", "--", "conductor/tracks.md")
