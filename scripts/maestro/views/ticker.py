"""A run as lines that come one after the other, for logs and pipes: the same facts as on the board, each when it is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from maestro import clock
from maestro.run.journal import Event
from maestro.run.progress import progress_of
from maestro.run.watching import Sight
from maestro.views.board import doing, in_line, time_words
from maestro.views.cells import one_line
from maestro.views.chronicle import sentence
from maestro.views.line import open_wave
from maestro.views.progress import duration, progress_line

SILENCE = 60.0
"""Seconds without a line after which it is told who is at work."""

ROOM = 100
"""Columns for what a worker does."""


class Ticker:
    """What is new at each look; it remembers what it told."""

    def __init__(self) -> None:
        self._told, self._done, self._at = 0, -1, 0.0
        self._forecast: set[str] = set()

    def lines(self, sight: Sight, data: Mapping[str, Any]) -> Iterator[str]:
        """The events of a look, conflicts that are coming, then how far the run is where that changed; who is at work when nothing happened for long.

        data: the document of a watcher of the same sight
        """
        now = clock.time_of_day(clock.now())
        found = [line for event in sight.events[self._told :] for line in _event_lines(event)]
        self._told = len(sight.events)
        coming = [f"forecast: {clash.a} and {clash.b} would conflict in {', '.join(clash.files)}" for clash in sight.forecast]
        found += [f"{now} {words}" for words in coming if words not in self._forecast]
        self._forecast.update(coming)
        progress = progress_of(sight.state)
        if progress.done != self._done:
            self._done = progress.done
            words = progress_line(sight.state.track, progress, sight.state.phase, open_wave(progress, sight.state.phase))
            found.append(f"{now} {words} · {time_words(data['times'])}")
        if not found and data["workers"] and clock.monotonic() - self._at > SILENCE:
            found.append(f"{now} at work: {'; '.join(map(_worker, data['workers']))}")
        if found:
            self._at = clock.monotonic()
        yield from found


def _worker(worker: Mapping[str, Any]) -> str:
    return f"{one_line(worker['task'])} for {duration(worker['since_s'])} ({doing(worker, ROOM)})"


def _event_lines(event: Event) -> Iterator[str]:
    """An event in words, and below it the waves that it makes or changes."""
    words = sentence(event)
    if words is None:
        return
    yield f"{clock.time_of_day(event.at)} {words}"
    waves: Sequence[str] = {"phase-composed": ("waves",), "regrouped": ("before", "after")}.get(event.name, ())
    yield from (f"          {word:6}  {in_line(event.data[word])}" for word in waves)
