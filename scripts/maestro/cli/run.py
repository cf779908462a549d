"""`run.py`: the verbs of a run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from maestro.cli.call import Call
from maestro.cli.door import Door
from maestro.cli.options import dry_run, track_argument, track_option, yes
from maestro.cli.reply import Reply
from maestro.cli.screen import columns
from maestro.errors import Usage
from maestro.models.action import Action, document
from maestro.models.run import Driver, FailureClass, Handle
from maestro.models.schedule import Mode

door = Door(
    "run",
    help="Execute a track. The loop: `next`, do what it says, report, repeat.",
    default=None,
    examples=[
        ("start auth --parallel", "begin, then do what it says"),
        ("exec auth --worker claude --test 'make test' --yes", "a whole track without a session"),
        ("status", "where it stands"),
        ("demo", "see it work on a sample"),
    ],
)

driver_option = click.option("--driver", metavar="ID", help="Who drives the run: a session's id.")
test_option = click.option("--test", metavar="CMD", help="The command that must pass before anything reaches the branch.")
no_test = click.option("--no-test", is_flag=True, help="Merge untested; the report says so.")
setup_option = click.option("--setup", metavar="CMD", help="Prepares each worktree (installs dependencies).")
branch_option = click.option("--branch", metavar="B", help="Commit to this branch (made when missing); `here` for the current one.")
ignore_soft = click.option("--ignore-soft", is_flag=True, help="Schedule without the dependencies that were only weighed.")


def _caller(driver: str | None):  # type: ignore[no-untyped-def]
    from maestro.run.driving import Caller

    return Caller(driver)


def _home(call: Call, track: str | None):  # type: ignore[no-untyped-def]
    from maestro.run.home import find_run_checkout
    from maestro.run.starting import find_track

    return find_track(find_run_checkout(call.directory), track)[0]


def _reply(action: Action, *, changed: bool = True) -> Reply:
    """The action as the whole document (`next`), or below `next` where the verb changed something."""

    def text() -> str:
        from maestro.views.action import action_text

        return action_text(action)

    data = document(action)
    return Reply("maestro.action/1", {"next": data} if changed else data, text)


@door.verb("start", examples=[("auth --parallel --driver $SESSION", "a session begins"), ("auth --resume", "go on after a crash")])
@track_argument
@click.option("--parallel", is_flag=True, help="Up to three workers at once, each in a git worktree.")
@click.option("--resume", is_flag=True, help="Go on with an unfinished run; failed tasks get fresh attempts.")
@click.option("--take-over", is_flag=True, help="With --resume: take the run from another driver.")
@branch_option
@test_option
@no_test
@setup_option
@click.option("--review", type=click.Choice(["task", "wave", "phase", "none"]), help="When to offer a hygienic review.")
@driver_option
@ignore_soft
@click.option("--runtime", metavar="NAME", help="The agent runtime that will drive: decides what the advice may use.")
@yes
@dry_run
def start(
    call: Call,
    track: str | None,
    parallel: bool,
    resume: bool,
    take_over: bool,
    branch: str | None,
    test: str | None,
    no_test: bool,
    setup: str | None,
    review: str | None,
    driver: str | None,
    ignore_soft: bool,
    runtime: str | None,
    yes: bool,
    dry_run: bool,
) -> Reply:
    """Begin a run, or resume one; shows the waves first."""
    from maestro.run.driving import next_action
    from maestro.run.starting import Wish, begin, prospect

    wish = Wish(
        track=track,
        mode=Mode.PARALLEL if parallel else Mode.SINGLE,
        resume=resume,
        branch=branch,
        test=test,
        no_test=no_test,
        setup=setup,
        review=review,
        driver=Driver(driver or ""),
        take_over=take_over,
        yes=yes,
        ignore_soft=ignore_soft,
        runtime=runtime,
    )
    if resume and not dry_run:
        return _reply(next_action(begin(call.directory, wish), _caller(driver)))
    found = prospect(call.directory, wish)
    home = None if dry_run else begin(call.directory, wish)
    action = next_action(home, _caller(driver)) if home else None
    return _started(found, action)


def _started(found, action: Action | None) -> Reply:  # type: ignore[no-untyped-def]
    """The composition, then the first step (None with --dry-run)."""
    from maestro.views.waves_data import waves_data

    composition = found.composition
    whole = waves_data(found.plan, composition, found.entry.id)
    data = {"composition": {key: whole[key] for key in ("phases", "predicted", "advice", "critical_path")}, "next": document(action) if action else None}

    def text() -> str:
        from maestro.views.action import action_text
        from maestro.views.waves import waves_text

        shown = waves_text(found.plan, composition, name=found.entry.id, columns=columns(), limit=6000)
        return f"{shown}\n\n{action_text(action)}" if action else f"{shown}\n\nNothing was changed (--dry-run)."

    return Reply("maestro.start/1", data, text, composition.notes)


@door.verb("next", examples=[("--driver $SESSION", "what to do now")])
@track_option
@driver_option
def next_(call: Call, track: str | None, driver: str | None) -> Reply:
    """Say what has to happen next."""
    from maestro.run.driving import next_action

    return _reply(next_action(_home(call, track), _caller(driver)), changed=False)


def _driven(name: str, says: str) -> Callable[..., Reply]:
    """A verb without arguments of its own."""

    @track_option
    @driver_option
    def run(call: Call, track: str | None, driver: str | None) -> Reply:
        from maestro.run import driving

        return _reply(getattr(driving, name)(_home(call, track), _caller(driver)))

    run.__doc__ = says
    return run


door.verb("merge", examples=[("", "merge what is reported, then say what is next")])(_driven("merge", "Merge the finished tasks, tested one by one."))
door.verb("verify", examples=[("", "run the phase's full tests and ask")])(_driven("verify", "Verify the current phase."))
door.verb("abort", examples=[("--track auth", "end the run; unmerged branches stay")])(_driven("abort", "End the run; unmerged work is kept."))


@door.verb("done", examples=[("auth/1.1/1", "by the worker"), ("auth/1.1/1 --no-change 'was done in 1.0'", "nothing to do")])
@click.argument("handle")
@click.option("--summary", metavar="TEXT", help="What was done, in a sentence or two; goes into the commit.")
@click.option("--no-change", metavar="REASON", help="There was nothing to change, and why.")
def done(call: Call, handle: str, summary: str | None, no_change: str | None) -> Reply:
    """Report an attempt as finished."""
    from maestro.run import workers

    parsed = Handle.parse(handle)
    notices = workers.done(call.directory, parsed, no_change=no_change, summary=summary)
    return _reported(call, parsed, notices, "Recorded. Your part is finished: stop here.")


@door.verb("fail", examples=[("auth/1.1/1 --reason 'the API is gone' --class dependency", "by the worker"), ("auth/1.1/1 --reason lost", "by the driver")])
@click.argument("handle")
@click.option("--reason", required=True, metavar="TEXT", help="What happened; `lost` for a worker that is gone.")
@click.option("--class", "failure", type=click.Choice([str(kind) for kind in FailureClass]), default="worker", help="How the triage sorts it.")
def fail(call: Call, handle: str, reason: str, failure: str) -> Reply:
    """Report an attempt as failed."""
    from maestro.run import workers

    parsed = Handle.parse(handle)
    notices = workers.fail(call.directory, parsed, reason, FailureClass(failure))
    return _reported(call, parsed, notices, "Recorded.")


def _reported(call: Call, handle: Handle, notices: list[str], words: str) -> Reply:
    """A worker's receipt; in single mode, where worker and driver are one, what comes next."""
    from maestro.run.driving import merge
    from maestro.run.status import find_state
    from maestro.run.workers import home_of

    home = home_of(call.directory, handle)
    _, state = find_state(call.directory, handle.track)
    if state.settings.mode is Mode.SINGLE:
        return _reply(merge(home, _caller(state.driver.id)))
    return Reply("maestro.receipt/1", {"handle": str(handle), "notices": notices}, lambda: "\n".join([*notices, words]))


@door.verb("answer", examples=[("start start", "answer a question"), ("verify-1-1 issue --text 'login is broken'", "with words")])
@click.argument("question")
@click.argument("option")
@click.option("--text", default="", metavar="T", help="Words that the answer needs.")
@track_option
@driver_option
def answer(call: Call, question: str, option: str, text: str, track: str | None, driver: str | None) -> Reply:
    """Answer a question of the run."""
    from maestro.run import driving

    return _reply(driving.answer(_home(call, track), _caller(driver), question, option, text))


@door.verb("retry", examples=[("auth/1.2/3", "another attempt"), ("auth/1.2/3 --fresh --text 'use the v2 API'", "from scratch, with a hint")])
@click.argument("handle")
@click.option("--fresh", is_flag=True, help="Start from scratch instead of from the last attempt's work.")
@click.option("--text", default="", metavar="T", help="Words for the next worker.")
@driver_option
def retry(call: Call, handle: str, fresh: bool, text: str, driver: str | None) -> Reply:
    """Give a task another attempt."""
    from maestro.run import driving
    from maestro.run.workers import home_of

    parsed = Handle.parse(handle)
    return _reply(driving.retry(home_of(call.directory, parsed), _caller(driver), parsed, fresh=fresh, note=text))


@door.verb("skip", examples=[("1.3 --reason 'done by hand'", "settle a task without its work")])
@click.argument("task")
@click.option("--reason", required=True, metavar="T", help="Why.")
@track_option
@driver_option
def skip(call: Call, task: str, reason: str, track: str | None, driver: str | None) -> Reply:
    """Settle a task without its work; what needs it may start."""
    from maestro.run import driving

    return _reply(driving.skip(_home(call, track), _caller(driver), task, reason))


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


@door.verb("complete", examples=[("", "mark the track complete and clean up"), ("--cleanup archive", "and archive its folder")])
@click.option("--cleanup", type=click.Choice(["keep", "review", "archive", "delete"]), help="What happens to the track's folder.")
@click.option("--confirm-delete", is_flag=True, help="With --cleanup delete: the second confirmation.")
@click.option("--skills", metavar="TEXT", help="How much the matched skills helped; kept in metadata.json.")
@track_option
@driver_option
def complete(call: Call, cleanup: str | None, confirm_delete: bool, skills: str | None, track: str | None, driver: str | None) -> Reply:
    """Complete the track."""
    from maestro.run import driving

    return _reply(driving.complete(_home(call, track), _caller(driver), cleanup, confirmed=confirm_delete, skills=skills))


@door.verb("pause", examples=[("--reason 'back on Monday'", "stop handing out work")])
@click.option("--reason", default="paused by its driver", metavar="TEXT", help="Why.")
@track_option
@driver_option
def pause(call: Call, reason: str, track: str | None, driver: str | None) -> Reply:
    """Stop handing out work until `start --resume`."""
    from maestro.run import driving

    return _reply(driving.pause(_home(call, track), _caller(driver), reason))


@door.verb("status", examples=[("", "where it stands"), ("auth --json", "as data")])
@track_argument
def status(call: Call, track: str | None) -> Reply:
    """Show where the run stands. Reads only."""
    from maestro.run.commands import command
    from maestro.run.status import find_state, status_data

    home, state = find_state(call.directory, track)
    data = status_data(home, state)
    following = {"completed": "nothing", "stopped": command("run", "start", state.track), "running": command("run", "next")}
    data["next"] = following.get(data["condition"], command("run", "start", state.track, "--resume"))

    def text() -> str:
        from maestro.views.status import status_text

        return status_text(data, columns())

    return Reply("maestro.status/1", data, text)


@door.verb(
    "exec", examples=[("auth --worker claude --test 'npm test' --yes", "overnight"), ("auth --worker './agent.sh' --no-test --resume", "any program, go on")]
)
@track_argument
@click.option("--worker", required=True, metavar="CMD", help="Runs for each task with its brief on stdin; presets: claude, codex, gemini, opencode.")
@click.option("--single", is_flag=True, help="One task at a time in this checkout, without worktrees.")
@test_option
@no_test
@setup_option
@branch_option
@click.option("--resume", is_flag=True, help="Go on with an unfinished run; failed tasks get fresh attempts.")
@click.option("--worker-timeout", type=float, metavar="S", help="Seconds a worker may take.")
@click.option("--idle-timeout", type=float, metavar="S", help="Seconds without output and without a changed file.")
@click.option("--max-wait", type=float, metavar="S", help="Give up after so many seconds in which nothing happens.")
@click.option("--notify", metavar="CMD", help="Runs on a question and at the end (MAESTRO_EVENT, MAESTRO_MESSAGE).")
@ignore_soft
@yes
@dry_run
def exec_(
    call: Call,
    track: str | None,
    worker: str,
    single: bool,
    test: str | None,
    no_test: bool,
    setup: str | None,
    branch: str | None,
    resume: bool,
    worker_timeout: float | None,
    idle_timeout: float | None,
    max_wait: float | None,
    notify: str | None,
    ignore_soft: bool,
    yes: bool,
    dry_run: bool,
) -> Reply:
    """Carry a whole track through without a session."""
    from maestro.run.executor import Orders, driver_name
    from maestro.run.headless import run_headless
    from maestro.run.presets import worker_command
    from maestro.run.starting import Wish, prospect

    driver = driver_name()
    wish = Wish(
        track=track,
        mode=Mode.SINGLE if single else Mode.PARALLEL,
        resume=resume,
        branch=branch,
        test=test,
        no_test=no_test,
        setup=setup,
        driver=Driver(driver, process=True),
        yes=yes,
        ignore_soft=ignore_soft,
        headless=True,
        runtime="exec",
    )
    if dry_run:
        return _started(prospect(call.directory, wish), None)
    from maestro.cli.conversation import asker, reporter, teller

    tell = teller()
    orders = Orders(
        worker=worker_command(worker),
        yes=yes,
        worker_timeout=worker_timeout,
        idle_timeout=idle_timeout,
        max_wait=max_wait,
        notify=notify,
        ask=asker(),
        tell=tell,
        advanced=reporter(tell),
    )
    action = run_headless(call.directory, wish, orders)
    return _ended(action)


def _ended(action: Action) -> Reply:
    """Exit 0 when the track is complete, 8 when a question is open, 1 otherwise."""
    from maestro.errors import DecisionNeeded, Failed
    from maestro.models.action import Finished

    assert isinstance(action, Finished)
    reply = _reply(action, changed=False)
    code = {"completed": 0, "blocked": DecisionNeeded.exit_code}.get(action.outcome, Failed.exit_code)
    return Reply(reply.schema, reply.data, reply.text, reply.warnings, code)


@door.verb("demo", examples=[("", "in a temporary folder, gone afterwards"), ("--keep ~/maestro-demo", "keep the sample")])
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Make the sample there and leave it.")
def demo(call: Call, keep: Path | None) -> Reply:
    """Run a sample track from plan to merged commits."""
    from maestro.cli.conversation import reporter, teller
    from maestro.run.demo import report, run_demo
    from maestro.run.starting import Prospect
    from maestro.views.waves import waves_text

    def show(found: Prospect) -> str:
        return waves_text(found.plan, found.composition, name=found.entry.id, columns=columns())

    tell = teller(plain=True)
    shown = run_demo(keep, tell, reporter(tell), show)
    return Reply("maestro.demo/1", shown, lambda: report(shown), exit_code=0 if shown["outcome"] == "completed" else 1)
