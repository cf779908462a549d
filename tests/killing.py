"""Runs that are killed at one point and go on in another process: the scenarios, what an undisturbed run leaves, and what differs after a kill."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from crashing import Point, Seam, at_one_time, copy_of, digest, in_order, points_in
from headless import WORKER, Ended, Left, Project, hurry, in_child, look, make
from maestro.git import reuse
from maestro.models.schedule import Mode
from sessions import Session
from situations import ARRIVED, stop_where_known
from tracked import tracked

CLASHING = "case $MAESTRO_TASK in 1.1|1.2) grep -q made src/shared.py || echo made by $MAESTRO_TASK > src/shared.py ;; esac\n"

SCENARIOS: dict[str, Callable[[Path], Project]] = {
    "parallel": lambda folder: replace(make(folder), waits=True),
    "single": lambda folder: make(folder, mode=Mode.SINGLE),
    "one attempt fails": lambda folder: make(
        folder, worker=f"if [ $MAESTRO_TASK.$MAESTRO_ATTEMPT = 1.2.1 ]; then echo half > src/hashing.py; exit 3; fi\n{WORKER}"
    ),
    "the gate is red once": lambda folder: make(folder, worker=f"rm -f broken\n{WORKER}[ $MAESTRO_TASK.$MAESTRO_ATTEMPT != 1.1.1 ] || touch broken\n"),
    "an issue tracker": lambda folder: tracked(make(folder)),
    "team": lambda folder: Session(make(folder).root, mode=Mode.TEAM),
    "a large repository": lambda folder: replace(make(folder), large=True),
    "a conflict": lambda folder: make(folder, worker=WORKER + CLASHING, files={"src/shared.py": "nothing yet\n"}),
}


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed."""

    points: list[Point]
    left: Left


KNOWN: dict[str, Undisturbed] = {}


def undisturbed(name: str, folder: Path) -> Undisturbed:
    if name not in KNOWN:
        project = SCENARIOS[name](folder / f"{name} undisturbed" / "project")
        ended = drive(project, None)
        assert ended.code == 0, ended.said
        KNOWN[name] = Undisturbed(points_in(record_of(project)), look(project))
    return KNOWN[name]


def record_of(project: Project) -> Path:
    return project.root.with_name("points")


def drive(project: Project, end_at: int | None, copy_at: Container[int] = (), known: Collection[str] = ()) -> Ended:
    """Start the run, or go on with it, in a process of its own, which ends by SIGKILL at the point with this number, copies the repository at points, or ends
    by itself in a known situation."""

    def work() -> None:
        hurry()
        memory = in_order(project.waits)
        reuse.LARGE = 0 if project.large else reuse.LARGE
        at_one_time()
        Seam(project.root, record_of(project), end_at, copy_at)
        project.drive({"advanced": stop_where_known(project, known, project.root.with_name("situations"), memory)})

    return in_child(work, project.root.with_name("log"))


def trouble(name: str, folder: Path, *ends: int, meanwhile: Callable[[Project], None] | None = None) -> str:
    """Kill the run, and each of its successors, at these points, then let one come to its end. What is wrong then, in words; empty when nothing is."""
    wanted = undisturbed(name, folder).left
    project = SCENARIOS[name](folder / "-".join(map(str, ends)) / "project")
    where = []
    for end in ends:
        ended = drive(project, end)
        where.append(str(points_in(record_of(project))[-1]) if ended.killed else "no further point")
        if not ended.killed and ended.code:
            return f"killed at {' and '.join(where)}: {ended.said}"
        if meanwhile is not None:
            meanwhile(project)
    return _to_the_end(project, wanted, " and ".join(where))


def sweep(name: str, folder: Path, numbers: Iterable[int], again: Mapping[int, int] | None = None) -> Iterator[str]:
    """The same for many points, one after the other, each from the copy that one run made there: what is wrong, in words, for each.

    again: at which of its own points the run that goes on from a point is killed as well, if it has so many

    Effects that changed nothing leave the same disk: what goes on from it is tried once. A run that comes to a situation from which another one came to a
    good end is left there, since it would go the same way.
    """
    known, numbers = undisturbed(name, folder), sorted(numbers)
    project = SCENARIOS[name](folder / "sweep" / "project")
    ended = drive(project, None, frozenset(numbers))
    assert ended.code == 0, ended.said
    tried, good = set(), situations_of(project)
    for number in numbers:
        shutil.rmtree(project.root, ignore_errors=True)
        copy_of(project.root, number).rename(project.root)
        if (disk := digest(project.root)) in tried:
            continue
        tried.add(disk)
        where = str(known.points[number - 1])
        if again is not None:
            where += f" and then at its point {again[number]}"
            ended = drive(project, again[number])
            if ended.code and not ended.killed:
                yield f"killed at {where}: {ended.said}"
                continue
        found = _to_the_end(project, known.left, where, good)
        good |= situations_of(project) if not found else set()
        yield found


def situations_of(project: Project) -> set[str]:
    """Those that the last process came through."""
    return set(project.root.with_name("situations").read_text().splitlines())


def _to_the_end(project: Project, wanted: Left, where: str, known: Collection[str] = ()) -> str:
    ended = drive(project, None, known=known)
    if ended.code == ARRIVED:
        return ""
    if ended.code:
        return f"killed at {where}: the run does not go on\n{ended.said}"
    left = look(project)
    return "\n".join(
        f"killed at {where}: {entry.name}\n  wanted {getattr(wanted, entry.name)}\n  found  {getattr(left, entry.name)}"
        for entry in fields(Left)
        if getattr(wanted, entry.name) != getattr(left, entry.name)
    )


def distinct(points: list[Point]) -> list[int]:
    """The number of the first point of each kind, counted from 1."""
    first: dict[tuple[str, ...], int] = {}
    for number, point in enumerate(points, 1):
        first.setdefault(point.alike, number)
    return list(first.values())


def in_turn(points: list[Point], part: int, parts: int) -> list[int]:
    """The numbers of one part of a sweep: of every effect the moment before it, of each kind of effect that can be half done the half as well.

    Early points cost a whole run and late ones little, so each part has some of all; neighbours, which often leave the same disk, stay together.
    """
    first = set(distinct(points))
    numbers = [number for number, point in enumerate(points, 1) if point.moment == "before" or number in first]
    return [number for place, number in enumerate(numbers) if place // 12 % parts == part]


def unusual(name: str, folder: Path) -> list[int]:
    """The points that the ordinary run does not have."""
    usual = {point.alike for point in undisturbed("parallel", folder).points}
    points = undisturbed(name, folder).points
    return [number for number in distinct(points) if points[number - 1].alike not in usual]
