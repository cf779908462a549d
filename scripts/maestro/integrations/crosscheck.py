"""Asks bv, where it exists, what could start now, only to report where it differs: its tracks are no waves, and what they mean changed between versions."""

from __future__ import annotations

from maestro.integrations.backend import Backend
from maestro.integrations.calls import run
from maestro.integrations.issues import Epic
from maestro.integrations.programs import Program, find_program
from maestro.records import dataclass

_LIMIT = 60.0
"""Seconds: bv analyses the whole graph."""


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """Tasks of the epic that only bv (`only_bv`) or only we (`only_ours`) would start now; `trouble` where it did not answer."""

    program: str
    only_bv: tuple[str, ...] = ()
    only_ours: tuple[str, ...] = ()
    trouble: str = ""


def cross_check(backend: Backend, epic: Epic) -> CrossCheck | None:
    """None without bv. It is never called without a `--robot-` option: it would open a screen and wait."""
    program = find_program("bv")
    if not isinstance(program, Program) or not backend.folder.is_dir():
        return None
    answer = run(program, ("--robot-plan",), backend.root, backend.folder, _LIMIT)
    plan = next((document["plan"] for document in answer.documents if isinstance(document, dict) and isinstance(document.get("plan"), dict)), None)
    if plan is None:
        return CrossCheck(program.path, trouble=answer.error or "no plan in its answer")
    offered = {str(item.get("id")) for track in plan.get("tracks") or () for item in track.get("items") or ()}
    mine = {task.issue.id for task in epic.tasks}
    ready = {task.issue.id for task in epic.tasks if task.ready or task.issue.status == "in_progress"}
    return CrossCheck(program.path, tuple(sorted((offered & mine) - ready)), tuple(sorted(ready - offered)))
