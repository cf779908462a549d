"""A snapshot holds all of a worker's work and nothing else, and taking it is not noticed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import commit, files_in, fingerprint, make_repository, show, tip, tree_of, worktree
from maestro.errors import Conflict, Unsafe, Usage
from maestro.git.checkout import find_checkout
from maestro.git.diffs import changes
from maestro.git.runner import Git
from maestro.git.snapshot import Snapshot, drop_ref, keep, take_snapshot
from support import git, write

ODD = ["with space.txt", "größe 日本.txt", "line\nbreak.txt", "-rf", ":(exclude)x", "tab\t.txt", "$(id).txt", "[a]*.txt"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return make_repository(tmp_path, {"a.txt": "a\n", "b.txt": "b\n", "src/c.txt": "c\n", ".gitignore": "*.log\nout/\n"})


@pytest.fixture
def path(repository: Path, tmp_path: Path) -> Path:
    return worktree(repository, tmp_path / "one", "HEAD", "-b", "run/1")


def snap(path: Path, base: str = "main", **options: object) -> Snapshot:
    return take_snapshot(path, tip(path, base), "message\n", **options)  # type: ignore[arg-type]


def changed(path: Path, taken: Snapshot, base: str = "main") -> set[tuple[str, str]]:
    return {(change.kind, change.path) for change in changes(Git(path), base, taken.commit)}


def test_everything_a_worker_did_is_in_it(path: Path) -> None:
    commit(path, {"committed.txt": "1\n"})
    write(path, {"staged.txt": "2\n", "a.txt": "staged, then changed\n"})
    git(path, "add", "staged.txt", "a.txt")
    write(path, {"a.txt": "as it is now\n", "untracked/new.txt": "3\n", "x.log": "ignored\n", "out/y": "ignored\n"})
    (path / "b.txt").unlink()
    (path / "src" / "c.txt").chmod(0o755)
    (path / "link").symlink_to("../outside")
    (path / "data.bin").write_bytes(b"\0\1\2")
    taken = snap(path)
    assert changed(path, taken) == {
        ("added", "committed.txt"),
        ("added", "staged.txt"),
        ("modified", "a.txt"),
        ("added", "untracked/new.txt"),
        ("deleted", "b.txt"),
        ("modified", "src/c.txt"),
        ("added", "link"),
        ("added", "data.bin"),
    }
    assert show(path, taken.commit, "a.txt") == "as it is now\n" and show(path, taken.commit, "link") == "../outside"
    assert git(path, "rev-list", "--parents", "--max-count=1", taken.commit).split() == [taken.commit, tip(path, "main")]
    assert taken.tree == tree_of(path, taken.commit) and git(path, "log", "-1", "--format=%B%an", taken.commit) == "message\nmaestro"


def test_nothing_is_touched(repository: Path, path: Path) -> None:
    write(path, {"b.txt": "stashed\n"})
    git(path, "stash")
    write(path, {"a.txt": "staged\n", "new.txt": "n\n"})
    git(path, "add", "a.txt")
    write(path, {"a.txt": "and changed\n"})
    os.utime(path / "b.txt", (1, 1))
    before = fingerprint(repository), fingerprint(path)
    snap(path)
    assert (fingerprint(repository), fingerprint(path)) == before


def test_an_unchanged_worktree_has_the_tree_of_its_base(path: Path) -> None:
    assert snap(path).tree == tree_of(path, "main")


def test_a_change_in_the_same_second_and_of_the_same_size_is_seen(path: Path) -> None:
    """The index copy must not look younger than the files, or git believes its cached sizes."""
    for number in range(5):
        write(path, {"a.txt": f"{number}\n"})
        git(path, "add", "a.txt")
        write(path, {"a.txt": f"{number + 5}\n"})
        assert show(path, snap(path).commit, "a.txt") == f"{number + 5}\n"


def linked(path: Path) -> None:
    """A link where a folder was: nothing in the folder can be named any more."""
    (path / "src" / "c.txt").unlink()
    (path / "src").rmdir()
    (path / "src").symlink_to("elsewhere")


def a_folder_with_a_repository(path: Path) -> None:
    """A folder where a file was; the repository in it is nobody's content."""
    (path / "a.txt").unlink()
    write(path, {"a.txt/mine.txt": "m\n", "a.txt/theirs/deep.txt": "d\n"})
    git(path / "a.txt" / "theirs", "init", "--quiet")


def many(path: Path) -> None:
    """More paths than git is given by name."""
    write(path, {f"new/{number}.txt": "n\n" for number in range(200)})
    (path / "b.txt").unlink()


@pytest.mark.parametrize(
    ("work", "goes", "comes"),
    [
        (linked, "src/c.txt", {"src"}),
        (a_folder_with_a_repository, "a.txt", {"a.txt/mine.txt"}),
        (many, "b.txt", {f"new/{number}.txt" for number in range(200)}),
    ],
)
def test_files_and_folders_that_change_places_are_all_in_it(path: Path, work: Callable[[Path], None], goes: str, comes: set[str]) -> None:
    work(path)
    assert files_in(path, snap(path).commit).keys() == {"a.txt", "b.txt", "src/c.txt", ".gitignore"} - {goes} | comes


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_only_names(path: Path, name: str) -> None:
    write(path, {name: "1\n", f"dir/{name}": "2\n"})
    assert changed(path, snap(path)) == {("added", name), ("added", f"dir/{name}")}


def test_what_is_ours_keeps_the_bases_version_and_is_told(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {".maestro/plan.md": "plan\n", ".maestro/gone.md": "g\n", ".beads/issues.jsonl": "{}\n", "a.txt": "a\n"})
    path = worktree(repository, tmp_path / "one", "HEAD", "-b", "run/1")
    write(path, {".maestro/plan.md": "- [x] ticked\n", ".maestro/new.md": "n\n", ".beads/issues.jsonl": "x\n", ".Maestro/other.md": "o\n", "a.txt": "work\n"})
    (path / ".maestro" / "gone.md").unlink()
    git(path, "add", ".maestro")
    git(path, "commit", "--quiet", "--message=ticked")
    taken = snap(path)
    assert taken.dropped == (".Maestro/other.md", ".beads/issues.jsonl", ".maestro/gone.md", ".maestro/new.md", ".maestro/plan.md")
    assert changed(path, taken) == {("modified", "a.txt")}
    assert (path / ".maestro" / "plan.md").read_text() == "- [x] ticked\n"
    everything = snap(path, drop=())
    assert everything.dropped == () and len(changed(path, everything)) == 6, "the same call keeps what would be dropped"


def test_a_folder_of_ours_that_became_a_file_is_restored(tmp_path: Path) -> None:
    repository = make_repository(tmp_path, {".maestro/plan.md": "plan\n", "a.txt": "a\n"})
    path = worktree(repository, tmp_path / "one")
    (path / ".maestro" / "plan.md").unlink()
    (path / ".maestro").rmdir()
    (path / ".maestro").write_text("a file\n")
    taken = snap(path)
    assert taken.dropped == (".maestro", ".maestro/plan.md") and taken.tree == tree_of(path, "main")


def test_result_files_are_left_out_without_a_word(path: Path) -> None:
    write(path, {".maestro-result-1.1-1.json": "{}", "src/.maestro-result-notes.txt": "theirs\n"})
    git(path, "add", "--all")
    git(path, "commit", "--quiet", "--message=with the report")
    taken = snap(path)
    assert taken.dropped == () and changed(path, taken) == {("added", "src/.maestro-result-notes.txt")}


def test_forced_and_tracked_ignored_files_are_work(path: Path) -> None:
    write(path, {"x.log": "1\n", "y.log": "2\n"})
    git(path, "add", "--force", "x.log")
    assert changed(path, snap(path)) == {("added", "x.log")}


def test_commits_of_the_base_branch_that_a_worker_merged_are_squashed(repository: Path, path: Path) -> None:
    base = tip(repository)
    commit(path, {"work.txt": "w\n"})
    commit(repository, {"main.txt": "m\n"})
    git(path, "merge", "--quiet", "--no-edit", "main")
    taken = take_snapshot(path, base, "x")
    assert set(files_in(path, taken.commit)) >= {"work.txt", "main.txt"}
    assert git(path, "rev-parse", f"{taken.commit}^@") == base


def test_an_intention_to_add_a_rename_and_a_cached_removal_end_as_the_files_are(path: Path) -> None:
    write(path, {"later.txt": "l\n"})
    git(path, "add", "--intent-to-add", "later.txt")
    git(path, "mv", "b.txt", "moved.txt")
    git(path, "rm", "--quiet", "--cached", "a.txt")
    assert changed(path, snap(path)) == {("added", "later.txt"), ("renamed", "moved.txt")}


def test_unresolved_conflicts_are_told(path: Path) -> None:
    commit(path, {"a.txt": "ours\n"})
    git(path, "checkout", "--quiet", "-b", "side", "main")
    commit(path, {"a.txt": "theirs\n"})
    Git(path).run("merge", "run/1", check=False)
    taken = snap(path)
    assert taken.unmerged == ("a.txt",) and "<<<<<<<" in show(path, taken.commit, "a.txt")


@pytest.mark.parametrize("commits", [True, False])
def test_nested_repositories_are_told_and_do_not_become_submodules(path: Path, commits: bool) -> None:
    if commits:
        make_repository(path / "vendor")
    else:
        write(path, {"vendor/project/x.txt": "x\n"})
        git(path / "vendor" / "project", "init", "--quiet")
    write(path, {"vendor/y.txt": "y\n"})
    taken = snap(path)
    assert taken.nested == ("vendor/project/",) and changed(path, taken) == {("added", "vendor/y.txt")}


def test_submodules_show_their_commits_and_tell_of_uncommitted_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "protocol.file.allow")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "always")
    library = make_repository(tmp_path / "library")
    repository = make_repository(tmp_path)
    git(repository, "submodule", "--quiet", "add", str(library), "a lib")
    commit(repository, {"a.txt": "a\n"})
    path = worktree(repository, tmp_path / "one")
    assert snap(path).tree == tree_of(path, "main"), "not checked out: unchanged"
    git(path, "submodule", "--quiet", "update", "--init")
    commit(path / "a lib", {"inside.txt": "i\n"})
    taken = snap(path)
    [change] = changes(Git(path), "main", taken.commit)
    assert change.submodule and change.path == "a lib" and taken.nested == ()
    for name in ("README.md", "untracked.txt"):
        write(path / "a lib", {name: "uncommitted\n"})
    assert snap(path).nested == ("a lib/",)


def test_line_endings_are_normalised_and_never_refused(repository: Path, path: Path) -> None:
    git(repository, "config", "core.autocrlf", "true")
    git(repository, "config", "core.safecrlf", "true")
    (path / "a.txt").write_bytes(b"changed\r\n")
    (path / "mixed.txt").write_bytes(b"one\r\ntwo\n")
    (path / "unix.txt").write_bytes(b"one\ntwo\n")
    taken = snap(path)
    assert show(path, taken.commit, "a.txt") == "changed\n" and show(path, taken.commit, "mixed.txt") == "one\ntwo\n"


def test_files_outside_a_sparse_checkout_are_not_deletions(path: Path) -> None:
    git(path, "sparse-checkout", "set", "--no-cone", "/a.txt")
    assert not (path / "b.txt").exists()
    write(path, {"a.txt": "work\n", "elsewhere/new.txt": "n\n"})
    assert changed(path, snap(path)) == {("modified", "a.txt"), ("added", "elsewhere/new.txt")}


@pytest.mark.parametrize("setting", ["core.splitIndex=true", "index.version=4", "core.untrackedCache=true", "add.ignoreErrors=true", "core.fsmonitor=true"])
def test_settings_of_the_index_do_not_matter(repository: Path, path: Path, setting: str) -> None:
    git(repository, "config", *setting.split("="))
    Git(path).run("update-index", "--really-refresh", check=False)
    commit(path, {"a.txt": "committed\n"})
    write(path, {"b.txt": "changed\n", "new.txt": "n\n"})
    index = find_checkout(path).git_dir / "index"
    before = index.read_bytes()
    assert changed(path, snap(path)) == {("modified", "a.txt"), ("modified", "b.txt"), ("added", "new.txt")}
    assert index.read_bytes() == before and len(list(repository.rglob("sharedindex.*"))) == (1 if "split" in setting else 0)


def test_a_worktree_whose_index_is_gone_is_still_read(path: Path) -> None:
    (find_checkout(path).git_dir / "index").unlink()
    write(path, {"new.txt": "n\n"})
    assert changed(path, snap(path)) == {("added", "new.txt")}


def test_nobody_needs_a_name_for_looking(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    git(path, "config", "user.useConfigOnly", "true")
    git(path, "config", "commit.gpgSign", "true")
    snap(path)


def test_the_checkout_around_a_lost_worktree_is_never_snapshot(repository: Path) -> None:
    lost = worktree(repository, repository / ".maestro" / "worktrees" / "one")
    (lost / ".git").unlink()
    with pytest.raises(Unsafe) as caught:
        take_snapshot(lost, tip(repository), "x")
    assert caught.value.slug == "not-a-worktree"


def test_unchanged_files_are_not_read_again(tmp_path: Path) -> None:
    """The stat cache of the worktree's own index is used: files older than it are not opened."""
    repository = make_repository(tmp_path, {f"d{number % 10}/f{number}.txt": f"{number}\n" for number in range(300)})
    for file in repository.rglob("*.txt"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    git(repository, "update-index", "--refresh")
    (repository / "d0" / "f0.txt").write_text("changed\n")
    unreadable = repository / "d1" / "f1.txt"
    inode = unreadable.stat()
    with open(unreadable, "r+b") as stream:  # same size, same times: only reading would tell
        stream.write(b"9")
    os.utime(unreadable, ns=(inode.st_atime_ns, inode.st_mtime_ns))
    git(repository, "config", "core.trustctime", "false")
    assert changed(repository, snap(repository)) == {("modified", "d0/f0.txt")}


def test_kept_work_is_found_again_and_released_only_as_it_was_kept(repository: Path, path: Path) -> None:
    write(path, {"a.txt": "work\n"})
    taken, repo, ref = snap(path), Git(repository), "refs/maestro/kept/auth/1.1"
    keep(repo, ref, taken.commit)
    keep(repo, ref, taken.commit)
    git(repository, "gc", "--quiet", "--prune=now")
    assert show(repository, ref, "a.txt") == "work\n"
    with pytest.raises(Conflict) as caught:
        drop_ref(repo, ref, tip(repository))
    assert caught.value.slug == "ref-moved"
    drop_ref(repo, ref, taken.commit)
    drop_ref(repo, ref, taken.commit)
    assert git(repository, "for-each-ref", "refs/maestro") == ""
    with pytest.raises(Usage):
        keep(repo, "refs/heads/main", taken.commit)
