"""Copies of the ignored files that a worker needs and git does not bring: `.env`, and what `.worktreeinclude` lists."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from maestro.git.checkout import Checkout, ignored_among
from maestro.git.runner import Git

LIST = ".worktreeinclude"
ALWAYS = ".env"


def copy_included(checkout: Checkout, path: Path) -> tuple[str, ...]:
    """Copy the wanted ignored files of the checkout into the worktree at `path`, with their modes. Returns what was copied.

    A file is copied only if git ignores it on both sides, or a secret would end up in a commit. Nothing is overwritten, and no link leads out: a link's
    target is copied when it lies in the checkout, a link into somewhere else is left behind.
    """
    wanted = ignored_among(checkout.git, _wanted(checkout))
    safe = sorted(name for name in wanted if _lands_inside(path, name))
    return tuple(name for name in safe if name in ignored_among(Git(path), safe) and _copy(checkout.root, path, name))


def _wanted(checkout: Checkout) -> list[str]:
    names = [ALWAYS] if os.path.lexists(checkout.root / ALWAYS) else []
    if (checkout.root / LIST).is_file():
        names += checkout.git.lines_z("ls-files", "--others", "--ignored", f"--exclude-from={checkout.root / LIST}", "-z")
    return [name for name in dict.fromkeys(names) if not name.endswith("/")]


def _lands_inside(worktree: Path, name: str) -> bool:
    """Whether every folder on the way to the copy is a real folder, or does not exist yet."""
    folders = [worktree / folder for folder in Path(name).parents if folder != Path(".")]
    return not any(folder.is_symlink() or (folder.exists() and not folder.is_dir()) for folder in folders)


def _copy(root: Path, worktree: Path, name: str) -> bool:
    source = (root / name).resolve()
    target = worktree / name
    if not source.is_file() or not source.is_relative_to(root.resolve()):
        return False
    torn = os.path.lexists(target)
    if torn and not _is_torn(target, source):
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(source, "rb") as content:
        mode = stat.S_IMODE(os.fstat(content.fileno()).st_mode)
        descriptor = os.open(target, os.O_WRONLY | os.O_NOFOLLOW | (os.O_TRUNC if torn else os.O_CREAT | os.O_EXCL), mode)
        with os.fdopen(descriptor, "wb") as copy:
            os.fchmod(descriptor, mode)
            shutil.copyfileobj(content, copy)
    return True


def _is_torn(target: Path, source: Path) -> bool:
    """Whether the target is the beginning of the source and no more: a copy whose maker was killed."""
    if target.is_symlink() or not target.is_file():
        return False
    begun, whole = target.read_bytes(), source.read_bytes()
    return len(begun) < len(whole) and whole.startswith(begun)
