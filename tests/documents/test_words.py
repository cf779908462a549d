"""Markers, commits, labels and titles as people write them."""

from __future__ import annotations

import pytest

from maestro.documents.names import BARE_NUMBERS, PHASE_WORDS, TASK_WORDS, is_checklist, is_verification, phase_number, read_name, task_number
from maestro.documents.words import clean, read_mark, read_tail, without_comments
from maestro.models.plan import Status


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("[ ]", Status.NEW),
        ("[]", Status.NEW),
        ("[\t]", Status.NEW),
        ("[x]", Status.DONE),
        ("[X]", Status.DONE),
        ("[~]", Status.PROGRESS),
        ("[/]", Status.PROGRESS),
        ("[-]", Status.SKIPPED),
        ("[!]", Status.BLOCKED),
        ("**[x]", Status.DONE),
        ("`[x]`", Status.DONE),
        ("[b]", None),
        ("[>]", None),
    ],
)
def test_each_marker_that_people_write_has_its_status(written: str, status: Status | None) -> None:
    mark = read_mark(written + " t", 0, len(written) + 2)
    assert mark is not None and mark.status is status


@pytest.mark.parametrize("text", ["[x](link)", "[P] t", "[R] Revise", "[1] note", "[track_id]", "[ab]", "x [ ]", "[x]: url", ""])
def test_brackets_that_are_no_markers(text: str) -> None:
    assert read_mark(text, 0, len(text)) is None


@pytest.mark.parametrize(
    ("text", "title", "sha"),
    [
        ("t abaa869", "t", "abaa869"),
        ("t `abaa869`", "t", "abaa869"),
        ("t [abaa869]", "t", "abaa869"),
        ("t (abaa869)", "t", "abaa869"),
        ("t 0123456789abcdef0123456789abcdef01234567", "t", "0123456789abcdef0123456789abcdef01234567"),
        ("t f98aff5, d184603", "t", "f98aff5, d184603"),
        ("t <!-- abaa869 -->", "t", "abaa869"),
        ("t <!-- commit: abaa869 -->", "t", "abaa869"),
        ("t abaa869 <!-- id: 4 -->", "t", "abaa869"),
        ("t 1234567", "t", "1234567"),
        ("t [pending commit]", "t", None),
        ("t (bonus)", "t (bonus)", None),
        ("t abc", "t abc", None),
    ],
)
def test_recorded_commits_of_what_is_done(text: str, title: str, sha: str | None) -> None:
    tail = read_tail(text, 0, len(text), done=True, heading=False)
    assert (text[: tail.end], tail.sha) == (title, sha)


def test_a_remark_may_follow_the_commit() -> None:
    text = "t `c03719d` (bonus)"
    assert read_tail(text, 0, len(text), done=True, heading=False).sha == "c03719d"


def test_what_looks_like_a_commit_belongs_to_the_title_of_an_open_task() -> None:
    text = "revert abaa869"
    tail = read_tail(text, 0, len(text), done=False, heading=False)
    assert (text[: tail.end], tail.sha) == (text, None)


@pytest.mark.parametrize("text", ["t [x] abaa869", "t abaa869 [x]", "t `[x]` abaa869"])
def test_the_marker_at_the_end_of_a_heading(text: str) -> None:
    tail = read_tail(text, 0, len(text), done=False, heading=True)
    assert tail.mark is not None and tail.mark.status is Status.DONE
    assert (text[: tail.end], tail.sha) == ("t", "abaa869")


@pytest.mark.parametrize(
    ("text", "number", "title"),
    [
        ("Task: t", None, "t"),
        ("Task 3: t", "3", "t"),
        ("Task 1.2: t", "1.2", "t"),
        ("TASK-1.1: t", "1.1", "t"),
        ("Task #3 - t", "3", "t"),
        ("Task 10a — t", "10a", "t"),
        ("Task 1.2.3. t", "1.2.3", "t"),
        ("Task T012 – t", "T012", "t"),
        ("Task A: t", "A", "t"),
        ("Task 2.fix1: t", "2.fix1", "t"),
        ("Task 3 t", "3", "t"),
        ("**Task:** t", None, "t"),
        ("Sub-task: t", None, "t"),
        ("任务1：t", "1", "t"),
        ("Tarefa 2: t", "2", "t"),
        ("Task 3: `a.py` t", "3", "`a.py` t"),
        ("Task 3: __init__ t", "3", "__init__ t"),
        ("Task 3 .env t", "3", ".env t"),
    ],
)
def test_task_labels(text: str, number: str | None, title: str) -> None:
    name = read_name(text, 0, len(text), TASK_WORDS)
    assert name is not None and (task_number(name.number), text[name.start :]) == (number, title)


@pytest.mark.parametrize("text", ["Tasks", "Tasks: t", "Task creation script", "Taskfile", "multitask"])
def test_words_that_only_begin_like_a_task(text: str) -> None:
    assert read_name(text, 0, len(text), TASK_WORDS) is None


@pytest.mark.parametrize(
    ("text", "number"), [("1.1 t", "1.1"), ("3. t", "3"), ("T001 t", "T001"), ("**1.1.1** t", "1.1.1"), ("1.1.1: t", "1.1.1"), ("T1: t", "T1")]
)
def test_bare_numbers(text: str, number: str) -> None:
    name = read_name(text, 0, len(text), BARE_NUMBERS)
    assert name is not None and (name.number, text[name.start :]) == (number, "t")


def test_an_amount_is_no_number() -> None:
    assert read_name("3 things", 0, 8, BARE_NUMBERS) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Phase 2: t", "2"),
        ("PHASE 0 t", "0"),
        ("Phase: t", None),
        ("Phase A — t", "A"),
        ("Phase 2b: t", "2b"),
        ("Phase 3.1: t", "3.1"),
        ("Phase IV. t", "IV"),
        ("1. Phase: t", "1"),
        ("Fase 1 - t", "1"),
        ("第一階段：t", "1"),
        ("第12阶段：t", "12"),
        ("第十二阶段：t", "12"),
    ],
)
def test_phase_labels(text: str, number: str | None) -> None:
    name = read_name(text, 0, len(text), PHASE_WORDS)
    assert name is not None and (phase_number(name.number), text[name.start :]) == (number, "t")


@pytest.mark.parametrize("text", ["Phases", "Phase overview", "Phaseolus 1"])
def test_words_that_only_begin_like_a_phase(text: str) -> None:
    assert read_name(text, 0, len(text), PHASE_WORDS) is None


@pytest.mark.parametrize(
    "text",
    [
        "Phase 1 Completion Verification",
        "Phase 2 Verification",
        "Task: Conductor - User Manual Verification 'Phase 1' (Protocol in workflow.md)",
        "Conductor - Automated Verification 'Phase 3'",
    ],
)
def test_verification_blocks(text: str) -> None:
    assert is_verification(text)


@pytest.mark.parametrize("text", ["Phase 3: Verification", "Task: Verification of input", "Add verification"])
def test_work_about_verification_is_work(text: str) -> None:
    assert not is_verification(text)


@pytest.mark.parametrize("text", ["Acceptance Criteria", "**Success criteria:**", "Verification Plan", "Definition of Done", "1.4 Notes"])
def test_checklists(text: str) -> None:
    assert is_checklist(text)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("**a** b", "a b"),
        ("~~a~~", "a"),
        ("`**a**` b", "`**a**` b"),
        ("a_b __init__.py", "a_b __init__.py"),
        ("*a*", "a"),
        ("a * b", "a * b"),
        (r"$1 \g<0>", r"$1 \g<0>"),
        ("a <!-- id: 1 -->", "a"),
    ],
)
def test_titles_lose_their_emphasis_and_nothing_else(text: str, title: str) -> None:
    assert clean(text) == title


def test_comments_in_code_spans_are_no_comments() -> None:
    assert without_comments("a <!-- b --> `<!-- c -->` d") == "a  `<!-- c -->` d"
