"""Waiting for what other processes do: for a fact, a word, an end. All patience has an end here, and then says what did not come."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

from support import LONG


class Joinable(Protocol):
    """A thread, or a process of `multiprocessing`."""

    def join(self, timeout: float | None = None) -> None: ...

    def is_alive(self) -> bool: ...


def wait_for(true: Callable[[], object], what: str = "it", seconds: float = LONG) -> None:
    """Look until it is so. The pause is between two looks; nothing depends on its length."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"{what} never came to be, in {seconds:.0f} seconds"
        time.sleep(0.01)


def wait_for_line(path: Path) -> str:
    """What a process wrote into a file, when there is a whole line of it."""
    wait_for(lambda: path.exists() and path.read_text().endswith("\n"), f"a line in {path.name}")
    return path.read_text()


def wait_until_gone(*pids: int | str) -> None:
    """Until none of these processes runs."""
    wait_for(lambda: not any(alive(int(pid)) for pid in pids), f"the end of {', '.join(map(str, pids))}")


def alive(pid: int) -> bool:
    """A process that runs; one that has ended and was not waited for does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        pass
    except OSError:
        return False
    if Path("/proc/self").exists():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def join(*several: Joinable) -> None:
    """Until each of these threads or processes has ended."""
    for one in several:
        one.join(LONG)
        assert not one.is_alive(), f"{one} did not end in {LONG:.0f} seconds"


def bury(pid: int, seconds: float = LONG) -> int:
    """The status of a child that was forked, when it has ended. One that does not end is killed, which its status tells."""
    deadline = time.monotonic() + seconds
    pause = 0.0005
    while True:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.01)


@contextlib.contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[Any]]:
    """A process in a group of its own, which has ended when the test has: asked first, so that it can end what it started, then killed as a group."""
    with subprocess.Popen(command, start_new_session=True, **options) as process:
        try:
            yield process
            process.wait(LONG)
        finally:
            if process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(LONG / 4)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def read_until(descriptor: int, word: bytes | None = None) -> bytes:
    """What comes until this word was in it; without one, until the other side is closed (which a terminal tells by an error)."""
    seen, deadline = b"", time.monotonic() + LONG
    while word is None or word not in seen:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{word!r} did not come in {LONG:.0f} seconds, but {seen!r}"
        try:
            part = os.read(descriptor, 65536)
        except OSError:
            part = b""
        if not part:
            assert word is None, seen.decode()
            break
        seen += part
    return seen
