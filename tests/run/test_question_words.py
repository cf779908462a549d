"""A question is put to a person: its words are for them, and who has to type something reads it in the line below."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from maestro.models.run import Driver, Option, Question
from maestro.run import questions
from maestro.run.context import opened
from maestro.run.questions import with_commands, words_with
from maestro.views.action import action_text, answer_call
from support import load_beside

made = load_beside(__file__, "worlds")


def failing(folder: Path, **wish: Any) -> Any:
    world = made.World(folder)
    world.start(**wish)
    world.attach(["auth/1.1/1"])
    world.write("auth/1.1/1", {"src/a.py": "half\n"})
    world.fail("auth/1.1/1", "comma or point?", "unclear-spec")
    world.work("auth/1.2/1", {"src/b.py": "x = 1\n"})
    return world


@pytest.mark.parametrize(("driver", "who"), [(Driver("s1"), "the session itself"), (Driver("p1", process=True), "a worker")])
def test_who_mends_in_place_is_named_by_who_drives(tmp_path: Path, driver: Driver, who: str) -> None:
    world = failing(tmp_path / "project")
    world.driver = driver.id
    with opened(world.home, "a test") as context:
        context.state.driver = driver
        asked = questions.failed(context.state, context.state.tasks["1.1"], "")
        clash = questions.conflict(context, context.state.tasks["1.2"], context.state.tasks["1.2"].attempts[0], [], "")
    effects = {option.id: option.effect for question in (asked, clash) for option in question.options}
    assert effects["fix"].startswith(who) and effects["resolve"].startswith(who)
    assert "run.py" not in " ".join(effects.values())


def test_who_mends_in_place_follows_who_drives_now(tmp_path: Path) -> None:
    """A question outlives the driver that asked it: a session that takes over from `exec` mends it itself."""
    world = failing(tmp_path / "project")
    world.merge()
    with opened(world.home, "a test") as context:
        question = context.state.questions["failed-1.1"]
        effects = []
        for driver in (Driver("p1", process=True), Driver("s1")):
            context.state.driver = driver
            effects += [option.effect for option in questions.with_commands(context.state, question).options if option.id == "fix"]
    assert [effect.partition(" mends")[0] for effect in effects] == ["a worker", "the session itself"]


def test_the_answer_line_says_which_answers_need_words_and_which_take_them(tmp_path: Path) -> None:
    world = failing(tmp_path / "project")
    shown = action_text(world.merge())
    assert re.search(r"answer failed-1\.1 <\S+> \(with --text TEXT for explain; --text TEXT may go with skip\)$", shown, re.MULTILINE), shown
    assert "--text" not in "".join(line for line in shown.splitlines() if not line.startswith("answer: "))
    world.answer("failed-1.1", "skip", "the bookkeeping decides")
    assert world.task("1.1").reason == "the bookkeeping decides"


@pytest.mark.parametrize(
    ("kind", "option", "words"),
    [
        ("failed", "explain", "needed"),
        ("failed", "skip", "welcome"),
        ("failed", "retry", ""),
        ("coverage", "issue", "welcome"),
        ("verify-phase", "issue", "needed"),
    ],
)
def test_words_are_asked_for_where_somebody_reads_them(kind: str, option: str, words: str) -> None:
    assert words_with(kind, option) == words


def test_no_words_of_a_question_are_for_the_machine() -> None:
    """What to type stands in the answer's command."""
    source = "".join(path.read_text(encoding="utf-8") for path in Path(questions.__file__).parent.glob("*.py"))
    said = re.findall(r'Option\((?:[^()"]|"[^"]*")*\)', source)
    assert len(said) > 30 and not [option for option in said if "--text" in option or "run.py" in option]


def test_a_question_of_an_older_run_gets_its_words_too(tmp_path: Path) -> None:
    world = failing(tmp_path / "project")
    old = Question("failed-1.1", "failed", "1.1 failed.", (Option("explain", "Again", "words"), Option("skip", "Skip", "gone")))
    options = with_commands(world.state, old).options
    assert answer_call(list(options), old.id).endswith("(with --text TEXT for explain; --text TEXT may go with skip)")
