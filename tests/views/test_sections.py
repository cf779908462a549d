"""One document, three notations: what a title contains never becomes markup, and nothing is wider than asked."""

from __future__ import annotations

from html.parser import HTMLParser

import click
import mistune
from hypothesis import given
from hypothesis import strategies as st

from maestro.views.cells import width
from maestro.views.page import page
from maestro.views.sections import Literal, Points, Section, Table, as_html, as_markdown, as_text

EVIL = "| <script>alert(1)</script> `x` *b* [l](http://x) @you #7 ~~s~~ $m$ & \\ \u202e\x1b[31m\nnext"


def test_markdown_shows_what_was_said_and_nothing_else() -> None:
    text = as_markdown("", [Section("S", [EVIL, Points([EVIL]), Table([[EVIL, "1"]], ("a", "b"), frozenset({1}))])])
    rendered = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])(text)
    assert isinstance(rendered, str)
    tags = {part.split(">")[0].split(" ")[0].strip("/") for part in rendered.split("<")[1:]}
    assert tags == {"h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td"}
    assert "@" not in text


def test_a_fence_is_longer_than_what_it_holds() -> None:
    text = as_markdown("", [Section("S", [Literal("```` \nx")])])
    assert text.splitlines()[2] == "`````"


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen += [tag, *(f"{tag}.{name}" for name, _ in attrs)]


def test_a_page_is_whole_and_asks_nobody_for_anything() -> None:
    text = page(EVIL, as_html([Section(EVIL, [EVIL, Points([EVIL]), Literal(EVIL), Table([[EVIL, "1"]], (EVIL, "b"), bars=[0.5])])]))
    tags = Tags()
    tags.feed(text)
    assert "script" not in tags.seen and not {name for name in tags.seen if name.endswith((".src", ".href"))}
    assert text.startswith("<!doctype html>") and "://" not in text.replace("http://x", "") and "\x1b" not in text


@given(st.lists(st.lists(st.text(max_size=40), min_size=3, max_size=3), min_size=1, max_size=4), st.integers(60, 140), st.booleans())
def test_a_table_keeps_within_its_columns(rows: list[list[str]], columns: int, bars: bool) -> None:
    table = Table(rows, ("a", "b", "c"), frozenset({1}), [0.5] * len(rows) if bars else ())
    for line in click.unstyle(as_text("T", [Section("S", [table, Points([row[2] for row in rows])])], columns)).splitlines():
        assert width(line) <= columns
