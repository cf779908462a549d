"""The code that a plan shows imports files that do not exist yet: what that puts in order."""

from __future__ import annotations

import pytest

from evidence.sketch import plan, task
from maestro.evidence.detect import detect
from maestro.models.dependency import Dependency, Kind, Strength
from maestro.models.plan import Access, Plan, Task

NEW = Access.CREATE


def edges(*tasks: Task) -> list[tuple[str, str]]:
    return [(edge.task, edge.needs) for edge in found(plan(*tasks))]


def found(tasks: Plan) -> list[Dependency]:
    return [edge for edge in detect(tasks).dependencies if edge.kind is Kind.IMPORTS]


def two(first: str, second: str, *code: str) -> tuple[Task, Task]:
    """A task that creates one file, and one that creates another and shows code."""
    return task("1", "The first part", files=[(first, NEW)]), task("2", "The second part", files=[(second, NEW)], code=code)


@pytest.mark.parametrize(
    ("first", "second", "line"),
    [
        ("src/shop/store.py", "src/shop/page.py", "from shop.store import Store"),
        ("src/shop/store.py", "src/shop/page.py", "    from .store import Store"),
        ("src/shop/store.py", "tests/test_page.py", "from shop import money, store as kept"),
        ("src/shop/store.py", "src/shop/page.py", "import shop.store"),
        ("src/shop/__init__.py", "src/page.py", "from shop import Store"),
        ("src/store.ts", "src/pages/page.tsx", 'import { Store } from "../store.js";'),
        ("src/store.ts", "test/page.test.ts", "} from '../src/store'"),
        ("src/store.js", "src/page.js", 'const { keep } = require("./store")'),
        ("src/store.js", "src/page.js", 'const store = await import("./store.js")'),
        ("internal/store/store.go", "cmd/page.go", '\t"example.com/shop/internal/store"'),
        ("src/store.rs", "src/page.rs", "use crate::store::Store;"),
        ("app/src/shop/Store.java", "app/src/shop/Page.java", "import shop.Store;"),
        ("lib/store.rb", "lib/page.rb", "require_relative 'store'"),
    ],
)
def test_code_that_takes_in_a_file_of_an_earlier_task_waits_for_it(first: str, second: str, line: str) -> None:
    assert edges(*two(first, second, line)) == [("2", "1")]


def test_the_edge_shows_the_line_and_why() -> None:
    (edge,) = found(plan(*two("src/shop/store.py", "src/shop/page.py", "x = 1", "from shop.store import Store")))
    assert (edge.strength, edge.evidence.text, edge.evidence.line) == (Strength.SOFT, "from shop.store import Store", 4)
    assert edge.evidence.why == "its code imports src/shop/store.py, which task 1 creates"


@pytest.mark.parametrize(
    "line",
    [
        "import json",
        "from storehouse import Store",
        "important = store",
        "# see shop.store",
        "from shop.page import Page",
        "from . import *",
        "from .",
        "import",
    ],
)
def test_other_code_ties_nobody(line: str) -> None:
    assert edges(*two("src/shop/store.py", "src/shop/page.py", line)) == []


def test_running_text_and_files_that_are_there_already_say_nothing() -> None:
    spoken = task("2", "The second part", "from shop.store import Store", files=[("src/shop/page.py", NEW)])
    assert edges(two("src/shop/store.py", "x.py")[0], spoken) == []
    changed = task("1", "The first part", files=[("src/shop/store.py", Access.MODIFY)])
    assert edges(changed, two("x.py", "src/shop/page.py", "from shop.store import Store")[1]) == []


def test_a_file_of_a_later_task_is_no_reason_to_wait() -> None:
    page = task("1", "The first part", files=[("src/shop/page.py", NEW)], code=["from shop.store import Store"])
    assert edges(page, task("2", "The second part", files=[("src/shop/store.py", NEW)])) == []


def test_a_file_that_the_task_makes_itself_is_its_own() -> None:
    both = [("src/shop/store.py", NEW), ("tests/test_store.py", NEW)]
    assert edges(task("1", files=[("src/shop/a.py", NEW)]), task("2", "Other", files=both, code=["from shop.store import Store"])) == []
