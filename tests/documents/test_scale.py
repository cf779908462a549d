"""Reading is linear: twice the text takes about twice the time, whatever the text."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import pytest

from maestro.documents.lint import lint_plan
from maestro.documents.plans import parse_plan
from maestro.documents.registry import parse_registry
from maestro.errors import InvalidDocument


def maestro(tasks: int) -> str:
    return "".join(
        f"{f'## Phase {n // 20}: p' if n % 20 == 0 else ''}\n### Task {n // 20}.{n % 20}: t\n**Files:**\n- Create: `a{n}.py`\n\n- [ ] b\n" for n in range(tasks)
    )


def conductor(tasks: int) -> str:
    return "".join(f"{f'## Phase {n // 20}: p' if n % 20 == 0 else ''}\n- [ ] Task: t\n    - [ ] b\n" for n in range(tasks))


def seconds(text: str) -> float:
    started = time.process_time()
    with contextlib.suppress(InvalidDocument):
        lint_plan(parse_plan(text, "plan.md"))
    parse_registry(text[:200_000], "tracks.md")
    return time.process_time() - started


SHAPES: dict[str, Callable[[int], str]] = {
    "maestro": lambda n: maestro(n * 10),
    "conductor": lambda n: conductor(n * 15),
    "brackets": lambda n: "- [ ] Task: t " + "[" * n * 20_000,
    "boxes": lambda n: "- [ ] [\n" * n * 20,
    "parentheses": lambda n: "- [x] Task: t " + "(sha " * n * 400,
    "commits": lambda n: "- [x] Task: t" + " abaa869," * n * 200 + " abaa869",
    "spans": lambda n: "- [x] Task: t" + " `abaa869`" * n * 200,
    "comments": lambda n: "- [ ] Task: t " + "<!-- " * n * 400,
    "emphasis": lambda n: "- [ ] Task: " + "**" * n * 1000,
    "markers": lambda n: "### Task 1: " + "[x] " * n * 400,
    "details": lambda n: "<details>\n" * n * 40,
    "quotes": lambda n: ("> " * 60 + "a\n") * n,
    "nested": lambda n: ("- " * 60 + "a\n" + "\n" * 60) * n,
    "fields": lambda n: "### Task 1: t\n**Files:**\n" + "- `a.py`\n" * n * 20,
    "paths": lambda n: "### Task 1: t\nFiles: " + "a.b/" * n * 500,
    "words": lambda n: "- [ ] Task: t\n  " + "a " * n * 1000 + ":",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_twice_the_text_takes_about_twice_as_long(shape: Callable[[int], str]) -> None:
    small, large = shape(25), shape(100)
    seconds(shape(5))
    base = min(seconds(small) for _ in range(3))
    assert min(seconds(large) for _ in range(2)) <= max(base, 0.002) * 4 * 2.2


def test_ten_thousand_tasks() -> None:
    assert len(parse_plan(maestro(10_000), "plan.md").tasks) == 10_000
