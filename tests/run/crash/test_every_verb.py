"""A verb or an answer that was killed in the middle has the same end when it is called again, and a recorded answer is carried out even when it is not.

An answer is a person's word: "leave it out", "stop here", "cancel". Killed between writing it down and doing it, the run must not go on as if it meant "yes".
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from crashing import Point, Seam, in_order, points_in
from headless import Ended, hurry, in_child
from verbs import VERBS, Seen, Verb, World, go_on, repeat, see


def in_world(world: World, verb: Verb, end_at: int | None) -> Ended:
    def work() -> None:
        hurry()
        in_order()
        Seam(world.root, world.root.with_name("points"), end_at)
        verb.call(world)

    return in_child(work, world.root.with_name("log"))


def points_of(world: World) -> list[Point]:
    return points_in(world.root.with_name("points"))


def differences(wanted: Seen, found: Seen) -> Iterator[str]:
    for entry in fields(Seen):
        if getattr(wanted, entry.name) != getattr(found, entry.name):
            yield f"  {entry.name}\n    wanted {getattr(wanted, entry.name)}\n    found  {getattr(found, entry.name)}"


class Bench:
    """One verb in a world that is put back to its beginning before each try."""

    def __init__(self, name: str, folder: Path) -> None:
        self.verb = VERBS[name]
        self.world = self.verb.prepare(folder / "project")
        self.saved = folder / "saved"
        shutil.copytree(self.world.root, self.saved, symlinks=True)
        ended = in_world(self.world, self.verb, None)
        assert ended.code == 0, ended.said
        self.points = points_of(self.world)
        go_on(self.world)
        self.wanted = see(self.world)

    def put_back(self) -> None:
        shutil.rmtree(self.world.root)
        shutil.copytree(self.saved, self.world.root, symlinks=True)

    def trouble(self, end_at: int, again: bool) -> str:
        """`again`: the verb is repeated; otherwise the run just goes on."""
        self.put_back()
        ended = in_world(self.world, self.verb, end_at)
        assert ended.killed, ended.said
        try:
            if again:
                repeat(self.world, self.verb)
            else:
                go_on(self.world)
        except Exception as error:
            return f"killed at {self.points[end_at - 1]}, {'repeated' if again else 'gone on'}: {error!r}"
        found = list(differences(self.wanted, see(self.world)))
        return f"killed at {self.points[end_at - 1]}, {'repeated' if again else 'gone on'}\n" + "\n".join(found) if found else ""

    def after_the_answer(self) -> int | None:
        """The number of the first point at which a recorded answer has not been carried out."""
        return next((number + 1 for number, point in enumerate(self.points, 1) if point.about == "question-answered" and point.moment == "torn"), None)


def report(troubles: list[str]) -> None:
    found = [trouble for trouble in troubles if trouble]
    if found:
        pytest.fail("\n\n".join(found), pytrace=False)


@pytest.mark.parametrize("name", VERBS)
def test_killed_halfway(name: str, tmp_path: Path) -> None:
    """One point of each: right after a recorded answer, or in the middle."""
    bench = Bench(name, tmp_path)
    answered = bench.after_the_answer()
    report([bench.trouble(answered, again=False) if answered else bench.trouble((len(bench.points) + 1) // 2, again=True)])


@pytest.mark.slow
@pytest.mark.parametrize("name", VERBS)
def test_killed_anywhere(name: str, tmp_path: Path) -> None:
    bench = Bench(name, tmp_path)
    answered = bench.after_the_answer()
    numbers = range(1, len(bench.points) + 1)
    troubles = [bench.trouble(number, again=True) for number in numbers]
    report(troubles + [bench.trouble(number, again=False) for number in numbers if answered and number >= answered])
