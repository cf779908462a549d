"""Journals written by hand: each event with the second at which it happens, so that every share of a run's time can be known beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from maestro.models.run import Driver
from maestro.models.settings import Settings
from maestro.run.journal import Event

BEGIN = datetime(2025, 2, 19, 12, tzinfo=UTC)


def at(second: float) -> str:
    return (BEGIN + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Story:
    """A run of one phase. Tasks are named by their waves, edges as (task, needs), the way `phase-composed` has them."""

    def __init__(
        self,
        *waves: Sequence[str],
        edges: Sequence[tuple[str, ...]] = (),
        shared: Sequence[tuple[str, Sequence[str]]] = (),
        mode: str = "parallel",
        test: str | None = "make test",
        process: bool = True,
    ) -> None:
        tasks = [task for wave in waves for task in wave]
        self.events: list[Event] = []
        self.add(
            0,
            "run-created",
            run="auth-1a2b3c",
            track="auth",
            checkout="/checkout",
            base="b" * 40,
            settings=asdict(Settings(branch="main", test=test)) | {"mode": mode},
            driver=asdict(Driver("exec-1", process)),
            phases=[{"id": "1", "title": "Part 1", "tasks": [{"id": task, "title": f"Make {task}", "done": None} for task in tasks]}],
        )
        self.compose(0, waves, edges, shared)

    def compose(self, second: float, waves: Sequence[Sequence[str]], edges: Sequence[tuple[str, ...]], shared: Sequence[Any] = ()) -> None:
        self.add(second, "phase-composed", phase="1", base="b" * 40, waves=waves, **self.basis(edges, waves, shared))

    @staticmethod
    def basis(edges: Sequence[tuple[str, ...]], waves: Sequence[Sequence[str]], shared: Sequence[Any] = ()) -> dict[str, Any]:
        whole = [(*edge, *("explicit", "the text says so")[len(edge) - 2 :]) for edge in edges]
        return {"edges": whole, "scopes": {task: [] for wave in waves for task in wave}, "shared": shared}

    def add(self, second: float, name: str, **data: Any) -> Story:
        self.events.append(Event(len(self.events) + 1, at(second), name, data))
        return self

    def begin(self, second: float, task: str, attempt: int = 1) -> Story:
        return self.add(second, "task-dispatched", task=task, attempt=attempt, base="b" * 40, worktree=f"w/{task}", branch=f"w/{task}")

    def report(self, second: float, task: str, attempt: int = 1, **usage: float) -> Story:
        return self.add(second, "task-reported", task=task, attempt=attempt, report={"status": "done", "usage": usage})

    def merge(self, second: float, task: str, *paths: str, attempt: int = 1) -> Story:
        if paths:
            self.add(second, "snapshot-taken", task=task, attempt=attempt, commit="c" * 40, tree="d" * 40, paths=[(path, "modified") for path in paths])
        return self.add(second, "task-merged", task=task, attempt=attempt, sha="e" * 40)

    def fail(self, second: float, task: str, attempt: int = 1, *, final: bool = False) -> Story:
        return self.add(second, "task-failed", task=task, attempt=attempt, **{"class": "test"}, reason="red", counted=True, final=final)
