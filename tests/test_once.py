"""Attributes that are worked out when they are first asked for."""

from __future__ import annotations

from maestro.once import once


class Square:
    def __init__(self, side: int) -> None:
        self.side = side
        self.asked = 0

    @once
    def area(self) -> int:
        """Side times side."""
        self.asked += 1
        return self.side * self.side


def test_what_is_asked_twice_is_worked_out_once_for_each_object() -> None:
    one, other = Square(2), Square(3)
    assert (one.area, one.area, other.area) == (4, 4, 9)
    assert (one.asked, other.asked) == (1, 1)


def test_nothing_is_worked_out_before_it_is_asked_for() -> None:
    square = Square(2)
    assert vars(square) == {"side": 2, "asked": 0}
    square.side = 4
    assert square.area == 16


def test_the_class_shows_what_the_attribute_means() -> None:
    assert Square.area.__doc__ == "Side times side."
