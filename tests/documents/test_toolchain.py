"""What a repository's own files suggest as its commands."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from maestro.documents.toolchain import suggest_setup_commands, suggest_test_commands
from support import write


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"Makefile": "test: all\n\ttrue\n"}, "make test"),
        ({"package.json": '{"scripts": {"test": "vitest"}}'}, "npm test"),
        ({"package.json": '{"scripts": {"test": "vitest"}}', "pnpm-lock.yaml": ""}, "pnpm test"),
        ({"pyproject.toml": "[tool.pytest.ini_options]\n"}, "python -m pytest"),
        ({"Cargo.toml": ""}, "cargo test"),
        ({"go.mod": ""}, "go test ./..."),
    ],
)
def test_a_repository_suggests_its_test_command(tmp_path: Path, files: dict[str, str], command: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    [suggestion] = suggest_test_commands(tmp_path)
    assert suggestion.command == command and suggestion.why


TEST = "import unittest\n\nimport shop\n\n\nclass Works(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(shop.PRICE, 3)\n"


@pytest.mark.parametrize(
    ("files", "command"),
    [
        ({"test_shop.py": TEST}, "python3 -m unittest discover"),
        ({"tests/test_shop.py": TEST}, "python3 -m unittest discover -s tests"),
        ({"tests/__init__.py": "", "tests/test_shop.py": TEST}, "python3 -m unittest discover"),
        ({"test/test_shop.py": TEST, "pyproject.toml": "[project]\nname = 'shop'\n"}, "python3 -m unittest discover -s test"),
    ],
)
def test_a_project_with_unittest_alone_suggests_a_command_that_finds_its_tests(tmp_path: Path, files: dict[str, str], command: str) -> None:
    write(tmp_path, {"shop.py": "PRICE = 3\n", **files})
    [suggestion] = suggest_test_commands(tmp_path)
    assert suggestion.command == command and suggestion.why.endswith("test_shop.py uses unittest")
    ran = subprocess.run([sys.executable, *shlex.split(command)[1:]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and "Ran 1 test" in ran.stderr


@pytest.mark.parametrize(
    "files", [{"requirements-dev.txt": "pytest==8\n"}, {"tests/test_more.py": "import pytest\n"}, {"tox.ini": "[testenv]\ncommands = pytest\n"}]
)
def test_where_anything_speaks_of_pytest_unittest_is_not_suggested(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, {"tests/test_shop.py": TEST, **files})
    assert not any("unittest" in suggestion.command for suggestion in suggest_test_commands(tmp_path))


@pytest.mark.parametrize(
    "files", [{}, {"package.json": "{"}, {"package.json": "[]"}, {"pyproject.toml": "=["}, {"Makefile": "test := 1\n"}, {"package.json": '{"scripts": []}'}]
)
def test_a_repository_that_says_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert suggest_test_commands(tmp_path) == ()


@pytest.mark.parametrize(
    ("lock", "command"), [("package-lock.json", "npm ci"), ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"), ("uv.lock", "uv sync --frozen")]
)
def test_a_lock_file_says_what_a_fresh_checkout_lacks(lock: str, command: str, tmp_path: Path) -> None:
    assert suggest_setup_commands(tmp_path) == ()
    (tmp_path / lock).touch()
    [suggestion] = suggest_setup_commands(tmp_path)
    assert (suggestion.command, suggestion.why) == (command, f"{lock} exists")
