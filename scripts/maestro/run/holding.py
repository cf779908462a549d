"""Which of a worker's changes are merged without a question, and which are held until somebody looked."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from maestro.git.diffs import FileChange
from maestro.records import dataclass
from maestro.run.scheduling import covers

_LITTER = re.compile(
    r"(?:^|/)(?:__pycache__|\.pytest_cache|\.mypy_cache|\.ruff_cache|node_modules|\.venv|venv|\.tox|\.nox|\.gradle|\.idea|\.vscode|htmlcov|\.coverage|\.DS_Store|Thumbs\.db)(?:/|$)"
    r"|\.py[co]$|\.egg-info(?:/|$)|~$|\.sw[op]$|\.orig$|\.rej$"
)
"""What builds, tests and editors leave behind; never part of a task unless its text names it."""

_MACHINERY = re.compile(
    r"^(?:\.github/|\.gitlab-ci\.yml$|\.circleci/|\.buildkite/|\.travis\.yml$|azure-pipelines\.yml$|Jenkinsfile$|bitbucket-pipelines\.yml$|\.woodpecker|\.drone\.yml$"
    r"|\.husky/|\.githooks/|\.pre-commit-config\.yaml$|lefthook\.ya?ml$|\.gitattributes$|\.gitmodules$|\.lfsconfig$|\.ci/)"
)
"""Files that run on other machines or on the user's next git command."""

_TESTS = re.compile(r"(?:^|/)(?:tests?|__tests__|specs?|e2e|testdata|fixtures)(?:/|$)|(?:^|/)(?:test_[^/]+|[^/]+[._-](?:test|spec)\.[^/]+)$", re.IGNORECASE)
"""Tests belong to every task: the method demands them, so their folders need no mention in the plan."""


@dataclass(frozen=True, slots=True)
class Held:
    """A change that waits for a decision."""

    path: str
    why: str


def litter(changes: Iterable[FileChange], scope: Iterable[str]) -> list[str]:
    """Added paths that are build or editor litter and that the task does not name."""
    named = list(scope)
    return [change.path for change in changes if change.kind == "added" and _LITTER.search(change.path) and not _named(change.path, named)]


def held_changes(changes: Iterable[FileChange], scope: Iterable[str], known_folders: Collection[str]) -> list[Held]:
    """Changes outside the task's scope that are more than text edits (design, merging).

    `scope` holds the paths the task names; a task that names none has no boundary to cross, so its new folders are not held. `known_folders` are the
    folders that exist at the base.
    """
    named = list(scope)
    held = []
    for change in changes:
        if _named(change.path, named) and (change.old_path is None or _named(change.old_path, named)):
            continue
        why = _reason(change, named, known_folders)
        if why:
            held.append(Held(change.path, why))
    return held


def _reason(change: FileChange, scope: list[str], known_folders: Collection[str]) -> str | None:
    if change.submodule:
        return "a submodule or nested repository"
    if change.symlink:
        return "a symbolic link"
    if _MACHINERY.search(change.path):
        return "runs in hooks or CI"
    if change.kind == "deleted":
        return "a deletion"
    if change.kind == "renamed":
        return f"a rename of {change.old_path}"
    if change.kind == "type":
        return "a change of the file's type"
    if change.binary:
        return "a binary file"
    if change.executable_changed:
        return "a change of its mode"
    if change.kind == "added" and scope and not _TESTS.search(change.path):
        folder = change.path.rpartition("/")[0]
        if folder and folder not in known_folders and not any(entry.startswith(folder + "/") for entry in scope):
            return f"a new folder {folder}/"
    return None


def _named(path: str, scope: list[str]) -> bool:
    return any(covers(entry, path) for entry in scope)
