"""What happened, in sentences: printable, one line each."""

from __future__ import annotations

from maestro.run.journal import Event
from maestro.views.chronicle import chronicle, sentence


def event(name: str, **data: object) -> Event:
    return Event(1, "2026-01-01T10:00:00.000Z", name, data)


def test_words_of_workers_and_plans_are_one_printable_line() -> None:
    said = sentence(event("task-failed", task="1.1", attempt=2, reason="\x1b[2Jno\u202e table\nmore", final=True, **{"class": "test"}))
    assert said == "1.1 failed (test, attempt 2, no further attempt): \\x1b[2Jno\\u202e table … more"
    assert sentence(event("candidate-made", task="1.1")) is None
    assert sentence(event("written-by-a-newer-version")) is None


def test_only_the_newest_are_kept_when_asked() -> None:
    events = [event("task-unblocked", task=str(number)) for number in range(5)]
    assert [entry["text"] for entry in chronicle(events, 2)] == ["3 is no longer blocked", "4 is no longer blocked"]
    assert chronicle(events, 9) == chronicle(events)
