"""`workflow.md`, and what a repository says of its own commands."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from maestro.documents.discovery import discover_setup_commands, discover_test_commands
from maestro.documents.workflow import Workflow, parse_workflow
from support import write


def read(text: str) -> Workflow:
    return parse_workflow(text, "workflow.md")


@pytest.mark.parametrize(
    "text",
    [
        "## Test command\n\n`make test`\n",
        "- Test command: make test\n",
        "- **Test Command**: `make test`\n",
        "**Test command:** make test\n",
        "### Test Commands\n```sh\n# all of them\n$ make test\n```\n",
        "## Test command: `make test`\n",
        "**Test command:**\n\n    make test\n",
    ],
)
def test_a_key_as_heading_item_or_label(text: str) -> None:
    assert read(f"# Workflow\n\n{text}").test_command == "make test"


def test_each_known_key_is_read_with_its_line() -> None:
    workflow = read(
        "# Workflow\n- **Methodology:** Test-Driven Development (TDD)\n- Setup command: npm ci\n- Coverage command: `npm run cov`\n"
        "- Coverage threshold: 80%\n- Summary storage: git notes\n"
    )
    assert (workflow.methodology, workflow.setup_command, workflow.coverage_command) == ("tdd", "npm ci", "npm run cov")
    assert (workflow.coverage_threshold, workflow.summary_storage, workflow.test_command) == (80.0, "git-notes", None)
    assert workflow.lines["coverage_threshold"] == 5


@pytest.mark.parametrize(("value", "expected"), [("ship-fast", "ship-fast"), ("Ship fast", "ship-fast"), ("TDD", "tdd"), ("waterfall", None)])
def test_only_known_methodologies_are_taken(value: str, expected: str | None) -> None:
    assert read(f"Methodology: {value}\n").methodology == expected


@pytest.mark.parametrize("value", ["", "none", "TBD", "{your command}"])
def test_no_command_is_none(value: str) -> None:
    assert read(f"- Test command: {value}\n").test_command is None


def test_several_commands_in_one_block_run_one_after_the_other() -> None:
    assert read("## Setup command\n```\nnpm ci\n\nnpm run build\n```\n").setup_command == "npm ci && npm run build"


def test_prose_says_nothing() -> None:
    assert read("The test command is run by whoever feels like it: sometimes.\n\n```\nTest command: no\n```\n") == Workflow()


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
    [suggestion] = discover_test_commands(tmp_path)
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
    [suggestion] = discover_test_commands(tmp_path)
    assert suggestion.command == command and suggestion.why.endswith("test_shop.py uses unittest")
    ran = subprocess.run([sys.executable, *shlex.split(command)[1:]], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and "Ran 1 test" in ran.stderr


@pytest.mark.parametrize(
    "files", [{"requirements-dev.txt": "pytest==8\n"}, {"tests/test_more.py": "import pytest\n"}, {"tox.ini": "[testenv]\ncommands = pytest\n"}]
)
def test_where_anything_speaks_of_pytest_unittest_is_not_suggested(tmp_path: Path, files: dict[str, str]) -> None:
    write(tmp_path, {"tests/test_shop.py": TEST, **files})
    assert not any("unittest" in suggestion.command for suggestion in discover_test_commands(tmp_path))


@pytest.mark.parametrize(
    "files", [{}, {"package.json": "{"}, {"package.json": "[]"}, {"pyproject.toml": "=["}, {"Makefile": "test := 1\n"}, {"package.json": '{"scripts": []}'}]
)
def test_a_repository_that_says_nothing(tmp_path: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert discover_test_commands(tmp_path) == ()


@pytest.mark.parametrize(
    ("lock", "command"), [("package-lock.json", "npm ci"), ("pnpm-lock.yaml", "pnpm install --frozen-lockfile"), ("uv.lock", "uv sync --frozen")]
)
def test_a_lock_file_says_what_a_fresh_checkout_lacks(lock: str, command: str, tmp_path: Path) -> None:
    assert discover_setup_commands(tmp_path) == ()
    (tmp_path / lock).touch()
    [suggestion] = discover_setup_commands(tmp_path)
    assert (suggestion.command, suggestion.why) == (command, f"{lock} exists")
