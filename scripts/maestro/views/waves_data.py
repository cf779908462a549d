"""The composition as data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maestro.models.dependency import Dependency, ScopeEntry
    from maestro.models.notes import Note
    from maestro.models.plan import Plan
    from maestro.models.schedule import Composition
    from maestro.views.shapes import AdviceData, DependencyData, EvidenceData, PhaseData, ScopeData, WavesData, WaveTaskData, WhyData


def waves_data(plan: Plan, composition: Composition, track: str | None) -> WavesData:
    """What `waves.py --json` gives; other tools build on this."""
    predicted = composition.predicted
    return {
        "track": track,
        "plan": plan.path,
        "dialect": plan.dialect,
        "phases": _phases(composition),
        "tasks": {task: _task(plan, composition, task) for phase in composition.phases for wave in phase.waves for task in wave.tasks},
        "dependencies": [dependency_data(edge) for edge in composition.dependencies],
        "shared": [{"path": resource.path, "tasks": list(resource.tasks), "why": resource.why} for resource in composition.shared],
        "critical_path": list(composition.critical_path),
        "predicted": {"sequential": predicted.sequential, "parallel": predicted.parallel, "saved": predicted.saved, "bound_by": predicted.bound_by},
        "advice": _advice(composition),
    }


def why_data(plan: Plan, composition: Composition, track: str | None, task: str) -> WhyData:
    """Everything that puts one task of the plan where it is."""
    return {
        "track": track,
        "plan": plan.path,
        "task": task,
        "title": plan.by_id[task].title,
        "phase": plan.by_id[task].phase,
        "wave": places(composition)[task],
        "scope": _scope(composition.scopes.get(task, ())),
        "needs": [dependency_data(edge) for edge in composition.dependencies if edge.task == task],
        "needed_by": [dependency_data(edge) for edge in composition.dependencies if edge.needs == task],
        "longest_chain": longest_chain(composition, task),
    }


def concerning(plan: Plan, notes: Iterable[Note], task: str) -> tuple[Note, ...]:
    """Those of the plan's notes that are about one of its tasks: they point into its lines, or name it."""
    known = plan.by_id[task]
    lines = {known.line, *(line.line for line in known.body)}
    named = re.compile(rf"(?<![\w.]){re.escape(task)}(?![\w]|\.\w)")
    return tuple(note for note in notes if (note.line in lines and note.where == plan.where(note.line)) or named.search(note.message))


def places(composition: Composition) -> dict[str, int]:
    """The wave of every task."""
    return {task: wave.number for phase in composition.phases for wave in phase.waves for task in wave.tasks}


def longest_chain(composition: Composition, task: str) -> list[str]:
    """The chain of prerequisites in the phase that decides the task's wave: one task of each earlier wave, then the task."""
    wave_of = places(composition)
    phase_of = {known: phase.phase for phase in composition.phases for wave in phase.waves for known in wave.tasks}
    before = {
        edge.task: edge.needs
        for edge in reversed(composition.dependencies)
        if edge.needs in wave_of and phase_of[edge.needs] == phase_of.get(edge.task) and wave_of[edge.needs] == wave_of[edge.task] - 1
    }
    chain = [task]
    while (needed := before.get(chain[-1])) is not None:
        chain.append(needed)
    return chain[::-1]


def dependency_data(edge: Dependency) -> DependencyData:
    """One dependency with its evidence. `signals` and `weight` are there only where it was weighed."""
    evidence: EvidenceData = {"text": edge.evidence.text, "line": edge.evidence.line, "why": edge.evidence.why}
    if edge.evidence.signals:
        evidence["signals"] = [{"name": signal.name, "words": signal.words, "weight": signal.weight} for signal in edge.evidence.signals]
    data: DependencyData = {"task": edge.task, "needs": edge.needs, "kind": edge.kind.value, "strength": edge.strength.value, "evidence": evidence}
    if edge.weight is not None:
        data["weight"] = edge.weight
    return data


def _phases(composition: Composition) -> list[PhaseData]:
    return [
        {"id": phase.phase, "title": phase.title, "waves": [{"number": wave.number, "tasks": list(wave.tasks)} for wave in phase.waves]}
        for phase in composition.phases
    ]


def _task(plan: Plan, composition: Composition, task: str) -> WaveTaskData:
    known = plan.by_id[task]
    return {
        "title": known.title,
        "status": known.status.value,
        "phase": known.phase,
        "line": known.line,
        "scope": _scope(composition.scopes.get(task, ())),
    }


def _scope(entries: Iterable[ScopeEntry]) -> list[ScopeData]:
    return [{"path": entry.path, "access": entry.access.value, "line": entry.line} for entry in entries]


def _advice(composition: Composition) -> AdviceData:
    advice = composition.advice
    return {
        "mode": advice.mode.value,
        "reasons": list(advice.reasons),
        "warnings": list(advice.warnings),
        "checklist": [
            {"question": answer.question, "answer": answer.answer, "single": answer.single, "parallel": answer.parallel, "team": answer.team}
            for answer in advice.checklist
        ],
        "rules": [{"condition": rule.condition, "holds": rule.holds, "mode": rule.mode.value, "reason": rule.reason} for rule in advice.rules],
    }
