"""The table of weights: how much each signal counts for or against a dependency, and why.

A dependency's score is a sum of log odds: the table's start, plus for every signal its weight times its measure. Lists differ in how much their texts have in
common at all, so part of the list's mean score is taken off. Above zero a dependency is likelier than not, in the sense that a missed one and a needless
one cost the same share of their list.

The table is data, learned from real plans (`reference/dependencies.md`); `MAESTRO_WEIGHTS=FILE` puts another one in its place.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from maestro.errors import InvalidDocument
from maestro.models.dependency import Kind
from maestro.records import dataclass

SHIPPED = Path(__file__).with_name("weights.toml")
AT_HAND = SHIPPED.with_suffix(".json")
"""The same table in a form that takes a hundredth of the time, because every door has loaded what reads it. `fit_weights.py` writes both, and a test holds
the two together.
"""
VARIABLE = "MAESTRO_WEIGHTS"
_KINDS = {"symbols": Kind.SYMBOLS, "prose": Kind.PROSE, "position": None}


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of one signal. `kind` is None for position and similarity, which never carry an edge by themselves."""

    name: str
    kind: Kind | None
    weight: float
    says: str
    because: str
    names_product: bool
    """Whether the signal means that the task's text names what the other task makes, which alone may link tasks whose scopes do not meet."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All weights. `start` is the score of a pair without any signal, `centring` the share of a list's mean score that is taken off every pair.

    Two tables are compared by identity: what has been worked out for one is kept.
    """

    rows: Mapping[str, Row]
    start: float
    centring: float
    carried: float
    """How much a negative score counts, as a share, when a prerequisite comes along only because another one needs it."""
    parallel: float = 0.0
    """What comes off when the author marks the later task as one that may run in parallel, and again when both are marked."""

    def weight(self, name: str) -> float:
        """0 for a signal that the table does not know."""
        row = self.rows.get(name)
        return row.weight if row else 0.0


def probability(score: float) -> float:
    """Log odds as a number from 0 to 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def table() -> Table:
    """The table in force. Raises InvalidDocument `weights-invalid`."""
    other = os.environ.get(VARIABLE)
    return read_table(Path(other)) if other else _at_hand()


@cache
def _at_hand() -> Table:
    import json

    return _table(json.loads(AT_HAND.read_text(encoding="utf-8")))


@cache
def read_table(path: Path) -> Table:
    """The table in a TOML file: `start`, `centring`, `carried` and `[[signal]]` entries. Raises InvalidDocument `weights-invalid`."""
    import tomllib

    try:
        return _table(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        hint = f"{VARIABLE} names the table of weights; unset it to use the one that is shipped."
        raise InvalidDocument("weights-invalid", f"{path} holds no table of weights: {error}.", hint=hint, where=str(path)) from None


def _table(data: Mapping[str, Any]) -> Table:
    rows = [
        Row(
            name=str(entry["name"]),
            kind=_KINDS[entry["kind"]],
            weight=float(entry["weight"]),
            says=str(entry["says"]),
            because=str(entry["because"]),
            names_product=bool(entry.get("names_product", False)),
        )
        for entry in data["signal"]
    ]
    return Table({row.name: row for row in rows}, float(data["start"]), float(data["centring"]), float(data["carried"]), float(data.get("parallel", 0.0)))
