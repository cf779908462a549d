"""Which line of a long output says what failed: the one a person would point at."""

from __future__ import annotations

import re

LONGEST = 200
"""Characters of the line that are shown."""

_TELLING = tuple(
    re.compile(pattern)
    for pattern in (
        r"^\s*(?:not ok \d+\b|✖ (?!failing tests)|✕ |● )",  # node and other TAP, mocha, jest
        r"^(?:FAILED|ERROR) \S+::|^(?:FAIL|ERROR): ",  # pytest's summary, unittest
        r"^\s*--- FAIL: |^test \S+ \.\.\. FAILED|^error(?:\[E\d+\])?: ",  # go, cargo
        r"^(?:E\s+)?\w*(?:\.\w+)*(?:Error|Exception)\b|^\S+:\d+:\d+: error",  # what was raised, compilers
        r"^\s*FAIL\b",  # jest's file, go's package
        r"(?i)\b(?:error|failed|failure|not found|cannot)\b",
    )
)
"""By tool, from the line that names the failing test to anything that sounds like trouble; the first pattern that any line has wins."""


def telling_line(output: str) -> str:
    """The line of a failed command's output that says what failed, else its last one; empty for no output."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern in _TELLING:
        for line in lines:
            if pattern.search(line):
                return line[:LONGEST]
    return lines[-1][:LONGEST] if lines else ""
