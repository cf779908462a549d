"""Folders that may go: out of the way in one step, and removed later by whoever has the time. In a large repository the files of one take longer than all else.

They wait below git's own folder, where nobody looks for work. Whatever a killed call left there goes with the next one.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from pathlib import Path

from maestro.git.checkout import Checkout


def set_aside(checkout: Checkout, path: Path) -> bool:
    """Move a folder to the rubbish. False, and nothing has happened, where that is not one step: it lies on another file system, or may not be moved."""
    folder = _folder(checkout)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        os.rename(path, folder / f"{path.name}-{secrets.token_hex(4)}")
    except OSError:
        return False
    return True


def rubbish(checkout: Checkout) -> list[Path]:
    """What lies there."""
    folder = _folder(checkout)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def empty_rubbish(checkout: Checkout) -> None:
    """Remove all that lies there. Somebody else may do the same at the same time."""
    for path in rubbish(checkout):
        shutil.rmtree(path, ignore_errors=True)
        if path.exists():
            remove_directory(path)


def remove_directory(path: Path) -> None:
    """Remove a directory with all that is in it. Links are removed and never followed (anthropics/claude-code#75275), read-only folders are no obstacle."""
    try:
        shutil.rmtree(path)
    except PermissionError:
        for folder, _, _ in os.walk(path):
            os.chmod(folder, stat.S_IRWXU)
        shutil.rmtree(path)


def _folder(checkout: Checkout) -> Path:
    return checkout.common_dir / "maestro" / ".rubbish"
