"""How the doors are called from where this process was called: the literal commands that answers and briefs contain."""

from __future__ import annotations

import re
import shlex
import sys
from functools import cache
from pathlib import Path

_SPELLED = re.compile(r"`(run|worktree|tracks|plan|waves|mark|metadata|progress|beads)\.py(?= |`)")


def command(door: str, *args: str) -> str:
    """A shell command that calls a door with these arguments."""
    return " ".join([_door(door), *(shlex.quote(arg) for arg in args)])


def spell(text: str) -> str:
    """Messages name doors as `run.py next`; here they become what can be typed as it stands."""
    return _SPELLED.sub(lambda found: f"`{_door(found[1])}", text)


@cache
def _door(name: str) -> str:
    if Path(sys.argv[0]).name == "maestro":
        return f"maestro {name}"
    script = Path(__file__).resolve().parents[2] / f"{name}.py"
    return f"python3 {shlex.quote(str(script))}" if script.exists() else f"maestro {name}"
