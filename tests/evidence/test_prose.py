"""What titles say of the kind of work, and phrases that people write instead of a number."""

from __future__ import annotations

import pytest

from evidence.sketch import plan, task
from evidence.weighing import listed, measures, soft_edges
from maestro.evidence.detect import detect
from maestro.evidence.roles import Role, is_fix, is_review, of_everything, roles_of
from maestro.models.dependency import Kind, Strength
from maestro.models.plan import Access, Task


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Define the database schema", Role.CONTRACT),
        ("Set up the project structure", Role.SCAFFOLD),
        ("Order store and helpers", Role.CORE),
        ("Write integration tests", Role.TESTS),
        ("Update the README", Role.DOCUMENTS),
        ("Publish version 2", Role.SHIP),
        ("Wire everything together", Role.WIRING),
        ("Final regression run", Role.FINISH),
        ("Crear el esquema de la base de datos", Role.CONTRACT),
        ("编写测试", Role.TESTS),
        ("更新文档", Role.DOCUMENTS),
    ],
)
def test_a_title_announces_its_kind_of_work(title: str, role: Role) -> None:
    assert role in roles_of(title)


def test_kinds_of_work_are_whole_words() -> None:
    assert roles_of("Latest contested documentary") == {Role.DOCUMENTS}
    assert roles_of("Draw the chart") == frozenset()


def test_fixes_and_reviews_say_so_first() -> None:
    assert is_fix("T004: Fix the order total")
    assert not is_fix("Prefix the order total")
    assert is_review("Code review: order store")
    assert not is_review("Show the last review")


@pytest.mark.parametrize("title", ["End-to-end tests for the whole flow", "Wire everything together", "Verify all changes"])
def test_a_title_may_speak_of_everything(title: str) -> None:
    assert of_everything(title)


SHOP = ("Define the order schema", "Draw the order page", "Send order mails", "Print the invoices")


@pytest.mark.parametrize("last", ["End-to-end tests for the whole flow", "Wire everything together and verify all parts", "Final verification and release"])
def test_work_on_the_whole_waits_for_all_of_it(last: str) -> None:
    waits_for = reachable(listed(*SHOP, last), "5")
    assert waits_for == {"1", "2", "3", "4"}


def reachable(made: object, start: str) -> set[str]:
    needs: dict[str, set[str]] = {}
    for edge in detect(made).dependencies:  # type: ignore[arg-type]
        needs.setdefault(edge.task, set()).add(edge.needs)
    found: set[str] = set()
    stack = [start]
    while stack:
        for need in needs.get(stack.pop(), ()):
            if need not in found:
                found.add(need)
                stack.append(need)
    return found


def test_groundwork_is_needed_and_fixes_are_not() -> None:
    found = measures("Define the order schema", "Draw the page")
    assert {"founder", "on-groundwork", "on-contract", "on-new"} <= found.keys()
    assert "is-fix" in measures("Draw the page", "Fix the printer")
    assert "on-fix" in measures("Fix the printer", "Draw the page")


def test_a_phrase_of_reliance_names_what_is_relied_on() -> None:
    tasks = ("Order schema", "Landing page", ("Checkout", "Once the order schema is in place, sum it up."))
    assert measures(*tasks, pair=(3, 1))["builds-on"] == 1
    assert "builds-on" not in measures(*tasks, pair=(3, 2))
    assert "builds-on" not in measures("Order schema", "Landing page", ("Checkout", "The order schema has a sum."), pair=(3, 1))


def test_steps_of_a_procedure_follow_each_other() -> None:
    edges = soft_edges(listed("Draw the charts", "Bump the version", "Commit the release", "Push to the remote"))
    assert {("3", "2"), ("4", "3")} <= edges.keys()


def test_an_edge_by_prose_is_of_that_kind_and_tells_its_reason() -> None:
    edge = soft_edges(listed("Draw the charts", "Mail the orders", "Final verification of everything"))["3", "2"]
    assert edge.kind is Kind.PROSE
    assert "finishes the work" in edge.evidence.why


def scoped(id: str, title: str, path: str, *lines: str) -> Task:
    return task(id, title, *lines, files=[(path, Access.MODIFY)])


def soft_pairs(*tasks: Task) -> set[tuple[str, str]]:
    return {(edge.task, edge.needs) for edge in detect(plan(*tasks)).dependencies if edge.strength is Strength.SOFT}


def test_where_scopes_do_not_meet_position_and_kind_of_work_link_nothing() -> None:
    assert not soft_pairs(scoped("1", "Define the order schema", "a.py"), scoped("2", "Draw the landing page", "b.py"), scoped("3", "Print the page", "c.py"))


def test_where_scopes_do_not_meet_a_quoted_symbol_links() -> None:
    first = scoped("1", "Write `OrderStore`", "a.py", "Keeps the orders.")
    assert ("2", "1") in soft_pairs(first, scoped("2", "Draw the order page", "b.py", "Asks `OrderStore` for the orders."))


@pytest.mark.parametrize("common", ["package-lock.json", "CHANGELOG.md", "src/index.ts"])
def test_files_that_everybody_adds_to_link_nothing(common: str) -> None:
    first = task("1", f"Add the order view to `orders.ts` and `{common}`")
    assert not soft_pairs(first, task("2", f"Add the mail view to `mails.ts` and `{common}`"), task("3", f"List cars in `cars.ts` and `{common}`"))


def test_files_that_are_only_read_link_nothing() -> None:
    first = task("1", "Print invoices by `invoices.py`", "Follow the rules in `docs/printing-rules.md`.")
    assert not soft_pairs(first, task("2", "Send letters by `letters.py`", "Follow the rules in `docs/printing-rules.md`."))


def test_a_file_that_one_makes_and_another_reads_is_no_common_one() -> None:
    first = task("1", "Create `docs/printing-rules.md`")
    found = detect(plan(first, task("2", "Send letters by `letters.py`", "Follow the rules in `docs/printing-rules.md`."))).dependencies
    assert [(edge.task, edge.needs, edge.kind) for edge in found] == [("2", "1", Kind.FILES)]


def test_where_scopes_do_not_meet_work_on_everything_links() -> None:
    tasks = [scoped(str(number), title, f"{number}.py") for number, title in enumerate(("Keep orders", "Draw pages", "Send mails"), 1)]
    assert {("4", "1"), ("4", "2"), ("4", "3")} & soft_pairs(*tasks, scoped("4", "End-to-end tests for the whole flow", "flow.py"))
