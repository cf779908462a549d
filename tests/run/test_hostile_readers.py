"""Whatever stands in the files of a run, reading them ends in an answer or in an error with a place."""

from __future__ import annotations

import json
import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maestro.errors import InvalidDocument, MaestroError
from maestro.git.checkout import Checkout
from maestro.models.run import Handle
from maestro.pointers import RUN_POINTER
from maestro.run.home import active_track
from maestro.run.jobs import Job
from maestro.run.journal import Journal
from maestro.run.state import fold

KEYS = st.sampled_from(["n", "at", "event", "task", "track", "code", "step", "group", "supervisor", "timeout", "x"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
VALUES = st.recursive(LEAVES, lambda value: st.lists(value, max_size=3) | st.dictionaries(KEYS, value, max_size=5), max_leaves=8)
CONTENT = st.one_of(st.binary(max_size=80), st.builds(lambda value: json.dumps(value).encode(), VALUES))


@settings(max_examples=150)
@given(st.lists(CONTENT, max_size=4))
def test_a_journal_is_read_or_refused_with_its_line(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> None:
    folder = tmp_path_factory.mktemp("run")
    (folder / "journal.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    try:
        fold(Journal(folder / "journal.jsonl").events())
    except InvalidDocument as error:
        assert error.slug == "journal-damaged"
    shutil.rmtree(folder)


@settings(max_examples=150)
@given(CONTENT)
def test_files_of_a_job_that_say_nothing_are_none(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("job")
    for name in ("exit.json", "pid.json", "spec.json"):
        (folder / name).write_bytes(content)
    job = Job(folder)
    ended = job.result()
    assert ended is not None and isinstance(ended.code, int) and isinstance(job.limit, float | None)
    job.stop()
    shutil.rmtree(folder)


@settings(max_examples=150)
@given(CONTENT)
def test_a_pointer_names_a_track_or_nothing(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.mktemp("git")
    (folder / RUN_POINTER).write_bytes(content)
    found = active_track(Checkout(folder, folder, folder))
    assert found is None or isinstance(found, str)
    shutil.rmtree(folder)


@given(st.text(max_size=40))
def test_a_handle_is_one_or_is_refused(text: str) -> None:
    try:
        handle = Handle.parse(text)
    except MaestroError as error:
        assert error.slug == "handle-invalid"
    else:
        assert Handle.parse(str(handle)) == handle
