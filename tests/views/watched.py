"""Documents of a watcher, made by hand: what `progress.py --json` would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

STATES = ("waiting", "held", "running", "reported", "merged", "failed", "blocked", "skipped")


def document(phases: Sequence[Sequence[Mapping[str, Any]]], *, width: int = 3, **more: Any) -> dict[str, Any]:
    """A run of phases of tasks, each given as {state, title?, reason?, sha?, attempt?, files?}; `width` tasks make a wave."""
    tasks, waves, workers = [], [], []
    for number, phase in enumerate(phases, 1):
        begun = any(task["state"] != "waiting" for task in phase)
        for start in range(0, len(phase), width):
            ids = [f"{number}.{place + 1}" for place in range(start, min(start + width, len(phase)))]
            waves.append({"phase": str(number), "number": start // width + 1, "tasks": ids, "planned": not begun})
        for place, given in enumerate(phase, 1):
            busy = given["state"] in ("running", "reported")
            task = {
                "id": f"{number}.{place}",
                "title": "Do it",
                "attempt": 1,
                "sha": "",
                "since_s": 42.0 if busy else None,
                "reason": "",
                "failure": "",
                "phase": str(number),
                **given,
            }
            files = task.pop("files", [])
            if busy:
                stage = "working" if task["state"] == "running" else "being tested"
                workers.append(
                    {"handle": f"auth/{task['id']}/1", "task": task["id"], "title": task["title"], "stage": stage}
                    | {"since_s": 42.0, "quiet_s": 3.0, "files": files}
                )
            tasks.append(task)
    done = sum(task["state"] in ("merged", "skipped") for task in tasks)
    counts = {"done": done, "total": len(tasks), "skipped": sum(task["state"] == "skipped" for task in tasks)}
    return {
        "track": "auth",
        "mode": "parallel",
        "branch": "main",
        "phase": "1",
        "condition": "running",
        "quiet_s": 6.0,
        "last_event_at": "2026-01-01T10:01:00.000Z",
        "paused": None,
        "progress": counts | {"percent": 100 * done // len(tasks) if tasks else 100, "running": 0, "failed": 0},
        "phases": {str(number): f"Part {number}" for number in range(1, len(phases) + 1)},
        "tasks": tasks,
        "waves": waves,
        "workers": workers,
        "slots": {"limit": 3, "busy": sum(task["state"] == "running" for task in tasks), "why": ""},
        "forecast": [],
        "questions": [],
        "regroupings": [],
        "times": {"elapsed_s": 61.0, "over": False, "task_s": 12.0 if done else None, "measured": done, "left_s": 30.0 if done else None},
        "log": [{"at": f"2026-01-01T10:00:{second:02}.000Z", "text": f"event {second}"} for second in range(20)],
        "next": "",
        **more,
    }
