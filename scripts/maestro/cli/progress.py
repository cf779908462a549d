"""`progress.py`: where a run stands, once or live."""

from __future__ import annotations

import click

from maestro.cli.call import Call
from maestro.cli.door import verb
from maestro.cli.options import track_argument
from maestro.cli.reply import Reply
from maestro.cli.screen import columns


@verb("progress", examples=[("", "once"), ("--follow", "live, until the run ends"), ("auth --json", "as data")])
@track_argument
@click.option("-f", "--follow", is_flag=True, help="Keep showing it: live on a terminal, a line for each event elsewhere.")
def door(call: Call, track: str | None, follow: bool) -> Reply:
    """Show how far the run is: per task, per wave and overall. Reads only; any number may watch."""
    from maestro.run.commands import command
    from maestro.run.status import find_state
    from maestro.run.watching import Watcher
    from maestro.views.watch_data import watch_data

    home, _ = find_state(call.directory, track)
    if follow and not call.json:
        from maestro.cli.following import follow_run

        follow_run(home)
    sight = Watcher(home).look()
    assert sight is not None
    data = watch_data(home, sight, command("run", "status", home.track))

    def text() -> str:
        from maestro.views.status import status_text

        return status_text(data, columns())

    return Reply("maestro.status/1", data, text)
