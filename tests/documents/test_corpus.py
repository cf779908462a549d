"""Plans by many hands: none crashes a reader, none loses a task silently. Runs where the collection is: beside the repository, or where MAESTRO_CORPUS says."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import pytest

from documents.oracle import of_mistune, of_scan
from maestro.documents.edits import edited, mark_task
from maestro.documents.lint import lint_plan
from maestro.documents.markdown import LineKind, scan
from maestro.documents.plans import parse_plan
from maestro.documents.registry import parse_registry, set_track_status
from maestro.errors import InvalidDocument
from maestro.models.plan import Plan, Status

NAMED = os.environ.get("MAESTRO_CORPUS")
CORPUS = Path(NAMED).parent if NAMED else Path(__file__).resolve().parents[2] / "../shared/corpus"
"""The variable names the folder of task lists, which lies beside those of plans and registries."""

PLANS = sorted(CORPUS.glob("plans/*/plan.md"))
REGISTRIES = sorted(CORPUS.glob("markers/*.md"))

pytestmark = pytest.mark.skipif(not PLANS, reason="the collection of real plans is not here")


def text_of(path: Path) -> str:
    return path.read_bytes().decode("utf-8")


@cache
def plans() -> dict[Path, Plan | InvalidDocument]:
    found: dict[Path, Plan | InvalidDocument] = {}
    for path in PLANS:
        try:
            found[path] = parse_plan(text_of(path), "plan.md")
        except InvalidDocument as error:
            found[path] = error
    return found


def read_plans() -> dict[Path, Plan]:
    return {path: plan for path, plan in plans().items() if isinstance(plan, Plan)}


def test_real_plans_give_as_many_tasks_and_errors_as_before() -> None:
    errors = [error.slug for error in plans().values() if isinstance(error, InvalidDocument)]
    read = read_plans().values()
    assert (len(PLANS), errors) == (130, ["plan-no-tasks"] * 11)
    assert (sum(len(plan.tasks) for plan in read), sum(len(plan.phases) for plan in read)) == (1942, 512)


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.parent.name)
def test_every_box_is_a_task_a_sub_task_a_verification_or_named(path: Path) -> None:
    plan = plans()[path]
    if isinstance(plan, InvalidDocument):
        assert plan.where
        return
    taken = {task.line for task in plan.tasks}
    taken |= {box.marker.line for task in plan.tasks for box in task.boxes}
    taken |= {box.marker.line for phase in plan.phases if phase.verification for box in phase.verification.boxes}
    for note in lint_plan(plan):
        first = int((note.where or ":0").rpartition(":")[2])
        last = re.search(r"\(to line (\d+)\)", note.message)
        taken |= set(range(first, int(last[1]) + 1)) if last else {first}
    document = scan(plan.text)
    for line in document.lines:
        if (
            line.opens
            and line.kind is LineKind.TEXT
            and line.item is not None
            and line.item.depth == 0
            and re.match(r"[*_`]{0,2}\[[ xX~]\] ", document.content(line))
        ):
            assert line.number in taken, f"line {line.number} is lost"


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.parent.name)
def test_an_independent_reader_sees_the_same_headings_items_and_code(path: Path) -> None:
    text = text_of(path).removeprefix("\ufeff")
    assert of_mistune(text) == of_scan(text)


@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.parent.name)
def test_marking_a_task_changes_its_lines_alone(path: Path) -> None:
    plan = plans()[path]
    if isinstance(plan, InvalidDocument):
        return
    for task in plan.tasks[:: max(1, len(plan.tasks) // 5)]:
        after = edited(plan, mark_task(plan, task.id, Status.BLOCKED))
        again = parse_plan(after, "plan.md")
        assert again.by_id[task.id].status is Status.BLOCKED
        assert [other.id for other in again.tasks] == [other.id for other in plan.tasks]
        before_lines, after_lines = plan.text.split("\n"), after.split("\n")
        assert len(before_lines) == len(after_lines)
        assert sum(a != b for a, b in zip(before_lines, after_lines, strict=True)) <= 1


@pytest.mark.parametrize("path", REGISTRIES, ids=lambda path: path.name)
def test_every_real_registry_can_be_marked(path: Path) -> None:
    registry = parse_registry(text_of(path), "tracks.md")
    for entry in registry.entries:
        if entry.marker_span is not None and entry.id:
            after = set_track_status(registry, entry.id, Status.PROGRESS)
            assert parse_registry(after, "tracks.md").get(entry.id).status is Status.PROGRESS


def test_the_count_of_registries() -> None:
    registries = [parse_registry(text_of(path), "tracks.md") for path in REGISTRIES]
    assert (len(registries), sum(len(registry.entries) for registry in registries)) == (36, 232)
