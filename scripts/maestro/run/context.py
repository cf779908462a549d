"""What one call of the engine works with: the run's files, its state, and the documents that people read."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from maestro import clock
from maestro.documents.location import plan_path
from maestro.documents.plans import plan_of, read_plan
from maestro.errors import Locked
from maestro.git.position import position
from maestro.git.runner import Git
from maestro.models.plan import Plan
from maestro.models.run import Attempt, Handle, RunState, TaskRun
from maestro.run.commands import taking_over
from maestro.run.home import BESIDE, Home, driver_is_dead, no_run
from maestro.run.journal import Journal
from maestro.run.ours import our_paths
from maestro.run.state import apply, fold


class Context:
    """One call on one run, under the run's lock. `notices` are told to the user by this call.

    built: the candidate at which the integration worktree was left just now; None once anything may have happened in there
    leisurely: the driver will have time for what nobody waits for; see `maestro.run.leisure`
    """

    def __init__(self, home: Home, journal: Journal, state: RunState) -> None:
        self.home = home
        self.journal = journal
        self.state = state
        self.notices: list[str] = []
        self.built: str | None = None
        self.leisurely = False

    def record(self, name: str, **data: Any) -> None:
        """Journal an event and bring the state up to it."""
        self.look_again()
        apply(self.state, self.journal.append(name, data))

    def tell(self, notice: str) -> None:
        """Say something to whoever made this call, once."""
        if notice not in self.notices:
            self.notices.append(notice)

    @cached_property
    def plan(self) -> Plan:
        """The plan as its file was when this call first asked. Raises InvalidDocument as `read_plan` does."""
        path = plan_path(self.home.layout, self.state.track)
        return read_plan(path, self.home.layout.shown(path))

    def plan_of(self, text: str) -> Plan:
        """The plan of the file's text as it is now; where that is what was read, it is not read again."""
        path = plan_path(self.home.layout, self.state.track)
        known: Plan | None = self.__dict__.get("plan")
        return known if known is not None and known.text == text else plan_of(path, text, self.home.layout.shown(path))

    @cached_property
    def ours(self) -> tuple[str, ...]:
        """Prefixes of the paths that no task commits; see `maestro.run.ours`."""
        return our_paths(self.home.layout, self.state.track)

    @cached_property
    def standing(self) -> tuple[str | None, str | None]:
        """The branch and the commit that the checkout is on, looked up once until something happens. What moves the branch looks itself, right before."""
        return position(self.home.checkout)

    def look_again(self) -> None:
        """Look anew where the checkout stands: what was done meanwhile may have moved it."""
        self.__dict__.pop("standing", None)

    def forget_plan(self) -> None:
        """Read the plan again at its next use: it was edited."""
        self.__dict__.pop("plan", None)

    @property
    def git(self) -> Git:
        """Git in the user's checkout."""
        return self.home.checkout.git

    @property
    def root(self) -> Path:
        return self.home.checkout.root

    def handle(self, task: TaskRun, attempt: Attempt) -> Handle:
        return Handle(self.state.track, task.id, attempt.number)

    def worktree(self, attempt: Attempt) -> Path:
        """Where an attempt works; the checkout itself in single mode."""
        return self.root / attempt.worktree

    def keep_ref(self, handle: Handle) -> str:
        """The private ref that keeps an attempt's work from garbage collection."""
        return f"refs/maestro/{self.state.track}/{self.state.run}/{handle.slug}"


def load_state(home: Home) -> tuple[Journal, RunState | None]:
    """The journal and its fold; None when the track has no run here."""
    journal = Journal(home.journal)
    return journal, fold(journal.events())


@contextlib.contextmanager
def opened(home: Home, purpose: str) -> Iterator[Context]:
    """The run of this home under its lock. Raises NotFound `no-run`, Locked `lock-held`."""
    if not home.journal.exists():
        raise no_run(home)
    with home.locked(purpose):
        journal, state = load_state(home)
        if state is None:
            raise no_run(home)
        yield Context(home, journal, state)


def require_driver(context: Context, driver: str | None) -> None:
    """Let only the run's driver go on; one whose death is proven is replaced. A run that is over has none.

    Raises Locked `driver-other` with the age of its last sign of life.
    """
    state = context.state
    if (driver or "") == state.driver.id or state.over:
        return
    if state.driver.process and driver_is_dead(context.home):
        context.record("resumed", driver={"id": driver or "", "process": False})
        context.tell("The process that drove this run is gone; you drive it now.")
        return
    if state.driver.process:
        raise Locked("driver-other", f"`run.py exec` drives the run of {state.track} right now.", hint=BESIDE)
    age = round(clock.seconds_since(state.last_event_at))
    name = state.driver.id or "a person without --driver"
    if driver or not state.driver.id:  # who gave another id has one, and hardly forgot it
        yours = f"Give `--driver {shlex.quote(state.driver.id)}` if that is you" if state.driver.id else "Leave `--driver` out if that is you"
    else:
        yours = f"If you began it, `… --driver {shlex.quote(state.driver.id)}`"
    hint = f"{yours}. Otherwise ask the user; only if they say that one is gone: `{taking_over(state.track, driver)}`."
    raise Locked("driver-other", f"The run of {state.track} is driven by {name}, last seen {age} s ago.", hint=hint)


def beside(context: Context, driver: str | None) -> bool:
    """True when the caller is a person beside a headless run, whose word is recorded and nothing more: what follows is for its process, or the next one.

    Raises what `require_driver` raises, for everybody else who does not drive the run.
    """
    state = context.state
    if state.driver.process and not state.over and driver in (None, "", state.driver.id):
        return True
    require_driver(context, driver)
    return False
