"""What holds for every plan that can be written."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from documents.plan_texts import read
from maestro.documents.edits import Change, checkpoint_phase, edited, mark_task, reopen_phase, tick_verification
from maestro.documents.lint import lint_plan
from maestro.documents.metadata import parse_metadata, update_metadata
from maestro.documents.notepad import priority_context
from maestro.documents.plans import parse_plan
from maestro.documents.registry import parse_registry
from maestro.documents.workflow import parse_workflow
from maestro.errors import InvalidDocument
from maestro.models.plan import Plan, Status

WORDS = st.sampled_from(
    ["Build `a.py`", r"$1 \g<0>", "**bold** t", "~~old~~", "../x", "😀", "بناء", "t (1.1)", "[link](u)", "#12", "a_b __init__.py", "t -->", "x [y]", "*"]
)
MARKS = st.sampled_from(["[ ]", "[x]", "[X]", "[~]", "[-]", "[!]", "[/]", "[]", "[\u00a0]", "[b]", "[ ] [ ]"])
TAILS = st.sampled_from(["", "  ", " abaa869", " `abaa869`", " [abaa869]", " (abaa869)", " <!-- abaa869 -->", " [pending commit]", " `c03719d` (bonus)", " ✅"])
BULLETS = st.sampled_from(["-", "*", "+", "1.", "-  "])
LABELS = st.sampled_from(["Task: ", "**Task:** ", ""])
DELIMITERS = st.sampled_from([": ", "：", " — ", " - ", ". ", " "])
BOX = st.builds("    - {} {}".format, MARKS, WORDS)
ITEM = st.one_of(
    st.builds("{} {} {}{}{}".format, BULLETS, MARKS, LABELS.filter(bool), WORDS, TAILS),
    st.builds("{} {} {}{}".format, BULLETS, MARKS.filter(lambda mark: mark != "[b]"), WORDS, TAILS),
)
"""A task without a label needs a marker that we know: `- [b] t` may be an option to choose."""
HEADING_MARKS = st.sampled_from(["", " [ ]", " [x] abaa869", " [~]", " `[x]`", " ##"])


VERIFICATIONS = st.sampled_from([[], ["### Phase {phase} Completion Verification", "- [ ] look", "- [x] listen"]])
CHECKPOINTS = st.sampled_from(["", "", " [checkpoint: abaa869]"])


@st.composite
def plan_texts(draw: st.DrawFn) -> str:
    """A plan of one or two phases in one of the two common dialects, with any line ending."""
    headings = draw(st.booleans())
    lines: list[str] = []
    for phase in (1, 2)[: draw(st.integers(1, 2))]:
        lines += [f"## Phase {phase}: {draw(WORDS)}{draw(CHECKPOINTS)}", ""]
        for task in range(1, draw(st.integers(2, 4))):
            if headings:
                lines.append(f"### Task {phase}.{task}{draw(DELIMITERS)}{draw(WORDS)}{draw(HEADING_MARKS)}")
            else:
                lines.append(draw(ITEM))
            boxes = draw(st.lists(BOX, max_size=2))
            lines += [box.strip() for box in boxes] if headings else boxes
        lines += [line.format(phase=phase) for line in draw(VERIFICATIONS)]
    return draw(st.sampled_from(["", "\ufeff"])) + draw(st.sampled_from(["\n", "\r\n", "\r"])).join(lines) + draw(st.sampled_from(["", "\n"]))


def summary(plan: Plan, without: str) -> list[tuple[str, Status, str]]:
    return [(task.id, task.status, task.title) for task in plan.tasks if task.id != without]


@settings(max_examples=150)
@given(plan_texts(), st.sampled_from(list(Status)), st.sampled_from([None, "1234567", "abcdefa"]), st.integers(0, 20))
def test_marking_a_task_of_any_plan_touches_nothing_else(text: str, status: Status, sha: str | None, pick: int) -> None:
    """The mark is read back, asking again changes nothing, and no other task and no line is touched."""
    plan = read(text)
    task = plan.tasks[pick % len(plan.tasks)]
    after = edited(plan, mark_task(plan, task.id, status, sha))
    again = read(after)
    marked = again.by_id[task.id]
    assert marked.status is status
    assert mark_task(again, task.id, status, sha) == []
    assert summary(again, task.id) == summary(plan, task.id)
    if status is Status.DONE and sha:
        assert marked.marker is not None and marked.marker.sha == sha
    assert (marked.title == task.title) or (status is Status.DONE and sha is None)
    own = {task.line, *(box.marker.line for box in task.boxes)}
    before_lines, after_lines = lines(text), lines(after)
    assert len(before_lines) == len(after_lines)
    assert {number for number, (a, b) in enumerate(zip(before_lines, after_lines, strict=True), 1) if a != b} <= own


STATES = st.lists(st.tuples(st.sampled_from(list(Status)), st.sampled_from([None, "1234567", "abcdefa"])), min_size=8, max_size=8)
ON_PHASES = st.lists(st.sampled_from([(reopen_phase, ()), (tick_verification, ()), (checkpoint_phase, ("1234567",))]), min_size=2, max_size=2)


@settings(max_examples=150)
@given(plan_texts(), STATES, ON_PHASES)
def test_many_edits_at_once_are_those_edits_one_after_the_other(text: str, states: list[Any], on_phases: list[Any]) -> None:
    """A plan is read once for all of its markers."""
    plan = read(text)
    edits: list[Callable[[Plan], list[Change]]] = [
        *(partial(mark_task, task_id=task.id, status=status, sha=sha) for task, (status, sha) in zip(plan.tasks, states, strict=False)),
        *(partial(_on_phase, edit, phase.id, given) for phase, (edit, given) in zip(plan.phases, on_phases, strict=False)),
    ]
    one_by_one = plan
    for edit in edits:
        one_by_one = read(edited(one_by_one, edit(one_by_one)))
    assert edited(plan, [change for edit in edits for change in edit(plan)]) == one_by_one.text


def _on_phase(edit: Callable[..., list[Change]], phase: str, given: tuple[str, ...], plan: Plan) -> list[Change]:
    return edit(plan, phase, *given)


def lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")


@settings(max_examples=150)
@given(plan_texts())
def test_spans_cover_what_they_name(text: str) -> None:
    for task in read(text).tasks:
        assert task.marker is not None and task.marker.sha_span is not None
        written = text[task.marker.span.start : task.marker.span.end]
        assert written == "" or (written[0], written[-1]) == ("[", "]")
        assert (task.marker.sha or "") in text[task.marker.sha_span.start : task.marker.sha_span.end]
        assert task.source in text
        assert all(text[box.marker.span.start] == "[" for box in task.boxes)


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=80), st.text(alphabet='-*#[]x~`<!>|:. \n\r\t1{}"TaskPhse', max_size=80)))
def test_no_text_does_worse_than_an_invalid_document(text: str) -> None:
    parse_registry(text, "tracks.md")
    try:
        plan = parse_plan(text, "plan.md")
    except InvalidDocument as error:
        assert error.where
        return
    assert plan.tasks and len(plan.by_id) == len(plan.tasks)
    lint_plan(plan)


KEYS = st.sampled_from(["tasks", "id", "title", "files", "phase", "status", "track_id", "type", "skills", "name", "phases", "created_at", "x"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
JSON = st.recursive(LEAVES, lambda value: st.lists(value, max_size=3) | st.dictionaries(KEYS, value, max_size=6), max_leaves=12)


@settings(max_examples=300)
@given(st.one_of(st.builds(json.dumps, JSON), st.text(max_size=60)))
def test_no_json_does_worse_than_an_invalid_document(text: str) -> None:
    for reader in (lambda: parse_plan(text, "plan.json", "neutral"), lambda: parse_metadata(text, "metadata.json"), lambda: update_metadata(text, {"x": 1})):
        with contextlib.suppress(InvalidDocument):
            reader()


@settings(max_examples=300)
@given(st.text(alphabet="#*-:[]`\n\r\t Test command Setup Coverage threshold 80 % TDD Priority Context", max_size=120) | st.text(max_size=60))
def test_prose_is_always_read(text: str) -> None:
    workflow = parse_workflow(text, "workflow.md")
    assert all(command is None or command.strip() for command in (workflow.test_command, workflow.setup_command, workflow.coverage_command))
    assert all(line.strip() for line in priority_context(text))
