"""Every slug that can reach a user stands in the reference, with its exit code, and nothing else stands there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from maestro import errors
from support import ROOT, SCRIPTS

CODES = {name: kind.exit_code for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.MaestroError)}


def errors_made() -> Iterator[tuple[str, ast.Call]]:
    """Every place of the package that makes an error, and the call that makes it."""
    for path in (SCRIPTS / "maestro").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CODES:
                yield f"{path.relative_to(SCRIPTS).as_posix()}:{node.lineno}", node


def raised() -> Iterator[tuple[str, int]]:
    """Slug and exit code of every error that the package makes."""
    for _, call in errors_made():
        match call:
            case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=slug), *_]):
                yield str(slug), CODES[kind]


def listed() -> dict[str, set[int]]:
    rows = re.findall(r"^\| `([\w-]+)` \| ([\d, ]+) \|", (ROOT / "reference/errors.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len({slug for slug, _ in rows}), "a slug stands twice"
    return {slug: {int(code) for code in codes.split(",")} for slug, codes in rows}


def test_every_error_says_what_to_do_next() -> None:
    assert [place for place, call in errors_made() if "hint" not in {keyword.arg for keyword in call.keywords}] == []


def test_the_reference_lists_every_slug_with_its_exit_code() -> None:
    found: dict[str, set[int]] = {}
    for slug, code in raised():
        found.setdefault(slug, set()).add(code)
    table = listed()
    assert {slug: table.get(slug) for slug in found} == found


def test_no_slug_is_listed_that_nothing_raises() -> None:
    literals = {
        node.value
        for path in (SCRIPTS / "maestro").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(listed()) <= literals
