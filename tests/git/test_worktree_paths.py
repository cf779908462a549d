"""What a worker has changed so far is told as `git diff` and `git ls-files` tell it, by one call."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from builders import commit, make_repository, tip
from maestro.git.checkout import find_checkout, points_to, standing
from maestro.git.diffs import worktree_paths
from maestro.git.runner import Git
from maestro.git.status import REMEMBER
from maestro.git.worktrees import create_worktree
from support import git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path)


@pytest.fixture
def worktree(repository: Path) -> Path:
    commit(repository, {"a b.txt": "1\n", "gone.txt": "1\n", "kept.txt": "1\n", "sub/c.txt": "1\n", ".gitignore": "*.log\n"}, "files")
    path = repository / ".maestro" / "worktrees" / "r" / "1-1"
    create_worktree(find_checkout(repository), path, tip(repository), "work")
    return path


def by_two_calls(path: Path, base: str) -> set[str]:
    asked = Git(path)
    return {*asked.lines_z("diff", "--name-only", "-z", "--no-renames", base), *asked.lines_z("ls-files", "--others", "--exclude-standard", "-z")}


def edit(path: Path) -> None:
    (path / "a b.txt").write_text("2\n")
    (path / "gone.txt").unlink()
    (path / "sub" / "new é.txt").write_text("new\n")
    (path / "x.log").write_text("ignored\n")


def staged(path: Path) -> None:
    edit(path)
    git(path, "add", "--all")


def staged_and_taken_back(path: Path) -> None:
    staged(path)
    (path / "a b.txt").write_text("1\n")
    (path / "sub" / "new é.txt").unlink()


def committed(path: Path) -> None:
    staged(path)
    git(path, "commit", "--quiet", "--message", "work")
    (path / "late.txt").write_text("1\n")


def moved(path: Path) -> None:
    git(path, "mv", "kept.txt", "sub/moved.txt")


@pytest.mark.parametrize("work", [lambda path: None, edit, staged, staged_and_taken_back, committed, moved])
def test_one_call_tells_what_two_told(work, worktree: Path) -> None:  # type: ignore[no-untyped-def]
    base = tip(worktree)
    work(worktree)
    assert set(worktree_paths(Git(worktree), base)) == by_two_calls(worktree, base)


@pytest.mark.parametrize("work", [edit, staged, staged_and_taken_back, committed, moved])
def test_a_look_at_some_files_and_folders_tells_the_same_of_them(work, worktree: Path) -> None:  # type: ignore[no-untyped-def]
    base = tip(worktree)
    work(worktree)
    found = set(worktree_paths(Git(worktree), base, ("a b.txt", "sub/", "*.txt", "nowhere.txt")))
    assert found == {path for path in by_two_calls(worktree, base) if path == "a b.txt" or path.startswith("sub/")}


def test_git_notes_what_it_found_only_where_nobody_works(worktree: Path) -> None:
    """A look at a running worker's files must not hold the lock of its index; one at a finished one's spares the next looks reading every file."""
    os.utime(worktree / "kept.txt", (1, 1))
    worktree_paths(Git(worktree), tip(worktree))
    assert git(worktree, "diff-files", "--name-only") == "kept.txt"
    worktree_paths(Git(worktree, REMEMBER), tip(worktree))
    assert git(worktree, "diff-files", "--name-only") == ""


def test_a_folder_that_lost_its_pointer_is_no_worktree_of_ours(worktree: Path, repository: Path, tmp_path: Path) -> None:
    shared = find_checkout(repository).common_dir
    assert points_to(worktree, shared)
    assert not points_to(worktree, tmp_path / ".git")
    assert not points_to(repository, shared), "the main checkout"
    (worktree / ".git").write_text("gitdir: /nowhere\n")
    assert not points_to(worktree, shared)
    (worktree / ".git").unlink()
    assert not points_to(worktree, shared)


def test_branch_and_commit_are_told_together(worktree: Path, repository: Path) -> None:
    assert standing(Git(worktree)) == ("work", tip(worktree))
    git(worktree, "checkout", "--quiet", "--detach")
    assert standing(Git(worktree)) == (None, tip(worktree))
    git(worktree, "checkout", "--quiet", "--orphan", "empty")
    assert standing(Git(worktree)) == ("empty", None)
