"""An answer of git is used again only while nothing behind it was written: a stale one would let a run go on from the wrong commit, or in the wrong folder."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import commit, make_repository, tip, worktree
from maestro.errors import Unsafe
from maestro.git import stamps
from maestro.git.checkout import commit_tree_of, find_checkout, worktree_at
from maestro.git.runner import Git, Result
from maestro.git.stamps import pointer_stamp
from support import git


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that says of every file that it was written long ago."""
    future = 2 * time.time_ns()
    monkeypatch.setattr(stamps.time, "time_ns", lambda: future)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = make_repository(tmp_path)
    commit(root, {"second.txt": "2\n"})
    git(root, "branch", "other")
    return root


@pytest.fixture
def linked(repository: Path, tmp_path: Path) -> Path:
    return worktree(repository, tmp_path / "linked")


def test_a_file_of_this_very_moment_is_not_believed(linked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be written again without its times or its size changing."""
    written = (linked / ".git").stat().st_ctime_ns
    monkeypatch.setattr(stamps.time, "time_ns", lambda: written + 1)
    assert pointer_stamp(linked) is None


@pytest.mark.usefixtures("later")
def test_a_worktree_is_asked_for_once(linked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = worktree_at(linked)

    def unexpected(self: Git, *args: str, **options: object) -> Result:
        raise AssertionError(f"git {' '.join(args)}")

    monkeypatch.setattr(Git, "run", unexpected)
    assert worktree_at(linked) == known


def without_pointer(linked: Path, repository: Path) -> None:
    (linked / ".git").unlink()


def without_entry(linked: Path, repository: Path) -> None:
    shutil.rmtree(find_checkout(linked).git_dir)


def another_folder(linked: Path, repository: Path) -> None:
    git(repository, "config", "extensions.worktreeConfig", "true")
    git(linked, "config", "--worktree", "core.worktree", str(repository))


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize("harm", [without_pointer, without_entry, another_folder])
def test_a_worktree_that_is_none_any_more_is_noticed(harm: Callable[[Path, Path], None], linked: Path, repository: Path) -> None:
    """Every command in it would act on the checkout around it, or on another one."""
    assert worktree_at(linked).linked
    harm(linked, repository)
    with pytest.raises(Unsafe):
        worktree_at(linked)


@pytest.mark.usefixtures("later")
def test_a_worktree_that_points_elsewhere_is_noticed(linked: Path, repository: Path, tmp_path: Path) -> None:
    assert worktree_at(linked).common_dir == repository / ".git"
    (tmp_path / "elsewhere").mkdir()
    foreign = worktree(make_repository(tmp_path / "elsewhere"), tmp_path / "theirs")
    (linked / ".git").write_bytes((foreign / ".git").read_bytes())
    assert worktree_at(linked).common_dir != repository / ".git"


@pytest.mark.usefixtures("later")
def test_a_main_checkout_has_no_such_stamp(repository: Path) -> None:
    assert pointer_stamp(repository) is None


def test_the_tree_of_a_name_is_asked_for_each_time(repository: Path) -> None:
    """A name means another commit a moment later; only a full id means the same one for ever."""
    asked = Git(repository)
    first = commit_tree_of(asked, "HEAD")
    commit(repository, {"third.txt": "3\n"})
    assert commit_tree_of(asked, "HEAD") != first
    assert commit_tree_of(asked, tip(repository)) == commit_tree_of(asked, "HEAD")
