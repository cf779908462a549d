"""What the tests of the run room share: nothing that one of them started outlives it, also when it fails in the middle."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from maestro.run.jobs import Job

JOBS = ("jobs/*", ".git/maestro/*/jobs/*/*", "*/.git/maestro/*/jobs/*/*", "*/*/.git/maestro/*/jobs/*/*", "*/.git/maestro/*/replays/*/*")
"""Where the folders of jobs lie below a test's own folder."""


@pytest.fixture(autouse=True)
def nothing_runs_on(tmp_path: Path) -> Iterator[None]:
    """Workers and tests that wait for a word which a failed test never gave are ended, by the ids that they left."""
    yield
    for folder in [folder for pattern in JOBS for folder in tmp_path.glob(pattern) if (folder / "spec.json").exists()]:
        Job(folder).stop()


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[Path]:
    """The file in which a program that hangs writes its id, and which ends it after the test, whoever should have done that."""
    path = tmp_path / "hanging"
    yield path
    for pid in path.read_text().split() if path.exists() else ():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(int(pid), signal.SIGKILL)
