"""Records are dataclasses in every respect that the standard library and its users look at."""

from __future__ import annotations

import dataclasses
import importlib
import pickle
import pkgutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import maestro
from maestro.models.run import Handle
from maestro.records import dataclass
from support import SCRIPTS


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


def test_a_class_is_complete_for_whoever_looks_first() -> None:
    def fresh() -> type:
        return dataclass(frozen=True, slots=True)(type("Fresh", (), {"__annotations__": {"path": "str", "line": "int"}, "line": 1, "__module__": __name__}))

    looks: list[Callable[[Any], object]] = [
        lambda kind: kind("a.py").line,
        lambda kind: len(dataclasses.fields(kind)) - 1,
        lambda kind: kind.__match_args__.index("line"),
        lambda kind: dataclasses.is_dataclass(kind) + 0,
    ]
    for look in looks:
        assert look(fresh()) == 1


def test_what_was_stored_by_an_earlier_call_can_be_looked_at(tmp_path: Path) -> None:
    """Reading a stored object calls no constructor, so it may be the first sight of its class in a process."""
    stored = tmp_path / "place"
    stored.write_bytes(pickle.dumps(Handle("auth", "1.1", 2)))
    look = "import sys, pickle, dataclasses; h = pickle.loads(open(sys.argv[1], 'rb').read()); print(dataclasses.asdict(h), h == h, str(h))"
    done = subprocess.run([sys.executable, "-c", look, str(stored)], cwd=SCRIPTS, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'track': 'auth', 'task': '1.1', 'attempt': 2} True auth/1.1/2"


@pytest.mark.parametrize("record", [Place("a.py", 2, 7), Marked(path="a.py", mark="x", seen=3), Basket(["a"])], ids=lambda record: type(record).__name__)
def test_a_stored_record_is_the_same_in_every_field(record: Any) -> None:
    again = pickle.loads(pickle.dumps(record))
    assert type(again) is type(record)
    assert dataclasses.asdict(again) == dataclasses.asdict(record)


def test_every_record_of_the_package_can_be_completed() -> None:
    """A mistake in a class would otherwise be seen only by the first call that makes an object of it."""
    for module in pkgutil.walk_packages(maestro.__path__, "maestro."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and dataclasses.is_dataclass(value):
                assert value.__match_args__ == tuple(field.name for field in dataclasses.fields(value) if field.init and not field.kw_only)


def test_a_record_is_made_as_a_dataclass_is() -> None:
    assert Basket().things == [] and Basket().things is not Basket().things
    with pytest.raises(TypeError, match=r"Place\.__init__\(\) missing 1 required positional argument: 'path'"):
        Place()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"Marked\.__init__\(\) missing 1 required keyword-only argument: 'mark'"):
        Marked("a.py")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'colour'"):
        Place("a.py", colour="red")  # type: ignore[call-arg]
    assert [field.type for field in dataclasses.fields(Marked)] == ["str", "int", "int", "str"]


def test_constructors_of_one_form_keep_their_own_names_and_defaults() -> None:
    """They share their code, so what one of them is given must never reach the other."""
    kinds = [dataclass(slots=True)(type(name, (), {"__annotations__": {first: "int", "f0": "int"}, "f0": default, "__module__": __name__}))
             for name, first, default in (("One", "f1", 1), ("Other", "make", 2))]  # fmt: skip
    one, other = kinds[0](f1=5), kinds[1](make=6)
    assert (one.f1, one.f0, other.make, other.f0) == (5, 1, 6, 2)
    assert (kinds[0](7).f1, kinds[1](8, f0=9).f0) == (7, 9)


def test_a_misspelt_attribute_is_refused() -> None:
    with pytest.raises(AttributeError):
        Basket().thing = 1  # type: ignore[attr-defined]
