"""What one task brings in and another uses: words, names, files, labels."""

from __future__ import annotations

import pytest

from evidence.weighing import listed as plan_of
from evidence.weighing import measures, soft_edges
from maestro.evidence.terms import joined, key, made, names, spelled_names, stem, words
from maestro.models.dependency import Kind, Strength


def names_in(text: str) -> dict[str, str]:
    return names(spelled_names(text))


def made_in(text: str) -> frozenset[str]:
    return made(text, names_in(text).keys())


@pytest.mark.parametrize("spelled", ["UserRepository", "user_repository", "user-repository", "USER_REPOSITORY", "userRepository"])
def test_a_name_is_one_thing_in_all_styles(spelled: str) -> None:
    assert names_in(f"Uses the {spelled} here") == {"userrepository": spelled}


def test_code_of_one_letter_does_not_turn_the_words_between_into_code() -> None:
    assert names_in("Show `x` beside the `OrderCard` and `y`") == {"ordercard": "OrderCard"}


def test_a_name_may_be_spelled_out_in_plain_words() -> None:
    assert joined("stores it through the user repository", {"userrepository"}) == {"userrepository"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("serves `GET /api/users`", "getapiusers"),
        ("calls /api/users/{id}", "apiusersid"),
        ("reads DATABASE_URL", "databaseurl"),
        ("passes --dry-run", "dryrun"),
        ("renders <LoginForm>", "loginform"),
        ("emits `user.created`", "usercreated"),
        ("fills the `orders` table", "orders"),
    ],
)
def test_endpoints_tables_components_flags_variables_and_events_are_names(text: str, found: str) -> None:
    assert found in names_in(text)


def test_short_names_say_too_little() -> None:
    assert names_in("`id` of an `ABC`") == {}


@pytest.mark.parametrize("text", ["Create a `UserRepository`", "adds the new class UserRepository", "Implement `UserRepository`", "a new `UserRepository`"])
def test_a_text_may_say_that_it_makes_a_name(text: str) -> None:
    assert "userrepository" in made_in(text)


def test_using_a_name_is_not_making_it() -> None:
    assert made_in("Store it with `UserRepository`. Add a test") == frozenset()
    assert made_in("Adding more than there is raises `StockError`") == frozenset()
    assert made_in("Add `parse_all`, calling the UserRepository") == {"parseall"}


def test_words_are_compared_by_their_stem() -> None:
    assert stem("parser") == stem("parsing") == stem("parses") == stem("parse") == "pars"


def test_words_of_every_plan_are_left_out() -> None:
    assert list(words("Create the new task file for the user")) == ["user"]


def test_scripts_without_spaces_are_read_in_pairs() -> None:
    assert list(words("用户认证")) == ["用户", "户认", "认证"]


def test_a_title_introduces_its_words_and_the_task_that_uses_them_most_has_most_of_the_signal() -> None:
    found = measures("Parse invoices", "Draw charts", ("Export to spreadsheets", "Reads what the invoice parser found."))
    assert found["introduces"] == 1
    assert "introduces" not in measures("Parse invoices", "Draw charts", ("Export to spreadsheets", "Nothing else."))


def test_only_the_first_to_have_a_word_introduces_it() -> None:
    tasks = ("Parse invoices", "Print invoices", ("Archive everything", "The invoices go to the archive."))
    assert measures(*tasks, pair=(3, 1))["introduces"] == 1
    assert "introduces" not in measures(*tasks, pair=(3, 2))


def test_common_words_do_not_tie_tasks_together() -> None:
    assert not soft_edges(plan_of("Add the user page", "Add the order page", "Add the cart page", "Add the stock page"))


def test_a_name_is_brought_in_by_the_task_that_makes_it_even_if_another_mentions_it_first() -> None:
    tasks = (("Draw the form", "Later it goes to `OrderStore`."), ("Keep orders", "Create `OrderStore`."), ("Print orders", "Asks `OrderStore` for them."))
    assert "names" in measures(*tasks, pair=(3, 2))
    assert "names" not in measures(*tasks, pair=(3, 1))


def test_names_in_titles_files_and_labels_are_signals_of_their_own() -> None:
    assert measures("Write `OrderStore`", ("Print", "Asks OrderStore."))["quotes-title"] > 0
    assert measures(("Orders", "In src/orders.py."), ("Print", "Reads src/orders.py."))["names-file"] == 1
    assert measures("Orders", "Tests", files={1: ["src/orders.py"], 2: ["tests/test_orders.py"]})["same-stem"] == 1
    assert measures("Orders", "More", "Most", files={1: ["a.py"], 2: ["a.py"], 3: ["a.py"]}, pair=(3, 2))["same-file"] == 1
    assert "same-file" not in measures("Orders", "More", "Most", files={1: ["a.py"], 2: ["a.py"], 3: ["a.py"]}, pair=(3, 1))
    assert measures("SHOP-01: Orders", ("SHOP-02: Print", "What SHOP-01 left."))["cites-label"] == 1
    assert "cites-label" not in measures("SHOP-01: Orders", ("SHOP-12: Print", "SHOP-011 is another one."))


def test_a_review_belongs_to_the_work_whose_title_it_repeats() -> None:
    tasks = ("Write the order store", "Write the print shop", "Review: Write the order store")
    assert measures(*tasks, pair=(3, 1))["reviews-it"] == 1
    assert "reviews-it" not in measures(*tasks, pair=(3, 2))


def test_an_edge_shows_the_words_that_carried_it_where_they_stand_and_its_weight() -> None:
    plan = plan_of(
        ("Create the `UserRepository`", "A class in src/users.py."),
        ("Draw the landing page", "Pictures only."),
        ("Build the signup form", "Stores what is typed through the user repository."),
    )
    edge = soft_edges(plan)["3", "1"]
    assert (edge.kind, edge.strength) == (Kind.SYMBOLS, Strength.SOFT)
    assert edge.weight is not None and 0.5 < edge.weight < 1
    assert edge.evidence.text == "Stores what is typed through the user repository."
    assert edge.evidence.line == plan.by_id["3"].line
    assert "UserRepository" in edge.evidence.why
    assert {"introduces", "names"} <= {signal.name for signal in edge.evidence.signals}
    assert all(signal.weight for signal in edge.evidence.signals)


def test_key_leaves_out_case_and_punctuation() -> None:
    assert key("User.create_all()") == "usercreateall"
