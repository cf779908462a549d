"""Every test runs apart from the machine's settings: its own home, cache, git identity and width."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from plans import make_project
from support import make_repository

settings.register_profile("maestro", deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no failure
settings.load_profile("maestro")

FIXED = {
    "COLUMNS": "80",
    "GIT_AUTHOR_DATE": "2025-02-19T12:00:00Z",
    "GIT_AUTHOR_EMAIL": "author@example.org",
    "GIT_AUTHOR_NAME": "An Author",
    "GIT_COMMITTER_DATE": "2025-02-19T12:00:00Z",
    "GIT_COMMITTER_EMAIL": "author@example.org",
    "GIT_COMMITTER_NAME": "An Author",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "LC_ALL": "C.UTF-8",
    "MAESTRO_GAUGE": "0.5 0.1",
    "TZ": "UTC",
}

os.environ.update({name: value for name, value in FIXED.items() if name.startswith("GIT_")})  # for what is made once for many tests, before `apart`

# Started in the background of a shell, Python inherits that an interruption is ignored, and so would every process that a test starts and then interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
for number in (signal.SIGHUP, signal.SIGQUIT):
    signal.signal(number, signal.SIG_DFL)

REMOVED = ("NO_COLOR", "FORCE_COLOR", "TERM", "MAESTRO_OFFLINE", "PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "XDG_CONFIG_HOME")
TRACKERS = ("BEADS_DIR", "MAESTRO_BR", "MAESTRO_BD", "MAESTRO_BV", "MAESTRO_MAIL_URL", "MAESTRO_MAIL_TOKEN")


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the Python that this environment is made of, as `python3`: what a machine has under this name may be a script that first looks for one."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "python3").symlink_to(Path(sys.executable).resolve())
    return folder


@pytest.fixture(autouse=True)
def apart(programs: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home directory of the test. Nothing waits for a disk here: what a test kills are processes, never the machine."""
    for name in list(os.environ):
        if name.startswith("GIT_") or name in (*REMOVED, *TRACKERS):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    for name, value in FIXED.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)
    return home


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with one commit."""
    return make_repository(tmp_path / "project")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with the track `auth`."""
    return make_project(tmp_path / "project")
