"""Compositions made by hand, so that views are tested without detectors."""

from __future__ import annotations

from maestro.models.dependency import Dependency, Evidence, Kind, ScopeEntry, SharedResource, Signal, Strength
from maestro.models.plan import Access, Phase, Plan, Status, Task
from maestro.models.schedule import Advice, ChecklistAnswer, Composition, Mode, PhaseWaves, Prediction, Wave


def task(id: str, title: str = "Do it", status: Status = Status.NEW, phase: str = "1") -> Task:
    return Task(id=id, title=title, line=int(id.replace(".", "")), phase=phase, status=status)


def plan_of(*tasks: Task, title: str = "Sample") -> Plan:
    phases = dict.fromkeys(task.phase for task in tasks)
    return Plan(
        path="plan.md",
        dialect="maestro",
        title=title,
        phases=tuple(Phase(phase, f"Part {phase}", 1, tuple(task for task in tasks if task.phase == phase)) for phase in phases),
        text="",
    )


def hard(task: str, needs: str, why: str = "the text says so", text: str = "after it") -> Dependency:
    return Dependency(task, needs, Kind.EXPLICIT, Strength.HARD, Evidence(text, 7, why))


def soft(task: str, needs: str, weight: float = 0.72) -> Dependency:
    evidence = Evidence("`User`", 9, "it uses `User`", (Signal("quoted symbol", "`User`", 1.4), Signal("distance", "next task", -0.3)))
    return Dependency(task, needs, Kind.SYMBOLS, Strength.SOFT, evidence, weight)


def composition(plan: Plan, waves: dict[str, list[list[str]]], *edges: Dependency, shared: tuple[SharedResource, ...] = ()) -> Composition:
    numbered = {phase: tuple(Wave(number, tuple(tasks)) for number, tasks in enumerate(parts, start=1)) for phase, parts in waves.items()}
    checklist = (ChecklistAnswer("Task count", "4", False, True, True),)
    return Composition(
        phases=tuple(PhaseWaves(phase.id, phase.title, numbered[phase.id]) for phase in plan.phases),
        dependencies=edges,
        scopes={task.id: (ScopeEntry(f"src/{task.id}.py", Access.CREATE, task.line),) for task in plan.tasks},
        shared=shared,
        critical_path=tuple(tasks[0] for waves_of in waves.values() for tasks in waves_of),
        predicted=Prediction(4.0, 2.5, 0.375, "3 tasks at a time"),
        advice=Advice(Mode.PARALLEL, ("Waves fit.",), checklist, ("[!] --team specified.\n--> Proceed anyway? (y/n)",)),
    )
