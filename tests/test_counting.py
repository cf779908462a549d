"""One of a thing is not called as several are."""

from __future__ import annotations

import re

from maestro.counting import plural
from support import SCRIPTS


def test_one_and_several() -> None:
    assert [plural(number, "task") for number in (0, 1, 2)] == ["0 tasks", "1 task", "2 tasks"]
    assert plural(2, "dependency", "dependencies") == "2 dependencies"


def test_no_message_leaves_the_plural_to_its_reader() -> None:
    lazy = re.compile(r"\} [a-z ]+\(s\)")
    assert [str(path) for path in SCRIPTS.rglob("*.py") if lazy.search(path.read_text(encoding="utf-8"))] == []
