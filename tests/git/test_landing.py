"""The user's checkout moves forward or not at all, and every byte that is theirs stays."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import Kill, commit, files_in, fingerprint, hook, make_repository, tip, tree_of
from maestro.errors import Conflict, Failed, Locked, MaestroError, Unsafe
from maestro.git import landing, patience
from maestro.git.checkout import Checkout, find_checkout
from maestro.git.landing import commit_paths, land
from maestro.git.runner import Result
from support import contents, git, write

BASE = {"a.txt": "a\n", "b.txt": "b\n", "c.txt": "c\n", "dir/d.txt": "d\n", ".gitignore": "*.log\nout/\n"}


@pytest.fixture
def project(tmp_path: Path) -> Checkout:
    return find_checkout(make_repository(tmp_path, BASE))


def candidate_with(checkout: Checkout, files: dict[str, str], remove: tuple[str, ...] = ()) -> str:
    """A commit on top of `main` that no branch holds; the checkout is at `main` again."""
    git(checkout.root, "checkout", "--quiet", "--detach")
    if remove:
        git(checkout.root, "rm", "--quiet", "-r", *remove)
    write(checkout.root, files)
    git(checkout.root, "add", "--force", "--all", *files)
    git(checkout.root, "commit", "--quiet", "--message=candidate")
    made = tip(checkout.root)
    git(checkout.root, "checkout", "--quiet", "main")
    return made


def refused(checkout: Checkout, slug: str, call: Callable[[], object]) -> MaestroError:
    before = fingerprint(checkout.root)
    with pytest.raises(MaestroError) as caught:
        call()
    assert caught.value.slug == slug, caught.value
    assert fingerprint(checkout.root) == before, "nothing was touched"
    return caught.value


# --- landing


def test_branch_index_and_files_move_together(project: Checkout) -> None:
    expected = tip(project.root)
    candidate = candidate_with(project, {"a.txt": "new\n", "dir/new.txt": "n\n"}, remove=("b.txt",))
    land(project, "main", expected, candidate)
    assert tip(project.root) == tip(project.root, "main") == candidate
    assert git(project.root, "status", "--porcelain") == "" and not (project.root / "b.txt").exists()
    before = fingerprint(project.root)
    land(project, "main", expected, candidate)
    assert fingerprint(project.root) == before, "again is nothing"
    assert "maestro" in git(project.root, "reflog", "-1")


def test_it_lands_in_a_linked_checkout(project: Checkout, tmp_path: Path) -> None:
    candidate = candidate_with(project, {"a.txt": "new\n"})
    git(project.root, "worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"))
    land(find_checkout(tmp_path / "linked"), "feature", tip(project.root), candidate)
    assert tip(project.root, "feature") == candidate != tip(project.root, "main")


def test_work_of_the_user_elsewhere_stays_byte_for_byte(project: Checkout) -> None:
    expected = tip(project.root)
    candidate = candidate_with(project, {"a.txt": "new\n"})
    write(project.root, {"b.txt": "stashed\n"})
    git(project.root, "stash")
    write(project.root, {"b.txt": "staged\n", "untracked.txt": "u\n", "x.log": "ignored\n"})
    git(project.root, "add", "b.txt")
    write(project.root, {"b.txt": "and changed\n", "c.txt": "unstaged\n"})
    status, stash = git(project.root, "status", "--porcelain"), git(project.root, "stash", "list")
    assert land(project, "main", expected, candidate) == ("b.txt", "c.txt"), "told, so that nobody has to look again"
    assert tip(project.root) == candidate and (project.root / "a.txt").read_text() == "new\n"
    assert (git(project.root, "status", "--porcelain"), git(project.root, "stash", "list")) == (status, stash)
    assert git(project.root, "show", ":b.txt") == "staged" and (project.root / "b.txt").read_text() == "and changed\n"


IN_THE_WAY = {
    "changed": {"a.txt": "the user's\n"},
    "untracked": {"new.txt": "the user's\n"},
    "ignored": {"new.log": "the user's\n"},
    "file where a folder comes": {"folder": "the user's\n"},
    "ignored folder where a file comes": {"out/cache/x": "the user's\n"},
}


@pytest.mark.parametrize("mine", IN_THE_WAY.values(), ids=IN_THE_WAY)
@pytest.mark.parametrize("staged", [False, True])
def test_files_in_the_way_are_named_and_kept(project: Checkout, mine: dict[str, str], staged: bool) -> None:
    """git itself overwrites ignored files without a word."""
    expected = tip(project.root)
    candidate = candidate_with(project, {"a.txt": "new\n", "new.txt": "n\n", "new.log": "n\n", "folder/n.txt": "n\n", "out": "now a file\n"})
    write(project.root, mine)
    if staged:
        git(project.root, "add", "--force", *mine)
    found = refused(project, "in-the-way", lambda: land(project, "main", expected, candidate))
    assert next(iter(mine)) in found.message and found.hint


def test_a_deletion_by_the_user_is_a_change_too(project: Checkout) -> None:
    candidate = candidate_with(project, {"a.txt": "new\n"})
    (project.root / "a.txt").unlink()
    refused(project, "in-the-way", lambda: land(project, "main", tip(project.root), candidate))


def test_a_link_of_the_user_is_not_written_through(project: Checkout, tmp_path: Path) -> None:
    candidate = candidate_with(project, {"folder/n.txt": "n\n"})
    (tmp_path / "outside").mkdir()
    (project.root / "folder").symlink_to(tmp_path / "outside")
    refused(project, "in-the-way", lambda: land(project, "main", tip(project.root), candidate))
    assert list((tmp_path / "outside").iterdir()) == []


def test_tracked_files_and_folders_may_change_places(project: Checkout) -> None:
    candidate = candidate_with(project, {"dir": "a file\n", "a.txt/now.txt": "a folder\n"}, remove=("dir", "a.txt"))
    land(project, "main", tip(project.root), candidate)
    assert git(project.root, "status", "--porcelain") == "" and (project.root / "dir").is_file() and (project.root / "a.txt").is_dir()


def test_a_rename_of_case_only_lands(project: Checkout) -> None:
    candidate = candidate_with(project, {"A.txt": "a\n"}, remove=("a.txt",))
    git(project.root, "config", "core.ignoreCase", "true")
    land(project, "main", tip(project.root), candidate)
    assert git(project.root, "ls-files", "--", "[aA].txt") == "A.txt"


def test_a_commit_of_the_user_is_never_overtaken(project: Checkout) -> None:
    expected = tip(project.root)
    candidate = candidate_with(project, {"a.txt": "new\n"})
    commit(project.root, {"b.txt": "the user's\n"})
    assert isinstance(refused(project, "head-moved", lambda: land(project, "main", expected, candidate)), Conflict)
    refused(project, "head-moved", lambda: land(project, "main", tip(project.root), candidate))


def test_a_commit_made_at_the_last_moment_is_never_overtaken(project: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = tip(project.root)
    candidate = candidate_with(project, {"a.txt": "new\n"})
    check = landing._require_free_way

    def and_then_the_user_commits(*args: object) -> None:
        check(*args)  # type: ignore[arg-type]
        commit(project.root, {"b.txt": "the user's\n"})

    monkeypatch.setattr(landing, "_require_free_way", and_then_the_user_commits)
    with pytest.raises(Conflict) as caught:
        land(project, "main", expected, candidate)
    assert caught.value.slug == "head-moved"
    assert (project.root / "a.txt").read_text() == "a\n" and git(project.root, "status", "--porcelain") == ""


@pytest.mark.parametrize("where", ["other", None])
def test_another_branch_is_never_moved(project: Checkout, where: str | None) -> None:
    candidate = candidate_with(project, {"a.txt": "new\n"})
    git(project.root, "checkout", "--quiet", *(["-b", where] if where else ["--detach"]))
    refused(project, "wrong-branch", lambda: land(project, "main", tip(project.root), candidate))


@pytest.mark.parametrize("settings", ["merge.ff=false", "merge.autoStash=true", "branch.main.mergeOptions=--no-ff --squash --no-commit", "pull.rebase=true"])
def test_merge_settings_of_the_user_do_not_bend_it(project: Checkout, settings: str) -> None:
    expected = tip(project.root)
    candidate = candidate_with(project, {"a.txt": "new\n"})
    git(project.root, "config", *settings.split("=", 1))
    write(project.root, {"b.txt": "dirty\n"})
    land(project, "main", expected, candidate)
    assert tip(project.root) == candidate and git(project.root, "stash", "list") == "" and git(project.root, "status", "--porcelain") == "M b.txt"


def test_slow_and_failing_merge_hooks_do_not_leave_it_half_done(project: Checkout) -> None:
    candidate = candidate_with(project, {"a.txt": "new\n"})
    hook(project.root, "post-merge", "sleep 1; exit 1")
    land(project, "main", tip(project.root), candidate)
    assert tip(project.root) == candidate and git(project.root, "status", "--porcelain") == ""


def test_killed_before_or_after_the_step_the_next_call_lands(project: Checkout, kill: Kill) -> None:
    expected, candidate = tip(project.root), candidate_with(project, {"a.txt": "new\n"})
    kill("merge", lambda: land(project, "main", expected, candidate))
    land(project, "main", expected, candidate)
    assert tip(project.root) == candidate and git(project.root, "status", "--porcelain") == ""


def test_a_refusal_of_git_is_reported_and_leaves_everything(project: Checkout) -> None:
    candidate = candidate_with(project, {"a.txt": "new\n"})
    hook(project.root, "reference-transaction", 'test "$1" != prepared || { echo "frozen" >&2; exit 1; }')
    with pytest.raises(Failed) as caught:
        land(project, "main", tip(project.root), candidate)
    assert caught.value.slug == "landing-failed" and "frozen" in caught.value.message and tip(project.root) != candidate


def test_a_landing_that_breaks_off_is_taken_back(project: Checkout) -> None:
    """git stops at the file it cannot write, and leaves those before it in their new state."""
    expected = tip(project.root)
    files = {"a.txt": "new\n", "b.txt": "new\n", "new/x.txt": "n\n", "z/big.dat": "large\n", ".gitattributes": "*.dat filter=gone\n"}
    candidate = candidate_with(project, files, remove=("c.txt",))
    git(project.root, "config", "filter.gone.smudge", "false")
    git(project.root, "config", "filter.gone.required", "true")
    write(project.root, {"dir/d.txt": "the user's\n", "untracked.txt": "u\n"})
    status, before = git(project.root, "status", "--porcelain"), contents(project.root)
    with pytest.raises(Failed) as caught:
        land(project, "main", expected, candidate)
    assert caught.value.slug == "landing-failed" and "smudge" in caught.value.message and "Nothing was changed" in str(caught.value.hint)
    assert (tip(project.root), git(project.root, "status", "--porcelain"), contents(project.root)) == (expected, status, before)
    assert not (project.root / "new").exists()


def test_taking_back_spares_what_the_user_wrote_meanwhile(project: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = tip(project.root)
    candidate = candidate_with(project, {"a.txt": "new\n", "b.txt": "new\n"})

    def broken(checkout: Checkout, *_: object, **__: object) -> Result:
        write(project.root, {"a.txt": "new\n", "b.txt": "the user's\n"})
        return Result((), 1, b"", "disk full")

    monkeypatch.setattr(landing, "patiently", broken)
    with pytest.raises(Failed) as caught:
        land(project, "main", expected, candidate)
    assert "b.txt" in str(caught.value.hint) and "a.txt" not in str(caught.value.hint)
    assert ((project.root / "a.txt").read_text(), (project.root / "b.txt").read_text()) == ("a\n", "the user's\n")


def test_an_index_that_another_git_holds_is_waited_for(project: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    candidate = candidate_with(project, {"a.txt": "new\n"})
    lock = project.git_dir / "index.lock"
    lock.touch()
    monkeypatch.setattr(patience, "INDEX_TIMEOUT", 0.2)
    with pytest.raises(Locked) as caught:
        land(project, "main", tip(project.root), candidate)
    assert caught.value.slug == "git-busy" and str(lock) in str(caught.value.hint)
    monkeypatch.setattr(patience, "INDEX_TIMEOUT", 20.0)
    threading.Timer(0.3, lock.unlink).start()
    land(project, "main", tip(project.root), candidate)
    assert tip(project.root) == candidate


# --- committing named paths


def test_only_the_named_paths_are_committed(project: Checkout) -> None:
    write(project.root, {"b.txt": "stashed\n"})
    git(project.root, "stash")
    write(project.root, {name: "mine, staged\n" for name in ("a.txt", "b.txt", "new.txt")})
    write(project.root, {".maestro/tracks/t/plan.md": "plan\n", "dir/d.txt": "ours\n"})
    git(project.root, "add", "a.txt", "b.txt", "new.txt")
    write(project.root, {"b.txt": "mine, and changed\n", "c.txt": "mine\n", "u.txt": "mine\n"})
    (project.root / "dir" / "e.txt").write_text("ours\n")
    before, stash = tip(project.root), git(project.root, "stash", "list")
    made = commit_paths(project, [".maestro/tracks/t", "dir/"], "maestro: plan\n\nMaestro-Bookkeeping: yes\n")
    assert made == tip(project.root) and git(project.root, "rev-parse", "HEAD^") == before
    assert git(project.root, "show", "--format=", "--name-only", "HEAD").split() == [".maestro/tracks/t/plan.md", "dir/d.txt", "dir/e.txt"]
    assert git(project.root, "status", "--porcelain").splitlines() == ["M  a.txt", "MM b.txt", " M c.txt", "A  new.txt", "?? u.txt"]
    assert git(project.root, "show", ":b.txt") == "mine, staged" and git(project.root, "stash", "list") == stash


def test_nothing_changed_is_no_commit(project: Checkout) -> None:
    write(project.root, {"c.txt": "mine\n", "out/x": "ignored\n"})
    before = fingerprint(project.root)
    assert commit_paths(project, ["a.txt", "dir", "out", "out/x", "missing"], "x") is None
    assert commit_paths(project, [], "x") is None
    assert fingerprint(project.root) == before


def test_ignored_bookkeeping_is_left_out(project: Checkout) -> None:
    write(project.root, {".gitignore": "*.log\nout/\n.maestro/\n", ".maestro/plan.md": "plan\n"})
    git(project.root, "commit", "--quiet", "--all", "--message=ignore")
    assert commit_paths(project, [".maestro"], "x") is None


def test_a_staged_change_that_was_taken_back_is_nothing(project: Checkout) -> None:
    write(project.root, {"a.txt": "changed\n"})
    git(project.root, "add", "a.txt")
    write(project.root, {"a.txt": "a\n"})
    assert commit_paths(project, ["a.txt"], "x") is None
    assert git(project.root, "show", ":a.txt") == "changed"


def test_deletions_and_modes_are_committed(project: Checkout) -> None:
    (project.root / "a.txt").unlink()
    git(project.root, "rm", "--quiet", "b.txt")
    (project.root / "c.txt").chmod(0o755)
    assert commit_paths(project, ["a.txt", "b.txt", "c.txt"], "x")
    assert set(files_in(project.root, "HEAD")) == {"c.txt", "dir/d.txt", ".gitignore"} and git(project.root, "status", "--porcelain") == ""


@pytest.mark.parametrize("name", ["with space.txt", "größe 日本.txt", "line\nbreak.txt", "-rf", ":(exclude)x", "*.txt", "[a].txt"])
def test_odd_names_are_only_names(project: Checkout, name: str) -> None:
    write(project.root, {name: "ours\n", "a.txt": "mine\n"})
    assert commit_paths(project, [name], "$(id)\n-- x")
    assert files_in(project.root, "HEAD")[name] == "ours\n" and files_in(project.root, "HEAD")["a.txt"] == "a\n"
    assert git(project.root, "log", "-1", "--format=%B") == "$(id)\n-- x"


def test_a_refusing_hook_leaves_the_index_as_it_was(project: Checkout) -> None:
    hook(project.root, "pre-commit", "echo not today >&2; exit 1")
    write(project.root, {"a.txt": "mine, staged\n", "plan.md": "new\n", "dir/d.txt": "ours\n"})
    git(project.root, "add", "a.txt")
    status, entries, before = git(project.root, "status", "--porcelain"), git(project.root, "ls-files", "--stage"), tip(project.root)
    with pytest.raises(Failed) as caught:
        commit_paths(project, ["plan.md", "dir"], "x")
    assert caught.value.slug == "commit-refused" and "not today" in caught.value.message
    assert (git(project.root, "status", "--porcelain"), git(project.root, "ls-files", "--stage"), tip(project.root)) == (status, entries, before)


@pytest.mark.parametrize("step", ["add", "commit"])
def test_killed_at_any_step_the_next_call_completes_it(project: Checkout, kill: Kill, step: str) -> None:
    write(project.root, {"plan.md": "new\n", "a.txt": "ours\n"})
    kill(step, lambda: commit_paths(project, ["plan.md", "a.txt"], "x"))
    commit_paths(project, ["plan.md", "a.txt"], "x")
    assert git(project.root, "status", "--porcelain") == "" and files_in(project.root, "HEAD")["plan.md"] == "new\n"


def test_a_repository_inside_a_named_folder_is_not_committed(project: Checkout) -> None:
    make_repository(project.root / "dir" / "vendor")
    write(project.root, {"dir/d.txt": "ours\n"})
    assert commit_paths(project, ["dir"], "x")
    assert set(files_in(project.root, "HEAD")) == set(BASE) and tree_of(project.root)


def test_nothing_is_committed_into_a_merge_in_progress(project: Checkout) -> None:
    git(project.root, "checkout", "--quiet", "-b", "side")
    commit(project.root, {"a.txt": "side\n"})
    git(project.root, "checkout", "--quiet", "main")
    commit(project.root, {"a.txt": "main\n"})
    project.git.run("merge", "side", check=False)
    write(project.root, {"dir/d.txt": "ours\n"})
    with pytest.raises(MaestroError) as caught:
        commit_paths(project, ["dir/d.txt"], "x")
    assert isinstance(caught.value, Failed | Unsafe) and (project.git_dir / "MERGE_HEAD").exists()
