"""What stays behind when maestro itself fails."""

from __future__ import annotations

import contextlib
import os
import platform
import shlex
import traceback
from collections.abc import Sequence
from pathlib import Path

from maestro import __version__, clock
from maestro.caches import cache_folder

KEPT = 20
"""Logs of earlier failures that are kept."""


def write_log(error: BaseException, words: Sequence[str]) -> str | None:
    """Write the traceback to a file in the cache folder and return its path; None where that is not possible."""
    folder = Path(cache_folder()) / "log"
    stamp = clock.now().replace(":", "").replace(".", "")
    path = folder / f"{stamp}-{os.getpid()}.log"
    head = f"maestro {__version__}, Python {platform.python_version()} on {platform.platform()}\n$ {shlex.join(words)}\n\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(head + "".join(traceback.format_exception(error)), encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    with contextlib.suppress(OSError):
        for old in sorted(folder.glob("*.log"))[:-KEPT]:
            old.unlink()
    return str(path)
