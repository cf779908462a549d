"""`- [ ] Task: t` below phases, in all the forms that people gave it."""

from __future__ import annotations

import pytest

from documents.plan_texts import codes, ids, read, titles
from maestro.errors import InvalidDocument
from maestro.models.plan import Status

PLAN = """# Implementation Plan

## Phase 1: Ledger [checkpoint: cfe08e0]

- [x] Task: Build the ledger `abaa869`
    - [x] List the operations
    - [ ] Commit the plan
- [~] **Task 1.7: Read it** (see below)
  - Sub-task: no box
- [ ] Task: Conductor - User Manual Verification 'Phase 1' (Protocol in workflow.md)
    - [ ] Start the server

## Phase 2: Rest
- [ ] Write the docs
"""


def test_tasks_keep_their_number_or_get_phase_and_position() -> None:
    plan = read(PLAN)
    assert plan.dialect == "conductor"
    assert [(task.id, task.title, task.status) for task in plan.tasks] == [
        ("1.1", "Build the ledger", Status.DONE),
        ("1.7", "Read it (see below)", Status.PROGRESS),
        ("2.1", "Write the docs", Status.NEW),
    ]


def test_markers_stand_before_the_text_and_commits_behind_it() -> None:
    marker = read(PLAN).tasks[0].marker
    assert marker is not None and not marker.in_heading and marker.sha_span is not None
    assert PLAN[marker.span.start : marker.span.end] == "[x]"
    assert (marker.sha, PLAN[marker.sha_span.start : marker.sha_span.end]) == ("abaa869", "`abaa869`")


@pytest.mark.parametrize("block", ["- [ ] Task: Conductor - User Manual Verification 'all'\n", "### User Manual Verification 'all'\n- [ ] look\n\n"])
def test_a_verification_may_stand_before_everything_else(block: str) -> None:
    plan = read(f"{block}- [ ] Task: t\n" if block.startswith("-") else f"{block}## Phase 1: p\n- [ ] Task: t\n")
    assert titles(plan) == ["t"]
    assert len(plan.phases) == 1, "it is no phase of its own, which would have nothing to do"
    assert plan.phases[0].verification is not None and plan.phases[0].verification.line == 1


def test_verification_items_belong_to_the_phase() -> None:
    verification = read(PLAN).phases[0].verification
    assert verification is not None
    assert [box.marker.line for box in verification.boxes] == [10, 11]


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] Task: t",
        "* [ ] Task: t",
        "+ [ ] Task: t",
        "1. [ ] Task: t",
        "1.  **[ ] Task: t**",
        "- [] Task: t",
        "- [\u00a0] Task: t",
        "-\u00a0[ ] Task: t",
        "-\t[ ] Task: t",
        " - [ ] Task: t",
        "- [ ] **Task:** t",
        "- [ ] **Task: t**",
        "- [ ] ~~Task: t~~",
        "- [ ] [ ] Task: t",
        "- [ ] t",
        "- [ ] **[Agent A]** Task: t",
        "- [ ] Task: t <!-- note -->",
    ],
)
def test_forms_of_one_task(line: str) -> None:
    plan = read(f"## Phase 1: p\n\n{line}\n")
    assert (ids(plan), titles(plan)) == (["1.1"], ["t"])


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_line_endings_and_byte_order_mark(newline: str) -> None:
    plan = read("\ufeff" + PLAN.replace("\n", newline))
    assert ids(plan) == ["1.1", "1.7", "2.1"]
    assert plan.tasks[1].line == 8


@pytest.mark.parametrize(
    "heading",
    [
        "# Phase 1: p",
        "#### Phase 1: p",
        "## [x] Phase 1: p [checkpoint: auto]",
        "## Phase 1: p ✅",
        "### Fase 1: p",
        "## 第一階段：p",
        "## **Phase 1: p**",
        "## 1. Phase: p",
        "## 🚀 Phase 1: p",
        "##### Phase 1: p",
        "## Phase 1 - p [skipped]",
        "## 1단계: p",
        "# Phase 1: p [ ]",
    ],
)
def test_forms_of_one_phase(heading: str) -> None:
    plan = read(f"{heading}\n- [ ] Task: t\n")
    assert [(phase.id, phase.title[0]) for phase in plan.phases] == [("1", "p")]


@pytest.mark.parametrize(
    ("line", "title", "sha"),
    [
        ("1.  **[x] Task: t** abaa869", "t", "abaa869"),
        ("- [x] Task: t 0123456789012345678901234567890123456789", "t", "0123456789012345678901234567890123456789"),
        ("- [x] Task: t abaa869, d184603", "t", "abaa869, d184603"),
        ("- [x] Task: t `abaa869` (bonus)", "t (bonus)", "abaa869"),
        ("- [x] Task: t [abaa869]", "t", "abaa869"),
        ("- [x] Task: t (abaa869)", "t", "abaa869"),
        ("- [x] Task: t <!-- abaa869 -->", "t", "abaa869"),
        ("- [x] Task: t <!-- commit: abaa869 -->", "t", "abaa869"),
        ("- [x] Task: t abaa869 <!-- id: 7 -->", "t", "abaa869"),
        ("- [x] Task: t abaa869 [checkpoint: d184603]", "t", "abaa869"),
        ("- [x] Task: t [pending commit]", "t", None),
        ("- [x] ~~Task: t~~ abaa869", "t", "abaa869"),
        ("- [x] Task: Commit: `fix(gui): t` abaa869", "Commit: `fix(gui): t`", "abaa869"),
        ("- [ ] Task: restore abaa869", "restore abaa869", None),
    ],
)
def test_forms_of_a_recorded_commit(line: str, title: str, sha: str | None) -> None:
    (task,) = read(f"## Phase 1: p\n{line}\n").tasks
    assert task.marker is not None
    assert (task.title, task.marker.sha) == (title, sha)


def test_a_checkpoint_as_an_item_is_no_task() -> None:
    plan = read("## Phase 1: p\n- [x] Task: a abaa869\n    - [x] [checkpoint: 52a1b3c]\n- [x] [checkpoint: 52a1b3c]\n- [ ] Task: b\n")
    assert titles(plan) == ["a", "b"]
    assert plan.phases[0].verification is not None


def test_a_picture_before_a_title_is_part_of_it() -> None:
    assert titles(read("## Phase 1: p\n- [ ] 🚀 Launch\n- [ ] 🚀 Task: Land\n")) == ["🚀 Launch", "Land"]


def test_a_task_that_holds_tasks_is_one() -> None:
    plan = read("## Phase 1: p\n- [ ] Core\n    - [ ] Task: a\n    - [ ] Task: b\n- [ ] Task: c\n")
    assert [(task.title, len(task.boxes)) for task in plan.tasks] == [("Core", 2), ("c", 0)]
    (group,) = read("## Phase 1: p\n### Task: g\n- [x] Task: a abaa869\n- [ ] Task: b\n").tasks
    assert (group.title, group.status, len(group.boxes)) == ("g", Status.PROGRESS, 2)


def test_phases_as_list_items() -> None:
    plan = read("# T\n- [ ] Phase 1: a\n  - [ ] x\n    - [ ] deep\n  - [ ] y\n- [ ] Phase 2: b\n  - [ ] z\n")
    assert [(phase.id, [task.title for task in phase.tasks]) for phase in plan.phases] == [("1", ["x", "y"]), ("2", ["z"])]


def test_tasks_below_plain_bullets() -> None:
    assert titles(read("## Phase 1: p\n- Storage\n  - [ ] Task: a\n- Pages\n  - [ ] Task: b\n")) == ["a", "b"]


def test_sub_tasks_that_lost_their_indent_stay_sub_tasks() -> None:
    plan = read("## Phase 1: p\n- [ ] Task: a\n - [ ] Sub-task: b\n- [ ] Task: c\n")
    assert titles(plan) == ["a", "c"]
    assert [box.depth for box in plan.tasks[0].boxes] == [0]


def test_sections_inside_a_phase() -> None:
    plan = read("## Phase 1: p\n### Tasks\n- [ ] a\n### Verification\n- [ ] it runs\n### More\n- [ ] b\n")
    assert titles(plan) == ["a", "b"]
    assert plan.phases[0].verification is not None and len(plan.phases[0].verification.boxes) == 1


def test_lists_of_criteria_are_no_tasks() -> None:
    plan = read("## Phase 1: p\n- [ ] a\n\n**Acceptance Criteria:**\n- [ ] fast\n- [ ] small\n\n**Tasks:**\n- [ ] b\n")
    assert titles(plan) == ["a", "b"]
    assert codes(plan) == ["box-not-a-task"] and "2 boxes" in plan.notes[0].message


def test_a_checklist_outside_the_phases_is_no_task_but_told() -> None:
    plan = read("## Phase 1: p\n- [ ] a\n## Final check\n- [ ] all good\n")
    assert titles(plan) == ["a"]
    assert codes(plan) == ["box-not-a-task"]


def test_a_labelled_task_outside_the_phases_is_not_lost() -> None:
    plan = read("## Phase 1: p\n- [ ] a\n## Leftovers\n- [ ] Task: b\n")
    assert [(phase.id, phase.title, len(phase.tasks)) for phase in plan.phases] == [("1", "p", 1), ("2", "Leftovers", 1)]


def test_no_phase_at_all() -> None:
    assert ids(read("- [ ] a\n- [x] b abaa869\n")) == ["1.1", "1.2"]
    assert titles(read("## Tasks\n- [ ] a\n## Later\n- [ ] b\n")) == ["a"]


def test_numbered_sections_with_boxes_are_phases() -> None:
    plan = read("# T\n## 1. Config\n- [ ] a\n## 2. Code\n- [ ] b\n## Files\n- `x.py`\n")
    assert [(phase.id, phase.title) for phase in plan.phases] == [("1", "Config"), ("2", "Code")]


def test_a_phase_below_another_divides_it() -> None:
    plan = read("## Phase 2: p\n- [ ] a\n### Phase 2b: q\n- [ ] b\n### Details\n- [ ] c\n## Phase 3: r\n- [ ] d\n")
    assert [(phase.id, len(phase.tasks)) for phase in plan.phases] == [("2", 1), ("2b", 2), ("3", 1)]


def test_numbers_that_start_anew_in_each_phase() -> None:
    plan = read("## Phase 1: p\n- [ ] Task 1: a\n- [ ] Task 2: b\n## Phase 2: q\n- [ ] Task 1: c\n- [ ] Task 9: d\n")
    assert ids(plan) == ["1.1", "1.2", "2.1", "2.9"]


def test_numbers_that_run_through() -> None:
    assert ids(read("## Phase 1: p\n- [ ] Task 1: a\n## Phase 2: q\n- [ ] Task 2: b\n")) == ["1", "2"]


def test_ids_in_comments() -> None:
    assert ids(read("## Phase 1: p\n- [ ] Task: a <!-- id: 10 -->\n- [x] Task: b abaa869 <!-- id: 11 -->\n")) == ["10", "11"]


def test_positions_avoid_the_numbers_that_others_have() -> None:
    assert ids(read("## Phase 1: p\n- [ ] Task: a\n- [ ] Task 1.1: b\n")) == ["1.2", "1.1"]


def test_the_same_number_twice_in_one_phase_is_an_error() -> None:
    with pytest.raises(InvalidDocument) as caught:
        read("## Phase 1: p\n- [ ] Task 1.1: a\n- [ ] Task 1.1: b\n")
    assert (caught.value.slug, caught.value.where) == ("plan-duplicate-id", "plan.md:3")


def test_a_phase_number_used_twice_is_told_and_replaced() -> None:
    plan = read("## Phase 1: p\n- [ ] a\n## Phase 1: q\n- [ ] b\n")
    assert [phase.id for phase in plan.phases] == ["1", "2"]
    assert codes(plan) == ["phase-number-repeated"]


def test_an_empty_phase_is_left_out_and_told() -> None:
    plan = read("## Phase 1: p\n- [ ] a\n## Phase 2: q\n")
    assert [phase.id for phase in plan.phases] == ["1"]
    assert codes(plan) == ["phase-empty"]


def test_every_marker() -> None:
    plan = read("## Phase 1: p\n" + "".join(f"- {mark} Task: t\n" for mark in ("[ ]", "[]", "[~]", "[/]", "[x]", "[X]", "[-]", "[!]")))
    assert [task.status.value for task in plan.tasks] == ["new", "new", "progress", "progress", "done", "done", "skipped", "blocked"]


@pytest.mark.parametrize("mark", ["[b]", "[>]", "[d]", "[#]"])
def test_unknown_markers_fail_closed(mark: str) -> None:
    plan = read(f"## Phase 1: p\n- {mark} Task: t\n")
    assert plan.tasks[0].status is Status.BLOCKED
    assert codes(plan) == ["marker-unknown"] and plan.notes[0].where == "plan.md:2"


def test_brackets_in_lists_of_options_are_no_boxes() -> None:
    plan = read("## Phase 1: p\n- [ ] Task: ask\n  - [R] Revise, [S] Skip\n- [C] Continue\n")
    assert (titles(plan), plan.tasks[0].boxes) == (["ask"], ())


@pytest.mark.parametrize("hidden", ["```\n- [ ] Task: b\n```", "<!--\n- [ ] Task: b\n-->", "<details>\n- [ ] Task: b\n</details>", "> - [ ] Task: b"])
def test_boxes_that_markdown_hides_are_no_tasks(hidden: str) -> None:
    assert titles(read(f"## Phase 1: p\n- [ ] Task: a\n\n{hidden}\n")) == ["a"]


def test_boxes_in_details_behind_a_blank_line_are_tasks() -> None:
    assert titles(read("## Phase 1: p\n<details><summary>s</summary>\n\n- [ ] Task: a\n\n</details>\n")) == ["a"]


@pytest.mark.parametrize("title", ["$1", r"\g<0>", "`../x`", "\u202eabc", "😀", "{0} %s", "a | b", "<b>"])
def test_any_title_is_data(title: str) -> None:
    assert titles(read(f"## Phase 1: p\n- [ ] Task: {title}\n")) == [title]
