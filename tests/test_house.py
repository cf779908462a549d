"""The rules of the house (ARCHITECTURE.md), kept by a machine: floors, sizes, late imports, one place for git."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from support import ROOT, SCRIPTS, write
from unused import unused

PACKAGE = SCRIPTS / "maestro"

FLOORS = {
    "models": 1,
    "errors": 1,
    "files": 1,
    "clock": 1,
    "counting": 1,
    "records": 1,
    "patterns": 1,
    "once": 1,
    "caches": 1,
    "memory": 1,
    "pointers": 1,
    "documents": 2,
    "git": 2,
    "integrations": 2,
    "evidence": 3,
    "schedule": 4,
    "run": 5,
    "views": 6,
    "bootstrap": 7,
    "cli": 7,
}

LONGEST = 400
"""Lines of a module. Most have a quarter of that."""

LATE = {"ast_grep_py", "jsonschema", "pickle", "psutil", "pydantic", "rich", "tomllib"}
"""Slow to import: only inside the functions that need them. Schemas are made, not served."""

NEVER = {"git", "mistune"}
"""Oracles of the tests."""

CALLED_BY_NAME = {
    "maestro.documents.dialects.": "plans.py takes the module that a dialect is called after, and `read` and `recognise` from it",
    "maestro.evidence.weigh Weighing.measures": "the weights are learned from it (tests/benchmarks/learning.py)",
    "maestro.evidence.weights Row.because": "the table of weights has to say why; its tests insist",
    "maestro.run.driving abort": "cli/run/driver.py takes it by the name of the verb",
    "maestro.run.driving verify": "as before",
    "maestro.views.chronicle SILENT": "what is told to nobody on purpose; see below",
}
"""What is used although no code names it: the beginning of its name, and by whom."""

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.stat().st_size)


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_at_start(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imports(node)


def is_git_command(node: ast.AST) -> bool:
    """A list or tuple that begins with the word git."""
    return isinstance(node, ast.List | ast.Tuple) and bool(node.elts) and isinstance(node.elts[0], ast.Constant) and node.elts[0].value == "git"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_keeps_the_rules_of_the_house(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    assert ast.get_docstring(tree), "says why it exists"
    assert source.count("\n") <= LONGEST, "has one reason to exist"
    imported = set(imports(tree))
    assert not {name.split(".")[0] for name in imported} & NEVER
    if room_of(path) == "__init__":
        return
    floor = FLOORS[room_of(path)]
    rooms = {name.split(".")[1] for name in imported if name.startswith("maestro.")}
    upward = {room for room in rooms if room in FLOORS and FLOORS[room] > floor}
    assert not upward, f"imports upward: {upward}"
    assert "dataclasses.dataclass" not in imported or name_of(path) == "records.py", "maestro.records.dataclass is cheap to import"
    early = {name.split(".")[0] for name in imports_at_start(tree)} & LATE
    assert not early or name_of(path) == "cli/schemas.py", f"imported before it is needed: {early}"


def test_one_room_runs_git() -> None:
    """Everybody else asks it, so that the environment is scrubbed in one place."""
    others = [path for path in MODULES if room_of(path) != "git"]
    assert [name_of(path) for path in others if any(map(is_git_command, ast.walk(ast.parse(path.read_text(encoding="utf-8")))))] == []


def test_nothing_is_kept_that_nothing_uses() -> None:
    found = unused("maestro", [SCRIPTS, ROOT / "hooks"], [(ROOT / "pyproject.toml").read_text(encoding="utf-8")], sorted((ROOT / "schemas").glob("*.json")))
    assert [name for name in found if not name.startswith(tuple(CALLED_BY_NAME))] == []
    assert [name for name in CALLED_BY_NAME if not any(one.startswith(name) for one in found)] == [], "needs no excuse any more"


ROOM = """\
import other

LOST = 1
KEPT = 2

def alone(): alone()

class Base: pass

class Kind(Base):
    lost: int
    kept: int = KEPT
    def turn(self): self.turn()
    @property
    def seen(self): return self.kept

class Called(other.Base):
    def back(self): ...
"""


def test_what_nothing_uses_is_found_whatever_it_is(tmp_path: Path) -> None:
    write(tmp_path, {"house/room.py": ROOM, "door.py": "from house.room import Called, Kind\nprint(Called, Kind().seen)\n"})
    assert unused("house", [tmp_path]) == ["house.room Kind.lost", "house.room Kind.turn", "house.room LOST", "house.room alone"]


def test_every_room_is_on_a_floor() -> None:
    rooms = {path.name.removesuffix(".py") for path in PACKAGE.iterdir() if not path.name.startswith("__")}
    assert rooms <= set(FLOORS)


def test_every_listed_door_has_its_file_and_its_command() -> None:
    from maestro.cli.doors import DOORS

    files = {path.stem for path in SCRIPTS.glob("*.py")}
    assert files == set(DOORS)
    assert {name for name in DOORS if find_spec(f"maestro.cli.{name}") is None} == set()


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_the_documents_name_the_command_that_is_run(document: str) -> None:
    """The steps of the one line that takes a fresh clone to tested are those of the gate."""
    text = (ROOT / document).read_text(encoding="utf-8")
    command = next(line.strip() for line in text.splitlines() if line.startswith("    python3 -m venv"))
    steps = command.split(" && ")
    gate = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert len(steps) == 3 and [step for step in steps if step not in gate] == []


@pytest.mark.parametrize("document", ["README.md", "SKILL.md"])
def test_the_documents_name_every_door(document: str) -> None:
    from maestro.cli.doors import DOORS

    text = (ROOT / document).read_text(encoding="utf-8")
    assert [door for door in DOORS if f"{door}.py" not in text and f"maestro {door}" not in text] == []


def test_every_event_of_a_run_is_told_or_known_to_matter_to_nobody() -> None:
    from maestro.run.state import _HANDLERS
    from maestro.views.chronicle import SENTENCES, SILENT

    assert set(_HANDLERS) | {"run-created"} == set(SENTENCES) | SILENT
    assert not SILENT & set(SENTENCES)
