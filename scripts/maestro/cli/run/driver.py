"""The verbs of a run's driver: each changes the run and ends with what comes next."""

from __future__ import annotations

from collections.abc import Callable

import click

from maestro.cli.call import Call
from maestro.cli.options import track_option
from maestro.cli.reply import Reply
from maestro.cli.run.common import caller_of, door, driver_option, following, home_of


def _driven(name: str, says: str) -> Callable[..., Reply]:
    """A verb without arguments of its own."""

    @track_option
    @driver_option
    def run(call: Call, track: str | None, driver: str | None) -> Reply:
        from maestro.run import driving

        return following(getattr(driving, name)(home_of(call, track), caller_of(driver)))

    run.__doc__ = says
    return run


door.verb("merge", examples=[("", "merge what is reported, then say what is next")])(_driven("merge", "Merge the finished tasks, tested one by one."))
door.verb("verify", examples=[("", "run the phase's full tests and ask")])(_driven("verify", "Verify the current phase."))
door.verb("abort", examples=[("--track auth", "end the run; unmerged branches stay")])(_driven("abort", "End the run; unmerged work is kept."))


@door.verb("answer", examples=[("start start", "answer a question"), ("verify-1-1 issue --text 'login is broken'", "with words")])
@click.argument("question")
@click.argument("option")
@click.option("--text", default="", metavar="T", help="Words that the answer needs.")
@track_option
@driver_option
def answer(call: Call, question: str, option: str, text: str, track: str | None, driver: str | None) -> Reply:
    """Answer a question of the run."""
    from maestro.run import driving

    return following(driving.answer(home_of(call, track), caller_of(driver), question, option, text))


@door.verb("retry", examples=[("auth/1.2/3", "another attempt"), ("auth/1.2/3 --fresh --text 'use the v2 API'", "from scratch, with a hint")])
@click.argument("handle")
@click.option("--fresh", is_flag=True, help="Start from scratch instead of from the last attempt's work.")
@click.option("--text", default="", metavar="T", help="Words for the next worker.")
@driver_option
def retry(call: Call, handle: str, fresh: bool, text: str, driver: str | None) -> Reply:
    """Give a task another attempt."""
    from maestro.models.run import Handle
    from maestro.run import driving
    from maestro.run.workers import home_of

    parsed = Handle.parse(handle)
    return following(driving.retry(home_of(call.directory, parsed), caller_of(driver), parsed, fresh=fresh, note=text))


@door.verb("skip", examples=[("1.3 --reason 'done by hand'", "settle a task without its work")])
@click.argument("task")
@click.option("--reason", required=True, metavar="T", help="Why.")
@track_option
@driver_option
def skip(call: Call, task: str, reason: str, track: str | None, driver: str | None) -> Reply:
    """Settle a task without its work; what needs it may start."""
    from maestro.run import driving

    return following(driving.skip(home_of(call, track), caller_of(driver), task, reason))


@door.verb("undo", examples=[("1.2", "revert one task"), ("wave 2", "a wave of the current phase"), ("phase 1", "a whole phase")])
@click.argument("what", nargs=-1, required=True, metavar="TASK | wave N | phase N")
@track_option
@driver_option
def undo(call: Call, what: tuple[str, ...], track: str | None, driver: str | None) -> Reply:
    """Revert what a task, wave or phase committed. Only when nothing merged rests on it and the tests are green without it."""
    from maestro.run import driving
    from maestro.run.commands import command, going_on
    from maestro.run.context import load_state

    home = home_of(call, track)
    tasks, commit, notices = driving.undo(home, caller_of(driver), what)
    state = load_state(home)[1]
    following_command = going_on(state) if commit and state else command("run", "undo", *what)
    data = {"tasks": tasks, "commit": commit, "notices": notices, "next": following_command}
    done = f"Taken back: {', '.join(tasks)} (newest revert {commit[:7]}). {'It is' if len(tasks) == 1 else 'They are'} open again."
    lines = [*notices, done if commit else "Nothing is taken back yet: the tests of what is left still run.", f"then: {following_command}"]
    return Reply("maestro.undo/1", data, lambda: "\n".join(lines))


@door.verb("complete", examples=[("", "mark the track complete and clean up"), ("--cleanup archive", "and archive its folder")])
@click.option("--cleanup", type=click.Choice(["keep", "review", "archive", "delete"]), help="What happens to the track's folder.")
@click.option("--confirm-delete", is_flag=True, help="With --cleanup delete: the second confirmation.")
@click.option("--skills", metavar="TEXT", help="How much the matched skills helped; kept in metadata.json.")
@track_option
@driver_option
def complete(call: Call, cleanup: str | None, confirm_delete: bool, skills: str | None, track: str | None, driver: str | None) -> Reply:
    """Complete the track."""
    from maestro.run import driving

    return following(driving.complete(home_of(call, track), caller_of(driver), cleanup, confirmed=confirm_delete, skills=skills))


@door.verb("pause", examples=[("--reason 'back on Monday'", "stop handing out work")])
@click.option("--reason", default="paused by hand", metavar="TEXT", help="Why.")
@track_option
@driver_option
def pause(call: Call, reason: str, track: str | None, driver: str | None) -> Reply:
    """Stop handing out work until `start --resume`."""
    from maestro.run import driving

    return following(driving.pause(home_of(call, track), caller_of(driver), reason))
