"""Watching a run: a board that redraws itself on a terminal, a line for each change elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator

import click

from maestro.cli.screen import columns
from maestro.models.run import RunState
from maestro.run.home import Home
from maestro.run.journal import Journal
from maestro.run.state import fold
from maestro.run.status import condition, status_data

INTERVAL = 0.5
"""Seconds between two looks at the journal."""

ENDED = ("completed", "stopped", "paused", "owner-gone")


def follow_run(home: Home, *, live: bool) -> None:
    """Show the run until it ends or the reader stops it with Ctrl-C."""
    if live:
        _board(home)
    else:
        _lines(home)


def _states(home: Home) -> Iterator[RunState]:
    """The state after each change, until the run has ended."""
    seen = -1
    while True:
        state = fold(Journal(home.journal).events())
        if state is None:
            return
        if state.events != seen:
            seen = state.events
            yield state
        if condition(home, state) in ENDED:
            return
        time.sleep(INTERVAL)


def _lines(home: Home) -> None:
    from maestro.run.progress import progress_of, tasks_of
    from maestro.views.progress import progress_line

    known: dict[str, str] = {}
    for state in _states(home):
        for task in tasks_of(state):
            if known.get(task.id, "waiting") != task.state:
                about = f" {task.sha}" if task.sha else f" ({task.reason})" if task.reason else ""
                click.echo(f"{task.id} {task.state}{about} · {progress_line(state.track, progress_of(state), None, None)}")
            known[task.id] = task.state


def _board(home: Home) -> None:
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from maestro.views.status import status_text

    def draw() -> Text:
        state = fold(Journal(home.journal).events())
        assert state is not None
        return Text.from_ansi(status_text(status_data(home, state) | {"next": "Ctrl-C stops watching, not the run"}, columns()))

    with Live(draw(), console=Console(), refresh_per_second=2, screen=False, get_renderable=draw):
        for _ in _states(home):
            pass
