"""The list of doors. Each is loaded only when it is called."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from maestro import __version__

DOORS = {
    "tracks": "List, select, make and adopt tracks.",
    "plan": "Show a plan as maestro reads it, and check it.",
    "waves": "Show waves, dependencies with their evidence, and the advised mode.",
    "mark": "Set the marker of a task.",
    "metadata": "Show, change and check a track's metadata.json.",
    "run": "Execute a track: start, next, done, status and the other verbs of a run.",
    "worktree": "Create, join, check, forecast, merge and clean workers' worktrees.",
    "progress": "Show where a run stands.",
    "beads": "Look at and change the issue tracker beside a plan.",
}


def load(name: str) -> click.Command:
    """The command of a door."""
    door = import_module(f"maestro.cli.{name}").door
    assert isinstance(door, click.Command)
    return door


class AllDoors(click.Group):
    """`maestro DOOR ...`: the same doors under one name."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args or ["--help"])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(DOORS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return load(name) if name in DOORS else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in DOORS:
            import difflib

            near = difflib.get_close_matches(args[0], DOORS, n=1, cutoff=0.5)
            says = f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(DOORS)}."
            raise click.UsageError(f"No such door: {args[0]}. {says}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Doors"):
            formatter.write_dl(list(DOORS.items()))


def all_doors() -> click.Command:
    """The command `maestro`."""
    group = AllDoors(
        "maestro",
        help="Turns a written plan into merged, tested commits.",
        epilog="`maestro DOOR --help` shows a door's verbs, examples and exit codes.",
        subcommand_metavar="DOOR ...",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    python = ".".join(map(str, sys.version_info[:3]))
    return click.version_option(__version__, "--version", prog_name="maestro", message=f"%(prog)s %(version)s (Python {python})")(group)
