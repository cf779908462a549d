"""A worktree whose work is merged becomes the next one, and whoever begins there finds nothing of what was there."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Kill, commit, fingerprint, hook, make_repository, tip, tree_of
from maestro.git.checkout import Checkout, find_checkout
from maestro.git.leftovers import is_unfinished, removing
from maestro.git.listing import list_worktrees
from maestro.git.removal import remove_worktree
from maestro.git.reuse import reuse_worktree
from maestro.git.snapshot import take_snapshot
from maestro.git.worktrees import create_worktree
from support import git, write

OLD, NEW = "maestro-work/run/1-1", "maestro-work/run/2-1"
FILES = {"kept.txt": "k\n", "src/app.py": "x = 1\n", "src/gone.py": "y = 1\n", "tool.sh": "#!/bin/sh\n", ".gitignore": "out/\n"}


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    repository = make_repository(tmp_path, FILES)
    write(repository, {".git/info/exclude": ".maestro/worktrees/\n.maestro-result-*.json\n"})
    checkout = find_checkout(repository)
    create_worktree(checkout, old(checkout), tip(repository), OLD)
    return checkout


def old(project: Checkout) -> Path:
    return project.root / ".maestro" / "worktrees" / "run" / "1-1"


def new(project: Checkout) -> Path:
    return old(project).with_name("2-1")


def base_of(project: Checkout) -> str:
    return git(project.root, "merge-base", "main", OLD)


def work(project: Checkout) -> None:
    """What a worker does: a commit, and more that is not committed."""
    commit(old(project), {"src/app.py": "x = 2\n"})
    write(old(project), {"src/new.py": "z = 1\n", "out/cache.bin": "o\n", ".maestro-result-1-1.json": "{}"})
    (old(project) / "src" / "gone.py").unlink()


def merged(project: Checkout) -> str:
    """The work is on the branch, and somebody else's on top of it. Returns the tree that was merged."""
    snapshot = take_snapshot(old(project), base_of(project), "Work")
    git(project.root, "merge", "--quiet", "--squash", snapshot.commit)
    git(project.root, "commit", "--quiet", "--allow-empty", "--message", "Work")
    commit(project.root, {"later/more.txt": "m\n", "tool.sh": "#!/bin/sh\necho\n"})
    return snapshot.tree


def reuse(project: Checkout, kept: str | None) -> bool:
    return reuse_worktree(project, old(project), "2-1", kept_tree=kept, base=base_of(project), onto=tip(project.root), branch=NEW)


def finish(project: Checkout) -> None:
    """Finished, it is what a fresh one is."""
    at = tip(project.root)
    create_worktree(project, new(project), at, NEW)
    assert (tip(new(project)), git(new(project), "symbolic-ref", "--short", "HEAD")) == (at, NEW)
    fresh = new(project).with_name("fresh")
    git(project.root, "worktree", "add", "--quiet", "--detach", str(fresh))
    assert on_disk(new(project)) == on_disk(fresh)
    assert git(new(project), "status", "--porcelain", "--ignored") == "" and git(new(project), "ls-files", "-v") == git(fresh, "ls-files", "-v")
    git(project.root, "worktree", "remove", str(fresh))
    assert [entry.locked for entry in list_worktrees(project.git)] == [False, False] and not old(project).exists()
    assert tip(project.root, OLD), "the branch is for others to judge"


def on_disk(root: Path) -> dict[str, tuple[str, str]]:
    """Everything below a folder, with its modes and content."""
    paths = (path for path in sorted(root.rglob("*")) if path.name != ".git")
    return {str(path.relative_to(root)): (stat.filemode(path.lstat().st_mode), path.read_text() if path.is_file() else "") for path in paths}


def test_what_a_worker_left_is_gone_and_what_did_not_change_was_not_written_again(project: Checkout) -> None:
    work(project)
    written = (old(project) / "kept.txt").stat()
    assert reuse(project, merged(project))
    _, entry = list_worktrees(project.git)
    assert is_unfinished(entry) and entry.path == new(project) and entry.branch is None
    finish(project)
    assert (new(project) / "kept.txt").stat().st_ino == written.st_ino
    assert git(new(project), "reflog", "--format=%H").splitlines()[-1] == tip(new(project))


def test_it_follows_the_branch_like_what_was_begun_afresh(project: Checkout) -> None:
    work(project)
    assert reuse(project, merged(project))
    commit(project.root, {"src/app.py": "x = 3\n"})
    finish(project)


def test_what_nobody_needs_then_is_removed_completely(project: Checkout) -> None:
    work(project)
    assert reuse(project, merged(project))
    remove_worktree(project, new(project), kept_tree=None, base=tip(project.root))
    assert len(list_worktrees(project.git)) == 1 and not new(project).exists()


def a_hidden_change(project: Checkout) -> None:
    git(old(project), "update-index", "--assume-unchanged", "kept.txt")
    (old(project) / "kept.txt").write_text("hidden\n")


def a_skipped_file(project: Checkout) -> None:
    git(old(project), "update-index", "--skip-worktree", "kept.txt")
    (old(project) / "kept.txt").unlink()


def a_change_with_its_time_set_back(project: Checkout) -> None:
    path = old(project) / "kept.txt"
    before = path.stat()
    path.write_text("j\n")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def empty_folders(project: Checkout) -> None:
    (old(project) / "src" / "empty" / "deeper").mkdir(parents=True)


def a_link_for_a_folder(project: Checkout) -> None:
    """Nobody follows it."""
    elsewhere = project.root.parent / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, {"app.py": "not ours\n"})
    (old(project) / "out").symlink_to(elsewhere, target_is_directory=True)


def an_executable(project: Checkout) -> None:
    (old(project) / "tool.sh").chmod(0o755)


def an_ignored_repository(project: Checkout) -> None:
    make_repository(old(project) / "out")


def nothing_at_all(project: Checkout) -> None:
    pass


LEFT = [a_hidden_change, a_skipped_file, empty_folders, a_link_for_a_folder, an_executable, an_ignored_repository, nothing_at_all]


@pytest.mark.parametrize("leave", LEFT)
def test_nothing_of_it_is_found_later(project: Checkout, leave: Callable[[Checkout], None]) -> None:
    leave(project)
    elsewhere = fingerprint(project.root.parent / "elsewhere") if leave is a_link_for_a_folder else None
    assert reuse(project, merged(project))
    finish(project)
    assert elsewhere is None or fingerprint(project.root.parent / "elsewhere") == elsewhere


def a_bisection(project: Checkout) -> None:
    git(old(project), "bisect", "start")


def settings_of_its_own(project: Checkout) -> None:
    git(project.root, "config", "extensions.worktreeConfig", "true")
    git(old(project), "config", "--worktree", "core.autocrlf", "true")


def a_closed_file(project: Checkout) -> None:
    (old(project) / "kept.txt").chmod(0o444)


def a_closed_folder(project: Checkout) -> None:
    (old(project) / "src").chmod(0o555)


def other_attributes(project: Checkout) -> None:
    write(old(project), {"src/.gitattributes": "*.py eol=crlf\n"})


def other_attributes_on_the_branch(project: Checkout) -> None:
    commit(project.root, {".gitattributes": "*.txt eol=crlf\n"})


def a_hook(project: Checkout) -> None:
    hook(project.root, "post-checkout", "echo made > generated.txt")


UNUSUAL = [a_bisection, settings_of_its_own, a_closed_file, a_closed_folder, other_attributes, other_attributes_on_the_branch, a_hook]


@pytest.mark.parametrize("leave", UNUSUAL)
def test_what_is_unusual_is_removed_and_made_anew(project: Checkout, leave: Callable[[Checkout], None]) -> None:
    leave(project)
    kept = merged(project)
    assert not reuse(project, kept) and not new(project).exists()
    remove_worktree(project, old(project), kept_tree=kept, base=base_of(project))
    (project.root / ".git" / "hooks" / "post-checkout").unlink(missing_ok=True)
    finish(project)


def test_one_with_a_submodule_is_removed_and_made_anew(project: Checkout) -> None:
    """git does not look into its folder, where a worker may have left anything."""
    base = tip(project.root)
    git(project.root, "update-index", "--add", "--cacheinfo", f"160000,{base},library")
    git(project.root, "commit", "--quiet", "--message", "A submodule")
    remove_worktree(project, old(project), kept_tree=None, base=base)
    git(project.root, "branch", "--quiet", "--force", OLD, "main")
    create_worktree(project, old(project), tip(project.root), OLD)
    assert not reuse(project, None) and not new(project).exists()
    remove_worktree(project, old(project), kept_tree=None, base=tip(project.root))
    finish(project)


def unmerged_work(project: Checkout) -> None:
    write(old(project), {"notes.txt": "mine\n"})


def a_lock_of_somebodys(project: Checkout) -> None:
    git(project.root, "worktree", "lock", "--reason=mine", str(old(project)))


def something_in_the_way(project: Checkout) -> None:
    write(new(project), {"mine.txt": "m\n"})


@pytest.mark.parametrize("there", [unmerged_work, a_lock_of_somebodys, something_in_the_way])
def test_what_is_somebodys_is_left_alone(project: Checkout, there: Callable[[Checkout], None]) -> None:
    work(project)
    kept = merged(project)
    there(project)
    before = fingerprint(project.root)
    assert not reuse(project, kept)
    assert fingerprint(project.root) == before


STEPS = ["worktree lock", "update-ref", "read-tree --empty", "read-tree", "clean", "update-index", "checkout-index", "status", "worktree move"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_the_next_call_ends_in_the_same_state(project: Checkout, kill: Kill, step: str) -> None:
    work(project)
    kept, base = merged(project), base_of(project)
    kill(step, lambda: reuse(project, kept))
    remove_worktree(project, old(project), kept_tree=kept, base=base)
    finish(project)


@pytest.mark.parametrize("noted", [False, True])
def test_a_move_that_was_cut_short_leaves_nothing_behind(project: Checkout, noted: bool) -> None:
    """git renames the folder first, and notes it then; the lock is ours to change after that."""
    work(project)
    kept, base = merged(project), base_of(project)
    entry = find_checkout(old(project)).git_dir
    (entry / "locked").write_text(removing("2-1") + "\n")
    old(project).rename(new(project))
    if noted:
        (entry / "gitdir").write_text(f"{new(project)}/.git\n")
    remove_worktree(project, old(project), kept_tree=kept, base=base)
    finish(project)


def test_a_folder_of_that_name_that_belongs_to_another_worktree_stays(project: Checkout) -> None:
    kept, base = tree_of(project.root), base_of(project)
    create_worktree(project, new(project), base, NEW)
    write(new(project), {"notes.txt": "mine\n"})
    git(project.root, "worktree", "lock", f"--reason={removing('2-1')}", str(old(project)))
    remove_worktree(project, old(project), kept_tree=kept, base=base)
    assert (new(project) / "notes.txt").read_text() == "mine\n" and not old(project).exists()
