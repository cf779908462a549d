"""Which project a call is about, wherever it is made."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from maestro.cli.call import find_root
from maestro.pointers import WORKTREE_POINTER
from support import call_door, git, make_repository, write


def test_the_nearest_folder_up_to_the_top_of_the_checkout_counts(project: Path) -> None:
    assert find_root(project) == project
    assert find_root(project / "src") == project
    (project / "inner").mkdir()
    nested = make_repository(project / "inner" / "other")
    assert find_root(nested) is None, "another repository is another project"


def test_a_folder_of_another_program_is_not_ours(tmp_path: Path) -> None:
    write(tmp_path, {".maestro/bin/maestro": "", "project/file": ""})
    assert find_root(tmp_path / "project") is None


def test_without_git_the_nearest_folder_above_counts(tmp_path: Path) -> None:
    write(tmp_path, {".maestro/tracks.md": "", "a/b/file": ""})
    assert find_root(tmp_path / "a" / "b") == tmp_path


def test_a_project_may_begin_below_the_top_of_a_checkout(repository: Path) -> None:
    write(repository, {"apps/web/.maestro/tracks.md": ""})
    assert find_root(repository / "apps" / "web") == repository / "apps" / "web"
    assert find_root(repository) is None


def test_in_a_workers_worktree_the_pointer_leads_to_the_runs_checkout(project: Path, tmp_path: Path) -> None:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "Plan")
    worktree = tmp_path / "worker"
    git(project, "worktree", "add", "--quiet", "--detach", str(worktree))
    assert find_root(worktree) == worktree, "a worktree that nobody registered is a checkout of its own"
    folder = Path(git(worktree, "rev-parse", "--absolute-git-dir"))
    (folder / WORKTREE_POINTER).write_text(json.dumps({"checkout": str(project)}))
    assert find_root(worktree / "src") == project
    assert call_door("tracks", "--json", cwd=worktree / "src").data["tracks"][0]["id"] == "auth"


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"checkout": 3}', '{"checkout": "/nowhere/at/all"}'])
def test_a_broken_pointer_is_no_pointer(content: str, project: Path) -> None:
    (project / ".git" / WORKTREE_POINTER).write_text(content)
    assert find_root(project) == project


def test_directory_works_as_if_called_there(project: Path, tmp_path: Path) -> None:
    assert call_door("tracks", "-C", str(project), "--json", cwd=tmp_path).data["tracks"][0]["id"] == "auth"
    assert call_door("tracks", "-C", "project/src", "--json", cwd=tmp_path).data["tracks"][0]["id"] == "auth"
    assert call_door("tracks", "-C", "nowhere", "--json", cwd=tmp_path).error["code"] == "directory-missing"


def test_without_a_project_the_error_says_how_to_begin(tmp_path: Path) -> None:
    ran = call_door("tracks", "--json", cwd=tmp_path)
    assert (ran.code, ran.error["code"]) == (4, "maestro-missing")
    assert "tracks.py new" in ran.error["hint"] and "tracks.py adopt" in ran.error["hint"]
