"""Which words about order a text uses: few of those there are, and most of its lines none. They are looked up before a line is read closely."""

from __future__ import annotations

from maestro.evidence.cues import HANDED_ON, HANDING, ordering
from maestro.evidence.fields import labelling
from maestro.evidence.ids import TaskIds
from maestro.evidence.lines import plain, words
from maestro.evidence.references import DIGIT, NOUNS
from maestro.patterns import holds, pattern

_GENERIC_ID = pattern(r"(?:[tu]|wp)[-_]?\d")


class Wording:
    """The words of a task's text, or of what a plan says outside its tasks."""

    def __init__(self, text: str, ids: TaskIds) -> None:
        lower = plain(text).lower()
        known = frozenset(words(lower))
        self.ids = ids
        self.labels = labelling(lower, known)
        """Empty where there is certainly no dependency field."""
        self._cues = ordering(known)
        self._handing = known & HANDING
        self.orders = bool(self._cues or self._handing)
        """False where certainly no sentence puts tasks in order."""

    def may_order(self, line: str) -> bool:
        """The same for one line of the text, more exactly."""
        lower = plain(line).lower()
        if holds(lower, self._cues):
            return True
        if self.ids.unusual:
            return holds(lower, self._handing)
        return DIGIT.search(lower) is not None and self._may_name(lower) and HANDED_ON.search(lower) is not None

    def _may_name(self, lower: str) -> bool:
        """False for a line in lower case that certainly names no task in a way that shows that a task is meant."""
        return not self.ids.only_generic or holds(lower, NOUNS) or _GENERIC_ID.search(lower) is not None
