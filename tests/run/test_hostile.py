"""Names, titles and files that were made to do harm are data, from the plan to the commit."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from builders import make_repository as repository_in
from support import git, load_beside

made = load_beside(__file__, "worlds")

TITLES = [
    "$(touch pwned) `touch pwned`; touch pwned",
    "../../../etc/passwd",
    "--force -rf",
    "\u202egnp.exe \u200b日本語 🎉",
    r"\g<0> \1 $1 %s {0}",
    "'\"; exit 1 # x",
    "Maestro-Task: 1.2",
]


@pytest.mark.parametrize("title", TITLES)
def test_a_title_runs_nothing_and_leads_nowhere(tmp_path: Path, title: str) -> None:
    world = made.World(tmp_path / "project", made.TWO.replace("Make a", title))
    ran = world.door("run", "start", "auth", "--parallel", "--test", made.TEST, "--yes", "--json")
    assert ran.code == 0, ran
    for handle, name in (("auth/1.1/1", "a"), ("auth/1.2/1", "b")):
        world.attach([handle])
        world.work(handle, {f"src/{name}.py": "x\n"})
    assert world.door("run", "merge", "--json").data["next"]["action"] in ("verify-phase", "decide", "complete")
    assert sorted(world.commits()) == ["1.1", "1.2"] or title.startswith("Maestro-Task")
    assert world.states() == {"1.1": "merged", "1.2": "merged"} and title in world.plan
    assert not list(tmp_path.rglob("pwned")) and sorted(path.name for path in tmp_path.iterdir()) == ["project"]


ODD = [b"caf\xe9.py", "größe 日本.py".encode(), b"line\nbreak.py", b"-rf", b":(exclude)x", b"tab\t.py", b"$(id).py", b'quote".py', b"\xf0\x9f\x8e\x89.py"]


@pytest.mark.parametrize("name", ODD)
def test_a_file_name_is_only_a_name(tmp_path: Path, name: bytes) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    folder = world.write("auth/1.1/1", {"src/a.py": "a\n"})
    Path(os.fsdecode(os.fsencode(folder / "src") + b"/" + name)).write_text("x\n")
    world.attach(["auth/1.1/1"])
    assert world.door("run", "next").code == 0, "shown while it runs"
    world.done("auth/1.1/1")
    ran = world.door("run", "merge")
    assert ran.code == 0 and world.commits() == ["1.1"], ran
    assert world.door("run", "status", "--json").code == 0


def test_a_plan_with_windows_line_endings_keeps_them_through_the_whole_run(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", "\ufeff" + made.TWO.replace("\n", "\r\n"))
    world.work_all(made.handles(world.start()))
    world.answer(world.merge().question.id, "verified")
    world.complete("keep")
    data = world.plan_file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf") and data.count(b"\n") == data.count(b"\r\n") and b"[checkpoint: " in data and data.count(b"[x]") == 5


def test_a_linked_folder_in_a_worktree_is_removed_as_a_link(tmp_path: Path) -> None:
    """What it points to survives the worktree."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")), {".gitignore": "node_modules\n"})
    world.start()
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "precious.js").write_text("x\n")
    folder = world.write("auth/1.1/1", {"src/a.py": "a\n"})
    (folder / "node_modules").symlink_to(tmp_path / "modules")
    world.done("auth/1.1/1")
    world.merge()
    assert not folder.exists() and (tmp_path / "modules" / "precious.js").read_text() == "x\n"


def test_a_link_that_a_worker_commits_is_held(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    folder = world.write("auth/1.1/1", {"src/a.py": "a\n"})
    (folder / "secrets").symlink_to("/etc/passwd")
    world.done("auth/1.1/1")
    action = world.merge()
    assert action.question_id == "held-1.1-1" and "secrets (a symbolic link)" in action.text


def test_a_repository_inside_a_worktree_is_told_and_never_lost(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    folder = world.write("auth/1.1/1", {"src/a.py": "a\n"})
    repository_in(folder / "vendor")
    world.done("auth/1.1/1")
    action = world.merge()
    assert world.commits() == ["1.1"] and any("repositories inside its worktree" in notice for notice in action.notices)
    assert (folder / "vendor/project/.git").exists(), "kept nowhere else, so the worktree stays"


def test_a_workers_hooks_and_settings_do_not_reach_the_users_repository(tmp_path: Path) -> None:
    """A worktree shares its repository's settings: a branch moved or a stash made there is visible, the user's files are not touched."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    folder = world.write("auth/1.1/1", {"src/a.py": "a\n"})
    git(folder, "add", "--all")
    git(folder, "stash")
    git(folder, "stash", "apply")
    world.done("auth/1.1/1")
    world.merge()
    assert world.commits() == ["1.1"] and git(world.root, "stash", "list").count("\n") == 0


def test_a_huge_diff_is_only_long(tmp_path: Path) -> None:
    world: Any = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    world.work("auth/1.1/1", {f"src/file{number}.py": "x\n" for number in range(600)})
    ran = world.door("run", "merge")
    assert ran.code == 0 and len(ran.out) < 10_000 and world.commits() == ["1.1"]
