"""Sees every effect that a run has on its repository, can end the process at any one of them, and can keep what the disk holds at each.

The interpreter itself reports what happens (audit hooks: files opened for writing, renamed, removed, folders made, processes started), so a new effect is seen
whoever adds it, without a word here. Nothing of this is known to the package.

The state on disk between two effects is the state before the second one, so ending the process before each effect covers every instant, and `torn` adds the
one in the middle of a write. A killed process leaves the disk and nothing else (the kernel frees its locks), so a copy of the repository is as good as a kill,
and one run yields the copies of all its points; `test_every_instant.py` holds the two against each other.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any

READING = {
    *("cat-file", "check-ignore", "diff", "diff-index", "diff-tree", "for-each-ref", "log", "ls-files", "ls-tree"),
    *("merge-base", "merge-tree", "remote", "rev-list", "rev-parse", "status", "var", "version"),
}
"""git commands that change nothing. `merge-tree --write-tree` adds objects, as the next ones do: nobody sees an object before a ref names it."""

OBJECTS_ONLY = {"commit-tree", "write-tree"}

CHANGING = {"checkout", "checkout-index", "clean", "commit", "merge", "notes", "restore", "revert", "switch", "update-ref"}

BY_ARGUMENTS: dict[str, Callable[[tuple[str, ...]], bool]] = {
    "add": lambda args: True,
    "config": lambda args: not any(word.startswith("--get") for word in args),
    "read-tree": lambda args: True,
    "symbolic-ref": lambda args: "-m" in args,
    "update-index": lambda args: True,
    "worktree": lambda args: args[:1] != ("list",),
}
"""git commands that change something or not, by their arguments. With a private index (of a snapshot) nothing but objects is written."""

KERNEL_LOCKS = {"lock", "driver.lock", "exclude.lock", "worktrees.lock", "worktrees.busy", "maestro.busy", "alive"}
"""Files that are only locked, never written: opening one that exists changes nothing."""

_REMOVED = (1, 4, 9)
"""Of a tree that is being removed: the ends after so many files. One file more or less makes no difference."""

PACKAGE = str(Path(__file__).resolve().parent.parent / "scripts" / "maestro") + os.sep


def changes_something(args: tuple[str, ...], private_index: bool) -> bool:
    """Whether a git command (its arguments after `git`) changes the repository. Fails for a command that is not listed above: every effect must be known."""
    words = list(args)
    while words and words[0].startswith("-"):
        del words[: 2 if words[0] == "-c" else 1]
    command, rest = words[0], tuple(words[1:])
    if command in CHANGING:
        return True
    if command in BY_ARGUMENTS:
        return not private_index and BY_ARGUMENTS[command](rest)
    assert command in READING | OBJECTS_ONLY, f"git {command}: add it to the lists of {Path(__file__).name}"
    return False


@dataclass(frozen=True)
class Point:
    """An effect: its kind, what it is done to (without what differs between runs), `torn` for half a write, and the lines of the package that led there."""

    kind: str
    about: str
    moment: str
    lines: frozenset[str] = field(default=frozenset(), compare=False)

    def __str__(self) -> str:
        return f"{self.moment} {self.kind} {self.about}"

    @property
    def alike(self) -> tuple[str, ...]:
        """The same for the same effect on the first attempt at another task."""
        return self.kind, re.sub(r"\b1\.\d(-1|\b(?!-))|gate-\d+|(?<=feat\(auth\): ).*", "N", self.about), self.moment

    @classmethod
    def parse(cls, line: str) -> Point:
        kind, about, moment, lines = line.split("\t")
        return cls(kind, about, moment, frozenset(lines.split()))


@dataclass(frozen=True)
class Halves:
    """A write that may be cut off in the middle: half a line at the end of a file, or a file without content."""

    path: str
    append: bool

    def leave(self, root: str, elsewhere: str) -> None:
        """Do it, in the repository at `root` or in a copy of it."""
        with open(elsewhere + self.path.removeprefix(root), "ab" if self.append else "wb") as stream:
            if self.append:
                stream.write(b'{"n":99999,"at":"2025-02-19T12')


class Seam:
    """Counts the points of this process, writes them down, ends the process at one of them and copies the repository at others.

    Cannot be taken away again: for child processes only.
    """

    def __init__(self, root: Path, record: Path, end_at: int | None, copy_at: Container[int] = ()) -> None:
        self.root = os.path.realpath(root)
        self.end_at = end_at
        self.copy_at = copy_at
        self.count = 0
        self.inside = False
        self.tree = ""
        self.removed = 0
        self.record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o644)
        self.pid = os.getpid()
        sys.addaudithook(self._hook)

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self.inside or os.getpid() != self.pid:
            return
        seen = _EVENTS.get(event)
        if seen is None:
            return
        self.inside = True
        try:
            seen(self, args)
        except AssertionError as error:
            os.write(2, f"{error}\n".encode())
            os._exit(71)
        finally:
            self.inside = False

    def at(self, kind: str, about: str, torn: Halves | None = None) -> None:
        """A point, and a second one where the effect can be half done."""
        lines, journal = _where()
        for moment, half in (("before", None), ("torn", torn)):
            if moment == "torn" and half is None:
                continue
            self.count += 1
            words = ("journal", journal) if journal else (kind, _normal(about, self.root))
            os.write(self.record, "\t".join((*words, moment, lines)).encode() + b"\n")
            if self.count in self.copy_at:
                copied = str(copy_of(Path(self.root), self.count))
                copy_repository(Path(self.root), Path(copied))
                if half is not None:
                    half.leave(self.root, copied)
            if self.count == self.end_at:
                if half is not None:
                    half.leave(self.root, self.root)
                os.kill(self.pid, signal.SIGKILL)

    def _mine(self, path: object) -> str | None:
        """The path, if it lies in the repository."""
        if not isinstance(path, str | bytes | os.PathLike):
            return None
        text = os.path.abspath(os.fsdecode(path))
        text = os.path.join(os.path.realpath(os.path.dirname(text)), os.path.basename(text))
        return text if text == self.root or text.startswith(self.root + os.sep) else None

    # --- what the interpreter reports

    def _open(self, args: tuple[Any, ...]) -> None:
        path, flags = self._mine(args[0]), args[2]
        if path is None or os.path.isdir(path) or not flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
            return
        exists = os.path.lexists(path)
        if os.path.basename(path) in KERNEL_LOCKS:
            if not exists:
                self.at("make", path)
            return
        self.at("write", path, Halves(path, append=bool(flags & os.O_APPEND)))

    def _rename(self, args: tuple[Any, ...]) -> None:
        if self._mine(args[0]) or self._mine(args[1]):
            self.at("rename", str(self._mine(args[1])))

    def _remove(self, args: tuple[Any, ...]) -> None:
        if args[1] != -1:
            self.removed += 1
            if self.tree and self.removed in _REMOVED:
                self.at("remove-in", self.tree)
        elif (path := self._mine(args[0])) and os.path.lexists(path):
            self.at("remove", path)

    def _mkdir(self, args: tuple[Any, ...]) -> None:
        if (path := self._mine(args[0])) and not os.path.lexists(path):
            self.at("mkdir", path)

    def _change(self, args: tuple[Any, ...]) -> None:
        if (path := self._mine(args[0])) and os.path.lexists(path) and not path.endswith(".tmp"):
            self.at("change", path)

    def _link(self, args: tuple[Any, ...]) -> None:
        if path := self._mine(args[1]):
            self.at("link", path)

    def _rmtree(self, args: tuple[Any, ...]) -> None:
        self.tree, self.removed = self._mine(args[0]) or "", 0
        if self.tree:
            self.at("rmtree", self.tree)

    def _process(self, args: tuple[Any, ...]) -> None:
        argv, env = [os.fsdecode(word) for word in args[1]], args[3] or {}
        if argv[0] != "git":
            self.at(
                "process",
                " ".join(argv[-4:-1])
                if "supervisor" in " ".join(argv)
                else " ".join([os.path.basename(argv[0]), *(word for word in argv[1:] if not word.startswith("-"))]),
            )
        elif changes_something(tuple(argv[1:]), "GIT_INDEX_FILE" in env):
            words = [word for position, word in enumerate(argv[1:]) if word not in ("--no-pager", "-c") and argv[position] != "-c"]
            self.at("git", " ".join(words))

    def _signal(self, args: tuple[Any, ...]) -> None:
        if args[1] and args[0] != self.pid:
            self.at("signal", str(args[1]))


_EVENTS: dict[str, Callable[[Seam, tuple[Any, ...]], None]] = {
    "open": Seam._open,
    "os.rename": Seam._rename,
    "os.remove": Seam._remove,
    "os.rmdir": Seam._remove,
    "os.mkdir": Seam._mkdir,
    "os.chmod": Seam._change,
    "os.truncate": Seam._change,
    "os.utime": Seam._change,
    "os.link": Seam._link,
    "os.symlink": Seam._link,
    "shutil.rmtree": Seam._rmtree,
    "subprocess.Popen": Seam._process,
    "os.kill": Seam._signal,
    "os.killpg": Seam._signal,
}


def copy_of(root: Path, number: int) -> Path:
    """Where the copy of a repository at a point lies."""
    return root.with_name(f"{root.name} at {number}")


def copy_repository(root: Path, target: Path) -> None:
    """A copy with its times. Objects of git never change, so they are linked."""

    def copy(source: str, to: str) -> None:
        if f"{os.sep}.git{os.sep}objects{os.sep}" in source:
            os.link(source, to)
        else:
            shutil.copy2(source, to, follow_symlinks=False)

    shutil.copytree(root, target, symlinks=True, copy_function=copy, ignore=shutil.ignore_patterns("*.sample"))


def _where() -> tuple[str, str]:
    """The lines of the package that are being executed, and the event if the effect is a line of the journal."""
    frame: FrameType | None = sys._getframe(2)
    lines, journal = [], ""
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(PACKAGE):
            name = code.co_filename.removeprefix(PACKAGE)
            lines.append(f"{name}:{frame.f_lineno}")
            if (name, code.co_name) == ("run/journal.py", "append"):
                data = frame.f_locals["data"]
                journal = f"{frame.f_locals['name']} {data.get('task', data.get('subject', ''))}".strip()
        frame = frame.f_back
    return " ".join(lines), journal


def _normal(text: str, root: str) -> str:
    """Without what differs from one run to the next."""
    text = text.replace(root + os.sep, "").replace(root, ".")
    text = re.sub(r"\b[0-9a-f]{40}\b", "<sha>", text)
    text = re.sub(r"\.\d+\.[A-Za-z0-9_]{8}\.tmp\b", ".<random>.tmp", text)
    return text.replace("\t", " ").replace("\n", " ")[:160]


def points_in(record: Path) -> list[Point]:
    return [Point.parse(line) for line in record.read_text().splitlines()]


def contents(root: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that a run could find on the disk: the name of each file and folder below a repository and what is in it. Files that are only locked say
    nothing; what objects there are, the refs say."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if (name, os.path.basename(folder)) != ("objects", ".git"))
        for path in (os.path.join(folder, name) for name in sorted(names) if name not in KERNEL_LOCKS and not name.endswith(".sample")):
            yield path.removeprefix(str(root)), os.fsencode(os.readlink(path)) if os.path.islink(path) else Path(path).read_bytes()
        yield f"{folder.removeprefix(str(root))}/", b""


def digest(root: Path) -> str:
    found = hashlib.sha256()
    for name, content in contents(root):
        found.update(f"{name} {len(content)}\n".encode("utf-8", "surrogateescape") + content)
    return found.hexdigest()


def in_order(waits: bool = False) -> Callable[[], object]:
    """For child processes only: workers and tests have ended when the call that started them returns, and runs have the same name, so that every pass has the
    same points. Their supervisors are forked off, which costs no start of an interpreter.

    `waits`: to a driver they have not ended before it has done all that it does while it waits.
    Returns what tells all that a driver remembers from one step to the next.
    """
    import secrets

    from maestro.git.runner import Git
    from maestro.run import jobs, leisure
    from maestro.run.context import Context
    from maestro.run.jobs import Job

    start, result, step = Job.start, Job.result, leisure.Leisure.step
    working: set[Path] = set()
    drivers = [leisure.Leisure()]

    def start_and_wait(self: Job, *args: Any, **options: Any) -> None:
        start(self, *args, **options)
        self.wait(None)
        if waits:
            working.add(self.folder)

    def step_before_they_end(self: leisure.Leisure, context: Context) -> bool:
        drivers[:] = [self]
        done = step(self, context)
        if not done:
            working.clear()
        return done

    leisure.SETTLED = math.inf
    leisure.Leisure.step = step_before_they_end  # type: ignore[method-assign]
    Job.result = lambda self: None if self.folder in working else result(self)  # type: ignore[method-assign]
    Job.start = start_and_wait  # type: ignore[method-assign]
    jobs.subprocess = SimpleNamespace(Popen=_forked, DEVNULL=subprocess.DEVNULL)  # type: ignore[attr-defined]
    Git.start = _ran_to_its_end  # type: ignore[method-assign]
    secrets.token_hex = lambda count=None: "abc123"  # type: ignore[assignment]

    def memory() -> object:
        (driver,) = drivers
        return sorted(map(str, working)), sorted(driver._cleaned), sorted(map(str, driver._made)), driver._given_up

    return memory


def at_one_time() -> None:
    """For child processes only: it is always the same time, for git as well, so that the same content has the same commit."""
    from maestro import clock
    from maestro.git import runner

    clock.now = lambda: "2025-02-19T12:00:00.000Z"
    runner.KEPT_VARIABLES |= {"GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"}  # type: ignore[misc]


def _forked(argv: Sequence[str], *, cwd: Path | None = None, env: dict[str, str] | None = None, pass_fds: tuple[int, ...] = (), **_: object) -> SimpleNamespace:
    """A supervisor as `jobs.py` starts it: in a session of its own, with nothing open but what it is handed. To the seam it is the same start of a process.

    A helper beside the run has done all when it is started.
    """
    from maestro.run import supervisor

    if cwd is None or env is None:
        code = subprocess.run(argv, check=False).returncode
        return SimpleNamespace(poll=lambda: code)
    sys.audit("subprocess.Popen", argv[0], argv, cwd, env)
    (lock,) = pass_fds
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setsid()
            os.chdir(cwd)
            os.environ.clear()
            os.environ.update(env)
            null = os.open(os.devnull, os.O_RDWR)
            for descriptor in range(3):
                os.dup2(null, descriptor)
            os.closerange(3, lock)
            os.closerange(lock + 1, 1024)
            supervisor.main(Path(argv[-2]), lock)
            code = 0
        finally:
            os._exit(code)
    return SimpleNamespace(poll=lambda: _ended(pid))


def _ran_to_its_end(git: Any, *args: str, hold: int, settings: tuple[str, ...] = ()) -> SimpleNamespace:
    """A git that is started beside the run has ended when the call returns."""
    code = git.run(*args, hold=hold, settings=settings, check=False).code
    return SimpleNamespace(poll=lambda: code, wait=lambda: code)


def _ended(pid: int) -> int | None:
    """The status of a child that has ended, which is buried with that."""
    with contextlib.suppress(ChildProcessError):
        found, status = os.waitpid(pid, os.WNOHANG)
        return None if found == 0 else os.waitstatus_to_exitcode(status)
    return 0
