"""Records are dataclasses in every respect that the standard library and its users look at."""

from __future__ import annotations

import dataclasses

import pytest

from maestro.records import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file."""

    path: str
    line: int = 1
    seen: int = dataclasses.field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked(Place):
    mark: str


@dataclass(slots=True)
class Basket:
    things: list[str] = dataclasses.field(default_factory=list)


def test_the_standard_library_takes_a_record_for_a_dataclass() -> None:
    place = Place("a.py", 3)
    assert [field.name for field in dataclasses.fields(place)] == ["path", "line", "seen"]
    assert dataclasses.replace(place, line=4) == Place("a.py", 4)
    assert dataclasses.asdict(Marked(path="a.py", mark="x")) == {"path": "a.py", "line": 1, "seen": 0, "mark": "x"}
    match place:
        case Place(path, line):
            assert (path, line) == ("a.py", 3)


def test_records_are_equal_by_what_they_hold_and_by_their_class() -> None:
    assert Place("a.py") == Place("a.py", 1, seen=7)
    assert Place("a.py") != Place("b.py")
    assert Place("a.py") != Marked(path="a.py", mark="x")
    assert len({Place("a.py"), Place("a.py", seen=7), Place("b.py")}) == 2


def test_what_can_change_has_no_hash() -> None:
    assert Basket(["a"]) == Basket(["a"])
    with pytest.raises(TypeError, match="unhashable"):
        hash(Basket())


def test_a_record_shows_its_fields() -> None:
    assert repr(Marked(path="a.py", mark="x")) == "Marked(path='a.py', line=1, seen=0, mark='x')"


def test_a_misspelt_attribute_is_refused() -> None:
    with pytest.raises(AttributeError):
        Basket().thing = 1  # type: ignore[attr-defined]
