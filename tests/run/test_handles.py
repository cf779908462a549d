"""Handles name attempts in commands, files and refs, whatever a task is called."""

from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maestro.errors import Usage
from maestro.models.run import Handle, slugify

TEXTS = st.text(min_size=1, max_size=60)


@given(TEXTS)
@example("../../etc/passwd")
@example("-rf")
@example("a.lock")
@example("$(id)`id`;\n")
@example("..")
@example("@{0}")
@example("\u202eevil")
@example(".hidden")
@example("con/../x")
def test_a_slug_is_safe_as_file_and_ref(text: str) -> None:
    slug = slugify(text)
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*", slug), slug
    assert ".." not in slug and not slug.endswith((".", ".lock")) and len(slug) < 60


@given(TEXTS, TEXTS)
@example("a b", "a-b")
@example("A", "a")
@example("a.lock", "a")
@example("x" * 41, "x" * 42)
def test_two_texts_never_share_a_slug(one: str, other: str) -> None:
    assert one == other or slugify(one) != slugify(other)


@given(TEXTS)
def test_what_is_safe_already_stays_readable(text: str) -> None:
    if re.fullmatch(r"[A-Za-z0-9]{1,20}(?:\.[0-9]{1,3})?", text):
        assert slugify(text) == text


@settings(max_examples=15)
@given(TEXTS, st.integers(1, 99))
def test_git_takes_a_handles_slug_as_part_of_a_ref(task: str, attempt: int) -> None:
    name = f"refs/maestro/auth/run/{Handle('auth', task, attempt).slug}"
    assert subprocess.run(["git", "check-ref-format", name], check=False).returncode == 0, name


@given(st.text(st.characters(blacklist_characters="/"), min_size=1, max_size=10), TEXTS, st.integers(1, 999))
@example("auth", "phase/one/1.1", 2)
def test_a_handle_survives_being_written_down(track: str, task: str, attempt: int) -> None:
    handle = Handle(track, task, attempt)
    assert Handle.parse(str(handle)) == handle


@pytest.mark.parametrize("text", ["", "auth", "auth/1.1", "auth/1.1/", "auth/1.1/x", "auth/1.1/-1", "/1.1/1", "auth//1", "auth/1.1/²", "auth/1.1/1 "])
def test_what_is_no_handle_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Usage) as caught:
        Handle.parse(text)
    assert caught.value.slug == "handle-invalid" and "auth/1.1/2" in str(caught.value.hint)
