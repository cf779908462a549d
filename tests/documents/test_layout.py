"""Where documents lie, and which ids may become paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from maestro.documents.layout import Layout, check_track_id
from maestro.errors import Usage

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
