"""What the package defines and nothing in the product uses: what only tests know is dead, too.

A name of a module counts as used where its own module reads it outside its definition, where another module imports it, where a string says `module:name`
(schemas, installed commands), and where a decorator registers it (`@door.verb`). A member of a class counts where anything reads an attribute of that name, or
a document has a property so called; members of classes with a base from outside are called by that base.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

Definition = ast.FunctionDef | ast.ClassDef | ast.Assign | ast.AnnAssign

OWN_BASES = {"Enum", "IntEnum", "NamedTuple", "Protocol", "StrEnum", "TypedDict"}
"""Bases from outside that call no member."""


def unused(package: str, roots: Iterable[Path], texts: Iterable[str] = (), documents: Iterable[Path] = ()) -> list[str]:
    """`module name` and `module Class.name` of the package, sorted. `roots` hold it and all that may use it, `documents` are JSON Schemas."""
    trees = {_module_of(path, root): ast.parse(path.read_text(encoding="utf-8")) for root in roots for path in sorted(root.rglob("*.py"))}
    named = {name for text in texts for name in re.findall(r"[\w.]+:\w+", text)}.union(*map(_named, trees.values()))
    properties = {name for path in documents for name in _properties(json.loads(path.read_text(encoding="utf-8")))}
    read = Counter(attribute for tree in trees.values() for attribute in _attributes(tree))
    classes = [(module, node) for module, tree in trees.items() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found = []
    for module, tree in trees.items():
        names = Counter(_names(tree))
        for node, name in _definitions(tree):
            if not (f"{module}:{name}" in named or _is_registered(node) or names[name] > Counter(_names(node))[name]):
                found.append(f"{module} {name}")
    for module, owner in classes:
        if {ast.unparse(base).split("[")[0] for base in owner.bases} <= {node.name for _, node in classes} | OWN_BASES:
            for node, name in _definitions(owner):
                if not (name in properties or read[name] > Counter(_attributes(node))[name]):
                    found.append(f"{module} {owner.name}.{name}")
    return sorted(name for name in found if name.split(".")[0] == package)


def _module_of(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _definitions(owner: ast.Module | ast.ClassDef) -> Iterator[tuple[Definition, str]]:
    for node in owner.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        else:
            continue
        yield from ((node, name) for name in names if not name.startswith("__"))


def _named(tree: ast.Module) -> Iterator[str]:
    """The names of other modules that this one imports or says, as `module:name`."""
    modules = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}:{alias.name}" for alias in node.names)
            modules |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules:
            yield f"{modules[node.value.id]}:{node.attr}"


def _is_registered(node: Definition) -> bool:
    return isinstance(node, ast.FunctionDef) and any(isinstance(one, ast.Call) and ast.unparse(one.func).endswith("verb") for one in node.decorator_list)


def _names(tree: ast.AST) -> Iterator[str]:
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))


def _attributes(tree: ast.AST) -> Iterator[str]:
    return (node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load))


def _properties(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", ())
        for part in schema.values():
            yield from _properties(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from _properties(part)
