"""Findings that are remembered: an agent asks for the waves of one plan many times, and weighing its texts takes most of the time."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from maestro.evidence.view import RepositoryView, View
from maestro.memory import remembered
from maestro.models.dependency import Dependency, Findings, ScopeEntry
from maestro.models.plan import Plan

Look = tuple[int, ...] | None
"""How a file looked: times of its content and of its entry, size, number; empty where there was none. None where that proves nothing."""

_FRESH = 2_000_000_000
"""Nanoseconds for which a change may leave a file's times as they were, as on file systems that count in whole seconds."""


class _Witness(RepositoryView):
    """Notes how each file looked before it was read."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.seen: dict[str, Look] = {}

    def read(self, path: str) -> str | None:
        look = _look(self.root / path)
        self.seen[path] = None if look and time.time_ns() - look[0] < _FRESH else look
        return super().read(path)


def find_dependencies(
    plan: Plan,
    view: View | None,
    *,
    real_scopes: Mapping[str, tuple[ScopeEntry, ...]] | None = None,
    discovered: Sequence[Dependency] = (),
) -> Findings:
    """As `detect.detect`, from memory where neither the plan nor anything else that was looked at has changed since."""
    if not isinstance(view, RepositoryView):
        return _detect(plan, view, real_scopes, discovered)
    root = view.root
    witness = _Witness(root)

    def make() -> tuple[dict[str, Look], Findings]:
        found = _detect(plan, witness, real_scopes, discovered)
        return witness.seen, found

    def holds(result: tuple[dict[str, Look], Findings]) -> bool:
        return all(look is not None and look == _look(root / path) for path, look in result[0].items())

    facts = (plan.path, plan.dialect, plan.text, dict(real_scopes or {}), tuple(discovered), _tracked(witness), _installed())
    return remembered("findings", f"{root}/{plan.path}", facts, make, holds=holds)[1]


def _detect(plan: Plan, view: View | None, real_scopes: Mapping[str, tuple[ScopeEntry, ...]] | None, discovered: Sequence[Dependency]) -> Findings:
    from maestro.evidence.detect import detect

    return detect(plan, view, real_scopes=real_scopes, discovered=discovered)


def _tracked(view: RepositoryView) -> object:
    """What stands for the tracked files: git's index, which is a new file after every change, or else their names."""
    return _look(view.root / ".git" / "index") or sorted(view.files())


def _installed() -> object:
    """What else decides: the table of weights, and whether the code of other languages than Python can be read."""
    from importlib.util import find_spec

    table = os.environ.get("MAESTRO_WEIGHTS")
    return table and (table, _look(Path(table))), find_spec("ast_grep_py") is not None


def _look(path: Path) -> tuple[int, ...]:
    try:
        about = path.stat()
    except OSError:
        return ()
    return about.st_mtime_ns, about.st_ctime_ns, about.st_size, about.st_ino
