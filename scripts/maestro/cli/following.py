"""Watching a run: a board that redraws itself on a terminal, a line for each event elsewhere. Only reads, and takes no lock."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from maestro import clock
from maestro.cli.boundary import Interrupted
from maestro.run.home import Home
from maestro.run.status import condition
from maestro.run.watching import Sight, Watcher
from maestro.views.watch_data import watch_data

if TYPE_CHECKING:
    from rich.console import Console

INTERVAL = 0.5
"""Seconds between two looks."""

NARROWEST = 40
"""Columns for which the board can be drawn; a narrower terminal shows their left part."""

HOME, ERASE_LINE, ERASE_BELOW = "\x1b[H", "\x1b[K", "\x1b[J"
NO_WRAP, WRAP = "\x1b[?7l", "\x1b[?7h"
"""A line that turns out longer than the terminal's must not push the others down."""

ENDED = ("completed", "stopped", "paused", "owner-gone")


def follow_run(home: Home) -> None:
    """Show the run until it ends. Ctrl-C ends the watching only; raises Interrupted then.

    Who sits at a terminal may open the board first and start the run then; elsewhere nobody waits for a run that may never come.
    """
    try:
        if sys.stdout.isatty():
            _await(home)
        if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
            _board(home)
        else:
            _lines(home)
    except KeyboardInterrupt:
        raise Interrupted("interrupted", "You stopped watching; the run was not touched.") from None


def _await(home: Home) -> None:
    if Watcher(home).look() is None:
        click.echo(f"{home.track} has no run yet: waiting for one. Ctrl-C stops waiting.", err=True)
        while Watcher(home).look() is None:
            clock.pause(INTERVAL)


def _sights(home: Home) -> Iterator[Sight]:
    """What is to be seen, twice a second, until the run has ended."""
    watcher = Watcher(home)
    while (sight := watcher.look()) is not None:
        yield sight
        if condition(home, sight.state) in ENDED:
            return
        clock.pause(INTERVAL)


def _lines(home: Home) -> None:
    """What has happened so far, then what is new at each look."""
    from maestro.views.ticker import Ticker

    ticker = Ticker()
    for sight in _sights(home):
        for line in ticker.lines(sight, watch_data(home, sight)):
            click.echo(line)


def _board(home: Home) -> None:
    """The alternate screen, redrawn in whatever size the terminal has; what was there before comes back at the end."""
    from rich.console import Console

    from maestro.views.board import board

    console = Console(highlight=False)
    with console.screen():
        console.file.write(NO_WRAP)
        try:
            for sight in _sights(home):
                _show(console, board(watch_data(home, sight), max(console.width, NARROWEST), console.height))
        finally:
            console.file.write(WRAP)


def _show(console: Console, lines: Sequence[str]) -> None:
    """Draw over what is there, erasing each line first and what is left below: terminals disagree about how wide an emoji is."""
    from rich.text import Text

    with console.capture() as drawn:
        console.print(Text.from_ansi("\n".join(lines), no_wrap=True, overflow="crop"), end="")
    below = f"\n{ERASE_BELOW}" if len(lines) < console.height else ""
    console.file.write(HOME + ERASE_LINE + drawn.get().replace("\n", f"\n{ERASE_LINE}") + below)
    console.file.flush()
