"""Runs in repositories of every kind: what is there stays, what a task did arrives, and what cannot work is said before anything is touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from headless import PLAN, TRACK, WORKER, Ended, Project, hurry, in_child, litter, look, make
from maestro.errors import Unsafe
from maestro.models.schedule import Mode
from plans import make_project
from support import git, make_repository, write
from waiting import bury

EACH = pytest.mark.parametrize("mode", list(Mode), ids=str)


def drive(project: Project) -> Ended:
    def work() -> None:
        hurry()
        os.write(2, project.drive().encode())

    return in_child(work, project.root.with_name("log"))


def completes(project: Project) -> None:
    ended = drive(project)
    assert ended.said.endswith("completed"), ended.said
    assert git(project.root, "status", "--porcelain") == ""


def blob(project: Project, path: str, rev: str = "HEAD") -> str:
    return git(project.root, "cat-file", "-p", f"{rev}:{path}")


@EACH
def test_line_endings_are_converted_as_the_project_wants_and_the_plan_keeps_its_own(mode: Mode, tmp_path: Path) -> None:
    project = make(tmp_path / "project", files={"src/windows.txt": "one\r\ntwo\r\n", ".gitattributes": "*.py text\n*.bat text eol=crlf\n"}, mode=mode)
    project.plan.write_bytes(PLAN.replace("\n", "\r\n").encode())
    git(project.root, "commit", "-qam", "A plan from Windows")
    git(project.root, "config", "core.autocrlf", "true")
    writing = "[ $MAESTRO_TASK != 1.1 ] || printf 'class User: pass\\r\\n' > src/user.py\n"
    completes(Project(project.root, project.worker + writing if mode is Mode.SINGLE else WORKER + writing, mode))
    assert "\r" not in blob(project, "src/user.py")
    assert b"### Task 1.1: Create the user table [x] " in project.plan.read_bytes()
    assert project.plan.read_bytes().count(b"\r\n") == project.plan.read_bytes().count(b"\n")


def test_a_folder_in_another_case_is_still_ours(tmp_path: Path) -> None:
    """On macOS and Windows `.Maestro` is `.maestro`."""
    project = make(tmp_path / "project", worker=f"mkdir -p .Maestro/tracks/auth && echo done > .Maestro/tracks/auth/plan.md\n{WORKER}")
    git(project.root, "config", "core.ignoreCase", "true")
    completes(project)
    assert ".Maestro" not in git(project.root, "ls-files")


def with_submodule(tmp_path: Path, **more: object) -> Project:
    library = make_repository(tmp_path / "library", {"lib.py": "x = 1\n"})
    project = make(tmp_path / "project", **more)  # type: ignore[arg-type]
    git(project.root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(library), "vendor")
    git(project.root, "commit", "-qm", "A submodule")
    return project


@EACH
def test_submodules_stay_where_they_are(mode: Mode, tmp_path: Path) -> None:
    project = with_submodule(tmp_path, mode=mode)
    before = git(project.root, "rev-parse", "HEAD:vendor")
    completes(project)
    assert git(project.root, "rev-parse", "HEAD:vendor") == before
    assert (project.root / "vendor/lib.py").read_text() == "x = 1\n"


def test_a_moved_submodule_is_held_and_shown(tmp_path: Path) -> None:
    moving = f"[ $MAESTRO_TASK != 1.2 ] || git update-index --cacheinfo 160000,$(git -C {tmp_path}/library commit-tree -m x HEAD^{{tree}}),vendor\n"
    project = with_submodule(tmp_path, worker=WORKER + moving)
    drive(project)
    held = [question for question in project.state.open_questions if question.kind == "held"]
    assert [entry["path"] for entry in held[0].context["files"]] == ["vendor"]
    assert git(project.root, "log", "-1", "--format=%s", "--", "vendor") == "A submodule"


def test_large_file_pointers_stay_pointers(tmp_path: Path) -> None:
    """With git-lfs' filters as git sees them: clean gives a pointer, smudge the content."""
    pointer = "version https://git-lfs.github.com/spec/v1\\noid sha256:{0}\\nsize 4\\n"
    project = make(tmp_path / "project", files={".gitattributes": "*.bin filter=lfs -text\n"})
    (tmp_path / "clean").write_text(f"#!/bin/sh\nprintf '{pointer.format('0' * 64)}'\n")
    (tmp_path / "smudge").write_text("#!/bin/sh\nprintf data\n")
    for name in ("clean", "smudge"):
        (tmp_path / name).chmod(0o755)
        git(project.root, "config", f"filter.lfs.{name}", str(tmp_path / name))
    git(project.root, "config", "filter.lfs.required", "true")
    write(project.root, {"model.bin": "data"})
    git(project.root, "add", "model.bin")
    git(project.root, "commit", "-qm", "A large file")
    completes(project)
    assert blob(project, "model.bin").startswith("version https://git-lfs") and (project.root / "model.bin").read_text() == "data"


@EACH
def test_symbolic_links_of_the_project_stay_links(mode: Mode, tmp_path: Path) -> None:
    project = make(tmp_path / "project", mode=mode)
    (project.root / "latest.py").symlink_to("src/app.py")
    (project.root / "folder").symlink_to("src")
    git(project.root, "add", "--all")
    git(project.root, "commit", "-qm", "Links")
    completes(project)
    assert os.readlink(project.root / "latest.py") == "src/app.py" and os.readlink(project.root / "folder") == "src"


@EACH
def test_a_sparse_checkout_stays_sparse_and_loses_nothing(mode: Mode, tmp_path: Path) -> None:
    project = make(tmp_path / "project", files={"docs/long.md": "long\n", "src/deep/x.py": "x\n"}, mode=mode)
    git(project.root, "sparse-checkout", "set", "src", ".maestro")
    assert not (project.root / "docs").exists()
    completes(project)
    assert blob(project, "docs/long.md") == "long" and not (project.root / "docs").exists()


@EACH
def test_a_shallow_clone_is_as_good_as_any(mode: Mode, tmp_path: Path) -> None:
    whole = make(tmp_path / "whole")
    write(whole.root, {"more.txt": "more\n"})
    git(whole.root, "add", "more.txt")
    git(whole.root, "commit", "-qm", "More")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{whole.root}", "project")
    write(tmp_path / "project", {".env": "SECRET=1\n"})
    project = Project(tmp_path / "project", whole.worker, mode)
    completes(project)
    assert git(project.root, "rev-parse", "--is-shallow-repository") == "true"
    assert git(whole.root, "log", "-1", "--format=%s") == "More", "nothing was pushed"


@EACH
def test_a_repository_inside_the_repository_is_left_alone(mode: Mode, tmp_path: Path) -> None:
    project = make(tmp_path / "project", mode=mode, files={".git-blame-ignore-revs": ""})
    inner = make_repository(project.root / "inner", {"its.txt": "own\n"})
    before = git(inner, "rev-parse", "HEAD")
    assert drive(project).said.endswith("completed")
    assert git(inner, "rev-parse", "HEAD") == before and git(inner, "status", "--porcelain") == ""
    assert git(project.root, "status", "--porcelain") == "?? inner/" and "inner" not in git(project.root, "ls-files")


def test_a_repository_that_a_worker_makes_is_told_and_not_lost(tmp_path: Path) -> None:
    nested = "[ $MAESTRO_TASK != 1.2 ] || { git init --quiet tool && echo x > tool/x && git -C tool add x && git -C tool commit --quiet -m inner; }\n"
    project = make(tmp_path / "project", worker=WORKER + nested)
    ended = drive(project)
    assert ended.code == 0, ended.said
    assert "tool" not in git(project.root, "ls-files")
    assert (project.root / f".maestro/worktrees/{project.state.run}/1.2-1/tool/x").exists()


@EACH
def test_a_linked_worktree_can_be_the_main_checkout(mode: Mode, tmp_path: Path) -> None:
    main = make(tmp_path / "main")
    git(main.root, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "project"))
    write(tmp_path / "project", {".env": "SECRET=1\n"})
    before = git(main.root, "rev-parse", "main")
    project = Project(tmp_path / "project", main.worker, mode)
    completes(project)
    assert git(main.root, "rev-parse", "main") == before and git(main.root, "status", "--porcelain") == ""
    assert git(project.root, "rev-parse", "--abbrev-ref", "HEAD") == "side"


def test_two_checkouts_of_one_repository_run_two_tracks_at_once(tmp_path: Path) -> None:
    first = make(tmp_path / "first")
    other = "billing"
    write(
        first.root,
        {
            ".maestro/tracks.md": (first.root / ".maestro/tracks.md").read_text()
            + f"\n- [ ] **Track: Billing**\n*Type: feature | ID: [{other}](./tracks/{other}/)*\n",
            f".maestro/tracks/{other}/plan.md": PLAN,
            f".maestro/tracks/{other}/metadata.json": f'{{"track_id": "{other}", "status": "new"}}\n',
        },
    )
    git(first.root, "add", "--all")
    git(first.root, "commit", "-qm", "Another track")
    git(first.root, "worktree", "add", "--quiet", "-b", "side", str(tmp_path / "second"))
    write(tmp_path / "second", {".env": "SECRET=1\n"})
    second = Project(tmp_path / "second", first.worker)

    def both() -> None:
        hurry()
        child = os.fork()
        if child == 0:
            os.write(2, second.drive(track=other).encode())
            os._exit(0)
        os.write(2, first.drive().encode())
        bury(child)

    ended = in_child(both, tmp_path / "log")
    assert ended.said.count("completed") == 2, ended.said
    for folder, track in ((first.root, TRACK), (second.root, other)):
        assert git(folder, "status", "--porcelain") == ""
        assert sorted(git(folder, "log", "--format=%(trailers:key=Maestro-Task,valueonly,separator=)").split()) == ["1.1", "1.2", "1.3"]
        assert {track} == set(git(folder, "log", "--format=%(trailers:key=Maestro-Track,valueonly,separator=)").split())


def detached(folder: Path) -> None:
    git(folder, "switch", "--quiet", "--detach")


def unborn(folder: Path) -> None:
    git(folder, "switch", "--quiet", "--orphan", "fresh")
    git(folder, "checkout", "--quiet", "main", "--", ".maestro")


@pytest.mark.parametrize(("spoil", "slug"), [(detached, "detached-head"), (unborn, "no-commits")])
def test_where_no_branch_can_take_the_work_nothing_is_touched(spoil: Callable[[Path], None], slug: str, tmp_path: Path) -> None:
    project = make(tmp_path / "project")
    spoil(project.root)
    refs = git(project.root, "for-each-ref")
    with pytest.raises(Unsafe) as caught:
        project.drive()
    assert caught.value.slug == slug
    assert git(project.root, "for-each-ref") == refs and not project.home.journal.exists()


def test_documents_that_git_ignores_are_kept_and_never_committed(tmp_path: Path) -> None:
    project = make(tmp_path / "project")
    git(project.root, "rm", "-r", "--quiet", "--cached", ".maestro")
    write(project.root, {".gitignore": ".env\n.maestro/\n"})
    git(project.root, "add", ".gitignore")
    git(project.root, "commit", "-qm", "Keep the plans to ourselves")
    completes(project)
    assert ".maestro" not in git(project.root, "ls-files") and "[x] " in project.plan.read_text()
    assert [subject for subject, _, _ in look(project).commits if "chore" in subject] == []


def test_names_of_any_kind_arrive(tmp_path: Path) -> None:
    names = ["with space.py", "-dash.py", "quo'te.py", "ümlaut.py", "new\nline.py", "star*.py", ":(top)x.py", "tab\tx.py"]
    written = "".join("printf x > " + "'src/" + name.replace("'", "'\\''") + "'\n" for name in names)
    project = make(tmp_path / "project", worker=f"{WORKER}[ $MAESTRO_TASK != 1.2 ] || {{\n{written}}}\n")
    completes(project)
    found = [name for name in git(project.root, "ls-files", "-z", "src").split("\0") if name]
    assert {f"src/{name}" for name in names} <= set(found)
    assert litter(project) == []


def test_a_project_of_the_other_room_works_as_well(tmp_path: Path) -> None:
    """Without a workflow, an untracked `.maestro/`, no test command wanted."""
    project = Project(make_project(tmp_path / "project", PLAN), "mkdir -p src\n" + WORKER.replace("grep -q SECRET .env || exit 9\n", ""))

    def work() -> None:
        hurry()
        os.write(2, project.drive(no_test=True).encode())

    assert in_child(work, tmp_path / "log").said.endswith("completed")
    assert git(project.root, "status", "--porcelain") == ""
