"""Subjects: what a task brings into being, and a later one points at."""

from __future__ import annotations

import pytest

from evidence.sketch import FakeView, material, plan, task
from maestro.evidence import subjects
from maestro.models.dependency import Dependency, Kind, Strength
from maestro.models.plan import Task


def edges(*tasks: Task, files: tuple[str, ...] = ("README.md",), dialect: str = "maestro") -> list[Dependency]:
    return subjects.find(material(plan(*tasks, dialect=dialect), FakeView(files))).dependencies


@pytest.mark.parametrize(
    ("title", "line", "using"),
    [
        ("Write the base62 codec", "- `src/base62.js`", "Shorten links on top of the codec"),
        ("Build the in-memory link store with expiry", "- `src/memory.js`", "Uses the codec and the store"),
        ("Valuation", "- Create `stock/report.py`", "Prints the sum, using the valuation"),
        ("Patterns", "- `src/router.js`: method and path", "Answers with 404 using the router"),
        ("Middleware", "- `src/ratelimit.js`", "Plug the rate limiter into the server"),
        ("Only safe ones", "- `isSafeUrl` in `src/validate.js`", "Rejects what `isSafeUrl` refuses"),
        ("Money", "- Create `stock/price.py` with `Price`", "Gets an optional `price: Price`"),
    ],
)
def test_who_points_at_a_subject_needs_the_task_that_brings_it(title: str, line: str, using: str) -> None:
    (edge,) = edges(task("1.1", title, line), task("1.2", "Second", f"- Create `src/second.py`. {using}."))
    assert (edge.task, edge.needs, edge.kind, edge.strength) == ("1.2", "1.1", Kind.SYMBOLS, Strength.SOFT)
    assert "task 1.1 brings " in edge.evidence.why
    assert using.split()[0] in edge.evidence.text


@pytest.mark.parametrize(
    ("line", "using", "files"),
    [
        ("- Modify `src/router.js`", "using the router", ("src/router.js",)),
        ("- Create `src/index.js`", "Rewrite the index", ()),
        ("- Create `tests/test_router.py`", "using the router", ()),
        ("- Create `src/router.js`", "needs a router of its own", ()),
        ("- Create `src/router.js` like `createApp` does", "Ask the `router.js` author", ()),
    ],
)
def test_what_is_there_already_dull_or_not_pointed_at_ties_nobody(line: str, using: str, files: tuple[str, ...]) -> None:
    assert edges(task("1.1", "First", line), task("1.2", "Second", f"- Create `src/second.py`. {using}."), files=files) == []


def test_a_name_belongs_to_the_file_beside_it_and_not_to_the_next_task_that_mentions_it() -> None:
    found = edges(
        task("1.1", "Safety", "- `isSafeUrl` in src/validate.js"),
        task("1.2", "Shorten", "- `Shortener` in src/shortener.js; rejects what `isSafeUrl` refuses"),
    )
    assert [(edge.task, edge.needs) for edge in found] == [("1.2", "1.1")]


def test_a_subject_that_two_tasks_bring_ties_nobody() -> None:
    one, two = task("1.1", "One", "- Create `a/router.py`"), task("1.2", "Two", "- Create `b/router.py`")
    assert edges(one, two, task("1.3", "Third", "- Create `c/app.py` using the router")) == []


def test_who_comes_first_needs_nobody_and_neutral_lists_are_left_to_the_weights() -> None:
    bringing, pointing = task("2", "Router", "- Create `src/router.js`"), task("1", "App", "- Create `src/app.js` using the router")
    assert edges(pointing, bringing) == []
    assert edges(bringing, pointing, dialect="neutral") == []
