"""The journal is the truth about a run: what was told to anybody is in it, and what cannot be read is never guessed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from maestro.errors import InvalidDocument
from maestro.run.journal import Journal, Reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "common" / "maestro" / "auth" / "journal.jsonl"


def names(path: Path) -> list[tuple[int, str]]:
    return [(event.number, event.name) for event in Journal(path).events()]


def test_what_was_appended_is_read_again_in_order(path: Path) -> None:
    journal = Journal(path)
    assert not journal.exists() and list(journal.events()) == []
    journal.append("one", {"text": "zwei\nZeilen 日本 \u2028"})
    journal.append("two", {})
    assert journal.exists() and names(path) == [(1, "one"), (2, "two")]
    first, _ = Journal(path).events()
    assert first.data == {"text": "zwei\nZeilen 日本 \u2028"} and first.at.endswith("Z")
    assert path.read_bytes().count(b"\n") == 2, "one event, one line"


def test_a_file_name_that_is_no_text_survives(path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.txt")
    Journal(path).append("snapshot-taken", {"paths": [[name, "added"]]})
    (event,) = Journal(path).events()
    assert os.fsencode(event.data["paths"][0][0]) == b"caf\xe9.txt"
    path.read_bytes().decode("utf-8")


def test_numbering_goes_on_in_the_next_call(path: Path) -> None:
    Journal(path).append("one", {})
    journal = Journal(path)
    list(journal.events())
    assert journal.append("two", {}).number == 2


def test_a_torn_last_line_is_left_out_and_its_number_given_again(path: Path) -> None:
    Journal(path).append("one", {})
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"n":2,"at":"2025-02-19T12:00:00Z","event":"tor')
    assert names(path) == [(1, "one")]
    journal = Journal(path)
    list(journal.events())
    journal.append("two", {})
    assert names(path) == [(1, "one"), (2, "two")]
    assert path.read_bytes().startswith(whole), "what was on disk before stays byte for byte"


def test_reading_writes_nothing(path: Path) -> None:
    Journal(path).append("one", {})
    with open(path, "ab") as stream:
        stream.write(b'{"torn')
    before = path.read_bytes()
    list(Journal(path).events())
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage",
    [b"\0" * 40, b"not json", b"[]", b'"text"', b"{}", b'{"n": 2, "at": "now"}', b"\xff\xfe", b"", b"[" * 100_000],
    ids=["zeros", "words", "list", "string", "empty object", "no name", "not UTF-8", "empty line", "deep"],
)
def test_a_damaged_line_in_the_middle_fails_closed_and_names_its_place(path: Path, damage: bytes) -> None:
    journal = Journal(path)
    for name in ("one", "two", "three"):
        journal.append(name, {})
    first, _, third = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + damage + b"\n" + third)
    with pytest.raises(InvalidDocument) as caught:
        list(Journal(path).events())
    assert (caught.value.slug, caught.value.where, caught.value.exit_code) == ("journal-damaged", f"{path}:2", 3)


def test_each_line_is_complete_in_itself(path: Path) -> None:
    """Other tools read it line by line."""
    Journal(path).append("task-merged", {"task": "1.1", "sha": "abc"})
    entry = json.loads(path.read_text())
    assert {key: entry[key] for key in ("n", "event", "task", "sha")} == {"n": 1, "event": "task-merged", "task": "1.1", "sha": "abc"}


def seen(reader: Reader) -> tuple[bool, list[str]]:
    anew, events = reader.look()
    return anew, [event.name for event in events]


def test_who_watches_reads_each_event_once(path: Path) -> None:
    reader, journal = Reader(path), Journal(path)
    journal.append("one", {})
    assert seen(reader) == (True, ["one"])
    assert seen(reader) == (False, [])
    journal.append("two", {})
    journal.append("three", {})
    with open(path, "ab") as stream:
        stream.write(b'{"n":4,"at":"now","event":"tor')
    assert seen(reader) == (False, ["two", "three"]), "a torn line is none yet"
    journal.append("four", {})
    assert seen(reader) == (False, ["four"])
    assert [(event.number, event.name) for event in Journal(path).events()] == [(1, "one"), (2, "two"), (3, "three"), (4, "four")]


def test_who_watches_notices_another_journal_under_the_same_name(path: Path) -> None:
    """The run was archived and a new one begun, or somebody wrote into the file: also where it became longer meanwhile."""
    reader, journal = Reader(path), Journal(path)
    journal.append("one", {})
    journal.append("two", {})
    assert seen(reader) == (True, ["one", "two"])
    path.rename(path.with_suffix(".old"))
    another = Journal(path)
    for name in ("eins", "zwei", "drei"):
        another.append(name, {})
    assert seen(reader) == (True, ["eins", "zwei", "drei"])
    text = path.read_text()
    path.write_text(text.replace("drei", "drey") + text.splitlines(keepends=True)[0])
    assert seen(reader) == (True, ["eins", "zwei", "drey", "eins"])
    path.write_text(text.splitlines(keepends=True)[0])
    assert seen(reader) == (True, ["eins"]), "shorter than what was read"


def test_who_watches_is_told_of_damage_at_its_place_each_time(path: Path) -> None:
    reader, journal = Reader(path), Journal(path)
    journal.append("one", {})
    assert seen(reader) == (True, ["one"])
    with open(path, "ab") as stream:
        stream.write(b"damage\n")
    for _ in range(2):
        with pytest.raises(InvalidDocument) as caught:
            reader.look()
        assert caught.value.where == f"{path}:2"
    path.unlink()
    with pytest.raises(FileNotFoundError):
        reader.look()
