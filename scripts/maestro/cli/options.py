"""Options that mean the same everywhere."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from maestro.cli.call import Call
from maestro.errors import NotFound, Usage

Function = TypeVar("Function", bound=Callable[..., Any])


def common(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`, `--full` and `-C/--directory`, kept in the `Call` that the function gets as its first argument."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(_call(click.get_current_context()), *args, **kwargs)

    _after_own_parameters(
        wrapper,
        click.option("-C", "--directory", metavar="DIR", expose_value=False, callback=_set_directory, help="Work as if called in DIR."),
        click.option("--full", is_flag=True, expose_value=False, callback=_set_full, help="Do not shorten the text."),
        click.option("--json", is_flag=True, expose_value=False, callback=_set_json, help="One JSON object on stdout."),
    )
    return wrapper


def track_option(function: Function) -> Function:
    """`--track`: id, part of an id or description, or the path of a plan. The function gets `track`, None where it was not given."""
    return click.option("--track", metavar="TRACK", help="Id, part of id or description, or a plan's path.")(function)


def track_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    """TRACK as an argument, with `--track` for names that look like verbs. The function gets `track`, None where it was not given."""

    @functools.wraps(function)
    def wrapper(*args: Any, track_argument: str | None, track: str | None, **kwargs: Any) -> Any:
        if track is not None and track_argument is not None and track != track_argument:
            raise Usage("usage", f"Two tracks were given: {track_argument} and {track}.", hint="Name one of them.")
        return function(*args, track=track if track is not None else track_argument, **kwargs)

    return track_option(click.argument("track_argument", metavar="[TRACK]", required=False)(wrapper))


def dry_run(function: Function) -> Function:
    """`--dry-run`: the same reply, nothing written. The function gets `dry_run`."""
    return click.option("-n", "--dry-run", is_flag=True, help="Say what would happen and change nothing.")(function)


def ignore_soft(function: Function) -> Function:
    """`--ignore-soft`: the schedule without soft dependencies. The function gets `ignore_soft`."""
    return click.option("--ignore-soft", is_flag=True, help="Leave out soft dependencies.")(function)


def yes(function: Function) -> Function:
    """`--yes`: take the defaults written in each question. The function gets `yes`."""
    return click.option("-y", "--yes", is_flag=True, help="Take the default answer of every question.")(function)


def _after_own_parameters(function: Any, *decorators: Callable[[Any], Any]) -> None:
    """Let options stand last in the help. click lists a function's parameters in the reverse order of their making."""
    own = list(getattr(function, "__click_params__", []))
    function.__click_params__ = []
    for decorate in decorators:
        decorate(function)
    function.__click_params__ += own


def _call(ctx: click.Context) -> Call:
    return ctx.ensure_object(Call)


def _set_json(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    _call(ctx).json = value


def _set_full(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    _call(ctx).full = value


def _set_directory(ctx: click.Context, _: click.Parameter, value: str | None) -> None:
    call = _call(ctx)
    if value is not None:
        call.directory = call.directory / value
        if not call.directory.is_dir():
            raise NotFound("directory-missing", f"{value} is no directory.", hint="Check the path.", where=value)
        call.directory = Path(call.directory).resolve()
