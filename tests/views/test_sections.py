"""One document, three notations: what a title contains never becomes markup, and nothing is wider than asked."""

from __future__ import annotations

from html.parser import HTMLParser

import click
import mistune
import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.views.cells import width
from maestro.views.page import page
from maestro.views.sections import Literal, Points, Section, Table, as_html, as_markdown, as_text, code, markdown

EVIL = "| <script>alert(1)</script> `x` *b* [l](http://x) @you #7 ~~s~~ $m$ & \\ \u202e\x1b[31m\nnext"


def test_markdown_shows_what_was_said_and_nothing_else() -> None:
    text = as_markdown("", [Section("S", [EVIL, Points([EVIL]), Table([[EVIL, "1"]], ("a", "b"), frozenset({1}))])])
    rendered = mistune.create_markdown(escape=False, plugins=["table", "strikethrough"])(text)
    assert isinstance(rendered, str)
    tags = {part.split(">")[0].split(" ")[0].strip("/") for part in rendered.split("<")[1:]}
    assert tags == {"h2", "p", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "code"}


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("use `a | b` now", "use `a | b` now"),
        ("``a`b`` and `", "``a`b`` and \\`"),
        ("for @octocat and (@a/b-c), not me@here.org", "for `@octocat` and (`@a/b-c`), not me@here.org"),
        ("fixes #12, o/r#3, GH-4 and !5; C# != #x", "fixes `#12`, `o/r#3`, `GH-4` and `!5`; C\\# != \\#x"),
        ("`@app.route` is code already", "`@app.route` is code already"),
        ("1. begin", "1\\. begin"),
        ("- begin", "\\- begin"),
        ("1.1 begins -1", "1.1 begins -1"),
    ],
)
def test_code_stays_code_and_nobody_is_called(said: str, written: str) -> None:
    """Forges look for mentions and issues in what is rendered: no escape helps, only code does."""
    assert markdown(said) == written


@given(st.text("`|\\ab@#1 ", max_size=12))
def test_no_cell_breaks_its_table(said: str) -> None:
    row = as_markdown("", [Section("", [Table([[said, "end"]], ("a", "b"))])]).splitlines()[-1]
    rendered = mistune.create_markdown(escape=False, plugins=["table"])(f"| a | b |\n|---|---|\n{row}")
    assert isinstance(rendered, str)
    assert rendered.count("<td") == 2 and "<td>end</td>" in rendered


def test_what_is_folded_opens_on_a_click() -> None:
    section = Section("Why <b>", ["because"], folded=True)
    assert as_markdown("", [section]) == "<details><summary>Why &lt;b&gt;</summary>\n\nbecause\n\n</details>"
    assert click.unstyle(as_text("T", [section])).splitlines()[2:] == ["Why <b>", "  because"]


@pytest.mark.parametrize("text", ["make test", "echo `date`", "`a` b", "a ``` b"])
def test_a_command_is_code_whatever_it_holds(text: str) -> None:
    rendered = mistune.create_markdown(escape=True)(as_markdown("", [Section("", [f"it is {code(text)} here"])]))
    assert rendered == f"<p>it is <code>{text}</code> here</p>\n"


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
