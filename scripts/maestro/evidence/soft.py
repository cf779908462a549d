"""The soft dependencies of a plan, with what carried them.

In a plan with scopes the author has said which files a task touches. Two tasks whose scopes do not meet are then linked only when the text of the one names
what the other makes; position, similarity and the kind of work do not suffice. A neutral list has no scopes to go by, so there the weights alone decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set

from maestro.evidence.choose import Closure
from maestro.evidence.commonfiles import without_common_files
from maestro.evidence.lines import quoted, text_lines
from maestro.evidence.material import Found, Material
from maestro.evidence.meetings import Place, places
from maestro.evidence.shared import shared_reason
from maestro.evidence.terms import words
from maestro.evidence.weigh import Likely, Weighing
from maestro.evidence.weights import Table, table
from maestro.models.dependency import Dependency, Evidence, Kind, ScopeEntry, Signal, Strength
from maestro.models.plan import Phase, Task

SHOWN = 6
"""Signals that an edge shows; the others would only be noise to a reader."""

TOLD = 2
"""Signals that its one-clause reason tells."""


def find(material: Material) -> Found:
    """The likely prerequisites that stronger evidence does not give already."""
    found = Found()
    weights = table()
    for phase in material.plan.phases:
        if len(phase.tasks) > 1:
            found.dependencies += _of_phase(phase, material, weights)
    return found


def _of_phase(phase: Phase, material: Material, weights: Table) -> list[Dependency]:
    if material.lenient:
        weighing, scopes, met = Weighing(phase.tasks, weights), {}, []
    else:
        scopes = {task.id: entries for task in phase.tasks if (entries := material.scopes.get(task.id, ()))}
        met = [meeting for meeting in places(scopes) if not shared_reason(meeting)]
        weighing = Weighing(without_common_files(phase.tasks, scopes, met), weights)
        if len(scopes) == len(phase.tasks) and not met and not weighing.naming:
            return []
    place = {task.id: number for number, task in enumerate(phase.tasks)}
    order = sorted(place.values(), key=lambda number: material.order.place[phase.tasks[number].id])
    given = {number: [place[need] for need in material.order.needs(task) if need in place] for task, number in place.items()}
    allowed = _allowed(phase.tasks, weighing, scopes, met, _open(order, given))
    return [_edge(likely, phase.tasks, weights) for likely in weighing.decide(order, given, allowed)] if any(allowed.values()) else []


def _open(order: Sequence[int], given: Mapping[int, Sequence[int]]) -> list[int]:
    """For each task, as bits, the others that may still become its prerequisites: those that come before it in the order and that it does not wait for yet."""
    closure = Closure()
    still_open = [0] * len(order)
    before = 0
    for later in order:
        closure.settle(later, given[later])
        still_open[later] = before & ~closure.behind(later)
        before |= 1 << later
    return still_open


def _allowed(
    tasks: Sequence[Task], weighing: Weighing, scopes: Mapping[str, tuple[ScopeEntry, ...]], met: Iterable[Place], still_open: Sequence[int]
) -> dict[int, Set[int]]:
    """For each task the candidates it may be linked to. With a scope: tasks without one, those it meets, and those whose product its text names."""
    meets: dict[str, set[str]] = defaultdict(set)
    for meeting in met:
        for touching in meeting.touches:
            meets[touching] |= meeting.touches.keys()
    allowed: dict[int, Set[int]] = {}
    for later, task in enumerate(tasks):
        candidates = frozenset(earlier for earlier in weighing.candidates(later) if still_open[later] >> earlier & 1)
        if task.id in scopes:
            apart = frozenset(earlier for earlier in candidates if tasks[earlier].id in scopes and tasks[earlier].id not in meets[task.id])
            candidates = candidates - apart | weighing.names_products(later, apart)
        allowed[later] = candidates
    return allowed


def _edge(likely: Likely, tasks: Sequence[Task], weights: Table) -> Dependency:
    task, needs = tasks[likely.later], tasks[likely.earlier]
    reasons = [signal for signal in likely.signals if signal.weight > 0]
    text, line = _quote(task, reasons, weights)
    why = "; ".join(weights.rows[signal.name].says.format(words=signal.words, task=task.id, needs=needs.id) for signal in reasons[:TOLD])
    evidence = Evidence(text, line, why or "the two tasks belong together by all signals", likely.signals[:SHOWN])
    return Dependency(task.id, needs.id, _kind(reasons, weights), Strength.SOFT, evidence, round(likely.probability, 2))


def _kind(reasons: Sequence[Signal], weights: Table) -> Kind:
    """The kind that carries most; position counts for neither."""
    carries: dict[Kind, float] = defaultdict(float)
    for signal in reasons:
        if (kind := weights.rows[signal.name].kind) is not None:
            carries[kind] += signal.weight
    return Kind.SYMBOLS if carries[Kind.SYMBOLS] >= carries[Kind.PROSE] and carries[Kind.SYMBOLS] > 0 else Kind.PROSE


def _quote(task: Task, reasons: Sequence[Signal], weights: Table) -> tuple[str, int]:
    """The line that shows most of the words that carried the edge, those of symbols before others; the title when none does."""
    symbols = [signal for signal in reasons if weights.rows[signal.name].kind is Kind.SYMBOLS]
    wanted = {word for signal in symbols or reasons for word in words(signal.words)}
    lines = text_lines(task)
    best = max(range(len(lines)), key=lambda place: (len(wanted.intersection(words(lines[place].text))), -place))
    return quoted(lines[best].text), lines[best].line
