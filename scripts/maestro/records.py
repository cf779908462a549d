"""Dataclasses that are cheap to define.

The standard decorator compiles six methods for every frozen class and makes it anew for slots, which is a tenth of Python's own start; a door that knows
eighty classes would spend most of its time on classes of which it makes no object. Here comparing, hashing and showing are shared, the constructor comes when
the first object is made, and the standard decorator does its work when somebody asks for the fields. What comes out is a dataclass in every other respect:
`fields`, `replace`, `asdict` and pattern matching work on it. That frozen ones stay as they were made is checked by mypy, which sees the standard decorator,
and not again at run time.
"""

from __future__ import annotations

import copyreg
import dataclasses
from collections.abc import Callable
from functools import cache
from operator import attrgetter
from threading import RLock
from types import CodeType, FunctionType
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

    def construct() -> None:
        """Give the class its constructor."""
        with _ALONE:
            if made.__init__ is not __init__:
                return
            parameters = _parameters(pattern, kw_only)
            made.__init__ = _constructor(parameters, f"{made.__qualname__}.__init__")
            if slots and len(parameters) > 1 and not any(kw_only for _, kw_only in parameters.values()):
                _pickle_by_place(made, attrgetter(*parameters))

    def complete() -> None:
        """Make it a dataclass for whoever asks for the fields, of which most calls make objects and nothing else."""
        construct()
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

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        construct()
        made.__init__(self, *args, **kwargs)

    content |= {name: _Later(complete, name) for name in (*_STANDARD, "_compared")}
    made: Any = type(pattern)(pattern.__name__, pattern.__bases__, {**content, "__init__": __init__, "__qualname__": pattern.__qualname__})
    return made


class _Made:
    """The default of a field that is made anew for each object."""

    __slots__ = ("make",)

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


Parameters = dict[str, tuple[Any, bool]]
"""The fields of a class: for each its default, a `_Made` or `MISSING`, and whether it is given by name only."""


def _parameters(pattern: type, kw_only: bool) -> Parameters:
    """Those of the bases, then those that the class itself annotates."""
    found: Parameters = {}
    for base in pattern.__mro__[:0:-1]:
        for field in dataclasses.fields(base) if "__dataclass_fields__" in vars(base) else ():
            found[field.name] = _default(field), bool(field.kw_only)
    for name in pattern.__annotations__:
        value = vars(pattern).get(name, dataclasses.MISSING)
        if isinstance(value, dataclasses.Field):
            found[name] = _default(value), kw_only if value.kw_only is dataclasses.MISSING else value.kw_only
        else:
            found[name] = value, kw_only
    return found


def _default(field: dataclasses.Field[Any]) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else _Made(field.default_factory)


def _constructor(parameters: Parameters, name: str) -> Any:
    """What the standard decorator would compile for each class. Constructors differ in names alone, so one of each form is compiled, and the names put in."""
    names = sorted(parameters, key=lambda name: parameters[name][1])  # what is given by name stands last
    defaults = {name: parameters[name][0] for name in names}
    by_name = [name for name in names if parameters[name][1]]
    code = _form(tuple([isinstance(default, _Made) for default in defaults.values()]))
    named = {f"f{place}": name for place, name in enumerate(names)}
    code = code.replace(
        co_argcount=1 + len(names) - len(by_name),
        co_kwonlyargcount=len(by_name),
        co_varnames=("self", *names),
        co_names=tuple([named.get(name, name) for name in code.co_names]),
        co_qualname=name,
    )
    given = {name: default for name, default in defaults.items() if default is not dataclasses.MISSING}
    made: Any = FunctionType(code, {"Made": _Made}, "__init__", tuple([default for name, default in given.items() if name not in by_name]))
    made.__kwdefaults__ = {name: default for name, default in given.items() if name in by_name}
    return made


@cache
def _form(made: tuple[bool, ...]) -> CodeType:
    """The code of a constructor of as many fields, called `f0`, `f1` and so on. made: which of them may have to be made."""
    values = [f"f{place}.make() if f{place}.__class__ is Made else f{place}" if anew else f"f{place}" for place, anew in enumerate(made)]
    lines = [f" self.f{place} = {value}" for place, value in enumerate(values)] or [" pass"]
    known: dict[str, Any] = {}
    exec(f"def __init__({', '.join(['self', *(f'f{place}' for place in range(len(made)))])}):\n" + "\n".join(lines), known)
    code: CodeType = known["__init__"].__code__
    return code


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
