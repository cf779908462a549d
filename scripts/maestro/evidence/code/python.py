"""Python modules, read with the standard library's own parser."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from maestro.evidence.code.module import EVERYTHING, Import, Module


def read(text: str) -> Module:
    """Imports anywhere in the file; exports are the public names of its top level and the public methods of its classes."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return Module()
    return Module(tuple(_imports(tree)), dict(_exports(tree)))


def _imports(tree: ast.Module) -> Iterator[Import]:
    used = _used_through(tree)
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            names = {alias.name for alias in node.names}
            through = {name for alias in node.names for name in used[alias.asname or alias.name]}
            yield Import(source, frozenset(names | through), node.lineno, passed_on=id(node) in top)
            # `from package import module`: the name may be a module of its own.
            dot = "" if source.endswith(".") or not source else "."
            yield from (Import(f"{source}{dot}{alias.name}", frozenset({EVERYTHING, *used[alias.asname or alias.name]}), node.lineno) for alias in node.names)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, frozenset({EVERYTHING, *used[alias.asname or alias.name]}), node.lineno)


def _used_through(tree: ast.Module) -> dict[str, set[str]]:
    """For each dotted name that stands before a dot, what stands after it: `json.dumps` gives dumps for json."""
    used: dict[str, set[str]] = defaultdict(set)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            used[_dotted(node.value)].add(node.attr)
    return used


def _dotted(node: ast.expr) -> str:
    """`a.b.c` as written; empty for anything that is not a chain of names."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := _dotted(node.value)):
        return f"{before}.{node.attr}"
    return ""


def _exports(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if not node.name.startswith("_"):
                yield node.name, _signature(node)
        elif isinstance(node, ast.ClassDef):
            if not node.name.startswith("_"):
                members = [_member(part) for part in node.body]
                yield node.name, f"class({', '.join(map(ast.unparse, node.bases))}) {' '.join(member for member in members if member)}"
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name) and not target.id.startswith("_"):
                    yield target.id, "value"


def _signature(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({ast.unparse(node.args)}){result}"


def _member(node: ast.stmt) -> str:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (not node.name.startswith("_") or node.name == "__init__"):
        return _signature(node)
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return f"{node.target.id}: {ast.unparse(node.annotation)}"
    return ""
