"""The notepad's priority context."""

from __future__ import annotations

from maestro.documents.notepad import priority_context


def test_the_bullets_of_one_section() -> None:
    text = (
        "# Notepad\n- no\n\n## **Priority Context**\n\n- Keep the API\n  stable.\n  - really\n* No new *dependencies*\n"
        "\n### More\n- And this\n\n## Working memory\n- no\n"
    )
    assert priority_context(text) == ("Keep the API stable.\n- really", "No new *dependencies*", "And this")


def test_no_section_no_context() -> None:
    assert priority_context("") == priority_context("## Priority Context\n\n<!-- - none -->\n") == ()
