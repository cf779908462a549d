"""What we promise is kept by tests that exist, and what goes wrong in other tools cannot go wrong here, or is tested."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache

from support import ROOT

SEEDS = [f"seed {number}" for number in range(1, 31)]
GROUPS = {"P": 30, "S": 16, "W": 16, "M": 21, "L": 13, "R": 12, "E": 6}
"""How many entries each group of the catalogue has."""

FAILURES = tomllib.loads((ROOT / "tests/failures.toml").read_text(encoding="utf-8"))
PROMISES = (ROOT / "reference/guarantees.md").read_text(encoding="utf-8")


@cache
def known_in(file: str) -> frozenset[str]:
    """The tests of a file as pytest names them, without parameters."""
    path = ROOT / file
    assert file.startswith("tests/") and path.name.startswith("test_"), "pytest does not look there"
    body = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
    functions = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    for kind in (node for node in body if isinstance(node, ast.ClassDef) and node.name.startswith("Test")):
        functions += [f"{kind.name}::{node.name}" for node in kind.body if isinstance(node, ast.FunctionDef)]
    return frozenset(name for name in functions if name.rpartition("::")[2].startswith("test"))


def missing(tests: list[str]) -> list[str]:
    return [test for test in tests if test.partition("::")[2] not in known_in(test.partition("::")[0])]


def test_every_known_failure_is_answered_once() -> None:
    assert list(FAILURES) == SEEDS + [f"{group}{number}" for group, count in GROUPS.items() for number in range(1, count + 1)]
    assert [name for name, entry in FAILURES.items() if bool(entry.get("tests")) == bool(entry.get("cannot")) or not entry["says"]] == []


def test_the_tests_that_answer_a_failure_exist() -> None:
    assert {name: lost for name, entry in FAILURES.items() if (lost := missing(entry.get("tests", [])))} == {}


def test_each_promise_names_tests_that_exist() -> None:
    rows = re.findall(r"^\| (?!promise|---)(.+?) \| (.+) \|$", PROMISES, re.MULTILINE)
    assert len(rows) > 40 and len(rows) == len({promise for promise, _ in rows})
    named = {promise: re.findall(r"`(tests/[^`]+)`", tests) for promise, tests in rows}
    assert [promise for promise, tests in named.items() if not tests] == []
    assert {promise: lost for promise, tests in named.items() if (lost := missing(tests))} == {}
