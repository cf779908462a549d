"""Real repositories for tests: small, with fixed authors and dates (see conftest.py), made by the git on PATH."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import support
from support import git, write

Kill = Callable[[str, Callable[[], object]], None]
"""`kill(step, call)`: run the call and end it at the git command that begins with `step` (fixture of tests/git)."""

BASIC = {"README.md": "# Example\n", "src/app.py": "def main():\n    return 1\n"}


def make_repository(tmp_path: Path, files: Mapping[str, str] = BASIC) -> Path:
    """`tmp_path/project`, a repository whose branch `main` has one commit with these files."""
    return support.make_repository(tmp_path / "project", files)


def commit(folder: Path, files: Mapping[str, str], message: str = "Change") -> str:
    """Write files, commit everything there is, and return the commit."""
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", message)
    return tip(folder)


def tip(folder: Path, rev: str = "HEAD") -> str:
    return git(folder, "rev-parse", "--verify", rev)


def tree_of(folder: Path, rev: str = "HEAD") -> str:
    return git(folder, "rev-parse", f"{rev}^{{tree}}")


def files_in(folder: Path, rev: str) -> dict[str, str]:
    """The files of a commit or tree."""
    names = [name for name in git(folder, "ls-tree", "-r", "-z", "--name-only", rev).split("\0") if name]
    return {name: show(folder, rev, name) for name in names}


def show(folder: Path, rev: str, name: str) -> str:
    """A file of a commit or tree, exactly."""
    return subprocess.run(["git", "cat-file", "blob", f"{rev}:{name}"], cwd=folder, capture_output=True, check=True).stdout.decode()


def hook(folder: Path, name: str, script: str) -> Path:
    """Install a hook, written in sh."""
    path = folder / ".git" / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def worktree(folder: Path, path: Path, rev: str = "HEAD", *options: str) -> Path:
    """A linked worktree, made the way somebody else would."""
    git(folder, "worktree", "add", "--quiet", *(options or ("--detach",)), str(path), rev)
    return path


def fingerprint(folder: Path) -> dict[str, str]:
    """Every file of a worktree and of its repository's own state (index, refs, stash, logs), objects and locks apart: compare to show that nothing was touched.

    Contents, modes, link targets and modification times of files; not of folders.
    """
    found = {}
    for directory, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if (directory, name) != (str(folder / ".git"), "objects")]
        for path in [*(Path(directory, name) for name in names), *(Path(directory, name) for name in folders if Path(directory, name).is_symlink())]:
            about = path.lstat()
            content = os.fsencode(os.readlink(path)) if path.is_symlink() else path.read_bytes()
            found[str(path.relative_to(folder))] = f"{about.st_mode:o} {about.st_mtime_ns} {hashlib.sha256(content).hexdigest()}"
    return {name: value for name, value in found.items() if not (name.startswith(".git/maestro/") and name.endswith((".lock", ".busy")))}
