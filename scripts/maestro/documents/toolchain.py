"""The commands that a repository's build files and lock files suggest for its tests and for a fresh checkout, for where `workflow.md` names none."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from maestro.records import dataclass

LOOKED_AT = 50
"""Test files of one folder that are read to see which library they use."""

_UNITTEST = re.compile(r"^\s*(?:import|from)\s+unittest\b", re.MULTILINE)
_PYTEST = re.compile(r"^\s*(?:import|from)\s+pytest\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A command, and the file or folder that speaks for it."""

    command: str
    why: str


def suggest_test_commands(root: Path) -> tuple[Suggestion, ...]:
    """Test commands that the repository's files suggest, the most telling first. Reads a handful of files; nothing is run."""
    found: list[Suggestion] = []
    makefile, scripts, pyproject = _makefile(root), _scripts(root), _toml(root / "pyproject.toml")
    if "test" in makefile:
        found.append(Suggestion("make test", "Makefile has a target `test`"))
    if "test" in scripts and "no test specified" not in scripts["test"]:
        found.append(Suggestion(f"{_node_runner(root)} test", "package.json has a script `test`"))
    tools = pyproject.get("tool", {})
    if "pytest" in tools or (root / "pytest.ini").exists() or (root / "conftest.py").exists() or (root / "tests" / "conftest.py").exists():
        found.append(Suggestion("python -m pytest", "pytest is configured"))
    elif (plain := _unittest(root)) is not None:
        found.append(plain)
    elif pyproject and (root / "tests").is_dir():
        found.append(Suggestion("python -m pytest", "a Python project with a folder tests/"))
    if (root / "tox.ini").exists() or "tox" in tools:
        found.append(Suggestion("tox", "tox is configured"))
    for name, command in (
        ("Cargo.toml", "cargo test"),
        ("go.mod", "go test ./..."),
        ("mix.exs", "mix test"),
        ("pom.xml", "mvn test"),
        ("deno.json", "deno test"),
    ):
        if (root / name).exists():
            found.append(Suggestion(command, f"{name} exists"))
    if any((root / name).exists() for name in ("build.gradle", "build.gradle.kts")):
        found.append(Suggestion("./gradlew test" if (root / "gradlew").exists() else "gradle test", "a Gradle build exists"))
    if (root / "Gemfile").exists() and (root / "spec").is_dir():
        found.append(Suggestion("bundle exec rspec", "a Gemfile and a folder spec/ exist"))
    return tuple(found)


def suggest_setup_commands(root: Path) -> tuple[Suggestion, ...]:
    """Commands that bring into a fresh checkout what git ignores, as lock files suggest.

    Each installs what the lock says into the folder itself and changes no tracked file.
    """
    locks = (
        ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"),
        ("yarn.lock", "yarn install --frozen-lockfile"),
        ("bun.lockb", "bun install --frozen-lockfile"),
        ("bun.lock", "bun install --frozen-lockfile"),
        ("package-lock.json", "npm ci"),
        ("uv.lock", "uv sync --frozen"),
        ("composer.lock", "composer install"),
    )
    return tuple(Suggestion(command, f"{lock} exists") for lock, command in locks if (root / lock).exists())


def _unittest(root: Path) -> Suggestion | None:
    """For a Python project whose tests are unittest's and where nothing speaks of pytest.

    unittest looks into a folder only where it is told to, or where that is a package.
    """
    if any("pytest" in _read(path) for name in ("pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "requirements*.txt") for path in root.glob(name)):
        return None
    for place in (".", "tests", "test"):
        folder = root / place
        texts = {path.name: _read(path) for path in sorted(folder.glob("test*.py"))[:LOOKED_AT]}
        if any(_PYTEST.search(text) for text in texts.values()):
            return None
        name = next((name for name, text in texts.items() if _UNITTEST.search(text)), None)
        if name is not None:
            within = "" if place == "." or (folder / "__init__.py").exists() else f" -s {place}"
            return Suggestion(f"python3 -m unittest discover{within}", f"{(Path(place) / name).as_posix()} uses unittest")
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _makefile(root: Path) -> set[str]:
    text = next((text for name in ("GNUmakefile", "makefile", "Makefile") if (text := _read(root / name))), "")
    return set(re.findall(r"^([A-Za-z][\w-]*)[ \t]*:(?!=)", text, re.M))


def _scripts(root: Path) -> dict[str, str]:
    import json

    try:
        scripts = json.loads(_read(root / "package.json") or "{}").get("scripts", {})
    except (ValueError, AttributeError):
        return {}
    return {name: command for name, command in scripts.items() if isinstance(command, str)} if isinstance(scripts, dict) else {}


def _node_runner(root: Path) -> str:
    for lock, runner in (("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("bun.lockb", "bun run"), ("bun.lock", "bun run")):
        if (root / lock).exists():
            return runner
    return "npm"


def _toml(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(_read(path))
    except tomllib.TOMLDecodeError:
        return {}
