"""Patterns that are compiled when something is first searched with them: to compile all that a reader of plans knows takes longer than Python's own start."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:

    def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
        """As `re.compile`. What is asked of the result is asked of the compiled pattern and kept, so that it costs nothing the next time."""

else:

    class _Pattern:
        def __init__(self, source: str, flags: int = 0) -> None:
            self._given = source, flags

        def __getattr__(self, name: str) -> Any:
            found = getattr(re.compile(*self._given), name)
            setattr(self, name, found)
            return found

    pattern = _Pattern


def holds(text: str, parts: Iterable[str]) -> bool:
    """Whether one of the parts stands in the text: what is asked before a pattern is searched that cannot be found without one of them."""
    return any(map(text.__contains__, parts))
