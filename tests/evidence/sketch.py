"""Plans for tests, built from models: `plan(task("1.1", "Title", "a line of its body"), …)`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from maestro.evidence.detect import detect
from maestro.evidence.lines import text_lines
from maestro.evidence.material import Material
from maestro.evidence.order import TaskOrder
from maestro.evidence.paths import scopes
from maestro.evidence.view import View
from maestro.models.dependency import Dependency, Findings, Kind, Strength
from maestro.models.plan import Access, Box, FileMention, Marker, Phase, Plan, Span, Status, Task, TextLine


def task(
    id: str,
    title: str = "Do the work",
    *lines: str,
    phase: str = "1",
    status: Status = Status.NEW,
    files: Sequence[str | tuple[str, Access]] = (),
    boxes: Sequence[str] = (),
    code: Iterable[str] = (),
) -> Task:
    """A task whose body is `lines`, then `code` inside a code block. Line numbers count from 1 in the task itself until it becomes part of a plan."""
    body = [TextLine(number, text) for number, text in enumerate(lines, 2)]
    body += [TextLine(number, text, code=True) for number, text in enumerate(code, len(lines) + 2)]
    mentions = tuple(FileMention(file, 1, None) if isinstance(file, str) else FileMention(file[0], 1, file[1]) for file in files)
    made = tuple(Box(text, Marker(Status.NEW, Span(0, 0), 1, in_heading=False)) for text in boxes)
    return Task(id, title, 1, phase, status, None, tuple(body), made, mentions)


def plan(*tasks: Task, dialect: str = "maestro", path: str = "plan.md", outside: Sequence[str] = ()) -> Plan:
    """A plan of these tasks, grouped into the phases they name, with line numbers as if each followed the one before, and the lines `outside` behind them."""
    placed: list[Task] = []
    line = 1
    for one in tasks:
        shift = line - 1
        placed.append(
            replace(
                one,
                line=line,
                body=tuple(replace(text, line=text.line + shift) for text in one.body),
                files=tuple(replace(mention, line=mention.line + shift) for mention in one.files),
                boxes=tuple(replace(box, marker=replace(box.marker, line=line)) for box in one.boxes),
            )
        )
        line += len(one.body) + 1
    numbers = dict.fromkeys(one.phase for one in placed)
    phases = tuple(Phase(number, f"Part {number}", 1, tuple(one for one in placed if one.phase == number)) for number in numbers)
    return Plan(path, dialect, "Plan", phases, "", outside=tuple(TextLine(number, text) for number, text in enumerate(outside, line)))


def material(plan: Plan, view: View | None = None) -> Material:
    """What a detector is given before any edge is known."""
    lines = {task.id: text_lines(task) for task in plan.tasks}
    return Material(plan, lines, view, scopes(plan, view, lines)[0], TaskOrder(lines))


class FakeView:
    """A repository that is a dictionary."""

    def __init__(self, files: Mapping[str, str] | Iterable[str]) -> None:
        self.content = dict(files) if isinstance(files, Mapping) else dict.fromkeys(files, "")

    def files(self) -> frozenset[str]:
        return frozenset(self.content)

    def read(self, path: str) -> str | None:
        return self.content.get(path)


def pairs(found: Findings | Iterable[Dependency], kind: Kind | None = None) -> set[tuple[str, str]]:
    """The edges of this kind, or else all hard ones, as (task, needs)."""
    edges = found.dependencies if isinstance(found, Findings) else found
    return {(edge.task, edge.needs) for edge in edges if (edge.kind is kind if kind else edge.strength is Strength.HARD)}


def explicit_pairs(*tasks: Task, dialect: str = "maestro", outside: Sequence[str] = ()) -> set[tuple[str, str]]:
    return pairs(detect(plan(*tasks, dialect=dialect, outside=outside)), Kind.EXPLICIT)


def needs(*lines: str, title: str = "Do the work", ids: Sequence[str] = ("1.1", "1.2", "1.3", "1.10", "2.3"), last: str = "1.9") -> set[str]:
    """What the task `last`, written with these lines after tasks `ids`, is found to need by its text."""
    tasks = [task(id) for id in ids] + [task(last, title, *lines)]
    return {need for name, need in explicit_pairs(*tasks) if name == last}
