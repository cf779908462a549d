"""The end of a phase and of a track: full tests, coverage, a person's word, checkpoints, reviews, cleaning up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from builders import commit, tip
from maestro.errors import Conflict, DecisionNeeded, MaestroError
from maestro.models.run import Handle
from maestro.models.schedule import Mode
from maestro.models.untried import untried
from maestro.run import driving, workers
from support import call_door, git, load_beside, make_repository, write

made = load_beside(__file__, "worlds")


def worked(world: Any, **wish: Any) -> Any:
    """Everything of the first phase is done and merged."""
    world.work_all(made.handles(world.start(**wish)))
    return world.merge()


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project", made.PHASES)


# --- verification


def test_a_phase_is_shown_and_asked_about_when_its_tasks_are_settled(world: Any) -> None:
    base = tip(world.root)
    action = worked(world)
    assert (action.action, action.phase, action.base, action.head) == ("verify-phase", "1", base[:7], tip(world.root)[:7])
    assert action.test == {"command": made.TEST, "ok": True, "tail": ""} and action.manual_steps == ("Look at it",)
    assert action.untested_files == (), "made of one plain value"
    question = action.question
    assert (question.id, [option.id for option in question.options], question.default) == ("verify-1-1", ["verified", "issue", "stop"], "verified")
    assert world.next().question.id == "verify-1-1" and driving.verify(world.home, world.caller).question.id == "verify-1-1"


def test_what_left_no_commit_is_named_when_the_phase_is_verified(tmp_path: Path) -> None:
    """Whoever says that a phase is verified has to know what it lacks."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py")))
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.done("auth/1.2/1", no_change="there since 1.0")
    world.skip("1.3", "the user does without")
    world.merge()
    shown = world.door("run", "next").out
    assert "  1.2 without a change Make b (there since 1.0)\n" in shown and "  1.3 skipped Make c (the user does without)\n" in shown


def test_a_phase_without_a_name_is_called_by_its_number(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", "# Plan: Example\n\n## Phase 1\n\n### Task 1.1: Make a\n- [ ] Create `src/a.py`\n")
    assert worked(world).summary.startswith("Phase 1: all tasks are settled")
    assert "\nPhase 1\n" in world.door("run", "status").out


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("'''Settings.'''\nfrom src import app\nLIMIT: int = -3\nNAMES = ('a', app)\n", False),
        ("import os\nHOME = os.environ['HOME']\n", True),
        ("def limit():\n    return 3\n", True),
        ("LIMIT = 3 +\n", True),
    ],
)
def test_a_file_of_plain_values_needs_no_test_of_its_own(source: str, named: bool, tmp_path: Path) -> None:
    """The list is read to a person; settings in it make them stop reading."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    world.work("auth/1.1/1", {"src/a.py": source})
    assert bool(world.merge().untested_files) is named


def test_files_with_a_test_beside_them_are_not_called_untested(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n", "tests/test_a.py": "t\n", "src/__init__.py": "", "src/data.json": "{}"})
    assert world.merge().untested_files == ()


def test_verified_ticks_the_block_and_sets_the_checkpoint_and_the_next_phase_begins(world: Any) -> None:
    action = worked(world)
    sha = world.task("1.1").sha
    action = world.answer("verify-1-1", "verified")
    assert f"## Phase 1: Part 1 [checkpoint: {sha[:7]}]" in world.plan and "### Phase 1 Completion Verification\n- [x] Look at it" in world.plan
    assert "### Phase 2 Completion Verification\n- [ ] Look at it" in world.plan
    assert made.handles(action) == ["auth/2.1/1"] and action.phase == "2"
    assert world.task("2.1").attempts[0].base == tip(world.root), "the next phase starts from everything before it"
    assert world.subjects()[-1] == "chore(auth): phase 1 verified"


def test_verify_is_refused_while_tasks_are_open(world: Any) -> None:
    world.start()
    with pytest.raises(Conflict) as caught:
        driving.verify(world.home, world.caller)
    assert caught.value.slug == "phase-open"


def test_an_issue_becomes_a_fix_task_and_the_phase_is_asked_about_again(world: Any) -> None:
    worked(world)
    with pytest.raises(MaestroError) as caught:
        world.answer("verify-1-1", "issue")
    assert caught.value.slug == "text-missing"
    action = world.answer("verify-1-1", "issue", "The login is broken.\nIt says 500.")
    assert made.handles(action) == ["auth/1.fix1/1"]
    brief = workers.attach(world.root, Handle.parse("auth/1.fix1/1"))
    assert "The login is broken.\nIt says 500." in brief
    world.work("auth/1.fix1/1", {"src/a.py": "mended\n"})
    action = world.merge()
    assert (action.action, action.question.id) == ("verify-phase", "verify-1-2")
    assert git(world.root, "log", "-1", "--format=%s", world.task("1.fix1").sha) == "feat(auth): The login is broken."
    world.answer("verify-1-2", "verified")
    assert f"[checkpoint: {world.task('1.fix1').sha[:7]}]" in world.plan, "the last task commit of the phase"


def test_the_third_rejection_stops_and_resuming_asks_again(world: Any) -> None:
    worked(world)
    for number in (1, 2):
        world.answer(f"verify-1-{number}", "issue", f"still broken {number}")
        world.work(f"auth/1.fix{number}/1", {"src/a.py": f"{number}\n"})
        assert world.merge().question.id == f"verify-1-{number + 1}"
    action = world.answer("verify-1-3", "issue", "no")
    assert (action.outcome, "rejected 3 times" in action.summary) == ("stopped", True) and world.status() == ""
    action = world.resume()
    assert (action.action, action.question.id) == ("verify-phase", "verify-1-3")
    assert made.handles(world.answer("verify-1-3", "verified")) == ["auth/2.1/1"]


def test_stopping_at_the_verification_asks_again_on_resume(world: Any) -> None:
    worked(world)
    assert world.answer("verify-1-1", "stop").outcome == "stopped" and world.status() == "", "committed before it stops"
    assert world.resume().question.id == "verify-1-1"


def test_a_red_phase_has_no_default_and_what_is_mended_by_hand_is_tested_again(world: Any) -> None:
    worked(world)
    commit(world.root, {"broken": "x\n"}, "By hand")
    action = world.next()
    assert (action.test["ok"], action.question.default, action.question.unattended) == (False, None, None) and "RED" in action.summary
    git(world.root, "rm", "--quiet", "broken")
    git(world.root, "commit", "--quiet", "--message=Mended")
    action = world.next()
    assert (action.test["ok"], action.question.default) == (True, "verified")


def test_the_gate_of_the_last_task_counts_for_the_phase(world: Any, tmp_path: Path) -> None:
    """The same commit is not tested twice."""
    worked(world, test=f"echo x >> {tmp_path}/count; {made.TEST}")
    assert (tmp_path / "count").read_text().count("x") == 2, "the base and 1.1"


# --- coverage


def covered(tmp_path: Path, **wish: Any) -> Any:
    files = {
        ".maestro/context/workflow.md": f"- Test command: `{made.TEST}`\n- Coverage command: `cat cov`\n- Coverage threshold: 80\n",
        "cov": "TOTAL  10  5  50%\n",
    }
    world = made.World(tmp_path / "project", made.PHASES, files)
    action = worked(world, test=None, **wish)
    assert (action.question_id, made.options(action), action.unattended) == ("coverage-1-1", ["accept", "issue", "stop"], None)
    assert action.text == "Coverage is 50 %, below the threshold of 80 %."
    return world


def test_coverage_below_the_threshold_can_be_accepted(tmp_path: Path) -> None:
    action = covered(tmp_path).answer("coverage-1-1", "accept")
    assert (action.action, action.coverage) == ("verify-phase", 50.0)


def test_missing_tests_become_a_task_and_coverage_is_measured_again(tmp_path: Path) -> None:
    world = covered(tmp_path)
    action = world.answer("coverage-1-1", "issue")
    assert made.handles(action) == ["auth/1.fix1/1"]
    assert "Add tests: coverage is 50 %" in workers.attach(world.root, Handle.parse("auth/1.fix1/1"))
    world.work("auth/1.fix1/1", {"cov": "TOTAL  10  1  90%\n"})
    action = world.merge()
    assert (action.action, action.coverage, action.question.id) == ("verify-phase", 90.0, "verify-1-2")


def test_stopping_at_low_coverage_asks_again_on_resume(tmp_path: Path) -> None:
    world = covered(tmp_path)
    assert world.answer("coverage-1-1", "stop").outcome == "stopped"
    assert world.resume().question_id == "coverage-1-1"


@pytest.mark.parametrize(
    ("output", "percent"),
    [
        ("Name  Stmts  Miss  Cover\nTOTAL  120  6  95%", 95.0),
        ("All files |   87.5 |    80 |", 87.5),
        ("total:\t(statements)\t91.3%", 91.3),
        ("Statements : 10%\nLines        : 88.2% ( 82/93 )", 88.2),
        ("no figure here", None),
    ],
)
def test_the_usual_coverage_reports_are_read(tmp_path: Path, output: str, percent: float | None) -> None:
    files = {".maestro/context/workflow.md": "- Coverage command: `cat cov`\n", "cov": output + "\n"}
    action = worked(made.World(tmp_path / "project", made.PHASES, files))
    assert (action.action, action.coverage) == ("verify-phase", percent)
    assert percent is not None or any("coverage is unknown" in notice for notice in action.notices)


def test_the_shown_range_ends_where_the_checkpoint_will_be(world: Any) -> None:
    """Bookkeeping lies on top of the last task's commit; the range named it, the checkpoint did not."""
    worked(world)
    world.pause()
    world.resume()
    action = world.next()
    sha = world.task("1.1").sha[:7]
    assert action.head == tip(world.root)[:7] != sha == action.checkpoint
    assert f"{action.base}..{sha}; tests: green" in world.door("run", "next").out
    assert f"Phase 1 is verified: checkpoint {sha}." in world.answer("verify-1-1", "verified").notices


# --- reviews


def test_a_review_is_offered_after_a_phase_and_can_be_put_off_for_good(world: Any) -> None:
    worked(world, review="phase")
    action = world.answer("verify-1-1", "verified")
    assert (action.question_id, made.options(action), action.default, action.unattended) == ("review-phase-1", ["no", "yes", "never"], "no", "no")
    said = {option["id"]: option["effect"] for option in action.options}
    assert said["no"] == "not this phase; asked again after the next" and said["never"] == "not this one, and not asked again in this run"
    action = world.answer("review-phase-1", "never")
    world.work_all(made.handles(action))
    world.merge()
    assert world.answer("verify-2-1", "verified").action == "complete"


def test_after_the_last_phase_a_review_is_asked_about_as_the_last_one(world: Any) -> None:
    """`never` would mean nothing there, and `before going on` would not say that the track is done after it."""
    worked(world, review="phase")
    world.answer("verify-1-1", "verified")
    world.work_all(made.handles(world.answer("review-phase-1", "no")))
    world.merge()
    action = world.answer("verify-2-1", "verified")
    assert made.options(action) == ["no", "yes"]
    assert action.text == "Phase 2 (Part 2) is done, the last of this track. Run a hygienic code review of it before the track is completed?"


def test_a_track_is_not_complete_while_a_question_waits(tmp_path: Path) -> None:
    """A caller that runs on to `complete` answers nothing in the user's place."""
    world = made.World(tmp_path / "project", made.TWO)
    world.start(review="phase")
    world.work_all(["auth/1.1/1", "auth/1.2/1"])
    world.merge()
    assert world.answer("verify-1-1", "verified").question_id == "review-phase-1"
    with pytest.raises(DecisionNeeded) as caught:
        world.complete("keep")
    assert (caught.value.slug, caught.value.question["id"]) == ("question-open", "review-phase-1") and not world.state.over
    assert world.answer("review-phase-1", "no").action == "complete"
    world.complete("keep")
    assert world.state.outcome == "completed"


def test_a_review_is_offered_after_each_task_where_it_was_asked_for(world: Any) -> None:
    action = worked(world, review="task")
    assert action.question_id == "review-1.1" and world.task("1.1").sha[:7] in json.dumps(action.context)
    assert world.answer("review-1.1", "no").action == "verify-phase"


def test_a_wanted_review_holds_everything_until_it_is_said_what_it_found(world: Any) -> None:
    worked(world, review="phase")
    world.answer("verify-1-1", "verified")
    action = world.answer("review-phase-1", "yes")
    assert (action.question_id, made.options(action), action.ask) == ("review-phase-1-found", ["nothing", "apply"], "agent")
    commits = action.text.split("`git diff ")[1].split("`")[0]
    assert git(world.root, "diff", "--name-only", *commits.split("..")).splitlines()
    assert not world.task("2.1").attempts
    shown = world.door("run", "next").out
    assert "reference/quality-gates.md says" in shown and "Yours to answer" in shown, "an order to the agent, not a question to the user"
    assert made.handles(world.answer("review-phase-1-found", "nothing")) == ["auth/2.1/1"]


def test_what_a_review_found_is_applied_first_and_the_phase_is_asked_about_again(world: Any) -> None:
    worked(world, review="phase")
    world.answer("verify-1-1", "verified")
    world.answer("review-phase-1", "yes")
    with pytest.raises(MaestroError, match="needs words"):
        world.answer("review-phase-1-found", "apply")
    action = world.answer("review-phase-1-found", "apply", "Name it better.")
    assert made.handles(action) == ["auth/1.fix1/1"] and "The review of phase 1 found an issue" in workers.attach(world.root, Handle.parse("auth/1.fix1/1"))
    world.work("auth/1.fix1/1", {"src/a.py": "better\n"})
    action = world.merge()
    assert action.action == "verify-phase" and action.question.id == "verify-1-2"
    world.answer("verify-1-2", "verified")
    assert world.state.phases["1"].rejections == 0 and world.state.phases["1"].checkpoint == world.task("1.fix1").sha
    assert f"[checkpoint: {world.task('1.fix1').sha[:7]}]" in world.plan


def test_what_the_review_of_a_task_found_comes_before_the_next_task(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    world.start(Mode.SINGLE, review="task")
    write(world.root, {"src/a.py": "a = 1\n"})
    world.done("auth/1.1/1")
    assert world.next().question_id == "review-1.1"
    world.answer("review-1.1", "yes")
    action = world.answer("review-1.1-found", "apply", "Say why.")
    assert made.handles(action) == ["auth/1.fix1/1"]
    write(world.root, {"src/a.py": "a = 1  # because\n"})
    world.done("auth/1.fix1/1")
    world.next()
    action = world.answer("review-1.fix1", "no")
    assert made.handles(action) == ["auth/1.2/1"]


def test_a_review_is_offered_after_each_wave_where_it_was_asked_for(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.CHAIN)
    action = worked(world, review="wave")
    assert action.question_id == "review-wave-1-1"
    assert made.handles(world.answer("review-wave-1-1", "no")) == ["auth/1.2/1"]


# --- completion


def test_without_manual_steps_it_is_said_who_finds_some(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), verification=False))
    world.start(Mode.SINGLE)
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    shown = world.door("run", "next").out
    assert "\nYours: the plan has no manual steps, so derive some from the spec, or else from the plan.\n  verified (default): " in shown
    assert "try:" not in shown, "a list of the tasks is nothing to try"
    planned = made.World(tmp_path / "planned", made.plan(("1.1", "src/a.py")))
    planned.start(Mode.SINGLE)
    planned.work("auth/1.1/1", {"src/a.py": "a\n"})
    shown = planned.door("run", "next").out
    assert "derive" not in shown and "\n  try: Look at it\n" in shown


def completed(tmp_path: Path, mode: Mode = Mode.PARALLEL) -> Any:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    world.start(mode)
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.merge()
    action = world.answer("verify-1-1", "verified")
    assert action.action == "complete"
    return world


def test_complete_lists_commits_and_the_answers_about_the_folder(tmp_path: Path) -> None:
    world = completed(tmp_path)
    action = world.next()
    assert action.commits == ({"id": "1.1", "sha": world.task("1.1").sha[:7], "title": "Make a"},)
    assert [option["id"] for option in action.options] == ["keep", "review", "archive", "delete"] and action.leftovers == ()


@pytest.mark.parametrize("mode", [Mode.PARALLEL, Mode.SINGLE])
def test_kept_the_track_is_marked_everywhere_and_the_tree_is_clean(tmp_path: Path, mode: Mode) -> None:
    world = completed(tmp_path, mode)
    action = world.complete("keep")
    assert (action.action, action.outcome) == ("finished", "completed")
    assert "- [x] **Track: User login**" in (world.root / ".maestro/tracks.md").read_text()
    assert json.loads((world.root / ".maestro/tracks/auth/metadata.json").read_text())["status"] == "completed"
    assert world.status() == "" and world.subjects()[-1] == "chore(auth): track complete"
    assert git(world.root, "worktree", "list").count("\n") == 0 and git(world.root, "branch", "--format=%(refname:short)") == "main"
    assert git(world.root, "for-each-ref", "refs/maestro/") == "" and not (world.root / ".maestro/worktrees").exists()
    assert world.next().outcome == "completed" and any("complete already" in notice for notice in world.complete("keep").notices)


def test_archived_the_folder_moves_and_the_registry_leads_to_it(tmp_path: Path) -> None:
    world = completed(tmp_path)
    world.complete("archive")
    assert not (world.root / ".maestro/tracks/auth").exists() and (world.root / ".maestro/archive/auth/plan.md").exists()
    assert "./archive/auth/" in (world.root / ".maestro/tracks.md").read_text() and world.status() == ""
    assert world.subjects()[-1] == "chore(auth): track archived"


def test_deleting_asks_a_second_time(tmp_path: Path) -> None:
    world = completed(tmp_path)
    with pytest.raises(DecisionNeeded) as caught:
        world.complete("delete")
    assert (caught.value.slug, caught.value.exit_code) == ("confirm-delete", 8) and caught.value.question is not None
    assert "complete --cleanup delete --confirm-delete`" in world.door("run", "complete", "--cleanup", "delete").err
    assert world.plan_file.exists() and not world.state.over
    world.complete("delete", confirmed=True)
    assert not (world.root / ".maestro/tracks/auth").exists() and world.status() == ""
    assert "Make a [x]" in git(world.root, "show", "HEAD~1:.maestro/tracks/auth/plan.md"), "the complete plan stays in the history"


@pytest.mark.parametrize("choice", ["archive", "delete"])
def test_of_an_adopted_plan_only_the_tracks_folder_goes_and_that_is_said(tmp_path: Path, choice: str) -> None:
    root = make_repository(tmp_path / "project", {"docs/plan.md": made.plan(("1.1", "src/a.py"))})
    assert call_door("tracks", "adopt", "docs/plan.md", "--id", "auth", cwd=root).code == 0
    assert call_door("run", "start", "auth", "--no-test", "--review", "none", cwd=root).code == 0
    call_door("run", "answer", "start", "start", cwd=root)
    write(root, {"src/a.py": "a\n"})
    assert call_door("run", "done", "auth/1.1/1", "--summary", "A", cwd=root).code == 0
    offered = call_door("run", "answer", "verify-1-1", "verified", "--json", cwd=root).data["next"]["options"]
    assert [option["id"] for option in offered if "the plan docs/plan.md stay" in option["effect"]] == ["archive", "delete"]
    refused = call_door("run", "complete", "--cleanup", "delete", "--json", cwd=root)
    assert "the plan docs/plan.md stays" in refused.error["message"]
    assert call_door("run", "complete", "--cleanup", choice, "--confirm-delete", cwd=root).code == 0
    assert "Make a [x]" in (root / "docs/plan.md").read_text() and not (root / ".maestro/tracks/auth").exists()
    assert git(root, "status", "--porcelain") == "" and "complete" in call_door("run", "next", "--track", "auth", cwd=root).out


def test_a_track_with_open_phases_cannot_be_completed(world: Any) -> None:
    worked(world)
    with pytest.raises(Conflict) as caught:
        world.complete("keep")
    assert caught.value.slug == "track-open"


def test_unmerged_work_is_listed_as_left_over_and_kept(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.write("auth/1.2/1", {"src/b.py": "precious\n"})
    world.fail("auth/1.2/1", "which user?", "unclear-spec")
    world.merge()
    world.answer("failed-1.2", "skip")
    action = world.answer("verify-1-1", "verified")
    kept = f"refs/maestro/auth/{world.state.run}/1.2-1 (work of 1.2, attempt 1, not merged)"
    assert action.action == "complete" and action.leftovers == (kept,), "its worktree goes, so only what stays is named"
    world.complete("keep")
    attempt = world.task("1.2").attempts[0]
    assert git(world.root, "show", f"{attempt.snapshot}:src/b.py") == "precious" and git(
        world.root, "for-each-ref", f"--contains={attempt.snapshot}", "refs/maestro/"
    )


def test_a_skipped_task_without_any_work_leaves_nothing_over(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    world.fail("auth/1.2/1", "which user?", "unclear-spec")
    world.merge()
    action = world.answer("failed-1.2", "skip")
    assert (action.progress.done, action.progress.skipped) == (2, 1) and "auth 2/2, 1 of them skipped · 100 %" in world.door("run", "next").out
    assert world.answer("verify-1-1", "verified").leftovers == ()


def test_what_was_tried_before_it_was_merged_is_left_over_in_one_line(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.TWO)
    world.start()
    for task, path in (("1.1", "src/a.py"), ("1.2", "src/b.py")):
        world.write(f"auth/{task}/1", {path: "half\n"})
        world.fail(f"auth/{task}/1", "cannot")
    world.next()
    world.work_all(["auth/1.1/2", "auth/1.2/2"])
    world.merge()
    assert world.answer("verify-1-1", "verified").leftovers == (f"refs/maestro/auth/{world.state.run}/ (earlier attempts on tasks that are merged: 2)",)


def test_skills_and_their_worth_are_recorded(tmp_path: Path) -> None:
    metadata = {"track_id": "auth", "type": "feature", "status": "new", "skills": [{"name": "sql", "relevance": "high"}], "mine": {"kept": True}}
    world = completed(tmp_path)
    write(world.root, {".maestro/tracks/auth/metadata.json": json.dumps(metadata)})
    assert world.next().skills == ("sql",)
    driving.complete(world.home, world.caller, "keep", skills="sql helped")
    found = json.loads((world.root / ".maestro/tracks/auth/metadata.json").read_text())
    assert found["skill_effectiveness"] == "sql helped" and found["mine"] == {"kept": True} and found["status"] == "completed"


# --- what nobody tried


def test_steps_that_nobody_tried_by_hand_are_named_wherever_people_read_of_the_run(tmp_path: Path) -> None:
    """With `--yes` green tests count as accepting, and the boxes are ticked; that nobody did these steps must not get lost."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    ran = world.door("run", "exec", "auth", "--worker", "mkdir -p src; echo x > src/a.py", "--test", made.TEST, "--yes", "--ignore-soft")
    assert ran.code == 0 and "nobody tried by hand (phase 1): Look at it" in ran.out
    assert "nobody tried by hand (phase 1): Look at it" in world.door("run", "status").out
    assert world.door("run", "status", "--json").data["untried"] == [{"phase": "1", "step": "Look at it"}]
    assert "## Nobody tried by hand\n\n- phase 1: Look at it" in world.door("run", "report", "--format", "pr").out


def test_what_a_person_accepted_counts_as_tried(world: Any) -> None:
    worked(world)
    world.answer("verify-1-1", "verified")
    assert untried(world.state) == () and "nobody tried" not in world.door("run", "status").out
