"""`run.py`: the verbs of a run. Each module adds its verbs to the door."""

from maestro.cli.run.common import door

__all__ = ["door"]
