"""What a person sees before anything runs: the waves, why they are so, what they are worth, and which mode fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

from maestro.counting import plural
from maestro.models.dependency import Dependency
from maestro.models.plan import MARKERS, Plan, Status, Task
from maestro.models.schedule import SLOTS, Advice, ChecklistAnswer, Composition, Mode, PhaseWaves, Prediction
from maestro.records import dataclass
from maestro.views.cells import clip, one_line, pad, width, wrap
from maestro.views.graph import count_needs, graph_text, heading, legend
from maestro.views.ink import bold, cyan, dim, green, yellow
from maestro.views.words import ACCESS_LEGEND, amount, in_brief, paths, percent, plan_name, reason, source


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is said of each task. None: all of it.

    scopes: entries of its scope; reasons: prerequisites that are explained, the others are named; reason_lines: lines that one explanation may take
    terse: explanations are as short as they can be understood; needs: the graph names what a task needs where its rails show it too
    finished: tasks that are done or skipped are explained as well; graph: the graph is drawn; titles: lines of each title
    """

    scopes: int | None
    reasons: int | None
    reason_lines: int | None
    finished: bool = False
    graph: bool = True
    titles: int | None = None
    terse: bool = False
    needs: bool = True


EVERYTHING = Detail(None, None, None, finished=True)

STEPS = (
    Detail(6, 3, 3),
    Detail(6, 3, 2),
    Detail(4, 2, 2, terse=True),
    Detail(2, 1, 1, terse=True),
    Detail(2, 1, 1, terse=True, graph=False),
    Detail(1, 1, 0, graph=False, titles=1),
    Detail(0, 0, 0, graph=False, titles=1),
)
"""From generous to bare; the first that fits is shown."""


FITS = len("single, parallel")
"""Columns of the modes behind an answer."""

READABLE = 20
"""Columns that an answer gets at least beside its question; where there are fewer, it follows it."""

SHOWN_GAIN = 0.005
"""A predicted share that is less is no gain."""


def start_text(plan: Plan, composition: Composition, mode: Mode, *, name: str, documents: Mapping[str, str], columns: int = 80) -> str:
    """What is shown before a run: where its documents lie, the waves with their reasons, the graph where something depends on something, and the warnings
    about the mode that was asked for. In single mode only what needs what. `waves.py` shows the rest.
    """
    detail = Detail(0, 0, 0, graph=False) if mode is Mode.SINGLE else Detail(4, 2, None, terse=True, needs=False, graph=bool(composition.dependencies))
    return "\n".join(
        [
            *_summary(plan, composition, name, columns, documents, beside=mode is not Mode.SINGLE),
            *_warnings(composition.advice, columns),
            *_phases(plan, composition, columns, detail),
            *_shared(composition, columns),
            *_graph(plan, composition, columns, detail),
        ]
    )


def waves_text(plan: Plan, composition: Composition, *, name: str, columns: int = 80, limit: int | None = None) -> str:
    """The composition of a plan. With `limit`, the most detailed form that fits so many characters."""
    if limit is None:
        return _text(plan, composition, name, columns, EVERYTHING)
    text = ""
    for number, detail in enumerate(STEPS):
        text = _text(plan, composition, name, columns, detail)
        if number:
            text += "\n" + dim(clip("Shortened to fit: add --full to see all scopes, reasons and the graph.", columns))
        if len(text) <= limit:
            break
    return text


def _text(plan: Plan, composition: Composition, name: str, columns: int, detail: Detail) -> str:
    lines = [
        *_summary(plan, composition, name, columns),
        *_phases(plan, composition, columns, detail),
        *_shared(composition, columns),
        *_graph(plan, composition, columns, detail),
        *(_checklist(composition.advice, columns) if composition.predicted.sequential else ()),
    ]
    return "\n".join(lines)


def _graph(plan: Plan, composition: Composition, columns: int, detail: Detail) -> Iterator[str]:
    if detail.graph:
        yield from _section("Graph", [*graph_text(plan, composition, columns=columns, titles=False, needs=detail.needs), *legend(plan, composition, columns)])


def _summary(
    plan: Plan, composition: Composition, name: str, columns: int, documents: Mapping[str, str] = MappingProxyType({}), *, beside: bool = True
) -> Iterator[str]:
    """documents: paths of what the track consists of, by what it is; beside: tasks may run beside each other"""
    shown = [task for phase in composition.phases for wave in phase.waves for task in wave.tasks]
    waves = sum(len(phase.waves) for phase in composition.phases)
    finished = sum(plan.by_id[task].status is Status.DONE for task in shown)
    phases = f"{plural(len(composition.phases), 'phase')}, " if len(composition.phases) > 1 else ""
    yield from (bold(line) for line in wrap(plan_name(name, plan.title), columns))
    yield from (f"{document}: {one_line(path)}" for document, path in documents.items())
    done = f", {finished} of them done" if finished else ""
    facts = f"{plural(len(shown), 'task')}{done}, in {phases}{plural(waves, 'wave')}. {count_needs(composition.dependencies)}."
    most = f"At most {SLOTS} tasks run at once." if beside else ""
    yield from [f"{facts} {most}".rstrip()] if width(facts) + width(most) < columns else [*wrap(facts, columns), *wrap(most, columns)]
    yield ""
    if not composition.predicted.sequential:
        yield "Nothing is left to do."
        return
    if sum(plan.by_id[task].status not in (Status.DONE, Status.SKIPPED) for task in shown) > 1:
        overhead = "; overhead is not counted" if composition.predicted.saved >= SHOWN_GAIN and composition.advice.mode is Mode.SINGLE else ""
        yield from _labelled("Critical path", " -> ".join(map(one_line, composition.critical_path)), columns)
        yield from _labelled("Predicted", prediction(composition.predicted) + overhead, columns)
    yield from _labelled("Advice", f"{composition.advice.mode.value} mode", columns, green)
    for why in composition.advice.reasons:
        yield from wrap(one_line(why), columns, indent=" " * 17, first=" " * 15 + "- ")


def _warnings(advice: Advice, columns: int) -> Iterator[str]:
    for warning in advice.warnings:
        for number, line in enumerate(warning.splitlines()):
            yield from (yellow(part) for part in wrap(line, columns, indent=" " * 4, first="" if number == 0 else "  "))


def prediction(predicted: Prediction) -> str:
    """`7 one after another, 4 in waves: 43 % saved (...)`; no gain is said as such."""
    bound = f" ({one_line(predicted.bound_by)})" if predicted.bound_by else ""
    gain = f"{percent(predicted.saved)} saved" if predicted.saved >= SHOWN_GAIN else "nothing saved"
    return f"{amount(predicted.sequential)} one after another, {amount(predicted.parallel)} in waves: {gain}{bound}"


def _phases(plan: Plan, composition: Composition, columns: int, detail: Detail) -> Iterator[str]:
    edges: dict[str, list[Dependency]] = {}
    for edge in composition.dependencies:
        edges.setdefault(edge.task, []).append(edge)
    for phase in composition.phases:
        yield ""
        yield from _phase(plan, composition, phase, edges, columns, detail)
    explained = {task.id for task in plan.tasks if _explained(task, detail)}
    if detail.scopes != 0 and any(entries for task, entries in composition.scopes.items() if task in explained):
        yield from (dim(line) for line in wrap(ACCESS_LEGEND, columns, indent="  "))


def _phase(plan: Plan, composition: Composition, phase: PhaseWaves, edges: dict[str, list[Dependency]], columns: int, detail: Detail) -> Iterator[str]:
    yield from (bold(line) for line in wrap(heading(phase), columns))
    room = max((width(one_line(task)) for wave in phase.waves for task in wave.tasks), default=0)
    number_room = max((len(str(wave.number)) for wave in phase.waves), default=1)
    hang = " " * (room + number_room + 14)
    for wave in phase.waves:
        head = f"  Wave {wave.number:{number_room}}  "
        for task in wave.tasks:
            known = plan.by_id[task]
            title = wrap(one_line(known.title), columns, indent=hang, first=f"{' ' * len(head)}{MARKERS[known.status]} {pad(one_line(task), room)} ")
            first, *rest = _cut(title, detail.titles, columns)
            yield cyan(head) + first[len(head) :]
            yield from rest
            head = " " * len(head)
            if _explained(known, detail):
                yield from (dim(line) for line in _scope(composition, task, columns, hang, detail.scopes))
                yield from _reasons(edges.get(task, []), columns, hang, detail)


def _explained(task: Task, detail: Detail) -> bool:
    """What is finished needs no explanation, unless everything is asked for."""
    return detail.finished or task.status not in (Status.DONE, Status.SKIPPED)


def _scope(composition: Composition, task: str, columns: int, hang: str, most: int | None) -> Iterator[str]:
    entries = composition.scopes.get(task, ())
    if most == 0:
        return
    if entries:
        yield from wrap(paths(entries, most), columns, indent=hang)
    else:
        yield f"{hang}no paths known"


def _reasons(edges: list[Dependency], columns: int, hang: str, detail: Detail) -> Iterator[str]:
    """One paragraph for each reason; edges that are not explained are at least named."""
    needed: dict[str, list[str]] = {}
    for edge in edges:
        words = in_brief(edge) if detail.terse else f"({source(edge)}): {reason(edge)}"
        needed.setdefault(words, []).append(one_line(edge.needs))
    explained = 0 if detail.reason_lines == 0 else len(needed) if detail.reasons is None else detail.reasons
    for words, tasks in list(needed.items())[:explained]:
        lines = wrap(f"needs {', '.join(tasks)} {words}", columns, indent=f"{hang}  ", first=hang)
        yield from _cut(lines, detail.reason_lines, columns)
    left = [task for tasks in list(needed.values())[explained:] for task in tasks]
    if left:
        yield from wrap(f"needs {'also ' if explained else ''}{', '.join(left)}", columns, indent=hang)


def _cut(lines: list[str], most: int | None, columns: int) -> list[str]:
    """At most so many lines; the last one then shows that something follows."""
    if most is None or len(lines) <= most:
        return lines
    return [*lines[: most - 1], clip(f"{lines[most - 1]}{' ' * columns}", columns)]


def _shared(composition: Composition, columns: int) -> Iterator[str]:
    if composition.shared:
        yield ""
        yield bold("Shared files")
        yield from (dim(line) for line in wrap("of two such tasks the second starts after the first is merged", columns, indent="  "))
    for resource in composition.shared:
        tasks = ", ".join(map(one_line, resource.tasks))
        yield from wrap(f"{one_line(resource.path)}: {tasks} ({one_line(resource.why)})", columns, indent="    ", first="  ")


def _checklist(advice: Advice, columns: int) -> Iterator[str]:
    """The eight questions with the modes that fit this plan's answers, and the rule that decided. What speaks for no mode stands in a line of its own."""
    if not advice.checklist:
        return
    telling = [answer for answer in advice.checklist if _fits(answer) is not None]
    room = max((width(answer.question) for answer in telling), default=0)
    rest = columns - room - FITS - 6
    beside = rest >= READABLE
    yield from _section("Mode selection checklist", [])
    if beside:
        yield dim(f"{'':{room + 4}}{pad('this plan', rest)}  fits")
    numbered = enumerate(advice.checklist, start=1)
    for (fits, said), group in groupby(numbered, key=lambda each: (_fits(each[1]), each[1].answer)):
        numbers, answers = zip(*group, strict=True)
        if fits is None:
            asked = " ".join(one_line(answer.question) for answer in answers)
            yield from wrap(f"{asked} {one_line(said)}", columns, indent="   ", first=f"{', '.join(map(str, numbers))}. ")
            continue
        for number, answer in zip(numbers, answers, strict=True):
            if not beside:
                yield from wrap(f"{one_line(answer.question)} {one_line(said)}: fits {fits}", columns, indent="   ", first=f"{number}. ")
                continue
            first, *more = wrap(one_line(said), rest)
            yield f"{number}. {pad(answer.question, room)} {pad(first, rest)}  {fits}"
            yield from (f"{'':{room + 4}}{line}" for line in more)
    if advice.rules:
        yield from (dim(line) for line in wrap(_decided(advice), columns, indent="   ", first=""))


def _decided(advice: Advice) -> str:
    """The rule in its own words: a number would be taken for one of the checklist's above it."""
    rule = next((rule for rule in advice.rules if rule.holds), None)
    return f"Decided by: {rule.condition} -> {rule.mode.value}" if rule else f"None of the decision rules holds -> {advice.mode.value}"


def _fits(answer: ChecklistAnswer) -> str | None:
    """The modes that an answer fits; None where it says nothing about any."""
    modes = {Mode.SINGLE: answer.single, Mode.PARALLEL: answer.parallel, Mode.TEAM: answer.team}
    if all(fits is None for fits in modes.values()):
        return None
    return "any mode" if False not in modes.values() else ", ".join(mode.value for mode, fits in modes.items() if fits is not False) or "none"


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield ""
    yield bold(title)
    yield from lines


def _labelled(label: str, text: str, columns: int, paint: Callable[[str], str] | None = None) -> Iterator[str]:
    lines = wrap(text, columns, indent=" " * 15, first=f"{label:15}")
    yield from (paint(line) if paint else line for line in lines)
