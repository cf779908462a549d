"""What the engine hands back when somebody has to do something."""

from __future__ import annotations

from maestro.models.gate import GateRun
from maestro.models.run import PhaseRun, Question, TaskRun
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """What comes next. `kind` is the name of an action; the other fields are what it is about."""

    kind: str
    phase: PhaseRun | None = None
    wave: int | None = None
    tasks: tuple[TaskRun, ...] = ()
    question: Question | None = None
    gate: GateRun | None = None
    repeat: bool = False
    again: tuple[str, ...] = ()
    outcome: str = ""
