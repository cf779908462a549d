"""Detached work: gates, set-up commands and agent workers. A job outlives the call that started it; its folder tells everything about it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path

from maestro import clock
from maestro.files import is_locked
from maestro.git.runner import KEPT_PREFIXES, KEPT_VARIABLES
from maestro.records import dataclass
from maestro.run import supervisor

TAIL = 4000
"""Characters of output that are kept in the journal and shown."""

_started: list[subprocess.Popen[bytes]] = []
"""Processes that this one started and has to bury when they end. What jobs did is told by their folders alone."""


@dataclass(frozen=True, slots=True)
class Step:
    """A command of a job. `stdin` is a file, never a pipe, so that it is still there when the starter is not."""

    name: str
    argv: tuple[str, ...]
    stdin: Path | None = None


@dataclass(frozen=True, slots=True)
class Exit:
    """How a job ended: `step` is the last one that ran, `seconds` all of them took. `lost`: it vanished without leaving a status (power, SIGKILL)."""

    code: int
    step: str | None = None
    timed_out: bool = False
    lost: bool = False
    seconds: float = field(default=0.0, compare=False)


def shell(command: str) -> tuple[str, ...]:
    """The argument list for a command that a person gave."""
    return ("sh", "-c", command)


def start_beside(*argv: str) -> subprocess.Popen[bytes]:
    """Start a helper whose end matters to nobody but this process: it leaves nothing on disk that tells of it, and goes on when we end."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    _started.append(process)
    return process


def environment(**extra: str) -> dict[str, str]:
    """What a job sees: the user's environment without git's own variables, which would point its git at another repository, and `extra`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in KEPT_VARIABLES or name.startswith(KEPT_PREFIXES)}
    return kept | extra


@dataclass(frozen=True, slots=True)
class Job:
    """Detached work by the folder that tells of it: its order, its output and how it ended."""

    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "out.log"

    @property
    def began(self) -> bool:
        """Whether its supervisor runs or has run. A call that was killed before it started one leaves at most an order, which counts for nothing."""
        return (self.folder / "spec.json").exists() and (self._alive() or self.log.exists() or self._exit() is not None)

    def start(self, steps: Sequence[Step], cwd: Path, env: Mapping[str, str], timeout: float | None = None) -> None:
        """Start the job, detached. Does nothing when it was started before.

        The lock that proves life is taken here and handed over, so that there is no moment at which a started job looks dead.
        """
        spec = self.folder / "spec.json"
        if self.began:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        document = {
            "steps": [{"name": step.name, "argv": list(step.argv), "stdin": str(step.stdin) if step.stdin else None} for step in steps],
            "cwd": str(cwd),
            "timeout": timeout,
        }
        descriptor = os.open(self.folder / "alive", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            spec.write_text(json.dumps(document), encoding="utf-8")
            _started[:] = [process for process in _started if process.poll() is None]
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", supervisor.__file__, str(self.folder), str(descriptor)],
                cwd=self.folder,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(descriptor,),
            )
            _started.append(process)
        finally:
            os.close(descriptor)

    def result(self) -> Exit | None:
        """How the job ended, None while it lives."""
        ended = self._exit()
        if ended is None and not self._alive():
            ended = self._exit() or Exit(-1, lost=True)
        return ended

    def wait(self, seconds: float | None) -> Exit | None:
        """Wait up to `seconds` (None: as long as it takes) for the end."""
        deadline = None if seconds is None else clock.monotonic() + seconds
        pause = 0.01
        while (ended := self.result()) is None and (deadline is None or clock.monotonic() < deadline):
            clock.pause(pause)
            pause = min(pause * 1.5, 0.25)
        return ended

    def stop(self) -> None:
        """End the job and every process it started; returns when they are gone."""
        deadline = clock.monotonic() + supervisor.GRACE
        while not (pids := self._pids()) and (self.folder / "spec.json").exists() and self.result() is None and clock.monotonic() < deadline:
            clock.pause(0.01)  # its supervisor was started and has not said its name yet
        if pids and self._alive() and self._exit() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pids[0], signal.SIGTERM)
            if self.wait(supervisor.GRACE + 2) is None and (pids := self._pids()) and pids[1] is not None:
                supervisor.end_group(pids[1])

    def works_in(self, folder: Path) -> bool:
        """Whether it was started in this folder and has not ended."""
        return not (self.folder / "exit.json").exists() and self._read("spec.json").get("cwd") == str(folder) and self.result() is None

    @property
    def limit(self) -> float | None:
        """Seconds that the job may take, as it was ordered."""
        limit = self._read("spec.json").get("timeout")
        return float(limit) if isinstance(limit, int | float) else None

    def seconds_quiet(self) -> float:
        """Seconds since the job last wrote output (or started)."""
        with contextlib.suppress(FileNotFoundError):
            return max(0.0, time.time() - self.log.stat().st_mtime)
        return 0.0

    def tail(self, characters: int = TAIL) -> str:
        """The end of the output, cut at a line."""
        try:
            with open(self.log, "rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(max(0, size - characters * 4))
                text = stream.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""
        if len(text) > characters:
            text = text[-characters:].partition("\n")[2] or text[-characters:]
        return text.rstrip("\n")

    def _pids(self) -> tuple[int, int | None] | None:
        """The supervisor and the process group of its current step; None until it has begun."""
        found = self._read("pid.json")
        supervisor, group = found.get("supervisor"), found.get("group")
        return (supervisor, group if isinstance(group, int) else None) if isinstance(supervisor, int) else None

    def _exit(self) -> Exit | None:
        found = self._read("exit.json")
        code, step, seconds = found.get("code"), found.get("step"), found.get("seconds")
        if not isinstance(code, int):
            return None
        took = float(seconds) if isinstance(seconds, int | float) else 0.0
        return Exit(code, step if isinstance(step, str) else None, found.get("timed_out") is True, seconds=took)

    def _read(self, name: str) -> dict[str, object]:
        """A file of the supervisor's, empty where there is none, or none that it wrote."""
        try:
            data = json.loads((self.folder / name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}

    def _alive(self) -> bool:
        return is_locked(self.folder / "alive")
