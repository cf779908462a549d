"""How the work is grouped and what that is worth."""

from __future__ import annotations

from enum import StrEnum

from maestro.models.dependency import Dependency, ScopeEntry, SharedResource
from maestro.models.notes import Note
from maestro.records import dataclass

SLOTS = 3
"""Tasks that run at the same time, at most. Fixed by the waves document (scope, 5.2)."""


class Mode(StrEnum):
    """How a run works: one task at a time in the checkout, a worktree for each task, or workers who share the checkout."""

    SINGLE = "single"
    PARALLEL = "parallel"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Wave:
    """Tasks of one phase whose prerequisites all lie in earlier waves. Numbered from 1 in each phase; `tasks` in the order in which they start."""

    number: int
    tasks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhaseWaves:
    """A phase with its waves, in order. `phase` is its id."""

    phase: str
    title: str
    waves: tuple[Wave, ...]


@dataclass(frozen=True, slots=True)
class Prediction:
    """Lengths in units of one task, of the tasks that remain. `saved` is the share of `sequential`, 0 to 1."""

    sequential: float
    parallel: float
    saved: float
    bound_by: str


@dataclass(frozen=True, slots=True)
class ChecklistAnswer:
    """One of the eight questions of the mode selection checklist: what it asks, this plan's answer, and whether each mode fits it (None: does not matter)."""

    question: str
    answer: str
    single: bool | None
    parallel: bool | None
    team: bool | None


@dataclass(frozen=True, slots=True)
class RuleAnswer:
    """One of the six decision rules: its condition, whether it holds for this plan, the mode it recommends and why. The first that holds decides."""

    condition: str
    holds: bool
    mode: Mode
    reason: str


@dataclass(frozen=True, slots=True)
class Advice:
    """The mode that fits, with the rules that decided and the warnings for an explicit other choice."""

    mode: Mode
    reasons: tuple[str, ...]
    checklist: tuple[ChecklistAnswer, ...] = ()
    warnings: tuple[str, ...] = ()
    rules: tuple[RuleAnswer, ...] = ()


@dataclass(frozen=True)
class Composition:
    """The whole schedule of a plan: waves are exactly the longest-path levels of `dependencies` in each phase."""

    phases: tuple[PhaseWaves, ...]
    dependencies: tuple[Dependency, ...]
    scopes: dict[str, tuple[ScopeEntry, ...]]
    shared: tuple[SharedResource, ...]
    critical_path: tuple[str, ...]
    predicted: Prediction
    advice: Advice
    notes: tuple[Note, ...] = ()
