"""A run on one screen: drawn for any size, so that nothing scrolls away. Everything on it stands in `progress.py --json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from maestro.counting import plural
from maestro.views.board_plan import plan_rows
from maestro.views.cells import clip, clip_start, one_line, pad, width, wrap
from maestro.views.ink import bold, dim, yellow
from maestro.views.progress import bar, duration
from maestro.views.rows import STATE_INK, Row, beside, cut, faint, strong
from maestro.views.status import condition_words

Data = Mapping[str, Any]

SIDE_BY_SIDE = 140
"""Columns from which the plan and what happened stand beside each other."""

QUIET = 60.0
"""Seconds without a sign of life after which a worker is called quiet."""

FOOTER = "Ctrl-C stops watching, not the run"


def board(data: Data, columns: int, rows: int) -> list[str]:
    """The whole screen: at most so many lines of at most so many columns."""
    top = [*_head(data, columns), *_attention(data, columns, rows), *_workers(data, columns, rows)]
    room = rows - len(top) - 2
    if room < 3:
        return [row.drawn(columns) for row in cut(top, rows)]
    if columns >= SIDE_BY_SIDE:
        left = columns * 11 // 20
        right = columns - left - 3
        changes = _changes(data, right, room // 2)
        body = beside(plan_rows(data, left, room), [*changes, *_log(data, right, room - len(changes))], left, right)
    else:
        body = [row.drawn(columns) for row in _stacked(data, columns, room)]
    return [*(row.drawn(columns) for row in top), *body, dim(clip(FOOTER, columns))]


def at_work(data: Data, columns: int) -> list[str]:
    """For a look at one moment: how long it takes, who works on what, and the conflicts that are coming."""
    rows = [Row(time_words(data["times"])), *(_workers(data, columns, len(data["workers"]) * 4) if data["workers"] else ()), *_clashes(data)]
    return [row.drawn(columns) for row in rows if row.text]


def _stacked(data: Data, columns: int, room: int) -> list[Row]:
    """The plan first; the newest re-grouping and what happened last get what it leaves, and a few lines in any case where there are some."""
    changes = _changes(data, columns, 5) if room >= 16 else _change(data) if room >= 8 else []
    kept = min(4, len(data["log"]) + 1) if room >= 10 else 0
    plan = plan_rows(data, columns, room - len(changes) - kept)
    return [*plan, *changes, *_log(data, columns, room - len(plan) - len(changes))]


def _head(data: Data, columns: int) -> Iterator[Row]:
    progress, times = data["progress"], data["times"]
    condition = clip(condition_words(data), columns * 2 // 3)
    where = f"{data['track']}  {data['mode']} on {data['branch']}"
    yield Row(f"{pad(one_line(where), columns - width(condition) - 2)}  {condition}", bold)
    counts = f"{bar(progress['percent'], max(10, min(30, columns // 5)))} {progress['percent']} %  {progress['done']} of {plural(progress['total'], 'task')}"
    lasts = time_words(times)
    yield from [Row(f"{counts} · {lasts}")] if width(counts) + width(lasts) + 3 <= columns else [Row(counts), Row(lasts)]
    yield Row()


def time_words(times: Data) -> str:
    """`3 min 05 s so far, about 2 min 10 s left (5 tasks took 42 s each)`."""
    words = f"{duration(times['elapsed_s'])} {'in all' if times['over'] else 'so far'}"
    if times["left_s"]:
        words += f", about {duration(times['left_s'])} left ({plural(times['measured'], 'task')} took {duration(times['task_s'])}"
        words += " each)" if times["measured"] > 1 else ")"
    return words


def _attention(data: Data, columns: int, rows: int) -> list[Row]:
    """What somebody has to look at: open questions, failures, what is held back, clashes that are coming."""
    found: list[Row] = []
    for question in data["questions"]:
        first = f"? {question['id']}: {one_line(question['text'].strip().partition(chr(10))[0])}"
        found += [Row(line, yellow) for line in wrap(first, columns, indent="  ", first="")[:2]]
        found.append(faint(f"  answers: {', '.join(option['id'] for option in question['options'])}"))
    for task in data["tasks"]:
        if task["state"] in ("failed", "held"):
            found.append(Row(f"! {one_line(task['id'])} is {task['state']}: {one_line(task['reason']) or 'no reason given'}", STATE_INK[task["state"]]))
    blocked = [one_line(task["id"]) for task in data["tasks"] if task["state"] == "blocked"]
    if blocked:
        found.append(Row(f"! blocked: {', '.join(blocked)}", STATE_INK["blocked"]))
    found += _clashes(data)
    shown = cut(found, max(3, rows // 4))
    return [*shown, Row()] if shown else []


def _clashes(data: Data) -> Iterator[Row]:
    for clash in data["forecast"]:
        pair = " and ".join(one_line(name) for name in clash["pair"])
        yield Row(f"! {pair} would conflict in {', '.join(map(one_line, clash['files']))}", yellow)


def _workers(data: Data, columns: int, rows: int) -> Iterator[Row]:
    slots = data["slots"]
    if data["times"]["over"]:
        return
    why = f": {slots['why']}" if slots["why"] else ""
    yield strong(f"Slots: {slots['busy']} of {slots['limit']} busy{why}")
    room = max((width(one_line(worker["task"])) for worker in data["workers"]), default=0)
    yield from cut([_worker(worker, min(room, 12), columns) for worker in data["workers"]], max(3, rows // 4))
    if not data["workers"]:
        yield faint("  nobody works on a task right now")
    yield Row()


def _worker(worker: Data, room: int, columns: int) -> Row:
    since = duration(worker["since_s"])
    head = f"  [~] {pad(one_line(worker['task']), room)}  "
    what_room = max(20, (columns - width(head) - 14) * 3 // 5)
    title_room = max(6, columns - width(head) - what_room - 14)
    return Row(f"{head}{pad(one_line(worker['title']), title_room)} {since:>10}  {_doing(worker, what_room)}", STATE_INK["running"])


def _doing(worker: Data, columns: int) -> str:
    """Its stage, the file it touched last, and how long ago."""
    quiet = worker["quiet_s"]
    ago = f"quiet for {duration(quiet)}" if quiet >= QUIET else f"{duration(quiet)} ago"
    stage = "" if worker["stage"] == "working" else worker["stage"]
    if not worker["files"] or (stage and width(stage) + 20 > columns):
        return clip(stage or (ago if quiet >= QUIET else "no file changed yet"), columns)
    before = f"{stage}; " if stage else ""
    more = f" +{len(worker['files']) - 1}" if len(worker["files"]) > 1 else ""
    newest = clip_start(one_line(worker["files"][0]), max(8, columns - width(before) - width(more) - width(ago) - 2))
    return clip(f"{before}{newest}{more}, {ago}", columns)


def _changes(data: Data, columns: int, most: int) -> list[Row]:
    """The newest re-groupings, the last one first."""
    found: list[Row] = []
    for change in reversed(data["regroupings"]):
        lines = [strong(f"Re-grouped: phase {one_line(change['phase'])}, {change['at'][11:19]} UTC")]
        for word, waves in (("before", change["before"]), ("after", change["after"])):
            lines.append(Row(f"  {word:6}  {_in_line(waves)}"))
        lines += [faint(line) for why in change["reasons"] for line in wrap(one_line(why), columns, indent="          ", first="  why     ")]
        if found and len(found) + len(lines) > most:
            break
        found += cut(lines, most)
    return [*found, Row()] if found else []


def _change(data: Data) -> list[Row]:
    """The last re-grouping in one line, while its phase goes on."""
    found = [change for change in data["regroupings"] if change["phase"] == data["phase"]]
    return [Row(f"Re-grouped: {_in_line(found[-1]['before'])}  ->  {_in_line(found[-1]['after'])}")] if found else []


def _in_line(waves: Sequence[Sequence[str]]) -> str:
    return " | ".join(", ".join(map(one_line, wave)) for wave in waves) or "nothing"


def _log(data: Data, columns: int, most: int) -> list[Row]:
    """What happened last, the newest at the end; as much as there is room for."""
    if most < 2 or not data["log"]:
        return []
    lines: Sequence[Row] = [Row(f"  {entry['at'][11:19]}  {entry['text']}") for entry in data["log"][-(most - 1) :]]
    return [strong("Last (UTC)"), *lines]
