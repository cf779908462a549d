"""The report as people read it, whole."""

from __future__ import annotations

import re
from dataclasses import replace

import click
import pytest
from syrupy.assertion import SnapshotAssertion

from maestro.cli.output import TEXT_LIMIT, fit
from maestro.models.regrouping import Regrouping
from maestro.models.report import Apart, Asked, Cause, Failure, Gates, Hindsight, Missed, Report, Share, Spent, TaskReport, Times
from maestro.models.run import Edge
from maestro.views.pull_request import pull_request
from maestro.views.report import CAUSES, length, report_html, report_markdown, report_text, usage_words

WHY = "both touch `pocket/config.py`: 1.2 changes it, 1.4 changes it"

REPORT = Report(
    run="auth-1a2b3c",
    track="auth",
    condition="owner-gone",
    mode="parallel",
    branch="main",
    base="b" * 40,
    started_at="2025-02-19T23:10:02.000Z",
    ended_at="2025-02-20T03:12:44.000Z",
    merged=2,
    total=4,
    times=Times(14562.0, 5162.0, 7000.0, 9000.0, 0.4264, 4100.0, 0.5),
    bound=(Share(Cause.AWAY, 9400.0, 0.6455), Share(Cause.DEPENDENCIES, 4000.0, 0.2747), Share(Cause.MERGES, 1162.0, 0.0798), Share(Cause.SLOTS, 0.0, 0.0)),
    critical_path=("1.1", "1.3"),
    tasks=(
        TaskReport(
            *("1.1", "Hash passwords", "1", "merged", "a" * 40, 1, 2000.0, "green", "red-green"),
            files=("src/hash.py", "src/app.py"),
            outside=("src/app.py",),
            tokens=120_000.0,
            cost=1.2,
        ),
        TaskReport("1.2", "Store <b>users</b> | all", "1", "merged", "c" * 40, 2, 3000.0, "untested", ""),
        TaskReport(
            *("1.3", "Check passwords at login, with a title that is so long that it must be cut in a terminal", "1", "failed", "", 3, 2100.5, "", "red"),
            reason="the tests are red",
        ),
        TaskReport("1.0", "Was there", "1", "done-before", "d" * 40, 0, 0.0, "", ""),
    ),
    failures=(Failure("1.2", 1, "lost", "its process vanished", 12.3), Failure("1.3", 3, "test", f"the tests are red on top of {'f' * 40}", 0.0)),
    gates=Gates("make test", 5, 1, 250.0),
    usage=Spent(120_000.0, 1.2, 1),
    regroupings=(Regrouping("1", "2025-02-19T23:40:00.000Z", (("1.1", "1.2", "1.3"),), (("1.1", "1.2"), ("1.3",)), ("1.1 changes src/app.py.",)),),
    hindsight=Hindsight(1, 0, (Missed("1.1", "1.3", ("a.py", "b.py", "c.py", "d.py", "e.py"), True),), (Apart("1.3", "1.2", "files", WHY),)),
    edges=(Edge("1.3", "1.2", "files", WHY),),
    questions=(
        Asked("start", "Start?", "start", "Start"),
        Asked("verify-1-1", "Is the phase verified?\nTry it.", "issue", "Found an issue", "login is <broken>"),
        Asked("held-1.2-1", "1.2 deletes a.txt. Merge it?", "merge", "Merge it", unattended=True),
        Asked("failed-1.3-3", "1.3 failed. What now?", "", ""),
    ),
    phases={"1": "Backend"},
    other_runs=("auth-9f8e7d",),
    description="Log in with a password",
)


def test_the_report_in_a_terminal(snapshot: SnapshotAssertion) -> None:
    text = click.unstyle(report_text(REPORT))
    assert text == snapshot
    assert max(map(len, text.splitlines())) <= 80


def test_the_report_as_markdown(snapshot: SnapshotAssertion) -> None:
    assert report_markdown(REPORT) == snapshot


def test_the_page_says_the_same_as_the_text() -> None:
    text = report_html(REPORT)
    for word in ("Hash passwords", "Store &lt;b&gt;users&lt;/b&gt; | all", "120,000 tokens, cost 1.20", "auth-9f8e7d", "noticed while running"):
        assert word in text


def test_the_body_of_a_pull_request(snapshot: SnapshotAssertion) -> None:
    assert pull_request(REPORT) == snapshot


def test_a_pull_request_without_tests_says_so() -> None:
    assert "There is no test command" in pull_request(replace(REPORT, gates=Gates(None, 0, 0, 0.0)))


def test_commits_that_somebody_put_together_are_not_counted_as_one_each() -> None:
    tasks = tuple(replace(task, sha="a" * 40 if task.sha else "") for task in REPORT.tasks)
    assert "2 of 3 tasks, in 1 commit, on `main`" in pull_request(replace(REPORT, tasks=tasks))


def test_a_long_plan_hides_nothing_that_matters_behind_its_tasks() -> None:
    tasks = tuple(replace(REPORT.tasks[0], id=f"1.{number}") for number in range(300))
    shown = fit(click.unstyle(report_text(replace(REPORT, tasks=tasks))), TEXT_LIMIT)
    assert all(f"\n{title}\n" in shown for title in ("What bounded it", "Questions still open", "What failed", "Re-grouped", "Tasks"))


def test_a_body_is_never_longer_than_a_forge_takes() -> None:
    title = "Store `users` | all of @them " + "and <more> of them " * 20
    tasks = tuple(TaskReport(f"1.{number}", title, "1", "merged", "a" * 40, 1, 1.0, "green", "") for number in range(1000))
    edges = tuple(Edge(f"1.{number}", "1.1", "files", WHY * 9) for number in range(1000))
    body = pull_request(replace(REPORT, tasks=tasks, edges=edges, total=1000))
    assert len(body) < 65_536
    assert body.startswith("Log in with a password: 1000 tasks") and "more." in body and body.endswith("</details>")


@pytest.mark.parametrize(
    ("cost", "shown"), [(0.0, "0.00"), (0.00001, "under 0.0001"), (0.0004, "0.0004"), (0.002, "0.002"), (0.0301, "0.03"), (1234.5, "1,234.50")]
)
def test_a_small_cost_does_not_read_like_none(cost: float, shown: str) -> None:
    assert usage_words(Spent(None, cost, 1)) == f"cost {shown}"


def test_of_tasks_one_after_the_other_no_gain_and_no_slots_are_told() -> None:
    bound = (Share(Cause.SLOTS, 30.0, 0.5), Share(Cause.WORK, 20.0, 0.3), Share(Cause.DEPENDENCIES, 4.0, 0.1), Share(Cause.MERGES, 6.0, 0.1))
    times = replace(REPORT.times, predicted=None)
    text = click.unstyle(report_text(replace(REPORT, mode="single", bound=bound, times=times), columns=120))
    assert re.search(r"^  work +54\.0 s +90.0 % .*a task was at work$", text, re.MULTILINE)
    assert not re.search("one by one|saved|workers together|slot|barrier|dependencies,", text)


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(Cause)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.0, "0.0 s"), (3.0, "3.0 s"), (4.25, "4.2 s"), (59.94, "59.9 s"), (59.97, "1 min 00 s"), (61.0, "1 min 01 s"), (7800.0, "2 h 10 min")],
)
def test_seconds_are_written_as_people_say_them(seconds: float, shown: str) -> None:
    assert length(seconds) == shown
