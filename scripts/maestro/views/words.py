"""How statuses, paths and numbers are written for people, the same in every view."""

from __future__ import annotations

import re
from collections.abc import Iterable

from maestro.models.dependency import Dependency, Kind, ScopeEntry, Strength
from maestro.models.plan import Access, Status
from maestro.views.cells import clip, one_line

STATUS_WORDS = {
    Status.NEW: "open",
    Status.PROGRESS: "in progress",
    Status.DONE: "done",
    Status.SKIPPED: "skipped",
    Status.BLOCKED: "blocked",
}

ACCESS_SIGNS = {
    Access.CREATE: "+",
    Access.MODIFY: "~",
    Access.DELETE: "-",
    Access.RENAME: ">",
    Access.READ: "=",
}

ACCESS_LEGEND = "+ creates  ~ changes  - deletes  > renames  = reads"


_PLAN_WORDS = r"(?i)(?:(?:(?:track|implementation|feature) )?plan|tasks)\s*[:：—–-]\s*"


def plan_name(name: str, title: str) -> str:
    """What a plan is called: the name it was asked for by and its own title, without the word that says that it is a plan."""
    own = one_line(title)
    own = own[found.end() :] if (found := re.match(_PLAN_WORDS, own)) else own
    return f"{one_line(name)}: {own}" if own else one_line(name)


def phase_name(id: str, title: str) -> str:
    """`Phase 2: Backend`. Ids that are no numbers stand for themselves, and a title that says no more than the id is not said again."""
    name = f"Phase {one_line(id)}" if id[:1].isdigit() else one_line(id)
    return ": ".join(part for part in (name, one_line(title) if title != id else "") if part) or "Tasks"


def percent(share: float, digits: int = 0) -> str:
    """A share from 0 to 1 as people write it: `43 %`, with `digits` behind the point."""
    return f"{100 * share:.{digits}f} %"


def amount(number: float) -> str:
    """A length without useless digits: `7`, `2.5`."""
    return f"{number:.1f}".removesuffix(".0")


def paths(entries: Iterable[ScopeEntry], most: int | None = None) -> str:
    """A scope in one line, written paths before read ones: `+src/a.py ~src/b.py`."""
    ordered = sorted(entries, key=lambda entry: not entry.access.writes)
    shown = [f"{ACCESS_SIGNS[entry.access]}{one_line(entry.path)}" for entry in ordered[:most]]
    left = len(ordered) - len(shown)
    return "  ".join(shown) + (f"  and {left} more" if left else "")


def source(edge: Dependency) -> str:
    """Where an edge comes from: its kind, how sure it is, and the line."""
    return label(edge) + (f", line {edge.evidence.line}" if edge.evidence.line is not None else "")


def reason(edge: Dependency) -> str:
    """Why an edge is there, in one line: the rule, and the words where they add to it."""
    evidence = edge.evidence
    telling = evidence.text and edge.kind not in (Kind.FILES, Kind.UNKNOWN)
    words = f': "{clip(one_line(evidence.text), 100)}"' if telling else ""
    return f"{one_line(evidence.why)}{words}"


def in_brief(edge: Dependency) -> str:
    """Line and reason as short as they can be understood: `(line 12): both touch src/a.py`, `(line 22): "Depends on Task 1.1"`; what is only likely says so."""
    evidence = edge.evidence
    line = f"line {evidence.line}" if evidence.line is not None else ""
    if edge.kind is Kind.FILES:
        return f"({line or label(edge)}): {one_line(evidence.why).partition(f': {edge.needs} ')[0]}"
    if edge.kind is Kind.EXPLICIT and evidence.text:
        return f'({line or label(edge)}): "{one_line(evidence.text)}"'
    return f"({source(edge)}): {reason(edge)}"


def label(edge: Dependency) -> str:
    """The source of an edge and how sure it is: `files`, `symbols, soft 72 %`."""
    weight = f" {percent(edge.weight)}" if edge.weight is not None else ""
    return f"{edge.kind.value}, soft{weight}" if edge.strength is Strength.SOFT else edge.kind.value


_COMMIT = r"\b([0-9a-f]{7})[0-9a-f]{33}\b"


def short_ids(text: str) -> str:
    """The text with every full commit id cut to the seven characters that people know them by."""
    return re.sub(_COMMIT, r"\1", text)
