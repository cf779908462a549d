"""What a person was to try by hand and nobody did."""

from __future__ import annotations

from maestro.models.run import RunState
from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Untried:
    """A manual step of a phase that counts as verified because `--yes` took its green tests for an answer."""

    phase: str
    step: str


def untried(state: RunState) -> tuple[Untried, ...]:
    """Of the phases that are verified, by the question that was last asked of each."""
    asked = {question.phase: question for question in state.questions.values() if question.kind == "verify-phase"}
    return tuple(
        Untried(phase.id, step)
        for phase in state.phases.values()
        if phase.verified and (question := asked.get(phase.id)) is not None and (given := state.answers.get(question.id)) is not None and given.unattended
        for step in question.context.get("steps", ())
    )
