"""What the text of each task comes to, so that an edit of it is noticed."""

from __future__ import annotations

import re
from pathlib import Path

from maestro.memory import remembered
from maestro.models.plan import Plan, Task

_BOX = r"^(\s*(?:[-*+]|\d+[.)])\s+)\[[^\]]?\]"


def task_digests(path: Path, plan: Plan) -> dict[str, str]:
    """By task id, of the text without what markers say: a tick is no edit. Remembered under the plan's file."""
    return remembered("digests", str(path.absolute()), (plan.path, plan.text), lambda: {task.id: _digest(task) for task in plan.tasks})


def _digest(task: Task) -> str:
    import hashlib

    lines = (re.sub(_BOX, r"\1", line.text).strip() for line in task.body)
    return hashlib.sha256("\n".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:12]
