"""A repository that planned with another tool is not told that it has no plan."""

from __future__ import annotations

from pathlib import Path

from maestro.documents.adoptable import MOST, adoptable_plans
from support import write


def test_plans_of_other_tools_are_found_in_their_places(tmp_path: Path) -> None:
    places = ("conductor/tracks/login/plan.md", "specs/001/tasks.md", "docs/superpowers/plans/one.md", "plan.md")
    write(tmp_path, dict.fromkeys((*places, "README.md", "src/plan.md"), "x"))
    assert adoptable_plans(tmp_path) == places


def test_a_long_list_is_cut(tmp_path: Path) -> None:
    write(tmp_path, {f"specs/{number:03}/tasks.md": "x" for number in range(20)})
    assert len(adoptable_plans(tmp_path)) == MOST


def test_a_repository_without_plans_has_none(tmp_path: Path) -> None:
    assert adoptable_plans(tmp_path) == ()
