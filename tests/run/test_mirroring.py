"""With an epic, the issue tracker says what the run did: nothing twice, nothing lost by a kill, and never in the run's way."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import headless
from maestro import clock
from maestro.integrations import calls as calling
from maestro.models.schedule import Mode
from maestro.run.context import Context
from support import call_door, git, load_beside, write
from trackers import FakeTracker, fake_tracker

made = load_beside(__file__, "worlds")

METADATA = ".maestro/tracks/auth/metadata.json"


def linked(world: Any, patch: pytest.MonkeyPatch, profile: str = "0.5", *, titles: tuple[str, ...] = ("Make a", "Make b"), edges: Any = ()) -> FakeTracker:
    """Give the world's track an epic whose tasks have the plan's titles, everything committed."""
    tracker = fake_tracker(world.root, patch, profile)
    epic = tracker.epic(*titles, edges=edges)
    name_epic(world.root, epic, {f"P1T{number}": f"{epic}.{number}" for number in range(1, len(titles) + 1)})
    git(world.root, "add", "--all")
    git(world.root, "commit", "--quiet", "--message", "Add the tracker")
    return tracker


def name_epic(root: Path, epic: str, issues: Mapping[str, str]) -> None:
    fields = json.loads((root / METADATA).read_text()) | {"beads_epic_id": epic, "beads_issue_map": dict(issues)}
    write(root, {METADATA: json.dumps(fields, indent=2) + "\n"})


EPIC, ONE, TWO = "maestro-a1x", "maestro-a1x.1", "maestro-a1x.2"


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project")


def actor(world: Any) -> str:
    return f"maestro-{world.state.run}"


@pytest.mark.parametrize("profile", ["0.1.12", "0.5", "bd"])
def test_a_task_is_claimed_when_it_starts_and_closed_with_its_proof(profile: str, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = linked(world, monkeypatch, profile)
    world.start()
    assert tracker.brief(ONE) == ("in_progress", actor(world), "")
    world.write("auth/1.1/1", {"src/a.py": "a\n"})
    world.done("auth/1.1/1", summary="Adds a.\nAnd more.")
    world.merge()
    assert tracker.brief(ONE)[::2] == ("closed", f"sha:{world.task('1.1').sha[:7]} | tests pass | Adds a. And more.")
    assert tracker.brief(TWO)[0] == "in_progress"
    assert tracker.parallel() == []


def test_nothing_is_told_twice(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = linked(world, monkeypatch)
    world.start()
    tracker.forget()
    world.next()
    world.next()
    assert tracker.log == [], "the journal knows what the tracker was told"


def test_only_the_driver_talks_to_the_tracker(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers report at any time, beside each other."""
    tracker = linked(world, monkeypatch)
    world.start()
    tracker.forget()
    world.attach(["auth/1.1/1"])
    world.work_all(["auth/1.1/1"])
    world.fail("auth/1.2/1")
    assert tracker.log == []


def test_a_tracker_that_is_still_behind_at_the_end_is_told_at_the_end(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "pause", lambda seconds: None)
    tracker = linked(world, monkeypatch)
    tracker.faults("locked:update", "locked:close")
    world.start()
    world.work_all(["auth/1.1/1", "auth/1.2/1"])
    world.merge()
    world.answer("verify-1-1", "verified")
    action = world.complete("keep")
    assert action.action == "finished" and action.outcome == "completed"  # type: ignore[attr-defined]
    assert any("tracker is behind" in notice and f"track auth should be closed as {EPIC}" in notice for notice in action.notices)
    tracker.faults()
    assert any("has caught up" in notice for notice in world.next().notices)
    assert [tracker.brief(name)[0] for name in (ONE, TWO, EPIC)] == ["closed"] * 3
    assert world.status() == "" and "tracker caught up" in git(world.root, "log", "-1", "--format=%s"), "nothing later would have committed the export"


def test_a_track_without_an_epic_has_nothing_to_do_with_a_tracker(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = fake_tracker(world.root, monkeypatch)
    world.start()
    assert tracker.log == [] and world.named("mirrored") == []


def test_failed_skipped_and_undone_tasks_are_told(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = linked(world, monkeypatch)
    world.start()
    for attempt in (1, 2, 3):
        world.fail(f"auth/1.1/{attempt}")
        world.next()
    assert tracker.brief(ONE) == ("open", "", ""), "it failed for good and somebody else may take it"
    world.skip("1.1", "not needed any more")
    assert tracker.brief(ONE)[::2] == ("closed", "skipped | not needed any more")
    world.work_all(["auth/1.2/1"])
    world.merge()
    assert tracker.brief(TWO)[0] == "closed"
    world.door("run", "undo", "1.2")
    world.next()
    assert tracker.brief(TWO) == ("in_progress", actor(world), ""), "it runs again"
    world.work_all(["auth/1.2/2"])
    world.merge()
    assert tracker.brief(TWO)[2].startswith(f"sha:{world.task('1.2').sha[:7]} ")


def test_an_aborted_run_holds_nothing(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = linked(world, monkeypatch)
    world.start()
    world.abort()
    assert [tracker.brief(name) for name in (ONE, TWO)] == [("open", "", "")] * 2


class Killed(BaseException):
    """The call ends here."""


def test_what_a_kill_left_untold_is_told_by_the_next_call(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the tracker was told, and after it but before the journal knew."""
    tracker = linked(world, monkeypatch)
    record = Context.record

    def killed(context: Context, name: str, **data: Any) -> None:
        if name == "mirrored":
            raise Killed
        record(context, name, **data)

    with monkeypatch.context() as patch:
        patch.setattr(Context, "record", killed)
        with pytest.raises(Killed):
            world.start()
    assert (tracker.brief(ONE)[0], tracker.brief(TWO)[0]) == ("in_progress", "open")
    tracker.forget()
    world.next()
    assert (tracker.brief(ONE)[0], tracker.brief(TWO)[0]) == ("in_progress", "in_progress")
    assert tracker.writes == [f"update {TWO} --claim"], "what was told is not told again"


def test_a_tracker_that_fails_is_told_and_catches_up(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "pause", lambda seconds: None)
    tracker = linked(world, monkeypatch)
    tracker.faults("locked:update")
    action = world.start()
    behind = [notice for notice in action.notices if "tracker is behind" in notice]
    assert action.action == "dispatch" and len(behind) == 1
    assert ONE in behind[0] and "Database is locked" in behind[0] and "plan.md is right" in behind[0]
    assert "[~]" in world.plan
    assert not any("behind" in notice for notice in world.next().notices), "it is said once"
    tracker.faults()
    monkeypatch.setattr(clock, "seconds_since", lambda time: 10_000.0)
    assert any("caught up" in notice for notice in world.next().notices)
    assert tracker.brief(ONE)[0] == "in_progress"


def test_a_tracker_that_goes_on_failing_is_asked_more_and_more_seldom(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question may take as long as its time limit, and the whole run would wait."""
    monkeypatch.setattr(calling, "READ_LIMIT", 0.2)
    monkeypatch.setattr(calling, "WRITE_LIMIT", 0.2)
    tracker = linked(world, monkeypatch)
    tracker.faults("locked:show")
    monkeypatch.setattr(clock, "pause", lambda seconds: None)
    world.start()
    world.next()
    tracker.forget()
    assert world.next().action == "dispatch"
    assert tracker.log == []


def test_an_issue_that_somebody_else_holds_does_not_stop_the_task(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = linked(world, monkeypatch)
    tracker.call("update", ONE, "--claim", "--actor", "colleague")
    action = world.start()
    assert made.handles(action) == ["auth/1.1/1", "auth/1.2/1"]
    assert any(f"1.1 should be claimed as {ONE}: {ONE} is claimed by colleague." in notice for notice in action.notices)
    assert (tracker.brief(ONE)[1], tracker.brief(TWO)[1]) == ("colleague", actor(world))


def test_without_a_tool_progress_stays_in_the_plan_and_is_said_once(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = linked(world, monkeypatch)
    monkeypatch.delenv("MAESTRO_BR")
    before = (tracker.folder / "issues.jsonl").read_bytes()
    action = world.start()
    assert sum("does not answer here" in notice for notice in action.notices) >= 1
    assert (tracker.folder / "issues.jsonl").read_bytes() == before
    assert not any("tracker" in notice for notice in world.next().notices)


def test_the_order_that_the_tracker_states_is_kept(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan lists both tasks as independent; the tracker says that 1.1 waits for 1.2."""
    linked(world, monkeypatch, edges=[(1, 2)])
    action = world.start()
    assert made.handles(action) == ["auth/1.2/1"]
    assert [edge.kind for edge in world.state.phases["1"].edges] == ["beads"]


@pytest.mark.parametrize("mode", [Mode.PARALLEL, Mode.SINGLE])
def test_what_holds_a_task_up_is_closed_before_it_is_claimed(mode: Mode, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both become true in one step, and the tool refuses claims of issues that wait."""
    tracker = linked(world, monkeypatch, edges=[(2, 1)])
    world.start(mode)
    world.work("auth/1.1/1", {"src/a.py": "a\n"})
    tracker.forget()
    action = world.merge()
    assert (tracker.brief(ONE)[0], tracker.brief(TWO)[0]) == ("closed", "in_progress")
    assert [line.split()[0] for line in tracker.writes] == ["close", "update"]
    assert not any("behind" in notice for notice in action.notices)


def test_a_tracker_that_breaks_while_a_run_goes_on_keeps_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    tracker = linked(world, monkeypatch, titles=tuple(f"Make {name}" for name in "abcde"), edges=[(2, 1), (3, 2)])
    monkeypatch.delenv("MAESTRO_BR")
    assert made.handles(world.start()) == ["auth/1.1/1", "auth/1.4/1", "auth/1.5/1"]
    export = tracker.folder / "issues.jsonl"
    export.write_text("<<<<<<< ours\n" + export.read_text())
    world.work_all(["auth/1.1/1", "auth/1.4/1", "auth/1.5/1"])
    action = world.merge()
    assert made.handles(action) == ["auth/1.2/1"], "1.3 still waits for 1.2"
    assert any("stay in force" in notice for notice in action.notices)


def test_a_tracker_with_an_unresolved_merge_starts_nothing(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = linked(world, monkeypatch)
    (tracker.folder / "issues.jsonl").write_text("<<<<<<< ours\n")
    ran = world.door("run", "start", "auth", "--json")
    assert (ran.code, ran.error["code"], ran.error["where"]) == (3, "beads-conflict-markers", ".beads/issues.jsonl:1")


def test_a_missing_folder_is_set_up_where_the_tool_is_there(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = fake_tracker(world.root, monkeypatch, init=False)
    name_epic(world.root, "maestro-zz", {})
    git(world.root, "commit", "--quiet", "--all", "--message", "Name the epic")
    action = world.start()
    assert tracker.writes == ["init --prefix maestro"]
    assert any("br set one up" in notice for notice in action.notices)
    assert any("no issue maestro-zz" in notice and "behind" in notice for notice in action.notices)
    assert action.action == "dispatch"


def test_what_the_tracker_proves_done_does_not_run_again(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another checkout did 1.1 and its commit came here; the plan was not brought in step."""
    tracker = linked(world, monkeypatch)
    sha = git(world.root, "rev-parse", "HEAD")
    tracker.call("close", ONE, "--reason", f"sha:{sha[:7]} | tests pass | elsewhere")
    action = world.start(resume=True)
    assert made.handles(action) == ["auth/1.2/1"]
    assert f"### Task 1.1: Make a [x] {sha[:7]}" in world.plan
    assert any(f"do not run: 1.1 ({sha[:7]})" in notice for notice in action.notices)
    tracker.forget()
    world.work_all(["auth/1.2/1"])
    assert world.merge().action == "verify-phase"
    assert not any(ONE in line for line in tracker.writes)


@pytest.mark.parametrize("reason", ["by hand", "sha:1234567 | tests pass"])
def test_a_closed_issue_proves_nothing_without_a_commit_of_this_branch(reason: str, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = linked(world, monkeypatch)
    tracker.call("close", ONE, "--reason", reason)
    action = world.start(resume=True)
    assert made.handles(action) == ["auth/1.1/1", "auth/1.2/1"]
    assert any(f"so they run: 1.1 ({ONE})" in notice for notice in action.notices)
    assert tracker.brief(ONE) == ("in_progress", actor(world), ""), "opened again and claimed"


def test_what_was_closed_elsewhere_while_the_run_rested_is_taken_over_when_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    tracker = linked(world, monkeypatch, titles=tuple(f"Make {name}" for name in "abcde"), edges=[(2, 1), (3, 2)])
    world.start()
    world.work_all(["auth/1.1/1"])
    world.merge()
    world.pause()
    sha = git(world.root, "rev-parse", "--short", "HEAD")
    tracker.call("close", f"{EPIC}.2", "--reason", f"sha:{sha} | tests pass | a colleague")
    tracker.call("close", f"{EPIC}.3", "--reason", "by hand")
    tracker.call("update", ONE, "--status", "open")
    notices = world.resume().notices
    assert any(f"do not run: 1.2 ({sha[:7]})" in notice for notice in notices)
    assert any(f"so they run: 1.3 ({EPIC}.3)" in notice for notice in notices)
    assert any(f"Opened again in the issue tracker since this run closed them: 1.1 ({ONE})." in notice for notice in notices)
    assert f"### Task 1.2: Make b [x] {sha[:7]}" in world.plan
    assert not any("issue tracker" in notice for notice in world.next().notices), "it is said once"


def test_what_is_left_comes_from_the_plan_where_the_tracker_cannot_be_read(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name_epic(world.root, EPIC, {})
    git(world.root, "commit", "--quiet", "--all", "--message", "Name the epic")
    action = world.start(resume=True)
    assert action.action == "dispatch"
    assert any("comes from the plan alone" in notice for notice in action.notices)


# --- whole runs without a session


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[headless.Project, FakeTracker]:
    """The headless sample: three tasks, a phase that has an issue of its own, the tracker's export kept in git."""
    found = headless.make(tmp_path / "project")
    tracker = fake_tracker(found.root, monkeypatch)
    epic = str(tracker.call("create", "--title", "User login", "--type", "epic")["id"])
    phase = str(tracker.call("create", "--title", "Phase 1: Backend", "--type", "epic", "--parent", epic)["id"])
    for title in ("Create the user table", "Hash passwords", "Add the login endpoint"):
        tracker.call("create", "--title", title, "--parent", phase)
    name_epic(found.root, epic, {"P1": phase, **{f"P1T{number}": f"{phase}.{number}" for number in (1, 2, 3)}})
    git(found.root, "add", "--all")
    git(found.root, "commit", "--quiet", "--message", "Add the tracker")
    return found, tracker


def closed(project: headless.Project, tracker: FakeTracker) -> None:
    """Everything is closed with what proves it, and told exactly once."""
    state = project.state
    for number in (1, 2, 3):
        assert tracker.brief(f"{EPIC}.1.{number}")[::2] == ("closed", f"sha:{state.tasks[f'1.{number}'].sha[:7]} | tests pass | did 1.{number}")
    assert tracker.brief(f"{EPIC}.1")[::2] == ("closed", f"sha:{state.phases['1'].checkpoint[:7]} | phase verified")
    assert tracker.brief(EPIC)[0] == "closed"
    assert tracker.parallel() == [], "one call at a time"
    assert not any("--force" in entry["args"] or "close-eligible" in entry["args"] for entry in tracker.log)
    exported = {issue["id"]: issue["status"] for issue in map(json.loads, git(project.root, "show", "HEAD:.beads/issues.jsonl").splitlines())}
    assert set(exported.values()) == {"closed"}, "the last commit of the run holds the tracker as it is"
    assert headless.litter(project) == []


def test_a_whole_run_is_mirrored(project: tuple[headless.Project, FakeTracker]) -> None:
    found, tracker = project
    assert found.drive() == "completed"
    closed(found, tracker)
    assert len([line for line in tracker.writes if line.startswith("close")]) == 5
    assert len([line for line in tracker.writes if "--claim" in line]) == 3


PHASES = """\
## Phase 1: Before

### Task 1.1: Create the user table
- [ ] Create `src/user.py`

## Phase 2: After

### Task 1.2: Hash passwords
- [ ] Create `src/hashing.py`

### Task 1.3: Add the login endpoint, after Task 1.2
- [ ] Modify `src/app.py`
"""


@pytest.mark.parametrize("profile", ["0.5", "bd"])
def test_a_tracker_that_was_made_from_the_plan_accepts_everything_a_run_tells_it(profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its second phase waits for the first one's issue, and the tool refuses to claim what waits."""
    found = headless.make(tmp_path / "project", PHASES)
    tracker = fake_tracker(found.root, monkeypatch, profile)
    ids = call_door("beads", "from-plan", "auth", "--json", cwd=found.root).data["issue_map"]
    git(found.root, "add", "--all")
    git(found.root, "commit", "--quiet", "--message", "Add the tracker")
    lines: list[str] = []
    assert found.drive({"tell": lines.append}) == "completed"
    assert {key: tracker.brief(issue)[0] for key, issue in ids.items()} == dict.fromkeys(("P1", "P1T1", "P2", "P1T2", "P1T3"), "closed")
    assert sum("--claim" in line for line in tracker.writes) == 3
    assert not any("tracker is behind" in line for line in lines)


def test_what_the_tracker_lacks_at_the_end_of_a_run_is_told(project: tuple[headless.Project, FakeTracker], monkeypatch: pytest.MonkeyPatch) -> None:
    found, tracker = project
    monkeypatch.setattr(calling, "PAUSES", ())
    lines: list[str] = []
    assert found.drive({"tell": lines.append, "advanced": lambda state: state.phases["1"].verified and tracker.faults("locked:close")}) == "completed"
    assert any(f"track auth should be closed as {EPIC}" in line for line in lines)


def test_what_the_tracker_lacks_is_told_when_the_run_is_stopped(project: tuple[headless.Project, FakeTracker], monkeypatch: pytest.MonkeyPatch) -> None:
    found, tracker = project
    monkeypatch.setattr(calling, "PAUSES", ())
    lines: list[str] = []
    orders = {"worker": "sleep 600", "max_wait": 0.1, "tell": lines.append, "advanced": lambda state: state.running() and tracker.faults("locked:update")}
    assert found.drive(orders) == "stopped"
    assert any(f"1.1 should be open as {EPIC}.1.1" in line for line in lines)


@pytest.mark.parametrize("word", ["claimed", "closed"])
def test_a_run_that_is_killed_while_it_tells_goes_on_where_it_was(word: str, project: tuple[headless.Project, FakeTracker], tmp_path: Path) -> None:
    found, tracker = project

    def work() -> None:
        headless.hurry()
        record = Context.record

        def killing(context: Context, name: str, **data: Any) -> None:
            if name == "mirrored" and data["word"].startswith(word):
                os.kill(os.getpid(), signal.SIGKILL)
            record(context, name, **data)

        Context.record = killing  # type: ignore[method-assign]
        found.drive()

    assert headless.in_child(work, tmp_path / "log").killed
    assert found.drive() == "completed"
    closed(found, tracker)
