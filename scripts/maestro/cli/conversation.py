"""Talking to a person while a long command runs: lines on stderr, and questions only at a terminal."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable

import click

from maestro import clock
from maestro.models.run import Question, RunState


def teller(*, plain: bool = False) -> Callable[[str], None]:
    """Prints progress lines to stderr at once, with the time of day (UTC) unless `plain`."""

    def tell(line: str) -> None:
        from maestro.run.commands import spell

        stamp = "" if plain else f"{clock.time_of_day(clock.now())} "
        with contextlib.suppress(OSError):  # the terminal was closed, or who read the pipe has ended: the run goes on, and `run.py status` tells all of it
            for number, part in enumerate(spell(line).splitlines() or [""]):
                click.echo(f"{stamp if number == 0 else ' ' * len(stamp)}{part}", err=True)

    return tell


def reporter(tell: Callable[[str], None]) -> Callable[[RunState], None]:
    """Tells the progress line whenever another task is finished."""
    last = -1

    def advanced(state: RunState) -> None:
        from maestro.run.progress import progress_of
        from maestro.views.line import open_wave
        from maestro.views.progress import progress_line

        nonlocal last
        progress = progress_of(state)
        if progress.done != last and state.begun:
            tell(progress_line(state.track, progress, state.phase, open_wave(progress, state.phase)))
            last = progress.done

    return advanced


def asker() -> Callable[[Question], tuple[str, str] | None] | None:
    """Asks a person; None where nobody sits at a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(question: Question) -> tuple[str, str] | None:
        from maestro.cli.screen import columns
        from maestro.run.questions import words_with
        from maestro.views.status import question_lines

        click.echo("\n".join(["", *question_lines(question, columns())]), err=True)
        known = click.Choice([*(option.id for option in question.options), "later"])
        try:
            choice = click.prompt("Answer", type=known, default=question.default or "later", err=True)
            if choice == "later":
                return None
            wanted = words_with(question.kind, choice)
            words = click.prompt("In your words", default="" if wanted == "welcome" else None, show_default=False, err=True) if wanted else ""
        except click.Abort:  # Ctrl-C, and Ctrl-D too: whoever drives the run ends it in good order
            click.echo(err=True)
            raise KeyboardInterrupt from None
        return choice, words

    return ask
