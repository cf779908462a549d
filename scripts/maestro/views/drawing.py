"""The dependency graph in any of its notations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from maestro.models.plan import Plan
from maestro.models.schedule import Composition
from maestro.views.graph import graph_text, legend
from maestro.views.looks import looks_of
from maestro.views.notations import dot, mermaid
from maestro.views.svg import svg

if TYPE_CHECKING:
    from maestro.models.run import RunState

_NOTATIONS = {"mermaid": mermaid, "dot": dot, "svg": svg}


def draw(kind: str, plan: Plan, composition: Composition, state: RunState | None = None, *, columns: int = 80) -> str:
    """The graph as `text` for a terminal, or as a `mermaid`, `dot` or `svg` document.

    state: of the run whose states are shown; without one the plan's markers speak
    """
    looks = looks_of(plan, state)
    if kind in _NOTATIONS:
        return _NOTATIONS[kind](plan, composition, looks)
    return "\n".join([*graph_text(plan, composition, columns=columns, kinds=True, looks=looks), *legend(plan, composition, columns, looks, kinds=True)])
