"""The user's checkout is found for certain, or refused with a reason and a next step."""

from __future__ import annotations

import errno
import os
import tempfile
import threading
from pathlib import Path
from typing import IO

import pytest

from builders import commit, fingerprint, make_repository, tip, tree_of, worktree
from maestro.errors import NotFound, Unsafe
from maestro.git import checkout as module
from maestro.git.checkout import (
    branch,
    commit_tree_of,
    default_branch,
    exclude_locally,
    find_checkout,
    head,
    is_ancestor,
    is_ignored,
    linked_worktree_at,
    remotes,
    require_ready,
    tracked_changes,
    untracked,
    worktree_at,
)
from maestro.git.runner import Git
from support import git, write
from waiting import join

ODD_NAMES = ["with space.txt", "größe 日本.txt", "line\nbreak.txt", "-rf", ":(exclude)x", 'quote".txt', "*.txt", "tab\t.txt"]


def refusal(checkout_path: Path) -> Unsafe:
    with pytest.raises(Unsafe) as caught:
        require_ready(find_checkout(checkout_path))
    assert caught.value.hint, "says what to do"
    return caught.value


def test_a_checkout_is_found_from_below(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    found = find_checkout(repository / "src")
    assert (found.root, found.git_dir, found.common_dir, found.linked) == (repository, repository / ".git", repository / ".git", False)


@pytest.mark.parametrize("name", ["with space", "größe", "line\nbreak", "-rf"])
def test_a_root_with_an_odd_name_is_found_exactly(tmp_path: Path, name: str) -> None:
    repository = make_repository(tmp_path / name)
    assert find_checkout(repository / "src").root == repository


def test_a_linked_worktree_is_its_own_checkout(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    linked = worktree(repository, tmp_path / "linked")
    found = find_checkout(linked)
    assert found.linked and found.root == linked and found.common_dir == repository / ".git" and found.git_dir.parent == repository / ".git" / "worktrees"


def test_a_nested_repository_is_not_taken_for_its_surroundings(tmp_path: Path) -> None:
    outer = make_repository(tmp_path)
    inner = make_repository(outer / "vendor")
    assert find_checkout(inner / "src").root == inner


def test_a_worktree_of_a_bare_repository_is_a_checkout(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare.git")
    linked = worktree(tmp_path / "bare.git", tmp_path / "linked", "main", "--force")
    assert find_checkout(linked).common_dir == tmp_path / "bare.git"


@pytest.mark.parametrize("slug", ["not-a-repository", "bare-repository"])
def test_no_repository_and_a_bare_one_are_refused(tmp_path: Path, slug: str) -> None:
    if slug == "bare-repository":
        git(tmp_path, "init", "--quiet", "--bare")
    with pytest.raises(Unsafe) as caught:
        find_checkout(tmp_path)
    assert caught.value.slug == slug and caught.value.hint


def test_the_git_folder_is_no_place_to_work(tmp_path: Path) -> None:
    with pytest.raises(Unsafe, match="inside a git folder"):
        find_checkout(make_repository(tmp_path) / ".git")


def test_a_missing_directory_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        find_checkout(tmp_path / "gone")


def test_a_directory_that_lost_its_git_file_is_not_taken_for_the_checkout_around_it(tmp_path: Path) -> None:
    """The silent fallback to the project root (open-gsd/gsd-pi#2317)."""
    repository = make_repository(tmp_path)
    linked = worktree(repository, repository / ".maestro" / "worktrees" / "one")
    assert worktree_at(linked).root == linked
    (linked / ".git").unlink()
    with pytest.raises(Unsafe) as caught:
        worktree_at(linked)
    assert caught.value.slug == "not-a-worktree"
    with pytest.raises(Unsafe) as caught:
        linked_worktree_at(repository)
    assert caught.value.slug == "main-checkout"


def test_a_fresh_clone_is_ready(tmp_path: Path) -> None:
    require_ready(find_checkout(make_repository(tmp_path)))


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    os.utime(repository / "README.md", (1, 1))  # git would like to refresh its index
    before = fingerprint(repository)
    found = find_checkout(repository)
    require_ready(found)
    assert (tracked_changes(found), untracked(found), default_branch(found.git), remotes(found.git)) == ((), (), "main", ())
    assert fingerprint(repository) == before


def test_a_repository_without_commits_is_refused(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    assert refusal(tmp_path).slug == "no-commits"
    assert (head(Git(tmp_path)), branch(Git(tmp_path))) == (None, "main")


def test_a_detached_head_is_refused(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    git(repository, "checkout", "--quiet", "--detach")
    assert refusal(repository).slug == "detached-head"
    assert (head(Git(repository)), branch(Git(repository))) == (tip(repository), None)


def test_a_branch_is_not_confused_with_a_tag_of_its_name(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    git(repository, "tag", "main")
    assert branch(Git(repository)) == "main"


@pytest.mark.parametrize("operation", ["merge", "rebase", "cherry-pick", "revert", "bisect"])
def test_an_operation_in_progress_is_named(tmp_path: Path, operation: str) -> None:
    repository = make_repository(tmp_path)
    git(repository, "checkout", "--quiet", "-b", "side")
    side = commit(repository, {"README.md": "side\n"})
    git(repository, "checkout", "--quiet", "main")
    commit(repository, {"README.md": "main\n"})
    commit(repository, {"README.md": "main again\n"})
    start = {"merge": ["merge", "side"], "rebase": ["rebase", "side"], "cherry-pick": ["cherry-pick", side], "revert": ["revert", "--no-edit", "HEAD~1"]}
    Git(repository).run(*start.get(operation, ["bisect", "start"]), check=False)
    found = refusal(repository)
    assert found.slug == "operation-in-progress" and operation in found.message


def test_an_operation_in_another_worktree_is_no_obstacle(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    linked = worktree(repository, tmp_path / "linked")
    git(linked, "bisect", "start")
    require_ready(find_checkout(repository))


def test_a_missing_identity_is_refused_before_work_is_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository(tmp_path)
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"):
        monkeypatch.delenv(name, raising=False)
    git(repository, "config", "user.useConfigOnly", "true")
    assert refusal(repository).slug == "no-identity"
    git(repository, "config", "user.name", "Somebody")
    git(repository, "config", "user.email", "somebody@example.org")
    require_ready(find_checkout(repository))


def test_an_old_git_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository(tmp_path)
    monkeypatch.setattr(module, "version", lambda: (2, 37))
    found = refusal(repository)
    assert found.slug == "git-too-old" and "2.38" in found.message


def test_a_git_folder_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = make_repository(tmp_path)

    make = tempfile.TemporaryFile

    def read_only(dir: Path | None = None) -> IO[bytes]:
        if dir is None:  # git's output, elsewhere
            return make()
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", read_only)
    found = refusal(repository)
    assert found.slug == "git-folder-read-only" and "Read-only file system" in found.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_permissions_of_the_git_folder_count(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    (repository / ".git" / "objects").chmod(0o500)
    try:
        assert refusal(repository).slug == "git-folder-read-only"
    finally:
        (repository / ".git" / "objects").chmod(0o700)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_changed_and_untracked_files_keep_their_odd_names(tmp_path: Path, name: str) -> None:
    repository = make_repository(tmp_path, {name: "one\n"})
    git(repository, "config", "core.quotePath", "true")
    git(repository, "config", "status.showUntrackedFiles", "no")
    write(repository, {name: "two\n", f"new/{name}": "new\n"})
    found = find_checkout(repository)
    assert tracked_changes(found) == (name,)
    assert untracked(found) == (f"new/{name}",)


def test_every_kind_of_tracked_change_counts_and_bookkeeping_does_not(tmp_path: Path) -> None:
    names = ("staged", "unstaged", "deleted", "moved", "mode")
    repository = make_repository(tmp_path, {**{name: f"{name}\n" for name in names}, ".maestro/plan.md": "plan\n", ".beads/issues.jsonl": "{}\n"})
    git(repository, "config", "status.renames", "copies")
    write(repository, {"staged": "x\n", "unstaged": "x\n", ".maestro/plan.md": "x\n", ".beads/issues.jsonl": "x\n", "new": "x\n"})
    git(repository, "add", "staged", "new")
    git(repository, "mv", "moved", "elsewhere")
    (repository / "deleted").unlink()
    (repository / "mode").chmod(0o755)
    assert set(tracked_changes(find_checkout(repository))) == {*names, "new", "elsewhere"}
    assert set(tracked_changes(find_checkout(repository), ignore=())) == {*names, "new", "elsewhere", ".maestro/plan.md", ".beads/issues.jsonl"}


def test_line_endings_that_git_converts_are_no_change(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {"a.txt": "one\ntwo\n"})
    git(repository, "config", "core.autocrlf", "true")
    (repository / "a.txt").unlink()
    git(repository, "checkout", "--quiet", "a.txt")
    assert (repository / "a.txt").read_bytes() == b"one\r\ntwo\r\n"
    assert tracked_changes(find_checkout(repository)) == ()


def test_the_tree_and_the_order_of_commits(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    first = tip(repository)
    second = commit(repository, {"a.txt": "a\n"})
    repo = Git(repository)
    assert commit_tree_of(repo, second) == tree_of(repository)
    assert is_ancestor(repo, first, second) and is_ancestor(repo, second, second) and not is_ancestor(repo, second, first)


def test_the_default_branch_is_what_the_remote_says(tmp_path: Path) -> None:
    origin = make_repository(tmp_path)
    git(origin, "branch", "develop/next")
    git(origin, "symbolic-ref", "HEAD", "refs/heads/develop/next")
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    clone = Git(tmp_path / "clone")
    assert (default_branch(clone), remotes(clone)) == ("develop/next", ("origin",))


@pytest.mark.parametrize(("branches", "expected"), [(["master"], "master"), (["trunk", "main"], "main"), (["work"], None)])
def test_the_default_branch_without_a_remote_is_a_customary_name(tmp_path: Path, branches: list[str], expected: str | None) -> None:
    repository = make_repository(tmp_path)
    git(repository, "branch", "--move", "main", branches[0])
    for name in branches[1:]:
        git(repository, "branch", name)
    assert default_branch(Git(repository)) == expected


def test_a_remote_without_head_is_asked_for_customary_names(tmp_path: Path) -> None:
    origin = make_repository(tmp_path)
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    clone = tmp_path / "clone"
    git(clone, "remote", "set-head", "origin", "--delete")
    git(clone, "branch", "--move", "main", "mine")
    assert default_branch(Git(clone)) == "main"


@pytest.mark.parametrize("name", ODD_NAMES)
def test_ignored_is_what_git_ignores(tmp_path: Path, name: str) -> None:
    repository = make_repository(tmp_path, {".gitignore": "out/\n", "out-not": "x\n"})
    repo = Git(repository)
    assert is_ignored(repo, f"out/{name}") and not is_ignored(repo, name)


def test_a_tracked_file_is_never_ignored(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {"kept.log": "x\n"})
    write(repository, {".gitignore": "*.log\n"})
    assert not is_ignored(Git(repository), "kept.log") and is_ignored(Git(repository), "other.log")


def test_local_excludes_are_added_once_and_keep_what_is_there(tmp_path: Path) -> None:
    """An in-repository worktree folder that is not ignored gets committed."""
    found = find_checkout(make_repository(tmp_path))
    path = found.common_dir / "info" / "exclude"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"# mine \xe9\n*.tmp")
    for _ in range(2):
        exclude_locally(found, (".maestro/worktrees/", ".maestro-result-*"))
    assert path.read_bytes() == b"# mine \xe9\n*.tmp\n.maestro/worktrees/\n.maestro-result-*\n"
    assert is_ignored(found.git, ".maestro/worktrees/x/file") and is_ignored(found.git, "a.tmp")


def test_local_excludes_survive_several_writers(tmp_path: Path) -> None:
    found = find_checkout(make_repository(tmp_path))
    threads = [threading.Thread(target=exclude_locally, args=(found, [f"pattern-{number}", "shared"])) for number in range(8)]
    for thread in threads:
        thread.start()
    join(*threads)
    lines = [line for line in (found.common_dir / "info" / "exclude").read_text().splitlines() if not line.startswith("#")]
    assert sorted(lines) == sorted([*(f"pattern-{number}" for number in range(8)), "shared"])
