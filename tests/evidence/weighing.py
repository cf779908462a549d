"""Lists of tasks to be weighed, and what is read off the result."""

from __future__ import annotations

import json
from collections.abc import Mapping

from maestro.documents.plans import parse_plan
from maestro.evidence.detect import detect
from maestro.evidence.weigh import RULES, Weighing
from maestro.evidence.weights import SHIPPED, read_table
from maestro.models.dependency import Dependency, Strength
from maestro.models.plan import Plan


def listed(*tasks: str | tuple[str, str], files: Mapping[int, list[str]] | None = None) -> Plan:
    """A neutral list: titles, or titles with descriptions; ids count from 1."""
    texts = [task if isinstance(task, tuple) else (task, "") for task in tasks]
    entries = [
        {"id": str(number), "title": title, "description": text} | ({"files": files[number]} if files and number in files else {})
        for number, (title, text) in enumerate(texts, 1)
    ]
    return parse_plan(json.dumps({"tasks": entries}, ensure_ascii=False), "tasks.json", "neutral")


def soft_edges(plan: Plan) -> dict[tuple[str, str], Dependency]:
    return {(edge.task, edge.needs): edge for edge in detect(plan).dependencies if edge.strength is Strength.SOFT}


def measures(*tasks: str | tuple[str, str], files: Mapping[int, list[str]] | None = None, pair: tuple[int, int] | None = None) -> dict[str, float]:
    """The signals that are present between two tasks, the last and the first unless said otherwise; numbers count from 1."""
    plan = listed(*tasks, files=files)
    later, earlier = pair or (len(tasks), 1)
    weighing = Weighing(plan.tasks, read_table(SHIPPED))
    found = next(found for a, b, found in weighing.measures() if (a, b) == (later - 1, earlier - 1))
    assert found.keys() == {rule.name for rule in RULES}
    return {name: value for name, value in found.items() if value}
