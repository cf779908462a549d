"""What a watcher sees, as `progress.py --json` gives it: the board and the page are made of nothing else."""

from __future__ import annotations

from typing import Any

from maestro import clock
from maestro.models.schedule import Mode
from maestro.run.commands import command, next_call
from maestro.run.home import Home
from maestro.run.status import status_data
from maestro.run.watching import Sight
from maestro.views.chronicle import chronicle

LOG = 50
"""Events that the document tells; the journal has all."""


def watch_data(home: Home, sight: Sight) -> dict[str, Any]:
    """The status of the run, and beside it who works on what, what is forecast, and how long it will take."""
    state, outlook = sight.state, sight.outlook
    status = status_data(home, state)
    rests = status["condition"] not in ("running", "waiting")
    return status | {
        "slots": {"limit": 1 if state.settings.mode is Mode.SINGLE else state.slots, "busy": len(state.running()), "why": state.slots_why},
        "workers": [
            {
                "handle": worker.handle,
                "task": worker.task,
                "title": worker.title,
                "stage": worker.stage,
                "since_s": worker.since_s,
                "quiet_s": worker.quiet_s,
                "files": list(worker.files),
            }
            for worker in sight.workers
        ],
        "forecast": [{"pair": [clash.a, clash.b], "files": list(clash.files)} for clash in sight.forecast],
        "waves": [
            {"phase": phase, "number": number, "tasks": list(wave), "planned": not state.phases[phase].composed}
            for phase, waves in outlook.waves.items()
            for number, wave in enumerate(waves, 1)
        ],
        "times": {
            "elapsed_s": round(clock.seconds_between(state.started_at, state.last_event_at if rests else clock.now()), 1),
            "task_s": outlook.task_s,
            "measured": outlook.measured,
            "over": state.over,
            "left_s": None if state.over else outlook.left_s,
        },
        "log": chronicle(sight.events, LOG),
        "next": command("run", "report", state.track) if state.over else next_call(state, status["condition"]),
    }
