"""`run.py start`: the beginning of a run, with its waves shown first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from maestro.cli.call import Call
from maestro.cli.options import dry_run, ignore_soft, track_argument, yes
from maestro.cli.reply import Reply
from maestro.cli.run.common import branch_option, caller_of, door, driver_option, following, no_test, notify_option, setup_option, test_option
from maestro.cli.screen import columns
from maestro.errors import Usage
from maestro.models.action import Action, document
from maestro.models.run import Driver
from maestro.models.schedule import Mode

if TYPE_CHECKING:
    from maestro.run.prospects import Prospect, Wish


@door.verb("start", examples=[("auth --parallel --driver $SESSION", "a session begins"), ("auth --resume", "go on after a crash")])
@track_argument
@click.option("--parallel", is_flag=True, help="Up to three workers at once, each in a git worktree.")
@click.option("--team", is_flag=True, help="Up to three workers share this checkout; the orchestrator verifies and commits.")
@click.option("--resume", is_flag=True, help="Go on with an unfinished run; failed tasks get fresh attempts.")
@click.option("--take-over", is_flag=True, help="With --resume: take the run from another driver.")
@branch_option
@test_option
@no_test
@setup_option
@click.option("--review", type=click.Choice(["task", "wave", "phase", "none"]), help="When to offer a hygienic review.")
@driver_option
@ignore_soft
@notify_option
@click.option("--runtime", metavar="NAME", help="The agent runtime that will drive: decides what the advice may use.")
@yes
@dry_run
def start(call: Call, track: str | None, parallel: bool, team: bool, driver: str | None, dry_run: bool, **asked: Any) -> Reply:
    """Begin a run, or resume one; shows the waves first."""
    # `asked` are the options that are called like fields of `Wish`.
    from maestro.run.driving import next_action
    from maestro.run.prospects import Wish, prospect
    from maestro.run.starting import begin, last_run

    if parallel and team:
        raise Usage("usage", "--parallel and --team exclude each other.", hint="Give one of them.")
    wish = Wish(track=track, mode=Mode.TEAM if team else Mode.PARALLEL if parallel else Mode.SINGLE, **asked)
    wish = replace(wish, driver=Driver(driver or "", orders=_orders(wish)))
    last = last_run(call.directory, track) if wish.resume else None
    if last and not (parallel or team):
        wish = replace(wish, mode=last.settings.mode)
    if last and not last.over and not dry_run:
        told: list[str] = []
        home = begin(call.directory, wish, told)
        return following(next_action(home, caller_of(driver), told=told))
    if dry_run:
        return rehearsed(call, wish)
    found = prospect(call.directory, wish)
    return started(found, next_action(begin(call.directory, wish), caller_of(driver)))


def rehearsed(call: Call, wish: Wish) -> Reply:
    """`--dry-run`: what `wish` would begin with. Nothing is written."""
    from maestro.run.prospects import prospect
    from maestro.run.starting import foreseen

    found = prospect(call.directory, wish)
    return started(found, None, foreseen(found, wish))


def _orders(wish: Wish) -> tuple[str, ...]:
    """What this call was given beside its mode: it goes into the command that begins again."""
    values = {"--test": wish.test, "--setup": wish.setup, "--review": wish.review, "--notify": wish.notify, "--runtime": wish.runtime}
    flags = {"--no-test": wish.no_test, "--yes": wish.yes, "--ignore-soft": wish.ignore_soft}
    given = [word for option, value in values.items() if value is not None for word in (option, value)]
    return (*given, *(flag for flag, said in flags.items() if said))


def started(found: Prospect, action: Action | None, foreseen: Sequence[str] = ()) -> Reply:
    """The composition, then the first step; with --dry-run None, and what is foreseen of it."""
    from maestro.run.prospects import documents_of
    from maestro.schedule.advice import warnings_for
    from maestro.views.waves_data import waves_data

    warnings = () if found.headless else warnings_for(found.composition, found.settings.mode)
    composition = replace(found.composition, advice=replace(found.composition.advice, warnings=warnings))
    whole = waves_data(found.plan, composition, found.entry.id)
    read = documents_of(found)
    data = {
        "composition": {key: whole[key] for key in ("phases", "predicted", "advice", "critical_path")},
        "documents": read,
        "next": document(action) if action else None,
    }

    def text() -> str:
        from maestro.views.action import action_text
        from maestro.views.waves import start_text

        shown = start_text(found.plan, composition, found.settings.mode, name=found.entry.id, documents=read, columns=columns())
        return f"{shown}\n\n{action_text(action)}" if action else "\n".join([shown, "", *foreseen, "Nothing was changed (--dry-run)."])

    return Reply("maestro.start/1", data, text, composition.notes)
