"""A run on one screen: drawn for any size, so that nothing scrolls away. Everything on it stands in `progress.py --json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from maestro.counting import plural
from maestro.models.run import FailureClass, Option
from maestro.views.action import answer_call
from maestro.views.board_plan import plan_rows
from maestro.views.cells import clip, clip_start, one_line, pad, width, wrap
from maestro.views.ink import bold, dim, yellow
from maestro.views.progress import bar, duration, rough
from maestro.views.rows import STATE_INK, Paint, Row, beside, cut, faint, strong
from maestro.views.status import condition_words

Data = Mapping[str, Any]

SIDE_BY_SIDE = 140
"""Columns from which the plan and what happened stand beside each other."""

QUIET = 60.0
"""Seconds without a sign of life after which a worker is called quiet."""

TROUBLE = {"failed": "failed", "held": "is held back"}
"""States of a task that somebody should look at, as they are told."""

LONGEST_ENTRY = 3
"""Lines of one entry of the log."""

FOOTER = "Ctrl-C stops watching, not the run"


def board(data: Data, columns: int, rows: int) -> list[str]:
    """The whole screen: at most so many lines of at most so many columns."""
    top = [*_head(data, columns), *_attention(data, columns, rows), *_workers(data, columns, rows)]
    room = rows - len(top) - 1
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
    changes = _changes(data, columns, 5) if room >= 16 else _change(data, columns) if room >= 8 else []
    kept = min(4 if room >= 14 else 3, len(data["log"]) + 1) if room >= 10 else 0
    plan = plan_rows(data, columns, room - len(changes) - kept)
    return [*plan, *changes, *_log(data, columns, room - len(plan) - len(changes))]


def _head(data: Data, columns: int) -> Iterator[Row]:
    progress, times = data["progress"], data["times"]
    condition = clip(condition_words(data), columns * 2 // 3)
    where = f"{data['track']}  {data['mode']} on {data['branch']}"
    yield Row(f"{pad(one_line(where), columns - width(condition) - 2)}  {condition}", bold)
    skipped = f", {progress['skipped']} skipped" if progress["skipped"] else ""
    done = f"{progress['done']} of {plural(progress['total'], 'task')}{skipped}"
    counts = f"{bar(progress['percent'], max(10, min(30, columns // 8)))} {progress['percent']} %  {done}"
    whole, short = (f"{counts} · {time_words(times, basis=basis)}" for basis in (True, False))
    yield from [Row(whole)] if width(whole) <= columns else [Row(short)] if width(short) <= columns else [Row(counts), Row(time_words(times))]
    yield Row()


def time_words(times: Data, *, basis: bool = True) -> str:
    """`3 min 05 s so far, about 2 min 10 s left (median of 5 tasks: 42 s)`; the last part says what it rests on."""
    words = f"{duration(times['elapsed_s'])} {'in all' if times['over'] else 'so far'}"
    if times["left_s"]:
        words += f", about {rough(times['left_s'])} left"
        each = duration(round(times["task_s"]))
        words += (f" (median of {times['measured']} tasks: {each})" if times["measured"] > 1 else f" (1 task took {each})") if basis else ""
    return words


def _attention(data: Data, columns: int, rows: int) -> list[Row]:
    """What somebody has to look at: open questions, failures, what is held back, clashes that are coming."""
    found: list[Row] = []
    for question in data["questions"]:
        found += _told(f"? {question['id']}: {one_line(question['text'].strip().partition(chr(10))[0])}", yellow, columns)
        found.append(faint(_answers(question, columns)))
    asked = {question.get("task") for question in data["questions"]}
    blocked: dict[str, list[str]] = {}
    for task in data["tasks"]:
        why = one_line(task["reason"])
        if task["state"] == "blocked":
            blocked.setdefault(why, []).append(one_line(task["id"]))
        elif task["state"] in TROUBLE and task["id"] not in asked:
            asks = task["failure"] == FailureClass.UNCLEAR
            words = f"? {one_line(task['id'])} asks" if asks else f"! {one_line(task['id'])} {TROUBLE[task['state']]}"
            found += _told(f"{words}: {why or 'no reason given'}", yellow if asks else STATE_INK[task["state"]], columns)
    for why, tasks in blocked.items():
        found += _told(f"! blocked: {', '.join(tasks)}" + (f" ({why})" if why else ""), STATE_INK["blocked"], columns)
    found += _clashes(data)
    shown = cut(found, max(3, rows // 4))
    return [*shown, Row()] if shown else []


def _told(words: str, paint: Paint, columns: int) -> list[Row]:
    """In two lines at most: the second one may be the reason's half that matters."""
    return [Row(line, paint) for line in wrap(clip(words, 2 * columns - 4), columns, indent="  ", first="")[:2]]


def _answers(question: Data, columns: int) -> str:
    """The call that answers, where it can be copied from one line; else the answers' names."""
    call = f"  {answer_call([Option(**option) for option in question['options']], question['id'])}"
    return call if width(call) <= columns else f"  answers: {', '.join(option['id'] for option in question['options'])}"


def _clashes(data: Data) -> Iterator[Row]:
    for clash in data["forecast"]:
        pair = " and ".join(one_line(name) for name in clash["pair"])
        yield Row(f"! {pair} would conflict in {', '.join(map(one_line, clash['files']))}", yellow)


def slot_words(slots: Data) -> str:
    """`2 of 3 busy`, and what lowers their number where something does."""
    return f"{slots['busy']} of {slots['limit']} busy" + (f", throttled: {slots['why']}" if slots["why"] else "")


def _workers(data: Data, columns: int, rows: int) -> Iterator[Row]:
    slots = data["slots"]
    if data["times"]["over"]:
        return
    yield strong(f"Slots: {slot_words(slots)}")
    yield from cut(list(_worker_rows(data["workers"], columns)), max(3, rows // 4))
    if not data["workers"]:
        yield faint("  nobody works on a task right now")
    yield Row()


def _worker_rows(workers: Sequence[Data], columns: int) -> Iterator[Row]:
    """What each of them does stands below each other; titles get the room that this leaves."""
    room = min(12, max((width(one_line(worker["task"])) for worker in workers), default=0))
    free = columns - room - 22
    doing_room = max(20, free * 3 // 5)
    titles = min(max((width(one_line(worker["title"])) for worker in workers), default=0), max(6, free - doing_room))
    busy = [doing(worker, free - titles) for worker in workers]
    titles = max(6, min(max((width(one_line(worker["title"])) for worker in workers), default=0), free - max(map(width, busy), default=0)))
    for worker, words in zip(workers, busy, strict=True):
        head = f"  [~] {pad(one_line(worker['task']), room)}  {pad(one_line(worker['title']), titles)}"
        yield Row(f"{head}  {duration(worker['since_s']):>10}  {words}", STATE_INK["running"])


def doing(worker: Data, columns: int) -> str:
    """A worker's stage, the file it touched last, and how long ago."""
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
            lines += [Row(line) for line in wrap(in_line(waves), columns, indent="          ", first=f"  {word:6}  ")]
        lines += [faint(line) for why in change["reasons"] for line in wrap(one_line(why), columns, indent="          ", first="  why     ")]
        if found and len(found) + len(lines) > most:
            break
        found += cut(lines, most)
    return [*found, Row()] if found else []


def _change(data: Data, columns: int) -> list[Row]:
    """The last re-grouping in one line, while its phase goes on: what moved, and why."""
    found = [change for change in data["regroupings"] if change["phase"] == data["phase"]]
    if not found:
        return []
    moved = "; ".join(_moves(found[-1])) or "nothing moved"
    return [Row(clip(f"Re-grouped {found[-1]['at'][11:19]}: {moved}. {' '.join(map(one_line, found[-1]['reasons']))}", columns))]


def _moves(change: Data) -> Iterator[str]:
    """`1.2, 1.4 from wave 1 to 2`; a task that is new or gone has one side only."""
    places = [{task: number for number, wave in enumerate(waves, 1) for task in wave} for waves in (change["before"], change["after"])]
    moved: dict[str, list[str]] = {}
    for task in dict.fromkeys([*places[0], *places[1]]):
        old, new = places[0].get(task), places[1].get(task)
        if old != new:
            words = f"from wave {old} to {new}" if old and new else f"into wave {new}" if new else f"out of wave {old}"
            moved.setdefault(words, []).append(one_line(task))
    yield from (f"{', '.join(tasks)} {words}" for words, tasks in moved.items())


def in_line(waves: Sequence[Sequence[str]]) -> str:
    """`1.1, 1.2 | 1.3`: waves one after the other."""
    return " | ".join(", ".join(map(one_line, wave)) for wave in waves) or "nothing"


def _log(data: Data, columns: int, most: int) -> list[Row]:
    """What happened last, the newest at the end; as much as there is room for. What is too long for a line goes on below it."""
    if most < 2 or not data["log"]:
        return []
    lines: list[Row] = []
    for entry in reversed(data["log"][-(most - 1) :]):
        words = [Row(line) for line in wrap(entry["text"], columns, indent=" " * 12, first=f"  {entry['at'][11:19]}  ")][:LONGEST_ENTRY]
        if len(lines) + len(words) > most - 1:
            words = words[:1] if not lines else []
        lines = [*words, *lines]
        if not words or len(lines) == most - 1:
            break
    return [strong("Last (UTC)"), *lines]
