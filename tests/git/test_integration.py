"""Candidates are made where nobody works, with the user's hooks, and a refusal leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from builders import Kill, commit, files_in, fingerprint, hook, make_repository, tip, tree_of, worktree
from maestro.errors import Failed, Locked, MaestroError, Unsafe
from maestro.git.checkout import Checkout, find_checkout
from maestro.git.integration import commit_candidate, integration_at
from maestro.git.listing import list_worktrees
from support import SCRIPTS, contents, git, write
from waiting import started, wait_for

MESSAGE = "auth: add login\n\n# not a comment\n\nMaestro-Track: auth\nMaestro-Task: 1.1\n"


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    repository = make_repository(tmp_path, {"a.txt": "a\n", "dir/b.txt": "b\n", ".gitignore": "out/\n*.log\n"})
    write(repository, {".git/info/exclude": ".maestro/worktrees/\n"})
    return find_checkout(repository)


def place(checkout: Checkout) -> Path:
    return checkout.root / ".maestro" / "worktrees" / "integration"


@pytest.fixture
def integration(project: Checkout) -> Path:
    integration_at(project, place(project), tip(project.root))
    return place(project)


def tree_with(checkout: Checkout, files: dict[str, str]) -> str:
    """A tree with these files changed, made on a branch that is gone again."""
    git(checkout.root, "checkout", "--quiet", "-b", "making")
    tree = tree_of(checkout.root, commit(checkout.root, files))
    git(checkout.root, "checkout", "--quiet", "main")
    git(checkout.root, "branch", "--quiet", "-D", "making")
    return tree


def is_exactly(path: Path, rev: str) -> bool:
    clean = git(path, "status", "--porcelain", "--untracked-files=all") == ""
    return clean and tip(path) == tip(path, rev) and git(path, "rev-parse", "--symbolic-full-name", "HEAD") == "HEAD"


def refused(slug: str, integration: Path, parent: str, tree: str) -> MaestroError:
    with pytest.raises(Failed) as caught:
        commit_candidate(integration, parent, tree, MESSAGE)
    assert caught.value.slug == slug, caught.value
    assert is_exactly(integration, parent)
    return caught.value


# --- bringing it to a commit


def test_it_is_made_detached_and_brought_anywhere(project: Checkout, integration: Path) -> None:
    first = tip(project.root)
    second = commit(project.root, {"a.txt": "second\n", "new/c.txt": "c\n"})
    for target in (second, second, first, second):
        integration_at(project, integration, target)
        assert is_exactly(integration, target)
        assert {name: content.decode() for name, content in contents(integration).items()} == files_in(project.root, target)
    assert len(list_worktrees(project.git)) == 2 and tip(project.root, "main") == second


def test_only_ignored_files_stay(project: Checkout, integration: Path) -> None:
    write(integration, {"a.txt": "changed\n", "staged.txt": "s\n", "left/over.txt": "o\n", "out/cache": "kept\n", "dir/x.log": "kept\n"})
    git(integration, "add", "staged.txt")
    (integration / "dir" / "b.txt").unlink()
    make_repository(integration / "made-by-a-test")
    commit(integration, {"committed.txt": "c\n"})
    git(integration, "reset", "--quiet", "--soft", "HEAD~1")
    integration_at(project, integration, tip(project.root))
    assert is_exactly(integration, "main")
    assert set(contents(integration)) == {"a.txt", "dir/b.txt", ".gitignore", "out/cache", "dir/x.log"}


def test_files_and_folders_may_change_places(project: Checkout, integration: Path) -> None:
    git(project.root, "rm", "--quiet", "-r", "dir")
    swapped = commit(project.root, {"dir": "now a file\n", "a.txt": "a\n"})
    write(integration, {"dir/untracked.txt": "u\n"})
    integration_at(project, integration, swapped)
    assert is_exactly(integration, swapped) and (integration / "dir").read_text() == "now a file\n"


def test_an_ignored_file_yields_to_a_tracked_one(project: Checkout, integration: Path) -> None:
    write(integration, {"x.log": "ignored\n"})
    write(project.root, {"x.log": "tracked\n"})
    git(project.root, "add", "--force", "x.log")
    target = commit(project.root, {})
    integration_at(project, integration, target)
    assert (integration / "x.log").read_text() == "tracked\n"


def test_an_ignored_folder_yields_to_a_tracked_file(project: Checkout, integration: Path) -> None:
    write(integration, {"out/cache": "ignored\n"})
    write(project.root, {"out": "now a file\n"})
    git(project.root, "add", "--force", "out")
    target = commit(project.root, {})
    integration_at(project, integration, target)
    assert is_exactly(integration, target)


def test_links_in_it_are_not_followed(project: Checkout, integration: Path, tmp_path: Path) -> None:
    write(tmp_path / "precious", {"x.txt": "x\n"})
    (integration / "left").symlink_to(tmp_path / "precious")
    integration_at(project, integration, tip(project.root))
    assert (tmp_path / "precious" / "x.txt").exists() and not (integration / "left").is_symlink()


def test_files_are_thrown_away_nowhere_else(project: Checkout, tmp_path: Path) -> None:
    head = tip(project.root)
    write(project.root, {"a.txt": "the user's\n", "new.txt": "the user's\n"})
    on_branch = worktree(project.root, project.root / ".maestro" / "worktrees" / "worker", "HEAD", "-b", "run/1")
    outside = worktree(project.root, tmp_path / "outside")
    lost = worktree(project.root, project.root / ".maestro" / "worktrees" / "lost")
    (lost / ".git").unlink()
    for path in (project.root, on_branch, outside, lost, tmp_path):
        write(path, {"mine.txt": "mine\n"})
        for call in (lambda path=path: integration_at(project, path, head), lambda path=path: commit_candidate(path, head, head, "x")):
            with pytest.raises(MaestroError) as caught:
                call()
            assert isinstance(caught.value, Unsafe), caught.value
            assert (path / "mine.txt").exists()


def test_a_crash_while_it_was_made_or_filled_is_repaired(project: Checkout, integration: Path) -> None:
    second = commit(project.root, {"a.txt": "second\n", "c.txt": "c\n"})
    git_dir = find_checkout(integration).git_dir
    (git_dir / "index").unlink()
    (integration / "a.txt").write_text("hal")
    integration_at(project, integration, second)
    assert is_exactly(integration, second)
    subprocess.run(["rm", "-rf", str(integration)], check=True)
    integration_at(project, integration, second)
    assert is_exactly(integration, second)


@pytest.mark.parametrize("step", ["worktree add", "worktree unlock"])
def test_killed_while_it_is_made_it_ends_in_the_same_state(project: Checkout, kill: Kill, step: str) -> None:
    kill(step, lambda: integration_at(project, place(project), tip(project.root)))
    second = commit(project.root, {"c.txt": "c\n"})
    integration_at(project, place(project), second)
    assert is_exactly(place(project), second) and [entry.locked for entry in list_worktrees(project.git)] == [False, False]


# --- making a candidate


def test_a_candidate_follows_its_parent_and_carries_the_message_as_given(project: Checkout, integration: Path) -> None:
    parent = tip(project.root)
    tree = tree_with(project, {"a.txt": "new\n", "c d.txt": "c\n"})
    write(project.root, {"a.txt": "the user is working\n"})
    before = fingerprint(project.root / "dir"), (project.common_dir / "index").read_bytes()
    candidate = commit_candidate(integration, parent, tree, MESSAGE)
    assert git(integration, "rev-parse", f"{candidate}^@") == parent and tree_of(integration, candidate) == tree and is_exactly(integration, candidate)
    assert git(integration, "log", "-1", "--format=%B", candidate) == MESSAGE.strip()
    assert git(integration, "log", "-1", "--format=%an %cn", candidate) == "An Author An Author"
    assert tip(project.root, "main") == parent and (project.root / "a.txt").read_text() == "the user is working\n"
    assert (fingerprint(project.root / "dir"), (project.common_dir / "index").read_bytes()) == before


@pytest.mark.parametrize("title", ["$(touch pwned) `id`; rm -rf /", "-m x", "# heading", "größe 日本 \u202e", "a\0b", "--amend"])
def test_titles_are_only_text(project: Checkout, integration: Path, title: str) -> None:
    git(project.root, "config", "commit.template", "missing")
    git(project.root, "config", "commit.cleanup", "strip")
    candidate = commit_candidate(integration, tip(project.root), tree_with(project, {"a.txt": "new\n"}), title)
    assert git(integration, "log", "-1", "--format=%B", candidate) == title.replace("\0", "")


def test_a_candidate_can_be_rebuilt_on_another_parent(project: Checkout, integration: Path) -> None:
    tree = tree_with(project, {"a.txt": "new\n"})
    first = commit_candidate(integration, tip(project.root), tree, MESSAGE)
    moved = commit(project.root, {"meanwhile.txt": "m\n"})
    again = commit_candidate(integration, moved, tree_with(project, {"a.txt": "new\n"}), MESSAGE)
    assert git(integration, "rev-parse", f"{again}^") == moved and first != again and is_exactly(integration, again)


def test_no_change_is_not_success(project: Checkout, integration: Path) -> None:
    refused("no-change", integration, tip(project.root), tree_of(project.root))


@pytest.mark.parametrize("name", ["pre-commit", "commit-msg", "prepare-commit-msg"])
def test_a_refusing_hook_is_quoted_and_leaves_nothing(project: Checkout, integration: Path, name: str) -> None:
    hook(project.root, name, "echo formatted > a.txt; echo left > left.txt; git add a.txt; seq 1000; echo 'line too long: größe' >&2; exit 1")
    found = refused("commit-refused", integration, tip(project.root), tree_with_hooks_off(project, {"a.txt": "new\n"}))
    assert "line too long: größe" in found.message and "\n1\n" not in found.message and found.hint


def tree_with_hooks_off(checkout: Checkout, files: dict[str, str]) -> str:
    git(checkout.root, "config", "core.hooksPath", "/nowhere")
    tree = tree_with(checkout, files)
    git(checkout.root, "config", "--unset", "core.hooksPath")
    return tree


def test_slow_hooks_are_waited_for(project: Checkout, integration: Path) -> None:
    """Killed after ten seconds, a merge used to stay staged and swallow the next commit (gsd-core#4721)."""
    tree = tree_with(project, {"a.txt": "new\n"})
    for name in ("pre-commit", "commit-msg", "post-commit"):
        hook(project.root, name, "sleep 0.5")
    began = time.monotonic()
    assert is_exactly(integration, commit_candidate(integration, tip(project.root), tree, MESSAGE))
    assert time.monotonic() - began >= 1.5


@pytest.mark.parametrize("step", ["update-ref", "read-tree", "clean", "commit"])
def test_killed_at_any_step_the_next_call_makes_the_candidate(project: Checkout, integration: Path, kill: Kill, step: str) -> None:
    parent, tree = tip(project.root), tree_with(project, {"a.txt": "new\n"})
    (integration / "left by a test").write_text("what has to be cleared away first")
    kill(step, lambda: commit_candidate(integration, parent, tree, MESSAGE))
    candidate = commit_candidate(integration, parent, tree, MESSAGE)
    assert git(integration, "rev-parse", f"{candidate}^@") == parent and is_exactly(integration, candidate)


def test_a_commit_that_outlived_its_caller_is_waited_for(project: Checkout, integration: Path, tmp_path: Path) -> None:
    """A tool's time limit ends maestro while the git it started still waits for a slow hook."""
    parent, tree = tip(project.root), tree_with(project, {"a.txt": "new\n"})
    hook(project.root, "pre-commit", f"echo begin >> '{tmp_path}/log'; sleep 0.5; echo end >> '{tmp_path}/log'")
    program = f"""if True:
        from pathlib import Path
        from maestro.git.integration import commit_candidate
        commit_candidate(Path({str(integration)!r}), {parent!r}, {tree!r}, "stopped")
    """
    with started([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(SCRIPTS)}) as caller:
        wait_for((tmp_path / "log").exists, "the hook")
        caller.kill()
    candidate = commit_candidate(integration, parent, tree, MESSAGE)
    assert (tmp_path / "log").read_text().split() == ["begin", "end"] * 2
    assert git(integration, "rev-parse", f"{candidate}^@") == parent and is_exactly(integration, candidate)


def test_a_foreign_commit_does_not_get_into_the_candidate(project: Checkout, integration: Path, tmp_path: Path) -> None:
    parent, tree = tip(project.root), tree_with(project, {"a.txt": "new\n"})
    write(integration, {"a.txt": "stopped\n"})
    git(integration, "add", "a.txt")
    hook(project.root, "pre-commit", f"touch '{tmp_path}/begun'; sleep 0.5")
    with started(["git", "commit", "--quiet", "--message=stopped"], cwd=integration, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        wait_for((tmp_path / "begun").exists, "the hook")
        try:
            candidate = commit_candidate(integration, parent, tree, MESSAGE)
        except Locked as busy:
            assert busy.slug == "integration-busy"
            candidate = commit_candidate(integration, parent, tree, MESSAGE)
    assert git(integration, "rev-parse", f"{candidate}^@") == parent and files_in(integration, candidate)["a.txt"] == "new\n"
    assert tip(integration) == candidate


def test_a_lock_that_a_killed_git_left_does_not_stop_us_for_ever(project: Checkout, integration: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = find_checkout(integration).git_dir / "index.lock"
    lock.touch()
    monkeypatch.setattr("maestro.git.patience.INDEX_TIMEOUT", 0.1)
    with pytest.raises(Locked) as caught:
        integration_at(project, integration, tip(project.root))
    assert caught.value.slug == "git-busy" and str(lock) in str(caught.value.hint)
    os.utime(lock, (time.time() - 3600, time.time() - 3600))
    integration_at(project, integration, tip(project.root))


def test_hooks_see_the_candidate_and_the_users_environment(project: Checkout, integration: Path, tmp_path: Path) -> None:
    tree = tree_with(project, {"a.txt": "new\n", "*.txt": "star\n"})
    looking = "pwd; cat a.txt; git diff --cached --name-only '*.txt'; echo $GIT_LITERAL_PATHSPECS; echo $LC_ALL$LC_CTYPE"
    hook(project.root, "pre-commit", f"({looking}) > '{tmp_path}/seen'")
    commit_candidate(integration, tip(project.root), tree, MESSAGE)
    assert (tmp_path / "seen").read_text().split() == [str(integration), "new", "*.txt", "a.txt", "C.UTF-8"]


def test_a_hook_may_format_what_is_committed_but_not_leave_files(project: Checkout, integration: Path) -> None:
    tree = tree_with(project, {"a.txt": "new\n"})
    hook(project.root, "pre-commit", "echo formatted > a.txt; git add a.txt; echo left > left.txt; echo unstaged > dir/b.txt")
    candidate = commit_candidate(integration, tip(project.root), tree, MESSAGE)
    assert files_in(integration, candidate)["a.txt"] == "formatted\n" and is_exactly(integration, candidate)


def test_hooks_that_lie_elsewhere_leave_no_files_either(project: Checkout, integration: Path, tmp_path: Path) -> None:
    tree = tree_with(project, {"a.txt": "new\n"})
    git(project.root, "config", "core.hooksPath", str(tmp_path / "shared"))
    write(tmp_path / "shared", {"post-commit": "#!/bin/sh\necho left > left.txt; echo changed > dir/b.txt\n"})
    (tmp_path / "shared" / "post-commit").chmod(0o755)
    assert is_exactly(integration, commit_candidate(integration, tip(project.root), tree, MESSAGE))


def test_an_ignored_file_in_the_way_of_a_candidate_yields(project: Checkout, integration: Path) -> None:
    write(project.root, {"x.log": "tracked\n"})
    git(project.root, "checkout", "--quiet", "-b", "making")
    git(project.root, "add", "--force", "x.log")
    tree = tree_of(project.root, commit(project.root, {}))
    git(project.root, "checkout", "--quiet", "main")
    write(integration, {"x.log": "ignored\n"})
    candidate = commit_candidate(integration, tip(project.root), tree, MESSAGE)
    assert is_exactly(integration, candidate) and (integration / "x.log").read_text() == "tracked\n"


def test_a_hook_that_takes_the_change_back_makes_no_candidate(project: Checkout, integration: Path) -> None:
    tree = tree_with(project, {"a.txt": "new\n"})
    hook(project.root, "pre-commit", "git checkout -q HEAD a.txt")
    refused("no-change", integration, tip(project.root), tree)


def test_a_hook_that_moves_head_is_noticed(project: Checkout, integration: Path) -> None:
    tree = tree_with(project, {"a.txt": "new\n"})
    hook(project.root, "post-commit", "git -c core.hooksPath=/nowhere commit -q --allow-empty -m more")
    refused("commit-refused", integration, tip(project.root), tree)


def test_signing_without_a_terminal_is_refused_and_does_not_hang(project: Checkout, integration: Path, tmp_path: Path) -> None:
    tree = tree_with(project, {"a.txt": "new\n"})
    asking = tmp_path / "gpg"
    asking.write_text("#!/bin/sh\nread answer < /dev/tty || exit 2\n")
    asking.chmod(0o755)
    git(project.root, "config", "commit.gpgSign", "true")
    git(project.root, "config", "gpg.program", str(asking))
    found = refused("commit-refused", integration, tip(project.root), tree)
    assert "failed to sign" in found.message and "gpgSign" in str(found.hint)


def test_what_the_user_stashed_or_staged_is_not_in_it(project: Checkout, integration: Path) -> None:
    parent = tip(project.root)
    tree = tree_with(project, {"a.txt": "new\n"})
    write(project.root, {"a.txt": "stashed\n"})
    git(project.root, "stash")
    write(project.root, {"staged.txt": "s\n"})
    git(project.root, "add", "staged.txt")
    stash, index = git(project.root, "stash", "list"), (project.common_dir / "index").read_bytes()
    candidate = commit_candidate(integration, parent, tree, MESSAGE)
    assert "staged.txt" not in files_in(integration, candidate)
    assert (git(project.root, "stash", "list"), (project.common_dir / "index").read_bytes()) == (stash, index)


def test_file_modes_links_and_line_endings_arrive(project: Checkout, integration: Path) -> None:
    git(project.root, "config", "core.autocrlf", "true")
    git(project.root, "checkout", "--quiet", "-b", "making")
    (project.root / "link").symlink_to("../outside")
    (project.root / "run.sh").write_text("#!/bin/sh\n")
    (project.root / "run.sh").chmod(0o755)
    tree = tree_of(project.root, commit(project.root, {}))
    git(project.root, "checkout", "--quiet", "main")
    candidate = commit_candidate(integration, tip(project.root), tree, MESSAGE)
    assert tree_of(integration, candidate) == tree and is_exactly(integration, candidate)
    assert (integration / "link").is_symlink() and (integration / "run.sh").stat().st_mode & 0o111
