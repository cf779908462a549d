"""Products: a name that one task makes and a later one speaks of."""

from __future__ import annotations

import pytest

from evidence.sketch import FakeView, material, plan, task
from maestro.evidence import products
from maestro.models.dependency import Dependency, Kind, Strength
from maestro.models.plan import Task


def edges(*tasks: Task, dialect: str = "maestro") -> list[Dependency]:
    return products.find(material(plan(*tasks, dialect=dialect))).dependencies


@pytest.mark.parametrize(
    ("making", "using"),
    [
        ("Create the users table", "Reads the users table"),
        ("Add a new `orders` table", "Join with the orders table."),
        ("Implement UserRepository", "Uses `UserRepository` to look up the account"),
        ("Define `user_repository`", "Ask the user repository's `user_repository` for it"),
        ("Login endpoint", "Call the login endpoint from the form"),
        ("Add the POST `/api/login` endpoint", "The form posts to /api/login."),
        ("Build the StatusBadge component", "Show StatusBadge in every row"),
        ("Add an export command", "Mention the export command in the help"),
        ("Add a checkout event", "Send a mail on the checkout event"),
        ("Introduce `MAX_RETRIES`", "Stop after MAX_RETRIES attempts"),
    ],
)
def test_who_speaks_of_a_product_needs_its_maker(making: str, using: str) -> None:
    first, second = task("1.1", making, "- Create `src/one.py`"), task("1.2", "Second", f"- Create `src/two.py`: {using}")
    (edge,) = edges(first, second)
    assert (edge.task, edge.needs, edge.kind, edge.strength) == ("1.2", "1.1", Kind.SYMBOLS, Strength.SOFT)


def test_the_evidence_quotes_the_use_and_points_to_the_making() -> None:
    (edge,) = edges(task("1.1", "Create the users table", "- `db/1.sql`"), task("1.2", "Reports", "- `src/report.py`", "- Reads the users table"))
    assert edge.evidence.text == "Reads the users table"
    assert "task 1.1 makes the users table (line " in edge.evidence.why


def test_all_things_of_a_kind_are_every_product_of_the_kind() -> None:
    found = edges(
        task("1.1", "Add the login endpoint", "- Create `src/login.py`"),
        task("1.2", "Add the health endpoint", "- Create `src/health.py`"),
        task("1.3", "Add the users table", "- Create `db/users.sql`"),
        task("1.4", "Describe the service", "- Modify `docs/api.md` for all endpoints"),
    )
    assert {(edge.task, edge.needs) for edge in found} == {("1.4", "1.1"), ("1.4", "1.2")}


@pytest.mark.parametrize(
    ("making", "using"),
    [
        ("Create the data model", "Load the data model of the editor"),
        ("Add the new endpoint", "Describe the new endpoint"),
        ("Write it in TypeScript", "Compile the TypeScript of the page"),
        ("Change the users table", "Reads the users table"),
        ("Adding more than there is raises `StockError`", "Catches StockError"),
        ("Add a check that throws a StockError", "Catches StockError"),
    ],
)
def test_vague_words_brands_and_mere_mentions_tie_nobody(making: str, using: str) -> None:
    assert edges(task("1.1", making, "- Create `src/one.py`"), task("1.2", "Second", f"- Create `src/two.py`: {using}")) == []


STOCK = "class StockError(Exception):\n    pass\n\n\nclass Stock:\n    def add(self, count):\n        pass\n"


@pytest.mark.parametrize(("code", "tied"), [(STOCK, False), ("class Stock:\n    pass\n", True)])
def test_a_name_that_the_code_has_already_keeps_nobody_waiting(code: str, tied: bool) -> None:
    tasks = (
        task("1.1", "Check the stock", "- Modify `src/stock.py`: add `StockError` to the checks"),
        task("1.2", "Show what went wrong", "- Create `src/report.py`: says what a `StockError` means"),
    )
    found = products.find(material(plan(*tasks), FakeView({"src/stock.py": code}))).dependencies
    assert [(edge.task, edge.needs) for edge in found] == ([("1.2", "1.1")] if tied else [])


def test_a_name_that_two_tasks_make_ties_nobody() -> None:
    one, two = task("1.1", "Create the `users` table", "- Create `a/one.sql`"), task("1.2", "Create the `users` table for tests", "- Create `b/two.sql`")
    assert edges(one, two, task("1.3", "Report", "- Create `src/report.py` from the users table")) == []


def test_a_name_that_everybody_speaks_of_is_the_topic_of_the_phase() -> None:
    users = [task(f"1.{number}", f"Part {number}", f"- Create `src/part{number}.py` for UserStore") for number in range(2, 10)]
    assert edges(task("1.1", "Implement UserStore", "- Create `src/store.py`"), *users) == []


def test_who_comes_first_needs_nobody() -> None:
    assert edges(task("1.1", "Reports", "- Create `src/report.py` from the users table"), task("1.2", "Create the users table", "- Create `db/1.sql`")) == []


def test_neutral_lists_are_left_to_the_weights() -> None:
    assert edges(task("1", "Create the users table"), task("2", "Reads the users table"), dialect="neutral") == []
