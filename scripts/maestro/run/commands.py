"""How the doors are called from where this process was called: the literal commands that answers and briefs contain."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from maestro.models.run import RunState

_CALL = "`…"
"""In a hint, the call that was refused: `… --driver s1` is that call with one option more."""

CALL_LIMIT = 300
"""Characters of a call that is repeated in a hint; a longer one, which carries a text of the caller's, stays `…`."""

_SPELLED = re.compile(r"`(run|worktree|tracks|plan|waves|mark|metadata|progress|beads)\.py(?= |`)")


def command(door: str, *args: str) -> str:
    """A shell command that calls a door with these arguments."""
    return " ".join([_door(door), *(shlex.quote(arg) for arg in args)])


def going_on(state: RunState) -> str:
    """The shell command that goes on with this run, or begins a new one where it is over, as that was begun. A headless one goes on as it was called."""
    again = () if state.over else ("--resume",)
    if not state.driver.process:
        mode = (f"--{state.settings.mode}",) if state.over and state.settings.mode != "single" else ()
        driver = ("--driver", state.driver.id) if state.driver.id else ()
        return command("run", "start", state.track, *mode, *again, *(state.driver.orders if state.over else ()), *driver)
    settings, orders = state.settings, state.driver.orders
    if not orders:
        workers = [attempt.worker for task in state.tasks.values() for attempt in task.attempts if attempt.worker]
        orders = ("--worker", workers[-1] if workers else "CMD", *(("--yes",) if settings.yes else ()))
    if state.over:
        orders += (("--test", settings.test) if settings.test else ("--no-test",)) + (("--single",) if settings.mode == "single" else ())
    return command("run", "exec", state.track, *orders, *again)


def next_call(state: RunState, condition: str) -> str:
    """What somebody who looks calls next: for a headless run that has stopped `exec` again, as it was called; while it lives, the board."""
    if condition == "completed":
        return "nothing"
    if condition not in ("running", "waiting"):
        return going_on(state)
    if state.driver.process:
        return command("progress", state.track, "--follow")
    return command("run", "next", *(("--driver", state.driver.id) if state.driver.id else ()))


def taking_over(track: str, driver: str | None, runtime: str | None = None) -> str:
    """The shell command with which another session takes a run over."""
    said = (word for option, value in (("--driver", driver), ("--runtime", runtime)) if value for word in (option, value))
    return command("run", "start", track, "--resume", "--take-over", *said)


def driven(state: RunState, verb: str, *args: str) -> str:
    """A command of the run's own driver."""
    driver = state.driver
    return command("run", verb, *args, *(("--driver", driver.id) if driver.id and not driver.process else ()))


def spell(text: str) -> str:
    """Messages name doors as `run.py next`; here they become what can be typed as it stands."""
    return _SPELLED.sub(lambda found: f"`{_door(found[1])}", text)


def repeated(text: str, door: str, arguments: Sequence[str]) -> str:
    """A hint with the refused call in place of its `…`, so that it can be repeated with what it lacked."""
    call = command(door, *arguments)
    return text.replace(_CALL, f"`{call}") if len(call) <= CALL_LIMIT else text


def as_typed(words: str) -> str:
    """A command as data names it, `run.py next`, as it can be typed here."""
    return spell(f"`{words}`")[1:-1]


def text_at(name: str) -> str:
    """Where a text of `reference/` lies, so that it can be opened from any folder; its name where the package came without its texts."""
    path = Path(__file__).resolve().parents[3] / "reference" / f"{name}.md"
    return str(path) if path.exists() else f"reference/{name}.md"


@cache
def _door(name: str) -> str:
    if Path(sys.argv[0]).name == "maestro":
        return f"maestro {name}"
    script = Path(__file__).resolve().parents[2] / f"{name}.py"
    return f"python3 {shlex.quote(str(script))}" if script.exists() else f"maestro {name}"
