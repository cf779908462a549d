"""A merge is tried without touching a file, and its conflicts are told so that somebody can act."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import commit, files_in, fingerprint, make_repository, show, tip
from maestro.errors import Failed, Usage
from maestro.git.runner import Git
from maestro.git.trial import ConflictFile, Trial, trial_merge
from support import git, write

LINES = [f"line {number}\n" for number in range(1, 31)]


def edited(**lines: str) -> str:
    """The thirty lines, with `line_3="x"` replacing the third."""
    text = list(LINES)
    for name, value in lines.items():
        text[int(name.removeprefix("line_")) - 1] = f"{value}\n"
    return "".join(text)


def tried(tmp_path: Path, base: dict[str, str], ours: Callable[[Path], object], theirs: Callable[[Path], object]) -> tuple[Path, Trial]:
    repository = make_repository(tmp_path, base)
    sides = {}
    for name, change in (("ours", ours), ("theirs", theirs)):
        git(repository, "checkout", "--quiet", "-b", name, "main")
        change(repository)
        sides[name] = commit(repository, {})
    git(repository, "checkout", "--quiet", "main")
    before = fingerprint(repository)
    trial = trial_merge(Git(repository), sides["ours"], sides["theirs"])
    assert fingerprint(repository) == before
    return repository, trial


def writing(files: dict[str, str]) -> Callable[[Path], None]:
    return lambda repository: write(repository, files)


def test_what_fits_together_gives_a_tree(tmp_path: Path) -> None:
    repository, trial = tried(tmp_path, {"a": edited()}, writing({"a": edited(line_3="x"), "b": "b\n"}), writing({"a": edited(line_20="y"), "c": "c\n"}))
    assert trial.conflicts == () and trial.tree
    assert files_in(repository, trial.tree) == {"a": edited(line_3="x", line_20="y"), "b": "b\n", "c": "c\n"}


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_conflicts_name_their_lines(tmp_path: Path, style: str, ending: str) -> None:
    base, ours, theirs = (text.replace("\n", ending) for text in (edited(), edited(line_3="x", line_20="p"), edited(line_3="y", line_20="q")))

    def configured(repository: Path) -> None:
        git(repository, "config", "merge.conflictStyle", style)
        write(repository, {"a": ours})

    repository, trial = tried(tmp_path, {"a": base}, configured, writing({"a": theirs}))
    [conflict] = trial.conflicts
    assert (conflict.path, conflict.kind, trial.tree) == ("a", "content", None)
    text = show(repository, str(trial.marked_tree), "a").split("\n")
    assert len(conflict.lines) == 2
    assert all(text[first - 1].startswith("<<<<<<<") and text[last - 1].startswith(">>>>>>>") for first, last in conflict.lines)


def test_markers_that_stand_in_the_text_are_not_taken_for_conflicts(tmp_path: Path) -> None:
    doc = "<<<<<<< yours\nexample\n=======\n>>>>>>> theirs\n"
    _, trial = tried(tmp_path, {"a": doc + edited()}, writing({"a": doc + edited(line_9="x")}), writing({"a": doc + edited(line_9="y")}))
    assert trial.conflicts == (ConflictFile("a", "content", ((13, 17),)),)


def test_longer_markers_are_found(tmp_path: Path) -> None:
    base = {".gitattributes": "*.rst conflict-marker-size=12\n", "a.rst": edited()}
    _, trial = tried(tmp_path, base, writing({"a.rst": edited(line_1="x")}), writing({"a.rst": edited(line_1="y")}))
    assert trial.conflicts[0].lines == ((1, 5),)


def delete_a(repository: Path) -> None:
    (repository / "a").unlink()


def rename_a_to(name: str) -> Callable[[Path], None]:
    return lambda repository: os.rename(repository / "a", repository / name) if (repository / "a").exists() else None


def folder_at_new(repository: Path) -> None:
    write(repository, {"new/file": "f\n"})


CONFLICTS = [
    ("modify/delete", writing({"a": edited(line_1="x")}), delete_a, {"a"}),
    ("modify/delete", delete_a, writing({"a": edited(line_1="x")}), {"a"}),
    ("add/add", writing({"new": "one\n"}), writing({"new": "two\n"}), {"new"}),
    ("rename/rename", rename_a_to("b"), rename_a_to("c"), {"a", "b", "c"}),
    ("rename/delete", rename_a_to("b"), delete_a, {"b", "a"}),
    ("binary", lambda repository: (repository / "a").write_bytes(b"\0\1"), lambda repository: (repository / "a").write_bytes(b"\0\2"), {"a"}),
]


@pytest.mark.parametrize(("kind", "ours", "theirs", "paths"), CONFLICTS)
def test_other_conflicts_are_told_by_their_name(
    tmp_path: Path, kind: str, ours: Callable[[Path], object], theirs: Callable[[Path], object], paths: set[str]
) -> None:
    _, trial = tried(tmp_path, {"a": edited()}, ours, theirs)
    assert trial.tree is None and kind in {conflict.kind for conflict in trial.conflicts}
    assert {conflict.path for conflict in trial.conflicts} <= paths


def test_a_file_where_the_other_makes_a_folder_conflicts(tmp_path: Path) -> None:
    _, trial = tried(tmp_path, {"a": "a\n"}, writing({"new": "file\n"}), folder_at_new)
    assert trial.tree is None and "file/directory" in {conflict.kind for conflict in trial.conflicts}


@pytest.mark.parametrize("name", ["with space", "größe", "line\nbreak", "tab\tname", "-rf"])
def test_odd_names_are_whole(tmp_path: Path, name: str) -> None:
    _, trial = tried(tmp_path, {name: edited()}, writing({name: edited(line_1="x")}), writing({name: edited(line_1="y")}))
    assert trial.conflicts == (ConflictFile(name, "content", ((1, 5),)),)


def test_the_same_change_on_both_sides_is_no_conflict(tmp_path: Path) -> None:
    repository, trial = tried(tmp_path, {"a": "a\n"}, writing({"a": "same\n", "n": "n\n"}), writing({"a": "same\n", "n": "n\n"}))
    assert trial.tree and files_in(repository, trial.tree) == {"a": "same\n", "n": "n\n"}


def test_what_cannot_be_merged_is_an_error_and_not_a_conflict(tmp_path: Path) -> None:
    """`git merge-tree` ends with 1 for an unreadable commit as for a conflict."""
    repository = make_repository(tmp_path)
    with pytest.raises(Failed) as caught:
        trial_merge(Git(repository), tip(repository), "1" * 40)
    assert caught.value.slug == "git-failed"
    with pytest.raises(Usage):
        trial_merge(Git(repository), "HEAD", tip(repository))
    git(repository, "checkout", "--quiet", "--orphan", "unrelated")
    unrelated = commit(repository, {"x": "x\n"})
    with pytest.raises(Failed, match="unrelated"):
        trial_merge(Git(repository), unrelated, tip(repository, "main"))
    shutil.rmtree(repository / ".git" / "objects" / unrelated[:2])
    with pytest.raises(Failed):
        trial_merge(Git(repository), tip(repository, "main"), unrelated)
