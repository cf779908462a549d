"""A project whose tasks are issues of a tracker as well, driven in a child process that a test may kill."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from headless import Project
from support import git, write
from trackers import fake_tracker, program

TITLES = ("Create the user table", "Hash passwords", "Add the login endpoint, after Task 1.1")
"""Of the tasks of `headless.PLAN`."""


@dataclass(frozen=True)
class Tracked(Project):
    def drive(self, orders: Mapping[str, object] | None = None, **wish: object) -> str:
        os.environ.update({"MAESTRO_BR": program(), "FAKE_PROFILE": "0.5"})
        return super().drive(orders, **wish)


def tracked(project: Project) -> Tracked:
    """The project with an epic for its track, committed."""
    with pytest.MonkeyPatch.context() as patch:
        epic = fake_tracker(project.root, patch).epic(*TITLES)
    path = project.home.layout.metadata(project.home.track)
    fields = json.loads(path.read_text()) | {"beads_epic_id": epic, "beads_issue_map": {f"P1T{number}": f"{epic}.{number}" for number in (1, 2, 3)}}
    write(project.root, {project.home.layout.shown(path): json.dumps(fields, indent=2) + "\n"})
    git(project.root, "add", "--all")
    git(project.root, "commit", "--quiet", "--message", "Add the tracker")
    return Tracked(project.root, project.worker, project.mode)
