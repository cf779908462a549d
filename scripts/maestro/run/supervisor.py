"""Runs the steps of one job in a session of its own and leaves pid, log and exit status on disk, whatever happens to its starter.

Started as a script by `maestro.run.jobs`, with the job's folder and the descriptor of its lock. It imports the standard library only, so that it starts
fast and never depends on the environment of the project under test. The descriptor is handed on to the steps: while the lock is held, the job or one of
its processes lives.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

GRACE = 5.0
"""Seconds between asking a process group to end and killing it."""


def main(folder: Path, lock: int) -> None:
    spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
    signal.signal(signal.SIGTERM, _stopping.request)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _write(folder / "pid.json", {"supervisor": os.getpid(), "group": None, "step": None})
    begun = time.monotonic()
    deadline = None if spec.get("timeout") is None else begun + spec["timeout"]
    outcome: dict[str, object] = {"code": 0, "step": None, "timed_out": False}
    with open(folder / "out.log", "ab") as log:
        for step in spec["steps"]:
            code, timed_out = _run(folder, step, spec["cwd"], log.fileno(), lock, deadline)
            outcome = {"code": code, "step": step["name"], "timed_out": timed_out}
            if code:
                break
    _write(folder / "exit.json", outcome | {"seconds": round(time.monotonic() - begun, 3)})


class Stopped(Exception):
    """Somebody asked the job to end."""


class _Stopping:
    """Keeps the request to end until a step's process is known and can be ended with it."""

    asked = False
    armed = False

    def request(self, _signal: int, _frame: FrameType | None) -> None:
        self.asked = True
        if self.armed:
            raise Stopped

    def wait(self, process: subprocess.Popen[bytes], seconds: float | None) -> None:
        """Raises Stopped, subprocess.TimeoutExpired."""
        try:
            self.armed = True
            if self.asked:
                raise Stopped
            process.wait(seconds)
        finally:
            self.armed = False


_stopping = _Stopping()


def _run(folder: Path, step: dict[str, object], cwd: str, log: int, lock: int, deadline: float | None) -> tuple[int, bool]:
    if _stopping.asked:
        return 128 + signal.SIGTERM, False
    argv, stdin = step["argv"], step.get("stdin")
    assert isinstance(argv, list)
    with open(str(stdin) if stdin else os.devnull, "rb") as source:
        try:
            process = subprocess.Popen(argv, cwd=cwd, stdin=source, stdout=log, stderr=log, start_new_session=True, pass_fds=(lock,))
        except OSError as error:
            os.write(log, f"{argv[0]}: {error.strerror}\n".encode())
            return 127, False
    _write(folder / "pid.json", {"supervisor": os.getpid(), "group": process.pid, "step": step["name"]})
    timed_out = False
    try:
        _stopping.wait(process, None if deadline is None else max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        timed_out = True
    except Stopped:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        end_group(process.pid, process)
        return 128 + signal.SIGTERM, False
    end_group(process.pid, process)
    return (124 if timed_out else process.returncode), timed_out


def end_group(group: int, process: subprocess.Popen[bytes] | None = None) -> None:
    """End every process of a group: ask first, kill after GRACE seconds. Processes that a finished step left behind must not write into its worktree."""
    deadline = time.monotonic() + GRACE
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGTERM)
        while time.monotonic() < deadline:
            if process is not None:
                process.poll()
            os.killpg(group, 0)
            time.sleep(0.02)
        os.killpg(group, signal.SIGKILL)
    if process is not None:
        process.wait()


def _write(path: Path, data: dict[str, object]) -> None:
    temporary = path.with_suffix(".tmp")
    with open(temporary, "w", encoding="utf-8") as stream:
        json.dump(data, stream)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, path)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
