"""What is odd about a plan, and where."""

from __future__ import annotations

import pytest

from documents.plan_texts import read
from maestro.documents.lint import lint_plan
from maestro.models.notes import Note


def found(text: str) -> list[tuple[str, str | None]]:
    return [(note.code, note.where) for note in lint_plan(read(text))]


def test_a_plain_plan_has_nothing_odd() -> None:
    assert found("## Phase 1: p\n### Task 1.1: a [x] abaa869\n- [x] b\n### Task 1.2: c\n## Phase 2: q\n- [ ] Task: d\n") == []


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("## Phase 1: p\n- [x] Task: a abaa869\n  - [ ] b\n", "marker-disagrees", 2),
        ("## Phase 1: p\n- [ ] Task: a\n  - [x] b\n", "marker-disagrees", 2),
        ("## Phase 1: p\n- [x] Task: a\n", "done-without-sha", 2),
        ("### Task 1: a [x]\n", "done-without-sha", 1),
        ("## Phase 2: p\n- [ ] a\n## Phase 1: q\n- [ ] b\n", "phases-out-of-order", 3),
        ("## Phase 1: p\n- [ ] a\n\n    - [ ] b\n### Section\n\n    - [ ] c\n", "task-not-read", 7),
        ("## Phase 1: p\n- [ ] a\n<details>\n- [ ] b\n</details>\n", "task-not-read", 4),
        ("## Phase 1: p\n- [ ] a\n\n> - [ ] b\n", "task-not-read", 4),
        ("## Wave 1: p\n### TASK-1.1: a\n\n| TASK-1.2 | b |\n|-|-|\n| TASK-1.1 | a |\n", "task-not-read", 4),
        ("## Phase 1: p\n- [ ] a\n- Task 7: b\n", "task-not-read", 3),
        ("### Task 1.1: a\n### Tsk 1.2: b\n", "task-not-read", 2),
        ("## Phase 1: p\n- [ ] a\n## End\n- [ ] b\n", "box-not-a-task", 4),
        ("### Task 1: a\n~~~\n", "block-unclosed", 2),
        ("## Phase 1: p\n- [ ] a\n<!-- - [ ] b\n", "block-unclosed", 3),
        ("## Phase 1: p\n- [ ] Task:\n", "task-without-title", 2),
        ("## Phase 1: p\n- [q] Task: a\n", "marker-unknown", 2),
    ],
)
def test_oddities_are_named_with_their_line(text: str, code: str, line: int) -> None:
    assert found(text) == [(code, f"plan.md:{line}")]


def test_a_plan_that_records_no_commits_is_told_so_once_for_each_phase() -> None:
    notes = lint_plan(read("## Phase 1: p\n- [x] Task: a\n- [x] Task: b abaa869\n- [x] Task: c\n- [x] Task: d\n## Phase 2: q\n- [x] Task: e\n"))
    assert [(note.message.split(". ")[0], note.where) for note in notes] == [
        ("Tasks 1.1, 1.3 and 1.4 are marked done without the commits that did them", "plan.md:2"),
        ("Task 2.1 is marked done without the commit that did it", "plan.md:7"),
    ]


def test_ids_that_stand_in_tables_alone_are_named_in_one_note() -> None:
    rows = "".join(f"| TASK-1.{number} | b |\n" for number in (1, 2, 3))
    [note] = lint_plan(read(f"## Wave 1: p\n### TASK-1.1: a\n\n| id | title |\n|-|-|\n{rows}"))
    assert note == Note("task-not-read", "TASK-1.2 and TASK-1.3 stand in tables and nowhere as tasks. Write each as `### Task 1.2: title`.", "plan.md:7")


def test_examples_in_code_are_nothing_odd() -> None:
    assert found("### Task 1: a\n```\n- [ ] b\n    - [ ] c\n```\n") == []


def test_the_number_of_a_line_hides_no_lost_task() -> None:
    """The task that is read stands in line 3, which says nothing about a task 3 in a table."""
    assert found("## Phase 1: p\n\n### TASK-1.1: a\n\n| TASK-3 | b |\n|-|-|\n") == [("task-not-read", "plan.md:5")]


def test_every_message_says_what_to_do() -> None:
    notes = lint_plan(read("## Phase 2: p\n- [x] Task: a\n  - [ ] b\n## Phase 1: q\n- [q] Task: c\n## End\n- [ ] d\n"))
    assert len(notes) == 5
    assert all(". " in note.message for note in notes)


@pytest.mark.parametrize(
    "text",
    [
        "## Phase 1: p\n- [ ] Task 1: a\n\n```\nx\n```\n```\n\n- [ ] Task 2: b\n```\n\n- [ ] Task 3: c\n",
        "### Task 1.1: a\n```md\n### Note\n```\nmore\n```\n\n### Task 1.2: b\n\n```\n### Task 1.3: c\n",
        "## Phase 1: p\n### [x] 1.1 a abaa869\n```\n### [x] 1.2 b abaa869\n```\n### [ ] 1.3 c\n",
    ],
)
def test_a_task_that_a_code_block_swallows_is_not_lost_silently(text: str) -> None:
    notes = [note for note in read(text).notes if note.code == "task-not-read"]
    assert len(notes) == 1 and "stands in a code block" in notes[0].message
    hidden = text.split("\n")[int((notes[0].where or "").rpartition(":")[2]) - 1]
    assert hidden.endswith("b") or "b abaa869" in hidden


@pytest.mark.parametrize("example", ["### Task 1: First Task", "### Task 9: t", "# Task 2: t", "- [ ] Task 2: t", "### Task N: t", "### 2. t", "# Task 2"])
def test_examples_of_tasks_in_code_are_nothing_odd(example: str) -> None:
    assert found(f"### Task 1: a\n```\n{example}\n```\n### Task 5: b\n") == []


def test_a_sentence_that_begins_with_a_task_is_no_lost_task() -> None:
    assert found("## Phase 1: p\n- [ ] Task 6: a\n- [ ] Task 7: b\n## Order\n- Task 7 depends on Task 6 (same file)\n") == []


def test_a_task_without_a_colon_is_read_and_no_lost_task() -> None:
    assert found("### Task 1.1: a\n### Task 1.2 b\n") == []
