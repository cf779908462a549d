"""Emphasis. Views always use it; what leaves the process loses it again where colour is not wanted. Nothing is said by colour alone."""

from __future__ import annotations


def bold(text: str) -> str:
    """For headings."""
    return f"\x1b[1m{text}\x1b[0m"


def dim(text: str) -> str:
    """For what most readers may skip."""
    return f"\x1b[2m{text}\x1b[0m"


def green(text: str) -> str:
    """For what went well."""
    return f"\x1b[32m{text}\x1b[0m"


def yellow(text: str) -> str:
    """For what deserves a look."""
    return f"\x1b[33m{text}\x1b[0m"


def red(text: str) -> str:
    """For errors and failures."""
    return f"\x1b[31m{text}\x1b[0m"


def cyan(text: str) -> str:
    """For places to find again, such as the number of a wave."""
    return f"\x1b[36m{text}\x1b[0m"
