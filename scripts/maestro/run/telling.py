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


_BEGINS = re.compile(
    r"^(?:={10,}\n(?:FAIL|ERROR): "  # unittest
    r"|_{3,} .+ _{3,}$"  # pytest
    r"|\s*not ok \d+\b|\s*(?:✖|✕|●) |\s*--- FAIL: |---- .+ stdout ----$|error(?:\[E\d+\])?: )",  # TAP, mocha, jest, go, cargo
    re.MULTILINE,
)
"""By tool, the line with which it begins to tell of one failure."""

LEFT_OUT = "[…]"


def shortened(output: str, most: int) -> str:
    """At most `most` characters of a red run's output, in whole lines where they fit: from the first failure's own heading on, and the end.

    What came before the first failure goes first; a traceback without its heading says nothing.
    """
    if len(output) <= most:
        return output
    begins = _BEGINS.search(output)
    rest = output[begins.start() :] if begins else output
    if begins and len(rest) <= most:
        return rest
    if not begins:
        return _end(rest, most)
    between = f"\n{LEFT_OUT}\n"
    half = (most - len(between)) // 2
    head = rest[:half]
    return (head.rpartition("\n")[0] or head) + between + _end(rest, half)


def _end(output: str, most: int) -> str:
    return output[-most:].partition("\n")[2] or output[-most:]


def cut(line: str, most: int) -> str:
    """At most `most` characters; what is cut off leaves a mark."""
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def telling_line(output: str) -> str:
    """The line of a failed command's output that says what failed, else its last one; empty for no output."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    for pattern in _TELLING:
        for line in lines:
            if pattern.search(line):
                return cut(line, LONGEST)
    return cut(lines[-1], LONGEST) if lines else ""


def in_short(reason: str) -> str:
    """The first line of a reason, what happened, and the one of the output below it that says why."""
    first, _, output = reason.strip().partition("\n")
    return cut(" … ".join(line for line in (first.strip(), telling_line(output)) if line), 300)
