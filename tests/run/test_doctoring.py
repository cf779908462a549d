"""The doctor recognises from git's facts what does not fit together, tells it in a line, and mends only what loses nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from maestro.models.run import Handle
from maestro.run import workers
from maestro.run.doctoring import Finding, examine, mend
from maestro.run.home import set_active
from support import git, load_beside

made = load_beside(__file__, "worlds")


def findings(world: Any) -> dict[str, Finding]:
    return {found.code: found for found in examine(world.home.checkout)}


def test_a_healthy_run_has_no_findings(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    assert findings(world) == {}


def test_a_task_in_progress_that_nobody_works_on_is_reset_on_request(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.plan_file.write_text(world.plan_file.read_text().replace("Make a\n", "Make a [~]\n"))
    found = findings(world)["task-stale"]
    assert found.message.endswith(
        "plan.md:5: [!] Task 1.1 is marked in-progress but no worker is active.\n--> This is a stale task from a crashed/interrupted session."
    )
    assert mend([found]) == (["task-stale"], [])
    assert "[~]" not in world.plan_file.read_text()


def test_a_vanished_worktree_is_named_with_its_handle_and_handed_out_again(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    shutil.rmtree(world.folder("auth/1.1/1"))
    found = findings(world)["worktree-vanished"]
    assert "auth/1.1/1" in found.hint and mend([found]) == (["worktree-vanished"], [])
    assert (world.states()["1.1"], world.task("1.1").counted) == ("waiting", 0)


def test_a_vanished_worktree_without_commits_is_noticed_by_the_next_call(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.attach(made.handles(world.start()))
    shutil.rmtree(world.folder("auth/1.1/1"))
    action = world.next()
    assert made.handles(action) == ["auth/1.1/2"] and any("its worktree .maestro/worktrees/" in notice and "is gone" in notice for notice in action.notices)


def test_commits_of_a_vanished_worktree_are_a_persons_to_judge(tmp_path: Path) -> None:
    """Nothing says that its worker was finished, so neither is it merged nor thrown away."""
    world = made.World(tmp_path / "project", made.TWO)
    world.attach(made.handles(world.start()))
    folder = world.write("auth/1.1/1", {"src/a.py": "a = 1\n"})
    git(folder, "add", "src/a.py")
    git(folder, "commit", "-qm", "so far")
    shutil.rmtree(folder)
    assert findings(world)["worktree-vanished"].fix is None
    action = world.next()
    assert action.action == "wait" and any("takes what is on its branch maestro-work/" in notice for notice in action.notices)
    workers.done(world.root, Handle.parse("auth/1.1/1"))
    world.merge()
    assert world.states()["1.1"] == "merged" and git(world.root, "show", "HEAD:src/a.py") == "a = 1"


def test_a_damaged_journal_is_named_with_its_line(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    world.home.journal.write_text("{}\n" + world.home.journal.read_text())
    found = findings(world)["journal-damaged"]
    assert f"{world.home.journal}:1" in found.message and found.fix is None


def test_a_run_whose_checkout_was_removed_is_told_with_the_way_back(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    git(world.root, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    beside = made.World.__new__(made.World)
    beside.root, beside.driver = tmp_path / "side", None
    beside.start()
    shutil.rmtree(tmp_path / "side")
    assert f"git worktree add {tmp_path / 'side'} side" in findings(world)["checkout-gone"].hint


def test_a_run_on_another_branch_is_told(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    git(world.root, "switch", "-qc", "elsewhere")
    assert "main" in findings(world)["other-branch"].hint


def test_worktrees_and_branches_without_a_run_are_cleaned_when_empty(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    world.home.journal.unlink()
    found = findings(world)
    assert {"worktree-stray", "branch-stray", "pointer-stale"} <= set(found)
    strays = [entry for entry in examine(world.home.checkout) if entry.code in ("worktree-stray", "pointer-stale")]
    mend(strays)
    mend(examine(world.home.checkout))
    assert git(world.root, "worktree", "list").count("\n") == 0
    assert git(world.root, "branch", "--list", "maestro-work/*") == ""


def test_a_stray_worktree_with_work_is_left_alone(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    folder = world.write("auth/1.1/1", {"src/a.py": "precious = 1\n"})
    world.home.journal.unlink()
    _, failed = mend(examine(world.home.checkout))
    assert any("worktree-stray" in words for words in failed)
    assert (folder / "src/a.py").read_text() == "precious = 1\n"


def test_a_pointer_to_a_run_that_is_over_is_removed(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    set_active(world.home.checkout, "auth")
    mend([findings(world)["pointer-stale"]])
    assert findings(world) == {}


def test_an_editable_install_of_this_checkout_is_a_trap_that_is_told(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    packages = world.root / ".venv/lib/python3.11/site-packages"
    packages.mkdir(parents=True)
    (packages / "__editable__.project.pth").write_text(f"{world.root}/src\n")
    assert "worktree" in findings(world)["editable-install"].message
