"""One word for the whole run."""

from __future__ import annotations

from pathlib import Path

from maestro.files import is_locked
from maestro.models.run import RunState


def condition_of(state: RunState, folder: Path) -> str:
    """running, waiting (for an answer), paused, owner-gone, completed or stopped. `folder` is the run's; its driver's lock tells whether the driver lives."""
    if state.outcome is not None:
        return state.outcome
    if state.paused is not None:
        return "paused"
    if state.driver.process and not is_locked(folder / "driver.lock"):
        return "owner-gone"
    return "waiting" if state.open_questions else "running"
