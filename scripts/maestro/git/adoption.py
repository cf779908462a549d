"""Taking over a worktree that somebody else made, such as an agent runtime that isolates its workers itself and forks them from another commit."""

from __future__ import annotations

from pathlib import Path

from maestro.errors import Unsafe
from maestro.git.checkout import head, is_ancestor, linked_worktree_at, tracked_changes, untracked
from maestro.git.names import full_id
from maestro.git.runner import Git


def bring_to_base(path: Path, base: str) -> None:
    """Bring a clean linked worktree to exactly `base`, without a hard reset and without moving its branch anywhere but forward.

    Raises Unsafe `main-checkout`, `not-a-worktree` (the isolation never happened), `worktree-has-work` (changes, or commits no branch holds).
    """
    checkout = linked_worktree_at(path)
    git = checkout.git
    changed = (*tracked_changes(checkout, ignore=()), *untracked(checkout))
    if changed:
        message = f"{path} already has changes ({', '.join(changed[:5])}), so it cannot be brought to its base."
        raise Unsafe("worktree-has-work", message, hint="Start from a fresh worktree.", where=str(path))
    current = head(git)
    if current == full_id(base):
        return
    if current is not None and is_ancestor(git, current, base):
        git.run("merge", "--ff-only", "--no-squash", "--no-autostash", "--no-overwrite-ignore", "--quiet", "--end-of-options", base)
    else:
        if current is not None and not _held(git, current):
            hint = f"Keep them with `git branch <name> {current[:10]}`, then repeat."
            raise Unsafe("worktree-has-work", f"{path} has commits that no branch holds.", hint=hint, where=str(path))
        git.run("checkout", "--quiet", "--detach", "--no-overwrite-ignore", base, "--")
    if head(git) != base:
        raise Unsafe("worktree-wrong-base", f"{path} could not be brought to {base[:10]}.", hint="Start from a fresh worktree.", where=str(path))


def _held(git: Git, commit: str) -> bool:
    return bool(git.text("for-each-ref", "--count=1", f"--contains={commit}", "--format=%(refname)"))
