"""Which mode fits: the eight questions of the mode selection checklist, answered for this plan, and the rules that decide."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from maestro.counting import plural
from maestro.models.dependency import Dependency, ScopeEntry, SharedResource
from maestro.models.plan import Phase, Task
from maestro.models.schedule import Advice, ChecklistAnswer, Composition, Mode, PhaseWaves, RuleAnswer
from maestro.records import dataclass
from maestro.schedule.complexity import Complexity, complexity_of

SMALL = 3
"""Up to so many tasks, the overhead of running in parallel exceeds the benefit."""
ORCHESTRATED = 4
"""From so many complex tasks on, workers that are led and verified one by one pay off."""
HOT = 3
"""A file that so many tasks of one phase write makes them wait for each other."""

_RUNTIMES: dict[str, tuple[bool | None, bool | None]] = {
    "claude": (True, True),
    "claude-code": (True, True),
    "opencode": (True, False),
    "codex": (False, False),
    "gemini": (False, False),
    "exec": (True, False),
    "none": (False, False),
}
"""What a runtime offers: sub-agents that run side by side, and agent teams. None for what we were not told."""


def known_runtimes() -> tuple[str, ...]:
    """The names that `--runtime` knows, without their variants."""
    return tuple(name for name in _RUNTIMES if not name.endswith(("-code", "-cli")))


def offered(runtime: str | None) -> tuple[bool | None, bool | None]:
    """Whether a runtime has sub-agents that run side by side, and agent teams; None for what we were not told."""
    return _RUNTIMES.get((runtime or "").casefold(), (None, None))


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at, of the tasks that remain.

    tasks: how many
    widest: the most tasks that one wave holds
    phases_with_choice: phases in which at least two tasks could run at the same time
    dependencies: edges between remaining tasks of one phase
    overlapping: tasks that write a file which at least two others of their phase write as well
    complex_tasks: tasks of high complexity
    task_tool, agent_teams: what the runtime offers, None when unknown
    finished: how many tasks beside them are done or skipped already
    """

    tasks: int
    widest: int
    phases_with_choice: int
    dependencies: int
    overlapping: int
    complex_tasks: int
    hardest: Complexity
    task_tool: bool | None
    agent_teams: bool | None
    finished: int = 0

    @property
    def sequential(self) -> bool:
        """No wave holds two tasks, so nothing could run beside anything else."""
        return self.tasks > 1 and self.widest <= 1

    @property
    def many_shared(self) -> bool:
        """At least half of the tasks write a file that others of their phase write as well."""
        return self.tasks > 1 and self.overlapping * 2 >= self.tasks

    @property
    def needs_orchestration(self) -> bool:
        """Complex tasks that hang together: someone has to hold their results against each other while others still run."""
        return self.dependencies > 0 and self.phases_with_choice > 0


def facts_of(
    phases: Sequence[Phase],
    waves: Sequence[PhaseWaves],
    edges: Sequence[Dependency],
    scopes: Mapping[str, tuple[ScopeEntry, ...]],
    shared: Sequence[SharedResource],
    finished: Collection[str],
    runtime: str | None,
) -> Facts:
    """Count what the rules need."""
    remaining = {task.id: task for phase in phases for task in phase.tasks if task.id not in finished}
    phase_of = {task.id: phase.id for phase in phases for task in phase.tasks}
    widths = [max((sum(task in remaining for task in wave.tasks) for wave in part.waves), default=0) for part in waves]
    inner = [edge for edge in edges if edge.task in remaining and edge.needs in remaining and phase_of[edge.task] == phase_of[edge.needs]]
    grades = [complexity_of(task, scopes.get(task.id, ())) for task in remaining.values()]
    task_tool, agent_teams = offered(runtime)
    return Facts(
        tasks=len(remaining),
        widest=max(widths, default=0),
        phases_with_choice=sum(width > 1 for width in widths),
        dependencies=len(inner),
        overlapping=len(_overlapping(remaining, phase_of, scopes, shared)),
        complex_tasks=sum(grade is Complexity.HIGH for grade in grades),
        hardest=max(grades, default=Complexity.LOW),
        task_tool=task_tool,
        agent_teams=agent_teams,
        finished=len(phase_of) - len(remaining),
    )


def _overlapping(
    remaining: Mapping[str, Task], phase_of: Mapping[str, str], scopes: Mapping[str, tuple[ScopeEntry, ...]], shared: Sequence[SharedResource]
) -> set[str]:
    """The tasks at a file that `HOT` or more tasks of one phase write."""
    writers: dict[tuple[str, str], list[str]] = {}
    for task in remaining:
        phase = phase_of[task]
        for entry in scopes.get(task, ()):
            if entry.access.writes:
                writers.setdefault((phase, entry.path.casefold()), []).append(task)
    for resource in shared:
        for task in resource.tasks:
            if task in remaining:
                writers.setdefault((phase_of[task], resource.path.casefold()), []).append(task)
    return {task for tasks in writers.values() if len(tasks) >= HOT and len(set(tasks)) >= HOT for task in tasks}


def advise(facts: Facts) -> Advice:
    """The mode that fits. The first rule that holds decides; the warnings are those for a user who asks for another mode."""
    mode, reason = _decide(facts)
    reasons = [reason]
    if mode is Mode.PARALLEL and facts.dependencies:
        reasons.append("Waves handle the dependency ordering naturally.")
    warnings = tuple(warning for asked in (Mode.PARALLEL, Mode.TEAM) if (warning := _conflict(facts, asked)))
    return Advice(mode, tuple(reasons), checklist(facts), warnings, rules(facts))


def warnings_for(composition: Composition, requested: Mode) -> tuple[str, ...]:
    """What to tell a user who asked for this mode by a flag; empty when it fits the work."""
    return tuple(warning for warning in composition.advice.warnings if warning.startswith(f"[!] --{requested.value} "))


def _decide(facts: Facts) -> tuple[Mode, str]:
    if facts.tasks == 0:
        return Mode.SINGLE, "No task is left to run."
    if facts.sequential:
        return Mode.SINGLE, f"All {facts.tasks} remaining tasks are sequential (each depends on previous): no parallelism possible regardless of count."
    if facts.many_shared:
        return Mode.SINGLE, f"{facts.overlapping} of {facts.tasks} tasks touch shared files: file conflicts make parallel and team counterproductive."
    if facts.tasks <= SMALL:
        return Mode.SINGLE, f"{plural(facts.tasks, 'task')}: the overhead of parallelism exceeds the benefit."
    if facts.needs_orchestration and facts.complex_tasks >= ORCHESTRATED and facts.agent_teams is not False:
        return Mode.TEAM, f"{facts.complex_tasks} tasks of high complexity that depend on each other: workers handle complexity, the orchestrator verifies."
    if facts.task_tool is False:
        return Mode.SINGLE, "This runtime cannot run sub-agents side by side."
    overlap = "low" if facts.overlapping else "no"
    return Mode.PARALLEL, f"Up to {facts.widest} tasks of one wave are independent, with {overlap} file overlap: wave-based execution saves time."


def _conflict(facts: Facts, requested: Mode) -> str | None:
    """Where an explicit flag conflicts with the shape of the work, in the words of the procedure."""
    flag = f"--{requested.value}"
    proceed = f"Proceed with {flag} anyway? (y/n)"
    task = "open task" if facts.finished else "task"
    if facts.tasks == 0:
        return None
    if facts.sequential:
        return (
            f"[!] {flag} specified but all {facts.tasks} {task}s are sequential (each depends on previous).\n"
            "--> Falling back to single-agent mode. No parallelism benefit here."
        )
    if facts.tasks < (ORCHESTRATED if requested is Mode.TEAM else SMALL):
        return f"[!] {flag} specified but only {plural(facts.tasks, task)} in this track.\n--> Single-agent mode is more efficient for small tracks. {proceed}"
    if facts.many_shared:
        touching = f"{facts.overlapping} of {facts.tasks} tasks touch shared files"
        return f"[!] {flag} specified but {touching}.\n--> Single-agent mode avoids the file conflicts. {proceed}"
    if requested is Mode.TEAM and facts.agent_teams is False:
        return f"[!] {flag} specified but this runtime has no agent teams.\n--> Parallel mode needs none. {proceed}"
    if requested is Mode.PARALLEL and facts.task_tool is False:
        return f"[!] {flag} specified but this runtime cannot run sub-agents side by side.\n--> Single-agent mode or `run.py exec` fits it. {proceed}"
    return None


def rules(facts: Facts) -> tuple[RuleAnswer, ...]:
    """The six decision rules of the procedure in the order in which they are asked, each with its answer for this plan."""
    choice = facts.phases_with_choice > 0
    complex_enough = facts.needs_orchestration and facts.complex_tasks >= ORCHESTRATED and facts.agent_teams is not False
    side_by_side = facts.task_tool is not False
    return (
        RuleAnswer("All tasks are sequential (each depends on previous)", facts.sequential, Mode.SINGLE, "No parallelism possible regardless of count"),
        RuleAnswer("Tasks touch many shared files", facts.many_shared, Mode.SINGLE, "File conflicts make parallel/team counterproductive"),
        RuleAnswer("1-3 tasks, any dependency shape", 0 < facts.tasks <= SMALL, Mode.SINGLE, "Overhead of parallelism exceeds benefit"),
        RuleAnswer("4+ tasks, high complexity, need orchestration", complex_enough, Mode.TEAM, "Workers handle complexity, orchestrator verifies"),
        RuleAnswer(
            "3+ tasks, 2+ independent per phase, low file overlap",
            facts.tasks >= SMALL and choice and not facts.many_shared and side_by_side,
            Mode.PARALLEL,
            "Wave-based execution saves time",
        ),
        RuleAnswer(
            "Mix of independent and dependent tasks",
            choice and facts.dependencies > 0 and side_by_side,
            Mode.PARALLEL,
            "Waves handle the dependency ordering naturally",
        ),
    )


def checklist(facts: Facts) -> tuple[ChecklistAnswer, ...]:
    """The eight questions, each with this plan's answer and whether single, parallel and team fit it."""
    overlap = _overlap(facts)
    low = overlap in ("none", "low")
    choice = facts.phases_with_choice > 0
    few = facts.dependencies * 2 <= facts.tasks
    moderate = facts.dependencies <= facts.tasks * 2
    return (
        ChecklistAnswer("Task count", str(facts.tasks), facts.tasks <= 3, 3 <= facts.tasks <= 8, facts.tasks >= 4),
        ChecklistAnswer("Independent tasks in phase?", f"up to {facts.widest} in one wave" if choice else "none", True, choice, choice),
        ChecklistAnswer(
            "File scope overlap between tasks?", f"{overlap} ({facts.overlapping} of {facts.tasks} tasks at a file of {HOT} or more)", None, low, low
        ),
        ChecklistAnswer("Cross-task dependencies?", f"{facts.dependencies} within phases", True, few, moderate),
        ChecklistAnswer(
            "Task complexity",
            f"{facts.hardest.name.lower()} ({facts.complex_tasks} of {facts.tasks} high)",
            True,
            facts.hardest >= Complexity.MODERATE,
            facts.complex_tasks > 0,
        ),
        ChecklistAnswer(
            "Need human review between tasks?", "yours to say: single reviews after each task, parallel after each wave, team after each task", None, None, None
        ),
        ChecklistAnswer("Runtime supports Task tool?", _known(facts.task_tool), None, facts.task_tool, None),
        ChecklistAnswer("Runtime supports Agent Teams?", _known(facts.agent_teams), None, None, facts.agent_teams),
    )


def _overlap(facts: Facts) -> str:
    if facts.overlapping == 0:
        return "none"
    return "high" if facts.many_shared else "low"


def _known(offered: bool | None) -> str:
    return "unknown (say --runtime)" if offered is None else "yes" if offered else "no"
