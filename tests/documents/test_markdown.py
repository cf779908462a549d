"""The block scan says of every line what CommonMark says, and where it stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from documents.oracle import items, of_mistune, of_scan
from maestro.documents.markdown import MAX_NESTING, LineKind, scan


def kinds(text: str) -> list[str]:
    return [line.kind.name for line in scan(text).lines]


def headings(text: str) -> list[tuple[int, str]]:
    document = scan(text)
    return [(line.level, document.content(line)) for line in document.lines if line.kind is LineKind.HEADING]


def test_lines_cover_the_text_without_their_endings() -> None:
    text = "\ufeff# A\r\nb\rc\n"
    assert [text[line.start : line.end] for line in scan(text).lines] == ["# A", "b", "c"]


def test_only_line_endings_end_lines() -> None:
    assert len(scan("a\x0bb\x0cc\x85d\u2028e").lines) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# a", [(1, "a")]),
        ("###### a", [(6, "a")]),
        ("####### a", []),
        ("#a", []),
        ("   # a", [(1, "a")]),
        ("    # a", []),
        ("## a ##", [(2, "a")]),
        ("## a#", [(2, "a#")]),
        ("##\ta", [(2, "a")]),
        ("## \u00a0a", [(2, "a")]),
        ("a\n===", [(1, "a")]),
        ("a\n---", [(2, "a")]),
        ("a\n\n---", []),
        ("- a\n---", []),
    ],
)
def test_headings_in_every_form_of_commonmark(text: str, expected: list[tuple[int, str]]) -> None:
    assert headings(text) == expected


@pytest.mark.parametrize(
    "fenced",
    [
        "```\n# a\n```",
        "````md\n```\n# a\n```\n# b\n````",
        "~~~\n```\n# a\n~~~",
        "  ```\n# a\n  ```",
        "- x\n\n  ```\n  # a\n  ```",
        "```\n# a",
        "    # a",
        "<!--\n# a\n-->",
        "<details>\n# a\n</details>",
    ],
)
def test_what_stands_in_code_comments_and_raw_html_is_no_heading(fenced: str) -> None:
    assert headings(fenced) == []


def test_a_fence_ends_with_the_item_that_holds_it() -> None:
    assert headings("- ```\n# a") == [(1, "a")]


def test_a_blank_line_ends_raw_html_so_that_boxes_in_details_count() -> None:
    assert kinds("<details>\n\n- [ ] a\n\n</details>") == ["HTML", "BLANK", "TEXT", "BLANK", "HTML"]


def test_a_comment_runs_to_its_end_over_blank_lines() -> None:
    assert kinds("<!-- a\n\nb --> c\nd") == ["COMMENT", "COMMENT", "COMMENT", "TEXT"]


def test_the_open_end_of_a_fence_is_told() -> None:
    assert (line := scan("a\n```\nb").unclosed) is not None and line.number == 2
    assert scan("```\nb\n```").unclosed is None


@pytest.mark.parametrize(
    ("text", "depths"),
    [
        ("- a\n- b", [0, 0]),
        ("- a\n  - b", [0, 1]),
        ("- a\n - b", [0, 0]),
        ("- a\n\t- b", [0, 1]),
        ("1. a\n   - b", [0, 1]),
        ("1.  a\n    - b\n        - c", [0, 1, 2]),
        ("-   a\n    - b", [0, 1]),
        (" - a\n   - b", [0, 1]),
        ("* a\n+ b", [0, 0]),
        ("- a\n\n\n  - b", [0, 1]),
    ],
)
def test_list_items_and_their_depth(text: str, depths: list[int]) -> None:
    assert [line.item.depth for line in scan(text).lines if line.opens and line.item] == depths


def test_a_line_knows_the_item_that_holds_it_and_where_its_text_begins() -> None:
    document = scan("- [ ] a\n  more\n\nafter")
    first, more, _, after = document.lines
    assert document.content(first) == "[ ] a"
    assert more.item is first.item and not more.opens and document.content(more) == "more"
    assert after.item is None


def test_quotes_are_marked() -> None:
    quoted, lazy, free = scan("> - [ ] a\nb\n\nc").lines[0], scan("> a\nb").lines[1], scan("> a\n\nb").lines[2]
    assert quoted.quoted and lazy.quoted and not free.quoted


def test_nesting_has_an_end() -> None:
    document = scan("- " * 500 + "a")
    assert len(items(document)) == MAX_NESTING


FIXTURES = [
    "# T\n\n## Phase 1: a\n- [ ] b\n    - [x] c\n\n      text\n\n```py\n# d\n```\n\n1. e\n2. f\n   ## g\n",
    "a\n\n* b\n\n  c\n\n      code\n* d\n\n<!-- e\n- [ ] f\n-->\n\n> ## g\n> - h\n",
    "~~~\n- a\n~~~\n- b\n\n\tcode\n\n+ c\n  + d\n    + e\n",
]


@pytest.mark.parametrize("text", FIXTURES)
def test_an_independent_reader_sees_the_same_headings_items_and_code(text: str) -> None:
    assert of_mistune(text) == of_scan(text)


@settings(max_examples=300)
@given(st.text(alphabet="-*+#>`~<!=1. \t\n\r[x]ab", max_size=60))
def test_no_text_breaks_the_scan(text: str) -> None:
    document = scan(text)
    at = 0
    for line in document.lines:
        assert at <= line.start <= line.content <= line.end <= len(text)
        at = line.end
    assert "".join(text[line.start : line.end] for line in document.lines) == text.replace("\r", "").replace("\n", "")
