"""What every command knows of the call it answers."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from maestro.errors import NotFound
from maestro.pointers import WORKTREE_POINTER, git_folder_at, read_pointer

if TYPE_CHECKING:
    from maestro.documents.layout import Layout


class Call:
    """One call of a door: where it was made and how the answer is wanted."""

    def __init__(self) -> None:
        self.directory = _here()
        self.json = False
        self.full = False

    @cached_property
    def root(self) -> Path | None:
        """The project the call is about: the nearest checkout with a `.maestro` folder; None where there is none."""
        return find_root(self.directory)

    @cached_property
    def layout(self) -> Layout:
        """The documents of the project. Raises NotFound `maestro-missing`."""
        from maestro.documents.layout import Layout

        if self.root is None:
            raise NotFound(
                "maestro-missing",
                f"No .maestro folder belongs to {self.directory}.",
                hint="`tracks.py new --id ID --description TEXT PLAN` makes one from a plan, `tracks.py adopt PATH` takes a plan where it is, "
                "and `plan.py` and `waves.py` also take the path of a plan.",
            )
        return Layout(self.root)

    @cached_property
    def layout_to_make(self) -> Layout:
        """The documents of the project, or of the one that would be begun here: at the top of the checkout, without git in the directory itself."""
        from maestro.documents.layout import Layout

        return Layout(self.root or find_top(self.directory) or self.directory)


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise NotFound("directory-missing", "The directory this was called in does not exist any more.", hint="Change to another directory.") from None


def find_root(directory: Path) -> Path | None:
    """The folder whose `.maestro` the directory belongs to.

    Walks up to the top of the checkout and not beyond it, for what lies above is another project. In a worker's worktree, which holds a copy
    of `.maestro` or none, the pointer in its git folder leads to the run's checkout.
    """
    found: Path | None = None
    for folder in (directory, *directory.parents):
        if found is None and _is_maestro(folder / ".maestro"):
            found = folder
        if (folder / ".git").exists():
            return _pointed(folder) or found
    return found


def find_top(directory: Path) -> Path | None:
    """The top of the git checkout that contains the directory."""
    return next((folder for folder in (directory, *directory.parents) if (folder / ".git").exists()), None)


def _is_maestro(folder: Path) -> bool:
    """Other programs have a `.maestro` too (a test runner keeps one in the home directory): ours holds tracks or a context."""
    return any((folder / name).exists() for name in ("tracks.md", "tracks", "context"))


def _pointed(top: Path) -> Path | None:
    """The checkout of the run whose worker has its worktree at `top`."""
    git_folder = git_folder_at(top)
    checkout = read_pointer(git_folder, WORKTREE_POINTER).get("checkout") if git_folder else None
    return Path(checkout) if checkout and Path(checkout).is_dir() else None
