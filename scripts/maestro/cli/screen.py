"""How wide text may be."""

from __future__ import annotations

import os
import sys

WIDEST = 120
"""Columns above which lines are hard to read."""


def columns() -> int:
    """The terminal's columns within reason; 80 where stdout is no terminal, so that output is the same everywhere."""
    if not sys.stdout.isatty():
        return 80
    try:
        return max(40, min(os.get_terminal_size(sys.stdout.fileno()).columns, WIDEST))
    except OSError:
        return 80
