"""From scores to prerequisites.

To make a task wait for another means to make it wait for everything that one waits for. So a prerequisite is worth its own score plus the scores of what comes
along with it; what comes along counts less when it speaks against, since it may well be needed in a chain. Each task, in order, takes the prerequisite worth
most, until none is worth taking.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence


class Closure:
    """Who waits for whom, also through others. Tasks are numbered; sets of tasks are bits of an integer."""

    def __init__(self) -> None:
        self._behind: dict[int, int] = {}

    def behind(self, task: int) -> int:
        """All that the task waits for, as bits."""
        return self._behind.get(task, 0)

    def settle(self, task: int, needs: Collection[int]) -> None:
        """The task needs exactly these, which are settled before."""
        bits = 0
        for need in needs:
            bits |= self.with_all(need)
        self._behind[task] = bits

    def with_all(self, task: int) -> int:
        return self.behind(task) | 1 << task


def choose(scores: Mapping[int, float], given: Collection[int], closure: Closure, carried: float) -> list[int]:
    """The prerequisites of one task, besides those `given`, in the order of their worth.

    scores: log odds of each candidate; given: what the task needs anyway; carried: the share that counts of a score below zero when it only comes along
    """
    likely = sorted((candidate for candidate, score in scores.items() if score > 0), key=lambda candidate: (-scores[candidate], candidate))
    if not likely:
        return []
    taken = 0
    for need in given:
        taken |= closure.with_all(need)
    scored = sum(1 << candidate for candidate in scores)
    along = {candidate: score if score > 0 else carried * score for candidate, score in scores.items()}
    chosen: list[int] = []
    while likely:
        worth = {candidate: _worth(candidate, scores, along, closure.behind(candidate) & scored & ~taken) for candidate in likely if not taken >> candidate & 1}
        best = max(worth, key=lambda candidate: (worth[candidate], -candidate), default=None)
        if best is None or worth[best] <= 0:
            break
        chosen.append(best)
        taken |= closure.with_all(best)
        likely = [candidate for candidate in worth if candidate != best]
    return _without_implied(chosen, given, closure)


def _worth(candidate: int, scores: Mapping[int, float], along: Mapping[int, float], comes_along: int) -> float:
    worth = scores[candidate]
    while comes_along:
        lowest = comes_along & -comes_along
        worth += along[lowest.bit_length() - 1]
        comes_along ^= lowest
    return worth


def _without_implied(chosen: Sequence[int], given: Collection[int], closure: Closure) -> list[int]:
    """Leave out what another one needs anyway."""
    behind = 0
    for need in (*chosen, *given):
        behind |= closure.behind(need)
    return [need for need in chosen if not behind >> need & 1]
