"""`tracks.py`: the registry, and how plans become tracks."""

from __future__ import annotations

import json
import os
import shlex
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from plans import CYCLE, LOGIN, NEUTRAL, SPEC_KIT, registry
from support import SCRIPTS, call_door, contents, run_door, unchanged, write


def test_list_and_status_show_markers_and_progress(project: Path, snapshot: SnapshotAssertion) -> None:
    write(project, {".maestro/tracks.md": registry((" ", "auth", "User login"), ("x", "db", "Database"), ("~", "ui", "New layout"))})
    assert str(call_door("tracks", cwd=project)) == snapshot(name="list")
    assert str(call_door("tracks", "status", cwd=project)) == snapshot(name="status")


def test_status_counts_the_markers_of_the_plan(project: Path) -> None:
    call_door("mark", "1.1", "done", "--sha", "abaa869", cwd=project)
    call_door("mark", "1.2", "progress", cwd=project)
    (track,) = call_door("tracks", "status", "--json", cwd=project).data["tracks"]
    assert track["progress"] == {"tasks": 7, "done": 1, "progress": 1, "skipped": 0, "blocked": 0}
    assert track["next"] == "1.2"


def test_a_plan_that_cannot_be_read_does_not_hide_the_other_tracks(project: Path) -> None:
    write(project, {".maestro/tracks.md": registry((" ", "auth", "User login"), (" ", "bad", "Bad")), ".maestro/tracks/bad/plan.md": "nothing\n"})
    ran = call_door("tracks", "status", "--json", cwd=project)
    assert [track["id"] for track in ran.data["tracks"]] == ["auth", "bad"]
    assert [warning["code"] for warning in ran.json["warnings"]] == ["plan-no-tasks"]


def test_select_names_the_track_or_asks(project: Path, snapshot: SnapshotAssertion) -> None:
    assert call_door("tracks", "select", "--json", cwd=project).data["track"]["id"] == "auth"
    assert call_door("tracks", "select", "LOGIN", "--json", cwd=project).data["track"]["plan"] == ".maestro/tracks/auth/plan.md"
    write(project, {".maestro/tracks.md": registry((" ", "auth", "User login"), (" ", "auth2", "Login by passkey"))})
    ran = call_door("tracks", "select", cwd=project)
    assert ran.code == 8
    assert str(ran) == snapshot
    assert [option["id"] for option in call_door("tracks", "select", "--json", cwd=project).error["question"]["options"]] == ["auth", "auth2"]


def test_new_copies_the_plan_and_registers_the_track(repository: Path, snapshot: SnapshotAssertion) -> None:
    write(repository, {"draft.md": LOGIN})
    ran = call_door("tracks", "new", "--id", "auth", "--description", "User login", "draft.md", cwd=repository)
    assert str(ran.normal(SCRIPTS)) == snapshot(name="text")
    assert (repository / ".maestro/tracks/auth/plan.md").read_text() == LOGIN
    assert (repository / ".maestro/tracks.md").read_text() == "# Tracks\n\n- [ ] **Track: User login**\n*Type: feature | ID: [auth](./tracks/auth/)*\n"
    metadata = json.loads((repository / ".maestro/tracks/auth/metadata.json").read_text())
    assert metadata["created_at"] == metadata["updated_at"] and metadata["created_at"].endswith("Z")
    assert {key: value for key, value in metadata.items() if not key.endswith("_at")} == {
        "track_id": "auth",
        "type": "feature",
        "status": "new",
        "description": "User login",
        "phases": 2,
        "tasks": 7,
        "skills": [],
    }
    assert call_door("tracks", "--json", cwd=repository).data["tracks"][0]["id"] == "auth"


def test_new_again_is_already_done(repository: Path) -> None:
    write(repository, {"draft.md": LOGIN})
    arguments = ("new", "--id", "auth", "--description", "User login", "draft.md")
    assert call_door("tracks", *arguments, "--json", cwd=repository).data["changed"]
    with unchanged(repository):
        ran = call_door("tracks", *arguments, cwd=repository)
    assert (ran.code, ran.out.startswith("Track auth is already made")) == (0, True)


def test_new_completes_what_a_crash_left_half_done(repository: Path) -> None:
    write(repository, {"draft.md": LOGIN})
    arguments = ("new", "--id", "auth", "--description", "User login", "draft.md", "--json")
    call_door("tracks", *arguments, cwd=repository)
    (repository / ".maestro/tracks.md").unlink()
    assert call_door("tracks", *arguments, cwd=repository).data["written"] == [".maestro/tracks.md"]
    (repository / ".maestro/tracks/auth/metadata.json").unlink()
    assert call_door("tracks", *arguments, cwd=repository).data["written"] == [".maestro/tracks/auth/metadata.json"]


def test_dry_run_says_the_same_and_writes_nothing(repository: Path) -> None:
    write(repository, {"draft.md": LOGIN})
    arguments = ("new", "--id", "auth", "--description", "User login", "draft.md", "--json")
    with unchanged(repository):
        dry = call_door("tracks", *arguments, "--dry-run", cwd=repository).data
    assert dry.pop("dry_run") is True
    wet = call_door("tracks", *arguments, cwd=repository).data
    assert wet.pop("dry_run") is False
    assert dry == wet


@pytest.mark.parametrize(
    ("arguments", "slug", "code"),
    [
        (("--id", "auth", "--description", "Something else", "draft.md"), "track-exists", 5),
        (("--id", "auth", "--description", "User login", "other.md"), "track-exists", 5),
        (("--id", "AUTH", "--description", "Something else", "draft.md"), "track-exists", 5),
        (("--id", "../up", "--description", "User login", "draft.md"), "track-id-invalid", 2),
        (("--id", "a..b", "--description", "User login", "draft.md"), "track-id-invalid", 2),
        (("--id", "", "--description", "User login", "draft.md"), "track-id-invalid", 2),
        (("--id", "new", "--description", "  ", "draft.md"), "description-invalid", 2),
        (("--id", "new", "--description", "\x1b[31mred", "draft.md"), "description-invalid", 2),
        (("--id", "new", "--description", "New", "--type", "a b", "draft.md"), "type-invalid", 2),
        (("--id", "new", "--description", "New", "missing.md"), "plan-missing", 4),
        (("--id", "new", "--description", "New", "src"), "plan-missing", 4),
        (("--id", "new", "--description", "New", "empty.md"), "plan-no-tasks", 3),
        (("--id", "new", "--description", "New", "cycle.md"), "plan-cycle", 3),
        (("--id", "new", "--description", "New", "tasks.json"), "plan-no-markers", 3),
        (("--id", "new", "--description", "New", "latin.md"), "not-utf8", 3),
        (("--description", "New", "draft.md"), "usage", 2),
    ],
)
def test_new_refuses_and_writes_nothing(arguments: tuple[str, ...], slug: str, code: int, project: Path) -> None:
    write(project, {"draft.md": LOGIN, "other.md": SPEC_KIT, "empty.md": "# Nothing\n", "cycle.md": CYCLE, "tasks.json": NEUTRAL})
    (project / "latin.md").write_bytes(LOGIN.encode() + b"caf\xe9\n")
    with unchanged(project):
        ran = call_door("tracks", "new", *arguments, "--json", cwd=project)
    assert (ran.code, ran.error["code"]) == (code, slug)
    if code == 3:
        assert ":" in ran.error["where"], "names the line"


def test_new_tracks_at_the_same_time_all_arrive(repository: Path) -> None:
    write(repository, {"draft.md": LOGIN})

    def make(number: int) -> int:
        return run_door("tracks", "new", "--id", f"t{number}", "--description", f"Track number {number}", "draft.md", cwd=repository).code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(make, range(8))) == {0}
    assert sorted(track["id"] for track in call_door("tracks", "--json", cwd=repository).data["tracks"]) == [f"t{number}" for number in range(8)]
    assert not [name for name in contents(repository) if name.endswith(".tmp")]


def test_adopt_registers_a_plan_where_it_is(repository: Path) -> None:
    write(repository, {"specs/001-export/tasks.md": SPEC_KIT, "specs/001-export/spec.md": "# Export\n"})
    data = call_door("tracks", "adopt", "specs/001-export", "--json", cwd=repository).data
    assert (data["track"], data["plan"], data["dialect"]) == ("001-export", "specs/001-export/tasks.md", "spec-kit")
    metadata = json.loads((repository / ".maestro/tracks/001-export/metadata.json").read_text())
    assert (metadata["plan"], metadata["spec"]) == ("specs/001-export/tasks.md", "specs/001-export/spec.md")
    assert not (repository / ".maestro/tracks/001-export/plan.md").exists()
    assert call_door("waves", "001", "--json", cwd=repository).data["plan"] == "specs/001-export/tasks.md"
    assert call_door("mark", "T001", "done", "--json", cwd=repository).data["changed"]
    assert "- [x] T001" in (repository / "specs/001-export/tasks.md").read_text()
    assert call_door("tracks", "adopt", "specs/001-export", "--json", cwd=repository).data["changed"] is False


@pytest.mark.parametrize("call", ["new --id a --description A plan.md", "adopt --id a plan.md", "adopt conductor"])
def test_who_was_sent_by_a_refused_start_goes_back_to_it(call: str, repository: Path) -> None:
    """The start had a `--driver` that the registering call knows nothing of: a plain start would make a run that nobody's session drives."""
    write(repository, {"plan.md": LOGIN, "conductor/tracks.md": "", "conductor/tracks/a/plan.md": LOGIN})
    refused = call_door("run", "start", "--driver", "s1", cwd=repository)
    assert refused.code == 8
    again = shlex.split(refused.err.rpartition("repeat the refused call: `")[2].partition("`")[0])
    *_, following, note = call_door("tracks", *call.split(), cwd=repository).out.splitlines()
    assert following.startswith("next: ") and following.endswith("run.py start a")
    assert note == "  (if a refused call sent you here, repeat that instead, with its options, for a)"
    assert call_door("run", *again[again.index("start") :], "--no-test", cwd=repository).code == 0
    assert call_door("run", "next", "--driver", "s1", cwd=repository).code == 0


def test_adopt_refuses_what_it_cannot_keep_true(repository: Path, tmp_path: Path) -> None:
    write(repository, {"specs/001/tasks.md": SPEC_KIT, "tasks.json": NEUTRAL})
    write(tmp_path, {"outside.md": LOGIN})
    call_door("tracks", "adopt", "specs/001", cwd=repository)
    with unchanged(repository):
        assert call_door("tracks", "adopt", "specs/001", "--id", "again", "--json", cwd=repository).error["code"] == "plan-adopted"
        assert call_door("tracks", "adopt", "tasks.json", "--json", cwd=repository).error["code"] == "plan-no-markers"
        assert call_door("tracks", "adopt", "../outside.md", "--json", cwd=repository).error["code"] == "plan-outside"
        assert call_door("tracks", "adopt", "nowhere", "--json", cwd=repository).error["code"] == "plan-missing"


def test_a_plan_in_its_place_is_only_registered(repository: Path) -> None:
    write(repository, {".maestro/tracks/auth/plan.md": LOGIN})
    data = call_door("tracks", "adopt", ".maestro/tracks/auth/plan.md", "--json", cwd=repository).data
    assert (data["track"], data["plan"]) == ("auth", ".maestro/tracks/auth/plan.md")
    assert "plan" not in json.loads((repository / ".maestro/tracks/auth/metadata.json").read_text())


def test_a_plan_in_its_place_is_not_called_a_copy(repository: Path) -> None:
    write(repository, {".maestro/tracks/auth/plan.md": LOGIN})
    for expected in ("Track auth made from the plan that lies there (", "Track auth is already made from the plan that lies there ("):
        ran = call_door("tracks", "new", "--id", "auth", "--description", "Log in", ".maestro/tracks/auth/plan.md", cwd=repository)
        assert ran.code == 0 and ran.out.startswith(expected), ran


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(repository: Path) -> None:
    write(repository, {"draft.md": LOGIN})
    repository.chmod(0o555)
    try:
        ran = call_door("tracks", "new", "--id", "a", "--description", "A", "draft.md", "--json", cwd=repository)
    finally:
        repository.chmod(0o755)
    assert ran.error["code"] == "file-system"
