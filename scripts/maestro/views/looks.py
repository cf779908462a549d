"""How the state of a task is told apart in drawings, without colour: by a sign, a word or a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from maestro.models.plan import Plan, Status
from maestro.records import dataclass

if TYPE_CHECKING:
    from maestro.models.run import RunState


@dataclass(frozen=True, slots=True)
class Look:
    """How one state is drawn.

    name: the word for it, and its class in notations that have classes
    node: one character on a rail of the terminal's graph; it fills while the task advances
    sign: stands in front of a task's caption, empty for tasks that are still open
    """

    name: str
    node: str
    sign: str


OPEN = Look("open", "○", "")
RUNNING = Look("running", "◐", "[~] ")
DONE = Look("done", "●", "[x] ")
SKIPPED = Look("skipped", "◌", "[-] ")
BLOCKED = Look("blocked", "⊘", "[!] ")
FAILED = Look("failed", "✗", "[failed] ")

LOOKS = (OPEN, RUNNING, DONE, SKIPPED, BLOCKED, FAILED)

_OF_STATUS = {Status.NEW: OPEN, Status.PROGRESS: RUNNING, Status.DONE: DONE, Status.SKIPPED: SKIPPED, Status.BLOCKED: BLOCKED}

_OF_STATE = {
    "waiting": OPEN,
    "running": RUNNING,
    "reported": RUNNING,
    "merged": DONE,
    "failed": FAILED,
    "blocked": BLOCKED,
    "skipped": SKIPPED,
}


def looks_of(plan: Plan, state: RunState | None = None) -> Mapping[str, Look]:
    """The look of each task: as its run says, where there is one, else as its marker says."""
    marked = {task.id: _OF_STATUS[task.status] for task in plan.tasks}
    return marked | {task.id: _OF_STATE[str(task.state)] for task in state.tasks.values()} if state else marked
