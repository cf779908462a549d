"""How things are called, the same in every view."""

from __future__ import annotations

import pytest

from maestro.views.words import plan_name


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Plan: User login", "auth: User login"),
        ("Implementation Plan — User login", "auth: User login"),
        ("Track Plan: User login", "auth: User login"),
        ("Planning: User login", "auth: Planning: User login"),
        ("User login plan", "auth: User login plan"),
        ("Plan:", "auth"),
        ("", "auth"),
        ("Plan: a\u202eb", "auth: a\\u202eb"),
    ],
)
def test_a_plan_is_called_by_its_own_title(title: str, shown: str) -> None:
    assert plan_name("auth", title) == shown
