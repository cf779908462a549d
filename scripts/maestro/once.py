"""Attributes that are worked out when they are first asked for, and kept.

`functools.cached_property` takes a lock for each object before Python 3.12, which costs more than most of what is worked out here. Nothing is shared between
threads while a plan is read, and to work something out twice would do no harm.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

__all__ = ["once"]

if TYPE_CHECKING:
    from functools import cached_property as once
else:

    class once:
        """As `functools.cached_property`, without the lock."""

        def __init__(self, make: Callable[[Any], Any]) -> None:
            self.make = make
            self.name = make.__name__
            self.__doc__ = make.__doc__

        def __get__(self, instance: object | None, owner: type | None = None) -> Any:
            if instance is None:
                return self
            found = instance.__dict__[self.name] = self.make(instance)
            return found
