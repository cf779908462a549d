"""Notices when a task brings in a technology that the project's tech stack does not name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from maestro.git.diffs import file_text
from maestro.git.runner import Git

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def added_dependencies(git: Git, old: str, new: str, paths: list[str]) -> tuple[str, ...]:
    """Names of dependencies that the manifests among `paths` have in commit `new` and not in `old`, sorted. What cannot be parsed adds nothing."""
    added: set[str] = set()
    for path in paths:
        read = _READERS.get(path.rpartition("/")[2])
        if read is not None:
            added |= _names(read, file_text(git, new, path)) - _names(read, file_text(git, old, path))
    return tuple(sorted(added))


def unnamed(names: tuple[str, ...], tech_stack: str) -> tuple[str, ...]:
    """Those of the names that the tech stack does not mention as a word, in whatever case."""
    return tuple(name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", tech_stack, re.IGNORECASE))


def _names(read: Callable[[str], set[str]], text: str) -> set[str]:
    try:
        return read(text) if text else set()
    except (ValueError, TypeError, AttributeError):
        return set()


def _package_json(text: str) -> set[str]:
    data = json.loads(text)
    return {name for key in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies") for name in data.get(key) or {}}


def _pyproject(text: str) -> set[str]:
    import tomllib

    data = tomllib.loads(text)
    project = data.get("project", {})
    listed = [*project.get("dependencies", []), *(entry for group in project.get("optional-dependencies", {}).values() for entry in group)]
    listed += [entry for group in data.get("dependency-groups", {}).values() for entry in group if isinstance(entry, str)]
    poetry = data.get("tool", {}).get("poetry", {}).get("dependencies", {})
    return {_requirement(entry) for entry in listed} | {name for name in poetry if name != "python"}


def _requirements(text: str) -> set[str]:
    return {_requirement(line) for line in text.splitlines() if _REQUIREMENT.match(line)}


def _cargo(text: str) -> set[str]:
    import tomllib

    data = tomllib.loads(text)
    return {name for key in ("dependencies", "dev-dependencies", "build-dependencies") for name in data.get(key, {})}


def _go_mod(text: str) -> set[str]:
    return set(re.findall(r"^\s*(?:require\s+)?([\w.-]+\.[a-z]{2,}/[^\s]+)\s+v\d", text, re.MULTILINE))


def _gemfile(text: str) -> set[str]:
    return set(re.findall(r"""^\s*gem\s+["']([^"']+)""", text, re.MULTILINE))


def _requirement(line: str) -> str:
    found = _REQUIREMENT.match(line)
    return found[1].lower() if found else line


_READERS: dict[str, Callable[[str], set[str]]] = {
    "package.json": _package_json,
    "pyproject.toml": _pyproject,
    "requirements.txt": _requirements,
    "requirements-dev.txt": _requirements,
    "Cargo.toml": _cargo,
    "go.mod": _go_mod,
    "Gemfile": _gemfile,
}
