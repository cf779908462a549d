"""The live board: on every screen what matters now is there, and nothing is wider or longer than the screen."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from maestro.views.board import board, time_words
from maestro.views.cells import printable, width
from support import load_beside

made = load_beside(__file__, "watched")

LONG = "src/deeply/nested/folder/login_page.py"
QUESTION = {"id": "conflict-1.2-1", "text": "1.1 and 1.2 changed the same lines.\nMore of it", "task": "1.2"}
QUESTION |= {"options": [{"id": name, "label": name, "effect": "", "command": f"maestro run answer conflict-1.2-1 {name}"} for name in ("retry", "resolve")]}
CHANGE = {"phase": "1", "at": "2026-01-01T10:00:30.000Z", "before": [["1.1", "1.2"], ["1.3"]], "after": [["1.1"], ["1.2", "1.3"]], "reasons": ["1.2 waits."]}


def shown(document: object, columns: int = 80, rows: int = 24) -> list[str]:
    return [click.unstyle(line) for line in board(document, columns, rows)]  # type: ignore[arg-type]


def middle(**more: object) -> object:
    """A run in its second wave, with one of everything."""
    first = [
        {"state": "merged", "sha": "abc1234", "title": "Create the user table"},
        {"state": "merged", "sha": "def5678", "title": "Hash passwords", "attempt": 2},
        {"state": "skipped"},
        {"state": "running", "title": "ログイン画面 and what belongs to it, in words that do not fit", "files": [LONG, "a"]},
        {"state": "reported", "title": "Let people log out", "files": ["src/out.py"]},
        {"state": "failed", "reason": "no `bcrypt` here", "title": "Refresh tokens"},
    ]
    second = [{"state": "waiting", "title": f"Later {number}"} for number in range(1, 6)]
    return made.document([first, second], questions=[QUESTION], regroupings=[CHANGE], forecast=[{"pair": ["1.4", "1.5"], "files": ["src/app.py"]}], **more)


def test_a_small_screen_keeps_what_matters_now(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(shown(middle())) == snapshot


def test_a_large_screen_shows_plan_and_log_beside_each_other(snapshot: SnapshotAssertion) -> None:
    assert "\n".join(shown(middle(), 160, 40)) == snapshot


tasks = st.lists(st.fixed_dictionaries({"state": st.sampled_from(made.STATES), "title": st.text(max_size=60), "reason": st.text(max_size=90)}), min_size=1)


@given(st.lists(tasks, min_size=1, max_size=6), st.integers(40, 220), st.integers(4, 70), st.integers(1, 5))
def test_it_never_leaves_the_screen(phases: list[list[dict[str, str]]], columns: int, rows: int, wide: int) -> None:
    lines = shown(made.document(phases, width=wide), columns, rows)
    assert len(lines) <= rows
    assert all(width(line) <= columns and printable(line) == line for line in lines)


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (200, 60)])
@pytest.mark.parametrize("many", [3, 30, 300])
def test_three_or_three_hundred_tasks_show_who_works_and_what_comes_next(many: int, columns: int, rows: int) -> None:
    at = many // 2
    states = ["merged"] * at + ["running"] * min(3, many - at) + ["waiting"] * max(0, many - at - 3)
    phases = [[{"state": state} for state in states[start : start + 30]] for start in range(0, many, 30)]
    text = "\n".join(shown(made.document(phases), columns, rows))
    running = [f"{place // 30 + 1}.{place % 30 + 1}" for place in range(at, min(many, at + 3))]
    assert [task for task in running if text.count(f"[~] {task} ") < 2] == [], "once in its slot, once in its wave"
    assert f"{100 * at // many} %  {at} of {many} tasks" in text
    assert "event 19" in text
    assert f"Phase {at // 30 + 1}: " in text


def test_failures_and_questions_stay_however_small_the_screen_is() -> None:
    phases = [[{"state": "merged"}] * 50 + [{"state": "failed", "reason": "broken"}] + [{"state": "waiting"}] * 50]
    lines = shown(made.document(phases, questions=[QUESTION]), 60, 14)
    assert "! 1.51 failed: broken" in lines
    assert any(line.startswith("? conflict-1.2-1: 1.1 and 1.2 changed") for line in lines)


def test_a_task_that_asks_is_not_called_failed_and_what_is_blocked_says_by_what() -> None:
    asking = {"state": "failed", "failure": "unclear-spec", "reason": "Which hash?"}
    phases = [[asking, *({"state": "blocked", "reason": "needs 1.1, which failed"} for _ in range(2)), {"state": "held", "reason": "1.9 touches src/a.py"}]]
    lines = shown(made.document(phases))
    assert [line for line in lines if line.startswith(("?", "!"))] == [
        "? 1.1 asks: Which hash?",
        "! 1.4 is held back: 1.9 touches src/a.py",
        "! blocked: 1.2, 1.3 (needs 1.1, which failed)",
    ]


def test_a_question_about_a_task_is_told_once() -> None:
    document = made.document([[{"state": "running"}, {"state": "failed", "reason": "they conflict"}]], questions=[QUESTION])
    assert "they conflict" not in "\n".join(shown(document))


def test_what_is_left_of_each_wave_stays_on_the_smallest_screen() -> None:
    states = ["merged"] * 4 + ["failed", "merged", "running", "blocked", "waiting", "waiting"]
    lines = shown(made.document([[{"state": state} for state in states]] * 2, width=5, questions=[QUESTION]), 80, 18)
    assert "  wave 1  [########..]  80 %  4 of 5  [!] 1.5" in lines
    assert "  wave 2  [##........]  20 %  1 of 5  [~] 1.7  [ ] 1.9  [ ] 1.10  [!] 1.8" in lines


def test_what_was_settled_before_its_phase_began_counts_in_its_phase() -> None:
    document = made.document([[{"state": "merged"}, {"state": "running"}]])
    document["waves"][0]["tasks"] = ["1.2"]
    lines = shown(document)
    assert "  before  [##########] 100 %  1 of 1" in lines and not any("Not in a wave" in line for line in lines)
    assert any(line.startswith("Phase 1: Part 1") and line.endswith("50 %  1 of 2") for line in lines)


def test_room_that_is_left_shows_the_next_waves_with_their_tasks() -> None:
    phases = [[{"state": "running"}, *[{"state": "waiting"}] * 20], *[[{"state": "waiting"}] * 20] * 5]
    lines = shown(made.document(phases), 80, 40)
    assert len(lines) >= 36 and "    [ ] 1.5   Do it" in lines and any("to come: 1.19" in line for line in lines)


def test_of_a_long_wave_those_stay_that_do_not_wait() -> None:
    states = ["merged", "running", "running", *["waiting"] * 20, "blocked"]
    lines = shown(made.document([[{"state": state} for state in states]], width=30))
    assert "    20 waiting, 1 blocked" in lines
    assert [line.split()[1] for line in lines if line.startswith("    [")] == ["1.2", "1.3"]


def test_the_log_tells_a_long_entry_to_its_end() -> None:
    log = [{"at": "2026-01-01T10:00:00.000Z", "text": "1.1 failed (worker, attempt 1, it is tried again): its worker ended with exit code 3 … no bcrypt here"}]
    lines = shown(made.document([[{"state": "waiting"}]], log=log))
    assert lines[-3:-1] == ["  10:00:00  1.1 failed (worker, attempt 1, it is tried again): its worker ended", "            with exit code 3 … no bcrypt here"]


def test_a_title_gets_the_room_that_nobody_else_needs() -> None:
    title = "Refactor the configuration's loader"
    lines = shown(made.document([[{"state": "running", "title": title}]]))
    assert any(line.startswith(f"  [~] 1.1  {title}  ") for line in lines)


def test_states_are_told_apart_without_colour() -> None:
    phases = [[{"state": state, "reason": "because"} for state in made.STATES]]
    lines = shown(made.document(phases, width=8), 100, 40)
    told = {line[4:].split()[-1].rstrip(",") for line in lines if line.startswith("    [") and not line.endswith("Do it")}
    assert {"failed", "blocked", "skipped", "held"} <= told


def test_a_throttle_says_why() -> None:
    slots = {"limit": 1, "busy": 1, "why": "only 4% of memory is free"}
    assert "Slots: 1 of 1 busy, throttled: only 4% of memory is free" in shown(made.document([[{"state": "running"}]], slots=slots))


@pytest.mark.parametrize(
    ("times", "words"),
    [
        ((61.0, None, 0, None), "1 min 01 s so far"),
        ((61.0, 42.0, 1, 84.0), "1 min 01 s so far, about 1 min 20 s left (1 task took 42 s)"),
        ((61.0, 42.0, 5, 84.0), "1 min 01 s so far, about 1 min 20 s left (median of 5 tasks: 42 s)"),
        ((61.0, 42.0, 5, 0.0), "1 min 01 s so far"),
    ],
)
def test_a_forecast_of_time_says_what_it_rests_on(times: tuple[float, float | None, int, float | None], words: str) -> None:
    assert time_words({"over": False} | dict(zip(("elapsed_s", "task_s", "measured", "left_s"), times, strict=True))) == words
