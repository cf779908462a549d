"""TypeScript, JavaScript, Go, Rust, Java and Ruby modules, read with ast-grep where it is installed (`maestro[imports]`).

Only the shape of imports and of public definitions is looked at; a file that the grammar cannot read gives what it could.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from maestro.evidence.code.module import EVERYTHING, Import, Module, Reader
from maestro.patterns import pattern

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_WORD = pattern(r"[A-Za-z_$][\w$]*")
_BRACE = pattern(r"[{;\n]|=>")

Found = tuple[list[Import], dict[str, str]]


def available() -> bool:
    """Whether ast-grep is installed."""
    from importlib.util import find_spec

    return find_spec("ast_grep_py") is not None


def reader(language: str) -> Reader:
    """The reader for a language as ast-grep calls it. Raises KeyError."""
    collect = _LANGUAGES[language]

    def read(text: str) -> Module:
        from ast_grep_py import SgRoot

        try:
            root = SgRoot(text, language).root()
        except RuntimeError:
            return Module()
        imports, exports = collect(root, text)
        return Module(tuple(imports), exports)

    return read


def _javascript(root: SgNode, text: str) -> Found:
    imports: list[Import] = []
    exports: dict[str, str] = {}
    for node in root.children():
        if node.kind() == "import_statement":
            if source := _quoted(node):
                clause = next((child.text() for child in node.children() if child.kind() == "import_clause"), "")
                imports.append(Import(source, _taken(clause, text), _line(node)))
        elif node.kind() == "export_statement":
            if source := _quoted(node):
                names = frozenset(_listed(node.text())) or frozenset({EVERYTHING})
                imports.append(Import(source, names, _line(node), passed_on=True))
            else:
                exports |= dict(_exported(node))
    for call in root.find_all(kind="call_expression"):
        function = call.field("function")
        if function is not None and function.text() in ("require", "import") and (source := _quoted(call)):
            imports.append(Import(source, _required(call, text), _line(call)))
    if "exports" in text:
        heads = _heads(root)
        for assignment in root.find_all(kind="assignment_expression"):
            left, right = assignment.field("left"), assignment.field("right")
            if left is not None and right is not None:
                exports |= dict(_assigned(left.text(), right, heads))
    return imports, exports


def _required(call: SgNode, text: str) -> frozenset[str]:
    """What a file takes by `const {a, b: c} = require(…)`, or uses through `const store = require(…)`."""
    parent = call.parent()
    target = parent.field("name") if parent is not None and parent.kind() == "variable_declarator" else None
    if target is None:
        return frozenset({EVERYTHING})
    if target.text().startswith("{"):
        return frozenset(name.partition(":")[0].strip() for name in _listed(target.text()))
    used = re.findall(rf"\b{re.escape(target.text())}\.([A-Za-z_$][\w$]*)", text)
    return frozenset({EVERYTHING, *used})


def _assigned(left: str, right: SgNode, heads: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The names that `module.exports = {a, b}`, `module.exports = a` and `exports.a = …` offer."""
    whole, _, name = left.rpartition(".")
    if left in ("module.exports", "exports"):
        listed = [child.field("key") or child.field("name") or child for child in right.children()] if right.kind() == "object" else [right]
        yield from ((part.text(), heads.get(part.text(), part.text())) for part in listed if _WORD.fullmatch(part.text()))
    elif whole in ("module.exports", "exports"):
        yield name, heads.get(right.text(), name) if _WORD.fullmatch(right.text()) else _head(right)


def _heads(root: SgNode) -> dict[str, str]:
    """The functions and classes of a file, with their signatures."""
    nodes = (node for kind in ("function_declaration", "class_declaration") for node in root.find_all(kind=kind))
    return {name.text(): _head(node) for node in nodes if (name := node.field("name")) is not None}


def _taken(clause: str, text: str) -> frozenset[str]:
    """The names of an import clause, the module's own default, and for a namespace what is used through it."""
    names = _listed(clause)
    outside = re.sub(r"\{[^}]*\}", "", clause)
    if space := re.search(r"\*\s+as\s+([\w$]+)", outside):
        used = re.findall(rf"\b{re.escape(space[1])}\.([A-Za-z_$][\w$]*)", text)
        return frozenset({EVERYTHING, *names, *used})
    if (default := _WORD.search(outside.removeprefix("type "))) is not None:
        names = [*names, "default", default[0]]
    return frozenset(names)


def _listed(clause: str) -> list[str]:
    """`{a, type b as c}`: a and b."""
    inside = re.search(r"\{([^}]*)\}", clause)
    parts = (re.sub(r"^\s*type\s+", "", part).split() for part in inside[1].split(",")) if inside else ()
    return [part[0] for part in parts if part]


def _exported(node: SgNode) -> Iterator[tuple[str, str]]:
    if any(child.text() == "default" for child in node.children()):
        yield "default", _head(node)
    for child in node.children():
        if child.kind() == "export_clause":
            yield from ((name, "name") for name in _listed(child.text()))
        for part in child.children() if child.kind() in ("lexical_declaration", "variable_declaration") else [child]:
            if (name := part.field("name")) is not None:
                yield name.text(), part.text() if part.kind() in ("interface_declaration", "type_alias_declaration") else _head(part)


def _go(root: SgNode, text: str) -> Found:
    imports: list[Import] = []
    exports: dict[str, str] = {}
    for spec in root.find_all(kind="import_spec"):
        if (path := spec.field("path")) is None:
            continue
        source = path.text().strip('"`')
        alias = spec.field("name")
        called = alias.text() if alias is not None else re.sub(r"/v\d+$", "", source).rpartition("/")[2].replace("-", "_")
        used = re.findall(rf"\b{re.escape(called)}\.([A-Z]\w*)", text)
        imports.append(Import(source, frozenset({EVERYTHING, *used}), _line(spec)))
    for kind in ("function_declaration", "method_declaration", "type_spec", "const_spec", "var_spec"):
        for node in root.find_all(kind=kind):
            name = node.field("name")
            if name is not None and name.text()[:1].isupper():
                exports[name.text()] = node.text() if kind == "type_spec" else _head(node)
    return imports, exports


def _rust(root: SgNode, text: str) -> Found:
    imports: list[Import] = []
    exports: dict[str, str] = {}
    for use in root.find_all(kind="use_declaration"):
        passed_on = use.text().startswith("pub")
        clause = re.sub(r"^(?:pub(?:\([^)]*\))?\s+)?use\s+", "", use.text().rstrip("; \n"))
        for path in _rust_paths(clause):
            source, _, name = path.rpartition("::")
            imports.append(Import(source or name, frozenset({EVERYTHING if name in ("*", "self", "") else name}), _line(use), passed_on))
    for node in root.find_all(kind="mod_item"):
        if node.text().rstrip().endswith(";") and (inner := node.field("name")) is not None:
            imports.append(Import(f"self::{inner.text()}", frozenset({EVERYTHING}), _line(node)))
    for kind in ("function_item", "struct_item", "enum_item", "trait_item", "type_item", "const_item", "static_item"):
        for node in root.find_all(kind=kind):
            if node.text().startswith("pub") and (public := node.field("name")) is not None:
                exports[public.text()] = node.text() if kind in ("struct_item", "enum_item", "trait_item") else _head(node)
    return imports, exports


def _rust_paths(clause: str) -> Iterator[str]:
    """`a::{b, c::D as E}` is a::b and a::c::D."""
    head, brace, rest = clause.partition("{")
    if not brace:
        yield clause.partition(" as ")[0].strip()
        return
    depth, part = 0, ""
    for sign in rest.rstrip()[:-1] + ",":
        depth += (sign == "{") - (sign == "}")
        if sign == "," and depth == 0:
            if part.strip():
                yield from (head.strip() + path for path in _rust_paths(part.strip()))
            part = ""
        else:
            part += sign


def _java(root: SgNode, _: str) -> Found:
    imports = []
    for node in root.find_all(kind="import_declaration"):
        source = re.sub(r"^import\s+(?:static\s+)?|\s*;$", "", node.text().strip())
        imports.append(Import(source, frozenset({source.rpartition(".")[2]}), _line(node)))
    exports: dict[str, str] = {}
    for kind in ("class_declaration", "interface_declaration", "enum_declaration", "record_declaration", "method_declaration"):
        for node in root.find_all(kind=kind):
            name = node.field("name")
            if name is not None and "public" in _head(node).split():
                exports[name.text()] = _head(node)
    return imports, exports


def _ruby(root: SgNode, text: str) -> Found:
    imports = []
    used = frozenset(re.findall(r"\b[A-Z]\w*", text)) | {EVERYTHING}
    for call in root.find_all(kind="call"):
        method = call.field("method")
        if method is not None and method.text() in ("require", "require_relative") and (source := _quoted(call)):
            relative = method.text() == "require_relative" and not source.startswith(".")
            imports.append(Import(f"./{source}" if relative else source, used, _line(call)))
    exports = {}
    for kind in ("class", "module", "method", "singleton_method"):
        for node in root.find_all(kind=kind):
            if (name := node.field("name")) is not None:
                exports[name.text()] = _head(node)
    return imports, exports


_LANGUAGES: dict[str, Callable[[SgNode, str], Found]] = {
    "typescript": _javascript,
    "tsx": _javascript,
    "javascript": _javascript,
    "go": _go,
    "rust": _rust,
    "java": _java,
    "ruby": _ruby,
}


def _quoted(node: SgNode) -> str:
    """The first string among the node's children or arguments, without quotes."""
    children = node.children()
    for child in (*children, *(below for one in children for below in one.children())):
        if child.kind() in ("string", "string_literal"):
            return child.text().strip("'\"`")
    return ""


def _head(node: SgNode) -> str:
    """A definition up to its body."""
    text = node.text()
    found = _BRACE.search(text)
    return " ".join((text[: found.start()] if found else text).split())


def _line(node: SgNode) -> int:
    return node.range().start.line + 1
