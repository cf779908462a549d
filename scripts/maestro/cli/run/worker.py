"""The verbs of workers, who name their attempt by its handle."""

from __future__ import annotations

import click

from maestro.cli.call import Call
from maestro.cli.options import track_option
from maestro.cli.reply import Reply
from maestro.cli.run.common import caller_of, door, driver_option, following
from maestro.errors import Usage
from maestro.models.run import FailureClass, Handle
from maestro.models.schedule import Mode

CLASSES = [str(kind) for kind in FailureClass if kind is not FailureClass.INTERRUPTED]
"""What can be said of a worker that failed. That one was interrupted only the driver that ended it knows."""


@door.verb("done", examples=[("auth/1.1/1", "by the worker"), ("auth/1.1/1 --no-change 'was done in 1.0'", "nothing to do")])
@click.argument("handle")
@click.option("--summary", metavar="TEXT", help="What was done, in a sentence or two; goes into the commit.")
@click.option("--no-change", metavar="REASON", help="There was nothing to change, and why.")
@driver_option
def done(call: Call, handle: str, summary: str | None, no_change: str | None, driver: str | None) -> Reply:
    """Report an attempt as finished. For its driver (`--driver`) it is merged at once, and what comes next is said."""
    from maestro.run import workers

    parsed = Handle.parse(handle)
    _require(call, parsed, driver)
    notices = workers.done(call.directory, parsed, no_change=no_change, summary=summary, by_driver=driver is not None)
    return _reported(call, parsed, notices, "Recorded. Your part is finished: stop here.", driver)


@door.verb("fail", examples=[("auth/1.1/1 --reason 'the API is gone' --class dependency", "by the worker"), ("auth/1.1/1 --reason lost", "by the driver")])
@click.argument("handle")
@click.option("--reason", required=True, metavar="TEXT", help="What happened; `lost` for a worker that is gone.")
@click.option(
    "--class",
    "failure",
    type=click.Choice(CLASSES),
    default="worker",
    help="How the triage sorts it.",
)
@driver_option
def fail(call: Call, handle: str, reason: str, failure: str, driver: str | None) -> Reply:
    """Report an attempt as failed. Its driver (`--driver`) is told what comes next."""
    from maestro.run import workers

    parsed = Handle.parse(handle)
    _require(call, parsed, driver, lost=FailureClass.LOST in (failure, reason.strip()))
    notices = workers.fail(call.directory, parsed, reason, FailureClass(failure))
    return _reported(call, parsed, notices, "Recorded. Its worker stops here; the driver goes on with `run.py next`.", driver)


def _require(call: Call, handle: Handle, driver: str | None, *, lost: bool = False) -> None:
    """Refuse whoever says that it drives the run and does not, before anything is recorded. That a worker is `lost` only its driver can say."""
    if driver is not None or lost:
        from maestro.run.driving import require
        from maestro.run.workers import home_of

        require(home_of(call.directory, handle), caller_of(driver))


def _reported(call: Call, handle: Handle, notices: list[str], words: str, driver: str | None) -> Reply:
    """A worker's receipt; to the driver, who in single mode is the worker too, what comes next."""
    from maestro.run.commands import spell
    from maestro.run.status import find_state
    from maestro.run.workers import home_of

    home = home_of(call.directory, handle)
    _, state = find_state(call.directory, handle.track)
    if driver is not None or state.settings.mode is Mode.SINGLE:
        from maestro.run.driving import MERGE, next_action

        return following(next_action(home, caller_of(driver if driver is not None else state.driver.id), MERGE, told=notices))
    return Reply("maestro.receipt/1", {"handle": str(handle), "notices": notices}, lambda: spell("\n".join([*notices, words])))


@door.verb("discover", examples=[("1.4 --path src/app.py", "a file nobody expected"), ("1.4 --needs 1.2", "a prerequisite")])
@click.argument("task")
@click.option("--path", metavar="PATH", help="A path that the task touches.")
@click.option("--access", type=click.Choice(["create", "modify", "delete", "rename", "read"]), default="modify", help="How it touches it.")
@click.option("--needs", metavar="TASK", help="A task that it needs.")
@click.option("--by", default="the driver", metavar="WHO", help="Who found it.")
@track_option
def discover(call: Call, task: str, path: str | None, access: str, needs: str | None, by: str, track: str | None) -> Reply:
    """Record a path or prerequisite that the plan does not name."""
    from maestro.run import workers

    if path is None and needs is None:
        raise Usage("usage", "Say what was found.", hint="Give `--path PATH` or `--needs TASK`.")
    notices = workers.discover(call.directory, task, track, path=path, access=access, needs=needs, by=by)
    return Reply("maestro.receipt/1", {"task": task, "notices": notices}, lambda: "\n".join(notices))
