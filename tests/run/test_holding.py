"""What a worker changed beside its task: text is merged and told, everything that is more waits for a person."""

from __future__ import annotations

import pytest

from maestro.git.diffs import FileChange, Kind
from maestro.run.holding import held_changes, litter

FOLDERS = {".", "src", "docs", ".github"}


def change(path: str, kind: Kind = "modified", *, old_path: str | None = None, binary: bool = False, mode: str = "100644") -> FileChange:
    return FileChange(path, kind, old_path, binary, "000000" if kind == "added" else mode, "000000" if kind == "deleted" else mode)


HELD = {
    "deletion": (change("src/old.py", "deleted"), "a deletion"),
    "rename": (change("src/new.py", "renamed", old_path="src/old.py"), "a rename of src/old.py"),
    "rename into the scope": (change("src/a.py", "renamed", old_path="src/old.py"), "a rename of src/old.py"),
    "mode": (FileChange("src/app.py", "modified", None, False, "100644", "100755"), "a change of its mode"),
    "binary": (change("src/logo.png", binary=True), "a binary file"),
    "link": (change("src/link", "added", mode="120000"), "a symbolic link"),
    "submodule": (change("vendor", "added", mode="160000"), "a submodule or nested repository"),
    "type": (change("src/app.py", "type"), "a change of the file's type"),
    "workflow": (change(".github/workflows/ci.yml"), "runs in hooks or CI"),
    "new workflow": (change(".github/workflows/evil.yml", "added"), "runs in hooks or CI"),
    "other CI": (change(".gitlab-ci.yml", "added"), "runs in hooks or CI"),
    "git hooks": (change(".husky/pre-commit", "added"), "runs in hooks or CI"),
    "pre-commit": (change(".pre-commit-config.yaml"), "runs in hooks or CI"),
    "attributes": (change(".gitattributes", "added"), "runs in hooks or CI"),
    "modules": (change(".gitmodules", "added"), "runs in hooks or CI"),
    "new folder": (change("infra/deploy.sh", "added"), "a new folder infra/"),
    "new folder below": (change("src/deep/er/x.py", "added"), "a new folder src/deep/er/"),
}


@pytest.mark.parametrize(("found", "why"), HELD.values(), ids=HELD)
def test_more_than_text_is_held_with_a_reason(found: FileChange, why: str) -> None:
    assert [(held.path, held.why) for held in held_changes([found], ["src/a.py"], FOLDERS)] == [(found.path, why)]


@pytest.mark.parametrize(
    "found", [found for found, _ in HELD.values() if found.kind != "renamed"], ids=[name for name, (found, _) in HELD.items() if found.kind != "renamed"]
)
def test_what_the_task_names_is_its_own(found: FileChange) -> None:
    folder = found.path.rpartition("/")[0]
    assert held_changes([found], [found.path], FOLDERS) == []
    assert not folder or held_changes([found], [f"{folder}/"], FOLDERS) == []


def test_a_rename_is_its_own_when_both_ends_are() -> None:
    moved = change("src/new.py", "renamed", old_path="src/old.py")
    assert held_changes([moved], ["src/old.py", "src/new.py"], FOLDERS) == [] and held_changes([moved], ["src/*.py"], FOLDERS) == []


FREE = [
    change("src/app.py"),
    change("docs/new.md", "added"),
    change("README.md", "added"),
    change("tests/test_a.py", "added"),
    change("src/__tests__/a.test.ts", "added"),
    change("pkg/deep/test_x.py", "added"),
    change("src/app.py", "mode"),
]


@pytest.mark.parametrize("found", FREE, ids=[f"{found.kind} {found.path}" for found in FREE])
def test_text_edits_files_in_known_folders_and_tests_are_not_held(found: FileChange) -> None:
    assert held_changes([found], ["src/a.py"], FOLDERS) == []


def test_a_folder_that_a_named_path_lies_in_is_expected() -> None:
    assert held_changes([change("infra/other.sh", "added")], ["infra/deploy.sh"], FOLDERS) == []
    assert held_changes([change("infra2/other.sh", "added")], ["infra/deploy.sh"], FOLDERS), "only that folder"


def test_a_task_that_names_nothing_may_make_folders_but_not_touch_the_machinery() -> None:
    found = [change("new/x.py", "added"), change(".github/workflows/ci.yml"), change("src/old.py", "deleted")]
    assert [held.path for held in held_changes(found, [], FOLDERS)] == [".github/workflows/ci.yml", "src/old.py"]


LITTER = [
    "src/__pycache__/a.cpython-311.pyc",
    "node_modules/x/index.js",
    ".venv/bin/python",
    ".coverage",
    "htmlcov/index.html",
    "a.py~",
    ".a.swp",
    "x.orig",
    "p.egg-info/PKG-INFO",
    ".DS_Store",
    "a/.idea/x.xml",
]


@pytest.mark.parametrize("path", LITTER)
def test_build_and_editor_litter_is_left_out_unless_it_is_named(path: str) -> None:
    assert litter([change(path, "added")], ["src/a.py"]) == [path]
    assert litter([change(path, "added")], [path]) == []
    assert litter([change(path)], []) == [], "what is in the repository already is somebody's"


@pytest.mark.parametrize("path", ["src/cache.py", "src/venv.py", "docs/node_modules.md", "original.py", "src/coverage.py", "build/x.py"])
def test_work_that_only_sounds_like_litter_is_kept(path: str) -> None:
    assert litter([change(path, "added")], []) == []
