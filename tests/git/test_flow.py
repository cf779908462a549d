"""The steps in the order in which a run takes them: several workers, one branch, nothing lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from builders import commit, files_in, make_repository, tip
from maestro.git.checkout import Checkout, commit_of, exclude_locally, find_checkout, require_ready, tracked_changes, untracked
from maestro.git.diffs import changes
from maestro.git.integration import commit_candidate, integration_at
from maestro.git.landing import land
from maestro.git.listing import list_worktrees
from maestro.git.removal import delete_branch, remove_worktree
from maestro.git.snapshot import Snapshot, keep, take_snapshot
from maestro.git.trial import Trial, trial_merge
from maestro.git.worktrees import create_worktree
from support import git, write


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    files = {"a.txt": "a\n", "b.txt": "b\n", "old/c.txt": "".join(f"{number}\n" for number in range(20)), "data.bin": "\0", ".gitignore": "out/\n"}
    checkout = find_checkout(make_repository(tmp_path, {**files, ".maestro/plan.md": "plan\n"}))
    exclude_locally(checkout, [".maestro/worktrees/"])
    return checkout


def worker(checkout: Checkout, task: str) -> Path:
    path = checkout.root / ".maestro" / "worktrees" / task
    create_worktree(checkout, path, tip(checkout.root), f"run/{task}")
    return path


def merge(checkout: Checkout, base: str, taken: Snapshot) -> Trial:
    """Try, commit, land: what a run does with a worker's snapshot."""
    expected = tip(checkout.root)
    trial = trial_merge(checkout.git, expected, taken.commit)
    if trial.tree:
        integration = checkout.root / ".maestro" / "worktrees" / "integration"
        integration_at(checkout, integration, expected)
        land(checkout, "main", expected, commit_candidate(integration, expected, trial.tree, "task"))
    return trial


def test_a_conflict_of_one_of_three_stops_only_that_one(project: Checkout) -> None:
    base = tip(project.root)
    paths = {task: worker(project, task) for task in ("1.1", "1.2", "1.3")}
    write(paths["1.1"], {"a.txt": "first\n"})
    write(paths["1.2"], {"a.txt": "second\n", "mine.txt": "second\n"})
    commit(paths["1.3"], {"b.txt": "third\n"})
    taken = {task: take_snapshot(path, base, task) for task, path in paths.items()}
    outcomes = {task: merge(project, base, snapshot) for task, snapshot in taken.items()}
    assert [task for task, trial in outcomes.items() if trial.conflicts] == ["1.2"]
    assert [conflict.path for conflict in outcomes["1.2"].conflicts] == ["a.txt"]
    require_ready(project)
    assert not (project.git_dir / "MERGE_HEAD").exists() and tracked_changes(project, ignore=()) == () and untracked(project) == ()
    assert files_in(project.root, "HEAD")["a.txt"] == "first\n" and files_in(project.root, "HEAD")["b.txt"] == "third\n"
    assert (paths["1.2"] / "mine.txt").read_text() == "second\n", "its work is where it was"

    write(paths["1.2"], {"a.txt": "first\nsecond\n"})
    git(paths["1.2"], "add", "--all")
    git(paths["1.2"], "stash")
    git(paths["1.2"], "reset", "--quiet", "--hard", "main")
    git(paths["1.2"], "checkout", "--quiet", "stash@{0}", "--", ".")
    resolved = take_snapshot(paths["1.2"], tip(project.root), "1.2")
    assert merge(project, tip(project.root), resolved).tree
    assert files_in(project.root, "HEAD")["a.txt"] == "first\nsecond\n"


def test_a_worker_from_before_does_not_undo_what_landed_since(project: Checkout) -> None:
    """Stale bases used to delete the files of earlier waves (get-shit-done#2075)."""
    base = tip(project.root)
    path = worker(project, "1.1")
    write(path, {"mine.txt": "m\n"})
    commit(project.root, {"landed.txt": "l\n", "a.txt": "landed\n"})
    git(project.root, "rm", "--quiet", "b.txt")
    commit(project.root, {})
    merge(project, base, take_snapshot(path, base, "1.1"))
    files = files_in(project.root, "HEAD")
    assert files["landed.txt"] == "l\n" and files["a.txt"] == "landed\n" and "b.txt" not in files and files["mine.txt"] == "m\n"


def test_a_worker_that_merged_the_branch_itself_is_no_obstacle(project: Checkout) -> None:
    base = tip(project.root)
    path = worker(project, "1.1")
    commit(path, {"mine.txt": "m\n"})
    commit(project.root, {"landed.txt": "l\n"})
    git(path, "merge", "--quiet", "--no-edit", "main")
    before = tip(project.root)
    assert merge(project, base, take_snapshot(path, base, "1.1")).tree
    assert [change.path for change in changes(project.git, before, "HEAD")] == ["mine.txt"]


def test_deletions_renames_modes_links_and_binaries_arrive(project: Checkout) -> None:
    base = tip(project.root)
    path = worker(project, "1.1")
    (path / "a.txt").unlink()
    (path / "b.txt").chmod(0o755)
    (path / "old" / "c.txt").rename(path / "moved.txt")
    (path / "data.bin").write_bytes(b"\0\1\2")
    (path / "link").symlink_to("b.txt")
    write(path, {"out/build": "ignored output is no obstacle\n"})
    taken = take_snapshot(path, base, "1.1")
    merge(project, base, taken)
    assert not (project.root / "a.txt").exists() and not (project.root / "old").exists() and (project.root / "moved.txt").exists()
    assert (project.root / "b.txt").stat().st_mode & 0o111 and (project.root / "data.bin").read_bytes() == b"\0\1\2"
    assert (project.root / "link").is_symlink() and git(project.root, "status", "--porcelain") == ""
    remove_worktree(project, path, kept_tree=taken.tree, base=base)
    assert not path.exists(), "what was merged may go, although the merge is no ancestor of the branch"


def test_files_behind_a_filter_arrive_filtered(project: Checkout) -> None:
    """As git-lfs does it: the repository holds another content than the files."""
    write(project.root, {".gitattributes": "*.big filter=upper\n"})
    commit(project.root, {})
    git(project.root, "config", "filter.upper.clean", "tr a-z A-Z")
    git(project.root, "config", "filter.upper.smudge", "tr A-Z a-z")
    git(project.root, "config", "filter.upper.required", "true")
    base = tip(project.root)
    path = worker(project, "1.1")
    write(path, {"x.big": "content\n"})
    merge(project, base, take_snapshot(path, base, "1.1"))
    assert files_in(project.root, "HEAD")["x.big"] == "CONTENT\n" and (project.root / "x.big").read_text() == "content\n"
    assert git(project.root, "status", "--porcelain") == ""


def test_a_vanished_directory_is_merged_from_its_branch(project: Checkout) -> None:
    """A harness that removes clean worktrees leaves the branch (gsd-core#4415)."""
    path = worker(project, "1.1")
    commit(path, {"mine.txt": "m\n"})
    base = tip(project.root)
    shutil.rmtree(path)
    work = commit_of(project.git, "refs/heads/run/1.1")
    assert work is not None
    trial = trial_merge(project.git, base, work)
    integration = project.root / ".maestro" / "worktrees" / "integration"
    integration_at(project, integration, base)
    land(project, "main", base, commit_candidate(integration, base, str(trial.tree), "task"))
    remove_worktree(project, path, kept_tree=None, base=base)
    delete_branch(project, "run/1.1", work)
    assert (project.root / "mine.txt").exists() and [entry.path for entry in list_worktrees(project.git)] == [project.root, integration]


def test_ticks_in_the_plan_are_not_merged_and_not_lost(project: Checkout) -> None:
    base = tip(project.root)
    path = worker(project, "1.1")
    write(path, {".maestro/plan.md": "ticked\n", "mine.txt": "m\n"})
    taken = take_snapshot(path, base, "1.1")
    assert taken.dropped == (".maestro/plan.md",)
    keep(project.git, "refs/maestro/kept/1.1", take_snapshot(path, base, "kept", drop=()).commit)
    merge(project, base, taken)
    assert files_in(project.root, "HEAD")[".maestro/plan.md"] == "plan\n"
    assert files_in(project.root, "refs/maestro/kept/1.1")[".maestro/plan.md"] == "ticked\n"


def test_two_names_that_differ_in_case_only_are_both_told(project: Checkout) -> None:
    """On a case-insensitive file system one would overwrite the other; the diff shows both."""
    base = tip(project.root)
    path = worker(project, "1.1")
    write(path, {"A.txt": "other\n"})
    taken = take_snapshot(path, base, "1.1")
    assert [(change.kind, change.path) for change in changes(project.git, base, taken.commit)] == [("added", "A.txt")]
