"""Files change as a whole or not at all, and a lock is held by a living process or by nobody."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headless import in_child
from maestro import files
from maestro.errors import InvalidDocument, Locked, NotFound
from maestro.files import append_line, lock, read_text, replace_text
from waiting import bury, read_until


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[int]:
    """Another process that holds the lock `tmp_path/lock` until it is ended."""
    ready, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        with lock(tmp_path / "lock", purpose="holding"):
            os.write(said, b".")
            signal.pause()
        os._exit(0)
    try:
        read_until(ready, b".")
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        bury(pid)


def test_a_living_holder_is_never_robbed_however_old_its_lock(holder: int, tmp_path: Path) -> None:
    """get-shit-done took a lock away from whoever had it for ten seconds (gsd-core#1530)."""
    os.utime(tmp_path / "lock", (0, 0))
    with pytest.raises(Locked) as caught, lock(tmp_path / "lock", purpose="marking", timeout=0.02):
        raise AssertionError("robbed")
    assert caught.value.slug == "lock-held" and caught.value.exit_code == 6


def test_a_killed_holder_keeps_nothing(tmp_path: Path) -> None:
    def hold_and_die() -> None:
        with lock(tmp_path / "lock", purpose="dying"):
            os.kill(os.getpid(), signal.SIGKILL)

    assert in_child(hold_and_die, tmp_path / "log").killed
    with lock(tmp_path / "lock", purpose="next", timeout=0):
        pass


@pytest.mark.parametrize("left", ["", "2147483649", "1", "not a number", "\x00"], ids=["empty", "a pid that cannot be", "a pid that lives", "words", "nul"])
def test_what_an_earlier_program_left_in_a_lock_file_says_nothing(left: str, tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(left)
    with lock(tmp_path / "lock", purpose="mine", timeout=0):
        assert (tmp_path / "lock").read_text() == left


def test_waiting_is_bounded_and_quiet_also_when_the_folder_disappears(holder: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """gsd-core#1236: a removed folder made every waiting process spin for ever."""
    pauses: list[float] = []
    moment = [0.0]

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        moment[0] += seconds
        if len(pauses) == 3:
            (tmp_path / "lock").unlink()

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])
    with pytest.raises(Locked), lock(tmp_path / "lock", purpose="waiting", timeout=60):
        raise AssertionError("taken")
    assert 60 <= sum(pauses) < 61 and len(pauses) < 700


def test_a_folder_can_be_locked_and_a_missing_one_is_made_for_the_lock(tmp_path: Path) -> None:
    with lock(tmp_path, purpose="a folder", timeout=0), lock(tmp_path / "new" / "lock", purpose="a file", timeout=0):
        assert (tmp_path / "new").is_dir()


def test_mode_and_link_of_a_file_stay(tmp_path: Path) -> None:
    (tmp_path / "real.md").write_text("old")
    (tmp_path / "real.md").chmod(0o640)
    (tmp_path / "plan.md").symlink_to("real.md")
    assert replace_text(tmp_path / "plan.md", "new")
    assert (tmp_path / "plan.md").is_symlink() and (tmp_path / "real.md").read_text() == "new"
    assert stat.S_IMODE((tmp_path / "real.md").stat().st_mode) == 0o640


def test_the_same_content_is_not_written_again(tmp_path: Path) -> None:
    replace_text(tmp_path / "plan.md", "same")
    before = (tmp_path / "plan.md").stat()
    assert not replace_text(tmp_path / "plan.md", "same")
    assert (tmp_path / "plan.md").stat().st_ino == before.st_ino


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text("old")
    (tmp_path / "plan.md").chmod(0o444)
    with pytest.raises(PermissionError):
        replace_text(tmp_path / "plan.md", "new")
    assert (tmp_path / "plan.md").read_text() == "old"


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_no_half_of_the_new(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "plan.md").write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, step, full)
    with pytest.raises(OSError, match="No space left"):
        replace_text(tmp_path / "plan.md", "new")
    assert [path.name for path in tmp_path.iterdir()] == ["plan.md"] and (tmp_path / "plan.md").read_text() == "old"


def test_halves_of_the_dead_are_removed_and_those_of_the_living_stay(tmp_path: Path) -> None:
    halves = {f".plan.md.{pid}.abcdefgh.tmp": pid == os.getpid() for pid in (2147483649, 99999999, os.getpid())} | {".mine.tmp": True}
    for name in halves:
        (tmp_path / name).touch()
    replace_text(tmp_path / "plan.md", "new")
    assert {name: (tmp_path / name).exists() for name in halves} == halves


def test_a_torn_last_line_is_dropped_before_the_next_one(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(b"one\ntw")
    append_line(tmp_path / "journal", "two")
    assert (tmp_path / "journal").read_bytes() == b"one\ntwo\n"


@given(st.binary(max_size=200), st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=20))
def test_whatever_lies_there_whole_lines_stay_and_the_new_one_is_whole(tmp_path_factory: pytest.TempPathFactory, before: bytes, line: str) -> None:
    folder = tmp_path_factory.mktemp("journal")
    (folder / "journal").write_bytes(before)
    append_line(folder / "journal", line)
    whole = before[: before.rfind(b"\n") + 1]
    assert (folder / "journal").read_bytes() == whole + line.encode() + b"\n"
    shutil.rmtree(folder)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_text_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("text")
    replace_text(folder / "plan.md", text)
    assert read_text(folder / "plan.md") == text
    shutil.rmtree(folder)


def test_what_is_no_text_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_bytes(b"one\ntwo \xff\n")
    with pytest.raises(InvalidDocument) as caught:
        read_text(tmp_path / "plan.md", "plan.md")
    assert (caught.value.slug, caught.value.where) == ("not-utf8", "plan.md:2")


def test_what_is_no_file_is_told_apart_from_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidDocument) as caught:
        read_text(tmp_path)
    assert caught.value.slug == "not-a-file"
    with pytest.raises(NotFound) as missing:
        read_text(tmp_path / "nothing")
    assert missing.value.slug == "file-missing"


def test_an_edit_that_somebody_makes_meanwhile_is_not_lost(tmp_path: Path) -> None:
    """It is made while the new text is worked out: whoever edits never sees maestro's lock."""
    path = tmp_path / "plan.md"
    path.write_text("a\n")
    edits = iter(("a\nnote 1\n", "a\nnote 1\nnote 2\n"))

    def change(text: str) -> str:
        if (edited := next(edits, None)) is not None:
            files.replace_text(path, edited)
        return text.replace("a", "A")

    assert files.rewrite_text(path, change) and path.read_text() == "A\nnote 1\nnote 2\n"
    assert not files.rewrite_text(path, change) and [entry.name for entry in tmp_path.iterdir()] == ["plan.md"]


def test_a_file_that_never_rests_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "plan.md"
    path.write_text("")

    def change(text: str) -> str:
        path.write_text(f"{text}more\n")
        return "mine"

    with pytest.raises(Locked) as caught:
        files.rewrite_text(path, change)
    assert caught.value.slug == "file-busy" and "mine" not in path.read_text()
