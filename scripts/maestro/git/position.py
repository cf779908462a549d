"""Where HEAD is, read from git's own files: the same answer as git's, as fresh, and without starting a program for it."""

from __future__ import annotations

import os

from maestro.git.checkout import Checkout, standing
from maestro.git.names import BRANCHES, is_full_id


def position(checkout: Checkout) -> tuple[str | None, str | None]:
    """The branch that is checked out, None when HEAD is detached, and the commit that it is at, None before the first one."""
    return _read(checkout) or standing(checkout.git)


def _read(checkout: Checkout) -> tuple[str | None, str] | None:
    """None where the plain files do not say it: packed or symbolic refs, another way of keeping refs, a branch without commits."""
    place, branch = checkout.git_dir / "HEAD", None
    try:
        if (checkout.common_dir / "reftable").exists() or place.is_symlink():
            return None
        words = place.read_bytes()
        if words.startswith(b"ref: refs/heads/"):
            name = os.fsdecode(words.removeprefix(b"ref: ").removesuffix(b"\n"))
            place, branch = checkout.common_dir / name, name.removeprefix(BRANCHES)
            if ".." in name or place.is_symlink():
                return None
            words = place.read_bytes()
    except (OSError, ValueError):
        return None
    commit = os.fsdecode(words).removesuffix("\n")
    return (branch, commit) if is_full_id(commit) else None
