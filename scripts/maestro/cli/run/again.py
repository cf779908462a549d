"""`run.py replay`: a task done again by another agent."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from maestro.cli.call import Call
from maestro.cli.options import track_option
from maestro.cli.reply import Reply
from maestro.cli.run.afterwards import run_option
from maestro.cli.run.common import door
from maestro.cli.screen import columns


@door.verb("replay", examples=[("1.2 --worker codex", "how would another agent do it?"), ("1.2 --worker claude --keep /tmp/again", "keep its worktree")])
@click.argument("task")
@click.option("--worker", required=True, metavar="CMD", help="Shell command, or claude, codex, gemini, opencode.")
@click.option("--test", metavar="CMD", help="Test it with this instead of the run's command.")
@click.option("--no-test", is_flag=True, help="Do not test it.")
@click.option("--worker-timeout", type=float, metavar="S", help="Seconds the worker, and then the tests, may take.")
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Make its worktree there and leave it.")
@track_option
@run_option
def replay(
    call: Call,
    task: str,
    worker: str,
    test: str | None,
    no_test: bool,
    worker_timeout: float | None,
    keep: Path | None,
    track: str | None,
    run: str | None,
) -> Reply:
    """Let another agent do a task again, and compare. It gets the same brief and base; nothing is merged.

    It works in a scratch worktree; what it leaves is kept under a private ref, and the worktree goes. Exit 1 when the worker failed or its tests are red.
    """
    from maestro.cli.conversation import teller
    from maestro.run.replaying import Wish
    from maestro.run.replaying import replay as again

    folder = (call.directory / keep) if keep is not None else None
    wish = Wish(worker, test, no_test, worker_timeout, folder, teller())
    found = again(call.directory, task, track, run, wish)

    def text() -> str:
        from maestro.views.replay import replay_text

        return replay_text(found, columns())

    return Reply("maestro.replay/1", asdict(found), text, exit_code=1 if found.exit_code or found.tests.ok is False else 0)
