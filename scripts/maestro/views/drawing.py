"""The dependency graph in any of its notations."""

from __future__ import annotations

from maestro.models.plan import Plan
from maestro.models.schedule import Composition
from maestro.views.graph import graph_text, legend
from maestro.views.notations import dot, mermaid
from maestro.views.svg import svg

_NOTATIONS = {"mermaid": mermaid, "dot": dot, "svg": svg}


def draw(kind: str, plan: Plan, composition: Composition, *, columns: int = 80) -> str:
    """The graph as `text` for a terminal, or as a `mermaid`, `dot` or `svg` document."""
    if kind in _NOTATIONS:
        return _NOTATIONS[kind](plan, composition)
    return "\n".join([*graph_text(plan, composition, columns=columns), *legend(plan, composition, columns)])
