"""A plan, its problems and the list of tracks, for people."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from maestro.counting import plural
from maestro.models.plan import MARKERS, Box, Phase, Plan, Status, Verification
from maestro.views.cells import one_line, width, wrap
from maestro.views.ink import bold, dim, green, red, yellow
from maestro.views.words import phase_name, plan_name

if TYPE_CHECKING:
    from maestro.views.shapes import ProblemData, TrackData

_TASK_WORD = r"(?i)\Atask\s*[:：]\s*"
"""What some dialects write before the title of everything that has a box."""


def plan_text(plan: Plan, *, name: str, columns: int = 80) -> str:
    """The plan as it was read: phases, tasks, sub-tasks, verification blocks."""
    lines = [bold(line) for line in wrap(plan_name(name, plan.title), columns)]
    done = sum(task.status is Status.DONE for task in plan.tasks)
    lines.append(f"{plural(len(plan.tasks), 'task')}, {done} done, in {plural(len(plan.phases), 'phase')}; {plan.dialect} dialect")
    for phase in plan.phases:
        lines += ["", *_phase(phase, columns)]
    return "\n".join(lines)


def problems_text(problems: Sequence[ProblemData], what: str, columns: int = 80) -> str:
    """Errors first, each with its place and what to do."""
    if not problems:
        return green(f"{what}: nothing to correct")
    lines: list[str] = []
    for problem in sorted(problems, key=lambda problem: problem["severity"] != "error"):
        paint = red if problem["severity"] == "error" else yellow
        place = f"{problem['where']}: " if problem["where"] else ""
        label = f"{place}{problem['severity']}: "
        first, *rest = wrap(one_line(problem["message"]) + f" [{problem['code']}]", columns, indent="  ", first=label)
        lines += [first.replace(label, place + paint(f"{problem['severity']}:") + " ", 1), *rest]
        if problem["hint"]:
            lines += wrap(problem["hint"], columns, indent="    ", first="  -> ")
    errors = sum(problem["severity"] == "error" for problem in problems)
    lines.append(f"{plural(errors, 'error')}, {plural(len(problems) - errors, 'warning')}")
    return "\n".join(lines)


def tracks_text(tracks: Sequence[TrackData], registry: str, columns: int = 80) -> str:
    """The registry, one track per entry with its progress."""
    if not tracks:
        return f"{registry} lists no tracks."
    room = max(width(track["id"]) for track in tracks)
    lines: list[str] = []
    for track in tracks:
        head = f"{MARKERS[Status(track['status'])]} {track['id'] or '(no id)'}"
        says = one_line(track["description"]) + (" (archived)" if track["archived"] else "")
        lines += wrap(says, columns, indent=" " * (room + 6), first=f"{head}{' ' * (room + 6 - width(head))}")
        progress = track.get("progress")
        if progress is not None:
            upcoming = f", next {track['next']}" if track.get("next") else ""
            lines.append(dim(f"{' ' * (room + 6)}{progress['done']} of {plural(progress['tasks'], 'task')} done{upcoming}"))
    return "\n".join(lines)


def _phase(phase: Phase, columns: int) -> Iterator[str]:
    yield from (bold(line) for line in wrap(phase_name(phase.id, phase.title) + (f" [checkpoint: {phase.checkpoint}]" if phase.checkpoint else ""), columns))
    room = max((width(one_line(task.id)) for task in phase.tasks), default=0)
    for task in phase.tasks:
        head = f"  {MARKERS[task.status]} {one_line(task.id)}"
        sha = f" ({task.marker.sha})" if task.marker is not None and task.marker.sha else ""
        yield from wrap(one_line(task.title) + sha, columns, indent=" " * (room + 8), first=head + " " * (room + 8 - width(head)))
        yield from _boxes(task.boxes, " " * (room + 8), columns)
    if phase.verification is not None:
        yield from _verification(phase.verification, columns)


def _verification(verification: Verification, columns: int) -> Iterator[str]:
    """The block under its title; where it is one box that says the same, in that box alone."""
    own = re.sub(_TASK_WORD, "", one_line(verification.title))
    same = len(verification.boxes) == 1 and re.sub(_TASK_WORD, "", one_line(verification.boxes[0].text)) == own
    head = f"  {MARKERS[verification.boxes[0].marker.status]} " if same else "  "
    yield from wrap(f"verification: {own}", columns, indent="      ", first=head)
    if not same:
        yield from _boxes(verification.boxes, "      ", columns)


def _boxes(boxes: Sequence[Box], indent: str, columns: int) -> Iterator[str]:
    for box in boxes:
        begin = indent + "  " * box.depth
        yield from (dim(line) for line in wrap(one_line(box.text), columns, indent=begin + "    ", first=f"{begin}{MARKERS[box.marker.status]} "))
