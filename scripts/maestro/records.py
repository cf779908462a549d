"""Dataclasses that are cheap to define.

The standard decorator compiles six methods for every frozen class, which is a tenth of Python's own start; a door that knows eighty classes would spend
most of its time on methods that it never calls. Here only the constructor is compiled, and comparing, hashing and showing are shared. What comes out is a
dataclass in every other respect: `fields`, `replace`, `asdict` and pattern matching work on it. That frozen ones stay as they were made is checked by
mypy, which sees the standard decorator, and not again at run time.
"""

from __future__ import annotations

import dataclasses
from operator import attrgetter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:

    def dataclass(cls: type | None = None, /, *, frozen: bool = False, eq: bool = True, slots: bool = False, kw_only: bool = False) -> Any:
        """As `dataclasses.dataclass`, for the options that are used here."""

        def make(cls: type) -> type:
            cls.__repr__ = _show
            words = cls.__doc__
            cls.__doc__ = words or cls.__name__  # without any the standard decorator works out a signature, which takes longer than all the rest
            if eq:
                cls.__eq__ = _equal
                cls.__hash__ = _hash if frozen else None
            made = dataclasses.dataclass(cls, eq=False, repr=False, slots=slots, kw_only=kw_only)
            made.__doc__ = words
            made._compared = attrgetter(*(field.name for field in dataclasses.fields(made) if field.compare))
            return made

        return make if cls is None else make(cls)


def _equal(self: Any, other: Any) -> Any:
    return self._compared(self) == self._compared(other) if other.__class__ is self.__class__ else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._compared(self))


def _show(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{self.__class__.__qualname__}({', '.join(shown)})"
