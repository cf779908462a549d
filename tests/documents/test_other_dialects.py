"""spec-maestro, spec-kit, superpowers, neutral; and how a dialect is recognised."""

from __future__ import annotations

import json

import pytest

from documents.plan_texts import codes, ids, read, titles
from maestro.errors import InvalidDocument, Usage
from maestro.models.plan import Access, Status

SPEC_MAESTRO = """# Plan

## 4. API

### 4.1 Endpoints

## 5. Implementation Tasks

<!-- TASK:BEGIN id=T001 -->

### T001: Make the script

**Metadata:**

- **Label:** backend
- **Dependencies:** None

**Files to Modify:**

- `bin/run.sh` (new)

**Acceptance Criteria:**

- [ ] It runs

<!-- TASK:END -->

<!-- TASK:BEGIN id=T002 -->
### T002: Test the script [x] abaa869
- **Dependencies:** T001
<!-- TASK:END -->

## 6. Sizing
### T003: not a task
"""


def test_spec_maestro_tasks_stand_between_comments() -> None:
    plan = read(SPEC_MAESTRO)
    assert (plan.dialect, ids(plan), titles(plan)) == ("spec-maestro", ["T001", "T002"], ["Make the script", "Test the script"])
    first, second = plan.tasks
    assert [(file.path, file.access) for file in first.files] == [("bin/run.sh", Access.CREATE)]
    assert ("dependencies", "T001") in [(found.name, found.value) for found in second.fields]
    assert second.status is Status.DONE
    assert "TASK:" not in first.source
    assert codes(plan) == ["task-not-read"]


def test_spec_maestro_headings_that_are_read_are_not_called_lost() -> None:
    """The comment gives the id, so the heading may number its task as it likes."""
    text = "<!-- TASK:BEGIN id=T001 -->\n### Task 1: a\n<!-- TASK:END -->\n<!-- TASK:BEGIN id=T002 -->\n### Task 2: b\n<!-- TASK:END -->\n### Task 3: c\n"
    assert [(note.code, note.where) for note in read(text).notes] == [("task-not-read", "plan.md:7")]


def test_spec_maestro_ids_come_from_the_comment_and_may_not_repeat() -> None:
    assert ids(read("<!-- TASK:BEGIN id=T9 -->\n### Do it\n<!-- TASK:END -->\n")) == ["T9"]
    with pytest.raises(InvalidDocument) as caught:
        read("<!-- TASK:BEGIN id=T9 -->\n### a\n<!-- TASK:END -->\n<!-- TASK:BEGIN id=T9 -->\n### b\n<!-- TASK:END -->\n")
    assert caught.value.slug == "plan-duplicate-id"


@pytest.mark.parametrize("text", ["<!-- TASK:BEGIN id=T9 -->\nwords\n<!-- TASK:END -->\n", "<!-- TASK:BEGIN id=T9 -->\n"])
def test_a_spec_maestro_task_without_heading_is_not_lost(text: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read(text)
    assert (caught.value.slug, caught.value.where) == ("plan-task-without-title", "plan.md:1")


SPEC_KIT = """# Tasks: Photo albums

## Phase 1: Setup (Shared Infrastructure)

- [ ] T001 Create the structure
- [x] T002 [P] Configure linting in `pyproject.toml`

## Phase 3: User Story 1 - Albums (Priority: P1)

### Tests for User Story 1
- [ ] T012 [P] [US1] Contract test in tests/test_albums.py

### Implementation
- [ ] T013 [US1] Album model in src/models/album.py (depends on T012)

**Checkpoint**: Story 1 works

## Dependencies & Execution Order
- Setup before everything
"""


def test_spec_kit_tasks_carry_ids_and_flags() -> None:
    plan = read(SPEC_KIT)
    assert (plan.dialect, ids(plan)) == ("spec-kit", ["T001", "T002", "T012", "T013"])
    assert [phase.id for phase in plan.phases] == ["1", "3"]
    assert [task.parallel_hint for task in plan.tasks] == [False, True, True, False]
    assert plan.by_id["T012"].title == "Contract test in tests/test_albums.py"
    assert [(found.name, found.value) for found in plan.by_id["T013"].fields] == [("story", "US1")]
    assert "Setup before everything" in " ".join(line.text for line in plan.outside)


SUPERPOWERS = """# Feature

> **For agentic workers:** REQUIRED SUB-SKILL: superpowers:executing-plans

## Global Constraints
- Task 1 before Task 3.

## Chunk 1: Base

### Task 1: Watcher

**Files:**
- Create: `src/watch.ts`
- Modify: `src/main.ts:10-20`
- Test: `tests/watch.test.ts`

**Interfaces:**
- Produces: `watch(dir): Watcher`

- [ ] **Step 1: Write the failing test**

```ts
// ### Task 9: no task
```

### Task 10a — Use it
- Consumes: `watch()` from Task 1
"""


def test_superpowers_tasks_files_and_constraints() -> None:
    plan = read(SUPERPOWERS)
    assert (plan.dialect, ids(plan)) == ("superpowers", ["1", "10a"])
    assert plan.constraints == "- Task 1 before Task 3."
    assert [(file.path, file.access) for file in plan.tasks[0].files] == [
        ("src/watch.ts", Access.CREATE),
        ("src/main.ts:10-20", Access.MODIFY),
        ("tests/watch.test.ts", None),
    ]
    assert ("consumes", "`watch()` from Task 1") in [(found.name, found.value) for found in plan.tasks[1].fields]


def neutral(*tasks: dict[str, object]) -> str:
    return json.dumps({"tasks": list(tasks)}, indent=1)


def test_neutral_plans_are_json() -> None:
    plan = read(
        neutral(
            {
                "id": "a/b c",
                "title": "First",
                "description": "Write\n```\ncode\n```",
                "files": ["x.py", {"path": "y.py", "access": "create"}],
                "status": "done",
            },
            {"id": 7, "title": "Second", "phase": "Later"},
        )
    )
    assert (plan.dialect, ids(plan), [phase.id for phase in plan.phases]) == ("neutral", ["a/b c", "7"], ["1", "Later"])
    first, second = plan.tasks
    assert (first.status, first.marker, second.line) == (Status.DONE, None, 17)
    assert [(file.path, file.access) for file in first.files] == [("x.py", None), ("y.py", Access.CREATE)]
    assert [line.code for line in first.body] == [False, True, True, True]


def test_taskmaster_keeps_its_tasks_below_a_tag() -> None:
    text = json.dumps({"master": {"tasks": [{"id": 1, "title": "a", "details": "b", "status": "in-progress"}]}})
    assert [(task.id, task.status, task.body[0].text) for task in read(text).tasks] == [("1", Status.PROGRESS, "b")]


@pytest.mark.parametrize(
    ("text", "slug", "where"),
    [
        ('{"tasks": [\n}', "plan-invalid-json", "plan.md:2"),
        ('{"a": 1}', "plan-invalid-json", "plan.md:1"),
        ('{"tasks": []}', "plan-no-tasks", "plan.md:1"),
        ('{"tasks": [{"title": "x"}]}', "plan-invalid-json", "plan.md:1"),
        ('{"tasks": [{"id": "1"},\n{"id": "1"}]}', "plan-duplicate-id", "plan.md:2"),
        ("{" * 5000, "plan-invalid-json", "plan.md:1"),
        ('{"tasks":' + "[" * 100_000, "plan-invalid-json", "plan.md:1"),
    ],
)
def test_neutral_plans_fail_closed(text: str, slug: str, where: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read(text)
    assert (caught.value.slug, caught.value.where) == (slug, where)


def test_an_unknown_status_is_blocked_and_told() -> None:
    plan = read(neutral({"id": "1", "status": "someday"}))
    assert (plan.tasks[0].status, codes(plan)) == (Status.BLOCKED, ["status-unknown"])


def test_the_dialect_can_be_given() -> None:
    text = "## Phase 1: p\n### 1.1 Section\n- [ ] Task: a\n"
    assert read(text, "conductor").dialect == "conductor"
    with pytest.raises(Usage, match="no dialect"):
        read(text, "prose")


def test_the_same_work_in_two_places_is_read_once() -> None:
    """A list of tasks, and sections of the same names that only hold details."""
    plan = read("## Tasks\n- [ ] **Task A: x**\n- [ ] **Task B: y**\n- [ ] **Task C: z**\n## Contents\n### Task A: x\ntext\n### Task B: y\n")
    assert (plan.dialect, ids(plan)) == ("conductor", ["A", "B", "C"])
    assert codes(plan) == ["task-not-read", "task-not-read"]
