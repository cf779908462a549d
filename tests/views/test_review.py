"""A task's review as people read it."""

from __future__ import annotations

from dataclasses import replace

import click
from syrupy.assertion import SnapshotAssertion

from maestro.models.gate import Check
from maestro.models.review import AttemptLine, Claim, FileLine, GateLine, Review, ScopeLine
from maestro.models.run import Edge
from maestro.views.review import review_text

REVIEW = Review(
    track="auth",
    run="auth-1a2b3c",
    task="1.3",
    title="Check passwords\x1b[31m at login",
    phase="1",
    state="failed",
    reason=f"the tests are red with 1.3 on top of {'f' * 40}\nE  assert 1 == 2",
    handle="auth/1.3/2",
    attempt=2,
    sha="",
    text="### Task 1.3: Check passwords at login\n- [ ] Modify `src/login.py`",
    brief="# 1.3 Check passwords at login\nHandle auth/1.3/2\n",
    brief_file="/home/me/project/.git/maestro/auth/jobs/auth-1a2b3c/worker-1.3-2/brief.md",
    diff="git -C /home/me/project diff aaaaaaaaaaaa bbbbbbbbbbbb",
    files=(FileLine("src/login.py", "modified", 12, 3, True), FileLine("logo.png", "added", None, None, False)),
    touches_tests=False,
    scope=(ScopeLine("src/login.py", "modify", True), ScopeLine("tests/test_login.py", "create", False), ScopeLine("README.md", "read", False)),
    checks=(Check("2025-02-19T23:10:02.000Z", False), Check("2025-02-19T23:12:02.000Z", True)),
    gate=GateLine("c" * 40, False, False, 2, "E  assert 1 == 2\n1 failed", "/log"),
    method="tdd",
    claims=(Claim("it is done", "the attempt failed (test): red", False), Claim("tests: 12 passed", "maestro's own run on the candidate was red", False)),
    summary="All done, 12 passed.",
    needs=(Edge("1.3", "1.1", "explicit", "the text says so"),),
    attempts=(AttemptLine(1, "failed", "lost", "its process vanished", 12.0, "refs/maestro/auth/r/1.3-1"), AttemptLine(2, "failed", "test", "red", 130.0, "")),
    worktree="",
    log="/home/me/project/.git/maestro/auth/jobs/auth-1a2b3c/gate-9/out.log",
    worker_log="/home/me/project/.git/maestro/auth/jobs/auth-1a2b3c/worker-1.3-2/out.log",
)


def test_a_failed_task_shows_why_and_what_was_tried(snapshot: SnapshotAssertion) -> None:
    assert click.unstyle(review_text(REVIEW)) == snapshot


def test_a_task_that_has_not_started_has_nothing_to_review(snapshot: SnapshotAssertion) -> None:
    nothing = {"reason": "", "handle": "", "attempt": 0, "brief": "", "brief_file": "", "diff": "", "log": "", "worker_log": "", "gate": None}
    waiting = replace(REVIEW, state="waiting", files=(), checks=(), claims=(), attempts=(), **nothing)  # type: ignore[arg-type]
    assert click.unstyle(review_text(waiting)) == snapshot


def test_the_whole_brief_is_shown_on_request() -> None:
    assert "Handle auth/1.3/2" not in review_text(REVIEW)
    assert "Handle auth/1.3/2" in review_text(REVIEW, full=True)
