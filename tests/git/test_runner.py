"""One place runs git: nothing from outside bends a call, and no call waits for somebody."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from builders import commit, hook, make_repository, tip
from maestro.errors import Failed, NotFound
from maestro.git.runner import Git, clean_environment, join_z, split_z, version
from support import SCRIPTS, git
from waiting import alive, started, wait_for


def test_variables_of_a_calling_git_do_not_redirect_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = make_repository(tmp_path / "here")
    other = make_repository(tmp_path / "other", {"other.txt": "other\n"})
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    assert Git(here).lines_z("ls-files", "-z") == ["README.md", "src/app.py"]


def test_only_harmless_variables_pass() -> None:
    given = {"PATH": "/bin", "GIT_DIR": "x", "GIT_TRACE": "1", "GIT_SSL_CAINFO": "ca", "GIT_SSH": "ssh", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "a.b"}
    passed = clean_environment(given)
    assert {name for name in given if name in passed} == {"PATH", "GIT_SSL_CAINFO", "GIT_SSH", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0"}


@pytest.mark.parametrize("setting", ["LC_ALL", "LC_CTYPE", "LANG"])
def test_git_speaks_english_and_hooks_keep_their_character_set(setting: str) -> None:
    passed = clean_environment({setting: "de_DE.UTF-8", "LANGUAGE": "de"})
    assert (passed["LC_MESSAGES"], passed["LC_CTYPE"]) == ("C", "de_DE.UTF-8")
    assert "LC_ALL" not in passed and "LANGUAGE" not in passed


def test_nobody_is_prompted() -> None:
    passed = clean_environment({"GPG_TTY": "/dev/tty1", "SSH_ASKPASS": "/usr/bin/ask", "GIT_ASKPASS": "/usr/bin/ask", "GIT_EDITOR": "vi"})
    assert passed["GIT_TERMINAL_PROMPT"] == "0" and passed["GIT_ASKPASS"] == "" and passed["GIT_EDITOR"] == "true"
    assert "GPG_TTY" not in passed and "SSH_ASKPASS" not in passed


def test_git_has_no_terminal_to_ask_on(tmp_path: Path) -> None:
    """gpg and ssh open /dev/tty when they cannot ask on stdin; without a controlling terminal that fails instead of waiting."""
    repository = make_repository(tmp_path)
    said = Git(repository).text("-c", "alias.session=!ps -o sid= -p $$", "session")
    assert int(said) != os.getsid(0)


def test_output_is_exact_bytes_and_names_survive_a_round_trip(tmp_path: Path) -> None:
    odd = os.fsdecode(b'caf\xe9\n\t "x".txt')
    repository = make_repository(tmp_path, {"plain.txt": "a\n"})
    (repository / odd).write_text("odd")
    git(repository, "config", "core.quotePath", "true")
    assert Git(repository).lines_z("ls-files", "--others", "-z") == [odd]
    assert split_z(join_z([odd, "b"])) == [odd, "b"]
    assert split_z(b"") == []


def test_a_failure_names_the_command_and_gits_own_words(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    with pytest.raises(Failed) as caught:
        Git(repository).run("cat-file", "blob", "HEAD:nothing")
    assert caught.value.slug == "git-failed"
    assert "git cat-file blob HEAD:nothing" in caught.value.message and "does not exist" in caught.value.message


def test_a_directory_that_is_gone_is_not_mistaken_for_a_missing_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFound, match="not a directory"):
        Git(tmp_path / "gone").run("version")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failed) as caught:
        Git(tmp_path).run("version")
    assert caught.value.slug == "git-missing"


def test_a_process_that_a_hook_leaves_behind_does_not_hold_us(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    hook(repository, "post-commit", f"sleep 300 & echo $! > '{tmp_path}/left'")
    Git(repository).run("commit", "--allow-empty", "--message=x")
    left = int((tmp_path / "left").read_text())
    assert alive(left), "it was not waited for"
    os.kill(left, signal.SIGKILL)


def test_an_interrupted_call_asks_git_to_stop_and_leaves_no_lock(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    hook(repository, "pre-commit", f"touch '{tmp_path}/started'; sleep 20")
    program = f"import sys; from pathlib import Path; from maestro.git.runner import Git; Git(Path({str(repository)!r})).run('commit', '-am', 'x')"
    (repository / "README.md").write_text("changed\n")
    with started([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(SCRIPTS)}, stderr=subprocess.DEVNULL) as child:
        wait_for((tmp_path / "started").exists, "the hook")
        child.send_signal(2)
    assert child.returncode != 0
    assert not (repository / ".git" / "index.lock").exists()


def test_a_private_index_is_used_and_a_split_one_not_written(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    git(repository, "config", "core.splitIndex", "true")
    before = sorted(path.name for path in (repository / ".git").iterdir())
    Git(repository).run("read-tree", "HEAD", index=tmp_path / "index")
    assert (tmp_path / "index").exists()
    assert sorted(path.name for path in (repository / ".git").iterdir()) == before


def test_commits_are_not_followed_by_housekeeping(tmp_path: Path) -> None:
    repository = make_repository(tmp_path)
    git(repository, "config", "gc.auto", "1")
    first = tip(repository)
    commit(repository, {"a.txt": "a\n"})
    Git(repository).run("commit", "--allow-empty", "--message=x")
    assert Git(repository).run("cat-file", "-e", first).code == 0
    assert not list((repository / ".git" / "objects" / "pack").glob("*.pack"))


def test_the_version_is_read() -> None:
    assert version() >= (2, 30)


def test_an_object_that_was_pruned_meanwhile_is_told_from_what_else_git_refuses(tmp_path: Path) -> None:
    """Somebody's `git prune --expire=now` takes what a step has written and nothing holds yet; the same step writes it again."""
    repository = make_repository(tmp_path)
    runner = Git(repository)
    tree = runner.run("mktree", input=f"100644 blob {tip(repository, 'HEAD:README.md')}\tmade\n".encode()).text
    git(repository, "prune", "--expire=now")
    with pytest.raises(Failed) as caught:
        runner.run("commit-tree", tree, "-m", "x")
    assert f"Object {tree[:12]} is gone" in (caught.value.hint or "") and "Repeat the same command" in (caught.value.hint or "")
    with pytest.raises(Failed) as caught:
        runner.run("switch", "nowhere")
    assert caught.value.hint == "Do as git says, then repeat."
