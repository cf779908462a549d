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
from verbs import Bench

WRITING = {
    *("Popen", "chmod", "copy2", "copyfile", "copyfileobj", "copytree", "fchmod", "ftruncate", "hardlink_to", "kill", "killpg", "link", "makedirs", "mkdir"),
    *("mkdtemp", "mkstemp", "rename", "rmdir", "rmtree", "symlink", "symlink_to", "touch", "truncate", "unlink", "utime", "write_bytes", "write_text"),
}
WRITING_OF_MODULES = {("os", "replace"), ("os", "remove"), ("os", "write"), ("shutil", "move"), ("shutil", "copy"), ("subprocess", "run")}
SYSTEM = ("os", "shutil", "subprocess", "tempfile")
GIT_CALLS = {"run", "text", "lines_z", "start"}

ELSEWHERE = {
    "run/supervisor.py": "a process of its own, which goes on when the driver is killed; its death is a lost job (tests/run/test_jobs.py)",
    "run/demo.py": "makes the sample before its run begins",
    "run/sample/worker.py": "is the demo's worker",
    "git/runner.py": "starts git: each command is judged where it is called",
}

ONLY_IN = (
    "a branch of its own",
    "allowing the background",
    "resolving a conflict",
    "attaching",
    "taking work back",
    "archiving",
    "deleting",
    "starting again",
    "aborting",
)
"""Verbs that do what no whole run does."""

_MENDING = "goes on with what a killed call left: the kills of tests/git and the resumes of test_every_instant.py pass here"
_PRIVATE = "a private index in a temporary folder"
_NAME = "a name that another program's server gave; without it the next call gets a new one, and what the old one reserved ends by itself"
_TAKING_BACK = "after an error of git, with nothing else to be done than what it does: its tests are in tests/git"

EXCUSED = {
    "files.py append_line path.parent.mkdir": "the folder is there: the run's lock lies in it",
    "files.py _drop_torn_line stream.truncate": _MENDING,
    "files.py remove_halves os.unlink": _MENDING,
    "files.py _is_running os.kill": "asks whether a process lives and sends nothing",
    "files.py _replace os.chmod": "on a file that does not have its name yet; the seam has the moments before and after",
    "files.py _replace os.unlink": "after an error, of a file that does not have its name yet",
    "git/adoption.py bring_to_base checkout --quiet --detach --no-overwrite-ignore --": "a runtime's worktree, adopted: tests/git/test_adoption.py",
    "git/adoption.py bring_to_base merge --ff-only --no-squash --no-autostash --no-overwrite-ignore --quiet --end-of-options": "as before",
    "git/checkout.py exclude_locally path.parent.mkdir": "git makes this folder",
    "git/included.py _copy os.fchmod": "on a file that the seam tears",
    "git/included.py _copy shutil.copyfileobj": "on a file that the seam tears",
    "git/included.py _copy target.parent.mkdir": "a folder more or less is no state",
    "git/integration.py _restore lock.unlink": _MENDING,
    "git/landing.py _forget update-index --force-remove -z --stdin": _TAKING_BACK,
    "git/leftovers.py clear_unfinished update-ref -d --end-of-options": _MENDING,
    "git/rubbish.py remove_directory os.chmod": "of a folder that is being removed",
    "git/rubbish.py remove_directory shutil.rmtree": "the second try at what was a point the first time",
    "git/orphans.py after_orphans path.parent.mkdir": "a folder for a lock",
    "git/snapshot.py _private_index open": _PRIVATE,
    "git/snapshot.py _private_index os.utime": _PRIVATE,
    "git/snapshot.py _private_index shutil.copyfileobj": _PRIVATE,
    "git/taking_back.py _unlink (root / name).unlink": _TAKING_BACK,
    "git/taking_back.py _unlink os.rmdir": _TAKING_BACK,
    "git/taking_back.py take_back checkout-index --force -z --stdin": _TAKING_BACK,
    "integrations/calls.py _end os.killpg": "ends a call that outlived its limit; what the tracker made of it, the next call looks at before it tells anything",
    "run/completion.py _delete shutil.rmtree": "where the folder cannot be moved in one step",
    "run/jobs.py stop os.kill": "what was stopped is lost, and a lost job is told and tried again: tests/run/test_jobs.py",
    "run/replaying.py _work prompt.write_text": "outside the run: a replay that is killed leaves a worktree and a folder that no run knows",
    "run/replaying.py _work stage.folder.mkdir": "as before",
    "run/reserving.py _keep os.open": _NAME,
    "run/reserving.py _keep path.unlink": _NAME,
    "run/undoing.py _reverted revert --abort": "after a conflict, in the integration worktree, which the next step brings back",
}
"""Unseen, and why that is right. The key: file, function, and what is called (for git its words)."""


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call of a module with the name of the function around it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in tree.body:
        for function in ast.walk(node):
            if isinstance(function, ast.FunctionDef):
                yield from ((function.name, call) for call in ast.walk(function) if isinstance(call, ast.Call))


def git_words(call: ast.Call) -> str:
    """The words of a git command that stand in the call, empty when it is none (or when none stand there)."""
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    asked = name in GIT_CALLS and isinstance(function, ast.Attribute) and "git" in ast.unparse(function.value).lower()
    if name != "patiently" and not asked:
        return ""
    words = [word.value for word in call.args if isinstance(word, ast.Constant) and isinstance(word.value, str)]
    return " ".join(words) or "?"


def changes_disk(call: ast.Call, from_system: frozenset[str] = frozenset()) -> bool:
    """Whether a call changes something itself; calls of our own functions are judged where those are, also when they are called like one of the system's.

    `from_system`: bare names that the module imports from there.
    """
    words = git_words(call).split()
    private = any(keyword.arg == "index" for keyword in call.keywords)
    if words:
        command = next((position for position, word in enumerate(words) if not word.startswith("-") and word != "?"), None)
        return not private if command is None else changes_something(tuple(words[command:]), private)
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    module = function.value.id if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name) else ""
    if name == "open":
        modes = [word.value for word in call.args[1:2] if isinstance(word, ast.Constant)]
        return any(isinstance(mode, str) and set(mode) & set("wax+") for mode in modes) or (module == "os" and "O_CREAT" in ast.unparse(call))
    if isinstance(function, ast.Name) and name not in from_system:
        return False
    return name in WRITING or (module, name) in WRITING_OF_MODULES


def places() -> dict[str, str]:
    """Every changing call: its lines as `file:line`, and how it is named above."""
    found = {}
    rooms = [*(path for room in ("run", "git", "integrations") for path in Path(PACKAGE, room).rglob("*.py")), Path(PACKAGE, "files.py")]
    for path in rooms:
        name = path.relative_to(PACKAGE).as_posix()
        if name in ELSEWHERE:
            continue
        imports = (node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.ImportFrom))
        from_system = frozenset(alias.name for node in imports if node.module in SYSTEM for alias in node.names)
        for function, call in calls(path):
            if changes_disk(call, from_system):
                lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
                found[" ".join(f"{name}:{line}" for line in lines)] = f"{name} {function} {git_words(call) or ast.unparse(call.func)}"
    return found


def test_every_place_that_changes_something_is_a_crash_point(tmp_path: Path) -> None:
    points = [point for name in SCENARIOS for point in undisturbed(name, tmp_path).points]
    points += [point for name in ONLY_IN for point in Bench(name, tmp_path / name.replace(" ", "-")).points]
    seen = set().union(*(point.lines for point in points))
    unseen = {place: where.split()[0] for where, place in places().items() if not seen.intersection(where.split())}
    new = {where: place for place, where in unseen.items() if place not in EXCUSED}
    assert new == {}, "nothing is killed here: add a run or a verb that passes, or a reason above"
    assert EXCUSED.keys() - unseen.keys() == set(), "these are crash points by now, or gone"


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
