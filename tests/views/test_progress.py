"""How far a run is, in words."""

from __future__ import annotations

from dataclasses import replace

from maestro.models.action import Progress, TaskProgress, WaveProgress
from maestro.views.progress import progress_line, progress_text, rough

WAVES = (WaveProgress("1", 1, ("1.1", "1.2"), 1, 2, 50),)
SOME = Progress(done=1, total=4, running=2, failed=0, percent=25, waves=WAVES, reported=1)
TASKS = [
    TaskProgress("1.1", "Hash passwords", "merged", sha="abaa869", phase="1"),
    TaskProgress("1.2", "Check them", "reported", phase="1"),
    TaskProgress("2.1", "Write it down", "waiting", phase="2"),
    TaskProgress("2.2", "Tell it", "waiting", phase="2"),
]
TITLES = {"1": "Passwords", "2": "Words"}


def test_what_its_worker_has_finished_runs_no_more() -> None:
    assert progress_line("auth", SOME, None, None) == "auth 1/4 · 25 % · 1 running · 1 to merge"
    assert progress_line("auth", replace(SOME, running=1), None, None) == "auth 1/4 · 25 % · 1 to merge"


def test_what_nobody_has_begun_does_not_run() -> None:
    assert progress_line("auth", replace(SOME, unbegun=1), None, None) == "auth 1/4 · 25 % · 1 to merge · 1 to hand out"
    counted = replace(SOME, running=3, unbegun=1, again=1)
    assert progress_line("auth", counted, None, None) == "auth 1/4 · 25 % · 1 running · 1 to merge · 1 to hand out · 1 to do again"


def test_phases_that_have_not_begun_are_shown_under_their_names() -> None:
    """They have waves in `waves.py`, so "not in a wave" would be another story."""
    shown = progress_text("auth", SOME, TASKS, TITLES).splitlines()
    assert shown[-3:] == ["Phase 2: Words", "    [ ] 2.1  Write it down", "    [ ] 2.2  Tell it"]


def test_a_task_that_came_into_a_begun_phase_waits_for_its_wave() -> None:
    late = TaskProgress("1.3", "Forget them", "waiting", phase="1")
    shown = progress_text("auth", SOME, [*TASKS[:2], late], TITLES).splitlines()
    assert shown[-2:] == ["Not in a wave yet", "    [ ] 1.3  Forget them"]


def test_a_forecast_has_no_digits_that_nobody_knows() -> None:
    assert [rough(seconds) for seconds in (1, 23, 59, 131, 598, 870, 3590, 7829)] == [
        "5 s", "25 s", "1 min 00 s", "2 min 10 s", "10 min", "14 min", "1 h 00 min", "2 h 10 min",
    ]  # fmt: skip


def test_what_was_settled_before_its_phase_began_stands_in_its_phase() -> None:
    early = TaskProgress("1.3", "Begin", "merged", sha="abc1234", phase="1")
    shown = progress_text("auth", SOME, [*TASKS[:2], early], TITLES)
    assert "Not in a wave yet" not in shown and shown.splitlines()[3].startswith("    [x] 1.3")


def test_a_plan_that_is_too_long_is_counted_where_nobody_has_to_look() -> None:
    tasks = [
        TaskProgress(f"1.{number}", "Do it", state, phase="1") for number, state in enumerate(("merged", "merged", "failed", "running", "waiting", "blocked"))
    ]
    waves = (WaveProgress("1", 1, tuple(task.id for task in tasks), 2, 6, 33),)
    shown = progress_text("auth", replace(SOME, waves=waves), [*tasks, *TASKS[2:]], TITLES, folded=True).splitlines()
    assert [line.split()[1] for line in shown if line.startswith("    [")] == ["1.2", "1.3"]
    assert "    2 merged, 1 waiting, 1 blocked" in shown and shown[-2:] == ["Phase 2: Words", "    2 waiting"]
