"""What a person who looks, or is asked, reads."""

from __future__ import annotations

from maestro.models.run import Option, Question
from maestro.views.cells import width
from maestro.views.status import question_lines

ASKED = Question(
    "verify-1-1",
    "verify-phase",
    "Phase 1 (Passwords): all tasks are settled, the tests are green. Is the phase verified?",
    (Option("verified", "Verified", "the phase gets its checkpoint"), Option("stop", "Stop here", "everything is kept; resume later")),
    context={"steps": ["Log in with a wrong password."], "log": "/srv/project/.git/maestro/auth/jobs/gate-7/out.log"},
)


def test_a_question_says_what_to_try_and_where_to_read_on() -> None:
    lines = question_lines(ASKED, 60)
    assert lines[0].startswith("Phase 1 (Passwords): ")
    assert "  try: Log in with a wrong password." in lines
    assert "  log: /srv/project/.git/maestro/auth/jobs/gate-7/out.log" in lines
    assert lines[-1] == "  stop: Stop here (everything is kept; resume later)"


def test_no_word_of_a_question_is_cut_by_the_edge_of_the_terminal() -> None:
    lines = question_lines(ASKED, 40)
    assert all(width(line) <= 40 or line.startswith("  log: ") for line in lines)
    assert "verified?" in " ".join(lines).split()
