"""How things are called, the same in every view."""

from __future__ import annotations

import pytest

from maestro.views.words import phase_name, plan_name


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("Plan: User login", "auth: User login"),
        ("Implementation Plan — User login", "auth: User login"),
        ("Track Plan: User login", "auth: User login"),
        ("Planning: User login", "auth: Planning: User login"),
        ("User login plan", "auth: User login plan"),
        ("Plan:", "auth"),
        ("Tasks: Photo albums", "auth: Photo albums"),
        ("", "auth"),
        ("Plan: a\u202eb", "auth: a\\u202eb"),
    ],
)
def test_a_plan_is_called_by_its_own_title(title: str, shown: str) -> None:
    assert plan_name("auth", title) == shown


@pytest.mark.parametrize(
    ("id", "title", "shown"),
    [
        ("2", "Backend", "Phase 2: Backend"),
        ("2", "", "Phase 2"),
        ("1", "1", "Phase 1"),
        ("Later", "Later", "Later"),
        ("", "", "Tasks"),
        ("US1", "A\x1b", "US1: A\\x1b"),
    ],
)
def test_a_phase_is_called_once(id: str, title: str, shown: str) -> None:
    assert phase_name(id, title) == shown
