"""What detectors may see of the repository: which files it tracks, and their text."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Protocol

LARGEST = 1_000_000
"""Bytes above which a file is data rather than code a detector would read."""


class View(Protocol):
    """The two questions a detector asks. Tests answer them from a dictionary."""

    def files(self) -> frozenset[str]: ...

    def read(self, path: str) -> str | None: ...


class RepositoryView:
    """The working tree below `root`, looked at only when a detector asks."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def files(self) -> frozenset[str]:
        """Tracked files, POSIX, relative to the root; none where there is no git yet."""
        return self._files

    @cached_property
    def _files(self) -> frozenset[str]:
        from maestro.git.runner import Git

        if not any((folder / ".git").exists() for folder in (self.root, *self.root.parents)):
            return frozenset()
        return frozenset(Git(self.root).lines_z("ls-files", "-z"))

    def read(self, path: str) -> str | None:
        """The text of a tracked file; None when it is missing, binary, too large or reached through a link."""
        file = self.root / path
        try:
            if path not in self._files or file.is_symlink() or file.stat().st_size > LARGEST:
                return None
            return file.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError):
            return None
