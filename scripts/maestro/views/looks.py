"""How the state of a task is told apart in lists and drawings, without colour: by a sign, a word or a line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from maestro.models.plan import MARKERS, Plan, Status
from maestro.records import dataclass

if TYPE_CHECKING:
    from maestro.models.run import RunState


@dataclass(frozen=True, slots=True)
class Look:
    """How one state is drawn.

    name: the word for it, and its class in notations that have classes
    node: one character on a rail of the terminal's graph; it fills while the task advances
    sign: stands in front of a task in a list, where the state's word stands behind it; a plan's marker
    """

    name: str
    node: str
    sign: str

    @property
    def prefix(self) -> str:
        """In front of a task's caption in a drawing, where no word stands behind it: failed and blocked tasks share a sign, and most tasks are open."""
        return "" if self is OPEN else "[failed] " if self is FAILED else f"{self.sign} "


OPEN = Look("open", "○", MARKERS[Status.NEW])
RUNNING = Look("running", "◐", MARKERS[Status.PROGRESS])
DONE = Look("done", "●", MARKERS[Status.DONE])
SKIPPED = Look("skipped", "◌", MARKERS[Status.SKIPPED])
BLOCKED = Look("blocked", "⊘", MARKERS[Status.BLOCKED])
FAILED = Look("failed", "✗", MARKERS[Status.BLOCKED])

LOOKS = (OPEN, RUNNING, DONE, SKIPPED, BLOCKED, FAILED)

_OF_STATUS = {Status.NEW: OPEN, Status.PROGRESS: RUNNING, Status.DONE: DONE, Status.SKIPPED: SKIPPED, Status.BLOCKED: BLOCKED}

OF_STATE = {
    "waiting": OPEN,
    "held": OPEN,
    "running": RUNNING,
    "reported": RUNNING,
    "merged": DONE,
    "done-before": DONE,
    "failed": FAILED,
    "blocked": BLOCKED,
    "skipped": SKIPPED,
}
"""By the word that progress and reports have for a task's state. `held`: it waits although its wave has begun; `done-before`: not by this run."""


def looks_of(plan: Plan, state: RunState | None = None) -> Mapping[str, Look]:
    """The look of each task: as its run says, where there is one, else as its marker says."""
    marked = {task.id: _OF_STATUS[task.status] for task in plan.tasks}
    return marked | {task.id: OF_STATE[str(task.state)] for task in state.tasks.values()} if state else marked
