"""Workers in one checkout: each commit holds one task's paths, and nobody's files are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import Kill, commit, files_in, fingerprint, make_repository, tip, tree_of
from maestro.errors import MaestroError
from maestro.git.checkout import Checkout, find_checkout
from maestro.git.diffs import changes
from maestro.git.in_place import land_in_place
from maestro.git.integration import commit_candidate, integration_at
from maestro.git.snapshot import snapshot_paths
from support import contents, git, write


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    repository = make_repository(tmp_path, {"a.txt": "a\n", "b.txt": "b\n", "dir/c.txt": "c\n", ".gitignore": "*.log\n", ".maestro/plan.md": "plan\n"})
    write(repository, {".git/info/exclude": ".maestro/worktrees/\n"})
    return find_checkout(repository)


def test_only_the_named_paths_are_taken(project: Checkout) -> None:
    write(project.root, {"a.txt": "ours\n", "b.txt": "theirs\n", "dir/new.txt": "ours\n", "dir/x.log": "ignored\n", "new.txt": "theirs\n", "*.txt": "ours\n"})
    (project.root / "dir" / "c.txt").unlink()
    git(project.root, "add", "b.txt")
    before = fingerprint(project.root)
    taken = snapshot_paths(project, tip(project.root), ["a.txt", "dir", "missing.txt", "*.txt"], "1.1")
    assert {change.path for change in changes(project.git, "HEAD", taken.commit)} == {"a.txt", "dir/c.txt", "dir/new.txt", "*.txt"}
    assert fingerprint(project.root) == before
    assert snapshot_paths(project, tip(project.root), [], "1.1").tree == tree_of(project.root)


def test_what_is_ours_and_repositories_inside_are_told_and_left_out(project: Checkout) -> None:
    write(project.root, {".maestro/plan.md": "ticked\n"})
    make_repository(project.root / "dir")
    taken = snapshot_paths(project, tip(project.root), [".maestro", "dir"], "1.1")
    assert (taken.tree, taken.dropped, taken.nested) == (tree_of(project.root), (".maestro/plan.md",), ("dir/project/",))


def candidate_for(checkout: Checkout, paths: list[str]) -> str:
    integration = checkout.root / ".maestro" / "worktrees" / "integration"
    parent = tip(checkout.root)
    integration_at(checkout, integration, parent)
    return commit_candidate(integration, parent, snapshot_paths(checkout, parent, paths, "1.1").tree, "1.1")


def work(checkout: Checkout) -> None:
    write(checkout.root, {"a.txt": "ours\n", "new/n.txt": "ours\n", "b.txt": "theirs, staged\n"})
    (checkout.root / "dir" / "c.txt").unlink()
    git(checkout.root, "add", "b.txt")
    write(checkout.root, {"b.txt": "theirs\n"})


def test_the_branch_moves_and_no_file_is_written(project: Checkout) -> None:
    work(project)
    expected, before = tip(project.root), contents(project.root)
    candidate = candidate_for(project, ["a.txt", "new", "dir/c.txt"])
    land_in_place(project, "main", expected, candidate)
    assert {name: content for name, content in contents(project.root).items() if "worktrees" not in name} == before
    assert git(project.root, "status", "--porcelain").split("\n") == ["MM b.txt"] and tip(project.root) == candidate
    assert files_in(project.root, "HEAD")["new/n.txt"] == "ours\n" and git(project.root, "show", ":b.txt") == "theirs, staged"


@pytest.mark.parametrize("step", ["update-ref", "update-index"])
def test_killed_at_any_step_the_next_call_completes_it(project: Checkout, kill: Kill, step: str) -> None:
    work(project)
    expected, candidate = tip(project.root), candidate_for(project, ["a.txt", "new", "dir/c.txt"])
    kill(step, lambda: land_in_place(project, "main", expected, candidate))
    for _ in range(2):
        land_in_place(project, "main", expected, candidate)
    assert git(project.root, "status", "--porcelain") == "MM b.txt" and tip(project.root) == candidate


def test_what_was_staged_in_the_same_file_stays_staged(project: Checkout) -> None:
    work(project)
    expected, candidate = tip(project.root), candidate_for(project, ["a.txt"])
    write(project.root, {"a.txt": "the user's, staged\n"})
    git(project.root, "add", "a.txt")
    land_in_place(project, "main", expected, candidate)
    assert git(project.root, "show", ":a.txt") == "the user's, staged"


def test_a_moved_or_another_branch_is_left_alone(project: Checkout) -> None:
    work(project)
    expected, candidate = tip(project.root), candidate_for(project, ["a.txt"])
    git(project.root, "reset", "--quiet")
    git(project.root, "commit", "--quiet", "--allow-empty", "--message=the user's")
    for branch, slug in (("main", "head-moved"), ("other", "wrong-branch")):
        before = fingerprint(project.root)
        with pytest.raises(MaestroError) as caught:
            land_in_place(project, branch, expected, candidate)
        assert caught.value.slug == slug and fingerprint(project.root) == before


def test_a_file_takes_the_place_of_a_folder(project: Checkout) -> None:
    (project.root / "dir" / "c.txt").unlink()
    (project.root / "dir").rmdir()
    (project.root / "dir").write_text("a file\n")
    expected, candidate = tip(project.root), candidate_for(project, ["dir"])
    land_in_place(project, "main", expected, candidate)
    assert git(project.root, "status", "--porcelain") == ""
    assert commit(project.root, {"x.txt": "x\n"}) != candidate
