"""`run.py next`: the step that an agent repeats. Alone in its module, because nothing is called as often."""

from __future__ import annotations

import click

from maestro.cli.call import Call
from maestro.cli.options import track_option
from maestro.cli.reply import Reply
from maestro.cli.run.common import caller_of, door, driver_option, following, home_of


@door.verb("next", examples=[("--driver $SESSION", "what to do now"), ("--worker kraken-1", "a team worker claims one task")])
@click.option("--worker", metavar="NAME", help="Team mode: who claims a task.")
@track_option
@driver_option
def next_(call: Call, worker: str | None, track: str | None, driver: str | None) -> Reply:
    """Say what has to happen next."""
    from maestro.run.driving import claim, next_action

    if worker is not None:
        return following(claim(home_of(call, track), worker), changed=False)
    return following(next_action(home_of(call, track), caller_of(driver)), changed=False)
