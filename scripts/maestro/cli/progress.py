"""`progress.py`: where a run stands, once or live, in the terminal or as a page."""

from __future__ import annotations

from pathlib import Path

import click

from maestro.cli.call import Call
from maestro.cli.door import verb
from maestro.cli.options import track_argument
from maestro.cli.output import TEXT_LIMIT
from maestro.cli.reply import Reply
from maestro.cli.screen import columns
from maestro.errors import NotFound, Usage

EXAMPLES = [
    ("", "once"),
    ("--follow", "live, until the run ends"),
    ("--html board.html", "as a page in a file"),
    ("--serve", "as a page that follows the run"),
    ("auth --json", "as data"),
]


@verb("progress", examples=EXAMPLES)
@track_argument
@click.option("-f", "--follow", is_flag=True, help="Keep showing it: live on a terminal, a line for each event elsewhere.")
@click.option("--html", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write it as one self-contained page.")
@click.option("--serve", is_flag=True, help="Serve that page to this machine, live, until Ctrl-C.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Port for --serve; a free one where it is not given.")
def door(call: Call, track: str | None, follow: bool, file: Path | None, serve: bool, port: int | None) -> Reply:
    """Show how far the run is: per task, per wave and overall. Reads only; any number may watch."""
    from maestro.run.finding import find_run
    from maestro.run.home import find_run_checkout, no_run
    from maestro.run.status import find_state
    from maestro.run.watching import Watcher
    from maestro.views.watch_data import watch_data

    if follow + serve + (file is not None) > 1 or (port is not None and not serve):
        raise Usage("usage", "Give one of --follow, --html and --serve; --port belongs to --serve.", hint="`progress.py --help` shows each of them.")
    home = find_state(call.directory, track)[0] if serve else find_run(find_run_checkout(call.directory), track)
    if serve:
        from maestro.cli.serving import Board
        from maestro.cli.serving import serve as serve_board

        serve_board(Board(home), port or 0)
    if follow and not call.json:
        from maestro.cli.following import follow_run

        follow_run(home)
    sight = Watcher(home).look()
    if sight is None:
        raise no_run(home)
    data = watch_data(home, sight)
    if file is not None:
        from maestro.files import replace_text
        from maestro.views.board_page import board_page

        target = call.directory / file
        if not target.parent.is_dir():
            raise NotFound("directory-missing", f"{target.parent} is no directory.", hint="Make it, or name another file.", where=str(file))
        replace_text(target, board_page(data, sight))

    def text() -> str:
        from maestro.views.board import at_work
        from maestro.views.status import status_text

        return f"wrote {file}" if file is not None else status_text(data, columns(), at_work(data, columns()), None if call.full else TEXT_LIMIT)

    return Reply("maestro.status/1", data, text)
