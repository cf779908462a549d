"""Text measured in terminal columns, and made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maestro.views.cells import clip, one_line, pad, printable, width, wrap

TEXT = st.text(max_size=60)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("abc", 3), ("", 0), ("限流", 4), ("ﾊﾝｶｸ", 4), ("café", 4), ("cafe\u0301", 4), ("🙂", 2), ("✔\ufe0f", 2), ("a\u200bb", 2), ("Ａ", 2)],
)
def test_width_counts_columns(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("限", "限"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("\u202egnp", "\\u202egnp"),
        ("tab\there", "tab\\there"),
        ("a\nb", "a\\nb"),
        ("\x9b1m", "\\x9b1m"),
        ("a\u200bb\u00ad", "a\\u200bb\\xad"),
        ("👩\u200d💻", "👩\u200d💻"),
    ],
)
def test_control_hidden_and_reordering_characters_are_shown_and_never_sent(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_one_line_joins_what_was_broken() -> None:
    assert one_line("  a\n  b\t c ") == "a b c"


@given(TEXT, st.integers(1, 30))
def test_clip_and_pad_keep_their_columns(text: str, columns: int) -> None:
    text = one_line(text)
    assert width(clip(text, columns)) <= max(columns, width(text) if width(text) <= columns else columns)
    assert width(pad(text, columns)) == columns


@given(TEXT, st.integers(12, 40))
def test_wrap_keeps_every_word_and_every_line_fits(text: str, columns: int) -> None:
    text = one_line(text)
    lines = wrap(text, columns, indent="    ", first="  - ")
    assert all(width(line) <= columns for line in lines)
    assert "".join(lines).replace(" ", "") == "-" + text.replace(" ", "")


def test_wrap_breaks_at_blanks_and_inside_what_has_none() -> None:
    assert wrap("one two three", 9, indent="  ") == ["  one two", "  three"]
    assert wrap("登录限流登录限流", 10, indent="  ") == ["  登录限流", "  登录限流"]
    assert wrap("", 10, indent="  ", first="- ") == ["-"]


def test_a_long_text_without_blanks_begins_behind_its_number() -> None:
    assert wrap("1.1 登录限流登录限流", 10, indent="    ", first="  ") == ["  1.1 登录", "    限流登", "    录限流"]
    assert wrap("1.1 登录 end", 8) == ["1.1 登录", "end"], "what fits into a line stays whole"
    assert wrap("see src/a/b/c/d", 10, indent="  ") == ["  see", "  src/a/b/", "  c/d"], "a path is looked for at the beginning of a line"
