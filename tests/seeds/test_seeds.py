"""The two documents that this product fulfils, line by line: every line has a row, and every row is fulfilled by tests that exist and texts that stand."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from support import ROOT

HERE = Path(__file__).parent
DOCUMENTS = {"implement": "seed-implement.md", "waves": "seed-waves.md"}


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


ROWS = [(f"{name} {row['lines'][0]}", row) for name in DOCUMENTS for row in table(name)["row"]]


@cache
def collected_from(path: Path) -> set[str]:
    """What pytest collects from a file."""
    assert path.name.startswith("test_"), path
    return {node.name for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@cache
def headings_of(path: Path) -> set[str]:
    """Headings, and the words in bold that begin a paragraph."""
    text = path.read_text(encoding="utf-8")
    return {found[1] or found[2] for found in re.finditer(r"^(?:#+ (.+)|(?:- )?\*\*(.+?)\*\*)", text, re.MULTILINE)}


@pytest.mark.parametrize("row", [row for _, row in ROWS], ids=[name for name, _ in ROWS])
def test_what_fulfils_a_row_exists(row: dict[str, Any]) -> None:
    assert row["says"] and row["by"]
    for name in row["by"]:
        if "::" in name:
            path, _, test = name.partition("::")
            assert test in collected_from(ROOT / "tests" / path), name
        else:
            path, _, heading = name.partition("#")
            assert heading in headings_of(ROOT / path), name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_rows_cover_every_line_once(name: str) -> None:
    told = table(name)
    spans = [row["lines"] for row in told["row"]]
    assert spans[0][0] == 1 and spans[-1][1] == told["lines"]
    assert all(first[1] + 1 == second[0] for first, second in itertools.pairwise(spans)) and all(first <= last for first, last in spans)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_has_as_many_lines(name: str) -> None:
    """The documents lie beside the main checkout where this was written; the product stands alone without them."""
    found = subprocess.run(["git", "rev-parse", "--path-format=absolute", "--git-common-dir"], cwd=ROOT, capture_output=True, text=True)
    path = Path(found.stdout.strip()).parent.parent / "shared" / DOCUMENTS[name]
    if found.returncode or not path.exists():
        pytest.skip(f"{DOCUMENTS[name]} does not lie beside this repository")
    assert sum(bool(line.strip()) for line in path.read_text(encoding="utf-8").splitlines()) == table(name)["lines"]
