"""`metadata.json`: typed reading, edits that touch only their keys."""

from __future__ import annotations

import json

import pytest

from maestro.documents.metadata import Skill, parse_metadata, update_metadata
from maestro.errors import InvalidDocument

TEXT = """{
  "track_id": "auth",
  "status": "new",
  "skills": [{"name": "tdd", "relevance": "high", "matched_on": ["test"]}, "review"],
  "beads_issue_map": {"P1T1": "bd-1"},
  "beads_epic_id": "bd-0",
  "unknown": {"a":   1.0}
}
"""


def test_known_keys_are_typed_and_unknown_ones_kept() -> None:
    metadata = parse_metadata(TEXT, "metadata.json")
    assert (metadata.track_id, metadata.status, metadata.type) == ("auth", "new", None)
    assert metadata.skills == (Skill("tdd", ("test",)), Skill("review"))
    assert (metadata.beads_epic_id, metadata.beads_issue_map) == ("bd-0", {"P1T1": "bd-1"})
    assert metadata.fields["unknown"] == {"a": 1.0}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n "a": 1,\n}', 3),
        ("[]", 1),
        ("", 1),
        ('{\n"track_id": 7}', 2),
        ('{"a": 1,\n\n"status": "doing"}', 3),
        ('{\n"skills": {}}', 2),
        ('{\n"skills": [{}]}', 2),
        ('{\n"beads_issue_map": [1]}', 2),
        ("[" * 100_000, 1),
    ],
)
def test_what_cannot_be_understood_names_its_line(text: str, line: int) -> None:
    with pytest.raises(InvalidDocument) as caught:
        parse_metadata(text, "metadata.json")
    assert (caught.value.slug, caught.value.where) == ("metadata-invalid", f"metadata.json:{line}")


def test_an_edit_touches_only_its_keys() -> None:
    after = update_metadata(TEXT, {"status": "in_progress"})
    assert after == TEXT.replace('"new"', '"in_progress"')
    assert update_metadata(after, {"status": "in_progress"}) == after


def test_new_keys_go_to_the_end_in_the_files_own_style() -> None:
    assert update_metadata('{\r\n\t"a": 1\r\n}\r\n', {"b": {"c": 2}}) == '{\r\n\t"a": 1,\r\n\t"b": {\r\n\t\t"c": 2\r\n\t}\r\n}\r\n'
    assert update_metadata('{"a": 1}', {"b": "ü"}) == '{"a": 1, "b": "ü"}'
    assert update_metadata("{}\n", {"b": 1}) == '{"b": 1}\n'


@pytest.mark.parametrize(
    "text", [TEXT, TEXT.replace("\n", "\r\n"), "\ufeff" + TEXT, '{"status":"new","status":"new"}', "{ }", '{"x\\"y": "}", "status": null}']
)
def test_an_edit_gives_the_same_document_but_for_its_keys(text: str) -> None:
    changes = {"status": "completed", "phases": [1, {"x": None}], "$1": "\\g<0>"}
    before = json.loads(text.removeprefix("\ufeff"))
    assert json.loads(update_metadata(text, changes).removeprefix("\ufeff")) == {**before, **changes}
