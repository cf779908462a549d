"""A small track carried out by `run.py exec`'s engine, in a child process that a test may kill, and everything that is left afterwards."""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import os
import re
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from maestro.git.checkout import find_checkout
from maestro.models.run import Driver, RunState
from maestro.models.schedule import Mode
from maestro.pointers import RUN_POINTER
from maestro.run.executor import Orders
from maestro.run.headless import run_headless
from maestro.run.home import Home
from maestro.run.jobs import Job
from maestro.run.journal import Journal
from maestro.run.prospects import Wish
from maestro.run.state import fold
from plans import registry
from support import LONG, call_door, git, make_repository, write
from trackers import issues_of
from waiting import bury

TRACK = "auth"

LATE = ("maestro.models.report", "maestro.run.accounting", "maestro.run.standing")

KEPT = ("HOME", "LC_ALL", "PATH", "TMPDIR", "TZ")
"""Of the variables of the test."""

PLAN = """\
# Plan: User login

## Phase 1: Backend

### Task 1.1: Create the user table
- [ ] Create `src/user.py`

### Task 1.2: Hash passwords
- [ ] Create `src/hashing.py`

### Task 1.3: Add the login endpoint, after Task 1.1
- [ ] Modify `src/app.py`

### Phase 1 Completion Verification
- [ ] Try it
"""

WORKFLOW = """\
# Workflow

- Test command: `grep -q SECRET .env && test ! -e broken`
- Setup command: `true`
- Summary storage: git notes
"""

WORKER = """\
grep -q SECRET .env || exit 9
case $MAESTRO_TASK in
1.1) echo 'class User: pass' > src/user.py ;;
1.2) echo 'def hash(): pass' > src/hashing.py ;;
1.3) printf 'x = 1\\ndef login(): pass\\n' > src/app.py ;;
esac
"""
"""What an agent would do, in no time. It runs by `sh` in its worktree."""

REPORT = """\
printf '{"handle": "%s", "status": "done", "summary": "did %s"}' "$MAESTRO_HANDLE" "$MAESTRO_TASK" > "$MAESTRO_RESULT_FILE"
"""


@dataclass(frozen=True)
class Project:
    """A repository with one track, and the way its run is driven. `large`: it counts as one whose worktrees are worth reusing."""

    root: Path
    worker: str = WORKER + REPORT
    mode: Mode = Mode.PARALLEL
    waits: bool = False
    large: bool = False

    @property
    def home(self) -> Home:
        return Home(find_checkout(self.root), TRACK)

    def wish(self, **more: object) -> Wish:
        told: dict[str, object] = {"track": TRACK, "mode": self.mode, "resume": True, "yes": True, "headless": True, "runtime": "exec"}
        return Wish(**{**told, "driver": Driver(f"exec-{os.getpid()}", process=True), **more})  # type: ignore[arg-type]

    def orders(self, **more: object) -> Orders:
        return Orders(**{"worker": self.worker, "yes": True, "max_wait": LONG, **more})  # type: ignore[arg-type]

    def drive(self, orders: Mapping[str, object] | None = None, **wish: object) -> str:
        """Start or resume the run in this process, to its end; how it ended."""
        action = run_headless(self.root, self.wish(**wish), self.orders(**(orders or {})))
        return getattr(action, "outcome", action.action)

    @property
    def state(self) -> RunState:
        state = fold(Journal(self.home.journal).events())
        assert state is not None
        return state

    @property
    def plan(self) -> Path:
        return self.root / f".maestro/tracks/{TRACK}/plan.md"


def with_slow(cases: Iterable[str], *quick: str) -> list[Any]:
    """The cases as parameters of a test, those that are not named marked `slow`: a sample is enough while one works."""
    cases = list(cases)
    assert set(quick) <= set(cases)
    return [pytest.param(case, marks=() if case in quick else pytest.mark.slow) for case in cases]


def make(folder: Path, plan: str = PLAN, files: Mapping[str, str] | None = None, *, worker: str = WORKER, mode: Mode = Mode.PARALLEL) -> Project:
    """The project, its documents committed. It has a secret that git ignores and workers need."""
    make_repository(
        folder,
        {
            ".gitignore": ".env\n",
            "src/app.py": "x = 1\n",
            ".maestro/tracks.md": registry((" ", TRACK, "User login")),
            ".maestro/context/workflow.md": WORKFLOW,
            f".maestro/tracks/{TRACK}/plan.md": plan,
            f".maestro/tracks/{TRACK}/metadata.json": f'{{\n  "track_id": "{TRACK}",\n  "type": "feature",\n  "status": "new"\n}}\n',
            **(files or {}),
        },
    )
    write(folder, {".env": "SECRET=1\n"})
    return Project(folder, worker + REPORT, mode)


@dataclass(frozen=True)
class Left:
    """What a run leaves behind, without what differs from one run to the next: ids of commits are replaced by their subjects, times are left out."""

    outcome: str | None
    files: tuple[str, ...]
    commits: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    plan: str
    registry: str
    metadata: str
    issues: tuple[tuple[str, str, str], ...]
    litter: tuple[str, ...]


def look(project: Project) -> Left:
    """Everything that must be the same however often the run was killed."""
    root, state = project.root, project.state
    log = git(root, "log", "--reverse", "--format=%H%x01%s%x01%(trailers:key=Maestro-Task,valueonly,separator=%x20)%x01%N%x02")
    entries = [entry.strip("\n").split("\x01") for entry in log.split("\x02") if entry.strip("\n")]
    subjects = {sha: subject for sha, subject, _, _ in entries}
    return Left(
        outcome=state.outcome,
        files=tuple(line for line in git(root, "ls-tree", "-r", "HEAD").splitlines() if "\t.maestro/" not in line and "\t.beads/" not in line),
        commits=tuple((subject, task, _changed(root, sha)) for sha, subject, task, _ in entries if task or "chore" in subject),
        notes=tuple(note.strip() for _, _, task, note in entries if task),
        plan=_named(project.plan.read_text(), subjects),
        registry=(root / ".maestro/tracks.md").read_text(),
        metadata=re.sub(r'"updated_at": "[^"]+"', '"updated_at": "…"', (root / f".maestro/tracks/{TRACK}/metadata.json").read_text()),
        issues=tuple((name, issue["status"], _named(issue.get("close_reason", ""), subjects)) for name, issue in sorted(issues_of(root).items())),
        litter=tuple(litter(project)),
    )


def _named(text: str, subjects: Mapping[str, str]) -> str:
    """A text with the subjects of commits in the place of their ids."""
    for sha, subject in subjects.items():
        text = text.replace(sha[:7], f"<{subject}>")
    return text


def litter(project: Project) -> list[str]:
    """What nobody wants to find after a run has ended: changes, worktrees, branches, refs, locks, halves of files, processes."""
    root, home = project.root, project.home
    found = [f"status {line}" for line in git(root, "status", "--porcelain", "--untracked-files=all").splitlines()]
    found += [f"worktree {line}" for line in git(root, "worktree", "list", "--porcelain").splitlines() if line.startswith("worktree ")][1:]
    refs = git(root, "for-each-ref", "--format=%(refname)").splitlines()
    found += [ref for ref in refs if ref not in ("refs/heads/main", "refs/notes/commits")]
    if (root / ".maestro" / "worktrees").exists():
        found += [str(path.relative_to(root)) for path in (root / ".maestro" / "worktrees").rglob("*")] or [".maestro/worktrees"]
    halves = (path for path in [*root.rglob("*.tmp"), *root.rglob("*.lock")] if not _is_ours(path, home))
    found += [str(path.relative_to(root)) for path in halves]
    found += [RUN_POINTER] if (root / ".git" / RUN_POINTER).exists() else []
    found += [f"running {folder.name}" for folder in home.folder.glob("jobs/*/*") if Job(folder)._alive()]
    return found


def _is_ours(path: Path, home: Home) -> bool:
    """Locks that the kernel frees: their files stay."""
    return path.suffix in (".lock", ".busy") and path.parent in (home.folder, home.folder.parent)


def _changed(root: Path, sha: str) -> str:
    return " ".join(git(root, "diff-tree", "-r", "--no-commit-id", "--name-status", sha).split())


@dataclass(frozen=True)
class Ended:
    """How a child process ended."""

    killed: bool
    code: int
    said: str


@functools.cache
def _warm() -> None:
    """What a run imports and compiles late is here before the first child is forked, so that no child does it for itself."""
    for name in LATE:
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        call_door("waves", TRACK, "--json", cwd=make(Path(folder) / "project").root)


def in_child(work: Callable[[], object], log: Path) -> Ended:
    """Do something in a child process made by fork, which costs no start of an interpreter. One that does not end is killed."""
    _warm()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # test runners have threads; the child uses none of them
        pid = os.fork()
    if pid == 0:
        gc.freeze()  # a collection would copy all that the parent has
        code = 70
        with contextlib.suppress(BaseException):
            descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
            os.dup2(descriptor, 1)
            os.dup2(descriptor, 2)
            try:
                work()
                code = 0
            except BaseException:
                os.write(2, traceback.format_exc().encode())
        os._exit(code)
    status = bury(pid, 300.0)
    said = log.read_text(errors="replace") if log.exists() else ""
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return Ended(killed, os.waitstatus_to_exitcode(status), said)


def hurry() -> None:
    """For child processes only: no pauses."""
    from maestro import clock

    kept = {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(("GIT_", "MAESTRO_", "XDG_"))}
    os.environ.clear()  # what a machine has in addition is read and copied for each of a thousand calls of git
    os.environ.update(kept | {"MAESTRO_GAUGE": "1 0"})
    pause = clock.pause
    clock.pause = lambda seconds: pause(min(seconds, 0.002))  # type: ignore[assignment]
    sys.stdout = sys.stderr = open(os.devnull, "w")  # noqa: SIM115
