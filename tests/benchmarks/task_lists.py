"""Real task lists with the dependencies their authors declared, and how well found dependencies fit them.

The lists are no part of this repository. `MAESTRO_CORPUS` names the folder with one JSON file per list: `{source, repo, tasks: [{id, title, description, files,
files_from, phase?}], depends: [[task, prerequisite], …]}`.
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from maestro.documents.plans import parse_plan
from maestro.models.plan import Plan

PARTIAL = frozenset({"spec-kit", "track-level"})
"""Sources whose authors declare only some of their dependencies: not scored."""

BY_PHASE = frozenset({"gsd", "ralph"})
"""Sources whose declarations are complete only within a phase."""

Pair = tuple[str, str]
"""(task, prerequisite)"""


def corpus() -> Path | None:
    """The folder with the lists: as the environment says, or where it lies beside the checkout; None where there is none."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "truth"
    folder = Path(os.environ["MAESTRO_CORPUS"]) if "MAESTRO_CORPUS" in os.environ else beside
    return folder if folder.is_dir() else None


@dataclass(frozen=True)
class TaskList:
    """One list. Pairs are of one phase where only those were declared completely."""

    name: str
    data: dict[str, Any]

    @property
    def repository(self) -> str:
        return str(self.data["repo"])

    @property
    def source(self) -> str:
        return str(self.data["source"])

    @cached_property
    def ids(self) -> list[str]:
        return [str(task["id"]) for task in self.data["tasks"]]

    @cached_property
    def plan(self) -> Plan:
        """The list as it is handed to maestro: what the author declared is cut out."""
        tasks = [
            {key: task[key] for key in ("id", "title", "description")} | ({"files": task["files"]} if task.get("files_from") == "declared" else {})
            for task in self.data["tasks"]
        ]
        return parse_plan(json.dumps({"tasks": tasks}, ensure_ascii=False), self.name, "neutral")

    @cached_property
    def wanted(self) -> set[Pair]:
        """Everything that is ordered by what the author declared."""
        return {pair for pair in closure(self._declared) if self._counts(pair)}

    @cached_property
    def direct(self) -> set[Pair]:
        return {pair for pair in self._declared if self._counts(pair)}

    @cached_property
    def independent(self) -> set[Pair]:
        """Pairs, the later task first, that the author left unordered."""
        pairs = ((later, earlier) for place, later in enumerate(self.ids) for earlier in self.ids[:place])
        return {pair for pair in pairs if self._counts(pair) and pair not in self.wanted and pair[::-1] not in self.wanted}

    @cached_property
    def _declared(self) -> set[Pair]:
        return {(str(task), str(need)) for task, need in self.data["depends"]}

    @cached_property
    def _phases(self) -> dict[str, Any]:
        by_phase = self.source in BY_PHASE
        return {str(task["id"]): task.get("phase") if by_phase else None for task in self.data["tasks"]}

    def _counts(self, pair: Pair) -> bool:
        task, need = pair
        return task in self._phases and need in self._phases and self._phases[task] == self._phases[need]


def read_lists(folder: Path) -> list[TaskList]:
    """All lists that can be scored."""
    lists = [TaskList(file.name, json.loads(file.read_text(encoding="utf-8"))) for file in sorted(folder.glob("*.json"))]
    return [one for one in lists if one.source not in PARTIAL]


def closure(edges: Iterable[Pair]) -> set[Pair]:
    """All pairs that a chain of edges leads to."""
    needs: dict[str, set[str]] = defaultdict(set)
    for task, need in edges:
        needs[task].add(need)
    pairs: set[Pair] = set()
    for start in list(needs):
        seen: set[str] = set()
        stack = list(needs[start])
        while stack:
            step = stack.pop()
            if step not in seen:
                seen.add(step)
                stack.extend(needs.get(step, ()))
        pairs |= {(start, step) for step in seen if step != start}
    return pairs


@dataclass(frozen=True, slots=True)
class Score:
    """safety: share of the declared dependencies that are claimed; freedom: share of the independent pairs left unordered. None without any such pair."""

    safety: float | None
    freedom: float | None


def score(one: TaskList, edges: Iterable[Pair]) -> Score:
    claimed = closure(edges)
    independent = [pair not in claimed and pair[::-1] not in claimed for pair in one.independent]
    return Score(_mean([pair in claimed for pair in one.direct]), _mean(independent))


def balance(scores: Iterable[Score]) -> tuple[float, float, float]:
    """Mean safety and mean freedom over the lists that have both, and their harmonic mean, that one first."""
    both = [(one.safety, one.freedom) for one in scores if one.safety is not None and one.freedom is not None]
    safety, freedom = (sum(column) / len(both) for column in zip(*both, strict=True))
    return (2 * safety * freedom / (safety + freedom) if safety + freedom else 0.0), safety, freedom


def _mean(values: list[bool]) -> float | None:
    return sum(values) / len(values) if values else None
