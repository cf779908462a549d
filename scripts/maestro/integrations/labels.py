"""Labels in the alphabet that br allows: letters, digits, `_`, `:` and `-`, at most 50 of them. Pure."""

from __future__ import annotations

import re

from maestro.integrations.mapping import task_key
from maestro.models.plan import Phase, Task

LONGEST = 50


def track_label(track: str) -> str:
    """`track:auth`; what the alphabet lacks becomes `_`, as the dot of `track:v1_2`."""
    return _label("track", track)


def phase_label(phase: Phase) -> str:
    """`phase:1-backend`."""
    words = re.sub(r"[^a-z0-9]+", "-", phase.title.casefold()).strip("-")
    return _label("phase", f"{phase.id}-{words}" if words else phase.id)


def task_label(task: Task) -> str:
    """`task:P1T2`, by which a task's issue is found again when two have the same title."""
    return _label("task", task_key(task))


def _label(kind: str, text: str) -> str:
    return f"{kind}:{re.sub(r'[^A-Za-z0-9_-]', '_', text)}"[:LONGEST].rstrip("-_:")
