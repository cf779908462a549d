"""The plan on the board: phases, waves and tasks in as many lines as there are; what matters now stays, the rest is folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from maestro.counting import plural
from maestro.records import dataclass
from maestro.views.cells import one_line, pad, width
from maestro.views.looks import OF_STATE
from maestro.views.progress import bar, task_facts
from maestro.views.rows import STATE_INK, Row, cut, faint, strong
from maestro.views.words import phase_name

Data = Mapping[str, Any]

FINISHED = ("merged", "skipped")
BEFORE = "before"
"""Names the tasks that were settled before the waves of their phase were made."""

WAVES_FOLDED = 4
"""The first level that folds what is to come."""

LEVELS = 9
"""From everything with air between the phases, by folding first what is finished, then what is to come, to the current phase alone.

Then what waits in it is folded too, and at last each wave is a line.
"""


@dataclass(frozen=True, slots=True)
class _Wave:
    number: int
    tasks: tuple[Data, ...]
    planned: bool

    @property
    def done(self) -> int:
        return sum(task["state"] in FINISHED for task in self.tasks)

    @property
    def finished(self) -> bool:
        return self.done == len(self.tasks)


@dataclass(frozen=True, slots=True)
class _Phase:
    id: str
    title: str
    waves: tuple[_Wave, ...]

    @property
    def tasks(self) -> int:
        return sum(len(wave.tasks) for wave in self.waves)

    @property
    def done(self) -> int:
        return sum(wave.done for wave in self.waves)

    @property
    def finished(self) -> bool:
        return self.done == self.tasks


def plan_rows(data: Data, columns: int, most: int) -> list[Row]:
    """The plan in at most so many rows: unfolded as far as they reach. No more rows are made than could be shown."""
    phases = _phases(data)
    room = max((min(12, width(one_line(task["id"]))) for task in data["tasks"]), default=0)
    for level in range(LEVELS):
        rows = list(islice(_plan(phases, columns, room, level), most + 1))
        if len(rows) <= most:
            return _unfolded(phases, columns, room, most, rows) if level == WAVES_FOLDED else rows
    return cut(list(_plan(phases, columns, room, LEVELS - 1)), most)


def _unfolded(phases: Sequence[_Phase], columns: int, room: int, most: int, rows: list[Row]) -> list[Row]:
    """As many of the coming waves of each phase shown with their tasks as there is room for."""
    for ahead in range(1, max(len(phase.waves) for phase in phases) + 1):
        more = list(islice(_plan(phases, columns, room, WAVES_FOLDED, ahead), most + 1))
        if len(more) > most:
            break
        rows = more
    return rows


def _phases(data: Data) -> list[_Phase]:
    """What the document says, put together.

    Tasks in no wave stand in one without a number: the first of their phase when they are settled, else the last of all.
    """
    tasks = {task["id"]: task for task in data["tasks"]}
    placed: dict[str, list[_Wave]] = {phase: [] for phase in data["phases"]}
    for wave in data["waves"]:
        known = tuple(tasks.pop(task) for task in wave["tasks"] if task in tasks)
        if known:
            placed[wave["phase"]].append(_Wave(wave["number"], known, wave["planned"]))
    for phase, waves in placed.items():
        before = tuple(task for task in tasks.values() if task["phase"] == phase and task["state"] in FINISHED)
        if before:
            waves.insert(0, _Wave(0, before, False))
            tasks = {id: task for id, task in tasks.items() if task not in before}
    phases = [_Phase(phase, data["phases"][phase], tuple(waves)) for phase, waves in placed.items() if waves]
    return [*phases, _Phase("", "Not in a wave yet", (_Wave(0, tuple(tasks.values()), True),))] if tasks else phases


def _plan(phases: Sequence[_Phase], columns: int, room: int, level: int, ahead: int = 0) -> Iterator[Row]:
    current = next((place for place, phase in enumerate(phases) if not phase.finished), len(phases))
    if level >= 6:
        yield from _folded(phases[:current], "finished")
        for phase in phases[current : current + 1]:
            yield from _phase(phase, columns, room, level)
        yield from _folded(phases[current + 1 :], "to come")
        return
    for place, phase in enumerate(phases):
        if level == 0 and place:
            yield Row()
        if (level >= 3 and phase.finished) or (level >= WAVES_FOLDED and place > current and not _busy(phase)):
            yield _heading(phase, columns)
        else:
            yield from _phase(phase, columns, room, level, ahead)


def _folded(phases: Sequence[_Phase], words: str) -> Iterator[Row]:
    if phases:
        yield faint(f"{plural(len(phases), 'phase')} with {plural(sum(phase.tasks for phase in phases), 'task')} {words}")


def _busy(phase: _Phase) -> bool:
    return any(task["state"] not in (*FINISHED, "waiting", "blocked") for wave in phase.waves for task in wave.tasks)


def _heading(phase: _Phase, columns: int) -> Row:
    words = phase_name(phase.id, phase.title)
    share = f"{100 * phase.done // phase.tasks} %  {phase.done} of {phase.tasks}"
    return strong(f"{pad(words, columns - width(share) - 2)}  {share}")


def _phase(phase: _Phase, columns: int, room: int, level: int, ahead: int = 0) -> Iterator[Row]:
    yield _heading(phase, columns)
    waves = phase.waves
    if level >= 5:
        done = [wave for wave in waves if wave.finished]
        if done:
            yield faint(f"  {plural(len(done), 'wave')} with {plural(sum(len(wave.tasks) for wave in done), 'task')} finished")
        waves = tuple(wave for wave in waves if not wave.finished)
    named = phase.id and any(len(wave.tasks) > 1 or not wave.number for wave in phase.waves)
    first_open = next((wave for wave in waves if not wave.finished), None)
    later = [wave for wave in waves if wave is not first_open and all(task["state"] in ("waiting", "blocked") for task in wave.tasks)]
    if level >= 6 and len(later) > 1:
        waves = tuple(wave for wave in waves if wave not in later)
    for wave in waves:
        if level >= WAVES_FOLDED and wave in later[ahead:]:
            ids = ", ".join(one_line(task["id"]) for task in wave.tasks)
            yield Row(f"  {f'wave {wave.number}  ' if named else ''}to come: {ids}")
            continue
        if level >= 8:
            yield _wave(wave, _urgent_first([task for task in wave.tasks if task["state"] not in FINISHED]))
            continue
        if named:
            yield _wave(wave)
        if level >= 2 and wave.finished and named:
            continue
        shown = [task for task in wave.tasks if level < 5 or task["state"] not in FINISHED]
        waiting = [task for task in shown if level >= 7 and task["state"] in ("waiting", "blocked")]
        for task in _urgent_first(shown) if level >= 5 else shown:
            if task not in waiting:
                yield _task(task, room, columns)
        if waiting:
            counts = Counter(task["state"] for task in waiting)
            yield faint(f"    {', '.join(f'{number} {state}' for state, number in counts.items())}")
    if level >= 6 and len(later) > 1:
        yield faint(f"  {plural(len(later), 'wave')} with {plural(sum(len(wave.tasks) for wave in later), 'task')} to come")


def _wave(wave: _Wave, left: Sequence[Data] = ()) -> Row:
    """How far a wave is, with signs and ids of what is left in it where its tasks have no lines of their own."""
    percent = 100 * wave.done // len(wave.tasks)
    words = "planned" if wave.planned else f"{bar(percent, 10)} {percent:3} %  {wave.done} of {len(wave.tasks)}"
    names = "".join(f"  {OF_STATE[task['state']].sign} {one_line(task['id'])}" for task in left)
    return Row(f"  {f'wave {wave.number}' if wave.number else BEFORE if wave.finished else 'no wave'}  {words}{names}")


def _urgent_first(tasks: Sequence[Data]) -> list[Data]:
    order = ("failed", "running", "reported", "held", "waiting", "blocked")
    return sorted(tasks, key=lambda task: order.index(task["state"]) if task["state"] in order else len(order))


def _task(task: Data, room: int, columns: int) -> Row:
    state = task["state"]
    about = task_facts(state, task["sha"], task["since_s"], task["attempt"])
    head = f"    {OF_STATE[state].sign} {pad(one_line(task['id']), room)}  "
    space = columns - width(head) - width(about) - 2
    return Row(f"{head}{pad(one_line(task['title']), max(8, space))}  {about}".rstrip(), STATE_INK.get(state))
