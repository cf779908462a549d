"""The state of a run in a screenful."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maestro.models.action import Progress, TaskProgress, WaveProgress
from maestro.views.cells import printable
from maestro.views.progress import duration, progress_text


def status_text(data: dict[str, Any], columns: int = 80) -> str:
    """Where it runs, how far it is, what it waits for, what to do next."""
    lines = [f"{data['track']}: {condition_words(data)}", f"{data['mode']} on branch {data['branch']} in {data['checkout']}", ""]
    waves = tuple(WaveProgress(**{**wave, "tasks": tuple(wave["tasks"])}) for wave in data["progress"]["waves"])
    progress = Progress(**{**data["progress"], "waves": waves})
    tasks = [TaskProgress(**{key: value for key, value in task.items() if key in TaskProgress.__slots__}) for task in data["tasks"]]
    lines.append(progress_text(data["track"], progress, tasks, data["phases"], columns))
    for question in data["questions"]:
        words = printable(question["text"], keep="\n")
        lines += ["", f"Question {question['id']}: {words}", f"  answers: {', '.join(option['id'] for option in question['options'])}"]
    lines += ["", f"next: {data['next']}"]
    return "\n".join(lines)


def condition_words(data: Mapping[str, Any]) -> str:
    """The state of the whole run in a few words."""
    quiet = duration(data["quiet_s"])
    return {
        "running": f"running, last event {quiet} ago",
        "waiting": f"waits for an answer since {quiet}",
        "paused": f"paused: {data['paused']}",
        "owner-gone": f"stopped {data['last_event_at'][11:16]} UTC, owner gone",
        "completed": "completed",
        "stopped": "stopped",
    }[data["condition"]]
