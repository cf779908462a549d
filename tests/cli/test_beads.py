"""`beads.py`: what people and agents see of a tracker, with each tool, with its export alone, and with nothing but the plan."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from plans import registry
from support import SCRIPTS, Ran, call_door, make_repository, unchanged, write
from trackers import PROFILES, FakeTracker, fake_tracker, program

PLAN = """\
# Plan: User login

## Phase 1: Back end

### Task 1.1: Create the user table
- [ ] Create `src/user.py`

### Task 1.2: Hash passwords
Depends on Task 1.1.
- [ ] Create `src/hashing.py`

## Phase 2: Front end

### Task 2.1: -- Login form [x] abaa869
- [x] Create `web/login.tsx`

### Task 2.2: Hash passwords
- [ ] Create `web/hash.ts`
"""

METADATA = ".maestro/tracks/auth/metadata.json"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return make_repository(
        tmp_path / "project",
        {
            ".maestro/tracks.md": registry((" ", "auth", "User login")),
            ".maestro/tracks/auth/plan.md": PLAN,
            METADATA: '{"track_id": "auth", "status": "new", "x-own": 1}\n',
        },
    )


def beads(root: Path, *arguments: str) -> Ran:
    return call_door("beads", *arguments, cwd=root)


def metadata(root: Path) -> dict[str, Any]:
    found = json.loads((root / METADATA).read_text())
    assert isinstance(found, dict)
    return found


def plain(ran: Ran, root: Path) -> str:
    return re.sub(r"maestro-[0-9a-f]{8}", "maestro-<random>", str(ran.normal(root, SCRIPTS)))


@pytest.mark.parametrize("profile", ["0.1.12", "0.5", "bd"])
def test_from_plan_makes_an_epic_with_its_phases_tasks_and_hard_edges(profile: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = fake_tracker(root, monkeypatch, profile)
    data = beads(root, "from-plan", "auth", "--json").data
    keys = ["P1", "P1T1", "P1T2", "P2", "P2T1", "P2T2"]
    assert (data["backend"], data["created"], data["edges"]) == ("bd" if profile == "bd" else "br", ["epic", *keys], [["P1T2", "P1T1"], ["P2T2", "P1"]])
    ids = dict(zip(keys, ("maestro-a1x.1", "maestro-a1x.1.1", "maestro-a1x.1.2", "maestro-a1x.2", "maestro-a1x.2.1", "maestro-a1x.2.2"), strict=True))
    assert metadata(root) == {"track_id": "auth", "status": "new", "x-own": 1, "beads_epic_id": "maestro-a1x", "beads_issue_map": ids}
    issues = tracker.issues
    assert [issues[name]["issue_type"] for name in ("maestro-a1x", ids["P1"], ids["P1T1"])] == ["epic", "epic", "task"]
    assert issues[ids["P1T2"]]["labels"] == ["track:auth", "phase:1-back-end", "task:P1T2"]
    assert [(edge["depends_on_id"], edge["type"]) for edge in issues[ids["P1T2"]]["dependencies"]] == [(ids["P1"], "parent-child"), (ids["P1T1"], "blocks")]
    assert [edge["depends_on_id"] for edge in issues[ids["P2T2"]]["dependencies"]] == [ids["P2"], ids["P1"]], "a phase waits for the one before it"
    assert issues[ids["P2T1"]]["title"] == "-- Login form", "a title is data"
    assert tracker.brief(ids["P2T1"])[::2] == ("closed", "sha:abaa869 | plan.md")
    assert "Create `src/hashing.py`" in issues[ids["P1T2"]]["description"]


def test_from_plan_again_makes_only_what_is_missing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = fake_tracker(root, monkeypatch)
    beads(root, "from-plan")
    tracker.forget()
    with unchanged(root / ".maestro"):
        data = beads(root, "from-plan", "--json").data
    assert (data["created"], data["edges"], tracker.writes) == ([], [], [])
    write(root, {".maestro/tracks/auth/plan.md": PLAN + "\n### Task 2.3: New, after Task 2.2\n- [ ] Create `web/new.ts`\n"})
    assert beads(root, "from-plan", "--json").data["created"] == ["P2T3"]
    assert len(tracker.writes) == 2, "one issue and one edge"


SEQUENTIAL = """\
## Phase 1: Before [checkpoint: abaa869]

### Task 1.1: Zero [x] abaa869
- [x] Create `zero.py`

## Phase 2: First

### Task 2.1: One
- [ ] Create `one.py`

## Phase 3: Empty

## Phase 4: Second

### Task 4.1: Two
- [ ] Create `two.py`

### Task 4.2: Three, after Task 4.1
- [ ] Create `three.py`

### Task 4.3: Four, after Task 2.1
- [ ] Create `four.py`
"""


@pytest.mark.parametrize("profile", ["0.1.12", "0.5", "bd"])
def test_each_phase_waits_for_the_one_before_it_until_that_is_verified(profile: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who takes what the tool calls ready keeps to the plan's order. What begins a phase waits; the rest of it waits for that."""
    tracker = fake_tracker(root, monkeypatch, profile)
    write(root, {".maestro/tracks/auth/plan.md": SEQUENTIAL})
    data = beads(root, "from-plan", "--json").data
    assert data["edges"] == [["P4T2", "P4T1"], ["P4T3", "P2T1"], ["P4T1", "P2"], ["P4T3", "P2"]]
    assert data["closed"] == ["P1T1", "P1"], "what the plan calls verified holds nothing up"
    ids = data["issue_map"]
    assert tracker.brief(ids["P1"])[::2] == ("closed", "sha:abaa869 | phase verified | plan.md")

    def ready() -> list[str]:
        return [task["task"] for task in beads(root, "tasks", "auth", "--json").data["tasks"] if task["ready"]]

    assert ready() == ["2.1"]
    tracker.call("close", ids["P2T1"], "--reason", "done")
    assert ready() == [], "its tasks are done, and nobody has verified it"
    tracker.call("close", ids["P2"], "--reason", "verified")
    assert ready() == ["4.1", "4.3"]
    assert beads(root, "from-plan", "--dry-run", "--json").data["edges"] == []


def test_the_order_of_phases_is_said_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan says it already: waves do not repeat it as an edge for each pair of tasks."""
    fake_tracker(root, monkeypatch)
    write(root, {".maestro/tracks/auth/plan.md": SEQUENTIAL})
    beads(root, "from-plan")
    edges = call_door("waves", "auth", "--json", cwd=root).data["dependencies"]
    assert [(edge["task"], edge["needs"]) for edge in edges if edge["kind"] == "beads"] == [("4.2", "4.1"), ("4.3", "2.1")]


def test_a_phase_is_compared_too(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its issue holds up what follows."""
    tracker = fake_tracker(root, monkeypatch)
    write(root, {".maestro/tracks/auth/plan.md": SEQUENTIAL})
    ids = beads(root, "from-plan", "--json").data["issue_map"]
    tracker.call("update", ids["P1"], "--status", "open")
    tracker.call("close", ids["P4"], "--reason", "by mistake")
    (open_again, too_early) = beads(root, "status", "--json").json["data"]["differences"]
    assert open_again["message"] == f"Phase 1 is verified in the plan, and {ids['P1']} is open."
    assert too_early["message"] == f"{ids['P4']} is closed, and in phase 4 of the plan 4.1, 4.2, 4.3 are left to do."
    assert beads(root, "status", "--fix", "--json").json["data"]["fixed"] == [ids["P1"]]
    beads(root, *shlex.split(too_early["repairs"][0])[1:])
    assert beads(root, "status").code == 0


@pytest.mark.parametrize("lost", ["beads_issue_map", "beads_epic_id"])
def test_issues_that_nothing_in_the_metadata_names_are_found_again(lost: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call was killed between making an issue and noting it. Two tasks of the plan have the same title."""
    tracker = fake_tracker(root, monkeypatch)
    beads(root, "from-plan")
    before = metadata(root)
    write(root, {METADATA: json.dumps({key: value for key, value in before.items() if key not in ("beads_issue_map", lost)})})
    tracker.forget()
    assert beads(root, "from-plan", "--json").data["created"] == []
    assert metadata(root)["beads_issue_map"] == before["beads_issue_map"] and tracker.writes == []


@pytest.mark.parametrize("fault", ["killed:create", "truncated:create"])
def test_an_issue_whose_making_was_not_reported_is_not_made_twice(fault: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = fake_tracker(root, monkeypatch)
    tracker.faults(fault)
    assert beads(root, "from-plan").code == 0
    assert sorted(issue["title"] for issue in tracker.issues.values()) == sorted(
        ["User login", "Phase 1: Back end", "Create the user table", "Hash passwords", "Phase 2: Front end", "-- Login form", "Hash passwords"]
    )


def test_an_id_that_another_clone_gave_away_too_is_noticed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_tracker(root, monkeypatch)
    monkeypatch.setattr("maestro.integrations.seeding.show", lambda calls, issue: _issue(issue, "Somebody else's"))
    ran = beads(root, "from-plan", "--json")
    assert (ran.code, ran.error["code"]) == (1, "beads-id-reused")


def _issue(name: str, title: str) -> Any:
    from maestro.integrations.issues import Issue

    return Issue(name, title)


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAESTRO_BR", program())
    with unchanged(root):
        data = beads(root, "from-plan", "--dry-run", "--json").data
    assert (data["initialised"], len(data["created"]), data["edges"]) == (True, 7, [["P1T2", "P1T1"], ["P2T2", "P1"]])


def test_from_plan_sets_br_up_where_there_is_no_tracker_but_never_bd(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAESTRO_BD", program())
    monkeypatch.setenv("FAKE_PROFILE", "bd")
    with unchanged(root):
        ran = beads(root, "from-plan", "--json")
        assert (ran.code, ran.error["code"]) == (1, "beads-read-only")
    monkeypatch.delenv("MAESTRO_BD")
    monkeypatch.setenv("MAESTRO_BR", program())
    monkeypatch.setenv("FAKE_PROFILE", "0.1.12")
    assert beads(root, "from-plan").out.startswith("The tracker was set up.\n7 issues created")


@pytest.mark.parametrize("track", ["v1.2", "a" * 60])
def test_labels_keep_to_the_alphabet_of_the_tool(track: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = fake_tracker(root, monkeypatch)
    write(
        root,
        {f".maestro/tracks/{track}/plan.md": "# P\n\n## Phase 1: Ünïcode und — Zeichen, sehr lang " + "x" * 60 + "\n\n### Task 1.1: T\n- [ ] Create `a.py`\n"},
    )
    write(root, {f".maestro/tracks/{track}/metadata.json": f'{{"track_id": "{track}"}}', ".maestro/tracks.md": registry((" ", track, "Other"))})
    assert beads(root, "from-plan", track).code == 0
    assert all(re.fullmatch(r"[A-Za-z0-9_:-]{1,50}", label) for issue in tracker.issues.values() for label in issue["labels"])


# --- comparing


@pytest.fixture
def seeded(root: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTracker:
    """What `from-plan` would have made."""
    tracker = fake_tracker(root, monkeypatch)
    epic = "maestro-a1x"
    for title, kind, parent in (
        ("User login", "epic", None),
        ("Phase 1: Back end", "epic", epic),
        ("Phase 2: Front end", "epic", epic),
        ("Create the user table", "task", f"{epic}.1"),
        ("Hash passwords", "task", f"{epic}.1"),
        ("-- Login form", "task", f"{epic}.2"),
        ("Hash passwords", "task", f"{epic}.2"),
    ):
        tracker.call("create", f"--title={title}", f"--type={kind}", *([f"--parent={parent}"] if parent else []))
    tracker.call("dep", "add", f"{epic}.1.2", f"{epic}.1.1")
    tracker.call("dep", "add", f"{epic}.2.2", f"{epic}.1")
    tracker.call("close", f"{epic}.2.1", "--reason=sha:abaa869 | plan.md")
    issues = {f"P{phase}": f"{epic}.{phase}" for phase in (1, 2)} | {f"P{phase}T{task}": f"{epic}.{phase}.{task}" for phase in (1, 2) for task in (1, 2)}
    write(root, {METADATA: json.dumps({"track_id": "auth", "status": "new", "beads_epic_id": epic, "beads_issue_map": issues})})
    return tracker


def test_plan_and_tracker_that_agree(root: Path, seeded: FakeTracker) -> None:
    ran = beads(root, "status", "--json")
    assert (ran.code, ran.data["differences"], ran.data["done"], ran.data["total"]) == (0, [], 1, 4)


def test_each_difference_has_the_commands_that_settle_it(root: Path, seeded: FakeTracker, snapshot: SnapshotAssertion) -> None:
    seeded.call("close", "maestro-a1x.1.1", "--reason", "sha:1234567 | tests pass | by hand")
    seeded.call("update", "maestro-a1x.1.2", "--claim", "--actor", "gone")
    seeded.call("update", "maestro-a1x.2.1", "--status", "open")
    seeded.call("create", "--title", "Unplanned", "--parent", "maestro-a1x.2")
    ran = beads(root, "status")
    assert ran.code == 1
    assert plain(ran, root) == snapshot


def test_fix_closes_what_the_plan_calls_done_and_decides_nothing_else(root: Path, seeded: FakeTracker) -> None:
    seeded.call("update", "maestro-a1x.2.1", "--status", "open")
    seeded.call("close", "maestro-a1x.1.1", "--reason", "by hand")
    ran = beads(root, "status", "--fix", "--json")
    assert ran.json["data"]["fixed"] == ["maestro-a1x.2.1"]
    assert [difference["task"] for difference in ran.json["data"]["differences"]] == ["1.1"]
    assert seeded.writes == ["close maestro-a1x.2.1 --reason=sha:abaa869 | plan.md"]


def test_the_repairs_work_as_they_are_printed(root: Path, seeded: FakeTracker) -> None:
    seeded.call("update", "maestro-a1x.1.1", "--claim", "--actor", "gone")
    (difference,) = beads(root, "status", "--json").json["data"]["differences"]
    door, *arguments = difference["repairs"][0].split()
    assert door == "beads.py" and beads(root, *arguments).code == 0
    assert beads(root, "status").out.splitlines()[1] == "Plan and tracker agree."


def test_bv_is_asked_only_to_say_where_it_differs(root: Path, seeded: FakeTracker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "bv"
    plan = {"plan": {"tracks": [{"track_id": "track-A", "items": [{"id": "maestro-a1x.1.2"}, {"id": "elsewhere-1"}]}]}}
    script.write_text(f"#!/bin/sh\nprintf '%s ' \"$@\" >> {tmp_path}/asked\necho '{json.dumps(plan)}'\n")
    script.chmod(0o755)
    monkeypatch.setenv("MAESTRO_BV", str(script))
    viewer = beads(root, "status", "--json").data["viewer"]
    assert (viewer["only_bv"], viewer["only_ours"]) == (["maestro-a1x.1.2"], ["maestro-a1x.1.1"])
    assert (tmp_path / "asked").read_text() == "--robot-plan ", "without an option it would open a screen"


# --- reading


def test_the_tasks_of_a_track(root: Path, seeded: FakeTracker, snapshot: SnapshotAssertion) -> None:
    assert plain(beads(root, "tasks"), root) == snapshot


def test_an_epic_is_named_by_its_id_too(root: Path, seeded: FakeTracker) -> None:
    assert [task["issue"] for task in beads(root, "tasks", "maestro-a1x.1", "--json").data["tasks"]] == ["maestro-a1x.1.1", "maestro-a1x.1.2"]
    ran = beads(root, "tasks", "maestro-zz", "--json")
    assert (ran.code, ran.error["code"]) == (4, "beads-epic-missing")


def test_issues_that_wait_for_each_other_are_shown_and_have_no_waves(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edges = [("m-1.1", "m-1.2"), ("m-1.2", "m-1.1")]
    rows = [{"id": "m-1", "title": "E", "issue_type": "epic"}]
    rows += [{"id": one, "title": one, "dependencies": [{"issue_id": one, "depends_on_id": other, "type": "blocks"}]} for one, other in edges]
    write(root, {".beads/issues.jsonl": "".join(f"{json.dumps(row)}\n" for row in rows)})
    data = beads(root, "tasks", "m-1", "--json").data
    assert (data["waves"], data["cycle"]) == ([], ["m-1.1", "m-1.2", "m-1.1"])
    write(root, {METADATA: '{"track_id": "auth", "beads_epic_id": "m-1", "beads_issue_map": {"P1T1": "m-1.1", "P1T2": "m-1.2"}}'})
    ran = call_door("waves", "auth", "--json", cwd=root)
    assert (ran.code, ran.error["code"]) == (3, "plan-cycle") and "m-1.1 depends on m-1.2" in ran.error["message"]


def test_without_a_tracker_the_plan_answers(root: Path) -> None:
    data = beads(root, "tasks", "auth", "--json").data
    assert (data["backend"], data["epic"], data["waves"]) == ("plan", None, [["1.1"], ["1.2"], ["2.2"]])
    assert [task["issue"] for task in data["tasks"] if task["ready"]] == ["1.1"]
    assert [note["code"] for note in beads(root, "status", "--json").data["degraded"]] == ["beads-none"]


@pytest.mark.parametrize(
    "arguments", [("claim", "maestro-a1x.1.1"), ("release", "maestro-a1x.1.1"), ("close", "maestro-a1x.1.1", "--reason", "x"), ("sync",), ("from-plan",)]
)
def test_without_the_tool_nothing_is_written(arguments: tuple[str, ...], root: Path, seeded: FakeTracker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAESTRO_BR")
    with unchanged(root):
        ran = beads(root, *arguments, "--json")
    assert (ran.code, ran.error["code"]) == (1, "beads-read-only")
    assert beads(root, "tasks", "--json").data["backend"] == "jsonl"


@pytest.mark.parametrize("profile", PROFILES)
def test_every_answer_says_who_gave_it(profile: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = fake_tracker(root, monkeypatch, profile)
    epic = tracker.epic("One")
    for arguments in (("probe",), ("tasks", epic), ("claim", f"{epic}.1"), ("release", f"{epic}.1"), ("close", f"{epic}.1", "--reason", "x"), ("sync",)):
        assert beads(root, *arguments, "--json").data["backend"] == ("bd" if profile == "bd" else "br")


def test_a_task_is_named_by_its_id_in_the_plan(root: Path, seeded: FakeTracker) -> None:
    assert beads(root, "claim", "1.1", "--track", "auth", "--actor", "w1").out == "maestro-a1x.1.1 is claimed by w1. (br)\n"
    assert beads(root, "claim", "1.1", "--actor", "w1").out == "maestro-a1x.1.1 is claimed by w1 already. (br)\n"
    assert beads(root, "release", "1.1").out == "maestro-a1x.1.1 is open and nobody's; w1 had it. (br)\n"


def test_an_export_that_shrinks_is_an_error(root: Path, seeded: FakeTracker) -> None:
    export = seeded.folder / "issues.jsonl"
    export.write_text(export.read_text() + '{"id": "maestro-lost", "title": "Only in the file"}\n')
    ran = beads(root, "sync", "--json")
    assert (ran.code, ran.error["code"]) == (1, "beads-shrunk")


def test_waves_show_which_edge_the_tracker_stated(root: Path, seeded: FakeTracker) -> None:
    plan = PLAN.replace("Depends on Task 1.1.\n", "")
    write(root, {".maestro/tracks/auth/plan.md": plan})
    (edge,) = call_door("waves", "auth", "--json", cwd=root).data["dependencies"]
    assert (edge["task"], edge["needs"], edge["kind"], edge["strength"]) == ("1.2", "1.1", "beads", "hard")
    assert edge["evidence"]["text"] == "maestro-a1x.1.2 depends on maestro-a1x.1.1"
    write(root, {".maestro/tracks/auth/plan.md": plan.replace("Create the user table", "Create the user table, after Task 1.2")})
    ran = call_door("waves", "auth", "--json", cwd=root)
    assert (ran.code, ran.error["code"]) == (3, "plan-cycle"), "plan and tracker contradict each other, and neither is dropped silently"


def test_without_anything_to_read_the_waves_come_from_the_plan_and_say_so(root: Path) -> None:
    write(root, {METADATA: '{"track_id": "auth", "beads_epic_id": "maestro-a1x"}'})
    ran = call_door("waves", "auth", "--json", cwd=root)
    assert [edge["kind"] for edge in ran.data["dependencies"]] == ["explicit"]
    assert [note["code"] for note in ran.json["warnings"]] == ["beads-unread"] and "from the plan alone" in ran.json["warnings"][0]["message"]
