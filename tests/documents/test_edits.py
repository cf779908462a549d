"""Edits change the marker's bytes and nothing else."""

from __future__ import annotations

import pytest

from documents.plan_texts import read
from maestro.documents.edits import checkpoint_phase, edited, mark_task, tick_verification
from maestro.errors import InvalidDocument, NotFound
from maestro.models.plan import Status

SHA = "abaa869"


def marked(text: str, task_id: str, status: Status, sha: str | None = None) -> str:
    """The text after marking, which is checked to be stable under the same mark."""
    plan = read(text)
    after = edited(plan, mark_task(plan, task_id, status, sha))
    again = read(after)
    assert again.by_id[task_id].status is status
    assert mark_task(again, task_id, status, sha) == []
    return after


@pytest.mark.parametrize(
    ("before", "status", "sha", "after"),
    [
        ("- [ ] Task: t", Status.PROGRESS, None, "- [~] Task: t"),
        ("- [ ] Task: t", Status.DONE, SHA, "- [x] Task: t abaa869"),
        ("- [ ] Task: t", Status.DONE, None, "- [x] Task: t"),
        ("- [ ] Task: t", Status.SKIPPED, None, "- [-] Task: t"),
        ("- [ ] Task: t", Status.BLOCKED, None, "- [!] Task: t"),
        ("- [~] Task: t  ", Status.DONE, SHA, "- [x] Task: t abaa869  "),
        ("- [] Task: t", Status.DONE, SHA, "- [x] Task: t abaa869"),
        ("- [X] Task: t", Status.DONE, SHA, "- [X] Task: t abaa869"),
        ("- [/] Task: t", Status.PROGRESS, None, "- [/] Task: t"),
        ("- [b] Task: t", Status.NEW, None, "- [ ] Task: t"),
        ("1.  **[ ] Task: t**", Status.DONE, SHA, "1.  **[x] Task: t** abaa869"),
        ("- [x] Task: t `0000001`", Status.DONE, SHA, "- [x] Task: t `abaa869`"),
        ("- [x] Task: t [0000001]", Status.DONE, SHA, "- [x] Task: t [abaa869]"),
        ("- [x] Task: t <!-- commit: 0000001 -->", Status.DONE, SHA, "- [x] Task: t <!-- commit: abaa869 -->"),
        ("- [x] Task: t [pending commit]", Status.DONE, SHA, "- [x] Task: t [abaa869]"),
        ("- [x] Task: t abaa869", Status.DONE, "abaa869f0f0f0", "- [x] Task: t abaa869"),
        ("- [x] Task: t abaa869", Status.DONE, None, "- [x] Task: t abaa869"),
        ("- [x] Task: t abaa869", Status.NEW, None, "- [ ] Task: t"),
        ("- [x] Task: t `abaa869`", Status.PROGRESS, None, "- [~] Task: t"),
        ("- [ ] Task: revert 0000001", Status.DONE, SHA, "- [x] Task: revert 0000001 abaa869"),
        ("### Task 1.1: t", Status.PROGRESS, None, "### Task 1.1: t [~]"),
        ("### Task 1.1: t", Status.DONE, SHA, "### Task 1.1: t [x] abaa869"),
        ("### Task 1.1: t [~]", Status.DONE, SHA, "### Task 1.1: t [x] abaa869"),
        ("### Task 1.1: t [x] abaa869", Status.NEW, None, "### Task 1.1: t [ ]"),
        ("### Task 1.1: t ###", Status.DONE, SHA, "### Task 1.1: t [x] abaa869 ###"),
        ("### [ ] Task 1.1: t", Status.DONE, SHA, "### [x] Task 1.1: t abaa869"),
        ("### Task 1.1: t", Status.NEW, None, "### Task 1.1: t"),
    ],
)
def test_marker_and_commit_stand_where_each_style_has_them(before: str, status: Status, sha: str | None, after: str) -> None:
    assert marked(f"## Phase 1: p\n\n{before}\n", "1.1", status, sha) == f"## Phase 1: p\n\n{after}\n"


def test_done_ticks_what_is_open_below_and_new_opens_it_again() -> None:
    before = "### Task 1: t\n- [ ] a\n  - [~] b\n- [x] c\n- [-] d\n- [!] e\n"
    done = marked(before, "1", Status.DONE, SHA)
    assert done == "### Task 1: t [x] abaa869\n- [x] a\n  - [x] b\n- [x] c\n- [-] d\n- [!] e\n"
    assert marked(done, "1", Status.NEW) == "### Task 1: t [ ]\n- [ ] a\n  - [ ] b\n- [ ] c\n- [-] d\n- [!] e\n"


def test_new_leaves_ticks_alone_that_came_before_done() -> None:
    assert marked("### Task 1: t [~]\n- [x] a\n- [ ] b\n", "1", Status.NEW) == "### Task 1: t [ ]\n- [x] a\n- [ ] b\n"


def test_a_task_that_its_boxes_call_done_gets_a_marker_with_its_commit() -> None:
    assert marked("### Task 1: t\n- [x] a\n", "1", Status.DONE, SHA) == "### Task 1: t [x] abaa869\n- [x] a\n"


@pytest.mark.parametrize(
    "text", ["\ufeff## Phase 1: p\r\n- [ ] Task: $1 \\g<0>\r\n  - [ ] x\ry\r\n", "## Phase 1: p\n- [ ] Task: `\u202e` \t\n\n```\n- [ ] z\n```"]
)
def test_every_other_byte_stays(text: str) -> None:
    after = marked(text, "1.1", Status.PROGRESS)
    assert after == text.replace("[ ] Task", "[~] Task")


@pytest.mark.parametrize(
    ("heading", "after"),
    [
        ("## Phase 1: p", "## Phase 1: p [checkpoint: abaa869]"),
        ("## Phase 1: p [checkpoint: ]", "## Phase 1: p [checkpoint: abaa869]"),
        ("## Phase 1: p [checkpoint: 0000001]", "## Phase 1: p [checkpoint: abaa869]"),
        ("## Phase 1: p [checkpoint: abaa8690000]", "## Phase 1: p [checkpoint: abaa8690000]"),
        ("## Phase 1: p ##", "## Phase 1: p [checkpoint: abaa869] ##"),
    ],
)
def test_checkpoints_stand_at_the_end_of_the_heading(heading: str, after: str) -> None:
    plan = read(f"{heading}\n- [ ] t\n")
    text = edited(plan, checkpoint_phase(plan, "1", SHA))
    assert text == f"{after}\n- [ ] t\n"
    assert checkpoint_phase(read(text), "1", SHA) == []


def test_a_plan_without_phase_headings_has_no_place_for_a_checkpoint() -> None:
    assert checkpoint_phase(read("- [ ] t\n"), "1", SHA) == []


def test_accepting_a_verification_ticks_its_boxes_without_commit() -> None:
    plan = read("## Phase 1: p\n- [ ] t\n- [ ] Task: Conductor - User Manual Verification 'p' (Protocol in workflow.md)\n  - [ ] look\n")
    after = edited(plan, tick_verification(plan, "1"))
    assert after == "## Phase 1: p\n- [ ] t\n- [x] Task: Conductor - User Manual Verification 'p' (Protocol in workflow.md)\n  - [x] look\n"
    assert tick_verification(read(after), "1") == []
    assert tick_verification(read("## Phase 1: p\n- [ ] t\n"), "1") == []


def test_what_does_not_exist_is_an_error() -> None:
    plan = read("- [ ] t\n")
    with pytest.raises(NotFound, match="no task 9"):
        mark_task(plan, "9", Status.DONE)
    for edit in (tick_verification, lambda plan, phase: checkpoint_phase(plan, phase, SHA)):
        with pytest.raises(NotFound, match="no phase 9"):
            edit(plan, "9")
    with pytest.raises(InvalidDocument, match="no place"):
        mark_task(read('{"tasks": [{"id": "1"}]}'), "1", Status.DONE)
