"""Progress in words: one line, or a table of phases, waves and tasks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from maestro.models.action import Progress, TaskProgress
from maestro.views.cells import clip, one_line, pad, width, wrap
from maestro.views.looks import OF_STATE
from maestro.views.words import phase_name

BAR = 20
"""Cells of a bar, where the caller does not say."""

FOLDED = ("merged", "skipped", "waiting", "blocked")
"""States of tasks that are only counted where a plan is too long for lines of all of them."""


def progress_line(track: str, progress: Progress, phase: str | None, wave: int | None) -> str:
    """One line: `auth 4/7 · 57 % · phase 1 wave 2 50 % · 2 running`. Waves of one task each are just an order and not named."""
    parts = [f"{track} {progress.done}/{progress.total}{of_them_skipped(progress.skipped)}", f"{progress.percent} %"]
    if phase is not None and wave is not None and any(len(entry.tasks) > 1 for entry in progress.waves):
        share = next((entry.percent for entry in progress.waves if entry.phase == phase and entry.wave == wave), None)
        parts.append(f"phase {phase} wave {wave}" + (f" {share} %" if share is not None else ""))
    if at_work := progress.running - progress.reported - progress.unbegun:
        parts.append(f"{at_work} running")
    if progress.reported:
        parts.append(f"{progress.reported} to merge")
    if progress.unbegun:
        parts.append(f"{progress.unbegun} to hand out")
    if progress.again:
        parts.append(f"{progress.again} to do again")
    if progress.failed > progress.asking:
        parts.append(f"{progress.failed - progress.asking} failed")
    if progress.asking:
        parts.append(f"{progress.asking} waiting for an answer")
    return " · ".join(parts)


def of_them_skipped(skipped: int) -> str:
    """Behind the number of the finished tasks: `, 1 of them skipped`; empty where none was."""
    return f", {skipped} of them skipped" if skipped else ""


def progress_text(track: str, progress: Progress, tasks: Sequence[TaskProgress], titles: dict[str, str], columns: int = 80, *, folded: bool = False) -> str:
    """Per task, per wave and overall, with percentages. `titles` are the phases'. `folded`: finished and waiting tasks are counted only."""
    return "\n".join(_lines(track, progress, {task.id: task for task in tasks}, titles, columns, folded))


def _lines(track: str, progress: Progress, tasks: dict[str, TaskProgress], titles: dict[str, str], columns: int, folded: bool) -> Iterator[str]:
    yield f"{track}  {bar(progress.percent)} {progress.percent} %  ({progress.done} of {progress.total} tasks{of_them_skipped(progress.skipped)})"
    in_waves = {task for wave in progress.waves for task in wave.tasks}
    before: dict[str, list[TaskProgress]] = {}
    for task in tasks.values():
        if task.id not in in_waves and task.state in ("merged", "skipped"):
            before.setdefault(task.phase, []).append(task)
    shown = in_waves | {task.id for wave in progress.waves for task in before.get(wave.phase, ())}
    rooms = _rooms(tasks, columns)
    phase = None
    waves = any(len(wave.tasks) > 1 for wave in progress.waves)
    for wave in progress.waves:
        if wave.phase != phase:
            phase = wave.phase
            yield from _heading(phase, titles, columns)
            yield from _entries(before.get(phase, ()), rooms, columns, folded)
        known = [tasks[task] for task in wave.tasks if task in tasks]
        if waves:
            yield f"  wave {wave.wave}  {bar(wave.percent, 10)} {wave.percent} %"
        yield from _entries(known, rooms, columns, folded)
    begun = {wave.phase for wave in progress.waves}
    for phase, rest in groupby((task for task in tasks.values() if task.id not in shown), key=lambda task: task.phase):
        if phase in begun or not phase:
            yield from ("", "Not in a wave yet" if progress.waves else "Tasks")
        else:
            yield from _heading(phase, titles, columns)
        yield from _entries(list(rest), rooms, columns, folded)


def _entries(tasks: Sequence[TaskProgress], rooms: tuple[int, int], columns: int, folded: bool) -> Iterator[str]:
    """A line or more for each task; where they are folded, those that somebody could look at, and how many others there are."""
    for task in tasks:
        if not folded or task.state not in FOLDED:
            yield from _task(task, rooms, columns)
    counts = Counter(task.state for task in tasks if folded and task.state in FOLDED)
    if counts:
        yield f"    {', '.join(f'{counts[state]} {state}' for state in FOLDED if counts[state])}"


def _heading(phase: str, titles: dict[str, str], columns: int) -> Iterator[str]:
    yield ""
    yield clip(phase_name(phase, titles.get(phase, "")), columns)


def _rooms(tasks: dict[str, TaskProgress], columns: int) -> tuple[int, int]:
    """Columns of the ids and of the titles: what the longest needs, so that the facts behind them stand below each other and near."""
    ids = min(12, max((width(one_line(task)) for task in tasks), default=0))
    titles = max((width(one_line(task.title)) for task in tasks.values()), default=0)
    facts = max((len(_facts(task)) for task in tasks.values()), default=0)
    return ids, max(10, min(titles, columns - ids - facts - 12))


def _facts(task: TaskProgress) -> str:
    return task_facts(task.state, task.sha, task.since_s, task.attempt)


def task_facts(state: str, sha: str, since_s: float | None, attempt: int) -> str:
    """What stands behind a task's title: `abaa869`, `running, 42 s`, `failed, attempt 2`; nothing for a task that waits."""
    facts = [sha if state == "merged" else "" if state == "waiting" else state]
    if since_s is not None:
        facts.append(duration(since_s))
    if attempt > 1:
        facts.append(f"attempt {attempt}")
    return ", ".join(fact for fact in facts if fact)


def _task(task: TaskProgress, rooms: tuple[int, int], columns: int) -> Iterator[str]:
    ids, titles = rooms
    yield f"    {OF_STATE[task.state].sign} {pad(one_line(task.id), ids)}  {pad(one_line(task.title), titles)}  {_facts(task)}".rstrip()
    if task.reason and task.state in ("failed", "blocked", "held", "skipped"):
        hang = f"        {' ' * ids}"
        yield from wrap(clip(one_line(task.reason), 3 * (columns - width(hang))), columns, indent=hang)


def bar(percent: int, cells: int = BAR) -> str:
    """`[####......]` for 40: of so many cells."""
    full = percent * cells // 100
    return f"[{'#' * full}{'.' * (cells - full)}]"


def duration(seconds: float) -> str:
    """`42 s`, `3 min 05 s`, `2 h 10 min`."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def rough(seconds: float) -> str:
    """A forecast without digits that nobody knows: `25 s`, `2 min 10 s`, `14 min`, `2 h 10 min`."""
    step = 5 if seconds < 60 else 10 if seconds < 600 else 60
    near = max(step, round(seconds / step) * step)
    return f"{near // 60} min" if 600 <= near < 3600 else duration(near)
