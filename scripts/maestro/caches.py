"""Where maestro keeps what it can make again."""

from __future__ import annotations

import os
import sys


def cache_folder() -> str:
    """The folder in the user's cache: `~/.cache/maestro`, `~/Library/Caches/maestro` on macOS. It need not exist."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.expanduser("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    return os.path.join(base, "maestro")
