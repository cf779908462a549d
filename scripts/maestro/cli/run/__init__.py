"""`run.py`: the verbs of a run. Each module adds its verbs to the door."""

from maestro.cli.run import afterwards, again, driver, headless, looking, start, worker
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
    "replay",
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

__all__ = ["afterwards", "again", "door", "driver", "headless", "looking", "start", "worker"]
