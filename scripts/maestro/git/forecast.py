"""Which running tasks will clash, seen before anybody commits: uncommitted and untracked work counts, nothing is touched."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path

from maestro.errors import NotFound, Unsafe
from maestro.git.checkout import Checkout
from maestro.git.runner import Git
from maestro.git.snapshot import take_snapshot
from maestro.git.throwaway import throwaway_objects
from maestro.git.trial import trial_merge
from maestro.records import dataclass

HEAD = "HEAD"


@dataclass(frozen=True, slots=True)
class Clash:
    """Two tasks whose work conflicts in these files. `b` is `HEAD` where a task clashes with what is already on the branch."""

    a: str
    b: str
    files: tuple[str, ...]


def forecast(checkout: Checkout, running: Mapping[str, tuple[Path, str]], head: str) -> tuple[Clash, ...]:
    """Merge the present state of all worktrees (name -> path and base) with each other and with the commit `head`, in memory only: not even git's object
    store is written to.

    A worktree that has gone meanwhile is left out: its work is merged, or there is none.
    """
    with tempfile.TemporaryDirectory(prefix="maestro-") as objects:
        env = throwaway_objects(checkout, Path(objects))
        work = {}
        for name, (path, base) in running.items():
            try:
                work[name] = take_snapshot(path, base, f"maestro: forecast of {name}", env=env).commit
            except (NotFound, Unsafe):
                continue
        pairs = [*combinations(work, 2), *((name, HEAD) for name in work)]
        commits = {**work, HEAD: head}
        git = Git(checkout.root, env)
        trials = [(a, b, trial_merge(git, commits[a], commits[b])) for a, b in pairs]
    return tuple(Clash(a, b, tuple(conflict.path for conflict in trial.conflicts)) for a, b, trial in trials if trial.conflicts)
