"""What was found is remembered, and found anew as soon as anything that was looked at has changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from builders import commit
from maestro.documents.plans import parse_plan
from maestro.evidence import detect as detection
from maestro.evidence.recall import find_dependencies
from maestro.evidence.view import RepositoryView
from maestro.models.dependency import Findings
from support import make_repository, write

TEXT = """\
## Phase 1: p
### Task 1.1: Rename the hash in `lib/hashing.py`
- [ ] Modify `lib/hashing.py`: `make_hash` takes a salt
### Task 1.2: Log in
- [ ] Modify `lib/login.py`
"""

FILES = {"lib/hashing.py": "def make_hash(text):\n    return text\n", "lib/login.py": "from lib.hashing import make_hash\n"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = make_repository(tmp_path / "project", FILES)
    age(folder)
    return folder


def age(root: Path) -> None:
    """Let all files be older than what a file system might not tell apart."""
    for path in root.rglob("*.py"):
        os.utime(path, (1_700_000_000, 1_700_000_000))


def find(root: Path, text: str = TEXT) -> Findings:
    return find_dependencies(parse_plan(text, "plan.md"), RepositoryView(root))


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with every time that dependencies are really detected."""
    times: list[str] = []
    detect = detection.detect

    def counting(*arguments: object, **options: object) -> Findings:
        times.append("detected")
        return detect(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(detection, "detect", counting)
    return times


def test_the_second_look_is_the_first_one(root: Path, counted: list[str]) -> None:
    first = find(root)
    assert [(edge.task, edge.needs) for edge in first.dependencies] == [("1.2", "1.1")]
    assert find(root) == first
    assert len(counted) == 1


def test_an_edited_plan_is_looked_at_anew(root: Path) -> None:
    find(root)
    assert find(root, TEXT.replace("`lib/login.py`", "`lib/other.py`")).dependencies == ()


def test_an_edited_source_is_looked_at_anew(root: Path) -> None:
    find(root)
    write(root, {"lib/login.py": "import os\n"})
    assert find(root).dependencies == ()


def test_a_source_of_the_same_size_and_time_is_looked_at_anew(root: Path) -> None:
    find(root)
    write(root, {"lib/login.py": FILES["lib/login.py"].replace("make_hash", "make_harm")})
    age(root)
    assert find(root).dependencies == ()


def test_a_source_that_has_only_just_changed_is_not_relied_on(root: Path, counted: list[str]) -> None:
    write(root, FILES)
    assert find(root) == find(root)
    assert len(counted) == 2


def test_a_file_that_git_begins_to_track_is_looked_at(root: Path) -> None:
    entry = find(root, TEXT.replace("lib/login.py", "login.md")).scopes["1.2"][0]
    assert entry.path == "login.md"
    commit(root, {"docs/login.md": "# Login\n"})
    assert find(root, TEXT.replace("lib/login.py", "login.md")).scopes["1.2"][0].path == "docs/login.md"


def test_another_table_of_weights_is_another_question(root: Path, counted: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    find(root)
    shipped = Path(detection.__file__).with_name("weights.toml")
    table = tmp_path / "weights.toml"
    table.write_bytes(shipped.read_bytes())
    monkeypatch.setenv("MAESTRO_WEIGHTS", str(table))
    find(root)
    find(root)
    assert len(counted) == 2
