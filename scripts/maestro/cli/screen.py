"""How wide text may be."""

from __future__ import annotations

import os
import sys
from typing import TextIO

WIDEST = 120
"""Columns above which lines are hard to read."""


def columns(stream: TextIO | None = None) -> int:
    """The terminal's columns within reason; 80 where the stream, stdout unless another one is given, is no terminal, so that output is the same everywhere."""
    stream = stream or sys.stdout
    if not stream.isatty():
        return 80
    try:
        return max(40, min(os.get_terminal_size(stream.fileno()).columns, WIDEST))
    except OSError:
        return 80
