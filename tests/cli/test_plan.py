"""`plan.py`: what was read, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

from syrupy.assertion import SnapshotAssertion

from plans import CYCLE, NEUTRAL, SPEC_KIT
from support import call_door, write


def test_show_gives_the_plan_as_it_was_read(project: Path, snapshot: SnapshotAssertion) -> None:
    call_door("mark", "1.1", "done", "--sha", "abaa869", cwd=project)
    assert str(call_door("plan", "show", "auth", cwd=project)) == snapshot


def test_show_reads_every_dialect_without_a_registry(tmp_path: Path) -> None:
    write(tmp_path, {"tasks.md": SPEC_KIT, "tasks.json": NEUTRAL})
    for name, dialect in (("tasks.md", "spec-kit"), ("tasks.json", "neutral")):
        data = call_door("plan", "show", name, "--json", cwd=tmp_path).data
        assert (data["track"], data["dialect"], data["plan"]) == (None, dialect, name)


def test_lint_of_a_good_plan_finds_nothing(project: Path) -> None:
    ran = call_door("plan", "lint", "--json", cwd=project)
    assert (ran.code, ran.data["problems"]) == (0, [])


def test_lint_names_what_must_be_corrected_with_its_line(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    write(tmp_path, {"cycle.md": CYCLE, "empty.md": "# Nothing\n"})
    ran = call_door("plan", "lint", "cycle.md", cwd=tmp_path)
    assert ran.code == 1
    assert str(ran) == snapshot
    ran = call_door("plan", "lint", "empty.md", "--json", cwd=tmp_path)
    assert (ran.code, ran.json["ok"], ran.json["data"]["problems"][0]["code"]) == (1, False, "plan-no-tasks")


def test_tasks_without_a_scope_are_told(tmp_path: Path) -> None:
    write(tmp_path, {"plan.md": "## Phase 1: p\n- [ ] Task: Think\n## Phase 2: q\n- [ ] Task: Make `a.py`\n- [ ] Task: Sign off, after Task 2.1\n"})
    problems = call_door("plan", "lint", "plan.md", "--json", cwd=tmp_path).data["problems"]
    assert [(problem["code"], problem["where"]) for problem in problems] == [("task-without-scope", "plan.md:2")]
    assert "2 tasks (1.1, 2.2) name no file" in problems[0]["message"]


def test_a_task_that_is_done_needs_no_scope_any_more(tmp_path: Path) -> None:
    write(tmp_path, {"plan.md": "## Phase 1: p\n- [x] Task: Think abaa869\n## Phase 2: q\n- [ ] Task: Make `a.py`\n"})
    assert call_door("plan", "lint", "plan.md", "--json", cwd=tmp_path).data["problems"] == []


def test_warnings_stand_in_the_order_of_the_plan(tmp_path: Path) -> None:
    """Whoever finds them: the reader of the plan, the look at its markers, the search for scopes."""
    write(tmp_path, {"plan.md": "## Phase 1: p\n- [ ] Task: Think\n- [ ] Task: Talk\n- [ ] Task: Write\n## Phase 2: q\n- [x] Task: Make `a.py`\n"})
    problems = call_door("plan", "lint", "plan.md", "--json", cwd=tmp_path).data["problems"]
    assert [(one["code"], one["where"]) for one in problems] == [("scope-unknown", "plan.md:2"), ("done-without-sha", "plan.md:6")]


def test_warnings_fail_only_when_asked(tmp_path: Path) -> None:
    write(tmp_path, {"plan.md": "## Phase 1: One\n\n### Task 1.1: Think about it [x]\n- [ ] Create `a.py`\n"})
    assert call_door("plan", "lint", "plan.md", cwd=tmp_path).code == 0
    assert call_door("plan", "lint", "plan.md", "--strict", cwd=tmp_path).code == 1


MISTAKES = """\
## Phase 1: One
### Task 1.1: Read
Depends on Task 1.8.
### Task 1.2: Write
Depends on Task 2.1, Task 1.9.
## Phase 2: Two
### Task 2.1: Print
"""


def test_lint_names_all_that_is_wrong_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"plan.md": MISTAKES, "twice.md": "### Task 1: a\n### Task 1: b\n### Task 2: c\n### Task 2: d\n"})
    problems = call_door("plan", "lint", "plan.md", "--json", cwd=tmp_path).json["data"]["problems"]
    assert [(one["code"], one["where"]) for one in problems if one["severity"] == "error"] == [
        ("unknown-reference", "plan.md:3"),
        ("unknown-reference", "plan.md:5"),
        ("dependency-on-later-phase", "plan.md:5"),
    ]
    error = call_door("waves", "twice.md", "--json", cwd=tmp_path).json["error"]
    assert (error["where"], [one["where"] for one in error["also"]]) == ("twice.md:2", ["twice.md:4"])


def test_every_door_says_all_that_is_wrong(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    write(tmp_path, {"plan.md": MISTAKES})
    assert str(call_door("waves", "plan.md", cwd=tmp_path)) == snapshot
