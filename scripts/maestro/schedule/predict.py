"""What running in waves is worth, told before anything runs, with the numbers of the run's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from maestro.counting import plural
from maestro.models.schedule import SLOTS, PhaseWaves, Prediction


def predict(phases: Iterable[PhaseWaves], critical_path: Sequence[str], *, rounds: bool = False) -> Prediction:
    """How long the tasks of these waves take one by one and side by side, all equally long: how long each will take nobody knows before.

    At most three run at once; a wave starts when the one before is settled.
    rounds: workers of a session in the foreground come back together, so a wave runs in groups of three that wait for their slowest
    """
    waves = [len(wave.tasks) for phase in phases for wave in phase.waves]
    sequential, parallel = sum(waves), sum(-(-tasks // SLOTS) for tasks in waves)
    saved = 1 - parallel / sequential if sequential else 0.0
    return Prediction(float(sequential), float(parallel), saved, _bound(waves, parallel, critical_path, rounds))


def _bound(waves: Sequence[int], parallel: int, critical_path: Sequence[str], rounds: bool) -> str:
    """What keeps the run from being shorter, in words."""
    if not waves:
        return "nothing is left to run"
    if waves == [1]:
        return "one task is left"
    if max(waves) == 1:
        return "every task waits for the one before it"
    if parallel <= len(critical_path):
        return f"the critical path of {plural(len(critical_path), 'task')}"
    return f"rounds of {SLOTS} tasks that come back together" if rounds else f"{SLOTS} tasks at a time"
