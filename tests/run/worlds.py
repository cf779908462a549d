"""Small worlds for the engine: a repository with one track, driven in this process the way the doors drive it.

The tests' command is `test ! -e broken`: a worker that leaves a file `broken` makes the gate red, everything else is green.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from maestro.git.checkout import find_checkout
from maestro.models.action import Action
from maestro.models.run import Driver, Handle, RunState, TaskRun
from maestro.models.schedule import Mode
from maestro.run import driving, workers
from maestro.run.driving import Caller
from maestro.run.home import Home
from maestro.run.journal import Event, Journal
from maestro.run.prospects import Wish
from maestro.run.starting import begin
from maestro.run.state import fold
from plans import registry
from support import LONG, Ran, call_door, git, make_repository, write

TEST = "test ! -e broken"
TRACK = "auth"


def plan(*tasks: tuple[str, ...], verification: bool = True) -> str:
    """A plan of tasks given as (id, path it creates, more text). The phase is what stands before the dot."""
    lines = ["# Plan: Example", ""]
    phase = ""
    for number, task in enumerate(tasks):
        identity, path, *more = task
        if identity.partition(".")[0] != phase:
            phase = identity.partition(".")[0]
            lines += [f"## Phase {phase}: Part {phase}", ""]
        lines += [f"### Task {identity}: Make {Path(path).stem}{f', {more[0]}' if more else ''}", f"- [ ] Create `{path}`", ""]
        last = number + 1 == len(tasks) or tasks[number + 1][0].partition(".")[0] != phase
        if last and verification:
            lines += [f"### Phase {phase} Completion Verification", "- [ ] Look at it", ""]
    return "\n".join(lines)


TWO = plan(("1.1", "src/a.py"), ("1.2", "src/b.py"))
CHAIN = plan(("1.1", "src/a.py"), ("1.2", "src/b.py", "after Task 1.1"))
PHASES = plan(("1.1", "src/a.py"), ("2.1", "src/b.py"))
FIVE = plan(*((f"1.{number}", f"src/{name}.py") for number, name in enumerate("abcde", 1)))


class World:
    """A project with the track `auth` and whoever drives it."""

    def __init__(self, folder: Path, text: str = TWO, files: Mapping[str, str] | None = None, *, tracked: bool = True) -> None:
        """`tracked`: `.maestro/` belongs to the first commit; otherwise it is untracked, as right after `tracks.py new`."""
        self.root = folder
        documents = {
            ".maestro/tracks.md": registry((" ", TRACK, "User login")),
            f".maestro/tracks/{TRACK}/plan.md": text,
            f".maestro/tracks/{TRACK}/metadata.json": '{\n  "track_id": "auth",\n  "type": "feature",\n  "status": "new"\n}\n',
        }
        code = {"src/app.py": "x = 1\n", **(files or {})}
        make_repository(folder, code | documents if tracked else code)
        if not tracked:
            write(folder, documents)
        self.driver: str | None = None

    # --- driving

    def begin(self, mode: Mode = Mode.PARALLEL, **wish: Any) -> Action:
        """`run.py start`, up to its first question."""
        if "test" not in wish and "no_test" not in wish:
            wish["test"] = TEST
        wish.setdefault("driver", Driver(self.driver or ""))
        wish.setdefault("review", "none")
        wish.setdefault("ignore_soft", True)  # what is only weighed is the evidence room's affair
        return driving.next_action(begin(self.root, Wish(track=TRACK, mode=mode, **wish)), self.caller)

    def start(self, mode: Mode = Mode.PARALLEL, **wish: Any) -> Action:
        """`run.py start`, with the question whether to start, and whether in this mode, answered."""
        action = self.begin(mode, **wish)
        while action.action == "decide" and action.question_id in ("start", "mode"):  # type: ignore[attr-defined]
            action = self.answer(action.question_id, "start" if action.question_id == "start" else "go-on")  # type: ignore[attr-defined]
        return action

    def resume(self, **wish: Any) -> Action:
        wish.setdefault("driver", Driver(self.driver or ""))
        return driving.next_action(begin(self.root, Wish(track=TRACK, resume=True, **wish)), self.caller)

    def next(self) -> Action:
        return settled(driving.next_action(self.home, self.caller))

    def merge(self) -> Action:
        return settled(driving.merge(self.home, self.caller))

    def answer(self, question: str, option: str, text: str = "") -> Action:
        return settled(driving.answer(self.home, self.caller, question, option, text))

    def retry(self, handle: str, *, fresh: bool = False, note: str = "") -> Action:
        return driving.retry(self.home, self.caller, Handle.parse(handle), fresh=fresh, note=note)

    def skip(self, task: str, reason: str = "not needed") -> Action:
        return driving.skip(self.home, self.caller, task, reason)

    def complete(self, cleanup: str | None = None, *, confirmed: bool = False) -> Action:
        return driving.complete(self.home, self.caller, cleanup, confirmed=confirmed)

    def pause(self, reason: str = "later") -> Action:
        return driving.pause(self.home, self.caller, reason)

    def abort(self) -> Action:
        return driving.abort(self.home, self.caller)

    @property
    def caller(self) -> Caller:
        return Caller(self.driver, patience=LONG)

    # --- working

    def write(self, handle: str, files: Mapping[str, str]) -> Path:
        """What a worker writes in its worktree (in single mode the checkout)."""
        folder = self.folder(handle)
        write(folder, files)
        return folder

    def done(self, handle: str, **said: Any) -> list[str]:
        """Reported by whoever drives, so that no test has to fetch a brief that it does not look at."""
        return workers.done(self.folder(handle), Handle.parse(handle), **{"by_driver": True, **said})

    def attach(self, handles: Iterable[str]) -> None:
        for handle in handles:
            workers.attach(self.root, Handle.parse(handle))

    def work(self, handle: str, files: Mapping[str, str]) -> list[str]:
        """A whole worker: writes and reports."""
        self.write(handle, files)
        return self.done(handle)

    def work_all(self, handles: Iterable[str]) -> None:
        """Workers that do exactly what the plan says."""
        for handle in handles:
            self.work(handle, {path: f"made = '{handle}'\n" for path, _ in self.state.phases[self.task(handle).phase].scopes[self.task(handle).id]})

    def fail(self, handle: str, reason: str = "cannot", failure: str = "worker") -> list[str]:
        from maestro.models.run import FailureClass

        return workers.fail(self.root, Handle.parse(handle), reason, FailureClass(failure))

    def folder(self, handle: str) -> Path:
        return self.root / self.task(handle).attempts[Handle.parse(handle).attempt - 1].worktree

    # --- looking

    @cached_property
    def home(self) -> Home:
        return Home(find_checkout(self.root), TRACK)

    @property
    def events(self) -> list[Event]:
        return list(Journal(self.home.journal).events())

    def named(self, name: str) -> list[dict[str, Any]]:
        """The payloads of all events of one kind."""
        return [event.data for event in self.events if event.name == name]

    @property
    def state(self) -> RunState:
        state = fold(self.events)
        assert state is not None
        return state

    def task(self, name: str) -> TaskRun:
        """A task by its id or by one of its handles."""
        return self.state.tasks[Handle.parse(name).task if "/" in name else name]

    def states(self) -> dict[str, str]:
        return {task.id: str(task.state) for task in self.state.tasks.values()}

    @property
    def plan_file(self) -> Path:
        return self.root / f".maestro/tracks/{TRACK}/plan.md"

    @property
    def plan(self) -> str:
        return self.plan_file.read_text()

    def edit(self, old: str, new: str) -> None:
        """Somebody edits the plan."""
        assert old in self.plan
        self.plan_file.write_text(self.plan.replace(old, new, 1))

    def subjects(self, since: str = "") -> list[str]:
        """The subject lines of the branch, oldest first, without the first commit."""
        return git(self.root, "log", "--reverse", "--format=%s", f"{since}..HEAD" if since else "HEAD").splitlines()[0 if since else 1 :]

    def commits(self) -> list[str]:
        """Tasks in the order in which their commits came onto the branch."""
        found = git(self.root, "log", "--reverse", "--format=%(trailers:key=Maestro-Task,valueonly,separator=%x20)").splitlines()
        return [task for task in found if task]

    def status(self) -> str:
        return git(self.root, "status", "--porcelain")

    def door(self, door: str, *arguments: str) -> Ran:
        return call_door(door, *arguments, cwd=self.root)


def settled(action: Action) -> Action:
    """An action that is not about a job which still runs: who calls waits for tests however slow the machine is."""
    assert not getattr(action, "job", None), f"after {LONG:.0f} s: {action.summary}"
    return action


def handles(action: Action) -> list[str]:
    """The workers of a dispatch, or the one of an implement."""
    if action.action == "implement":
        return [action.handle]  # type: ignore[attr-defined]
    assert action.action == "dispatch", action
    return [worker.handle for worker in action.workers]  # type: ignore[attr-defined]


def options(action: Action) -> list[str]:
    assert action.action == "decide", action
    return [option["id"] for option in action.options]  # type: ignore[attr-defined]
