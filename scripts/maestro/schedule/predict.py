"""What running in waves is worth, told before anything runs: a simulation, with the numbers of the run's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from maestro.counting import plural
from maestro.models.schedule import SLOTS, PhaseWaves, Prediction
from maestro.schedule.timetable import length_of, timetable


def predict(
    phases: Iterable[PhaseWaves],
    critical_path: Sequence[str],
    lengths: Mapping[str, float],
    *,
    rounds: bool = False,
) -> Prediction:
    """How long the tasks of these waves take one by one and side by side.

    Each task takes `lengths[task]`, 1 where unknown. At most three run at once, in the order of the wave; a wave starts when the one before is settled.
    rounds: workers of a session in the foreground come back together, so a wave runs in groups of three that wait for their slowest.
    """
    tasks = [wave.tasks for phase in phases for wave in phase.waves]
    waves = [[lengths.get(task, 1.0) for task in wave] for wave in tasks]
    sequential = sum((sum(wave) for wave in waves), 0.0)
    parallel = sum(map(_in_rounds, waves), 0.0) if rounds else length_of(timetable(tasks, lengths))
    saved = 1 - parallel / sequential if sequential else 0.0
    chain = sum(lengths.get(task, 1.0) for task in critical_path)
    return Prediction(sequential, parallel, max(0.0, saved), _bound(waves, parallel, chain, critical_path, rounds))


def _in_rounds(lengths: Sequence[float]) -> float:
    return sum(max(lengths[start : start + SLOTS]) for start in range(0, len(lengths), SLOTS))


def _bound(waves: Sequence[Sequence[float]], parallel: float, chain: float, critical_path: Sequence[str], rounds: bool) -> str:
    """What keeps the run from being shorter, in words."""
    if not waves:
        return "nothing is left to run"
    if len(waves) == 1 and len(waves[0]) == 1:
        return "one task is left"
    if all(len(wave) == 1 for wave in waves):
        return "every task waits for the one before it"
    if parallel <= chain + 1e-9:
        return f"the critical path of {plural(len(critical_path), 'task')}"
    if any(len(wave) > SLOTS for wave in waves):
        return f"rounds of {SLOTS} tasks that come back together" if rounds else f"{SLOTS} tasks at a time"
    return "waves that wait for their slowest task"
