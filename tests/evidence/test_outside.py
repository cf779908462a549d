"""Order that a plan states outside its tasks: in constraints, in a section about dependencies, in tables."""

from __future__ import annotations

import pytest

from evidence.sketch import explicit_pairs, pairs, plan, task
from maestro.documents.plans import parse_plan
from maestro.evidence.detect import detect
from maestro.models.dependency import Kind

TASKS = (task("1"), task("2"), task("3"))


@pytest.mark.parametrize(
    "line",
    [
        "- Task 1 MUST be committed before Task 3 touches the guide.",
        "- Task 3 depends on Task 1 (both change the guide)",
        "Task 3: the guide, blocked by Task 1",
        "> T3: Write the guide [`spark`] — blocked by T1",
        "- Chain A (the guide): Task 1 → Task 3",
        "Task 1 (schema) -> Task 3",
        "T1 --> T3",
    ],
)
def test_both_sides_named(line: str) -> None:
    assert explicit_pairs(*TASKS, outside=[line]) == {("3", "1")}


def test_a_chain_orders_each_link() -> None:
    assert explicit_pairs(*TASKS, outside=["Task 1 → Task 2 → Task 3"]) == {("2", "1"), ("3", "2")}


@pytest.mark.parametrize(
    "line",
    [
        "Task 2 and Task 3 can run in parallel with Task 1.",
        "Phase 2 depends on Phase 1 for several reasons.",
        "This plan depends on the release of 1.",
        "Everything after Task 1 is optional.",
        "Upgrade 1 → 3 of the library.",
        "Task 9 depends on Task 1.",
        "Move the text: `Task 1 → Task 3`",
        "Task 1 defines the style that Tasks 2-3 follow.",
        "Task 1 finds what Task 3 deletes.",
    ],
)
def test_what_speaks_of_the_plan_orders_nothing(line: str) -> None:
    assert explicit_pairs(*TASKS, outside=[line]) == set()


def test_tables_with_a_column_of_dependencies() -> None:
    rows = ["| Task | File | Depends on |", "|---|---|---|", "| **TASK-1** | `a.py` | None |", "| 2 | `b.py` | Task 1 |", "| T3 | `c.py` | 1, 2 |"]
    assert explicit_pairs(*TASKS, outside=rows) == {("2", "1"), ("3", "1"), ("3", "2")}


def test_other_columns_and_rows_of_no_task_order_nothing() -> None:
    rows = ["| Task | Size | Files |", "|---|---|---|", "| 2 | 1 | 3 |", "| Sum | 3 | 1 |"]
    assert explicit_pairs(*TASKS, outside=rows) == set()
    assert explicit_pairs(*TASKS, outside=["| Task | Needs |", "|---|---|", "| All | Task 1 |"]) == set()


def test_the_evidence_is_the_line_of_the_plan() -> None:
    text = "## Phase 1: p\n- [ ] Task 1: a in `a.py`\n- [ ] Task 2: b in `b.py`\n\n## Order\n\n| Task | Needs |\n|---|---|\n| 2 | Task 1 |\n"
    (edge,) = detect(parse_plan(text, "plan.md")).dependencies
    assert (edge.kind, edge.evidence.line, edge.evidence.text) == (Kind.EXPLICIT, 9, "| 2 | Task 1 |")
    assert edge.evidence.why == "the column `Needs` names it"


def test_constraints_of_a_plan_are_lines_outside_of_its_tasks() -> None:
    text = "## Global Constraints\n- Task 1 must be committed before Task 2 starts.\n### Task 1: Make `a.py`\n### Task 2: Make `b.py`\n"
    (edge,) = detect(parse_plan(text, "plan.md", "superpowers")).dependencies
    assert (edge.task, edge.needs, edge.evidence.line) == ("2", "1", 2)


def test_a_text_that_looks_ahead_is_a_note() -> None:
    found = detect(plan(task("1.1", files=["a.py"]), task("2.1", phase="2", files=["b.py"]), outside=["Task 1.1 depends on Task 2.1."]))
    assert pairs(found) == set()
    assert [note.code for note in found.notes] == ["dependency-on-later-phase"]
