"""A worktree that was begun before anybody needed it is finished like any other, and looks like what a killed call leaves until then."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builders import Kill, commit, hook, make_repository, tip
from maestro.errors import Unsafe
from maestro.git.checkout import Checkout, find_checkout
from maestro.git.leftovers import is_unfinished, making
from maestro.git.listing import list_worktrees
from maestro.git.removal import remove_worktree
from maestro.git.worktrees import begin_worktree, create_worktree
from support import LONG, git, write

BRANCH = "maestro-work/run/1-1"


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    repository = make_repository(tmp_path)
    write(repository, {".git/info/exclude": ".maestro/worktrees/\n"})
    return find_checkout(repository)


def place(project: Checkout) -> Path:
    return project.root / ".maestro" / "worktrees" / "run" / "1-1"


def begin(project: Checkout) -> str:
    base = tip(project.root)
    assert begun(project, base)
    return base


def begun(project: Checkout, base: str) -> bool:
    """Whether it could be begun there, when all its files are written."""
    started = begin_worktree(project, place(project), base, BRANCH)
    return started is not None and started.settle()


def finish(project: Checkout) -> None:
    """Make it where the checkout is now, and see that it is like any other."""
    base = tip(project.root)
    create_worktree(project, place(project), base, BRANCH)
    assert (tip(place(project)), git(place(project), "symbolic-ref", "--short", "HEAD")) == (base, BRANCH)
    assert git(place(project), "status", "--porcelain") == ""
    assert [entry.locked for entry in list_worktrees(project.git)] == [False, False]


def moved(project: Checkout) -> str:
    """Somebody commits: a file more, one fewer, one changed."""
    git(project.root, "rm", "--quiet", "README.md")
    return commit(project.root, {"later.txt": "l\n", "src/app.py": "x = 2\n"})


def test_nobody_takes_it_for_finished(project: Checkout) -> None:
    begin(project)
    _, entry = list_worktrees(project.git)
    assert is_unfinished(entry) and entry.branch is None and git(project.root, "branch", "--list", "maestro-work/*") == ""
    assert git(project.root, "status", "--porcelain") == ""


def test_its_files_are_not_written_again(project: Checkout) -> None:
    commit(project.root, {"kept.txt": "k\n"})
    begin(project)
    written = (place(project) / "kept.txt").stat()
    finish(project)
    assert (place(project) / "kept.txt").stat() == written


def test_it_follows_the_branch_and_writes_what_differs(project: Checkout) -> None:
    commit(project.root, {"kept.txt": "k\n"})
    begin(project)
    written = (place(project) / "kept.txt").stat().st_ino
    moved(project)
    finish(project)
    assert (place(project) / "kept.txt").stat().st_ino == written
    assert (place(project) / "later.txt").exists() and not (place(project) / "README.md").exists()


def test_it_follows_a_history_that_was_rewritten(project: Checkout) -> None:
    moved(project)
    begin(project)
    git(project.root, "reset", "--quiet", "--hard", "HEAD~1")
    commit(project.root, {"another.txt": "a\n"})
    finish(project)
    assert not (place(project) / "later.txt").exists()


def test_begun_again_it_is_brought_to_where_the_branch_is(project: Checkout) -> None:
    begin(project)
    at = moved(project)
    assert begun(project, at) and tip(place(project)) == at
    assert is_unfinished(list_worktrees(project.git)[1])
    finish(project)


@pytest.fixture
def slow(project: Checkout, tmp_path: Path) -> Path:
    """Writing a file takes until there is a file at this path."""
    go = tmp_path / "go"
    git(project.root, "config", "filter.slow.smudge", f"until test -e '{go}'; do sleep 0.01; done; cat")
    commit(project.root, {".gitattributes": "*.slow filter=slow\n", "large.slow": "l\n"})
    return go


def test_nobody_waits_while_its_files_are_written_but_who_needs_it(project: Checkout, slow: Path) -> None:
    started = begin_worktree(project, place(project), tip(project.root), BRANCH)
    assert started is not None and started.running
    other = project.root / ".maestro" / "worktrees" / "run" / "other"
    create_worktree(project, other, tip(project.root, "HEAD~1"), None)
    with ThreadPoolExecutor(1) as pool:
        finishing = pool.submit(create_worktree, project, place(project), tip(project.root), BRANCH)
        assert started.running
        slow.touch()
        finishing.result(LONG)
    remove_worktree(project, other, kept_tree=None, base=tip(project.root, "HEAD~1"))
    finish(project)
    assert (place(project) / "large.slow").read_text() == "l\n"


def test_half_written_and_left_it_is_made_anew_or_goes(project: Checkout, slow: Path) -> None:
    for end in (finish, lambda project: remove_worktree(project, place(project), kept_tree=None, base=tip(project.root))):
        slow.unlink(missing_ok=True)
        started = begin_worktree(project, place(project), tip(project.root), BRANCH)
        assert started is not None
        started.stop()
        slow.touch()
        end(project)
        remove_worktree(project, place(project), kept_tree=None, base=tip(project.root), branch=BRANCH)
        assert len(list_worktrees(project.git)) == 1 and not place(project).exists()


def test_work_that_somebody_began_there_meanwhile_stays(project: Checkout) -> None:
    started = begin_worktree(project, place(project), tip(project.root), BRANCH)
    assert started is not None
    finish(project)
    write(place(project), {"src/app.py": "work\n"})
    assert started.settle() and (place(project) / "src" / "app.py").read_text() == "work\n"


def test_nothing_is_begun_where_something_is(project: Checkout) -> None:
    create_worktree(project, place(project), tip(project.root), BRANCH)
    assert not begun(project, tip(project.root))
    remove_worktree(project, place(project), kept_tree=None, base=tip(project.root))
    write(place(project), {"mine.txt": "m\n"})
    assert not begun(project, tip(project.root))
    assert [path.name for path in place(project).iterdir()] == ["mine.txt"]


def test_what_a_hook_leaves_is_not_taken_for_somebodys_later(project: Checkout) -> None:
    hook(project.root, "post-checkout", "echo made > generated.txt")
    assert not begun(project, tip(project.root))
    assert len(list_worktrees(project.git)) == 1 and not place(project).exists()
    create_worktree(project, place(project), tip(project.root), BRANCH)
    assert (place(project) / "generated.txt").exists()


def test_a_file_that_somebody_puts_there_while_it_is_made_stays(project: Checkout) -> None:
    """git knows no such file, so nobody can say that it is not somebody's work."""
    git(project.root, "config", "filter.meddled.smudge", "echo mine > notes.txt; cat")
    commit(project.root, {".gitattributes": "*.py filter=meddled\n", "src/other.py": "y = 1\n"})
    assert not begun(project, tip(project.root))
    assert (place(project) / "notes.txt").read_text() == "mine\n"
    with pytest.raises(Unsafe, match=r"notes\.txt"):
        create_worktree(project, place(project), tip(project.root), BRANCH)
    assert (place(project) / "notes.txt").read_text() == "mine\n"


def test_where_files_do_not_stay_as_they_were_written_nothing_is_made_ahead(project: Checkout) -> None:
    """Line endings and filters can make a fresh file differ at once."""
    git(project.root, "config", "filter.restless.smudge", "test -e src/app.py && echo 'x = 9' >> src/app.py; cat")
    commit(project.root, {".gitattributes": "*.py filter=restless\n", "src/later.py": "y = 1\n"})
    assert not begun(project, tip(project.root))
    assert len(list_worktrees(project.git)) == 1 and not place(project).exists()


@pytest.mark.parametrize("step", ["worktree add", "status", "checkout", "update-ref", "symbolic-ref", "worktree unlock"])
def test_killed_at_any_step_the_next_call_ends_in_the_same_state(project: Checkout, kill: Kill, step: str) -> None:
    if step == "worktree add":
        kill(step, lambda: begun(project, tip(project.root)))
        moved(project)
    else:
        begin(project)
        at = moved(project)
        kill(step, lambda: create_worktree(project, place(project), at, BRANCH))
    finish(project)


def half_moved(project: Checkout) -> None:
    """git was killed while it wrote the files of the next commit, before the index."""
    begin(project)
    at = moved(project)
    folder = find_checkout(place(project)).git_dir
    (folder / "locked").write_text(making(at, BRANCH))
    (folder / "index.lock").touch()
    write(place(project), {"later.txt": "l\n", "src/app.py": "x ="})
    commit(project.root, {"later.txt": "and then again\n"})


def half_written(project: Checkout) -> None:
    begin(project)
    (find_checkout(place(project)).git_dir / "index").unlink()
    (place(project) / "src" / "app.py").write_text("x")


def half_removed(project: Checkout) -> None:
    begin(project)
    shutil.rmtree(place(project) / "src")


def pointerless(project: Checkout) -> None:
    begin(project)
    (place(project) / ".git").unlink()


@pytest.mark.parametrize("leave", [half_moved, half_written, half_removed, pointerless])
def test_what_is_not_whole_is_made_anew(project: Checkout, leave: Callable[[Checkout], None]) -> None:
    leave(project)
    finish(project)


def a_new_file(project: Checkout) -> Path:
    write(place(project), {"notes.txt": "mine\n"})
    return place(project) / "notes.txt"


def a_changed_file(project: Checkout) -> Path:
    write(place(project), {"src/app.py": "mine\n"})
    return place(project) / "src" / "app.py"


@pytest.mark.parametrize("put", [a_new_file, a_changed_file])
def test_what_somebody_put_there_is_neither_taken_nor_removed(project: Checkout, put: Callable[[Checkout], Path]) -> None:
    base = begin(project)
    path = put(project)
    text = path.read_text()
    for call in (
        lambda: create_worktree(project, place(project), base, BRANCH),
        lambda: create_worktree(project, place(project), moved(project), BRANCH),
        lambda: remove_worktree(project, place(project), kept_tree=None, base=base),
    ):
        with pytest.raises(Unsafe) as caught:
            call()
        assert caught.value.slug == "worktree-path-taken" and path.name in caught.value.message
    assert path.read_text() == text


def test_what_nobody_needs_is_removed_completely(project: Checkout) -> None:
    base = begin(project)
    moved(project)
    remove_worktree(project, place(project), kept_tree=None, base=base)
    assert len(list_worktrees(project.git)) == 1 and not place(project).exists()
