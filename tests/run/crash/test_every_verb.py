"""A verb or an answer that was killed in the middle has the same end when it is called again, and a recorded answer is carried out even when it is not.

An answer is a person's word: "leave it out", "stop here", "cancel". Killed between writing it down and doing it, the run must not go on as if it meant "yes".
"""

from __future__ import annotations

from pathlib import Path

import pytest

from killing import distinct
from verbs import VERBS, Bench


def report(troubles: list[str]) -> None:
    found = [trouble for trouble in troubles if trouble]
    if found:
        pytest.fail("\n\n".join(found), pytrace=False)


QUICK = (
    *("cancelling", "naming the tests", "stopping at a red base", "a branch of its own", "leaving out what was held", "trying again without what was held"),
    *("stopping at a verification", "finding an issue", "asking for tests", "taking an edited plan", "taking work back", "archiving"),
)
"""Where a lost word would do most harm."""


@pytest.mark.parametrize("name", QUICK)
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
    numbers = distinct(bench.points)
    recorded = [number for number in numbers if answered and number > answered and bench.points[number - 1].kind in ("journal", "git")]
    recorded += [answered] if answered else []
    report(list(bench.sweep(numbers, recorded)))
