"""What tests of several rooms share: calling doors, making repositories and projects."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ROOT / "scripts"

LONG = 240.0
"""Seconds that a test waits for a fact before it says that it never came: more than any machine needs, and less than the limit of a test."""


@dataclass(frozen=True)
class Ran:
    """What a call of a door left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on stdout."""
        document = json.loads(self.out)
        assert isinstance(document, dict)
        return document

    @property
    def data(self) -> Any:
        assert self.json["ok"], self.json
        return self.json["data"]

    @property
    def error(self) -> dict[str, Any]:
        error = self.json["error"]
        assert isinstance(error, dict)
        return error

    def __str__(self) -> str:
        """For snapshots: stdout, stderr and exit status together."""
        return f"{_section('stdout', self.out)}{_section('stderr', self.err)}exit {self.code}\n"

    def normal(self, *folders: Path) -> Ran:
        """Without what differs from run to run: folders, times, full shas."""
        return Ran(self.code, _normal(self.out, folders), _normal(self.err, folders))


def run_door(door: str, *arguments: str, cwd: Path, python: str = sys.executable, environment: Mapping[str, str] | None = None) -> Ran:
    """Call `scripts/<door>.py` as a process of its own, without standard input."""
    done = subprocess.run(
        [python, str(SCRIPTS / f"{door}.py"), *arguments],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=LONG,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def call_door(door: str, *arguments: str, cwd: Path) -> Ran:
    """Call a door inside this process: the same code from the error boundary on, and much faster."""
    from maestro.cli.doors import load

    return _answered(lambda: load(door), arguments, f"{door}.py", cwd)


def call_maestro(*arguments: str, cwd: Path) -> Ran:
    """Call `maestro …` inside this process, so that everything that is printed names commands as the plugin's `maestro` has them."""
    from maestro.cli.doors import all_doors
    from maestro.run import commands

    program, sys.argv[0] = sys.argv[0], "maestro"
    commands._door.cache_clear()
    try:
        return _answered(all_doors, arguments, "maestro", cwd)
    finally:
        sys.argv[0] = program
        commands._door.cache_clear()


def _answered(load: Callable[[], Any], arguments: Sequence[str], name: str, cwd: Path) -> Ran:
    from maestro.cli.boundary import answer

    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = answer(load, arguments, name=name)
    return Ran(code, out.getvalue(), err.getvalue())


def git(cwd: Path, *arguments: str) -> str:
    """Run git and return what it printed."""
    done = subprocess.run(["git", *arguments], cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=True)
    return done.stdout.strip()


def make_repository(folder: Path, files: Mapping[str, str] | None = None) -> Path:
    """A repository with one commit on `main`."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    write(folder, files or {"README.md": "# Example\n"})
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Begin")
    return folder


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder, byte for byte."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder except git's own, to show that nothing was written."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


@contextlib.contextmanager
def unchanged(folder: Path) -> Iterator[None]:
    """Nothing below the folder is written meanwhile."""
    before = contents(folder)
    yield
    assert contents(folder) == before


def load_beside(test: str, name: str) -> Any:
    """A module of helpers that only one room's tests need, by its name in their folder."""
    path = Path(test).with_name(f"{name}.py")
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def _section(name: str, text: str) -> str:
    return f"--- {name}\n{text}" if text else ""


def _normal(text: str, folders: tuple[Path, ...]) -> str:
    for folder in folders:
        text = text.replace(str(folder), f"<{folder.name}>")
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>", text)
    return re.sub(r"\b[0-9a-f]{40}\b", "<sha>", text)
