"""`run.py status`: where a run stands."""

from __future__ import annotations

from maestro.cli.call import Call
from maestro.cli.options import track_argument
from maestro.cli.reply import Reply
from maestro.cli.run.common import door
from maestro.cli.screen import columns


@door.verb("status", examples=[("", "where it stands"), ("auth --json", "as data")])
@track_argument
def status(call: Call, track: str | None) -> Reply:
    """Show where the run stands. Reads only."""
    from maestro.run.commands import command
    from maestro.run.status import find_state, status_data

    home, state = find_state(call.directory, track)
    data = status_data(home, state)
    following = {"completed": "nothing", "stopped": command("run", "start", state.track), "running": command("run", "next")}
    data["next"] = following.get(data["condition"], command("run", "start", state.track, "--resume"))

    def text() -> str:
        from maestro.views.status import status_text

        return status_text(data, columns())

    return Reply("maestro.status/1", data, text)
