"""`run.py`: the verbs of a run. Each module adds its verbs to the door."""

from maestro.cli.run import afterwards, driver, headless, looking, start, worker
from maestro.cli.run.common import door

ORDER = (
    "start",
    "next",
    "merge",
    "done",
    "fail",
    "answer",
    "verify",
    "complete",
    "status",
    "report",
    "review",
    "retry",
    "skip",
    "discover",
    "undo",
    "pause",
    "abort",
    "doctor",
    "exec",
    "demo",
)
"""As a run meets them, for the help."""

door.commands = {name: door.commands[name] for name in sorted(door.commands, key=ORDER.index)}

__all__ = ["afterwards", "door", "driver", "headless", "looking", "start", "worker"]
