"""Worktrees start where they are told to, all of them, and a crash leaves nothing that stops the next call."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builders import Kill, commit, files_in, fingerprint, hook, make_repository, tip, worktree
from maestro.errors import Conflict, Failed, MaestroError, Unsafe, Usage
from maestro.git.checkout import Checkout, find_checkout
from maestro.git.leftovers import making, removing
from maestro.git.listing import list_worktrees
from maestro.git.removal import delete_branch, remove_worktree
from maestro.git.worktrees import create_worktree
from support import LONG, SCRIPTS, contents, git, write
from waiting import join, started, wait_for


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    repository = make_repository(tmp_path)
    write(repository, {".git/info/exclude": ".maestro/worktrees/\n"})
    return find_checkout(repository)


def place(checkout: Checkout, name: str = "one") -> Path:
    return checkout.root / ".maestro" / "worktrees" / name


def state(path: Path) -> tuple[str, str]:
    return tip(path), git(path, "rev-parse", "--symbolic-full-name", "HEAD")


def refused(slug: str, call: Callable[[], object]) -> MaestroError:
    with pytest.raises(MaestroError) as caught:
        call()
    assert caught.value.slug == slug, caught.value
    return caught.value


# --- making one


def test_a_worktree_stands_at_the_given_commit_on_its_own_branch(project: Checkout) -> None:
    base = tip(project.root)
    create_worktree(project, place(project), base, "run/1.1")
    assert state(place(project)) == (base, "refs/heads/run/1.1")
    assert contents(place(project)) == {name: text.encode() for name, text in files_in(project.root, base).items()}
    assert git(place(project), "status", "--porcelain") == ""
    assert [(entry.branch, entry.locked, entry.prunable) for entry in list_worktrees(project.git)] == [("main", False, False), ("run/1.1", False, False)]


def test_the_base_is_what_was_asked_and_not_what_is_checked_out_or_pushed(tmp_path: Path) -> None:
    """Harnesses fork from origin's default branch (get-shit-done#2015); we are told a commit."""
    origin = make_repository(tmp_path / "origin")
    git(tmp_path, "clone", "--quiet", str(origin), "clone")
    clone = tmp_path / "clone"
    git(clone, "checkout", "--quiet", "-b", "feature")
    ahead = commit(clone, {"feature.txt": "f\n"})
    commit(clone, {"later.txt": "l\n"})
    create_worktree(find_checkout(clone), tmp_path / "one", ahead, "run/1")
    assert tip(tmp_path / "one") == ahead and not (tmp_path / "one" / "later.txt").exists()
    assert git(clone, "config", "--get-regexp", "branch") == "\n".join(["branch.main.remote origin", "branch.main.merge refs/heads/main"])


def test_it_can_be_detached_and_made_from_inside_a_linked_worktree(project: Checkout, tmp_path: Path) -> None:
    linked = find_checkout(worktree(project.root, tmp_path / "linked", "HEAD", "-b", "other"))
    create_worktree(linked, place(linked), tip(project.root), None)
    assert state(place(linked)) == (tip(project.root), "HEAD")


def test_it_can_be_made_in_a_detached_checkout_and_in_a_shallow_clone(tmp_path: Path) -> None:
    origin = make_repository(tmp_path)
    commit(origin, {"b.txt": "b\n"})
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{origin}", "shallow")
    git(tmp_path / "shallow", "checkout", "--quiet", "--detach")
    create_worktree(find_checkout(tmp_path / "shallow"), tmp_path / "one", tip(origin), "run/1")
    assert tip(tmp_path / "one") == tip(origin)


@pytest.mark.parametrize("setting", ["branch.autoSetupMerge=always", "worktree.guessRemote=true", "core.autocrlf=true", "submodule.recurse=true"])
def test_the_users_settings_do_not_bend_it(project: Checkout, setting: str) -> None:
    git(project.root, "config", *setting.split("="))
    before = (project.common_dir / "config").read_bytes()
    create_worktree(project, place(project), tip(project.root), "run/1")
    assert (project.common_dir / "config").read_bytes() == before, "no tracking configuration, whose lock is what parallel calls fight for"
    assert git(place(project), "status", "--porcelain") == ""


@pytest.mark.parametrize("name", ["with space", "größe", "-rf", "line\nbreak"])
def test_odd_directory_names_are_only_names(project: Checkout, name: str) -> None:
    create_worktree(project, place(project, name), tip(project.root), "run/1")
    assert tip(place(project, name)) == tip(project.root)
    assert list_worktrees(project.git)[1].path == place(project, name)
    remove_worktree(project, place(project, name), kept_tree=None, base=tip(project.root))
    assert len(list_worktrees(project.git)) == 1 and not place(project, name).exists()


def test_hostile_branch_names_and_bases_reach_no_command(project: Checkout) -> None:
    for name in ("--detach", "a b", "../x", "$(touch x)\n"):
        with pytest.raises(Usage):
            create_worktree(project, place(project), tip(project.root), name)
    with pytest.raises(Usage):
        create_worktree(project, place(project), "main", None)
    assert len(list_worktrees(project.git)) == 1


def test_asked_again_it_changes_nothing(project: Checkout) -> None:
    create_worktree(project, place(project), tip(project.root), "run/1")
    write(place(project), {"begun.txt": "work\n"})
    before = fingerprint(project.root)
    create_worktree(project, place(project), tip(project.root), "run/1")
    assert fingerprint(project.root) == before


def test_twelve_at_once_all_succeed(project: Checkout) -> None:
    """Without the lock a third of them fails: git reads other worktrees' half-written entries."""
    base = tip(project.root)
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda number: create_worktree(project, place(project, str(number)), base, f"run/{number}"), range(12)))
    assert [state(place(project, str(number))) for number in range(12)] == [(base, f"refs/heads/run/{number}") for number in range(12)]
    assert len(list_worktrees(project.git)) == 13 and git(project.root, "worktree", "list").count("locked") == 0


def test_several_processes_at_once_all_succeed(project: Checkout) -> None:
    program = """if True:
        import sys
        from pathlib import Path
        from maestro.git.checkout import find_checkout
        from maestro.git.worktrees import create_worktree
        create_worktree(find_checkout(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3], sys.argv[4])
    """
    environment = {**os.environ, "PYTHONPATH": str(SCRIPTS)}
    arguments = [[str(project.root), str(place(project, str(number))), tip(project.root), f"run/{number}"] for number in range(6)]
    children = [subprocess.Popen([sys.executable, "-c", program, *each], env=environment) for each in arguments]
    assert [child.wait(LONG) for child in children] == [0] * 6
    assert len(list_worktrees(project.git)) == 7


def test_a_failing_checkout_hook_does_not_undo_a_complete_worktree(project: Checkout) -> None:
    """Hooks that need what `npm install` brings fail in every fresh worktree."""
    hook(project.root, "post-checkout", "echo no node_modules >&2; exit 1")
    create_worktree(project, place(project), tip(project.root), "run/1")
    assert state(place(project)) == (tip(project.root), "refs/heads/run/1")


def test_a_checkout_hook_that_moves_head_is_noticed(project: Checkout) -> None:
    base = commit(project.root, {"second.txt": "2\n"})
    moving = hook(project.root, "post-checkout", "unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE; git update-ref --no-deref HEAD HEAD~1")
    refused("worktree-wrong-base", lambda: create_worktree(project, place(project), base, None))
    moving.unlink()
    create_worktree(project, place(project), base, None)
    assert tip(place(project)) == base


def test_a_worktree_that_git_cannot_make_is_an_error_and_not_the_main_checkout(project: Checkout) -> None:
    place(project).parent.mkdir(parents=True)
    (project.common_dir / "worktrees").write_text("in the way")
    before = fingerprint(project.root)
    with pytest.raises(Failed) as caught:
        create_worktree(project, place(project), tip(project.root), "run/1")
    assert caught.value.slug == "git-failed"
    assert fingerprint(project.root) == before, "no branch is left behind"


# --- branches in the way


def test_a_branch_that_is_checked_out_somewhere_is_taken(project: Checkout, tmp_path: Path) -> None:
    worktree(project.root, tmp_path / "elsewhere", "HEAD", "-b", "run/1")
    assert "elsewhere" in refused("branch-taken", lambda: create_worktree(project, place(project), tip(project.root), "run/1")).message
    refused("branch-taken", lambda: create_worktree(project, place(project), tip(project.root), "main"))
    assert not place(project).exists()


def test_a_branch_with_commits_is_taken_and_keeps_them(project: Checkout) -> None:
    git(project.root, "checkout", "--quiet", "-b", "run/1")
    work = commit(project.root, {"work.txt": "w\n"})
    git(project.root, "checkout", "--quiet", "main")
    refused("branch-taken", lambda: create_worktree(project, place(project), tip(project.root), "run/1"))
    assert tip(project.root, "run/1") == work


@pytest.mark.parametrize("existing", ["run", "run/1/a"])
def test_a_branch_whose_name_leaves_no_room_is_named(project: Checkout, existing: str) -> None:
    git(project.root, "branch", existing)
    assert existing in refused("branch-taken", lambda: create_worktree(project, place(project), tip(project.root), "run/1")).message


def test_a_branch_whose_name_begins_alike_is_no_obstacle(project: Checkout) -> None:
    for name in ("runner", "run/10", "run/2/a"):
        git(project.root, "branch", name)
    create_worktree(project, place(project), tip(project.root), "run/1")


# --- leftovers of a crash


def leave_branch(checkout: Checkout, base: str) -> None:
    git(checkout.root, "branch", "run/1", base)


def leave_directory(checkout: Checkout, base: str) -> None:
    worktree(checkout.root, place(checkout), base)
    shutil.rmtree(checkout.common_dir / "worktrees")


def leave_empty_directory(checkout: Checkout, base: str) -> None:
    place(checkout).mkdir(parents=True)


def leave_entry(checkout: Checkout, base: str) -> None:
    worktree(checkout.root, place(checkout), base, "-b", "run/1")
    shutil.rmtree(place(checkout))


def leave_detached_entry(checkout: Checkout, base: str) -> None:
    worktree(checkout.root, place(checkout), base)
    shutil.rmtree(place(checkout))


def leave_unfinished(checkout: Checkout, base: str) -> None:
    worktree(checkout.root, place(checkout), base, "--detach", "--lock", f"--reason={making(base, 'run/1')}")


def leave_unfinished_with_branch(checkout: Checkout, base: str) -> None:
    leave_unfinished(checkout, base)
    git(checkout.root, "branch", "run/1", base)


def leave_unfinished_on_branch(checkout: Checkout, base: str) -> None:
    leave_unfinished_with_branch(checkout, base)
    git(place(checkout), "symbolic-ref", "HEAD", "refs/heads/run/1")


def leave_half_a_directory(checkout: Checkout, base: str) -> None:
    leave_unfinished(checkout, base)
    (place(checkout) / "README.md").unlink()
    (place(checkout) / "src" / "app.py").write_text("def ma")
    (checkout.common_dir / "worktrees" / "one" / "index").rename(checkout.common_dir / "worktrees" / "one" / "index.lock")


def leave_unfinished_without_directory(checkout: Checkout, base: str) -> None:
    leave_unfinished_with_branch(checkout, base)
    shutil.rmtree(place(checkout))


def leave_torn_entry(checkout: Checkout, base: str) -> None:
    leave_unfinished(checkout, base)
    (checkout.common_dir / "worktrees" / "one" / "commondir").write_bytes(b"")
    for item in place(checkout).iterdir():
        if item.name != ".git":
            shutil.rmtree(item) if item.is_dir() else item.unlink()


def leave_entry_before_its_first_byte(checkout: Checkout, base: str) -> None:
    (checkout.common_dir / "worktrees" / "one").mkdir(parents=True)


def leave_interrupted_removal(checkout: Checkout, base: str) -> None:
    worktree(checkout.root, place(checkout), base, "-b", "run/1")
    git(checkout.root, "worktree", "lock", f"--reason={removing()}", str(place(checkout)))
    (place(checkout) / ".git").unlink()
    (place(checkout) / "README.md").unlink()


LEFTOVERS = [
    leave_branch,
    leave_directory,
    leave_empty_directory,
    leave_entry,
    leave_detached_entry,
    leave_unfinished,
    leave_unfinished_with_branch,
    leave_unfinished_on_branch,
    leave_half_a_directory,
    leave_unfinished_without_directory,
    leave_torn_entry,
    leave_entry_before_its_first_byte,
    leave_interrupted_removal,
]


@pytest.mark.parametrize("leave", LEFTOVERS, ids=lambda leave: leave.__name__)
def test_what_a_crash_leaves_is_cleared_away(project: Checkout, leave: Callable[[Checkout, str], None]) -> None:
    base = tip(project.root)
    leave(project, base)
    create_worktree(project, place(project), base, "run/1")
    assert state(place(project)) == (base, "refs/heads/run/1")
    assert git(place(project), "status", "--porcelain") == ""
    assert len(list_worktrees(project.git)) == 2 and state(project.root) == (base, "refs/heads/main")


@pytest.mark.parametrize("leave", [leave_unfinished_on_branch, leave_unfinished_without_directory, leave_half_a_directory])
def test_a_crash_is_repaired_although_the_base_moved_meanwhile(project: Checkout, leave: Callable[[Checkout, str], None]) -> None:
    leave(project, tip(project.root))
    base = commit(project.root, {"meanwhile.txt": "m\n"})
    create_worktree(project, place(project), base, "run/1")
    assert state(place(project)) == (base, "refs/heads/run/1")


def put_foreign_file(checkout: Checkout) -> None:
    write(place(checkout), {"notes.txt": "mine\n"})


def put_file_at_path(checkout: Checkout) -> None:
    write(place(checkout).parent, {"one": "mine\n"})


def put_link(checkout: Checkout) -> None:
    write(checkout.root.parent / "elsewhere", {"mine.txt": "mine\n"})
    place(checkout).parent.mkdir(parents=True)
    place(checkout).symlink_to(checkout.root.parent / "elsewhere")


def put_other_worktree(checkout: Checkout) -> None:
    worktree(checkout.root, place(checkout), "HEAD", "-b", "mine")


def put_locked_worktree(checkout: Checkout) -> None:
    worktree(checkout.root, place(checkout), "HEAD", "--detach", "--lock", "--reason=on a stick")
    shutil.rmtree(place(checkout))


def put_finished_worktree_with_commit(checkout: Checkout) -> None:
    create_worktree(checkout, place(checkout), tip(checkout.root), "run/1")
    commit(place(checkout), {"work.txt": "w\n"})


def put_work_without_entry(checkout: Checkout) -> None:
    leave_directory(checkout, tip(checkout.root))
    write(place(checkout), {"src/app.py": "work\n"})


def put_nested_repository_without_entry(checkout: Checkout) -> None:
    leave_directory(checkout, tip(checkout.root))
    make_repository(place(checkout) / "inner")


def put_work_into_unfinished(checkout: Checkout) -> None:
    leave_unfinished(checkout, tip(checkout.root))
    write(place(checkout), {"work.txt": "w\n"})


def put_lost_commit(checkout: Checkout) -> None:
    worktree(checkout.root, place(checkout))
    commit(place(checkout), {"work.txt": "w\n"})
    shutil.rmtree(place(checkout))


IN_THE_WAY = [
    put_foreign_file,
    put_file_at_path,
    put_link,
    put_other_worktree,
    put_locked_worktree,
    put_finished_worktree_with_commit,
    put_work_without_entry,
    put_nested_repository_without_entry,
    put_work_into_unfinished,
    put_lost_commit,
]


@pytest.mark.parametrize("put", IN_THE_WAY, ids=lambda put: put.__name__)
def test_what_may_be_somebodys_work_is_left_alone(project: Checkout, put: Callable[[Checkout], None]) -> None:
    put(project)
    before = fingerprint(project.root)
    found = refused("worktree-path-taken", lambda: create_worktree(project, place(project), tip(project.root), "run/1"))
    assert found.hint and fingerprint(project.root) == before


def test_a_directory_outside_our_folder_is_never_cleared_away(project: Checkout, tmp_path: Path) -> None:
    worktree(project.root, tmp_path / "outside")
    shutil.rmtree(project.common_dir / "worktrees")
    refused("worktree-path-taken", lambda: create_worktree(project, tmp_path / "outside", tip(project.root), None))
    assert (tmp_path / "outside" / "README.md").exists()


@pytest.mark.parametrize("step", ["worktree add", "update-ref", "symbolic-ref", "worktree unlock"])
def test_killed_at_any_step_the_next_call_ends_in_the_same_state(project: Checkout, kill: Kill, step: str) -> None:
    base = tip(project.root)
    kill(step, lambda: create_worktree(project, place(project), base, "run/1"))
    create_worktree(project, place(project), base, "run/1")
    assert state(place(project)) == (base, "refs/heads/run/1")
    assert [entry.locked for entry in list_worktrees(project.git)] == [False, False]


def test_a_git_that_outlived_its_caller_is_let_finish(project: Checkout, tmp_path: Path) -> None:
    hook(project.root, "post-checkout", f"touch '{tmp_path}/checking-out'; sleep 0.7; touch '{tmp_path}/finished'")
    program = f"""if True:
        from pathlib import Path
        from maestro.git.checkout import find_checkout
        from maestro.git.worktrees import create_worktree
        create_worktree(find_checkout(Path({str(project.root)!r})), Path({str(place(project))!r}), {tip(project.root)!r}, "run/1")
    """
    with started([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(SCRIPTS)}) as caller:
        wait_for((tmp_path / "checking-out").exists, "the hook")
        caller.kill()
    create_worktree(project, place(project), tip(project.root), "run/1")
    assert (tmp_path / "finished").exists()
    assert state(place(project)) == (tip(project.root), "refs/heads/run/1") and len(list_worktrees(project.git)) == 2


def test_a_dead_holder_does_not_keep_the_lock(project: Checkout) -> None:
    program = f"""if True:
        import os
        from pathlib import Path
        from maestro.git.checkout import find_checkout
        from maestro.git.listing import worktrees_lock
        with worktrees_lock(find_checkout(Path({str(project.root)!r}))):
            os.kill(os.getpid(), 9)
    """
    subprocess.run([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(SCRIPTS)}, check=False)
    create_worktree(project, place(project), tip(project.root), "run/1")


# --- branches going away


def test_a_branch_is_deleted_only_where_it_was_left(project: Checkout) -> None:
    git(project.root, "branch", "run/1")
    at = tip(project.root)
    git(project.root, "checkout", "--quiet", "-b", "side")
    elsewhere = commit(project.root, {"a.txt": "a\n"})
    with pytest.raises(Conflict) as caught:
        delete_branch(project, "run/1", elsewhere)
    assert caught.value.slug == "branch-moved" and tip(project.root, "run/1") == at
    delete_branch(project, "run/1", at)
    delete_branch(project, "run/1", at)
    assert git(project.root, "branch", "--list", "run/*") == ""


def test_a_branch_that_is_checked_out_is_not_deleted(project: Checkout) -> None:
    """A worktree on a branch that is gone has no commits any more."""
    create_worktree(project, place(project), tip(project.root), "run/1")
    for name in ("main", "run/1"):
        with pytest.raises(Unsafe) as caught:
            delete_branch(project, name, tip(project.root))
        assert caught.value.slug == "branch-taken"


def test_listing_while_others_create_never_fails(project: Checkout) -> None:
    done = threading.Event()
    failures: list[BaseException] = []

    def look() -> None:
        while not done.is_set():
            try:
                list_worktrees(project.git)
            except MaestroError as error:
                failures.append(error)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        for number in range(5):
            create_worktree(project, place(project, str(number)), tip(project.root), f"run/{number}")
    finally:
        done.set()
    join(watcher)
    assert failures == []


def test_two_runs_with_the_same_ids_stay_apart(project: Checkout) -> None:
    """A second orchestrator that finds its directory already there must not adopt the first one's work."""
    create_worktree(project, place(project), tip(project.root), "run-1/1.1")
    refused("worktree-path-taken", lambda: create_worktree(project, place(project), tip(project.root), "run-2/1.1"))
    create_worktree(project, place(project, "two"), tip(project.root), "run-2/1.1")
    assert files_in(project.root, "run-1/1.1") == files_in(project.root, "run-2/1.1")
