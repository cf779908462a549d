"""A worktree that a runtime made itself is brought to the right commit, or refused before anything is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import commit, fingerprint, make_repository, tip, worktree
from maestro.errors import MaestroError
from maestro.git.adoption import bring_to_base
from support import git, write


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path, {"a.txt": "a\n", ".gitignore": "*.log\n"})


def refused(path: Path, base: str, slug: str) -> None:
    before = fingerprint(path)
    with pytest.raises(MaestroError) as caught:
        bring_to_base(path, base)
    assert caught.value.slug == slug, caught.value
    assert fingerprint(path) == before


def test_a_worktree_that_is_behind_goes_forward_on_its_branch(repository: Path, tmp_path: Path) -> None:
    path = worktree(repository, tmp_path / "one", "HEAD", "-b", "worktree-agent-1")
    base = commit(repository, {"a.txt": "second\n", "b.txt": "b\n"})
    for _ in range(2):
        bring_to_base(path, base)
    assert tip(path) == tip(path, "worktree-agent-1") == base
    assert (path / "b.txt").read_text() == "b\n" and git(path, "status", "--porcelain") == ""


def test_a_worktree_from_another_line_leaves_its_branch_where_it_is(repository: Path, tmp_path: Path) -> None:
    git(repository, "checkout", "--quiet", "-b", "upstream")
    upstream = commit(repository, {"upstream.txt": "u\n"})
    git(repository, "checkout", "--quiet", "main")
    base = commit(repository, {"b.txt": "b\n"})
    path = worktree(repository, tmp_path / "one", upstream, "-b", "worktree-agent-1")
    bring_to_base(path, base)
    assert (tip(path), tip(path, "worktree-agent-1")) == (base, upstream)
    assert not (path / "upstream.txt").exists(), "files of the old commit are gone (get-shit-done#2015)"


def test_changes_are_never_taken_for_a_fresh_worktree(repository: Path, tmp_path: Path) -> None:
    path = worktree(repository, tmp_path / "one", "HEAD", "-b", "worktree-agent-1")
    base = commit(repository, {"b.txt": "b\n"})
    for name in ("a.txt", "untracked.txt", ".maestro/plan.md"):
        write(path, {name: "work\n"})
        refused(path, base, "worktree-has-work")
        git(path, "checkout", "--quiet", ".")
        git(path, "clean", "-fdq")


def test_ignored_files_are_not_overwritten(repository: Path, tmp_path: Path) -> None:
    path = worktree(repository, tmp_path / "one", "HEAD", "-b", "worktree-agent-1")
    write(repository, {"b.log": "tracked now\n"})
    git(repository, "add", "--force", "b.log")
    git(repository, "commit", "--quiet", "--message=log")
    write(path, {"b.log": "mine\n"})
    refused(path, tip(repository), "git-failed")


def test_commits_that_no_branch_holds_are_not_left_behind(repository: Path, tmp_path: Path) -> None:
    path = worktree(repository, tmp_path / "one")
    commit(path, {"work.txt": "w\n"})
    refused(path, commit(repository, {"b.txt": "b\n"}), "worktree-has-work")


def test_an_isolation_that_never_happened_is_noticed(repository: Path) -> None:
    """anthropics/claude-code#39886: `isolation: worktree` silently ran in the main checkout."""
    write(repository, {"inside/x.txt": "x\n"})
    refused(repository, tip(repository), "main-checkout")
    refused(repository / "inside", tip(repository), "not-a-worktree")
