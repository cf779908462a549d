"""The composition in words: complete when asked, compact when it has to be, honest about the gain."""

from __future__ import annotations

from dataclasses import replace

import pytest
from syrupy.assertion import SnapshotAssertion

from maestro.models.dependency import Dependency, Evidence, Kind, SharedResource, Strength
from maestro.models.plan import Status
from maestro.models.schedule import ChecklistAnswer, Mode, Prediction, RuleAnswer
from maestro.views.cells import width
from maestro.views.waves import prediction, start_text, waves_text
from maestro.views.why import why_text
from support import load_beside

made = load_beside(__file__, "compositions")


def plain(text: str) -> str:
    import click

    return click.unstyle(text)


def sample() -> tuple[object, object]:
    plan = made.plan_of(
        made.task("1.1", "Create the user table", Status.DONE),
        made.task("1.2", "Hash passwords"),
        made.task("1.3", "Let people log in"),
        made.task("2.1", "Draw the form", phase="2"),
    )
    edges = (made.hard("1.3", "1.1"), made.soft("1.3", "1.2"))
    shared = (SharedResource("CHANGELOG.md", ("1.2", "1.3"), "a changelog"),)
    return plan, made.composition(plan, {"1": [["1.1", "1.2"], ["1.3"]], "2": [["2.1"]]}, *edges, shared=shared)


def test_the_whole_composition_is_shown_in_full(snapshot: SnapshotAssertion) -> None:
    plan, composition = sample()
    assert plain(waves_text(plan, composition, name="auth")) == snapshot


def test_finished_tasks_are_explained_only_where_everything_is_asked_for() -> None:
    plan, composition = sample()
    full = plain(waves_text(plan, composition, name="auth"))
    usual = plain(waves_text(plan, composition, name="auth", limit=10_000))
    assert "+src/1.1.py" in full and "+src/1.1.py" not in usual
    assert "[x] 1.1 Create the user table" in usual and "+src/1.2.py" in usual and "needs 1.1" in usual


def test_a_shortened_composition_says_so() -> None:
    plan, composition = sample()
    usual = plain(waves_text(plan, composition, name="auth", limit=10_000))
    short = plain(waves_text(plan, composition, name="auth", limit=len(usual) - 1))
    assert "add --full" in short and "add --full" not in usual


def test_a_finished_plan_gets_no_advice() -> None:
    plan = made.plan_of(made.task("1.1", "Create the user table", Status.DONE))
    composition = replace(made.composition(plan, {"1": [["1.1"]]}), predicted=Prediction(0, 0, 0, "nothing is left to run"), critical_path=())
    text = plain(waves_text(plan, composition, name="auth"))
    assert "Nothing is left to do." in text and "[x] 1.1" in text
    assert not any(words in text for words in ("Advice", "Predicted", "Critical path", "checklist"))


def test_a_start_shows_the_warnings_about_its_mode_and_a_look_does_not() -> None:
    plan, composition = sample()
    assert "[!] --team specified." in plain(start_text(plan, composition, Mode.TEAM, name="auth", documents={}))
    assert "[!]" not in plain(waves_text(plan, composition, name="auth"))


def test_a_start_says_where_its_documents_lie_and_speaks_of_slots_only_where_there_are_some() -> None:
    plan, composition = sample()
    shown = {mode: plain(start_text(plan, composition, mode, name="auth", documents={"plan": "docs/plan.md", "spec": "docs/spec.md"})) for mode in Mode}
    assert shown[Mode.SINGLE].splitlines()[1:3] == ["plan: docs/plan.md", "spec: docs/spec.md"]
    assert [mode for mode, text in shown.items() if "At most 3 tasks run at once." in text] == [Mode.PARALLEL, Mode.TEAM]


def test_a_gain_above_the_advice_not_to_take_it_says_what_it_leaves_out() -> None:
    plan = made.plan_of(made.task("1.1"), made.task("1.2"))
    composition = replace(made.composition(plan, {"1": [["1.1", "1.2"]]}), predicted=Prediction(2, 1, 0.5, "all at once"))
    for mode, said in ((Mode.SINGLE, True), (Mode.PARALLEL, False)):
        advised = replace(composition, advice=replace(composition.advice, mode=mode))
        assert ("50 % saved (all at once); overhead is not counted" in plain(waves_text(plan, advised, name="auth", columns=120))) is said


def test_of_one_task_no_gain_is_told() -> None:
    plan = made.plan_of(made.task("1.1"), made.task("1.2", status=Status.DONE))
    text = plain(waves_text(plan, made.composition(plan, {"1": [["1.1", "1.2"]]}), name="auth"))
    assert "Advice" in text and "Predicted" not in text and "Critical path" not in text


def test_the_checklist_names_the_modes_that_fit_and_the_rule_that_decided() -> None:
    """What nobody knows takes one line, however many questions it leaves open."""
    plan, composition = sample()
    unknown = "unknown (say --runtime)"
    checklist = (
        ChecklistAnswer("Task count", "4", False, True, True),
        ChecklistAnswer("Overlap?", "none", None, True, True),
        ChecklistAnswer("Task tool?", unknown, None, None, None),
        ChecklistAnswer("Agent Teams?", unknown, None, None, None),
    )
    rules = (RuleAnswer("few tasks", False, Mode.SINGLE, "w"), RuleAnswer("2+ independent", True, Mode.PARALLEL, "w"), RuleAnswer("mix", True, Mode.TEAM, "w"))
    shown = plain(waves_text(plan, replace(composition, advice=replace(composition.advice, checklist=checklist, rules=rules)), name="auth"))
    assert [" ".join(line.split()) for line in shown.partition("Mode selection checklist\n")[2].splitlines()] == [
        "this plan fits",
        "1. Task count 4 parallel, team",
        "2. Overlap? none any mode",
        "3, 4. Task tool? Agent Teams? unknown (say --runtime)",
        "Decided by: 2+ independent -> parallel",
    ]


def test_where_the_checklist_has_no_room_for_columns_each_answer_follows_its_question() -> None:
    plan, composition = sample()
    question = "File scope overlap between tasks?"
    checklist = (ChecklistAnswer(question, "none (0 of 4 tasks at a file of 3 or more)", False, True, True),)
    shown = plain(waves_text(plan, replace(composition, advice=replace(composition.advice, checklist=checklist)), name="auth", columns=60))
    assert [line.strip() for line in shown.partition("Mode selection checklist\n")[2].splitlines()][:2] == [
        f"1. {question} none (0 of 4 tasks at a",
        "file of 3 or more): fits parallel, team",
    ]
    assert all(width(line) <= 60 for line in shown.splitlines())


def meeting(task: str, needs: str, path: str) -> Dependency:
    why = f"both touch {path}: {needs} creates it, {task} changes it"
    return Dependency(task, needs, Kind.FILES, Strength.HARD, Evidence("- [ ] Modify it", 12, why))


def test_a_start_gives_each_reason_whole_and_says_it_once() -> None:
    """A cut reason ends before what it is about."""
    quote = "This task may only begin when all of the storage is there and has been looked at. Depends on Task 1.2"
    plan = made.plan_of(made.task("1.1"), made.task("1.2"), made.task("1.3"))
    edges = (meeting("1.3", "1.1", "pocket/money: old.py"), made.hard("1.3", "1.2", text=quote))
    text = plain(start_text(plan, made.composition(plan, {"1": [["1.1", "1.2"], ["1.3"]]}, *edges), Mode.PARALLEL, name="auth", documents={}))
    told = " ".join(text.split())
    assert 'needs 1.1 (line 12): both touch pocket/money: old.py needs 1.2 (line 7): "' + quote + '"' in told and "…" not in text
    assert "○─┘" in text and "<-" not in text, "the rails show what the reasons have named"


def test_edges_with_one_reason_are_told_in_one_sentence() -> None:
    plan = made.plan_of(*(made.task(f"1.{number}") for number in range(1, 5)))
    edges = (made.hard("1.4", "1.1"), made.hard("1.4", "1.2", "another reason"), made.hard("1.4", "1.3"))
    text = plain(waves_text(plan, made.composition(plan, {"1": [["1.1", "1.2", "1.3"], ["1.4"]]}, *edges), name="auth", columns=120))
    assert [line.strip().split(" (")[0] for line in text.splitlines() if line.strip().startswith("needs")] == ["needs 1.1, 1.3", "needs 1.2"]


def test_every_form_fits_the_width() -> None:
    plan, composition = sample()
    for limit in (None, 3000, 1500, 1000, 10):
        assert all(width(line) <= 60 for line in plain(waves_text(plan, composition, name="auth", columns=60, limit=limit)).splitlines())


@pytest.mark.parametrize(
    ("predicted", "words"),
    [
        (Prediction(7, 5, 2 / 7, "the critical path of 5 tasks"), "7 one after another, 5 in waves: 29 % saved (the critical path of 5 tasks)"),
        (Prediction(3, 3, 0.0, "a chain"), "3 one after another, 3 in waves: nothing saved (a chain)"),
        (Prediction(2.5, 1.5, 0.4, ""), "2.5 one after another, 1.5 in waves: 40 % saved"),
    ],
)
def test_the_gain_is_told_as_it_is(predicted: Prediction, words: str) -> None:
    assert prediction(predicted) == words


def test_why_shows_every_signal(snapshot: SnapshotAssertion) -> None:
    plan, composition = sample()
    assert plain(why_text(plan, composition, "1.3")) == snapshot
