"""Clashes are seen while everybody still works, and looking disturbs nobody."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import commit, fingerprint, make_repository, tip, worktree
from maestro.git.checkout import find_checkout
from maestro.git.forecast import Clash, forecast
from support import git, write


def test_uncommitted_untracked_and_committed_work_counts(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {"a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n"})
    base = tip(repository)
    running = {name: (worktree(repository, tmp_path / name, "HEAD", "-b", f"run/{name}"), base) for name in ("1.1", "1.2", "1.3")}
    write(tmp_path / "1.1", {"a.txt": "one\n", "new.txt": "one\n"})
    write(tmp_path / "1.2", {"new.txt": "two\n"})
    commit(tmp_path / "1.2", {"b.txt": "two\n"})
    write(tmp_path / "1.3", {"c.txt": "three\n"})
    head = commit(repository, {"b.txt": "landed\n"})
    before = [fingerprint(path) for path in (repository, *(path for path, _ in running.values()))]
    assert forecast(find_checkout(repository), running, head) == (Clash("1.1", "1.2", ("new.txt",)), Clash("1.2", "HEAD", ("b.txt",)))
    assert [fingerprint(path) for path in (repository, *(path for path, _ in running.values()))] == before
    assert git(repository, "stash", "list") == "" and git(repository, "for-each-ref", "refs/maestro") == ""


@pytest.mark.parametrize("name", ["plain", 'with:colon and "quotes"'])
def test_looking_writes_no_object_wherever_the_repository_lies(tmp_path: Path, name: str) -> None:
    repository = make_repository(tmp_path / name, {"a.txt": "a\n"})
    base = tip(repository)
    running = {task: (worktree(repository, tmp_path / task, "HEAD", "-b", f"run/{task}"), base) for task in ("1.1", "1.2")}
    for task in running:
        write(tmp_path / task, {"a.txt": f"{task}\n"})
    objects = sorted((repository / ".git" / "objects").rglob("*"))
    assert forecast(find_checkout(repository), running, base) == (Clash("1.1", "1.2", ("a.txt",)),)
    assert sorted((repository / ".git" / "objects").rglob("*")) == objects


def test_a_worktree_that_has_gone_is_left_out(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    head = tip(repository)
    here = worktree(repository, tmp_path / "here")
    assert forecast(find_checkout(repository), {"1.1": (here, head), "1.2": (tmp_path / "gone", head), "1.3": (repository / "src", head)}, head) == ()


def test_nothing_running_clashes_with_nothing(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    assert forecast(find_checkout(repository), {}, tip(repository)) == ()
