"""`## Phase N: t`, `### Task N.M: t`, boxes as sub-tasks."""

from __future__ import annotations

import pytest

from documents.plan_texts import codes, ids, read, titles
from maestro.errors import InvalidDocument
from maestro.models.plan import Access, Status

PLAN = """# Plan: Sign in

## Phase 1: Storage [checkpoint: abaa869]

### Task 1.1: Users table [x] abaa869
- [x] Write the test
- [x] Create `src/users.py`

### Task 1.2: Sessions [~]
Depends on Task 1.1.

- [x] Write the test
    - [ ] for expiry
- [ ] Create `src/sessions.py`

### Phase 1 Completion Verification
- [x] Tests pass
- [ ] Maestro - User Manual Verification 'Phase 1' (Protocol in workflow.md)

## Phase 2: Pages

### Task 2.1: Form

## Self-review
- [ ] Nothing forgotten
"""


def test_phases_tasks_and_their_markers() -> None:
    plan = read(PLAN)
    assert plan.dialect == "maestro"
    assert plan.title == "Plan: Sign in"
    assert [(phase.id, phase.title, phase.line, phase.checkpoint) for phase in plan.phases] == [("1", "Storage", 3, "abaa869"), ("2", "Pages", 20, None)]
    assert [(task.id, task.title, task.line, task.phase, task.status) for task in plan.tasks] == [
        ("1.1", "Users table", 5, "1", Status.DONE),
        ("1.2", "Sessions", 9, "1", Status.PROGRESS),
        ("2.1", "Form", 22, "2", Status.NEW),
    ]
    marker = plan.by_id["1.1"].marker
    assert marker is not None and marker.in_heading and marker.sha == "abaa869"
    assert PLAN[marker.span.start : marker.span.end] == "[x]"


def test_boxes_and_body() -> None:
    task = read(PLAN).by_id["1.2"]
    assert [(box.text, box.depth, box.marker.status, box.marker.line) for box in task.boxes] == [
        ("Write the test", 0, Status.DONE, 12),
        ("for expiry", 1, Status.NEW, 13),
        ("Create `src/sessions.py`", 0, Status.NEW, 14),
    ]
    assert (task.body[0].line, task.body[0].text) == (10, "Depends on Task 1.1.")
    assert task.source.startswith("### Task 1.2: Sessions [~]\n") and task.source.endswith("- [ ] Create `src/sessions.py`")


def test_the_verification_block_is_no_task() -> None:
    verification = read(PLAN).phases[0].verification
    assert verification is not None and verification.line == 16
    assert [box.marker.status for box in verification.boxes] == [Status.DONE, Status.NEW]


def test_the_last_task_ends_where_another_section_begins() -> None:
    plan = read(PLAN)
    assert "Nothing forgotten" not in plan.by_id["2.1"].source
    assert codes(plan) == ["box-not-a-task"]
    assert plan.notes[0].where == "plan.md:25"
    assert "Self-review" in " ".join(line.text for line in plan.outside)


@pytest.mark.parametrize("depth", [1, 2, 3, 4, 5])
def test_headings_of_any_depth(depth: int) -> None:
    assert ids(read(f"{'#' * depth} Task 1: a\n{'#' * depth} Task 2: b\n")) == ["1", "2"]


@pytest.mark.parametrize(
    "heading",
    [
        "Task 7: t",
        "Task 7：t",
        "Task 7 — t",
        "Task 7 – t",
        "Task 7 - t",
        "Task 7. t",
        "TASK 7: t",
        "**Task 7: t**",
        "~~Task 7: t~~",
        "`Task 7: t`",
        "Task 7: **t**",
    ],
)
def test_delimiters_and_emphasis(heading: str) -> None:
    plan = read(f"## Phase 1: p\n\n### {heading}\n")
    assert (ids(plan), titles(plan)) == (["7"], ["t"])


@pytest.mark.parametrize("number", ["3", "1.2", "1.2.3", "10a", "T12", "2.fix1"])
def test_ids_are_kept_as_written(number: str) -> None:
    assert ids(read(f"### Task {number}: t\n")) == [number]


def test_lookups_are_exact() -> None:
    plan = read("".join(f"### Task {number}: t{number}\n" for number in ("1", "1.1", "1.10", "11")))
    assert [plan.by_id[number].title for number in ("1", "1.1", "1.10", "11")] == ["t1", "t1.1", "t1.10", "t11"]


@pytest.mark.parametrize("hidden", ["```\n{}\n```", "~~~~\n```\n{}\n~~~~", "<!--\n{}\n-->", "- x\n\n  ```\n  {}\n  ```", "    {}"])
def test_headings_in_code_and_comments_are_no_tasks(hidden: str) -> None:
    plan = read("### Task 1: a\n\n" + hidden.format("### Task 2: b") + "\n\n### Task 3: c\n")
    assert ids(plan) == ["1", "3"]


def test_code_is_marked_and_comments_are_left_out_of_the_body() -> None:
    task = read("### Task 1: a\nx <!-- y -->\n<!-- z -->\n```\ncode\n```\n").tasks[0]
    assert [(line.text, line.code) for line in task.body] == [("x ", False), ("```", True), ("code", True), ("```", True)]
    assert "<!-- z -->" in task.source


def test_front_matter_is_no_part_of_the_plan() -> None:
    plan = read("---\nphase: 03\ntask: 9\n---\n# T\n## Phase 1: p\n### Task 1.1: a\n---\nwave: 9\n---\nb\n")
    assert (ids(plan), [phase.id for phase in plan.phases]) == (["1.1"], ["1"])


@pytest.mark.parametrize(
    ("boxes", "status"),
    [("- [x] a\n- [x] b", Status.DONE), ("- [x] a\n- [ ] b", Status.PROGRESS), ("- [ ] a", Status.NEW), ("- [x] a\n- [-] b", Status.DONE), ("", Status.NEW)],
)
def test_without_a_marker_of_its_own_the_boxes_speak_for_a_task(boxes: str, status: Status) -> None:
    assert read(f"### Task 1: a\n{boxes}\n").tasks[0].status is status


@pytest.mark.parametrize(
    ("mark", "status", "sha"),
    [
        ("[ ]", Status.NEW, None),
        ("[~]", Status.PROGRESS, None),
        ("[x] abaa869", Status.DONE, "abaa869"),
        ("`[x]`", Status.DONE, None),
        ("[-]", Status.SKIPPED, None),
        ("[!]", Status.BLOCKED, None),
        ("[x] abaa869 ##", Status.DONE, "abaa869"),
    ],
)
def test_a_marker_stands_behind_the_title(mark: str, status: Status, sha: str | None) -> None:
    task = read(f"### Task 1: t {mark}\n- [ ] a\n").tasks[0]
    assert task.marker is not None
    assert (task.title, task.status, task.marker.sha) == ("t", status, sha)


def test_headings_underlined() -> None:
    assert titles(read("Task 1: a\n---------\n\nTask 2: b\n---------\n")) == ["a", "b"]


def test_an_older_marker_before_the_words_of_a_heading() -> None:
    task = read("### [x] Task 1.1: a abaa869\n").tasks[0]
    assert task.marker is not None
    assert (task.title, task.status, task.marker.sha) == ("a", Status.DONE, "abaa869")


def test_tasks_as_items_in_a_phase_without_headings_are_read_as_well() -> None:
    plan = read("## Phase 1: p\n### Task 1.1: a\n- [ ] sub\n## Phase: Review fixes\n- [ ] Task: Apply the review\n- [ ] And this\n")
    assert (plan.dialect, ids(plan)) == ("maestro", ["1.1", "2.1", "2.2"])


def test_numbered_headings_are_tasks_where_nothing_else_is() -> None:
    plan = read("## Phase 1: p\n### 1.1 Make a\n- [ ] x\n### 1.2 Make b\n**Depends on**: 1.1\n## Notes\n### 9.9 No task\n")
    assert (plan.dialect, ids(plan), titles(plan)) == ("maestro", ["1.1", "1.2"], ["Make a", "Make b"])


def test_plain_numbers_above_dotted_ones_are_phases() -> None:
    plan = read("## Tasks\n### 1. Set up\n#### 1.1 a\n#### 1.2 b\n### 2. Build\n#### 2.1 c\n")
    assert [(phase.id, [task.id for task in phase.tasks]) for phase in plan.phases] == [("1", ["1.1", "1.2"]), ("2", ["2.1"])]


def test_of_numbered_headings_those_with_markers_count() -> None:
    assert ids(read("## Phase 1: p\n### [x] 1.1 a\n### 1.2 Background\n### [ ] 1.3 b\n")) == ["1.1", "1.3"]


def test_other_names_for_phases_count_where_nothing_is_called_a_phase() -> None:
    assert [phase.title for phase in read("## Wave 1: a\n### Task 1: x\n## Wave 2: b\n### Task 2: y\n").phases] == ["a", "b"]


def test_a_plan_without_phases_is_one_phase() -> None:
    plan = read("# T\n### Task 1: a\n### Task 2: b\n")
    assert [(phase.id, phase.title, len(phase.tasks)) for phase in plan.phases] == [("1", "", 2)]


def test_the_same_number_twice_is_an_error_that_names_both_lines() -> None:
    with pytest.raises(InvalidDocument) as caught:
        read("### Task 1: a\n\n### Task 1: b\n")
    assert (caught.value.slug, caught.value.where) == ("plan-duplicate-id", "plan.md:3")
    assert "line 1 and in line 3" in caught.value.message


@pytest.mark.parametrize("text", ["", "# Plan\n", "## Phase 1: p\n", "just words", "```\n### Task 1: a\n", "> ### Task 1: a\n"])
def test_no_task_is_an_error(text: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read(text)
    assert caught.value.slug == "plan-no-tasks"


def test_an_unclosed_fence_is_named() -> None:
    with pytest.raises(InvalidDocument, match="line 3 is never closed"):
        read("## Phase 1: p\n\n```\n### Task 1: a\n")
    assert codes(read("### Task 1: a\n```\n### Task 2: b\n")) == ["block-unclosed", "task-not-read"]


def test_fields_and_files() -> None:
    task = read(
        "### Task 1: a\n**Dependencies:** 1.1, 1.2\n- **Depends on**:\n  - 2.1\n  - 2.2\nDone when: green\n"
        "**Files to modify:**\n\n- `a.py`\n- `b.py` (new)\n\n**Files:**\n- Create: `c.py`\n- Modify: `d.py:10-20`\n- Delete: `e.py`\n\n- **File:** `f.py`\n"
    ).tasks[0]
    assert [(found.name, found.value) for found in task.fields[:3]] == [("dependencies", "1.1, 1.2"), ("depends on", "2.1, 2.2"), ("done when", "green")]
    assert [(file.path, file.access, file.line) for file in task.files] == [
        ("a.py", Access.MODIFY, 9),
        ("b.py", Access.CREATE, 10),
        ("c.py", Access.CREATE, 13),
        ("d.py:10-20", Access.MODIFY, 14),
        ("e.py", Access.DELETE, 15),
        ("f.py", None, 17),
    ]
