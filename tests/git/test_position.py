"""Where HEAD is, read from files: never anything else than what git says, whatever moved it and however git keeps it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from builders import commit, make_repository, worktree
from maestro.git.checkout import find_checkout, standing
from maestro.git.position import position
from maestro.git.runner import Git, Result
from support import git


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = make_repository(tmp_path)
    commit(root, {"second.txt": "2\n"})
    git(root, "branch", "other")
    return root


MOVES: dict[str, Callable[[Path], object]] = {
    "a commit": lambda root: git(root, "commit", "--quiet", "--allow-empty", "--message", "More"),
    "an amended commit": lambda root: git(root, "commit", "--quiet", "--amend", "--message", "Otherwise"),
    "a reset": lambda root: git(root, "reset", "--quiet", "--soft", "HEAD~1"),
    "another branch": lambda root: git(root, "switch", "--quiet", "other"),
    "no branch": lambda root: git(root, "switch", "--quiet", "--detach"),
    "a ref that was moved": lambda root: git(root, "update-ref", "refs/heads/main", "HEAD~1"),
    "a packed ref that was moved": lambda root: (git(root, "pack-refs", "--all"), git(root, "update-ref", "refs/heads/main", "HEAD~1")),
    "another branch under the same name": lambda root: (git(root, "switch", "--quiet", "other"), git(root, "branch", "--force", "main", "HEAD~1")),
}


@pytest.mark.parametrize("name", MOVES)
def test_what_moves_the_branch_is_seen_at_once(name: str, repository: Path) -> None:
    checkout = find_checkout(repository)
    before = position(checkout)
    MOVES[name](repository)
    assert position(checkout) == standing(checkout.git) != before


def test_git_is_not_asked_for_it(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = find_checkout(repository)
    known = standing(checkout.git)

    def unexpected(self: Git, *args: str, **options: object) -> Result:
        raise AssertionError(f"git {' '.join(args)}")

    monkeypatch.setattr(Git, "run", unexpected)
    assert position(checkout) == known


def packed(root: Path) -> None:
    git(root, "pack-refs", "--all")


def packed_and_moved(root: Path) -> None:
    git(root, "pack-refs", "--all")
    commit(root, {"third.txt": "3\n"})


def a_symbolic_branch(root: Path) -> None:
    git(root, "symbolic-ref", "refs/heads/alias", "refs/heads/main")
    git(root, "symbolic-ref", "HEAD", "refs/heads/alias")


def a_linked_head(root: Path) -> None:
    (root / ".git" / "HEAD").unlink()
    (root / ".git" / "HEAD").symlink_to("refs/heads/main")


def a_linked_branch(root: Path) -> None:
    (root / ".git" / "refs" / "heads" / "alias").symlink_to("main")
    git(root, "symbolic-ref", "HEAD", "refs/heads/alias")


def no_commit_yet(root: Path) -> None:
    git(root, "checkout", "--quiet", "--orphan", "empty")


def a_name_of_many_parts(root: Path) -> None:
    git(root, "switch", "--quiet", "--create", "größe/a.b/c")


def half_a_file(root: Path) -> None:
    """A crash of the machine: git itself cannot read it either."""
    (root / ".git" / "refs" / "heads" / "main").write_bytes(b"")


@pytest.mark.parametrize(
    "keep", [packed, packed_and_moved, a_symbolic_branch, a_linked_head, a_linked_branch, no_commit_yet, a_name_of_many_parts, half_a_file]
)
def test_however_git_keeps_it(keep: Callable[[Path], None], repository: Path) -> None:
    keep(repository)
    checkout = find_checkout(repository)
    assert position(checkout) == standing(checkout.git)


def test_refs_that_are_kept_in_another_way_are_asked_for(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There the file HEAD names a branch that never is."""
    (repository / ".git" / "reftable").mkdir()
    monkeypatch.setattr("maestro.git.position.standing", lambda git: ("main", "as git says"))
    assert position(find_checkout(repository)) == ("main", "as git says")


def test_each_worktree_has_its_own(repository: Path, tmp_path: Path) -> None:
    linked = find_checkout(worktree(repository, tmp_path / "linked"))
    git(linked.root, "switch", "--quiet", "--create", "mine")
    at = commit(linked.root, {"mine.txt": "m\n"})
    assert position(linked) == ("mine", at) and position(find_checkout(repository))[0] == "main"
    git(linked.root, "switch", "--quiet", "--detach")
    assert position(linked) == (None, at)
