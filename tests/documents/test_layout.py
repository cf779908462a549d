"""Where documents lie, and which ids may become paths."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maestro.documents.layout import Layout, check_track_id
from maestro.documents.location import contracts_path, plan_path, spec_path
from maestro.errors import InvalidDocument, Usage
from support import write

ROOT = Path("/project")


def test_a_track_has_its_folder_with_plan_spec_and_metadata() -> None:
    layout = Layout(ROOT)
    assert layout.plan("auth") == ROOT / ".maestro/tracks/auth/plan.md"
    assert layout.spec("auth") == ROOT / ".maestro/tracks/auth/spec.md"
    assert layout.metadata("auth") == ROOT / ".maestro/tracks/auth/metadata.json"


def test_paths_are_shown_relative_to_the_root_where_they_lie_inside() -> None:
    layout = Layout(ROOT)
    assert layout.shown(layout.registry) == ".maestro/tracks.md"
    assert layout.shown(Path("/elsewhere/plan.md")) == "/elsewhere/plan.md"


@pytest.mark.parametrize("track_id", ["auth", "auth_20260101", "a.b-c", "0"])
def test_plain_names_are_ids(track_id: str) -> None:
    check_track_id(track_id)


@pytest.mark.parametrize("track_id", ["", "..", "a..b", "../x", "a/b", "-a", ".a", "a b", "a\n", "ä", "a\u202eb", "$(id)"])
def test_nothing_that_could_leave_its_folder_is_an_id(track_id: str) -> None:
    with pytest.raises(Usage) as caught:
        Layout(ROOT).track(track_id)
    assert caught.value.slug == "track-id-invalid"


def test_an_adopted_track_has_its_documents_where_its_metadata_says(tmp_path: Path) -> None:
    layout = Layout(tmp_path)
    write(tmp_path, {".maestro/tracks/a/metadata.json": '{"plan": "specs/1/tasks.md", "spec": "specs/1/spec.md", "contracts": "specs/1/contracts"}'})
    assert [place(layout, "a") for place in (plan_path, spec_path, contracts_path)] == [
        tmp_path / "specs/1" / name for name in ("tasks.md", "spec.md", "contracts")
    ]
    assert (plan_path(layout, "b"), spec_path(layout, "b"), contracts_path(layout, "b")) == (layout.plan("b"), layout.spec("b"), None)


@pytest.mark.parametrize("key", ["plan", "spec", "contracts"])
def test_metadata_leads_out_of_no_project(key: str, tmp_path: Path) -> None:
    write(tmp_path, {".maestro/tracks/a/metadata.json": json.dumps({key: "../elsewhere"})})
    with pytest.raises(InvalidDocument, match=f"names a {key} outside") as caught:
        {"plan": plan_path, "spec": spec_path, "contracts": contracts_path}[key](Layout(tmp_path), "a")
    assert caught.value.slug == "plan-outside"
