"""Summaries stand where the workflow keeps them, on the commits that the markers name, and nobody's note is lost."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from maestro.models.schedule import Mode
from maestro.run import driving
from support import git, load_beside

made = load_beside(__file__, "worlds")


def world_with(folder: Path, storage: str) -> Any:
    return made.World(folder, files={".maestro/context/workflow.md": f"- Summary storage: {storage}\n"})


def note(world: Any, sha: str) -> str:
    return git(world.root, "log", "-1", "--format=%N", sha).strip()


def marked(world: Any) -> dict[str, str]:
    """Task and commit of every `[x] sha` in the plan."""
    return {task: git(world.root, "rev-parse", sha) for task, sha in re.findall(r"### Task (\S+):.*\[x\] ([0-9a-f]{7})$", world.plan, re.MULTILINE)}


@pytest.mark.parametrize("mode", [Mode.PARALLEL, Mode.SINGLE, Mode.TEAM])
def test_every_commit_that_a_marker_names_has_its_note(mode: Mode, tmp_path: Path) -> None:
    world = world_with(tmp_path / "project", "git notes")
    action = world.start(mode)
    while action.action in ("dispatch", "implement"):
        for handle in made.handles(action):
            path = "src/a.py" if "/1.1/" in handle else "src/b.py"
            world.write(handle, {path: f"{handle}\n"})
            world.done(handle, **({"summary": "Adds a."} if "/1.1/" in handle else {}))
        action = world.merge()
    assert {task: note(world, sha) for task, sha in marked(world).items()} == {"1.1": "Adds a.", "1.2": "1.2 Make b\n\nChanges src/b.py."}


@pytest.mark.parametrize(("storage", "in_body"), [("commit body", True), ("none", False)])
def test_without_notes_there_are_none(storage: str, in_body: bool, tmp_path: Path) -> None:
    world = world_with(tmp_path / "project", storage)
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "a\n"})
    world.done("auth/1.1/1", summary="Adds a.")
    world.merge()
    sha = world.task("1.1").sha
    assert (note(world, sha), "Adds a." in git(world.root, "log", "-1", "--format=%B", sha)) == ("", in_body)


def test_work_that_was_taken_back_says_so_and_its_successor_has_its_own_note(tmp_path: Path) -> None:
    world = world_with(tmp_path / "project", "git notes")
    world.start()
    for handle in ("auth/1.1/1", "auth/1.2/1"):
        world.write(handle, {"src/a.py" if "/1.1/" in handle else "src/b.py": f"{handle}\n"})
        world.done(handle, summary=f"First {handle}.")
    world.merge()
    first = world.task("1.1").sha
    _, revert, _ = driving.undo(world.home, world.caller, ("1.1",))
    assert note(world, first) == f"First auth/1.1/1.\n\nTaken back by {revert[:7]}."
    world.next()
    world.write("auth/1.1/2", {"src/a.py": "again\n"})
    world.done("auth/1.1/2", summary="Second.")
    world.merge()
    assert marked(world)["1.1"] != first and note(world, marked(world)["1.1"]) == "Second."


def test_a_note_that_somebody_else_wrote_is_kept(tmp_path: Path) -> None:
    """Tools put notes on commits too, some of them from a hook."""
    world = world_with(tmp_path / "project", "git notes")
    hook = world.root / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ngit notes add -m 'Reviewed-by: a tool' HEAD\n")
    hook.chmod(0o755)
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "a\n"})
    world.done("auth/1.1/1", summary="Adds a.")
    world.merge()
    assert note(world, world.task("1.1").sha) == "Reviewed-by: a tool\n\nAdds a."


def test_a_note_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    world = world_with(tmp_path / "project", "git notes")
    world.start()
    git(world.root, "update-ref", "refs/notes/commits/in-the-way", "HEAD")
    world.work_all(["auth/1.1/1"])
    action = world.merge()
    assert world.states()["1.1"] == "merged"
    assert any("could not be written" in notice for notice in action.notices)
