"""Dataclasses that are cheap to define.

The standard decorator compiles six methods for every frozen class and makes it anew for slots, which is a tenth of Python's own start; a door that knows
eighty classes would spend most of its time on classes of which it makes no object. Here comparing, hashing and showing are shared, and the standard decorator
does its work, and the constructor is compiled, when the first object is made or somebody asks for the fields. What comes out is a dataclass in every other
respect: `fields`, `replace`, `asdict` and pattern matching work on it. That frozen ones stay as they were made is checked by mypy, which sees the standard
decorator, and not again at run time.
"""

from __future__ import annotations

import copyreg
import dataclasses
from collections.abc import Callable
from operator import attrgetter
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, eq: bool = True, slots: bool = False, kw_only: bool = False) -> Any:
        """As `dataclasses.dataclass`, for the options that are used here. Every annotation in the class is a field."""

        def make(cls: type) -> type:
            cls.__repr__ = _show
            if eq:
                cls.__eq__ = _equal
                cls.__hash__ = _hash if frozen else None
            return _promised(cls, slots=slots, kw_only=kw_only)

        return make if cls is None else make(cls)


_ALONE = RLock()
"""Two threads may make the first object of a class at once, and a class's bases are completed on the way."""

_STANDARD = ("__dataclass_fields__", "__dataclass_params__", "__match_args__")
"""What the standard decorator leaves in a class and others look for there."""


def _promised(pattern: type, *, slots: bool, kw_only: bool) -> Any:
    """A class like `pattern` that completes itself: what the standard decorator makes of `pattern` is then put into it."""
    names = pattern.__annotations__
    content = {name: value for name, value in vars(pattern).items() if name not in names and name not in ("__dict__", "__weakref__")}
    if slots:
        inherited = {name for base in pattern.__mro__[1:] for name in vars(base).get("__slots__", ())}
        content["__slots__"] = tuple(name for name in names if name not in inherited)

    def complete() -> None:
        with _ALONE:
            if "__dataclass_fields__" in vars(pattern):
                return
            pattern.__doc__ = pattern.__doc__ or pattern.__name__  # without any the decorator works out a signature, which takes longer than all the rest
            pattern.__annotations__ = dict.fromkeys(names, object)  # in strings it would look for `ClassVar` and the like
            dataclasses.dataclass(pattern, init=False, eq=False, repr=False, kw_only=kw_only)
            fields = dataclasses.fields(pattern)
            for field in fields:
                field.type = names.get(field.name, field.type)
            for name in _STANDARD:
                setattr(made, name, vars(pattern)[name])
            made._compared = attrgetter(*(field.name for field in fields if field.compare))
            made.__init__ = _constructor(fields, f"{made.__qualname__}.__init__")
            if slots and len(fields) > 1 and not any(field.kw_only for field in fields):
                _pickle_by_place(made, attrgetter(*(field.name for field in fields)))

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        complete()
        made.__init__(self, *args, **kwargs)

    content |= {name: _Later(complete, name) for name in (*_STANDARD, "_compared")}
    made: Any = type(pattern)(pattern.__name__, pattern.__bases__, {**content, "__init__": __init__, "__qualname__": pattern.__qualname__})
    return made


def _constructor(fields: tuple[dataclasses.Field[Any], ...], name: str) -> Any:
    """What the standard decorator writes, without the annotations and detours that make it slow to compile. No field is named in capitals."""
    known: dict[str, Any] = {"MISSING": dataclasses.MISSING}
    parameters, lines = ["self"], []
    for field in sorted(fields, key=lambda field: bool(field.kw_only)):
        value = field.name
        if field.kw_only and "*" not in parameters:
            parameters.append("*")
        known[f"DEFAULT_{value}"], known[f"MAKE_{value}"] = field.default, field.default_factory
        made_here = field.default_factory is not dataclasses.MISSING
        parameters.append(value if field.default is dataclasses.MISSING and not made_here else f"{value}=DEFAULT_{value}")
        lines.append(f" self.{value} = " + (f"MAKE_{value}() if {value} is MISSING else {value}" if made_here else value))
    exec(f"def __init__({', '.join(parameters)}):\n" + "\n".join(lines or [" pass"]), known)
    known["__init__"].__qualname__ = name
    return known["__init__"]


class _Later:
    """Stands in a class for an attribute that comes with its completion."""

    def __init__(self, complete: Callable[[], None], name: str) -> None:
        self.complete, self.name = complete, name

    def __get__(self, instance: object, owner: type) -> Any:
        self.complete()
        return getattr(owner, self.name)


def _equal(self: Any, other: Any) -> Any:
    return self._compared(self) == self._compared(other) if other.__class__ is self.__class__ else NotImplemented


def _pickle_by_place(cls: type, values: Callable[[Any], tuple[Any, ...]]) -> None:
    """Tell pickle that an object is its class and its arguments, in a third of the time that names and values of all slots take.

    In the table of such functions, because pickle takes half as long again to find a `__reduce__` in a class.
    """
    copyreg.pickle(cls, lambda record: (cls, values(record)))


def _hash(self: Any) -> int:
    return hash(self._compared(self))


def _show(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"
