"""A task that brings in a technology that nobody agreed on stops and asks (implement document, stop and ask)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maestro.git.runner import Git
from maestro.run.technology import added_dependencies, unnamed
from support import git, load_beside, make_repository, write

made = load_beside(__file__, "worlds")

CASES = {
    "package.json": ('{"dependencies": {"react": "1"}}', '{"dependencies": {"react": "1", "zod": "3"}, "devDependencies": {"vitest": "1"}}', ("vitest", "zod")),
    "pyproject.toml": ('[project]\ndependencies = ["click>=8"]\n', '[project]\ndependencies = ["click>=9", "httpx[http2]~=0.27"]\n', ("httpx",)),
    "requirements.txt": ("click\n", "click\nrich==13 # board\n-r more.txt\n", ("rich",)),
    "Cargo.toml": ("", '[dependencies]\nserde = "1"\n', ("serde",)),
    "go.mod": ("module m\n", "module m\n\nrequire (\n\tgithub.com/a/b v1.2.3\n)\n", ("github.com/a/b",)),
    "Gemfile": ("", "gem 'rails', '~> 7'\n", ("rails",)),
}


@pytest.mark.parametrize("name", CASES)
def test_new_dependencies_are_found_in_every_manifest(tmp_path: Path, name: str) -> None:
    before, after, expected = CASES[name]
    repository = make_repository(tmp_path / "project", {f"app/{name}": before, "x": ""})
    old = git(repository, "rev-parse", "HEAD")
    write(repository, {f"app/{name}": after})
    git(repository, "commit", "-qam", "more")
    assert added_dependencies(Git(repository), old, git(repository, "rev-parse", "HEAD"), [f"app/{name}", "x"]) == expected


def test_a_broken_manifest_adds_nothing(tmp_path: Path) -> None:
    repository = make_repository(tmp_path / "project", {"package.json": "{}"})
    old = git(repository, "rev-parse", "HEAD")
    write(repository, {"package.json": "{ not json"})
    git(repository, "commit", "-qam", "broken")
    assert added_dependencies(Git(repository), old, git(repository, "rev-parse", "HEAD"), ["package.json"]) == ()


def test_only_whole_words_of_the_tech_stack_count() -> None:
    assert unnamed(("react", "react-query"), "We use React and react-query-like things.") == ("react-query",)


@pytest.fixture
def world(tmp_path: Path) -> Any:
    stack = {".maestro/context/tech-stack.md": "# Stack\n\nPython and click.\n", "requirements.txt": "click\n"}
    world = made.World(tmp_path / "project", made.TWO, stack)
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "import rich\n", "requirements.txt": "click\nrich\n"})
    return world


def test_the_user_is_asked_before_it_is_merged(world: Any) -> None:
    action = world.merge()
    assert (action.action, action.question_id, action.unattended) == ("decide", "technology-1.1-1", None)
    assert "rich" in action.text
    world.answer("technology-1.1-1", "accept")
    assert world.states()["1.1"] == "merged"


def test_a_refusal_starts_an_attempt_that_knows_why(world: Any) -> None:
    world.merge()
    world.answer("technology-1.1-1", "reject", "print is enough")
    assert world.task("1.1").attempts[0].reason == "do without rich. print is enough"
    assert not world.commits()
