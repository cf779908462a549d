"""A worker's words beside the facts: nothing that a worker writes is repeated as if it were known."""

from __future__ import annotations

from typing import Any

import pytest

from maestro.models.gate import Check, GateRun
from maestro.models.review import FileLine
from maestro.models.run import Attempt
from maestro.run.claims import claims, has_tests
from maestro.run.reviewing import Change

FILES = [FileLine(path, "modified", 1, 0, True) for path in ("src/app.py", "docs/guide.md")]
DIFF = Change("a", "b")


def attempt(outcome: str = "merged", **report: Any) -> Attempt:
    return Attempt(1, "b", "w", "w", "t", outcome=outcome, report=report, failure="test" if outcome == "failed" else "")


def said(made: Attempt, change: Change | None = DIFF, *, tested: bool = True) -> list[tuple[str, bool | None]]:
    return [(claim.said, claim.holds) for claim in claims(made, FILES, change, tested=tested)]


def test_done_holds_only_when_it_was_merged() -> None:
    assert said(attempt(status="done")) == [("it is done", True)]
    assert said(attempt("failed", status="done")) == [("it is done", False)]
    assert said(attempt("", status="done")) == [("it is done", None)]
    assert said(attempt("failed", status="blocked")) == [("it is blocked", True)]


def test_nothing_said_claims_nothing() -> None:
    assert said(attempt()) == [("nothing: it left no report", None)]
    assert said(attempt(trouble="no report")) == [("nothing: it left no report", None)]
    assert said(attempt(trouble="its report is no JSON object"))[0][0] == "nothing usable: its report is no JSON object"


def test_files_that_the_summary_names_must_be_in_the_diff() -> None:
    words = "Changed `src/app.py` and guide.md (see https://example.org/x.html, version 1.2.3); also lib/other.py."
    assert said(attempt(status="done", summary=words))[1:] == [("it names src/app.py, guide.md", True), ("it names lib/other.py", False)]


def test_discovered_files_count_as_claims_unless_they_were_only_read() -> None:
    found = [{"path": "src/new.py", "access": "create"}, {"path": "src/read.py", "access": "read"}, {"path": None}]
    assert said(attempt(status="done", discovered=found))[1:] == [("it names src/new.py", False)]


def test_no_change_is_held_against_the_diff() -> None:
    assert said(attempt("no-change", status="no-change")) == [("there was nothing to change", False)]
    assert said(attempt("no-change", status="no-change"), None) == [("there was nothing to change", None)]


@pytest.mark.parametrize(
    ("words", "gate", "checks", "holds"),
    [
        ("12 passed", True, [], True),
        ("12 passed", False, [True], False),
        ("3 failed, 9 passed", False, [], True),
        ("all green", None, [False], False),
        ("all green", None, [True], True),
        ("all green", None, [], None),
    ],
)
def test_words_about_tests_are_held_against_runs_on_record(words: str, gate: bool | None, checks: list[bool], holds: bool | None) -> None:
    made = attempt(status="done", tests=words)
    made.gate = None if gate is None else GateRun("c", "g", ok=gate)
    made.checks = [Check("t", ok) for ok in checks]
    assert said(made)[1:] == [(f"tests: {words}", holds)]


def test_a_diff_without_tests_is_noticed() -> None:
    assert not has_tests(FILES)
    assert has_tests([FileLine("src/app.test.ts", "added", 1, 0, False)])
