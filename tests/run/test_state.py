"""The state of a run is what its journal says, event by event."""

from __future__ import annotations

from typing import Any

import pytest

from maestro.errors import InvalidDocument
from maestro.models.run import RunState, TaskState
from maestro.run.journal import Event
from maestro.run.state import fold

PHASES = [
    {"id": "1", "title": "One", "tasks": [{"id": "1.1", "title": "A", "done": None, "sha": None}, {"id": "1.2", "title": "B", "done": None, "sha": None}]},
    {"id": "2", "title": "Two", "tasks": [{"id": "2.1", "title": "C", "done": None, "sha": None}]},
]
CREATED = {
    "run": "auth-abc",
    "track": "auth",
    "checkout": "/x",
    "base": "0" * 40,
    "settings": {"mode": "parallel", "branch": "main", "test": "make test"},
    "driver": {"id": "me", "process": False},
    "phases": PHASES,
}
QUESTION = {"id": "q", "kind": "start", "text": "Start?", "options": [{"id": "yes", "label": "Yes", "effect": "it starts"}], "task": None}
ATTEMPT = {"task": "1.1", "attempt": 1}
DISPATCHED = ("task-dispatched", {**ATTEMPT, "base": "b", "worktree": "w", "branch": "x"})
COMPOSED = (
    "phase-composed",
    {"phase": "1", "base": "b", "waves": [["1.1"], ["1.2"]], "edges": [["1.2", "1.1", "explicit", "the text says so"]], "scopes": {}, "shared": []},
)
FAILED = {**ATTEMPT, "class": "test", "reason": "red", "final": False}


def after(*events: tuple[str, dict[str, Any]], created: dict[str, Any] = CREATED) -> RunState:
    numbered = [("run-created", created), *events]
    state = fold(Event(number, f"2025-02-19T12:00:{number:02d}.000Z", name, data) for number, (name, data) in enumerate(numbered, 1))
    assert state is not None
    return state


def test_nothing_is_no_run() -> None:
    assert fold([]) is None


def test_a_journal_without_a_beginning_is_refused() -> None:
    with pytest.raises(InvalidDocument):
        fold([Event(1, "", "paused", {"reason": "x"})])


def test_a_new_run_waits_with_all_its_tasks() -> None:
    state = after()
    assert {task.id: task.state for task in state.tasks.values()} == dict.fromkeys(("1.1", "1.2", "2.1"), TaskState.WAITING)
    assert (state.run, state.driver.id, state.settings.test, state.started_at, state.events, state.over) == (
        "auth-abc",
        "me",
        "make test",
        "2025-02-19T12:00:01.000Z",
        1,
        False,
    )


def test_what_was_done_before_the_run_is_settled_and_not_its_own() -> None:
    done = [
        {
            "id": "1",
            "title": "One",
            "verified": True,
            "tasks": [{"id": "1.1", "title": "A", "done": "done", "sha": "abaa869"}, {"id": "1.2", "title": "B", "done": "skipped", "sha": None}],
        }
    ]
    state = after(created=CREATED | {"phases": done})
    assert [(task.state, task.sha, task.outside) for task in state.tasks.values()] == [(TaskState.MERGED, "abaa869", True), (TaskState.SKIPPED, "", True)]
    assert state.phases["1"].verified


def test_unknown_events_and_fields_are_left_out() -> None:
    """A newer version may have written them."""
    state = after(("invented-tomorrow", {"x": 1}), ("paused", {"reason": "r", "invented": True}))
    assert (state.paused, state.events) == ("r", 3)


def test_an_attempt_from_dispatch_to_merge() -> None:
    state = after(
        DISPATCHED,
        ("worker-started", {**ATTEMPT, "worker": "claude", "job": "worker-1.1-1"}),
        ("worker-attached", {**ATTEMPT, "worktree": "other"}),
        ("worker-checked", {**ATTEMPT, "ok": False}),
        ("worker-checked", {**ATTEMPT, "ok": True}),
    )
    attempt = state.tasks["1.1"].attempts[0]
    assert state.tasks["1.1"].state is TaskState.RUNNING and [task.id for task in state.running()] == ["1.1"]
    assert (attempt.worker, attempt.job, attempt.worktree, attempt.branch, [check.ok for check in attempt.checks]) == (
        "claude",
        "worker-1.1-1",
        "other",
        "x",
        [False, True],
    )
    state = after(
        DISPATCHED,
        ("task-reported", {**ATTEMPT, "report": {"summary": "s"}}),
        ("snapshot-taken", {**ATTEMPT, "commit": "c", "tree": "t", "paths": [["a.py", "added"]], "dropped": []}),
        ("changes-settled", {**ATTEMPT, "left_out": ["x"]}),
        ("candidate-made", {**ATTEMPT, "sha": "k", "parent": "p", "tested": False}),
        ("gate-started", {**ATTEMPT, "subject": "attempt", "commit": "k", "job": "gate-7", "try": 2}),
        ("gate-finished", {**ATTEMPT, "subject": "attempt", "ok": True}),
        ("task-merged", {**ATTEMPT, "sha": "k", "paths": []}),
        ("attempt-cleaned", {**ATTEMPT, "kept": None}),
    )
    task = state.tasks["1.1"]
    attempt = task.attempts[0]
    assert (task.state, task.sha, task.real_paths, attempt.outcome, attempt.cleaned) == (TaskState.MERGED, "k", (("a.py", "added"),), "merged", True)
    assert attempt.gate is not None and (attempt.gate.ok, attempt.gate.tries) == (True, 2) and attempt.accepted and attempt.left_out == ("x",)
    assert state.bookkeeping_due and state.collected


def test_a_merge_without_a_commit_is_no_change() -> None:
    state = after(DISPATCHED, ("task-merged", {**ATTEMPT, "sha": "", "paths": []}))
    assert (state.tasks["1.1"].state, state.tasks["1.1"].attempts[0].outcome) == (TaskState.MERGED, "no-change")


def test_failures_count_until_one_is_final_and_reopening_starts_anew() -> None:
    state = after(DISPATCHED, ("task-failed", FAILED))
    assert (state.tasks["1.1"].state, state.tasks["1.1"].counted, state.tasks["1.1"].reason) == (TaskState.WAITING, 1, "red")
    state = after(DISPATCHED, ("task-failed", {**FAILED, "class": "lost", "counted": False}))
    assert state.tasks["1.1"].counted == 0
    final = (DISPATCHED, ("task-failed", {**FAILED, "final": True}))
    assert after(*final).tasks["1.1"].state is TaskState.FAILED
    task = after(*final, ("task-reopened", {"task": "1.1", "note": "use v2"})).tasks["1.1"]
    assert (task.state, task.counted, task.note, len(task.attempts)) == (TaskState.WAITING, 0, "use v2", 1)


def test_a_new_snapshot_makes_the_candidate_and_its_tests_worthless() -> None:
    made = (
        DISPATCHED,
        ("snapshot-taken", {**ATTEMPT, "commit": "c", "tree": "t", "paths": []}),
        ("candidate-made", {**ATTEMPT, "sha": "k", "parent": "p"}),
        ("gate-started", {**ATTEMPT, "subject": "attempt", "commit": "k", "job": "g"}),
    )
    attempt = (
        after(*made, ("changes-left-out", {**ATTEMPT, "paths": ["x"]}), ("snapshot-taken", {**ATTEMPT, "commit": "d", "tree": "u", "paths": []}))
        .tasks["1.1"]
        .attempts[0]
    )
    assert (attempt.snapshot, attempt.candidate, attempt.candidate_parent, attempt.gate, attempt.left_out) == ("d", None, None, None, ("x",))


def test_questions_are_open_until_answered_or_withdrawn() -> None:
    asked = ("question-asked", {"question": QUESTION})
    assert [question.id for question in after(asked).open_questions] == ["q"]
    answered = after(asked, ("question-parked", {"id": "q"}), ("question-answered", {"id": "q", "option": "yes"}))
    assert answered.open_questions == [] and answered.parked == set() and answered.answers["q"].option == "yes"
    assert [question.id for question in after(asked, ("question-answered", {"id": "q", "option": "yes"}), asked).open_questions] == ["q"], "asked again"


def test_a_withdrawn_question_leaves_no_answer_behind() -> None:
    """Asked again, it must not be answered by what was said to its predecessor."""
    state = after(("question-asked", {"question": QUESTION}), ("question-answered", {"id": "q", "option": "yes"}), ("question-withdrawn", {"id": "q"}))
    assert state.questions == {} and state.answers == {}


def test_a_phase_from_composition_to_checkpoint() -> None:
    state = after(COMPOSED, ("coverage-measured", {"phase": "1", "percent": 81.5}), ("phase-verified", {"phase": "1", "checkpoint": "k"}))
    phase = state.phases["1"]
    assert (phase.base, phase.waves, phase.edges[0].why, phase.coverage, phase.verified, phase.checkpoint) == (
        "b",
        [["1.1"], ["1.2"]],
        "the text says so",
        81.5,
        True,
        "k",
    )


def test_regrouping_takes_the_new_waves_and_frees_what_was_held() -> None:
    held = ("task-held", {"task": "1.2", "reason": "1.1 changes x"})
    assert after(COMPOSED, held).tasks["1.2"].held == "1.1 changes x"
    data = {
        "phase": "1",
        "before": [["1.1", "1.2"]],
        "after": [["1.1"], ["1.2"]],
        "reasons": ["r"],
        "edges": [],
        "scopes": {},
        "shared": [["x", ["1.1", "1.2"]]],
    }
    state = after(COMPOSED, held, ("regrouped", data))
    assert state.tasks["1.2"].held == "" and state.phases["1"].waves == [["1.1"], ["1.2"]] and state.shared == [("x", ("1.1", "1.2"))]
    assert state.regroupings[0].before == (("1.1", "1.2"),) and state.regroupings[0].reasons == ("r",)


def test_a_fix_task_joins_its_phase_and_takes_the_old_verdicts_away() -> None:
    state = after(
        COMPOSED,
        ("gate-started", {"subject": "phase", "phase": "1", "commit": "c", "job": "g"}),
        ("coverage-measured", {"phase": "1", "percent": 50}),
        ("fix-task-added", {"phase": "1", "task": "1.fix1", "title": "Mend", "text": "Mend it"}),
    )
    phase = state.phases["1"]
    assert (phase.rejections, phase.gate, phase.coverage, phase.waves[-1]) == (1, None, None, ["1.fix1"])
    assert state.tasks["1.fix1"].fix_text == "Mend it"
    assert (
        "1.fix1" in after(COMPOSED, ("fix-task-added", {"phase": "1", "task": "1.fix1", "title": "Mend", "text": "x"}), ("plan-read", {"phases": PHASES})).tasks
    )


def test_an_edited_plan_keeps_what_is_known() -> None:
    edited = [{"id": "1", "title": "One, renamed", "tasks": [{"id": "1.1", "title": "A", "done": None}, {"id": "1.3", "title": "New", "done": None}]}]
    state = after(DISPATCHED, ("plan-read", {"phases": edited}))
    assert list(state.tasks) == ["1.1", "1.3"] and state.tasks["1.1"].state is TaskState.RUNNING and state.phases["1"].title == "One, renamed"


@pytest.mark.parametrize("gate", ["base", "phase"])
def test_resuming_tries_again_what_was_red(gate: str) -> None:
    subject = {"subject": gate, **({"phase": "1"} if gate == "phase" else {})}
    red = (("gate-started", {**subject, "commit": "c", "job": "g"}), ("gate-finished", {**subject, "ok": False}), ("paused", {"reason": "r"}))
    resumed = ("resumed", {"driver": {"id": "you", "process": False}})
    state = after(*red, ("question-asked", {"question": QUESTION}), ("question-parked", {"id": "q"}), resumed)
    assert (state.paused, state.driver.id, state.parked) == (None, "you", set())
    assert (state.base_gate if gate == "base" else state.phases["1"].gate) is None
    green = (red[0], ("gate-finished", {**subject, "ok": True}), red[2], resumed)
    assert (after(*green).base_gate if gate == "base" else after(*green).phases["1"].gate) is not None


OTHERS: dict[str, tuple[dict[str, Any], str, object]] = {
    "settings-changed": ({"changes": {"mode": "single"}}, "settings.mode", "single"),
    "run-begun": ({}, "begun", True),
    "integration-made": ({"path": "p"}, "integration", "p"),
    "setup-finished": ({"inputs": "i"}, "setup_inputs", "i"),
    "base-reset": ({}, "base_gate", None),
    "paused": ({"reason": "r"}, "paused", "r"),
    "finished": ({"outcome": "completed"}, "over", True),
    "question-parked": ({"id": "q"}, "parked", {"q"}),
    "bookkeeping-committed": ({"sha": "s"}, "bookkeeping", "s"),
    "task-blocked": ({"task": "1.2", "reason": "needs 1.1"}, "tasks.1_2.state", "blocked"),
    "task-unblocked": ({"task": "1.2"}, "tasks.1_2.state", "waiting"),
    "task-skipped": ({"task": "1.2", "reason": "r"}, "tasks.1_2.state", "skipped"),
    "discovered": ({"task": "1.2", "by": "w", "needs": "1.1"}, "discoveries.0.needs", "1.1"),
    "wave-added": ({"phase": "1", "tasks": ["1.2"]}, "phases.1.waves", [["1.2"]]),
}


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_events(name: str) -> None:
    data, path, expected = OTHERS[name]
    found: Any = after((name, data))
    for word in path.split("."):
        key = word.replace("_", ".")
        found = found[int(word)] if isinstance(found, list) else found[key] if isinstance(found, dict) else getattr(found, word)
    assert found == expected
