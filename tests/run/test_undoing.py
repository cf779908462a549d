"""Merged work can be taken back: exactly what a unit committed, and never what later work rests on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maestro.errors import Conflict, MaestroError
from maestro.run import driving
from support import git, load_beside

made = load_beside(__file__, "worlds")


def finished(folder: Path, text: str) -> Any:
    """A world whose first phase is merged and waits for its verification."""
    world = made.World(folder, text)
    action = world.start()
    while action.action == "dispatch":
        world.work_all(worker.handle for worker in action.workers)  # type: ignore[attr-defined]
        action = world.merge()
    assert action.action == "verify-phase"
    return world


def undo(world: Any, *words: str) -> list[str]:
    return driving.undo(world.home, world.caller, words)[0]


def test_a_task_is_reverted_alone_and_is_open_again(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.FIVE)
    assert undo(world, "1.2") == ["1.2"]
    assert not (world.root / "src/b.py").exists()
    assert (world.root / "src/a.py").exists() and (world.root / "src/c.py").exists()
    assert world.states()["1.2"] == "waiting"
    assert "### Task 1.2: Make b [ ]" in world.plan_file.read_text()
    assert git(world.root, "status", "--porcelain") == ""


def test_what_was_taken_back_runs_again_as_a_new_attempt(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.CHAIN)
    undo(world, "1.2")
    action = world.next()
    assert [worker.handle for worker in action.workers] == ["auth/1.2/2"]  # type: ignore[attr-defined]
    world.work("auth/1.2/2", {"src/b.py": "better = True\n"})
    assert world.merge().action == "verify-phase"
    assert (world.root / "src/b.py").read_text() == "better = True\n"


def test_work_that_others_rest_on_stays_and_they_are_named(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.CHAIN)
    before = git(world.root, "rev-parse", "HEAD")
    with pytest.raises(Conflict, match=r"1\.2 depend on it") as caught:
        undo(world, "1.1")
    assert caught.value.slug == "undo-needed-later"
    assert git(world.root, "rev-parse", "HEAD") == before


def test_work_of_a_later_phase_that_rests_on_it_is_named_too(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/c.py"), ("2.1", "src/b.py", "using the module from Task 1.1")))
    world.answer("verify-1-1", "verified")
    world.work_all(["auth/2.1/1"])
    world.merge()
    with pytest.raises(Conflict, match=r"2\.1 depend on it"):
        undo(world, "1.1")
    assert undo(world, "1.2") == ["1.2"], "nothing needs this one"


def test_a_wave_and_a_phase_are_units_too(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.CHAIN)
    assert undo(world, "wave", "2") == ["1.2"]
    assert undo(world, "phase", "1") == ["1.1"]
    assert git(world.root, "ls-files", "src") == "src/app.py"


def test_history_only_grows(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.FIVE)
    before = git(world.root, "rev-parse", "HEAD")
    undo(world, "phase", "1")
    assert git(world.root, "merge-base", before, "HEAD") == before


def test_lines_that_a_later_commit_changed_are_a_refusal_that_leaves_everything(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.FIVE)
    (world.root / "src/a.py").write_text("somebody = 'else'\n")
    git(world.root, "commit", "-qam", "by hand")
    before = git(world.root, "rev-parse", "HEAD")
    with pytest.raises(Conflict) as caught:
        undo(world, "1.1")
    assert caught.value.slug == "undo-conflict"
    assert git(world.root, "rev-parse", "HEAD") == before
    assert git(world.root, "status", "--porcelain", "--", "src") == ""
    assert world.states()["1.1"] == "merged"


def test_a_completed_track_is_open_again(tmp_path: Path) -> None:
    world = finished(tmp_path / "project", made.PHASES)
    world.answer("verify-1-1", "verified")
    world.work_all(["auth/2.1/1"])
    world.merge()
    world.answer("verify-2-1", "verified")
    assert world.complete().action == "finished"
    undo(world, "2.1")
    assert "- [~] **Track" in (world.root / ".maestro/tracks.md").read_text()
    assert [worker.handle for worker in world.resume().workers] == ["auth/2.1/2"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("words", "slug"), [(("9.9",), "task-unknown"), (("wave", "9"), "wave-not-found"), (("phase", "9"), "phase-not-found"), (("a", "b"), "undo-what")]
)
def test_what_is_not_there_cannot_be_undone(tmp_path: Path, words: tuple[str, ...], slug: str) -> None:
    world = finished(tmp_path / "project", made.CHAIN)
    with pytest.raises(MaestroError) as caught:
        undo(world, *words)
    assert caught.value.slug == slug
