"""The client and a stage for it; without the client, these tests are skipped with the reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support import load_beside

real = load_beside(__file__, "client")


@pytest.fixture(scope="session")
def program() -> Path:
    """The installed client."""
    found = real.install()
    if isinstance(found, str):
        pytest.skip(f"the real client is not to be had: {found}")
    assert isinstance(found, Path)
    return found


@pytest.fixture
def stage(program: Path, tmp_path: Path) -> Iterator[Any]:
    """A project with the track `things`, the client, and the model that plays with it."""
    stage = load_beside(__file__, "stage").Stage(real.Client(program, tmp_path / "home"), tmp_path / "project")
    yield stage
    stage.model.close()
