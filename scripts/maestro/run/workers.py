"""What a worker calls: attach, check, done, fail, discover. A handle names the attempt; an attempt that was replaced is told so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from maestro.errors import Conflict, Failed, NotFound, Unsafe
from maestro.git.checkout import Checkout, branch, find_checkout
from maestro.models.run import Attempt, FailureClass, Handle, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.records import dataclass
from maestro.run.briefs import brief, fit, result_file
from maestro.run.context import Context, load_state, opened
from maestro.run.handles import find_attempt
from maestro.run.home import Home, find_home, point_to_checkout, run_checkout_of
from maestro.run.jobs import Job, Step, environment, shell
from maestro.run.lying import suspects
from maestro.run.pending import PATIENCE

if TYPE_CHECKING:
    pass

SHOWN = 2000
"""Characters of test output that `check` prints; the log has all of it."""

READ = 100_000
"""Characters from the end of the output in which it looks for the first failure."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A worker's test run. `ok` None: it still runs, call again. `cut`: there is more in the log than in `tail`.

    others, yours: where workers share a checkout, the changed files that a red run names: those that the task does not claim, and its own
    suspects: in single mode, what other tasks left in the checkout, which may be why it is red
    """

    ok: bool | None
    tail: str
    log: str
    cut: bool = False
    others: tuple[str, ...] = ()
    yours: tuple[str, ...] = ()
    suspects: str = ""


def home_of(start: Path, handle: Handle) -> Home:
    """The run of a handle, also for a call from a worktree that the runtime made and that nobody has attached yet: the journal names the run's checkout."""
    return _home_from(find_checkout(start), handle)


def _home_from(here: Checkout, handle: Handle) -> Home:
    home = Home(run_checkout_of(here), handle.track)
    if home.checkout.linked:
        _, state = load_state(home)
        if state is not None and state.checkout != str(home.checkout.root) and Path(state.checkout).is_dir():
            return Home(find_checkout(Path(state.checkout)), handle.track)
    return home


def attach(start: Path, handle: Handle, *, again: bool = False) -> str:
    """Bring the caller to its worktree and give it its brief. A worktree that the runtime made is brought to the right commit and adopted.

    again: the caller is the worker that has the task, and wants its brief once more; a call from the attempt's own worktree is taken for that too
    Raises Conflict `attached-already` for a second worker, Unsafe `main-checkout` when a runtime's worktree was expected, Failed `setup-failed`, and what
    `find_attempt` raises.
    """
    here = find_checkout(start)
    home = _home_from(here, handle)
    with opened(home, "attaching") as context:
        task, attempt = _open_attempt(context, handle)
        if attempt.attached_at and not (again or _is_its_own(context, attempt, here)):
            raise _has_a_worker(handle, attempt)
        _adopt(context, task, attempt, here)
        known = attempt.attached_at
        folder = context.worktree(attempt)
        setup = context.state.settings.setup if context.state.settings.mode is Mode.PARALLEL else None
        job = Job(home.jobs(context.state.run) / f"setup-{handle.slug}")
        if setup:
            job.start([Step("setup", shell(setup))], folder, environment())
    if setup:
        ended = job.wait(PATIENCE)
        if ended is None:
            return f"The set-up command is still running ({job.log}). Run this command again to go on.\n"
        if ended.code:
            raise Failed(
                "setup-failed",
                f"The set-up command failed in {folder}:\n{job.tail(1500)}",
                hint=f"Run `run.py fail {handle} --class infrastructure --reason 'setup failed'`.",
            )
    with opened(home, "attaching") as context:
        task, attempt = _open_attempt(context, handle)
        if attempt.attached_at is None:
            context.record("worker-attached", task=task.id, attempt=attempt.number)
        elif attempt.attached_at != known:
            raise _has_a_worker(handle, attempt)  # it came while this one waited for the set-up
        text = brief(context, task, attempt)
        file = home.folder / "briefs" / f"{context.state.run}-{handle.slug}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return fit(text, file)


def check(start: Path, handle: Handle) -> Checked:
    """Run the configured tests where the worker works, and journal red or green. Repeat the call to collect a run that takes long.

    Raises Conflict `not-attached` from a worker that has not read its brief.
    """
    home = home_of(start, handle)
    with opened(home, "checking") as context:
        task, attempt = _open_attempt(context, handle)
        _require_brief(context, attempt, handle)
        command = context.state.settings.test
        if command is None:
            raise Failed("no-test-command", "This run has no test command.", hint="Check your work by hand and say how in the report.")
        job = Job(home.jobs(context.state.run) / f"check-{handle.slug}-{len(attempt.checks) + 1}")
        job.start([Step("test", shell(command))], context.worktree(attempt), environment())
    ended = job.wait(PATIENCE)
    if ended is None:
        return Checked(None, job.tail(1000), str(job.log), cut=True)
    output = job.tail(READ)
    green = ended.code == 0
    with opened(home, "checking") as context:
        task, attempt = find_attempt(context, handle)
        context.record("worker-checked", task=task.id, attempt=attempt.number, ok=green)
        yours, others = ((), ()) if green else _named(context, task, attempt, output)
        why = "" if green else suspects(context, task)
    from maestro.run.telling import shortened

    shown = shortened(output, SHOWN)
    return Checked(green, shown, str(job.log), cut=shown != output, others=others, yours=yours, suspects=why)


def _named(context: Context, task: TaskRun, attempt: Attempt, output: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The changed files of a shared checkout that the output names: this task's, and those it does not claim, through which it is red for others to mend."""
    if context.state.settings.mode is not Mode.TEAM:
        return (), ()
    from maestro.run.activity import changed_files, own_paths

    mine = own_paths(context, task)
    named = [path for path in changed_files(context, attempt, limit=None) if path in output]
    return tuple(path for path in named if mine(path)), tuple(path for path in named if not mine(path))


def done(start: Path, handle: Handle, *, no_change: str | None = None, summary: str | None = None, by_driver: bool = False) -> list[str]:
    """Record that an attempt is finished; merging is the driver's. Returns notices.

    by_driver: whoever drives the run says it, who needs no brief
    Raises Conflict `no-change` when nothing was changed and nobody said that this is right, `not-attached` from a worker that has not read its brief.
    """
    from maestro.run.bookkeeping import sync_plan
    from maestro.run.reports import NONE, Report, read_report
    from maestro.run.settling import settle

    home = home_of(start, handle)
    with opened(home, "recording a report") as context:
        task, attempt = find_attempt(context, handle)
        if attempt.reported_at or attempt.outcome:
            context.tell(f"{handle} was recorded already.")
            return context.notices
        if not by_driver:
            _require_brief(context, attempt, handle)
        report = read_report(context.worktree(attempt) / result_file(handle), handle, context.state.run)
        if no_change is not None:
            report = Report(status="no-change", summary=no_change, usage=report.usage)
        elif summary is not None:
            report = Report(summary=summary) if report.trouble else replace(report, summary=summary)
        elif context.state.settings.mode is Mode.SINGLE and report.trouble == NONE:
            report = Report()
        settle(context, task, attempt, report, strict=True)
        sync_plan(context)
        return context.notices


def fail(start: Path, handle: Handle, reason: str, failure: FailureClass) -> list[str]:
    """End an attempt as failed, by its worker or by its driver (`--reason lost`). Returns notices."""
    from maestro.run.bookkeeping import sync_plan
    from maestro.run.failing import fail_attempt

    home = home_of(start, handle)
    with opened(home, "recording a failure") as context:
        task, attempt = find_attempt(context, handle)
        if attempt.outcome:
            context.tell(f"{handle} was recorded already ({attempt.outcome}).")
            return context.notices
        fail_attempt(context, task, FailureClass.LOST if reason.strip() == "lost" else failure, reason)
        sync_plan(context)
        return context.notices


def agent_ended(start: Path, handle: Handle, *, reminded: bool) -> bool:
    """The agent behind an attempt ended, as its runtime tells. True when it has yet to report and is to be reminded of it; otherwise its end is journaled."""
    with opened(home_of(start, handle), "recording the end of a worker") as context:
        try:
            task, attempt = find_attempt(context, handle)
        except (Conflict, NotFound):
            return False
        if context.state.over or attempt.left_at:
            return False
        if not (reminded or attempt.reported_at or attempt.outcome):
            return True
        context.record("worker-ended", task=task.id, attempt=attempt.number)
        return False


def discover(start: Path, task_id: str, track: str | None, *, path: str | None, access: str, needs: str | None, by: str) -> list[str]:
    """Record a path or prerequisite that the plan did not name, and hold back what now collides. Returns notices. Raises NotFound `task-unknown`, Conflict
    `run-over`.
    """
    from maestro.run.scheduling import hold_back_colliding

    with opened(find_home(start, track), "recording a discovery") as context:
        if context.state.over:
            raise Conflict("run-over", f"The run of {context.state.track} is over: there is nothing left to order.", hint="Write it into the plan.")
        task = context.state.tasks.get(task_id)
        if task is None:
            raise NotFound("task-unknown", f"The run has no task {task_id}.", hint="`run.py status` lists the tasks.")
        if needs is not None:
            if needs not in context.state.tasks:
                raise NotFound("task-unknown", f"The run has no task {needs}.", hint="`run.py status` lists the tasks.")
            context.record("discovered", task=task_id, by=by, needs=needs)
            needed = context.state.tasks[needs]
            if task.state is TaskState.WAITING and not needed.state.finished and not task.held:
                context.record("task-held", task=task_id, reason=f"{task_id} needs {needs}, found while running")
        if path is not None:
            if task.state is TaskState.WAITING:
                context.record("discovered", task=task_id, by=by, path=path, access=access)
            hold_back_colliding(context, context.state.phases[task.phase], task, [(path, access)], by=by)
        context.tell("Recorded; the waves are looked at again before anything new starts.")
        return context.notices


def _open_attempt(context: Context, handle: Handle) -> tuple[TaskRun, Attempt]:
    task, attempt = find_attempt(context, handle)
    if attempt.outcome or attempt.reported_at:
        raise Conflict("attempt-over", f"{handle} is over ({attempt.outcome or 'reported'}).", hint="Change nothing more and return.")
    return task, attempt


def _require_brief(context: Context, attempt: Attempt, handle: Handle) -> None:
    """A worker that never fetched its brief knows neither its task's limits nor where to work. In single mode and to processes the brief is given."""
    if attempt.attached_at is None and attempt.job is None and context.state.settings.mode is not Mode.SINGLE:
        hint = f"Run `worktree.py attach {handle}` first and follow what it prints."
        raise Conflict("not-attached", f"Nobody has fetched the brief of {handle} yet.", hint=hint)


def _is_its_own(context: Context, attempt: Attempt, here: Checkout) -> bool:
    """Whether a call comes from where only this attempt's worker works. A checkout that workers share does not tell them apart."""
    mode = context.state.settings.mode
    return mode is Mode.SINGLE or (mode is Mode.PARALLEL and here.root == context.worktree(attempt))


def _has_a_worker(handle: Handle, attempt: Attempt) -> Conflict:
    hint = f"If you are that worker and lost your brief: `worktree.py attach {handle} --again`. Otherwise change nothing and return this sentence."
    return Conflict("attached-already", f"{handle} has a worker since {attempt.attached_at}; one is enough.", hint=hint)


def _adopt(context: Context, task: TaskRun, attempt: Attempt, here: Checkout) -> None:
    """A worker that its runtime already isolated works there; its worktree is brought to the attempt's base."""
    if context.state.settings.mode is not Mode.PARALLEL or here.root in (context.root, context.worktree(attempt)) or attempt.attached_at:
        return
    ours = context.home.layout.worktrees
    if ours in here.root.parents:
        raise Unsafe("other-worktree", f"{here.root} is another task's worktree.", hint=f"Work in {context.worktree(attempt)}.")
    if not here.root.is_relative_to(context.root):
        return
    from maestro.git.adoption import bring_to_base
    from maestro.git.removal import delete_branch, remove_worktree

    bring_to_base(here.root, attempt.base)
    point_to_checkout(here, context.home.checkout, context.handle(task, attempt))
    remove_worktree(context.home.checkout, context.worktree(attempt), kept_tree=None, base=attempt.base)
    delete_branch(context.home.checkout, attempt.branch, attempt.base)
    context.record(
        "worker-attached", task=task.id, attempt=attempt.number, worktree=here.root.relative_to(context.root).as_posix(), branch=branch(here.git) or ""
    )
