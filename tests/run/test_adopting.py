"""Workers whose runtime made a worktree for them: `attach` brings it to the attempt's base and takes it over, wherever it was forked from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from builders import commit, tip, worktree
from maestro.errors import Unsafe
from maestro.models.run import Handle
from maestro.run import workers
from support import git, load_beside, write

made = load_beside(__file__, "worlds")
HANDLE = Handle.parse("auth/1.1/1")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    """The run began one commit after the one that the runtime forks from."""
    world = made.World(tmp_path / "project")
    git(world.root, "branch", "stale")
    commit(world.root, {"src/later.py": "later = 1\n"}, "Later")
    world.start()
    return world


def isolated(world: Any, rev: str = "stale") -> Path:
    return worktree(world.root, world.root / ".claude" / "worktrees" / "agent-1", rev, "-b", "worktree-agent-1")


def test_a_worktree_of_the_runtime_takes_the_place_of_ours(world: Any) -> None:
    ours, folder = world.folder(str(HANDLE)), isolated(world)
    brief = workers.attach(folder, HANDLE)
    assert f"Work in {folder} and nowhere else" in brief
    assert tip(folder) == world.task("1.1").attempt.base and (folder / "src/later.py").exists()
    assert world.folder(str(HANDLE)) == folder and not ours.exists()
    write(folder, {"src/a.py": "a\n"})
    workers.done(folder, HANDLE)
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    assert world.commits() == ["1.1", "1.2"] and not folder.exists()


def test_a_call_from_it_finds_the_run_before_it_is_attached(world: Any) -> None:
    assert workers.home_of(isolated(world), HANDLE).checkout.root == world.root


def test_a_worktree_in_which_somebody_worked_is_not_taken(world: Any) -> None:
    folder = isolated(world)
    write(folder, {"mine.txt": "mine\n"})
    with pytest.raises(Unsafe) as caught:
        workers.attach(folder, HANDLE)
    assert caught.value.slug == "worktree-has-work" and world.folder(str(HANDLE)) != folder and (folder / "mine.txt").exists()
