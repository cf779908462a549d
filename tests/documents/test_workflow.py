"""`workflow.md`: prose with known keys."""

from __future__ import annotations

import pytest

from maestro.documents.workflow import Workflow, parse_workflow


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
