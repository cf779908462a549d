"""The diff is the repository's own, whatever the user's settings say."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import commit, make_repository, tip
from maestro.git.diffs import FileChange, blobs, changes, line_counts
from maestro.git.runner import Git
from support import git, write

LINES = "".join(f"line {number}\n" for number in range(20))


def only(repository: Path) -> FileChange:
    [change] = changes(Git(repository), "HEAD~1", "HEAD")
    return change


def totals(repository: Path) -> tuple[int, int, int]:
    """Files, added lines and deleted lines of the last commit."""
    counts = line_counts(Git(repository), "HEAD~1", "HEAD")
    added, deleted = (sum(count[side] for count in counts.values() if count) for side in (0, 1))
    return len(counts), added, deleted


def test_each_kind_of_change_is_named(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {"modified": "1\n", "deleted": "2\n", "renamed": LINES, "typed": "4\n", "mode": "5\n", "same": "6\n"})
    write(repository, {"modified": "x\n", "added": "a\n"})
    (repository / "deleted").unlink()
    (repository / "renamed").rename(repository / "new name")
    (repository / "typed").unlink()
    (repository / "typed").symlink_to("same")
    (repository / "mode").chmod(0o755)
    commit(repository, {})
    found = {change.path: change for change in changes(Git(repository), "HEAD~1", "HEAD")}
    assert {name: change.kind for name, change in found.items()} == {
        "modified": "modified",
        "added": "added",
        "deleted": "deleted",
        "new name": "renamed",
        "typed": "type",
        "mode": "modified",
    }
    assert list(found) == sorted(found)
    assert found["new name"].old_path == "renamed" and found["modified"].old_path is None
    assert (found["added"].old_mode, found["deleted"].new_mode) == ("000000", "000000")
    assert [name for name, change in found.items() if change.symlink] == ["typed"]
    assert [name for name, change in found.items() if change.executable_changed] == ["mode"]
    assert not any(change.binary or change.submodule for change in found.values())
    assert totals(repository) == (6, 3, 3)


@pytest.mark.parametrize("name", ["with space", "größe", "line\nbreak", "tab\tname", "-rf", ":100644 100644 a b M"])
@pytest.mark.parametrize("quote", ["true", "false"])
def test_odd_names_are_whole(tmp_path: Path, name: str, quote: str) -> None:
    repository = make_repository(tmp_path, {"old": LINES})
    git(repository, "config", "core.quotePath", quote)
    (repository / "old").rename(repository / name)
    commit(repository, {})
    assert (only(repository).old_path, only(repository).path) == ("old", name)
    assert totals(repository) == (1, 0, 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"diff.renames": "false"},
        {"diff.noprefix": "true", "diff.mnemonicPrefix": "true"},
        {"diff.external": "false"},
        {"diff.orderFile": "order"},
        {"diff.ignoreSubmodules": "all"},
        {"color.ui": "always", "color.diff": "always"},
        {"diff.relative": "true"},
        {"diff.statGraphWidth": "1", "diff.algorithm": "patience", "diff.renameLimit": "1"},
    ],
    ids=str,
)
def test_the_users_diff_settings_do_not_change_it(tmp_path: Path, settings: dict[str, str]) -> None:
    """With `diff.renames=false` a rename used to look like a deletion and block a merge."""
    repository = make_repository(tmp_path, {"old": LINES, "b/c": LINES * 2, "order": "z\n"})
    for name, value in settings.items():
        git(repository, "config", name, value)
    (repository / "old").rename(repository / "z")
    (repository / "b" / "c").rename(repository / "b" / "a")
    commit(repository, {})
    assert [(change.kind, change.path) for change in changes(Git(repository / "b"), "HEAD~1", "HEAD")] == [("renamed", "b/a"), ("renamed", "z")]


def test_a_pointer_to_a_large_file_is_no_text(tmp_path: Path) -> None:
    """git-lfs keeps three lines of text, behind which anything may lie."""
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 4\n"
    repository = make_repository(tmp_path, {"model.bin": pointer, "notes.md": "version https://example.org\n"})
    commit(repository, {"model.bin": pointer.replace("0", "1"), "notes.md": "version 2\n", "new.bin": pointer})
    assert {change.path: change.binary for change in changes(Git(repository), "HEAD~1", "HEAD")} == {"model.bin": True, "new.bin": True, "notes.md": False}


def test_binary_is_what_the_content_says(tmp_path: Path) -> None:
    attributes = "*.lock -diff\n*.txt diff=custom\n*.dat diff\n"
    repository = make_repository(tmp_path, {".gitattributes": attributes, "text.lock": "a\n", "gone.bin": "\0", "plain.txt": "a\n", "odd.dat": "a\n"})
    git(repository, "config", "diff.custom.textconv", "false")
    (repository / "new.bin").write_bytes(b"\x89PNG\r\n\0\0")
    (repository / "gone.bin").unlink()
    write(repository, {"text.lock": "b\n", "plain.txt": "b\n", "odd.dat": "b\n"})
    commit(repository, {})
    assert [change.path for change in changes(Git(repository), "HEAD~1", "HEAD") if change.binary] == ["gone.bin", "new.bin"]
    assert totals(repository)[0] == 5


def test_submodules_are_seen_although_the_user_ignores_them(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    git(repository, "config", "diff.ignoreSubmodules", "all")
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{tip(repository)},lib")
    git(repository, "-c", "diff.ignoreSubmodules=none", "commit", "--quiet", "--message=lib")
    assert only(repository).submodule and only(repository).kind == "added" and not only(repository).binary


def test_renames_of_case_only_are_renames(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {"Readme.md": LINES})
    git(repository, "mv", "Readme.md", "README.md")
    commit(repository, {})
    assert (only(repository).kind, only(repository).old_path) == ("renamed", "Readme.md")


def test_trees_compare_like_commits_and_equal_ones_do_not_differ(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    commit(repository, {"a": "a\n"})
    repo = Git(repository)
    assert changes(repo, "HEAD~1^{tree}", "HEAD^{tree}") == changes(repo, "HEAD~1", "HEAD") != ()
    assert changes(repo, "HEAD", "HEAD") == () and line_counts(repo, "HEAD", "HEAD") == {}


def test_blobs_are_exact_and_missing_ones_left_out(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {"empty": "", "lines": "a\n\nb", "nul": "\0\n"})
    ids = [tip(repository, f"HEAD:{name}") for name in ("empty", "lines", "nul")]
    assert list(blobs(Git(repository), [*ids, "1" * 40]).values()) == [b"", b"a\n\nb", b"\0\n"]
