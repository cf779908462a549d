"""A source file, reduced to what it takes from others and what it offers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from maestro.records import dataclass

EVERYTHING = "*"
"""Stands among an import's names when the whole module is taken in."""


@dataclass(frozen=True, slots=True)
class Import:
    """`source` is written as in the code; `names` are what is taken from it, as far as the file shows: by name, or used through the module."""

    source: str
    names: frozenset[str]
    line: int
    passed_on: bool = False
    """Whether the file offers the names again as its own."""


@dataclass(frozen=True, slots=True)
class Module:
    """`exports` gives for each public name the text of its signature: what changes when its callers must change."""

    imports: tuple[Import, ...] = ()
    exports: Mapping[str, str] = field(default_factory=dict)


Reader = Callable[[str], Module]
"""Reads the text of one file. Text that cannot be parsed gives an empty module."""
