"""Claim, release and close do what they say with every release of the tools, and with everything that goes wrong with them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from maestro.errors import Conflict, Failed, MaestroError, NotFound
from maestro.integrations import calls as calling
from maestro.integrations.backend import find_backend
from maestro.integrations.calls import Calls
from maestro.integrations.reading import load, peek, show
from maestro.integrations.writing import claim, close, release
from support import LONG, call_door, git, make_repository
from trackers import PROFILES, FakeTracker, fake_tracker
from waiting import join


@pytest.fixture(params=PROFILES)
def tracker(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTracker:
    """A tracker with an epic of three tasks, the third of which waits for the second."""
    return made(tmp_path, monkeypatch, request.param)


def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str = "0.5") -> FakeTracker:
    found = fake_tracker(make_repository(tmp_path / "project"), monkeypatch, profile)
    assert found.epic("One", "Two", "Three", edges=[(3, 2)]) == "maestro-a1x"
    return found


def calls_of(tracker: FakeTracker, actor: str = "worker-1") -> Calls:
    """Without asking the tool for its version first: that is the affair of `test_programs.py`."""
    found = find_backend(tracker.root, ask=False).calls(actor)
    assert found is not None
    return found


ONE, TWO, THREE = (f"maestro-a1x.{number}" for number in (1, 2, 3))


def test_an_issue_goes_from_open_to_claimed_to_closed_and_back(tracker: FakeTracker) -> None:
    calls = calls_of(tracker)
    assert claim(calls, ONE).changed
    assert tracker.brief(ONE) == ("in_progress", "worker-1", "")
    assert close(calls, ONE, "sha:abaa869 | tests pass | it logs in").changed
    assert tracker.brief(ONE)[::2] == ("closed", "sha:abaa869 | tests pass | it logs in")
    assert release(calls, ONE).changed
    assert tracker.brief(ONE) == ("open", "", "")


def test_repeating_a_verb_changes_nothing(tracker: FakeTracker) -> None:
    calls = calls_of(tracker)
    for verb in (lambda: claim(calls, ONE), lambda: close(calls, ONE, "done"), lambda: release(calls, ONE)):
        assert verb().changed
        tracker.forget()
        assert not verb().changed
        assert tracker.writes == []


def test_what_somebody_else_holds_is_refused_by_name(tracker: FakeTracker) -> None:
    claim(calls_of(tracker), ONE)
    with pytest.raises(Conflict, match="claimed by worker-1") as raised:
        claim(calls_of(tracker, "worker-2"), ONE)
    assert raised.value.slug == "beads-claimed"
    release(calls_of(tracker), ONE)
    assert claim(calls_of(tracker, "worker-2"), ONE).changed, "nothing of the first claim is left in the way"


def test_epics_and_closed_issues_are_not_claimed(tracker: FakeTracker) -> None:
    calls = calls_of(tracker)
    close(calls, ONE, "done")
    for issue, slug in (("maestro-a1x", "beads-epic"), (ONE, "beads-closed")):
        with pytest.raises(Conflict) as raised:
            claim(calls, issue)
        assert raised.value.slug == slug
    assert tracker.brief(ONE)[0] == "closed"


def test_an_issue_that_waits_is_not_closed_and_not_forced(tracker: FakeTracker) -> None:
    with pytest.raises(Failed, match=r"blocked by|it gave no reason") as raised:
        close(calls_of(tracker), THREE, "done")
    assert raised.value.slug == "beads-refused"
    assert not any("--force" in entry["args"] for entry in tracker.log)


def test_an_unknown_issue_is_told(tracker: FakeTracker) -> None:
    for verb in (lambda: claim(calls_of(tracker), "maestro-zzz"), lambda: release(calls_of(tracker), "maestro-zzz")):
        with pytest.raises(NotFound) as raised:
            verb()
        assert raised.value.slug == "beads-issue-missing"


def test_all_issues_are_read_with_their_edges(tracker: FakeTracker) -> None:
    for read in (load, peek):
        issues = read(find_backend(tracker.root))
        assert (set(issues.by_id), issues.by_id[THREE].blockers, issues.notes) == ({"maestro-a1x", ONE, TWO, THREE}, (TWO,), ())


# --- troubles


TROUBLES: list[Callable[[Calls], object]] = [lambda calls: claim(calls, ONE), lambda calls: close(calls, ONE, "done"), lambda calls: release(calls, TWO)]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses are noted instead of made."""
    pauses: list[float] = []
    monkeypatch.setattr("maestro.clock.pause", pauses.append)
    return pauses


@pytest.mark.parametrize("fault", ["garbage", "killed", "lock-once", "crashed"])
@pytest.mark.parametrize("profile", ["0.1.12", "0.5", "bd"])
def test_what_passes_is_survived(fault: str, profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: list[float]) -> None:
    tracker = made(tmp_path, monkeypatch, profile)
    claim(calls_of(tracker, "other"), TWO)
    calls = calls_of(tracker)
    for verb, command in zip(TROUBLES, ("update", "close", "update"), strict=True):
        for met in tracker.folder.glob("fake.met-*"):
            met.unlink()
        tracker.faults(f"{fault}:{command}")
        verb(calls)
    assert [tracker.brief(name)[:2] for name in (ONE, TWO)] == [("closed", "worker-1"), ("open", "")]
    assert quick == ([0.2] * 3 if fault == "lock-once" else [])


def test_a_database_that_stays_locked_is_given_up_after_three_more_tries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: list[float]) -> None:
    tracker = made(tmp_path, monkeypatch)
    tracker.faults("locked:update")
    with pytest.raises(Failed, match="Database is locked"):
        claim(calls_of(tracker), ONE)
    assert quick == [0.2, 0.8, 2.0]
    assert tracker.brief(ONE)[0] == "open"


def test_a_change_that_was_made_before_the_time_was_over_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a time-out it is looked at, not tried again: doing it twice could harm, believing it failed would."""
    tracker = made(tmp_path, monkeypatch)
    tracker.faults("hang:update")
    monkeypatch.setattr(calling, "WRITE_LIMIT", 0.3)
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *args, **options: started.append(popen(*args, **options)) or started[-1])
    with pytest.raises(Failed, match="did not answer in time"):
        claim(calls_of(tracker), ONE)
    assert tracker.brief(ONE)[0] == "open"
    assert [process.returncode for process in started if "update" in process.args] == [-signal.SIGKILL], "it was ended"


def test_an_answer_that_breaks_off_is_checked_by_looking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracker = made(tmp_path, monkeypatch)
    tracker.faults("truncated:close")
    assert close(calls_of(tracker), ONE, "done").changed
    tracker.faults("truncated:show")
    with pytest.raises(Failed, match="breaks off") as raised:
        close(calls_of(tracker), TWO, "done")
    assert raised.value.slug == "beads-unreadable"
    assert tracker.brief(TWO)[0] == "open"


def test_each_call_is_told_where_the_tracker_is_and_who_calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a linked worktree too, whose own copy of `.beads` would go its own way."""
    tracker = made(tmp_path, monkeypatch)
    other = tmp_path / "linked"
    git(tracker.root, "worktree", "add", "--quiet", "-b", "other", str(other))
    (other / ".beads").mkdir()
    found = find_backend(other).calls("worker-7")
    assert found is not None
    tracker.forget()
    claim(found, ONE)
    assert tracker.brief(ONE)[:2] == ("in_progress", "worker-7")
    assert {entry["cwd"] for entry in tracker.log} == {str(tracker.root)}
    assert [entry["actor"] for entry in tracker.log if "update" in entry["args"]] == ["worker-7"]
    assert not list((other / ".beads").iterdir())


def test_where_the_tool_fails_the_export_is_read_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quick: list[float]) -> None:
    tracker = made(tmp_path, monkeypatch)
    tracker.faults("locked:sync")
    issues = load(find_backend(tracker.root))
    assert (len(issues.by_id), [note.code for note in issues.notes]) == (4, ["beads-not-flushed"])
    bd = made(tmp_path / "bd", monkeypatch, "bd")
    bd.faults("truncated:export", "locked:export")
    with pytest.raises(Failed) as raised:
        load(find_backend(bd.root))
    assert raised.value.slug == "beads-unreadable", "bd keeps no export of its own"


# --- several at once


@pytest.mark.parametrize("profile", ["0.1.12", pytest.param("bd", marks=pytest.mark.slow)])
def test_eight_processes_claim_five_tasks_and_each_task_has_one_winner(profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the door, as workers would; 0.1.12 has no compare-and-swap of its own that could help."""
    tracker = fake_tracker(make_repository(tmp_path / "project"), monkeypatch, profile)
    epic = tracker.epic(*(f"Task {number}" for number in range(1, 6)))

    def race(racer: int) -> None:
        """Take the first task that is to be had, each racer looking from another place."""
        said = []
        for step in range(5):
            ran = call_door("beads", "claim", f"{epic}.{(racer + step) % 5 + 1}", "--actor", f"racer-{racer}", "--json", cwd=tracker.root)
            said.append(ran.error["code"] if ran.code else ran.data["issue"])
            if not ran.code:
                break
        (tmp_path / f"racer-{racer}").write_text(" ".join(said))

    racers = [multiprocessing.get_context("fork").Process(target=race, args=(number,)) for number in range(8)]
    for racer in racers:
        racer.start()
    join(*racers)
    said = {number: (tmp_path / f"racer-{number}").read_text().split() for number in range(8)}
    winners = {words[-1]: f"racer-{number}" for number, words in said.items() if words[-1] != "beads-claimed"}
    assert winners == {name: tracker.brief(name)[1] for name in tracker.issues if name != epic}
    assert len(winners) == 5
    assert {word for words in said.values() for word in words} == {"beads-claimed", *winners}
    assert tracker.parallel() == [], "the tracker itself never met two calls at once"


# --- the real tools


@pytest.mark.parametrize("kind", ["br", "bd"])
def test_the_real_tool_keeps_the_same_contract(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run by somebody who has the tool and whose licence allows it: MAESTRO_REAL_BR or MAESTRO_REAL_BD names the program."""
    real = os.environ.get(f"MAESTRO_REAL_{kind.upper()}")
    if not real:
        pytest.skip(f"MAESTRO_REAL_{kind.upper()} names no {kind}; the stand-in was tested instead")
    root = make_repository(tmp_path / "project")
    monkeypatch.setenv(f"MAESTRO_{kind.upper()}", real)
    ways = {"br": ["init", "--prefix", "maestro"], "bd": ["init", "--prefix", "maestro", "--skip-hooks", "--skip-agents", "--non-interactive", "-q"]}
    subprocess.run([real, *ways[kind]], cwd=root, check=True, stdin=subprocess.DEVNULL, timeout=LONG)
    backend = find_backend(root)
    assert backend.name == kind
    calls = backend.calls("worker-1")
    assert calls is not None
    epic = calls.write("create", "--title", "User login", "--type", "epic").records[0]["id"]
    one, two = (calls.write("create", "--title", title, "--parent", epic, "--type", "task").records[0]["id"] for title in ("One", "Two"))
    assert not calls.write("dep", "add", two, one).error
    issues = load(backend)
    assert (issues.by_id[one].parent, issues.by_id[two].blockers) == (epic, (one,))
    assert claim(calls, one).changed and show(calls, one).assignee == "worker-1"
    other = backend.calls("worker-2")
    assert other is not None
    with pytest.raises(MaestroError, match="claimed by worker-1"):
        claim(other, one)
    assert release(calls, one).changed and claim(other, one).changed
    assert close(other, one, "sha:abaa869 | tests pass").changed and show(calls, one).reason == "sha:abaa869 | tests pass"
    assert not close(calls, one, "again").changed
    assert claim(calls, two).changed
