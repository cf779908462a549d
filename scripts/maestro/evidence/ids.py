"""From the way a text names a task to the task's id. Exact: `1.1` is never `1.10`, and a name that could mean two tasks means none."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property, lru_cache

from maestro.models.plan import Phase, Plan
from maestro.patterns import pattern

Key = tuple[str, tuple[int, ...], str]
"""Letters, numbers and letter suffix of an id: `T002a` is ("t", (2,), "a"), `1.1` is ("", (1, 1), "")."""

_NUMBERED = pattern(r"([A-Za-z]*)[-_]?(\d+(?:\.\d+)*)([a-z]?)")
_GENERIC = frozenset({"", "t", "u", "wp", "task", "unit"})
"""Prefixes by which texts call the tasks of any plan: `U1`, `T1` and `WP01` can all stand for task 1."""


@lru_cache(maxsize=4096)
def _key(name: str) -> Key | None:
    match = _NUMBERED.fullmatch(name)
    if match is None:
        return None
    return match[1].casefold(), tuple(int(number) for number in match[2].split(".")), match[3]


class TaskIds:
    """All ids of a plan, ready to be looked up by the names that texts use for them."""

    def __init__(self, plan: Plan) -> None:
        self.ordered = [task.id for task in plan.tasks]
        self.place = {task: place for place, task in enumerate(self.ordered)}
        self._phases: dict[str, Phase] = {}
        for phase in plan.phases:
            for name in (phase.id.casefold(), phase.id.casefold().removeprefix("phase").strip()):
                self._phases.setdefault(name, phase)
        self._keys = {task: key for task in self.ordered if (key := _key(task)) is not None}
        self._exact = {task.casefold(): task for task in self.ordered}
        self._numbered: dict[tuple[tuple[int, ...], str], list[tuple[str, str]]] = defaultdict(list)
        self.unusual: frozenset[str] = frozenset(task.casefold() for task in self.ordered if task not in self._keys)
        """Ids that are not made of a number, such as `auth-login` or `bd-7x.2`: found in texts by their whole spelling only."""
        for task, key in self._keys.items():
            self._numbered[key[1:]].append((key[0], task))

    def find(self, name: str) -> str | None:
        """The task that `name` means: its id in any case, or its number with a generic prefix or leading zeros."""
        if (exact := self._exact.get(name.casefold())) is not None:
            return exact
        if (key := _key(name)) is None:
            return None
        candidates = self._numbered.get(key[1:], [])
        same = [task for prefix, task in candidates if prefix == key[0]]
        if not same and key[0] in _GENERIC:
            same = [task for prefix, task in candidates if prefix in _GENERIC or key[0] == ""]
        return same[0] if len(same) == 1 else None

    def looks_like_one(self, name: str) -> bool:
        """Whether a bare name has the shape of this plan's ids, so that not finding it is a broken reference and not another kind of number."""
        key = _key(name)
        if key is None:
            return False
        shape = (key[0], min(len(key[1]), 2), bool(key[2]))
        return shape in self._shapes

    @cached_property
    def only_generic(self) -> bool:
        """Whether texts write letters before the numbers of this plan's tasks only as they do for any plan."""
        return all(key[0] in _GENERIC for key in self._keys.values())

    @cached_property
    def _shapes(self) -> frozenset[tuple[str, int, bool]]:
        return frozenset((key[0], min(len(key[1]), 2), bool(key[2])) for key in self._keys.values())

    def between(self, first: str, last: str) -> list[str]:
        """The tasks of the range `first`-`last`: by number where the ids count up in one series, else by the plan's order."""
        low, high = self._keys.get(first), self._keys.get(last)
        if low and high and low[0] == high[0] and low[1][:-1] == high[1][:-1] and low[1] <= high[1]:
            return [task for task, key in self._keys.items() if key[0] == low[0] and key[1][:-1] == low[1][:-1] and low[1:] <= key[1:] <= high[1:]]
        start, end = self.place[first], self.place[last]
        return self.ordered[start : end + 1] if start <= end else [first, last]

    def phase(self, name: str) -> Phase | None:
        """The phase that a text calls "Phase `name`"."""
        return self._phases.get(name.casefold())
