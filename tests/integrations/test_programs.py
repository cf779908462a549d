"""A program of the right name is run only when it is the right program."""

from __future__ import annotations

from pathlib import Path

import pytest

from maestro.integrations.backend import find_backend
from maestro.integrations.programs import Program, find_program
from maestro.models.notes import Note
from support import make_repository, write
from trackers import fake_tracker, program


def executable(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("content", [b"#!/usr/bin/env node\nrequire('npm')", b"#!/bin/sh\ntouch ran\n", b""])
def test_a_script_of_that_name_is_another_program(content: bytes, tmp_path: Path) -> None:
    """npm has packages called br, bd and bv, and its bv publishes what lies in the folder."""
    for kind in ("br", "bd", "bv"):
        executable(tmp_path / "bin" / kind, content)
        found = find_program(kind, {"PATH": str(tmp_path / "bin")})
        assert isinstance(found, Note) and found.code == "beads-program-foreign" and f"MAESTRO_{kind.upper()}=" in found.message
    assert not (tmp_path / "ran").exists()


def test_a_native_program_on_path_is_taken(tmp_path: Path) -> None:
    path = executable(tmp_path / "bin" / "br", b"\x7fELF\x02\x01")
    assert find_program("br", {"PATH": str(tmp_path / "bin")}) == Program("br", str(path))
    assert find_program("bd", {"PATH": str(tmp_path / "bin")}) is None


def test_what_a_variable_names_is_taken_at_its_word(tmp_path: Path) -> None:
    path = executable(tmp_path / "mine", b"#!/bin/sh\n")
    assert find_program("br", {"PATH": "", "MAESTRO_BR": str(path)}) == Program("br", str(path))
    found = find_program("br", {"PATH": "", "MAESTRO_BR": str(tmp_path / "gone")})
    assert isinstance(found, Note) and found.code == "beads-program-missing"


@pytest.mark.parametrize(
    ("files", "owner"),
    [
        ({"beads.db": "", "metadata.json": '{"database": "beads.db", "jsonl_export": "issues.jsonl"}'}, "br"),
        ({"embeddeddolt/x": ""}, "bd"),
        ({"metadata.json": '{"backend": "dolt", "database": "dolt"}'}, "bd"),
        ({"metadata.json": "nonsense"}, "br"),
        ({"issues.jsonl": ""}, "br"),
    ],
)
def test_the_folder_says_whose_it_is(files: dict[str, str], owner: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_repository(tmp_path / "project")
    write(root / ".beads", files)
    monkeypatch.setenv("MAESTRO_BR", program())
    monkeypatch.setenv("MAESTRO_BD", program())
    monkeypatch.setenv("FAKE_PROFILE", "0.5" if owner == "br" else "bd")
    assert find_backend(root).name == owner


def test_without_a_tool_the_export_answers_and_without_one_the_plan(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "project")
    assert (find_backend(root).name, [note.code for note in find_backend(root).degraded]) == ("plan", ["beads-none"])
    write(root / ".beads", {"config.yaml": ""})
    assert (find_backend(root).name, [note.code for note in find_backend(root).degraded]) == ("plan", ["beads-tool-missing"])
    write(root / ".beads", {"issues.jsonl": "", "interactions.jsonl": "{}"})
    found = find_backend(root)
    assert (found.name, found.jsonl and found.jsonl.name) == ("jsonl", "issues.jsonl")


def test_a_program_that_does_not_answer_as_a_tracker_does_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_repository(tmp_path / "project")
    write(root / ".beads", {"issues.jsonl": ""})
    monkeypatch.setenv("MAESTRO_BR", str(executable(tmp_path / "br", b"#!/bin/sh\necho br 1.0\n")))
    found = find_backend(root)
    assert (found.name, [note.code for note in found.degraded]) == ("jsonl", ["beads-program-silent", "beads-tool-missing"])


@pytest.mark.parametrize(("profile", "codes"), [("0.1.12", ["beads-version-old"]), ("0.1.13", []), ("0.5", []), ("bd", [])])
def test_old_releases_are_told(profile: str, codes: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = fake_tracker(make_repository(tmp_path / "project"), monkeypatch, profile)
    assert [note.code for note in find_backend(tracker.root).degraded] == codes


def test_another_folder_is_taken_where_the_user_or_the_tracker_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_repository(tmp_path / "project")
    write(root / ".beads", {"redirect": "shared/.beads\n"})
    write(root / "shared" / ".beads", {"issues.jsonl": ""})
    assert find_backend(root).folder == root / "shared" / ".beads"
    write(tmp_path / "other", {"beads.jsonl": ""})
    monkeypatch.setenv("BEADS_DIR", str(tmp_path / "other"))
    assert find_backend(root).jsonl == tmp_path / "other" / "beads.jsonl"
