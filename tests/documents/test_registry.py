"""`tracks.md` in its forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from maestro.documents.layout import Layout
from maestro.documents.registry import Registry, add_track, parse_registry, read_registry, select_track, set_track_status
from maestro.errors import Conflict, DecisionNeeded, InvalidDocument, NotFound, Usage
from maestro.models.plan import Status

REGISTRY = """# Tracks

- [ ] **Track: Sign in with passkeys**
*Type: feature | ID: [auth](./tracks/auth/)*

---

- [~] **Track: Faster search** [checkpoint: abaa869]
  *Link: [./tracks/search_20260101/](./tracks/search_20260101/)*

## [x] Track: Old form
*ID: old-form*
*Archived: [archive/old-form/](archive/old-form/)*

Some words about it, and a [link](./tracks/auth/plan.md).
"""


def read(text: str) -> Registry:
    return parse_registry(text, "tracks.md")


def only(text: str) -> tuple[str, str, Status]:
    [entry] = read(text).entries
    return entry.id, entry.description, entry.status


def test_tracks_as_list_items_and_as_headings_are_read() -> None:
    registry = read(REGISTRY)
    assert [(entry.id, entry.description, entry.type, entry.status, entry.line, entry.archived) for entry in registry.entries] == [
        ("auth", "Sign in with passkeys", "feature", Status.NEW, 3, False),
        ("search_20260101", "Faster search", None, Status.PROGRESS, 8, False),
        ("old-form", "Old form", None, Status.DONE, 11, True),
    ]
    assert registry.notes == ()


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("- [x] core_20251220: Deep search [cea91bd]\n", ("core_20251220", "Deep search", Status.DONE)),
        ("- [ ] 015-mode-system (Depends: 004)\n", ("015-mode-system", "(Depends: 004)", Status.NEW)),
        ("- [ ] [Scanner](.conductor/tracks/scanner/plan.md)\n", ("scanner", "Scanner", Status.NEW)),
        ('- [x] Theme <!-- id: 6, link: "tracks/theme_v2/plan.md" -->\n', ("theme_v2", "Theme", Status.DONE)),
        ("## [ ] Track: Startup\nLink: [startup](./tracks/startup/)\n", ("startup", "Startup", Status.NEW)),
        ("* [X] **Track: a**\n  _Link: [x](./tracks/a-b/index.md)_\n", ("a-b", "a", Status.DONE)),
        ("| [x] | infra_1 | Core | 2026 |\n", ("infra_1", "Core", Status.DONE)),
        ("| infra_1 | Core | [~] | High |\n", ("infra_1", "Core", Status.PROGRESS)),
        ("| `infra-1` | Core | ✅ Completed | 2026 |\n", ("infra-1", "Core", Status.DONE)),
        ("\ufeff- [ ] **Track: a**\r\n*ID: [a](./tracks/a/)*\r\n", ("a", "a", Status.NEW)),
    ],
)
def test_forms_that_others_wrote(text: str, entry: tuple[str, str, Status]) -> None:
    assert only(text) == entry


def test_what_cannot_be_used_is_told() -> None:
    registry = read("- [ ] **Track: nameless**\n\n- [b] **Track: odd**\n*ID: odd*\n\n- [ ] **Track: again**\n*ID: odd*\n\n- **plain** → tracks/plain/plan.md\n")
    assert [(note.code, note.where) for note in registry.notes] == [
        ("track-without-id", "tracks.md:1"),
        ("marker-unknown", "tracks.md:3"),
        ("track-not-read", "tracks.md:9"),
        ("track-repeated", "tracks.md:6"),
    ]
    assert registry.entries[1].status is Status.BLOCKED


def test_a_file_that_was_half_written_as_utf16_is_told() -> None:
    assert [note.code for note in read("- [ ] **Track: a**\n*ID: a*\n\n-\0 \0[\0 \0]\0\n").notes] == ["registry-not-text"]


def test_examples_in_code_are_no_tracks() -> None:
    assert read("```\n- [ ] **Track: a**\n```\n<!-- - [ ] **Track: b** -->\n").entries == ()


def test_setting_a_status_changes_the_marker_alone() -> None:
    registry = read(REGISTRY)
    after = set_track_status(registry, "auth", Status.PROGRESS)
    assert after == REGISTRY.replace("- [ ] **Track: Sign", "- [~] **Track: Sign")
    assert set_track_status(read(after), "auth", Status.PROGRESS) == after
    assert set_track_status(registry, "old-form", Status.NEW) == REGISTRY.replace("## [x] Track", "## [ ] Track")


def test_setting_a_status_needs_a_track_and_a_marker() -> None:
    with pytest.raises(NotFound):
        set_track_status(read(REGISTRY), "nothing", Status.DONE)
    with pytest.raises(InvalidDocument) as caught:
        set_track_status(read("| a-b | Core | ✅ done |\n"), "a-b", Status.NEW)
    assert (caught.value.slug, caught.value.where) == ("registry-no-marker", "tracks.md:1")


@pytest.mark.parametrize("before", ["", "# Tracks\n", "# Tracks", REGISTRY, "# Tracks\r\n\r\n"])
def test_a_new_track_goes_to_the_end(before: str) -> None:
    after = add_track(before, "new-one", "Do $1  and\n`this`", "bug")
    assert after.startswith(before)
    entry = read(after).entries[-1]
    assert (entry.id, entry.description, entry.type, entry.status) == ("new-one", "Do $1 and `this`", "bug", Status.NEW)
    assert add_track(after, "new-one", "Do $1 and `this`", "bug") == after
    assert ("\r\n" in before) == ("\r\n" in after) and (after.count("\n") == after.count("\r\n")) == ("\r\n" in before)


def test_a_new_track_needs_a_free_and_safe_id() -> None:
    with pytest.raises(Conflict):
        add_track(REGISTRY, "AUTH", "Something else")
    with pytest.raises(Usage):
        add_track(REGISTRY, "../x", "Something else")


@pytest.mark.parametrize(
    ("query", "track_id"), [("auth", "auth"), ("AUTH", "auth"), ("search", "search_20260101"), ("passkeys", "auth"), ("old f", "old-form")]
)
def test_selecting_by_id_part_of_id_or_description(query: str, track_id: str) -> None:
    assert select_track(read(REGISTRY), query).id == track_id


def test_an_exact_id_beats_a_longer_one() -> None:
    assert select_track(read("- [ ] **Track: x**\n*ID: api-v2*\n- [ ] **Track: y**\n*ID: api*\n"), "api").id == "api"


def test_several_matches_are_a_question() -> None:
    with pytest.raises(DecisionNeeded) as caught:
        select_track(read(REGISTRY), None)
    assert caught.value.slug == "track-ambiguous"
    assert caught.value.question is not None
    assert [option["id"] for option in caught.value.question["options"]] == ["auth", "search_20260101"]


def test_the_only_open_track_is_taken() -> None:
    assert select_track(read("- [x] **Track: x**\n*ID: a*\n- [ ] **Track: y**\n*ID: b*\n"), None).id == "b"


def test_nothing_to_select() -> None:
    with pytest.raises(NotFound) as caught:
        select_track(read("- [x] **Track: x**\n*ID: a*\n"), None)
    assert caught.value.slug == "no-open-tracks"
    with pytest.raises(NotFound) as caught:
        select_track(read(REGISTRY), "nothing like it")
    assert caught.value.slug == "track-not-found"


def test_a_project_without_registry(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        read_registry(Layout(tmp_path))
    assert (caught.value.slug, caught.value.where) == ("registry-missing", ".maestro/tracks.md")
    (tmp_path / ".maestro").mkdir()
    (tmp_path / ".maestro/tracks.md").write_text(REGISTRY, encoding="utf-8")
    assert read_registry(Layout(tmp_path)).path == ".maestro/tracks.md"
