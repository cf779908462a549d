"""What a driver does while it waits for workers and tests, so that nobody waits for it later: it takes the work that is merged next, removes what merged tasks
no longer need, and makes the worktrees of those that start next. In a large repository the files of a worktree cost more than all else.

The journal says nothing of what is made ahead. It has its attempt's name and is locked as unfinished, so that dispatching goes on with it, and whoever clears
up after a killed call knows what it is. No worker was ever in there.
"""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

from maestro import clock
from maestro.errors import MaestroError
from maestro.git.leftovers import is_transient
from maestro.git.listing import list_worktrees
from maestro.git.removal import remove_worktree
from maestro.git.rubbish import empty_rubbish, rubbish
from maestro.git.worktrees import Begun, begin_worktree
from maestro.models.run import TaskRun, TaskState
from maestro.models.schedule import SLOTS, Mode
from maestro.run.cleaning import clean_attempt
from maestro.run.collecting import is_begun, unmerged
from maestro.run.context import Context
from maestro.run.forecasting import merge_order
from maestro.run.jobs import start_beside
from maestro.run.scheduling import current_wave
from maestro.run.spares import hand_on, has_room, merged, place_of, surplus
from maestro.run.taking import take

if TYPE_CHECKING:
    from subprocess import Popen

SETTLED = 2.0
"""Seconds after which git can trust the times of the files that it wrote."""


class Leisure:
    """What one driver has done so far of this. Nothing is lost where it dies: the next one finds it.

    filling: the worktree whose files are being written beside the run
    """

    def __init__(self) -> None:
        self._cleaned: set[tuple[str, int]] = set()
        self._made: dict[Path, float] = {}
        self.filling: Begun | None = None
        self._given_up = False
        self._removing: Popen[bytes] | None = None
        self._tried: set[Path] = set()

    def step(self, context: Context) -> bool:
        """Do one thing. False where there is nothing to do."""
        self._empty(context)
        if _take_next(context):
            return True
        for task, attempt in surplus(context):
            if (task.id, attempt.number) not in self._cleaned:
                self._cleaned.add((task.id, attempt.number))
                clean_attempt(context, task, attempt)
                return True
        if self.filling is not None:
            return self._settle(self.filling)
        return not self._given_up and has_room(context.root) and self._make(context)

    def _empty(self, context: Context) -> None:
        """Let a process beside this one remove what lies in the rubbish. What it cannot remove is left to the end."""
        if (self._removing is None or self._removing.poll() is not None) and (left := set(rubbish(context.home.checkout)) - self._tried):
            self._tried |= left
            self._removing = start_beside("rm", "-rf", "--", *map(str, left))

    @property
    def due(self) -> bool:
        """Whether the files of a worktree have just been written, so that there is something to do."""
        return self.filling is not None and not self.filling.running

    def _settle(self, filled: Begun) -> bool:
        """Look at a worktree when its files are written. False where git is still at it."""
        if filled.running:
            return False
        self.filling = None
        try:
            self._given_up = not filled.settle()
        except MaestroError:
            self._given_up = True
        self._made[filled.worktree.root] = clock.monotonic()
        return True

    def _make(self, context: Context) -> bool:
        """Begin with one worktree, or let git note the times in one that has settled."""
        tip = context.standing[1]
        assert tip is not None
        for task in _next_tasks(context):
            path, branch = place_of(context, task, len(task.attempts) + 1)
            if clock.monotonic() - self._made.get(path, -math.inf) < SETTLED:
                continue
            try:
                handed = hand_on(context, path, tip, branch)
                begun = None if handed else begin_worktree(context.home.checkout, path, tip, branch)
            except MaestroError:
                handed, begun = False, None  # whatever is wrong, dispatching says it
            self._given_up = not handed and begun is None
            self._made[path] = math.inf if path in self._made else clock.monotonic()
            self.filling = begun if begun and begun.process else None
            return True
        return False

    def stop(self) -> None:
        """Whoever drives goes: nothing is written any more."""
        if self.filling is not None:
            self.filling.stop()
            self.filling = None


def _take_next(context: Context) -> bool:
    """While one task's work is tested, take that of the one that is merged next."""
    waiting = unmerged(context)
    if context.state.settings.mode is not Mode.PARALLEL or not waiting or not is_begun(waiting[0]) or any(map(is_begun, waiting[1:])):
        return False
    for task in merge_order(context, waiting[1:])[:1]:
        if task.attempt is not None:
            take(context, task, task.attempt)
            return True
    return False


def leave(context: Context) -> None:
    """Do what is left to do, and undo what was made ahead, when a driver goes. What somebody put a file into stays, and is listed as left over."""
    for task, attempt in merged(context):
        clean_attempt(context, task, attempt)
    clear_ahead(context)


def clear_ahead(context: Context) -> None:
    """Remove the worktrees that were made ahead."""
    folder = context.home.worktrees(context.state.run)
    for entry in list_worktrees(context.git) if folder.is_dir() else ():
        if entry.path.parent == folder and is_transient(entry):
            with contextlib.suppress(MaestroError):
                remove_worktree(context.home.checkout, entry.path, kept_tree=None, base=entry.head or "")
    empty_rubbish(context.home.checkout)


def _next_tasks(context: Context) -> list[TaskRun]:
    """As many as there are slots of those that come next: the rest of the wave that runs, then the one after it."""
    state = context.state
    phase = next((phase for phase in state.phases.values() if not phase.verified), None)
    if state.settings.mode is not Mode.PARALLEL or state.paused is not None or phase is None or not phase.composed:
        return []
    wave = current_wave(context, phase)
    if wave is None or any(task.state is TaskState.FAILED for task in wave[1]):
        return []
    following = [state.tasks[task] for found in phase.waves[wave[0] : wave[0] + 1] for task in found if task in state.tasks]
    waiting = [task for task in (*wave[1], *following) if task.state is TaskState.WAITING and not task.held]
    return waiting[: min(SLOTS, state.slots)]
