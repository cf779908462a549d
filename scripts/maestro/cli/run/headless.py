"""`run.py exec` and `run.py demo`: whole runs without a session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from maestro.cli.call import Call
from maestro.cli.options import dry_run, ignore_soft, track_argument, yes
from maestro.cli.reply import Reply
from maestro.cli.run.common import branch_option, door, following, no_test, notify_option, setup_option, test_option
from maestro.cli.run.start import rehearsed
from maestro.cli.screen import columns
from maestro.models.action import Action
from maestro.models.run import Driver
from maestro.models.schedule import Mode

IDLE = 1800
"""Seconds after which a worker that neither prints nor writes is taken for stuck, so that a run left alone overnight comes to an end."""


@door.verb(
    "exec", examples=[("auth --worker claude --test 'npm test' --yes", "overnight"), ("auth --worker ~/agent.sh --no-test --resume", "any program, go on")]
)
@track_argument
@click.option("--worker", required=True, metavar="CMD", help="Shell command for each task, or claude, codex, gemini, opencode.")
@click.option("--single", is_flag=True, help="One task at a time in this checkout, without worktrees.")
@test_option
@no_test
@setup_option
@branch_option
@click.option("--resume", is_flag=True, help="Go on with an unfinished run; failed tasks get fresh attempts.")
@click.option("--worker-timeout", type=float, metavar="S", help="Seconds a worker may take; no limit without it.")
@click.option("--idle-timeout", type=float, default=IDLE, metavar="S", help=f"Seconds without output and without a changed file: {IDLE}; 0: no limit.")
@click.option("--max-wait", type=float, metavar="S", help="Give up after so many seconds in which nothing happens.")
@notify_option
@ignore_soft
@yes
@dry_run
def exec_(
    call: Call,
    track: str | None,
    worker: str,
    single: bool,
    worker_timeout: float | None,
    idle_timeout: float,
    max_wait: float | None,
    dry_run: bool,
    **asked: Any,
) -> Reply:
    """Carry a whole track through without a session.

    The worker command runs in each task's worktree (so name scripts by absolute path, or by $MAESTRO_CHECKOUT), with the brief on stdin and MAESTRO_TASK,
    MAESTRO_HANDLE, MAESTRO_ATTEMPT, MAESTRO_PROMPT_FILE and MAESTRO_RESULT_FILE set. Exit 0 and a change is success. --yes takes defaults, a test and
    a set-up command that were found too, and parks what has no safe one (failures, held changes, a red base): the run then ends with exit 8.
    """
    # `asked` are the options that are called like fields of `Wish`.
    from maestro.run.executor import Orders, driver_name
    from maestro.run.headless import run_headless
    from maestro.run.presets import require_program, worker_command
    from maestro.run.prospects import Wish

    program = worker_command(worker)
    require_program(program)
    wish = Wish(track=track, mode=Mode.SINGLE if single else Mode.PARALLEL, headless=True, runtime="exec", **asked)
    wish = replace(wish, driver=Driver(driver_name(), process=True, orders=_orders(worker, wish.yes, worker_timeout, idle_timeout, max_wait)))
    if dry_run:
        return rehearsed(call, wish)
    from maestro.cli.conversation import asker, reporter, teller

    tell = teller()
    if program != worker:
        tell(f"Worker: {program}")
    orders = Orders(program, wish.yes, worker_timeout, idle_timeout or None, max_wait, ask=asker(), tell=tell, advanced=reporter(tell))
    return _ended(run_headless(call.directory, wish, orders))


def _orders(worker: str, yes: bool, worker_timeout: float | None, idle_timeout: float, max_wait: float | None) -> tuple[str, ...]:
    """What this call was given and its run does not keep: it goes into the command that goes on."""
    limits = {"--worker-timeout": worker_timeout, "--idle-timeout": None if idle_timeout == IDLE else idle_timeout, "--max-wait": max_wait}
    given = [word for option, seconds in limits.items() if seconds is not None for word in (option, f"{seconds:g}")]
    return ("--worker", worker, *(("--yes",) if yes else ()), *given)


def _ended(action: Action) -> Reply:
    """Exit 0 when the track is complete, 8 when a question is open, 1 otherwise. Its notices were told line by line; as data they stand in it all the same."""
    from maestro.errors import DecisionNeeded, Failed
    from maestro.models.action import Finished

    assert isinstance(action, Finished)
    reply = following(action, changed=False)
    code = {"completed": 0, "blocked": DecisionNeeded.exit_code}.get(action.outcome, Failed.exit_code)
    return Reply(reply.schema, reply.data, following(replace(action, notices=()), changed=False).text, reply.warnings, code)


@door.verb("demo", examples=[("", "in a temporary folder, gone afterwards"), ("--keep ~/maestro-demo", "keep the sample")])
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Make the sample there and leave it.")
def demo(call: Call, keep: Path | None) -> Reply:
    """Run a sample track from plan to merged commits."""
    from maestro.cli.conversation import reporter, teller
    from maestro.run.demo import report, run_demo
    from maestro.run.prospects import Prospect
    from maestro.views.waves import waves_text

    def show(found: Prospect) -> str:
        return waves_text(found.plan, found.composition, name=found.entry.id, columns=columns())

    tell = teller(plain=True)
    shown = run_demo(keep, tell, reporter(tell), show)
    return Reply("maestro.demo/1", shown, lambda: report(shown), exit_code=0 if shown["outcome"] == "completed" else 1)
