"""Titles, reports and plans are data: nothing in them becomes an option, a range or another ref."""

from __future__ import annotations

import pytest

from maestro.errors import Usage
from maestro.git.names import branch_ref, full_id, literal, private_ref

HOSTILE = [
    *("-d", "--all", "$(id) x", "a`id`\n", "../main", "a..b", "a b", "nul\0", "del\x7f", "bidi\u202ename", ""),
    *("a~1", "a^", "a:b", "a?*", "a\\b", "a@{1}", "@", "HEAD"),
    *("a//b", "/a", "a/", "a.lock", "a.lock/b", ".a", "a/.b", "a."),
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_git_would_read_otherwise_is_refused(name: str) -> None:
    with pytest.raises(Usage, match="cannot be the name"):
        branch_ref(name)
    with pytest.raises(Usage):
        private_ref(f"refs/maestro/{name}")


@pytest.mark.parametrize("name", ["main", "feature/a-b_c.d", "maestro/run-1/1.1", "größe", "a;b", "$(id)", "`id`"])
def test_a_name_that_is_merely_odd_is_accepted(name: str) -> None:
    assert branch_ref(name) == f"refs/heads/{name}"


@pytest.mark.parametrize("value", ["HEAD", "main", "--all", "abc1234", "0" * 39, "A" * 40, "0" * 40 + "\n", ""])
def test_only_a_full_id_stands_for_a_commit(value: str) -> None:
    with pytest.raises(Usage) as caught:
        full_id(value)
    assert caught.value.slug == "revision-invalid"


def test_private_refs_lie_below_our_folder() -> None:
    with pytest.raises(Usage):
        private_ref("refs/heads/main")
    assert private_ref("refs/maestro/kept/auth/1.1") == "refs/maestro/kept/auth/1.1"


def test_a_path_is_never_a_pattern() -> None:
    assert literal(":(exclude)*") == ":(top,literal):(exclude)*"
