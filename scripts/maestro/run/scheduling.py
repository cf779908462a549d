"""The waves in force: composed when a phase begins, re-grouped at wave boundaries, with single tasks held back in between.

Only tasks that have not started move (ninja's rule for dependencies found while building); finished work never runs again.
"""

from __future__ import annotations

from collections.abc import Iterable

from maestro.models.dependency import Dependency, Evidence, Kind, ScopeEntry, Strength
from maestro.models.plan import Access
from maestro.models.regrouping import Discovery
from maestro.models.run import FailureClass, PhaseRun, TaskRun, TaskState
from maestro.models.schedule import Composition, Mode
from maestro.records import dataclass
from maestro.run.context import Context
from maestro.schedule.graph import graph_of, topological_order
from maestro.schedule.waves import assign_waves, waves_anew


@dataclass(frozen=True, slots=True)
class Schedule:
    """What is left in a phase: the waves of all that has not started, those among it that are blocked and by what, and the edges behind both."""

    waves: tuple[tuple[str, ...], ...]
    blocked: dict[str, str]
    composition: Composition


def composed(context: Context) -> Composition:
    """The composition of the whole plan with all that this run has learned."""
    # A run composes a few times and is called hundreds of times: detection, which is slow to import, must not cost every call.
    from maestro.evidence.beads import UNREAD, detect_in_track
    from maestro.evidence.view import RepositoryView
    from maestro.schedule.compose import compose

    state = context.state
    real = {
        task.id: _learned_scope(context, task) for task in state.tasks.values() if (task.state is TaskState.MERGED or task.state.under_way) and not task.outside
    }
    findings = detect_in_track(
        context.plan,
        RepositoryView(context.root),
        context.home.layout,
        state.track,
        real_scopes={task: scope for task, scope in real.items() if scope},
        discovered=[edge for found in state.discoveries if (edge := _discovered_edge(context, found))],
        known=[
            Dependency(edge.task, edge.needs, Kind.BEADS, Strength.HARD, Evidence("", None, edge.why))
            for phase in state.phases.values()
            for edge in phase.edges
            if edge.kind == Kind.BEADS
        ],
    )
    for note in findings.notes:
        if note.code == UNREAD:
            context.tell(note.message)
    finished = [task.id for task in state.tasks.values() if task.state.finished]
    return compose(context.plan, findings, ignore_soft=state.settings.ignore_soft, finished=finished)


def schedule_phase(context: Context, phase: PhaseRun) -> Schedule:
    """Waves of the phase's tasks that have not started. In single mode each wave has one task, in the plan's order wherever no edge says otherwise."""
    composition = composed(context)
    tasks = [task for task in context.state.tasks.values() if task.phase == phase.id]
    ids = {task.id for task in tasks}
    edges = [edge for edge in composition.dependencies if edge.task in ids and edge.needs in ids]
    pairs = [(edge.task, edge.needs) for edge in edges]
    needs: dict[str, list[str]] = {}
    for edge in edges:
        needs.setdefault(edge.task, []).append(edge.needs)
    blocked: dict[str, str] = {}
    left = [task.id for task in tasks if task.state in (TaskState.WAITING, TaskState.BLOCKED)]
    known = {task.id: task for task in tasks}
    asleep = _parked(context)
    for task_id in topological_order(graph_of([task.id for task in tasks], pairs)):
        task = known[task_id]
        if task.id not in left:
            continue
        culprit = next((need for need in needs.get(task.id, ()) if need in blocked or known[need].state is TaskState.FAILED or need in asleep), None)
        if culprit is not None:
            blocked[task.id] = blocked.get(culprit, culprit)
    if context.state.settings.mode is Mode.SINGLE:
        waves: tuple[tuple[str, ...], ...] = tuple((task,) for task in topological_order(graph_of(left, pairs)))
    else:
        waves = assign_waves(left, pairs)
    return Schedule(waves, blocked, composition)


def record_composed(context: Context, phase: PhaseRun, base: str, schedule: Schedule) -> None:
    """Journal the phase's waves with what they follow from."""
    context.record("phase-composed", phase=phase.id, base=base, waves=[list(wave) for wave in schedule.waves], **_basis(phase, schedule.composition))


def regroup(context: Context, phase: PhaseRun) -> bool:
    """At a wave boundary: schedule what has not started anew, tell before, after and why when that changed something. True when a wave is left to run."""
    schedule = schedule_phase(context, phase)
    state = context.state
    newly = [task_id for task_id in schedule.blocked if state.tasks[task_id].state is TaskState.WAITING]
    for task_id in newly:
        culprit = schedule.blocked[task_id]
        what = "failed" if state.tasks[culprit].state is TaskState.FAILED else "waits for an answer"
        context.record("task-blocked", task=task_id, reason=f"needs {culprit}, which {what}")
    for task in [task for task in state.tasks.values() if task.phase == phase.id and task.state is TaskState.BLOCKED and task.id not in schedule.blocked]:
        context.record("task-unblocked", task=task.id)
    left = {task for wave in schedule.waves for task in wave}
    ready = len(left) > len(schedule.blocked)
    before = [[task for task in wave if task in left] for wave in phase.waves]
    held = {task: state.tasks[task].held for wave in before for task in wave if state.tasks[task].held}
    failed = {task.id for task in state.tasks.values() if task.state is TaskState.FAILED}
    stuck = any(waits and not failed.isdisjoint(wave) for wave, waits in zip(phase.waves, before, strict=True))
    if [wave for wave in before if wave] == [list(wave) for wave in schedule.waves] and not held and not stuck:
        for task_id in newly:
            context.tell(f"{task_id} is blocked: it {state.tasks[task_id].reason}.")
        return ready
    after = [list(wave) for wave in waves_anew(phase.waves, schedule.waves)]
    reasons = _reasons(context, phase, before, schedule, held)
    known = [wave for wave in phase.waves if wave]
    context.record("regrouped", phase=phase.id, before=known, after=after, reasons=reasons, **_basis(phase, schedule.composition))
    change = state.regroupings[-1]
    if change.before != change.after:
        context.tell(describe_regrouping(phase.id, change.before, change.after, reasons))
    return ready


def describe_regrouping(phase: str, before: Iterable[Iterable[str]], after: Iterable[Iterable[str]], reasons: Iterable[str]) -> str:
    """Before, after and why, as it is shown to the user."""
    lines = [f"Waves of phase {phase} re-grouped.", f"  before: {_in_line(before)}", f"  after:  {_in_line(after)}"]
    return "\n".join([*lines, *(f"  why: {reason}" for reason in reasons)])


def _in_line(waves: Iterable[Iterable[str]]) -> str:
    return " | ".join(", ".join(wave) for wave in waves)


def current_wave(context: Context, phase: PhaseRun) -> tuple[int, list[TaskRun]] | None:
    """The first wave that still has something to do, numbered from 1. A task whose question was parked does not keep independent ones waiting."""
    asleep = _parked(context)
    for number, wave in enumerate(phase.waves, 1):
        tasks = [context.state.tasks[task] for task in wave if task in context.state.tasks]
        if any(not task.state.settled and not (task.held and task.state is TaskState.WAITING) and task.id not in asleep for task in tasks):
            return number, tasks
    return None


def _parked(context: Context) -> set[str]:
    """Tasks that wait for an answer which nobody here can give."""
    state = context.state
    return {question.task for question in state.open_questions if question.id in state.parked and question.task}


def startable(context: Context, tasks: list[TaskRun]) -> list[TaskRun]:
    """The waiting tasks of a wave that may start now, in order: not held, no failed task in their wave, no shared resource in use, no conflict to repeat."""
    if any(task.state is TaskState.FAILED for task in tasks):
        return []
    busy = {task.id for task in context.state.tasks.values() if task.state.under_way}
    ready = []
    for task in tasks:
        if task.state is not TaskState.WAITING or task.held:
            continue
        if any(task.id in sharing and any(other in busy for other in sharing if other != task.id) for _, sharing in context.state.shared):
            continue
        if _clashed_with(context, task, busy):
            continue
        ready.append(task)
        busy.add(task.id)
    return ready


def kept_empty(tasks: list[TaskRun]) -> str:
    """Why a slot stays empty beside a wave's running tasks: after a failure nothing new starts in its wave. Empty where that is not so."""
    failed = ", ".join(task.id for task in tasks if task.state is TaskState.FAILED)
    waiting = ", ".join(task.id for task in tasks if task.state is TaskState.WAITING)
    working = ", ".join(task.id for task in tasks if task.state.under_way)
    if not (failed and waiting and working):
        return ""
    return f"{failed} failed, so nothing new starts in this wave: {waiting} follow in a later one, when {working} came to an end."


def _clashed_with(context: Context, task: TaskRun, busy: Iterable[str]) -> bool:
    """True when a task that comes back from a merge conflict would meet one that changes the same files again: such retries run one after the other."""
    if task.attempt is None or task.attempt.failure != FailureClass.CONFLICT:
        return False
    touched = {path for path, _ in task.real_paths}
    return any(path in touched for other in busy for path, _ in context.state.tasks[other].real_paths)


def hold_back_colliding(context: Context, phase: PhaseRun, task: TaskRun, paths: Iterable[tuple[str, str]], by: str) -> None:
    """Note paths that a task touches outside its scope, and hold back what has not started in its wave and would touch them too."""
    known = {found.path for found in context.state.discoveries if found.task == task.id}
    scope = phase.scopes.get(task.id, ())
    for path, access in paths:
        if path in known or any(covers(entry, path) for entry, _ in scope):
            continue
        colliding = [
            other for other in context.state.tasks.values() if other.phase == phase.id and other.state is TaskState.WAITING and _touches(phase, other.id, path)
        ]
        if not colliding:
            continue
        wave = next((wave for wave in phase.waves if task.id in wave), [])
        for other in colliding:
            if other.id in wave and not other.held:
                reason = f"{task.id} changes {path} outside its scope, which {other.id} touches too"
                context.record("task-held", task=other.id, reason=reason)
                context.tell(f"{other.id} is held back to a later wave: {reason}.")
        context.record("discovered", task=task.id, by=by, path=path, access=access)


def awaited(context: Context, phase: PhaseRun) -> tuple[str, ...] | None:
    """The files and folders that the phase's waiting tasks would write: what somebody else touches holds them back only there. None: they cannot be listed."""
    waiting = [task.id for task in context.state.tasks.values() if task.phase == phase.id and task.state is TaskState.WAITING]
    entries = {entry for task in waiting for entry, access in phase.scopes.get(task, ()) if Access(access).writes}
    return None if any(map(_is_pattern, entries)) else tuple(sorted(entries))


def _is_pattern(entry: str) -> bool:
    """Whether a scope entry means all paths of a kind."""
    return any(character in entry for character in "*?[")


def covers(entry: str, path: str) -> bool:
    """True when a scope entry (path, directory with `/`, glob) means this path."""
    if entry == path:
        return True
    if entry.endswith("/"):
        return path.startswith(entry)
    if _is_pattern(entry):
        from fnmatch import fnmatchcase

        return fnmatchcase(path, entry)
    return False


def _touches(phase: PhaseRun, task: str, path: str) -> bool:
    return any(covers(entry, path) for entry, access in phase.scopes.get(task, ()) if Access(access).writes)


def _learned_scope(context: Context, task: TaskRun) -> tuple[ScopeEntry, ...]:
    """What a task really touches: its diff once it is known, before that what was discovered on top of what its text says."""
    kinds = {"added": Access.CREATE, "deleted": Access.DELETE, "renamed": Access.RENAME}
    if task.real_paths:
        return tuple(ScopeEntry(path, kinds.get(kind, Access.MODIFY)) for path, kind in task.real_paths)
    extra = [ScopeEntry(found.path, Access(found.access or "modify")) for found in context.state.discoveries if found.task == task.id and found.path]
    if not extra:
        return ()
    declared = context.state.phases[task.phase].scopes.get(task.id, ())
    return tuple(ScopeEntry(path, Access(access)) for path, access in declared) + tuple(extra)


def _discovered_edge(context: Context, found: Discovery) -> Dependency | None:
    if found.needs is None or found.needs not in context.plan.by_id or found.task not in context.plan.by_id:
        return None
    return Dependency(found.task, found.needs, Kind.DISCOVERED, Strength.HARD, Evidence(f"reported by {found.by}", None, "found while running"))


def _basis(phase: PhaseRun, composition: Composition) -> dict[str, object]:
    """The edges, scopes and shared resources of a phase, as the journal keeps them."""
    ids = {task for found in composition.phases if found.phase == phase.id for wave in found.waves for task in wave.tasks}
    edges = [(edge.task, edge.needs, str(edge.kind), edge.evidence.why) for edge in composition.dependencies if edge.task in ids and edge.needs in ids]
    scopes = {task: [(entry.path, str(entry.access)) for entry in composition.scopes.get(task, ())] for task in sorted(ids)}
    shared = [(resource.path, list(resource.tasks)) for resource in composition.shared]
    return {"edges": edges, "scopes": scopes, "shared": shared}


def _reasons(context: Context, phase: PhaseRun, before: list[list[str]], schedule: Schedule, held: dict[str, str]) -> list[str]:
    """Why each moved task moved, in a sentence; the newest edge that places it, or what held or blocked it."""
    reasons = [f"{text}." for text in held.values()]
    known = {(edge.task, edge.needs) for edge in phase.edges}
    added = [edge for edge in schedule.composition.dependencies if (edge.task, edge.needs) not in known]
    now = {(edge.task, edge.needs) for edge in schedule.composition.dependencies}
    place = {task: number for number, wave in enumerate(schedule.waves) for task in wave}
    for edge in added:
        if edge.task in place and not held.get(edge.task):
            reasons.append(f"{edge.task} now waits for {edge.needs}: {edge.evidence.why}.")
    for gone in phase.edges:
        if (gone.task, gone.needs) not in now and gone.task in place:
            reasons.append(f"{gone.task} no longer waits for {gone.needs}.")
    for task, culprit in schedule.blocked.items():
        reasons.append(f"{task} is blocked: it {context.state.tasks[task].reason or f'needs {culprit}'}.")
    fresh = [task for task in place if all(task not in wave for wave in before)]
    reasons += [f"{task} came into the plan or was reopened." for task in fresh]
    failed = [task.id for task in context.state.tasks.values() if task.phase == phase.id and task.state is TaskState.FAILED]
    if not reasons and failed:
        reasons.append(f"{', '.join(failed)} failed; what was not started yet moves to a later wave.")
    return reasons or ["what ran so far changed the prerequisites."]
