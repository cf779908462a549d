"""The one place that runs a tracker's program: lists of arguments, no terminal, a time limit, one call at a time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from maestro import clock
from maestro.files import lock
from maestro.git.runner import clean_environment
from maestro.integrations.programs import Program
from maestro.integrations.speech import Answer, understand
from maestro.records import dataclass

READ_LIMIT = 20.0
WRITE_LIMIT = 45.0
"""Seconds. A write may wait for other processes' locks."""

PAUSES = (0.2, 0.8, 2.0)
"""Seconds before each new try while the database is busy. Nothing else is tried again by itself."""

_LOCK_LIMIT = 180.0


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one program for one tracker. `folder` is its `.beads`, `root` the primary checkout, `actor` the name under which claims are made."""

    program: Program
    folder: Path
    root: Path
    actor: str

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """No other maestro process calls the tracker meanwhile: parallel processes have corrupted its database (several versions of both tools).

        Raises Locked `lock-held`.
        """
        with lock(self.folder if self.folder.is_dir() else self.root, purpose="talking to the issue tracker", timeout=_LOCK_LIMIT):
            yield

    def read(self, *args: str, limit: float = READ_LIMIT) -> Answer:
        return self._patiently(args, limit, repeatable=True)

    def write(self, *args: str, repeatable: bool = True) -> Answer:
        """`repeatable`: doing it twice is doing it once. After a time-out the caller looks before it decides."""
        return self._patiently(("--actor", self.actor, *args), WRITE_LIMIT, repeatable)

    def _patiently(self, args: tuple[str, ...], limit: float, repeatable: bool) -> Answer:
        pauses = list(PAUSES)
        crashed = False
        while True:
            answer = run(self.program, (*args, "--json"), self.root, self.folder, limit)
            if answer.busy and pauses:
                clock.pause(pauses.pop(0))
            elif answer.code is not None and answer.code < 0 and repeatable and not crashed:
                crashed = True  # embedded databases were seen to die of a signal once and to work the next time
            else:
                return answer


def run(program: Program, args: tuple[str, ...], root: Path, folder: Path, limit: float) -> Answer:
    """One call to its end, or to the limit: then it ends with all that it started."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                [program.path, *args],
                cwd=root,
                env=_environment(os.environ, folder),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        except OSError as error:
            return understand(args, 127, "", f"{program.path}: {error.strerror}")
        code: int | None = None
        try:
            code = process.wait(limit)
        except subprocess.TimeoutExpired:
            _end(process)
        except BaseException:
            _end(process)
            raise
        out.seek(0)
        err.seek(0)
        return understand(args, code, out.read().decode("utf-8", "replace"), err.read().decode("utf-8", "replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _environment(variables: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The primary checkout's tracker whatever the directory, plain JSON whatever the user prefers to look at."""
    kept = {name: value for name, value in clean_environment(variables).items() if name not in ("BR_OUTPUT_FORMAT", "TOON_DEFAULT_FORMAT")}
    return kept | {"BEADS_DIR": str(folder), "BD_JSON_ENVELOPE": "1", "BV_OUTPUT_FORMAT": "json", "NO_COLOR": "1", "RUST_LOG": "error"}
