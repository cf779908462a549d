"""`metadata.py`: fields are shown, set and checked; what is unknown is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import call_door, unchanged, write

FILE = ".maestro/tracks/auth/metadata.json"


def test_set_changes_one_field_and_the_time(project: Path) -> None:
    write(project, {FILE: '{\n    "x-own": [1,  2],\n    "track_id": "auth",\n    "status": "new"\n}\n'})
    data = call_door("metadata", "set", "priority", "2", "--json", cwd=project).data
    assert (data["changed"], data["metadata"]["priority"]) == (True, 2)
    text = (project / FILE).read_text()
    assert text.startswith('{\n    "x-own": [1,  2],\n    "track_id": "auth",\n    "status": "new",\n    "priority": 2,\n    "updated_at": "')
    with unchanged(project):
        assert call_door("metadata", "set", "priority", "2", cwd=project).out == f"priority already has this value in {FILE}.\n"


def test_dry_run_writes_nothing(project: Path) -> None:
    with unchanged(project):
        assert call_door("metadata", "set", "type", "bug", "--dry-run", cwd=project).out == f'type would be "bug" in {FILE}.\n'


@pytest.mark.parametrize(
    ("arguments", "slug", "code"),
    [
        (("set", "status", "finished"), "metadata-invalid", 3),
        (("set", "track_id", "other"), "metadata-field-fixed", 2),
        (("set", "skills", "3"), "metadata-invalid", 3),
        (("set", "priority"), "usage", 2),
        (("show", "nothing"), "track-not-found", 4),
    ],
)
def test_a_wrong_call_writes_nothing(arguments: tuple[str, ...], slug: str, code: int, project: Path) -> None:
    with unchanged(project):
        ran = call_door("metadata", *arguments, "--json", cwd=project)
    assert (ran.code, ran.error["code"]) == (code, slug)


def test_show_gives_every_field(project: Path) -> None:
    data = call_door("metadata", "--json", cwd=project).data
    assert data["path"] == FILE
    assert data["metadata"] == {"track_id": "auth", "type": "feature", "status": "new", "description": "User login"}
    assert '"description": "User login"' in call_door("metadata", "show", "auth", cwd=project).out


def test_validate_finds_nothing_to_correct(project: Path) -> None:
    ran = call_door("metadata", "validate", cwd=project)
    assert (ran.code, ran.out) == (0, "metadata of 1 track: nothing to correct\n")


@pytest.mark.parametrize(
    ("text", "slug", "where"),
    [
        ('{\n  "track_id": "auth",\n  "status": "odd"\n}', "metadata-invalid", f"{FILE}:3"),
        ('{"track_id": "auth",}', "metadata-invalid", f"{FILE}:1"),
        ('{"track_id": "other"}', "metadata-other-track", FILE),
    ],
)
def test_validate_finds_problems(text: str, slug: str, where: str, project: Path) -> None:
    write(project, {FILE: text})
    ran = call_door("metadata", "validate", "--json", cwd=project)
    (problem,) = ran.json["data"]["problems"]
    assert (ran.code, ran.json["ok"]) == (1, False)
    assert (problem["severity"], problem["code"], problem["where"]) == ("error", slug, where)


def test_a_status_that_the_registry_does_not_share_is_a_warning(project: Path) -> None:
    call_door("metadata", "set", "status", "completed", cwd=project)
    ran = call_door("metadata", "validate", "--json", cwd=project)
    assert (ran.code, [problem["code"] for problem in ran.data["problems"]]) == (0, ["metadata-status-differs"])


def test_metadata_that_is_missing_is_told(project: Path) -> None:
    (project / FILE).unlink()
    assert call_door("metadata", "show", "--json", cwd=project).error["code"] == "metadata-missing"
    assert call_door("metadata", "validate", "--json", cwd=project).json["data"]["problems"][0]["code"] == "metadata-missing"
