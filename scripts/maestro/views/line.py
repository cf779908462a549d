"""A run in one short line, for prompts and status bars."""

from __future__ import annotations

from collections.abc import Sequence

from maestro.models.action import Progress
from maestro.views.cells import one_line

CONDITIONS = {"owner-gone": "stopped", "paused": "paused", "completed": "completed", "stopped": "stopped"}
"""Conditions that are worth a word; that a run goes on needs none."""


def status_line(track: str, progress: Progress, phase: str | None, phases: Sequence[str], questions: int, condition: str) -> str:
    """`auth 4/7 · wave 2 · 1 question`. The phase is named where there are several, the wave where waves are more than an order."""
    parts = [f"{one_line(track)} {progress.done}/{progress.total}"]
    wave = open_wave(progress, phase)
    place = [f"phase {one_line(phase)}"] if phase is not None and len(phases) > 1 and wave is not None else []
    if wave is not None and any(len(entry.tasks) > 1 for entry in progress.waves):
        place.append(f"wave {wave}")
    parts += [" ".join(place)] if place else []
    parts += [f"{progress.skipped} skipped"] if progress.skipped else []
    parts += [f"{progress.failed} failed"] if progress.failed else []
    parts += [f"{questions} question{'s' if questions > 1 else ''}"] if questions else []
    parts += [CONDITIONS[condition]] if condition in CONDITIONS else []
    return " · ".join(parts)


def open_wave(progress: Progress, phase: str | None) -> int | None:
    """The first wave of a phase in which something is left to do."""
    return next((entry.wave for entry in progress.waves if entry.phase == phase and entry.done < entry.total), None)
