"""What the tests of the git room share."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from builders import Kill
from maestro.git.runner import Git, Result


@pytest.fixture(params=["before", "after"])
def kill(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Kill:
    """Ends a call right before, or right after, one of its steps, as `kill -9` would: nothing that cleans up runs git again."""
    run = Git.run

    def at(step: str, call: Callable[[], object]) -> None:
        dead = False

        def killed(self: Git, *args: str, **options: object) -> Result:
            nonlocal dead
            here = " ".join(args).startswith(step)
            if dead or (here and request.param == "before"):
                dead = True
                raise KeyboardInterrupt
            result = run(self, *args, **options)  # type: ignore[arg-type]
            if here:
                dead = True
                raise KeyboardInterrupt
            return result

        with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
            patch.setattr(Git, "run", killed)
            call()

    return at
