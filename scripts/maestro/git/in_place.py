"""Landing where the work already is: workers share the user's checkout, so the branch and the index move and the files stay as they are."""

from __future__ import annotations

from maestro.errors import Conflict
from maestro.git.checkout import Checkout
from maestro.git.diffs import ABSENT, steps
from maestro.git.landing import require_branch, require_step
from maestro.git.names import branch_ref, full_id
from maestro.git.patience import patiently
from maestro.git.runner import join_z


def land_in_place(checkout: Checkout, branch: str, expected: str, candidate: str) -> None:
    """Move the branch from `expected` to `candidate`, and those index entries that stood at `expected`; no file is written.

    What the user staged stays staged. Called again after it was killed, it completes the index.
    Raises Unsafe `wrong-branch`, Conflict `head-moved`, Locked `git-busy`.
    """
    git = checkout.git
    current = require_branch(checkout, branch)
    if current != full_id(candidate):
        require_step(git, current, expected, candidate)
        moved = git.run("update-ref", "-m", "maestro: landed", "--end-of-options", branch_ref(branch), candidate, expected, check=False)
        if moved.code != 0:
            raise Conflict("head-moved", f"{branch} moved meanwhile: {moved.said}", hint="Repeat: the work is rebuilt on it.")
    _bring_index(checkout, expected, candidate)


def _bring_index(checkout: Checkout, expected: str, candidate: str) -> None:
    git = checkout.git
    staged = dict(_split(entry) for entry in git.lines_z("ls-files", "--stage", "-z"))
    absent = (ABSENT, "0" * len(candidate))
    due = [step for step in steps(git, expected, candidate) if staged.get(step.path, absent) == (step.old_mode, step.old_id)]
    # Removals first: a file may take the place of a folder.
    lines = [f"{step.new_mode} {step.new_id}\t{step.path}" for step in sorted(due, key=lambda step: step.new_mode != ABSENT)]
    if lines:
        patiently(checkout, "update-index", "-z", "--index-info", input=join_z(lines))


def _split(entry: str) -> tuple[str, tuple[str, str]]:
    """Path, and mode with id, of an entry of the index. One in conflict has another stage and so never equals a commit's entry."""
    about, _, path = entry.partition("\t")
    mode, content, stage = about.split(" ")
    return path, (mode, content if stage == "0" else stage)
