"""What an edge shows stands in the plan: its line exists, and its words are on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from documents.test_corpus import PLANS, text_of
from maestro.documents.plans import parse_plan
from maestro.errors import InvalidDocument
from maestro.evidence.detect import detect
from maestro.models.dependency import Dependency, Kind
from maestro.models.plan import Plan
from plans import LOGIN, SPEC_KIT

SUPERPOWERS = """\
# Watch

> superpowers:executing-plans

## Global Constraints
- Task 1 must be done before Task 4 starts.

### Task 1: Watcher

**Files:**
- Create: `src/watch.ts`
- Test: `tests/watch.test.ts`

**Interfaces:**
- Produces: `watchEvents(dir): Watcher`

### Task 2: Page
**Files:**
- Modify: `tests/watch.test.ts:1-9`

### Task 3: Guide
- Consumes: `watchEvents(dir)` from Task 1

### Task 4: Wire **everything** together and run the end-to-end tests
"""

TABLE = """\
## Phase 1: p
- [ ] Task 1: Make `src/index.ts`
- [ ] Task 2: Add to `src/index.ts`, `b.ts`

## Order

| Task | Needs |
|---|---|
| 2 | **Task 1** |
"""


def edges_of(plan: Plan) -> tuple[Dependency, ...]:
    try:
        return detect(plan).dependencies
    except InvalidDocument:
        return ()


def plain(text: str) -> str:
    """Words without emphasis and code signs, so that a title may be quoted as it is read."""
    return " ".join(re.sub(r"[*_`~]", "", text).split()).casefold()


def check(plan: Plan) -> int:
    lines = re.split(r"\r\n|\r|\n", plan.text)
    edges = edges_of(plan)
    for edge in edges:
        assert edge.evidence.line is not None and edge.evidence.why
        quotes = re.findall(r"\(line (\d+)\): (.*?)(?= \| \S+ \(line|$)", edge.evidence.text) if edge.kind is Kind.FILES else []
        for number, words in quotes or [(edge.evidence.line, edge.evidence.text)]:
            line = int(number)
            assert _stands(plain(words), [plain(text) for text in lines[line - 1 : line + 20]]), f"{edge.task} needs {edge.needs}: line {line} has no {words!r}"
    return len(edges)


def _stands(words: str, lines: list[str]) -> bool:
    """On the line itself, cut or not; or, of a label with a list below it, the label there and each item on a line of its own."""
    if words.rstrip("…").removesuffix(")") in lines[0]:
        return True
    label, _, items = words.partition(": ")
    return label in lines[0] and all(any(item.strip() in line for line in lines[1:]) for item in items.rstrip("…").split(", "))


@pytest.mark.parametrize("text", [LOGIN, SPEC_KIT, SUPERPOWERS, TABLE], ids=["maestro", "spec-kit", "superpowers", "table"])
def test_the_words_of_an_edge_stand_on_its_line(text: str) -> None:
    assert check(parse_plan(text, "plan.md")) > 0


@pytest.mark.skipif(not PLANS, reason="the collection of real plans is not here")
@pytest.mark.parametrize("path", PLANS[::6], ids=lambda path: path.parent.name)
def test_the_words_of_an_edge_stand_on_its_line_in_real_plans(path: Path) -> None:
    _check_file(path)


@pytest.mark.slow
@pytest.mark.skipif(not PLANS, reason="the collection of real plans is not here")
@pytest.mark.parametrize("path", PLANS, ids=lambda path: path.parent.name)
def test_the_words_of_an_edge_stand_on_its_line_in_all_real_plans(path: Path) -> None:
    _check_file(path)


def _check_file(path: Path) -> None:
    try:
        plan = parse_plan(text_of(path), "plan.md")
    except InvalidDocument:
        return
    check(plan)
