"""Signals: what is looked up beforehand, to spare the others, never hides one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from evidence.weighing import listed
from maestro.evidence.pairs import Asking, Pair
from maestro.evidence.weigh import RULES, Weighing
from maestro.evidence.weights import SHIPPED, read_table

PIECES = (
    "Create the `UserRepository` in src/users/repository.py", "Add a users table", "T001: Set up the core schema", "T002", "uses the user repository",
    "once the users table is in place", "builds on the core schema", "PRM-01: Wire everything together", "see T001 and PRM-01", "Review: Add a users table",
    "Write tests/test_repository.py", "Document the commands in README.md", "touches src/users/repository.py and app.py", "Fix app.py", "Run the release",
    "Add an orders table", "End-to-end tests for the whole flow", "exports ORDER_LIMIT", "reads order-limit", "2.1 Define types", "2.2 Define more types",
)  # fmt: skip

TASKS = st.lists(st.tuples(st.sampled_from(PIECES), st.lists(st.sampled_from(PIECES), max_size=3).map("\n".join)), min_size=2, max_size=7)


@given(TASKS)
def test_a_signal_that_is_present_is_measured(tasks: list[tuple[str, str]]) -> None:
    company = Weighing(listed(*tasks).tasks, read_table(SHIPPED)).company
    for later in company.profiles:
        asking, before = Asking(later, company), frozenset(range(later.place))
        for rule in RULES:
            present = {place for place in before if rule.measure(Pair(asking, company.profiles[place]))}
            assert present <= set(rule.among(asking, before)) <= before, rule.name
            assert not present or rule.ever is None or rule.ever(company), rule.name
