"""Commands that need an index somebody else may hold for a moment: an editor that shows the status, the rest of a call that was killed."""

from __future__ import annotations

import time

from maestro.errors import Locked
from maestro.git.checkout import Checkout
from maestro.git.runner import Result, failure

INDEX_TIMEOUT = 5.0
"""Seconds to wait for another git to release the index."""


def patiently(
    checkout: Checkout,
    *args: str,
    input: bytes | None = None,
    env: dict[str, str] | None = None,
    check: bool = True,
    hold: int | None = None,
) -> Result:
    """As `Git.run`, repeated while another git holds the checkout's index. Raises Locked `git-busy` when it does not let go, Failed `git-failed`."""
    lock = checkout.git_dir / "index.lock"
    deadline = time.monotonic() + INDEX_TIMEOUT
    while True:
        result = checkout.git.run(*args, input=input, env=env, check=False, hold=hold)
        if result.code != 0 and lock.exists():
            if time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            hint = f"Wait for it to end; if no git is running, remove {lock}."
            raise Locked("git-busy", f"Another git process holds the index of {checkout.root}.", hint=hint, where=str(lock))
        if check and result.code != 0:
            raise failure(result, checkout.root)
        return result
