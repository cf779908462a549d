"""Work survives: a worktree goes only when everything in it is kept elsewhere, and then completely."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Kill, commit, fingerprint, make_repository, tip, tree_of, worktree
from maestro.errors import Unsafe
from maestro.git.checkout import Checkout, find_checkout
from maestro.git.leftovers import making
from maestro.git.listing import list_worktrees
from maestro.git.removal import remove_worktree
from maestro.git.rubbish import rubbish
from maestro.git.runner import Git
from maestro.git.snapshot import take_snapshot
from maestro.git.worktrees import create_worktree
from support import git, write


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    repository = make_repository(tmp_path, {"a.txt": "a\n", "b.txt": "b\n", ".gitignore": "out/\n"})
    write(repository, {".git/info/exclude": ".maestro/worktrees/\n"})
    checkout = find_checkout(repository)
    create_worktree(checkout, place(checkout), tip(repository), "run/1")
    return checkout


def place(checkout: Checkout) -> Path:
    return checkout.root / ".maestro" / "worktrees" / "one"


def remove(checkout: Checkout, kept_tree: str | None = None) -> None:
    remove_worktree(checkout, place(checkout), kept_tree=kept_tree, base=tip(checkout.root, "main"))


def refused(checkout: Checkout, slug: str, kept_tree: str | None = None) -> Unsafe:
    before = fingerprint(checkout.root)
    with pytest.raises(Unsafe) as caught:
        remove(checkout, kept_tree)
    assert caught.value.slug == slug, caught.value
    assert fingerprint(checkout.root) == before
    return caught.value


def gone(checkout: Checkout) -> bool:
    return not os.path.lexists(place(checkout)) and len(list_worktrees(checkout.git)) == 1


def test_a_worktree_without_work_goes_and_its_branch_stays(project: Checkout) -> None:
    write(place(project), {"out/cache.bin": "ignored\n", ".maestro-result-1.1-1.json": "{}"})
    remove(project)
    assert gone(project) and tip(project.root, "run/1") == tip(project.root)
    remove(project)


@pytest.mark.parametrize("change", ["a.txt", "new.txt", "deeper/new.txt"])
def test_uncommitted_work_is_never_removed(project: Checkout, change: str) -> None:
    """get-shit-done#2070: summaries destroyed by `worktree remove --force`."""
    write(place(project), {change: "work\n"})
    assert change in refused(project, "worktree-has-work").message


def test_deleted_staged_committed_and_mode_changes_are_work_too(project: Checkout) -> None:
    path = place(project)
    for change in (lambda: (path / "a.txt").unlink(), lambda: (path / "b.txt").chmod(0o755), lambda: commit(path, {"c.txt": "c\n"})):
        change()
        refused(project, "worktree-has-work")
        git(path, "reset", "--quiet", "--hard", "main")
    remove(project)
    assert gone(project)


def test_work_that_is_kept_may_go(project: Checkout) -> None:
    commit(place(project), {"c.txt": "c\n"})
    write(place(project), {"a.txt": "changed\n", "d.txt": "untracked\n"})
    kept = take_snapshot(place(project), tip(project.root), "kept")
    remove(project, kept.tree)
    assert gone(project)


def test_what_was_done_after_the_merge_is_still_work(project: Checkout) -> None:
    write(place(project), {"a.txt": "merged\n"})
    kept = take_snapshot(place(project), tip(project.root), "kept")
    write(place(project), {"late.txt": "after the merge\n"})
    assert "late.txt" in refused(project, "worktree-has-work", kept.tree).message


def test_links_are_removed_and_never_followed(project: Checkout, tmp_path: Path) -> None:
    """anthropics/claude-code#75275: a junction in a worktree, and 800 GB behind it were gone."""
    write(tmp_path / "precious", {"node_modules/pkg/index.js": "x\n"})
    path = place(project)
    write(path, {"out/x": "x"})
    (path / "out" / "modules").symlink_to(tmp_path / "precious" / "node_modules")
    (path / "out" / "file").symlink_to(tmp_path / "precious" / "node_modules" / "pkg" / "index.js")
    (path / "out" / "dangling").symlink_to("nowhere")
    remove(project)
    assert gone(project) and (tmp_path / "precious" / "node_modules" / "pkg" / "index.js").read_text() == "x\n"


def test_read_only_folders_are_no_obstacle(project: Checkout) -> None:
    write(place(project), {"out/cache/module.go": "x\n"})
    (place(project) / "out" / "cache").chmod(0o500)
    remove(project)
    assert gone(project)


def test_a_directory_that_is_gone_loses_its_entry_and_no_other(project: Checkout, tmp_path: Path) -> None:
    worktree(project.root, tmp_path / "on-a-stick", "HEAD", "-b", "other")
    shutil.move(tmp_path / "on-a-stick", tmp_path / "unplugged")
    commit(place(project), {"c.txt": "c\n"})
    shutil.rmtree(place(project))
    remove(project)
    assert [entry.branch for entry in list_worktrees(project.git)] == ["main", "other"], "git worktree prune would have dropped both"
    assert git(project.root, "show", "run/1:c.txt") == "c", "the branch still has the work"


def test_commits_that_only_a_vanished_worktree_holds_are_not_forgotten(project: Checkout) -> None:
    git(place(project), "checkout", "--quiet", "--detach")
    lost = commit(place(project), {"c.txt": "c\n"})
    tree = tree_of(place(project))
    shutil.rmtree(place(project))
    assert lost in refused(project, "worktree-has-work").message
    remove(project, tree)
    assert gone(project)


def test_a_worktree_that_somebody_locked_stays_and_says_so(project: Checkout) -> None:
    git(project.root, "worktree", "lock", "--reason=still looking", str(place(project)))
    found = refused(project, "worktree-locked")
    assert "still looking" in found.message and "git worktree unlock" in str(found.hint)


def test_a_worktree_that_was_never_finished_goes(project: Checkout) -> None:
    git(project.root, "worktree", "lock", f"--reason={making(tip(project.root), 'run/1')}", str(place(project)))
    (place(project) / "a.txt").unlink()
    remove(project)
    assert gone(project) and git(project.root, "branch", "--list", "run/1") == ""


@pytest.mark.parametrize("step", ["write-tree", "worktree lock", "worktree remove"])
def test_killed_at_any_step_the_next_call_ends_in_the_same_state(project: Checkout, kill: Kill, step: str) -> None:
    write(place(project), {"a.txt": "merged\n"})
    kept = take_snapshot(place(project), tip(project.root), "kept")
    kill(step, lambda: remove(project, kept.tree))
    remove(project, kept.tree)
    assert gone(project)


def test_a_folder_that_cannot_be_moved_is_removed_where_it_is(project: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maestro.git.leftovers.set_aside", unmovable)
    remove(project)
    assert gone(project)


def unmovable(checkout: Checkout, path: Path) -> bool:
    """A worktree on another file system than the repository."""
    return False


def test_what_may_wait_is_out_of_the_way_at_once_and_goes_with_the_next(project: Checkout) -> None:
    write(place(project), {"out/cache/module.go": "x\n"})
    (place(project) / "out" / "cache").chmod(0o500)
    remove_worktree(project, place(project), kept_tree=None, base=tip(project.root), later=True)
    assert gone(project) and [(path / "a.txt").read_text() for path in rubbish(project)] == ["a\n"]
    create_worktree(project, place(project), tip(project.root), None)
    remove(project)
    assert gone(project) and rubbish(project) == []


def test_an_interrupted_removal_is_completed(project: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maestro.git.leftovers.set_aside", unmovable)
    write(place(project), {"a.txt": "merged\n"})
    kept = take_snapshot(place(project), tip(project.root), "kept")

    def killed(path: Path) -> None:
        (path / ".git").unlink()
        (path / "a.txt").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("maestro.git.leftovers.remove_directory", killed)
        remove(project, kept.tree)
    remove(project, kept.tree)
    assert gone(project)


def test_the_main_checkout_the_own_one_and_strangers_are_never_removed(project: Checkout, tmp_path: Path) -> None:
    base = tip(project.root)
    linked = find_checkout(worktree(project.root, tmp_path / "linked", "HEAD", "-b", "mine"))
    stranger = make_repository(tmp_path / "stranger")
    for checkout, path, slug in [(project, project.root, "not-a-worktree"), (linked, linked.root, "main-checkout"), (project, stranger, "not-a-worktree")]:
        with pytest.raises(Unsafe) as caught:
            remove_worktree(checkout, path, kept_tree=None, base=base)
        assert caught.value.slug == slug and (path / ".git").exists()


def test_a_link_to_a_worktree_is_not_that_worktree(project: Checkout, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(place(project))
    with pytest.raises(Unsafe):
        remove_worktree(project, tmp_path / "link", kept_tree=None, base=tip(project.root))
    assert place(project).is_dir()


def test_worktrees_inside_a_worktree_keep_it(project: Checkout) -> None:
    """Their folder is ignored, so their work would go unseen."""
    inner = find_checkout(place(project))
    create_worktree(inner, inner.root / ".maestro" / "worktrees" / "inner", tip(project.root), "inner/1")
    write(inner.root / ".maestro" / "worktrees" / "inner", {"work.txt": "w\n"})
    assert "inner" in refused(project, "worktree-has-work").message


def nest_repository(checkout: Checkout) -> None:
    make_repository(place(checkout) / "vendor")


def nest_empty_repository(checkout: Checkout) -> None:
    write(place(checkout), {"vendor/code.txt": "work\n"})
    git(place(checkout) / "vendor", "init", "--quiet")


@pytest.mark.parametrize("nest", [nest_repository, nest_empty_repository])
def test_a_repository_inside_keeps_its_worktree(project: Checkout, nest: Callable[[Checkout], None]) -> None:
    nest(project)
    assert "vendor" in refused(project, "worktree-has-work").message


def test_commits_in_a_submodule_keep_the_worktree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """get-shit-done#2137: the pointer was merged and the commit gone with the worktree."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
    library = make_repository(tmp_path / "library")
    repository = make_repository(tmp_path)
    git(repository, "submodule", "--quiet", "add", str(library), "lib")
    base = commit(repository, {"a.txt": "a\n"})
    checkout = find_checkout(repository)
    path = place(checkout)
    create_worktree(checkout, path, base, "run/1")
    git(path, "submodule", "--quiet", "update", "--init")
    commit(path / "lib", {"inside.txt": "i\n"})
    kept = take_snapshot(path, base, "kept")
    with pytest.raises(Unsafe, match="lib"):
        remove_worktree(checkout, path, kept_tree=kept.tree, base=base)
    git(path, "submodule", "--quiet", "update", "--force")
    write(path / "lib", {"README.md": "uncommitted\n"})
    with pytest.raises(Unsafe, match="lib"):
        remove_worktree(checkout, path, kept_tree=None, base=base)
    Git(path / "lib").run("checkout", "--", ".")
    remove_worktree(checkout, path, kept_tree=None, base=base)
    assert not path.exists() and len(list_worktrees(checkout.git)) == 1
