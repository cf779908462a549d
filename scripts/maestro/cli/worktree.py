"""`worktree.py`: what workers call, and the worktrees of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from maestro.cli.call import Call
from maestro.cli.door import Door
from maestro.cli.options import dry_run, track_option
from maestro.cli.reply import Reply
from maestro.models.run import Handle

if TYPE_CHECKING:
    from maestro.run.workers import Checked

door = Door(
    "worktree",
    help="Workers' worktrees: join one, check the work in it, see and clean them.",
    default=None,
    examples=[("attach auth/1.1/1", "a worker's first call: prints its brief"), ("check auth/1.1/1", "run the tests there"), ("list", "what exists")],
)


@door.verb("create", examples=[("1.3", "hand one task out now, before its turn in the round")])
@click.argument("task")
@track_option
@click.option("--driver", metavar="ID", help="Who drives the run: a session's id.")
def create(call: Call, task: str, track: str | None, driver: str | None) -> Reply:
    """Make the worktree of one task that may start now. Prints how its worker joins it."""
    from maestro.cli.run.common import caller_of, home_of
    from maestro.run import driving
    from maestro.run.commands import command

    handle, path = driving.hand_out(home_of(call, track), caller_of(driver), task)
    attach = command("worktree", "attach", str(handle))
    return Reply("maestro.worktree/1", {"handle": str(handle), "path": str(path), "attach": attach}, lambda: f"{path}\nattach: {attach}")


@door.verb("attach", examples=[("auth/1.1/1", "prints the brief"), ("auth/1.1/1 --again", "once more, for the worker that has it")])
@click.argument("handle")
@click.option("--again", is_flag=True, help="You attached before and need the brief once more.")
def attach(call: Call, handle: str, again: bool) -> Reply:
    """Join a task as its worker; prints the complete brief."""
    from maestro.run import workers

    text = workers.attach(call.directory, Handle.parse(handle), again=again)
    return Reply("maestro.brief/1", {"handle": handle, "brief": text}, lambda: text)


@door.verb("check", examples=[("auth/1.1/1", "red or green, recorded")])
@click.argument("handle")
def check(call: Call, handle: str) -> Reply:
    """Run the tests in a worker's worktree and record red or green."""
    from maestro.run import workers

    result = workers.check(call.directory, Handle.parse(handle))
    named = {"others": list(result.others), "yours": list(result.yours), "suspects": result.suspects}
    data = {"handle": handle, "ok": result.ok, "tail": result.tail, "log": result.log, **named}
    return Reply("maestro.check/1", data, lambda: _checked(result, call.directory), exit_code=1 if result.ok is False else 0)


def _checked(result: Checked, directory: Path) -> str:
    """Of a green run the last line says enough; of a red one the worker needs what went wrong, and where all of it is."""
    if result.ok:
        lines = [line.strip() for line in result.tail.splitlines() if line.strip()]
        return f"GREEN: {lines[-1][:200]}" if lines else "GREEN"
    word = "STILL RUNNING: repeat the command to collect the result" if result.ok is None else "RED"
    log = Path(result.log)
    more = f" (whole output: {log.relative_to(directory) if log.is_relative_to(directory) else log})" if result.cut else ""
    yours = f"Of your files it names {', '.join(result.yours)}." if result.yours else "It names none of your files."
    others = f"\nRed there, but not yours: {', '.join(result.others)}. {yours}" if result.others else ""
    why = f"\n{result.suspects}" if result.suspects else ""
    return f"{result.tail}\n{word}{more}{others}{why}".lstrip()


@door.verb("list", examples=[("", "worktrees of the active run")])
@track_option
def list_(call: Call, track: str | None) -> Reply:
    """List the run's worktrees. Reads only."""
    from maestro.run.status import find_state, status_data

    home, state = find_state(call.directory, track)
    rows = status_data(home, state)["worktrees"]
    lines = [f"{row['task']}  {row['path']}  {row['branch']}" for row in rows]
    return Reply("maestro.worktrees/1", {"track": state.track, "worktrees": rows}, lambda: "\n".join(lines) or "No worktrees.")


@door.verb("forecast", examples=[("", "which running tasks would conflict")])
@track_option
def forecast(call: Call, track: str | None) -> Reply:
    """Merge running worktrees on trial, with each other and with HEAD. Uncommitted work counts. Touches nothing."""
    from maestro.git.checkout import head
    from maestro.git.forecast import forecast as look
    from maestro.run.status import find_state

    home, state = find_state(call.directory, track)
    running = {
        task.id: (home.checkout.root / task.attempts[-1].worktree, task.attempts[-1].base)
        for task in state.tasks.values()
        if task.attempts and not task.attempts[-1].outcome
    }
    running = {task: (path, base) for task, (path, base) in running.items() if path != home.checkout.root and path.exists()}
    tip = head(home.checkout.git) or ""
    clashes = [{"pair": [clash.a, clash.b], "files": list(clash.files)} for clash in look(home.checkout, running, tip)] if running else []
    lines = [f"{row['pair'][0]} and {row['pair'][1]} conflict in {', '.join(row['files'])}" for row in clashes]
    return Reply(
        "maestro.forecast/1",
        {"track": state.track, "running": sorted(running), "clashes": clashes},
        lambda: "\n".join(lines) or f"{len(running)} running, no conflict in sight.",
    )


@door.verb("merge", examples=[("", "the same as `run.py merge`")])
@track_option
@click.option("--driver", metavar="ID", help="Who drives the run: a session's id.")
def merge(call: Call, track: str | None, driver: str | None) -> Reply:
    """Merge the finished tasks, tested one by one."""
    from maestro.cli.run.common import caller_of, following, home_of
    from maestro.run import driving

    return following(driving.merge(home_of(call, track), caller_of(driver)))


@door.verb("clean", examples=[("", "remove what is merged or kept"), ("--dry-run", "say what would go")])
@track_option
@dry_run
def clean(call: Call, track: str | None, dry_run: bool) -> Reply:
    """Remove worktrees and branches whose work is merged or kept. What holds other work stays."""
    from maestro.run.completion import clean_up, leftovers
    from maestro.run.context import opened
    from maestro.run.finding import find_run
    from maestro.run.home import find_run_checkout

    home = find_run(find_run_checkout(call.directory), track)
    with opened(home, "cleaning worktrees") as context:
        attempts = [attempt for task in context.state.tasks.values() for attempt in task.attempts if attempt.outcome and not attempt.cleaned]
        settled = [attempt.worktree for attempt in attempts if attempt.worktree != "."]  # which is the checkout, where tasks share it
        if not dry_run:
            clean_up(context)
        left = list(leftovers(context))
        notices = list(context.notices)
    verb = "Would remove" if dry_run else "Removed"
    lines = [*notices, *(f"{verb} {path}" for path in settled), *(f"Kept: {entry}" for entry in left)]
    return Reply("maestro.clean/1", {"removed": settled, "left": left, "notices": notices}, lambda: "\n".join(lines) or "Nothing to clean.")
