"""The door `run.py`, and what its verbs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from maestro.cli.call import Call
from maestro.cli.door import Door
from maestro.cli.reply import Reply

if TYPE_CHECKING:
    from maestro.models.action import Action
    from maestro.run.driving import Caller
    from maestro.run.home import Home

_MODULES = {
    "start": "start",
    "next": "step",
    "merge": "driver",
    "done": "worker",
    "fail": "worker",
    "answer": "driver",
    "verify": "driver",
    "complete": "driver",
    "status": "looking",
    "report": "afterwards",
    "review": "afterwards",
    "replay": "again",
    "retry": "driver",
    "skip": "driver",
    "discover": "worker",
    "undo": "driver",
    "pause": "driver",
    "abort": "driver",
    "doctor": "looking",
    "exec": "headless",
    "demo": "headless",
}
"""Verbs in the order in which a run meets them, for the help, and the module of each."""

door = Door(
    "run",
    help="Execute a track. The loop: `next`, do what it says, report, repeat. Its verbs exit 0 whatever comes next, a question too; `exec` exits 8 at one.",
    default=None,
    examples=[
        ("start auth --parallel", "begin, then do what it says"),
        ("exec auth --worker claude --test 'make test' --yes", "a whole track without a session"),
        ("status", "where it stands"),
        ("demo", "see it work on a sample"),
    ],
    modules={verb: f"maestro.cli.run.{module}" for verb, module in _MODULES.items()},
)

driver_option = click.option("--driver", metavar="ID", help="Who drives the run: a session's id.")
test_option = click.option("--test", metavar="CMD", help="The command that must pass before anything reaches the branch.")
no_test = click.option("--no-test", is_flag=True, help="Merge untested; the report says so.")
setup_option = click.option("--setup", metavar="CMD", help="Prepares each worktree (installs dependencies).")
branch_option = click.option("--branch", metavar="B", help="Commit to this branch (made when missing); `here` for the current one.")
notify_option = click.option("--notify", metavar="CMD", help="Runs on a question, a pause and the end, with MAESTRO_EVENT, MAESTRO_SUMMARY and more set.")


def caller_of(driver: str | None) -> Caller:
    from maestro.run.driving import Caller

    return Caller(driver)


def home_of(call: Call, track: str | None) -> Home:
    """The run that a call is about: TRACK's, the active one, or the newest here."""
    from maestro.run.finding import find_run
    from maestro.run.home import find_run_checkout

    return find_run(find_run_checkout(call.directory), track)


def following(action: Action, *, changed: bool = True) -> Reply:
    """The action as the whole document (`next`), or below `next` where the verb changed something."""

    def text() -> str:
        from maestro.views.action import action_text

        return action_text(action)

    from maestro.models.action import document

    data = document(action)
    return Reply("maestro.run/1", {"next": data}, text) if changed else Reply("maestro.next/1", data, text)
