"""Projects with an issue tracker, kept by the stand-in for br and bd (`integrations/fakes/tracker.py`), and what it was asked."""

from __future__ import annotations

import atexit
import functools
import json
import runpy
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

FAKE = Path(__file__).parent / "integrations" / "fakes" / "tracker.py"
PROFILES = ("0.1.12", "0.1.13", "0.2", "0.5", "bd")


@functools.cache
def program() -> str:
    """The stand-in as a program, for the interpreter of the tests, without `site` and compiled once: it is started a thousand times."""
    folder = tempfile.mkdtemp(prefix="maestro-tracker-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "tracker"
    code = f"import sys; sys.path.insert(0, {str(FAKE.parent)!r}); import tracker; sys.exit(tracker.main(sys.argv[1:]))"
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -IS -c {shlex.quote(code)} "$@"\n')
    path.chmod(0o755)
    return str(path)


@dataclass(frozen=True)
class FakeTracker:
    """The tracker of a project. The program is on no PATH: only the variables that name it lead there."""

    root: Path
    patch: pytest.MonkeyPatch

    @property
    def folder(self) -> Path:
        return self.root / ".beads"

    def call(self, *args: str) -> Any:
        """What a user would do, done inside this process and not written down."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("BEADS_DIR", str(self.folder))
            patch.setenv("FAKE_FAULTS", "")
            fake = runpy.run_path(str(FAKE))
            options, (command, *rest) = fake["parse"](args)
            return fake["COMMANDS"][command](options, rest)

    def epic(self, *titles: str, edges: Iterable[tuple[int, int]] = ()) -> str:
        """An epic with one task for each title; an edge (2, 1) lets the second wait for the first. The epic's id; its tasks are `<id>.1` and so on."""
        name = str(self.call("create", "--title", "User login", "--type", "epic")["id"])
        for title in titles:
            self.call("create", "--title", title, "--parent", name)
        for blocked, blocker in edges:
            self.call("dep", "add", f"{name}.{blocked}", f"{name}.{blocker}")
        return name

    def faults(self, *faults: str) -> None:
        """From now on; without any, all is well again."""
        self.patch.setenv("FAKE_FAULTS", ",".join(faults))

    @property
    def issues(self) -> dict[str, Any]:
        return issues_of(self.root)

    def brief(self, name: str) -> tuple[str, str, str]:
        """Status, holder and the reason it was closed for."""
        issue = self.issues[name]
        return issue["status"], issue.get("assignee", ""), issue.get("close_reason", "")

    @property
    def log(self) -> list[dict[str, Any]]:
        """Every call, in the order in which they ended."""
        path = self.folder / "fake.log"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    @property
    def writes(self) -> list[str]:
        """Calls that change issues, without the actor's name."""
        lines = [" ".join(word for word in entry["args"] if word not in ("--json", "--actor", entry["actor"])) for entry in self.log]
        return [line for line in lines if line.split()[0] in ("create", "update", "close", "dep", "init")]

    def forget(self) -> None:
        (self.folder / "fake.log").unlink(missing_ok=True)

    def parallel(self) -> list[tuple[str, str]]:
        """Pairs of calls that ran at the same time, by the log that the tracker itself keeps."""
        calls = sorted(self.log, key=lambda entry: entry["began"])
        return [(" ".join(one["args"]), " ".join(two["args"])) for one, two in pairwise(calls) if two["began"] < one["ended"]]


def issues_of(root: Path) -> dict[str, Any]:
    """All issues of a project as the stand-in knows them, none without a tracker."""
    path = root / ".beads" / "fake.json"
    issues = json.loads(path.read_text())["issues"] if path.exists() else {}
    assert isinstance(issues, dict)
    return issues


def fake_tracker(root: Path, patch: pytest.MonkeyPatch, profile: str = "0.5", *, prefix: str = "maestro", init: bool = True) -> FakeTracker:
    """A project's tracker in a release of br, or as bd."""
    patch.setenv("FAKE_PROFILE", profile)
    patch.setenv("MAESTRO_BD" if profile == "bd" else "MAESTRO_BR", program())
    patch.delenv("MAESTRO_BR" if profile == "bd" else "MAESTRO_BD", raising=False)
    found = FakeTracker(root, patch)
    if init:
        found.call("init", "--prefix", prefix)
    return found
