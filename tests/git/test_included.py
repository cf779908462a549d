"""Workers get the ignored files they need, and nothing that would end in a commit, outside, or over another file."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import make_repository, tip
from maestro.git.checkout import Checkout, find_checkout
from maestro.git.included import copy_included
from maestro.git.worktrees import create_worktree
from support import git, write


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    """Ignores .env, *.local, certs/ and linked/."""
    return find_checkout(make_repository(tmp_path, {".gitignore": ".env\n*.local\ncerts/\nlinked/\n", "src/app.py": "x\n"}))


def made(checkout: Checkout) -> Path:
    path = checkout.root.parent / "one"
    create_worktree(checkout, path, tip(checkout.root), None)
    return path


def test_the_environment_file_comes_along_without_being_listed(project: Checkout) -> None:
    write(project.root, {".env": "SECRET=1\n"})
    (project.root / ".env").chmod(0o600)
    path = made(project)
    assert copy_included(project, path) == (".env",)
    assert (path / ".env").read_text() == "SECRET=1\n" and (path / ".env").stat().st_mode & 0o777 == 0o600
    assert git(path, "status", "--porcelain") == ""


def test_nothing_to_copy_is_no_error(project: Checkout) -> None:
    assert copy_included(project, made(project)) == ()


def test_the_list_is_read_as_git_reads_ignore_files(project: Checkout) -> None:
    names = ["config.local", "src/deep/x.local", "src/deep/not.local", "certs/a/key.pem", "größe 1\n.local"]
    write(project.root, {**dict.fromkeys(names, "x\n"), ".worktreeinclude": "# wanted\n*.local\n!not.local\ncerts/\n", "untracked.txt": "u\n"})
    (project.root / "certs" / "a" / "key.pem").chmod(0o755)
    path = made(project)
    assert set(copy_included(project, path)) == set(names) - {"src/deep/not.local"}
    assert (path / "certs" / "a" / "key.pem").stat().st_mode & 0o777 == 0o755


def test_a_file_that_git_does_not_ignore_is_not_copied(project: Checkout) -> None:
    """It would be taken for the worker's work, and a secret be committed."""
    write(project.root, {".worktreeinclude": "*\n", "draft.txt": "d\n"})
    assert copy_included(project, made(project)) == ()


def test_a_file_that_is_not_ignored_at_the_workers_base_is_not_copied(project: Checkout) -> None:
    path = made(project)
    write(project.root, {".gitignore": ".env\n*.secret\n", ".env": "x\n", "a.secret": "s\n", ".worktreeinclude": "*.secret\n"})
    assert copy_included(project, path) == (".env",)
    assert not (path / "a.secret").exists()


def test_nothing_is_overwritten(project: Checkout) -> None:
    write(project.root, {".env": "theirs\n"})
    path = made(project)
    write(path, {".env": "mine\n"})
    assert copy_included(project, path) == () and (path / ".env").read_text() == "mine\n"


def test_links_are_not_followed_out_of_the_checkout(project: Checkout, tmp_path: Path) -> None:
    write(tmp_path / "outside", {"secret": "outside\n", "dir/secret": "outside\n"})
    write(project.root, {".worktreeinclude": "*.local\nlinked\n", "real.local": "inside\n"})
    (project.root / ".env").symlink_to(tmp_path / "outside" / "secret")
    (project.root / "in.local").symlink_to("real.local")
    (project.root / "out.local").symlink_to(tmp_path / "outside" / "secret")
    (project.root / "gone.local").symlink_to("nowhere")
    (project.root / "linked").mkdir()
    (project.root / "linked" / "dir").symlink_to(tmp_path / "outside" / "dir")
    path = made(project)
    assert set(copy_included(project, path)) == {"real.local", "in.local"}
    assert (path / "in.local").read_text() == "inside\n" and not (path / "in.local").is_symlink()


def test_links_in_the_worktree_do_not_lead_copies_out(project: Checkout, tmp_path: Path) -> None:
    path = made(project)
    (tmp_path / "outside").mkdir()
    write(project.root, {"certs/key.pem": "k\n", ".worktreeinclude": "certs/\n"})
    (path / "certs").symlink_to(tmp_path / "outside")
    assert copy_included(project, path) == ()
    assert list((tmp_path / "outside").iterdir()) == []


def test_other_worktrees_are_not_searched(project: Checkout) -> None:
    write(project.root, {".git/info/exclude": ".maestro/worktrees/\n", ".worktreeinclude": "*.local\n"})
    other = project.root / ".maestro" / "worktrees" / "other"
    create_worktree(project, other, tip(project.root), None)
    write(other, {"x.local": "theirs\n"})
    assert copy_included(project, made(project)) == ()
