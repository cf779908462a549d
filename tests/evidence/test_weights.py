"""The table of weights, how scores become prerequisites, and the level that detection keeps on real lists."""

from __future__ import annotations

import json
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.sketch import task
from evidence.weighing import listed, soft_edges
from maestro.documents.plans import parse_plan
from maestro.errors import InvalidDocument
from maestro.evidence.choose import Closure, choose
from maestro.evidence.detect import detect
from maestro.evidence.weigh import RULES, Weighing
from maestro.evidence.weights import AT_HAND, SHIPPED, VARIABLE, probability, read_table
from support import ROOT

sys.path.append(str(ROOT / "tests" / "benchmarks"))

SHIPPED_TABLE = read_table(SHIPPED)

AGAINST = {
    "is-groundwork", "is-contract", "is-core", "on-change", "on-wiring", "on-fix", "is-fix", "work-on-closing", "two-reviews", "far", "alike", "same-form",
}  # fmt: skip
"""Signals that speak against a dependency."""


def test_every_signal_has_a_row_and_every_row_a_signal() -> None:
    assert set(SHIPPED_TABLE.rows) == {rule.name for rule in RULES}


def test_the_table_that_the_doors_read_is_the_one_that_people_read() -> None:
    """Where this fails, somebody edited one of the two: `python tests/benchmarks/fit_weights.py --write` writes both, or copy the change by hand."""
    assert json.loads(AT_HAND.read_text(encoding="utf-8")) == tomllib.loads(SHIPPED.read_text(encoding="utf-8"))


def test_the_table_is_small_and_each_row_says_why() -> None:
    assert len(SHIPPED_TABLE.rows) <= 60
    assert all(row.because.endswith(".") and row.says for row in SHIPPED_TABLE.rows.values())


@pytest.mark.parametrize("name", sorted(SHIPPED_TABLE.rows))
def test_no_weight_contradicts_its_reason(name: str) -> None:
    weight = SHIPPED_TABLE.rows[name].weight
    assert weight <= 0 if name in AGAINST else weight >= 0


def test_every_reason_can_be_told() -> None:
    for row in SHIPPED_TABLE.rows.values():
        assert "{" not in row.says.format(words="WORDS", task="1.2", needs="1.1")


def test_another_table_can_take_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = listed("Define the order schema", ("Draw the order page", "Uses the order schema."))
    assert soft_edges(plan)
    silent = tmp_path / "weights.toml"
    silent.write_text("start = -5.0\ncentring = 0.0\ncarried = 0.3\nsignal = []\n", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(silent))
    assert not soft_edges(plan)


@pytest.mark.parametrize("content", ["start = ", "start = 1.0", 'start = 1.0\ncentring = 0.0\ncarried = 0.3\nsignal = [{name = "first"}]'])
def test_a_table_that_is_none_is_an_error_that_names_the_file(content: str, tmp_path: Path) -> None:
    file = tmp_path / "weights.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InvalidDocument) as caught:
        read_table(file)
    assert caught.value.slug == "weights-invalid"
    assert str(file) in str(caught.value)


def test_probability_is_that_of_log_odds() -> None:
    assert probability(0) == 0.5
    assert probability(0.7) == pytest.approx(2 / 3, abs=0.01)
    assert probability(-1000) < 1e-9


def settled(**needs: list[int]) -> Closure:
    closure = Closure()
    for name, some in needs.items():
        closure.settle(int(name.removeprefix("t")), some)
    return closure


def test_what_is_worth_its_while_is_chosen_the_best_first() -> None:
    assert choose({0: 0.2, 1: 0.9, 2: -0.4}, (), settled(t0=[], t1=[], t2=[]), 0.5) == [1, 0]


def test_a_prerequisite_brings_along_what_it_needs() -> None:
    closure = settled(t0=[], t1=[0])
    assert choose({0: -0.5, 1: 0.3}, (), closure, 0.5) == [1]
    assert choose({0: -0.5, 1: 0.3}, (), closure, 1.0) == []
    assert choose({0: 0.5, 1: 0.3}, (), closure, 1.0) == [1], "and is not asked for twice"


def test_what_is_given_costs_nothing() -> None:
    assert choose({0: -5.0, 1: 0.3}, [0], settled(t0=[], t1=[0]), 1.0) == [1]


@given(st.lists(st.lists(st.floats(-2, 2), max_size=8), max_size=8))
def test_choices_are_earlier_and_never_implied(rows: list[list[float]]) -> None:
    closure = Closure()
    for number, row in enumerate(rows):
        scores = {place: score for place, score in enumerate(row) if place < number}
        chosen = choose(scores, (), closure, 0.5)
        assert all(scores[need] > 0 for need in chosen)
        for need in chosen:
            assert not any(closure.behind(other) >> need & 1 for other in chosen)
        closure.settle(number, chosen)


def test_the_mark_for_parallel_work_weakens_an_edge() -> None:
    first, later = task("1", "Define the order schema"), task("2", "Draw the order page", "Shows the order schema.")
    plain, marked = (Weighing((first, one), SHIPPED_TABLE).scores[1][0] for one in (later, replace(later, parallel_hint=True)))
    assert plain - marked == pytest.approx(SHIPPED_TABLE.parallel * (1 - SHIPPED_TABLE.centring))


def test_no_signal_is_missed_where_a_score_leaves_it_out() -> None:
    plan = listed(
        ("1.1 Define the `OrderStore` schema", "Create `src/orders.py` with the core order types."),
        ("1.2 Implement the parser engine", "Wires `OrderStore` into src/orders.py, once the order schema is defined."),
        ("1.3 Write tests for the parser engine", "Reads `orders` as 1.1 says."),
        ("2.1 Review the parser engine", "Look at the parser engine."),
        ("2.2 Wire the pages", "Update `orders`, as in 1.2."),
        ("2.3 Review: Wire the pages", ""),
        ("2.4 Publish the package", ""),
        files={1: ["src/orders.py"], 2: ["src/orders.py", "src/parser.py"], 5: ["src/parser.py"]},
    )
    weighing = Weighing(plan.tasks, replace(SHIPPED_TABLE, centring=0.0))
    present: set[str] = set()
    for later, earlier, measures in weighing.measures():
        present |= {name for name, measure in measures.items() if measure}
        every = sum(SHIPPED_TABLE.weight(name) * measure for name, measure in measures.items())
        assert weighing.scores[later][earlier] == pytest.approx(SHIPPED_TABLE.start + every)
    assert {rule.name for rule in RULES if rule.places} <= present


def test_a_long_list_still_finds_what_is_far_away() -> None:
    fillers = (f"Draw picture {number}" for number in range(200))
    edges = soft_edges(listed("Create the `InvoiceArchive`", *fillers, ("Print invoices", "Takes them from the `InvoiceArchive`.")))
    assert ("202", "1") in edges


def test_pairs_of_a_numbered_series_are_compared_with_each_other() -> None:
    titles = [f"{series}.{number} {word}" for series, word in ((1, "Orders"), (2, "Mails")) for number in (1, 2, 3)]
    assert Weighing(listed(*titles).tasks, SHIPPED_TABLE).company.series == ["1", "1", "1", "2", "2", "2"]
    assert Weighing(listed("1.1 Orders", "Mails", "Pages").tasks, SHIPPED_TABLE).company.series == ["", "", ""]


def test_one_task_or_none_is_weighed_against_nothing() -> None:
    assert not soft_edges(listed("Define the order schema"))


def test_the_same_list_gives_the_same_edges() -> None:
    plan = listed(*(f"{verb} the {noun} {part}" for verb in ("Create", "Test") for noun in ("order", "page", "mail") for part in ("store", "view")))
    assert detect(plan) == detect(plan)


def test_a_long_list_is_weighed_in_time_that_grows_with_its_length() -> None:
    text = ", ".join(f'{{"id": "{n}", "title": "Create the {n % 97} {n % 89} view", "description": "Uses the view {n % 83}."}}' for n in range(2000))
    plan = parse_plan(f'{{"tasks": [{text}]}}', "tasks.json", "neutral")
    began = time.process_time()
    detect(plan)
    assert time.process_time() - began < 30


def test_detection_keeps_its_level_on_real_lists() -> None:
    """With the shipped table; reference/dependencies.md gives the cross-validated figures, fit_weights.py makes them."""
    from task_lists import balance, corpus, read_lists, score

    folder = corpus()
    if folder is None:
        pytest.skip("the lists are not on this machine (MAESTRO_CORPUS)")
    scores = [score(one, [(edge.task, edge.needs) for edge in detect(one.plan).dependencies]) for one in read_lists(folder)]
    level, safety, _ = balance(scores)
    assert level >= 0.69
    assert safety >= 0.67
