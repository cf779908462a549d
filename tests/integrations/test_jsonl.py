"""The exported file is read as the tools mean it, and half a file is no file."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.errors import InvalidDocument
from maestro.integrations import jsonl
from maestro.integrations.issues import read_epic
from maestro.integrations.jsonl import parse_issues


def lines(*records: dict[str, Any], end: str = "\n") -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + end for record in records).encode()


def edge(blocker: str, kind: str = "blocks", key: str = "type") -> dict[str, str]:
    return {"depends_on_id": blocker, key: kind}


EPIC = {"id": "m-1", "title": "Epic", "issue_type": "epic", "status": "open"}


def child(number: int, *edges: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"id": f"m-1.{number}", "title": f"Task {number}", "status": "open", "dependencies": [edge("m-1", "parent-child"), *edges], **more}


@pytest.mark.parametrize("kind", ["blocks", "conditional-blocks", "conditional_blocks", "waits-for", ""])
def test_types_that_block(kind: str) -> None:
    found = parse_issues(lines({"id": "m-2", "title": "", "dependencies": [edge("m-1", kind)]}), "x")
    assert found.by_id["m-2"].blockers == ("m-1",)


@pytest.mark.parametrize("kind", ["related", "relates-to", "discovered-from", "duplicates"])
def test_types_that_do_not_block(kind: str) -> None:
    found = parse_issues(lines({"id": "m-2", "title": "", "dependencies": [edge("m-1", kind)]}), "x")
    assert found.by_id["m-2"].blockers == ()


@pytest.mark.parametrize("kind", [7, ["blocks"], {"is": "blocks"}, True])
def test_a_type_that_is_no_word_does_not_block_and_stops_nothing(kind: Any) -> None:
    found = parse_issues(lines({"id": "m-2", "title": "", "dependencies": [{"depends_on_id": "m-1", "type": kind}]}), "x")
    assert (found.by_id["m-2"].blockers, found.by_id["m-2"].parent) == ((), None)


ODD = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2) | st.just({"of": 1})
FIELDS = ("title", "status", "issue_type", "assignee", "close_reason", "updated_at", "parent", "labels", "dependencies")


@given(st.dictionaries(st.sampled_from(FIELDS), ODD))
def test_fields_of_another_shape_stop_nothing(fields: dict[str, Any]) -> None:
    """A newer tool may write what no document tells of."""
    assert set(parse_issues(lines({**fields, "id": "m-1"}), "x").by_id) == {"m-1"}


@pytest.mark.parametrize(("kind", "key"), [("parent-child", "type"), ("parent_child", "type"), ("parent-child", "dep_type")])
def test_the_parent_is_an_edge_of_the_child(kind: str, key: str) -> None:
    found = parse_issues(lines({"id": "m-2", "title": "", "dependencies": [edge("m-1", kind, key)]}), "x")
    assert (found.by_id["m-2"].parent, found.by_id["m-2"].blockers) == ("m-1", ())


def test_records_of_other_things_are_no_issues() -> None:
    assert set(parse_issues(lines({"_type": "memory", "id": "x"}, {"_type": "issue", "id": "m-1", "title": ""}), "x").by_id) == {"m-1"}


def test_windows_line_ends_a_byte_order_mark_and_blank_lines_change_nothing() -> None:
    plain = parse_issues(lines(EPIC, child(1)), "x")
    odd = parse_issues(b"\xef\xbb\xbf" + lines(EPIC, child(1), end="\r\n\r\n"), "x")
    assert [(issue.id, issue.title, issue.parent) for issue in odd.by_id.values()] == [(issue.id, issue.title, issue.parent) for issue in plain.by_id.values()]


@pytest.mark.parametrize("marker", ["<<<<<<< HEAD", "=======", ">>>>>>> theirs", "||||||| base"])
def test_an_unresolved_merge_is_named_with_its_line(marker: str) -> None:
    with pytest.raises(InvalidDocument, match="unresolved merge") as raised:
        parse_issues(lines(EPIC) + marker.encode() + b"\n" + lines(child(1)), ".beads/issues.jsonl")
    assert (raised.value.slug, raised.value.where) == ("beads-conflict-markers", ".beads/issues.jsonl:2")


@pytest.mark.parametrize("at_once", [1, 200, 10_000])
def test_how_many_lines_are_parsed_in_one_go_changes_nothing(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jsonl, "_AT_ONCE", at_once)
    data = lines(EPIC, *(child(number, edge(f"m-1.{number - 1}")) for number in range(1, 9)), end="\n\n")
    found = parse_issues(data, "x")
    assert [(issue.id, issue.line, issue.blockers) for issue in found.by_id.values()][1:] == [
        (f"m-1.{number}", 2 * number + 1, (f"m-1.{number - 1}",)) for number in range(1, 9)
    ]
    for broken, slug in ((b"{\n", "beads-invalid"), (b"{\n<<<<<<< ours\n", "beads-conflict-markers")):
        with pytest.raises(InvalidDocument) as raised:
            parse_issues(data + broken, "x")
        assert (raised.value.slug, raised.value.where) == (slug, f"x:{18 + broken.count(bytes([10]))}"), "the merge is the reason, wherever it shows"


@pytest.mark.parametrize(
    "broken", [b'{"id": "m-1.1", "tit', b"nonsense", b"[1]", b'"text"', b'{"title": "no id"}', b'{"id": 7}', b'{"id":"a"},{"id":"b"}', b"[" * 9999]
)
def test_a_line_that_cannot_be_read_is_an_error_and_nothing_is_dropped_silently(broken: bytes) -> None:
    with pytest.raises(InvalidDocument) as raised:
        parse_issues(lines(EPIC) + broken, ".beads/issues.jsonl")
    assert (raised.value.slug, raised.value.where) == ("beads-invalid", ".beads/issues.jsonl:2")


def test_of_a_repeated_id_the_newest_counts_and_it_is_told() -> None:
    old, new = "2026-01-18T04:27:21Z", "2026-01-18T04:27:21.858085640Z"
    found = parse_issues(lines(child(1, updated_at=new, status="closed"), child(1, updated_at=old)), "x")
    assert found.by_id["m-1.1"].status == "closed"
    assert [(note.code, note.where) for note in found.notes] == [("beads-duplicate-id", "x:1")]


def test_an_unknown_status_is_not_over_and_is_told() -> None:
    found = parse_issues(lines(child(1, status="in_review")), "x")
    assert not found.by_id["m-1.1"].over
    assert "in_review" in found.notes[0].message


def test_nothing_is_an_empty_tracker() -> None:
    assert parse_issues(b"", "x").by_id == {} == parse_issues(b"\n\n", "x").by_id


# --- epics


def needs(*records: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    epic = read_epic(parse_issues(lines(EPIC, *records), "x"), "m-1")
    return {task.issue.id: task.needs for task in epic.tasks}


def test_tasks_wait_for_what_blocks_them_and_for_what_blocks_their_phase() -> None:
    phase = child(2, edge("m-1.1"), issue_type="epic")
    inner = {"id": "m-1.2.1", "title": "", "dependencies": [edge("m-1.2", "parent-child")]}
    assert needs(child(1), phase, inner) == {"m-1.1": (), "m-1.2.1": ("m-1.1",)}


def test_waiting_for_a_phase_is_waiting_for_each_of_its_tasks() -> None:
    inner = [{"id": f"m-1.1.{number}", "title": "", "dependencies": [edge("m-1.1", "parent-child")]} for number in (1, 2)]
    assert needs(child(1, issue_type="epic"), *inner, child(2, edge("m-1.1")))["m-1.2"] == ("m-1.1.1", "m-1.1.2")


def test_a_dotted_id_is_a_child_even_without_an_edge() -> None:
    assert list(needs({"id": "m-1.1", "title": ""})) == ["m-1.1"]


def test_a_child_that_waits_for_its_own_epic_would_wait_for_ever() -> None:
    epic = read_epic(parse_issues(lines(EPIC, child(1, edge("m-1"))), "x"), "m-1")
    assert (epic.tasks[0].needs, epic.tasks[0].ready) == ((), True)
    assert [(note.code, note.where) for note in epic.notes] == [("beads-waits-for-parent", "x:2")]


def test_a_blocker_that_does_not_exist_is_a_defect_and_blocks() -> None:
    epic = read_epic(parse_issues(lines(EPIC, child(1, edge("m-9"))), "x"), "m-1")
    assert (epic.tasks[0].missing, epic.tasks[0].ready) == (("m-9",), False)
    assert epic.notes[0].code == "beads-blocker-missing"


@pytest.mark.parametrize(
    ("more", "ready"),
    [
        ({}, True),
        ({"status": "in_progress"}, False),
        ({"status": "deferred"}, False),
        ({"status": "closed"}, False),
        ({"status": "in_review"}, False),
    ],
)
def test_only_open_issues_are_ready(more: dict[str, Any], ready: bool) -> None:
    assert read_epic(parse_issues(lines(EPIC, child(1, **more)), "x"), "m-1").tasks[0].ready is ready


@pytest.mark.parametrize(("status", "ready"), [("open", True), ("in_progress", True), ("deferred", False), ("blocked", False)])
def test_what_lies_in_a_resting_epic_rests(status: str, ready: bool) -> None:
    assert read_epic(parse_issues(lines({**EPIC, "status": status}, child(1)), "x"), "m-1").tasks[0].ready is ready


@pytest.mark.parametrize(("status", "outside"), [("open", ("m-7",)), ("closed", ()), ("tombstone", ())])
def test_open_issues_elsewhere_block_too(status: str, outside: tuple[str, ...]) -> None:
    found = parse_issues(lines(EPIC, child(1, edge("m-7")), {"id": "m-7", "title": "", "status": status}), "x")
    assert read_epic(found, "m-1").tasks[0].outside == outside


def test_tasks_come_in_the_order_of_their_numbers() -> None:
    assert list(needs(*(child(number) for number in (10, 9, 1)))) == ["m-1.1", "m-1.9", "m-1.10"]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8), st.sampled_from(["blocks", "parent-child", "related"])), max_size=30))
def test_any_tangle_of_edges_is_read_to_an_end(edges: list[tuple[int, int, str]]) -> None:
    records = [
        {"id": f"m-{number}", "title": "", "dependencies": [edge(f"m-{to}", kind) for begin, to, kind in edges if begin == number]} for number in range(9)
    ]
    for number in range(9):
        epic = read_epic(parse_issues(lines(*records), "x"), f"m-{number}")
        names = [task.issue.id for task in epic.tasks]
        assert len(names) == len(set(names))
        assert all(need in names for task in epic.tasks for need in task.needs)
