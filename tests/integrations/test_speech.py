"""What the tools say is understood in every version's form, on either stream, whatever stands around it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.integrations.speech import understand

ISSUE = {"id": "m-1", "title": "T", "status": "open"}


@pytest.mark.parametrize(
    "document",
    [
        [ISSUE],
        ISSUE,
        {"issues": [ISSUE], "total": 1, "has_more": False},
        {"updated": [ISSUE]},
        {"created": ISSUE, "warnings": ["capacity"]},
        {"closed": [ISSUE], "unblocked": [{"id": "m-2", "title": "Next", "priority": 1}]},
        {"schema_version": 1, "data": [ISSUE]},
        {"schema_version": 1, "data": {"closed": [ISSUE]}},
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_every_envelope_yields_the_issues_it_is_about(document: object, indent: int | None) -> None:
    answer = understand((), 0, json.dumps(document, indent=indent), "")
    assert answer.records == [ISSUE]
    assert answer.error == ""


def test_two_documents_are_both_read() -> None:
    out = '{"closed": [{"id": "m-1"}]}\n{"error": {"code": "CLOSE_INCOMPLETE", "message": "one was skipped"}}\n'
    answer = understand((), 3, out, "")
    assert ([record["id"] for record in answer.records], answer.error) == (["m-1"], "one was skipped (CLOSE_INCOMPLETE)")


def test_an_error_is_found_on_either_stream_behind_log_lines() -> None:
    document = '{"error": {"code": "ISSUE_NOT_FOUND", "message": "Issue not found: m-9"}}'
    logs = "2026-01-18T04:27:21Z DEBUG beads: opened\n[DEBUG] {not json\n"
    assert understand((), 3, "", logs + document).error == understand((), 3, logs + document, "").error == "Issue not found: m-9 (ISSUE_NOT_FOUND)"


@pytest.mark.parametrize(
    ("error", "busy"),
    [
        ({"error": {"code": "DATABASE_LOCKED", "message": "Database is locked", "retryable": True}}, True),
        ({"error": {"code": "INVALID_STATUS", "message": "Invalid status", "retryable": True}}, False),
        ({"error": "database is locked", "schema_version": 1}, True),
        ({"error": "issue m-1 not found"}, False),
    ],
)
def test_only_a_locked_database_is_worth_another_try(error: object, busy: bool) -> None:
    assert understand((), 2, json.dumps(error), "").busy is busy


@given(st.dictionaries(st.text(), st.text(), min_size=1), st.data())
def test_an_answer_that_breaks_off_is_never_taken_for_a_whole_one(record: dict[str, str], data: st.DataObject) -> None:
    text = json.dumps([{**record, "id": "m-1"}], indent=2)
    end = data.draw(st.integers(1, len(text) - 1))
    answer = understand((), 0, text[:end], "")
    assert (answer.records, answer.truncated) == ([], True)


@given(st.text(), st.text())
def test_any_noise_is_survived(out: str, err: str) -> None:
    answer = understand((), 1, out, err)
    assert isinstance(answer.error, str) and answer.error
