"""Work that does not fit together: who is named, what is tried again, and that trying again does not end in the same place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from maestro.models.run import Handle
from maestro.run import workers
from support import git, load_beside

made = load_beside(__file__, "worlds")

THREE = made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py"))


def meeting(folder: Path) -> Any:
    """Three workers who all changed the same line of a file that no task names; the first is merged."""
    world = made.World(folder, THREE, {"src/app.py": "x = 1\n"})
    world.attach(made.handles(world.start()))
    for handle, name in (("auth/1.1/1", "a"), ("auth/1.2/1", "b"), ("auth/1.3/1", "c")):
        world.work(handle, {f"src/{name}.py": "x\n", "src/app.py": f"x = '{name}'\n"})
    world.merge()
    return world


def test_retries_after_a_conflict_run_one_after_the_other(tmp_path: Path) -> None:
    """Tried again side by side, the second would meet the first as it did before."""
    world = meeting(tmp_path / "project")
    assert [question.id for question in world.state.open_questions] == ["conflict-1.2-1"]
    world.answer("conflict-1.2-1", "retry")
    action = world.answer("conflict-1.3-1", "retry")
    assert made.handles(action) == ["auth/1.2/2"] and world.states()["1.3"] == "waiting"
    world.work("auth/1.2/2", {"src/b.py": "x\n", "src/app.py": "x = 'ab'\n"})
    action = world.merge()
    assert made.handles(action) == ["auth/1.3/2"] and (world.folder("auth/1.3/2") / "src/app.py").read_text() == "x = 'ab'\n"
    world.work("auth/1.3/2", {"src/c.py": "x\n", "src/app.py": "x = 'abc'\n"})
    assert world.merge().action == "verify-phase" and world.commits() == ["1.1", "1.2", "1.3"]


def test_a_conflict_names_whom_it_is_with_and_not_who_came_before_both(tmp_path: Path) -> None:
    text = made.plan(("1.1", "src/app.py"), ("1.2", "src/b.py", "after Task 1.1"), ("1.3", "src/c.py", "after Task 1.1"))
    world = made.World(tmp_path / "project", text, {"src/app.py": "x = 1\n"})
    world.start()
    world.work("auth/1.1/1", {"src/app.py": "x = 2\n"})
    world.attach(made.handles(world.merge()))
    world.work("auth/1.2/1", {"src/b.py": "b\n", "src/app.py": "x = 'b'\n"})
    world.work("auth/1.3/1", {"src/c.py": "c\n", "src/app.py": "x = 'c'\n"})
    action = world.merge()
    assert action.question_id == "conflict-1.3-1" and action.context["tasks"] == ["1.3", "1.2"]


def test_a_conflict_with_the_users_own_commit_blames_no_task(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", files={"src/app.py": "x = 1\n"})
    world.attach(made.handles(world.start()))
    (world.root / "src/app.py").write_text("x = 'mine'\n")
    git(world.root, "commit", "-qam", "Mine")
    world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 'theirs'\n"})
    action = world.merge()
    assert action.context["tasks"] == ["1.1"] and "conflicts with what was committed meanwhile in src/app.py lines 1-5" in action.text


def strayed(folder: Path, *where: str) -> Any:
    """A worker who did its work somewhere else than on the branch of its worktree."""
    world = made.World(folder)
    world.attach(made.handles(world.start()))
    git(world.folder("auth/1.1/1"), "switch", "--quiet", *where)
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    return world


def test_a_worktree_that_was_switched_to_another_branch_is_held(tmp_path: Path) -> None:
    world = strayed(tmp_path / "project", "-c", "mine")
    action = world.merge()
    assert (action.question_id, made.options(action), action.unattended) == ("strayed-1.1-1", ["merge", "retry"], None)
    assert "on branch mine instead of maestro-work/" in action.text and world.commits() == []
    world.answer("strayed-1.1-1", "merge")
    assert world.commits() == ["1.1"] and git(world.root, "branch", "--list", "mine"), "the branch is the user's to keep or delete"


def test_a_switched_worktree_can_be_tried_again_and_its_work_is_kept(tmp_path: Path) -> None:
    world = strayed(tmp_path / "project", "--detach")
    assert "on a detached HEAD" in world.merge().text
    action = world.answer("strayed-1.1-1", "retry")
    assert "auth/1.1/2" in made.handles(action) and world.task("1.1").attempts[0].kept
    assert "was left on a detached HEAD" in workers.attach(world.root, Handle.parse("auth/1.1/2"))
