"""When tasks would run: waves one after the other, slots filled as they become free."""

from __future__ import annotations

from maestro.schedule.timetable import length_of, timetable


def test_the_next_task_starts_when_a_slot_is_free_and_the_next_wave_when_all_are() -> None:
    table = timetable([["a", "b", "c", "d"], ["e"]], {"a": 4, "b": 1, "c": 2, "d": 1.5, "e": 3})
    assert table == {"a": (0, 4), "b": (0, 1), "c": (0, 2), "d": (1, 2.5), "e": (4, 7)}
    assert length_of(table) == 7


def test_fewer_slots_take_longer_and_unknown_lengths_are_given() -> None:
    assert length_of(timetable([["a", "b"]], {"a": 2}, slots=1, unknown=5)) == 7
    assert length_of(timetable([[], []], {})) == 0
