"""Somebody rewrites the branch under a run: nothing counts as done that git does not have, and what is there in another form is not done twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maestro.errors import Conflict
from maestro.run import driving
from maestro.run.doctoring import examine, mend
from support import git, load_beside

made = load_beside(__file__, "worlds")


def merged(folder: Path) -> Any:
    """Two of five tasks are merged; the others are at work or wait."""
    world = made.World(folder, made.FIVE)
    world.attach(made.handles(world.start()))
    world.work_all(["auth/1.1/1", "auth/1.2/1"])
    world.attach(made.handles(world.merge()))
    assert world.commits() == ["1.1", "1.2"]
    return world


def sha(world: Any, task: str) -> str:
    return git(world.root, "log", "-1", "--format=%H", f"--grep=^Maestro-Task: {task}$")


def test_an_amended_commit_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    world = merged(tmp_path / "project")
    before = world.task("1.2").sha
    git(world.root, "commit", "--quiet", "--amend", "--only", "--reset-author", "--date=2001-01-01T00:00:00Z", "--no-edit")
    action = world.next()
    assert any(f"1.2 was merged as {before[:7]} and is in {sha(world, '1.2')[:7]} now" in notice for notice in action.notices)
    assert world.task("1.2").sha == sha(world, "1.2") != before and f"Make b [x] {sha(world, '1.2')[:7]}" in world.plan


def test_a_rebased_branch_is_followed(tmp_path: Path) -> None:
    world = merged(tmp_path / "project")
    first = git(world.root, "rev-list", "--max-parents=0", "HEAD")
    git(world.root, "checkout", "--quiet", "--detach", first)
    (world.root / "notes.txt").write_text("mine\n")
    git(world.root, "add", "notes.txt")
    git(world.root, "commit", "--quiet", "-m", "Mine, before all")
    onto = git(world.root, "rev-parse", "HEAD")
    git(world.root, "checkout", "--quiet", "main", "--", ".maestro")
    git(world.root, "checkout", "--quiet", "--force", "main")
    git(world.root, "rebase", "--quiet", "--autostash", "--onto", onto, first)
    world.next()
    assert [world.task(task).sha for task in ("1.1", "1.2")] == [sha(world, "1.1"), sha(world, "1.2")]
    world.work_all(["auth/1.3/1"])
    world.merge()
    assert world.commits() == ["1.1", "1.2", "1.3"]


def squashed(world: Any, message: str) -> str:
    git(world.root, "reset", "--quiet", "--soft", "HEAD~2")
    git(world.root, "commit", "--quiet", "-m", message)
    return git(world.root, "rev-parse", "HEAD")


def test_squashed_work_counts_and_is_not_taken_back_in_parts(tmp_path: Path) -> None:
    world = merged(tmp_path / "project")
    whole = squashed(world, "Both at once")
    world.next()
    assert [world.task(task).sha for task in ("1.1", "1.2")] == [whole, whole] and world.states()["1.1"] == "merged"
    world.fail("auth/1.3/1", "lost")
    for handle in ("auth/1.4/1", "auth/1.5/1"):
        world.fail(handle, "lost")
    with pytest.raises(Conflict) as caught:
        driving.undo(world.home, world.caller, ("1.1",))
    assert caught.value.slug == "undo-not-alone" and "together with work of 1.2" in caught.value.message


@pytest.mark.parametrize("option", ["again", "keep"])
def test_work_that_was_reset_away_is_asked_about(option: str, tmp_path: Path) -> None:
    world = merged(tmp_path / "project")
    gone = world.task("1.2").sha
    git(world.root, "reset", "--quiet", "--hard", "HEAD~1")
    action = world.next()
    assert (action.action, action.question_id, made.options(action), action.unattended) == ("decide", f"gone-1.2-{gone[:7]}", ["again", "keep"], None)
    world.answer(action.question_id, option)
    if option == "keep":
        assert world.states()["1.2"] == "merged" and world.next().action != "decide"
        return
    assert world.states()["1.2"] == "waiting" and "Make b [ ]" in world.plan
    world.work_all(["auth/1.3/1", "auth/1.4/1", "auth/1.5/1"])
    assert made.handles(world.merge()) == ["auth/1.2/2"]


def test_on_another_branch_nothing_is_concluded(tmp_path: Path) -> None:
    world = merged(tmp_path / "project")
    git(world.root, "stash", "--quiet")
    git(world.root, "switch", "--quiet", "--detach", "HEAD~2")
    with pytest.raises(Exception, match="on branch main"):
        world.next()
    assert world.named("task-moved") == [] and world.states()["1.2"] == "merged"


def test_the_doctor_tells_and_follows(tmp_path: Path) -> None:
    world = merged(tmp_path / "project")
    git(world.root, "commit", "--quiet", "--amend", "--only", "--no-edit", "--date=2001-01-01T00:00:00Z")
    [found] = [entry for entry in examine(world.home.checkout) if entry.code == "history-rewritten"]
    assert "1.2" in found.message and mend([found]) == (["history-rewritten"], [])
    assert world.task("1.2").sha == sha(world, "1.2") and examine(world.home.checkout) == []
