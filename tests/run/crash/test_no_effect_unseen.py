"""Every place in the code that changes something on disk is a crash point, or stands below with the reason why it is none.

A new writing call, or a git command that nobody classified, fails here until a run of `test_every_instant.py` passes through it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from crashing import PACKAGE, changes_something
from killing import SCENARIOS, undisturbed

WRITING = {
    *("Popen", "chmod", "copy2", "copyfile", "copyfileobj", "copytree", "fchmod", "ftruncate", "hardlink_to", "kill", "killpg", "link", "makedirs", "mkdir"),
    *("mkdtemp", "mkstemp", "rename", "rmdir", "rmtree", "symlink", "symlink_to", "touch", "truncate", "unlink", "utime", "write_bytes", "write_text"),
}
WRITING_OF_MODULES = {("os", "replace"), ("os", "remove"), ("os", "write"), ("shutil", "move"), ("shutil", "copy"), ("subprocess", "run")}
GIT_CALLS = {"run", "text", "lines_z"}

ELSEWHERE = {
    "run/supervisor.py": "a process of its own, which goes on when the driver is killed; its death is a lost job (tests/run/test_jobs.py)",
    "run/demo.py": "makes the sample before its run begins",
    "run/sample/worker.py": "is the demo's worker",
    "git/runner.py": "starts git: each command is judged where it is called",
}

EXCUSED: dict[tuple[str, str], str] = {}


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call of a module with the name of the function around it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        for function in ast.walk(node):
            if isinstance(function, ast.FunctionDef):
                yield from ((function.name, call) for call in ast.walk(function) if isinstance(call, ast.Call))


def changes_disk(call: ast.Call) -> bool:
    """Whether a call changes something itself; calls of our own functions are judged where those are."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    module = function.value.id if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) else ""
    if name == "patiently" or (name in GIT_CALLS and isinstance(function, ast.Attribute) and "git" in ast.unparse(function.value).lower()):
        words = [word.value for word in call.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
        command = next((word for word in words if not word.startswith("-")), None)
        private = any(keyword.arg == "index" for keyword in call.keywords)
        return command is None or changes_something(tuple(words[words.index(command) :]), private)
    if name == "open":
        modes = [word.value for word in call.args[1:2] if isinstance(word, ast.Constant)]
        return any(isinstance(mode, str) and set(mode) & set("wax+") for mode in modes) or (module == "os" and "O_CREAT" in ast.unparse(call))
    return name in WRITING or (module, name) in WRITING_OF_MODULES


def places() -> dict[str, tuple[str, str]]:
    """Every line of a changing call, as `file:line`, with the file and function it stands in."""
    found = {}
    rooms = [*Path(PACKAGE, "run").rglob("*.py"), *Path(PACKAGE, "git").glob("*.py"), Path(PACKAGE, "files.py")]
    for path in rooms:
        name = path.relative_to(PACKAGE).as_posix()
        if name in ELSEWHERE:
            continue
        for function, call in calls(path):
            if changes_disk(call):
                lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
                found[" ".join(f"{name}:{line}" for line in lines)] = (name, function)
    return found


def test_every_place_that_changes_something_is_a_crash_point(tmp_path: Path) -> None:
    seen: set[str] = set()
    for name in SCENARIOS:
        seen = seen.union(*(point.lines for point in undisturbed(name, tmp_path).points))
    unseen = {where: place for where, place in places().items() if not seen.intersection(where.split())}
    missing = {f"{where.split()[0]} ({place[1]})" for where, place in unseen.items() if place not in EXCUSED}
    assert missing == set(), "no run in test_every_instant.py passes here; add one, or a reason above"
    assert EXCUSED.keys() - set(unseen.values()) == set(), "these are crash points by now"


@pytest.mark.parametrize(
    "words", ["update-ref HEAD x", "worktree add x", "merge --ff-only x", "notes add x", "read-tree -u x", "symbolic-ref -m x HEAD y", "config a b"]
)
def test_commands_that_change_something_are_points(words: str) -> None:
    assert changes_something(("--no-pager", "-c", "gc.auto=0", *words.split()), private_index=False)


@pytest.mark.parametrize("words", ["rev-parse HEAD", "worktree list --porcelain", "symbolic-ref --quiet HEAD", "config --get a", "merge-tree --write-tree a b"])
def test_commands_that_read_are_none(words: str) -> None:
    assert not changes_something(("--no-pager", *words.split()), private_index=False)


def test_an_unknown_command_is_an_error_and_not_silently_no_point() -> None:
    with pytest.raises(AssertionError, match="git gc"):
        changes_something(("gc",), private_index=False)
