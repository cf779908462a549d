"""Taking back the part of a landing that git could do before it failed: a full disk, a filter that broke, a folder of another user."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from maestro.errors import MaestroError
from maestro.git.checkout import Checkout
from maestro.git.diffs import ABSENT, RawEntry, steps
from maestro.git.runner import join_z
from maestro.git.snapshot import snapshot_paths


def take_back(checkout: Checkout, expected: str, step: Sequence[RawEntry]) -> tuple[str, ...]:
    """Bring the files of `step`, which were all at `expected` before git began, back there. Returns those that were left as they are.

    Only what git wrote is taken back: a file with the content of the step's end, or one that is missing.
    """
    try:
        found = _on_disk(checkout, expected, step)
    except MaestroError:
        return tuple(entry.path for entry in step)
    ends = {entry.path: (entry.new_mode, entry.new_id) for entry in step}
    ours = [entry for entry in found if entry.new_mode == ABSENT or (entry.new_mode, entry.new_id) == ends.get(entry.path)]
    for entry in ours:
        if entry.old_mode == ABSENT:
            _unlink(checkout.root, entry.path)
    # Attributes first: they decide how the others are written.
    paths = sorted((entry.path for entry in ours if entry.old_mode != ABSENT), key=lambda path: Path(path).name != ".gitattributes")
    checkout.git.run("checkout-index", "--force", "-z", "--stdin", input=join_z(paths), check=False)
    with contextlib.suppress(MaestroError):
        return tuple(entry.path for entry in _on_disk(checkout, expected, step))
    return tuple(paths)


def _on_disk(checkout: Checkout, expected: str, step: Sequence[RawEntry]) -> list[RawEntry]:
    """How the files differ from `expected` now."""
    now = snapshot_paths(checkout, expected, [entry.path for entry in step], "maestro: a landing that failed", drop=())
    return steps(checkout.git, expected, now.commit)


def _unlink(root: Path, name: str) -> None:
    with contextlib.suppress(OSError):
        (root / name).unlink()
    for folder in Path(name).parents:
        if folder == Path("."):
            return
        try:
            os.rmdir(root / folder)
        except OSError:
            return
