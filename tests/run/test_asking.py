"""The engine asks git no more often than it has to: on 10,000 files each look at a worktree costs what ten other commands do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from builders import commit, hook
from maestro.git.runner import Git, Result
from maestro.run.context import opened
from maestro.run.forecasting import merge_order
from support import load_beside

made = load_beside(__file__, "worlds")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py")))
    world.start()
    return world


@contextmanager
def asked() -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    """The git commands of a block, each with the name of the folder it ran in."""
    found: list[tuple[str, tuple[str, ...]]] = []
    run = Git.run

    def noted(self: Git, *args: str, **options: Any) -> Result:
        found.append((self.cwd.name, args))
        return run(self, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Git, "run", noted)
        yield found


def test_which_of_the_reported_goes_first_is_known_without_another_look_at_their_worktrees(world: Any) -> None:
    for number, name in enumerate("abc", 1):
        world.work(f"auth/1.{number}/1", {f"src/{name}.py": "x = 1\n"})
    with opened(world.home, "a test") as context:
        reported = list(context.state.tasks.values())
        with asked() as commands:
            assert merge_order(context, reported) == reported
    assert not [command for _, command in commands if command[0] == "status"]


def test_reported_work_that_clashes_is_still_looked_at_and_goes_last(world: Any) -> None:
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n", "src/app.py": "x = 'one'\n"})
    world.work("auth/1.2/1", {"src/b.py": "x = 1\n", "src/app.py": "x = 'two'\n"})
    world.work("auth/1.3/1", {"src/c.py": "x = 1\n"})
    with opened(world.home, "a test") as context:
        order = merge_order(context, list(context.state.tasks.values()))
    assert [task.id for task in order] == ["1.3", "1.1", "1.2"]


@pytest.mark.parametrize(("hooks", "number"), [(False, 1), (True, 2)])
def test_a_candidate_is_tested_where_it_was_made_without_another_look(world: Any, hooks: bool, number: int) -> None:
    if hooks:
        hook(world.root, "pre-commit", "true")
    world.work("auth/1.1/1", {"src/a.py": "x = 1\n"})
    with asked() as commands:
        world.merge()
    looks = [command for folder, command in commands if folder == "integration" and command[0] == "status"]
    assert len(looks) == number, "before the candidate is made, and after the hooks of its commit, which may leave files"


def test_the_branch_is_asked_for_again_as_soon_as_it_moves(world: Any) -> None:
    """Another process commits between two looks of the same call."""
    with opened(world.home, "a test") as context:
        before = context.standing
        made = commit(world.root, {"notes.txt": "mine\n"})
        context.look_again()
        assert (before[0], context.standing) == ("main", ("main", made))
