"""A run that goes on, as a drawing of its tasks shows it. Only reads."""

from __future__ import annotations

from pathlib import Path

from maestro.models.plan import Plan
from maestro.models.run import RunState
from maestro.models.schedule import Composition
from maestro.records import dataclass
from maestro.run.context import Context, load_state
from maestro.run.home import Home, find_run_checkout
from maestro.run.outlook import in_force
from maestro.run.scheduling import composed


@dataclass(frozen=True, slots=True)
class Picture:
    """The plan with the waves in force and all that the run has learned about its dependencies."""

    state: RunState
    plan: Plan
    composition: Composition


def picture(start: Path, track: str) -> Picture | None:
    """None where no run of this track is under way: before one, the plan's markers say what is done, and after it they do again.

    Raises what reading the plan raises, InvalidDocument `journal-damaged`.
    """
    home = Home(find_run_checkout(start), track)
    journal, state = load_state(home) if home.journal.exists() else (None, None)
    if journal is None or state is None or state.over:
        return None
    context = Context(home, journal, state)
    return Picture(state, context.plan, in_force(state, composed(context)))
