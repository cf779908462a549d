"""The guard as the client starts it: a process that reads one event and answers, or keeps silent."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from maestro import pointers
from maestro.models.run import Handle
from maestro.run import workers
from support import LONG, ROOT, git, load_beside

made = load_beside(str(ROOT / "tests" / "run" / "any"), "worlds")
HANDLE = "auth/1.1/1"
ATTACH = f"maestro worktree attach {HANDLE}"


def told(hook: str) -> list[str]:
    """The command line that hooks.json gives for an event."""
    entry = json.loads((ROOT / "hooks" / "hooks.json").read_text())["hooks"][hook][0]["hooks"][0]
    assert entry["command"] == "python3"
    return [sys.executable, *(argument.replace("${CLAUDE_PLUGIN_ROOT}", str(ROOT)) for argument in entry["args"])]


class Asking:
    """Events of one session, started in `project`."""

    def __init__(self, project: Path) -> None:
        self.project = project

    def ask(self, event: str | dict[str, Any], hook: str = "PreToolUse") -> Any:
        text = event if isinstance(event, str) else json.dumps({"session_id": "s", "hook_event_name": hook, "cwd": str(self.project), **event})
        done = subprocess.run(
            told(hook),
            input=text,
            env={**os.environ, "CLAUDE_PROJECT_DIR": str(self.project)},
            capture_output=True,
            text=True,
            cwd=self.project,
            timeout=LONG,
        )
        assert (done.returncode, done.stderr) == (0, "")
        return json.loads(done.stdout) if done.stdout else None

    def bash(self, command: str, agent: str | None = "a1", kind: str = "general-purpose", **more: Any) -> str | None:
        """Why a Bash call is refused."""
        who = {"agent_id": agent, "agent_type": kind} if agent else {}
        answer = self.ask({**who, "tool_name": "Bash", "tool_input": {"command": command}, **more})
        if answer is None:
            return None
        assert answer["hookSpecificOutput"]["permissionDecision"] == "deny"
        return str(answer["hookSpecificOutput"]["permissionDecisionReason"])

    def stop(self, agent: str = "a1", **more: Any) -> Any:
        return self.ask({"agent_id": agent, "agent_type": "maestro:kraken", "stop_hook_active": False, **more}, "SubagentStop")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    world = made.World(tmp_path / "project")
    world.start()
    return world


@pytest.fixture
def session(world: Any) -> Asking:
    return Asking(world.root)


def test_the_main_session_is_never_answered(session: Asking, world: Any) -> None:
    for command in ("git commit -am x", "git stash", ATTACH, "git 'open"):
        assert session.bash(command, agent=None) is None
    assert session.bash("git commit -am x", agent=None, cwd=str(world.folder(HANDLE))) is None, "also when it looks around in a worktree"


def test_a_sub_agent_that_is_no_worker_is_never_answered(session: Asking) -> None:
    assert session.bash("git commit -am x") is None and session.bash("git commit -am x", kind="other:kraken") is None


def test_without_a_run_nobody_is_answered(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project")
    session = Asking(world.root)
    assert session.bash(ATTACH) is None and session.bash("git commit -am x") is None
    assert session.bash("git commit -am x", kind="maestro:kraken") is None and session.stop() is None
    nowhere = Asking(tmp_path)
    assert nowhere.bash("git commit -am x", kind="maestro:kraken") is None and nowhere.stop() is None


@pytest.mark.parametrize(
    "event", ["", "{", "[]", '"agent_id"', '{"agent_id": 1}', '{"agent_id": "a1"}', '{"agent_id": "a1", "cwd": 7}', '{"agent_id": "../x", "cwd": "/"}']
)
def test_what_it_cannot_read_it_does_not_answer(session: Asking, event: str) -> None:
    assert session.ask(event) is None and session.ask(event, "SubagentStop") is None


def test_where_it_fails_only_a_worker_of_ours_is_stopped(session: Asking) -> None:
    broken = {"agent_id": "a1", "cwd": 7, "tool_name": "Bash", "tool_input": {"command": "ls"}}
    assert session.ask(broken) is None and session.ask({**broken, "agent_type": "general-purpose"}) is None
    refused = session.ask({**broken, "agent_type": "maestro:kraken"})
    assert "could not find out which task" in refused["hookSpecificOutput"]["permissionDecisionReason"]
    assert session.ask({**broken, "agent_type": "maestro:kraken"}, "SubagentStop") is None


def test_a_worker_is_known_from_its_attach_on(session: Asking, world: Any) -> None:
    before = world.status()
    assert session.bash("git commit -am x") is None, "anybody may, until it takes a task"
    assert session.bash(ATTACH) is None
    assert "do not commit" in (session.bash("git commit -am x") or "")
    assert session.bash("git commit -am x", agent="a2") is None
    own = world.folder(HANDLE)
    write = {"agent_id": "a1", "tool_name": "Write"}
    assert session.ask({**write, "tool_input": {"file_path": f"{own}/src/a.py"}}) is None
    refused = session.ask({**write, "tool_input": {"file_path": f"{world.root}/src/a.py"}})
    assert f"Write {own}/src/a.py instead" in refused["hookSpecificOutput"]["permissionDecisionReason"]
    assert world.status() == before, "what it remembers is out of the way"


def test_our_own_kinds_of_workers_have_to_attach_first(session: Asking) -> None:
    assert "attach" in (session.bash("git commit -am x", kind="maestro:spark") or "")
    assert session.bash("git status", kind="maestro:spark") is None


def test_a_worktree_that_is_gone_does_not_set_its_worker_free(session: Asking, world: Any) -> None:
    session.bash(ATTACH)
    git(world.root, "worktree", "remove", "--force", str(world.folder(HANDLE)))
    assert "outside your worktree" in (session.bash("echo x > src/app.py") or "")


def test_an_isolated_worker_is_known_by_where_it_is(session: Asking, world: Any) -> None:
    own = str(world.folder(HANDLE))
    assert "do not commit" in (session.bash("git commit -am x", cwd=own) or "")
    assert session.bash("echo x > src/a.py", cwd=own) is None


def test_a_session_started_in_a_worktree_is_a_worker(world: Any) -> None:
    worker = Asking(world.folder(HANDLE))
    assert "do not commit" in (worker.bash("git commit -am x", agent=None) or "")
    assert worker.bash("git status", agent=None) is None
    world.write(HANDLE, {"src/a.py": "half\n"})  # a worktree that holds nothing goes with its run
    world.abort()
    assert worker.bash("git commit -am x", agent=None) is None, "its run is over"


def test_after_the_run_everybody_is_free(session: Asking, world: Any) -> None:
    session.bash(ATTACH)
    world.abort()
    assert session.bash("git commit -am x") is None and session.stop() is None


def test_a_call_of_a_worker_that_cannot_be_judged_is_refused(session: Asking) -> None:
    session.bash(ATTACH)
    answer = session.ask({"agent_id": "a1", "tool_name": "Bash", "tool_input": ["odd"]})
    assert "could not judge" in answer["hookSpecificOutput"]["permissionDecisionReason"]


def test_a_worker_that_ends_without_a_report_is_reminded_once(session: Asking, world: Any) -> None:
    session.bash(ATTACH)
    workers.attach(world.root, Handle.parse(HANDLE))
    answer = session.stop()
    assert answer["decision"] == "block" and f"maestro run done {HANDLE}" in answer["reason"] and f"maestro run fail {HANDLE}" in answer["reason"]
    assert world.named("worker-ended") == []
    assert session.stop(stop_hook_active=True) is None
    assert world.named("worker-ended") == [{"task": "1.1", "attempt": 1}]
    workers.attach(world.root, Handle.parse("auth/1.2/1"))
    assert f"{HANDLE} ended without a report" in world.next().if_lost
    assert session.stop() is None and len(world.named("worker-ended")) == 1


def test_the_end_of_a_worker_that_reported_is_journaled(session: Asking, world: Any) -> None:
    session.bash(ATTACH)
    world.work(HANDLE, {"src/a.py": "a\n"})
    assert session.stop() is None
    assert world.named("worker-ended") == [{"task": "1.1", "attempt": 1}]


def test_the_end_of_anybody_else_is_not(session: Asking, world: Any) -> None:
    assert session.stop("a9") is None and world.named("worker-ended") == []


def test_bytes_that_are_no_text_are_read_all_the_same(session: Asking) -> None:
    for agent in (b"", b'"agent_id": "a1", "agent_type": "maestro:kraken", '):
        event = b'{%s"cwd": "/\xff", "hook_event_name": "PreToolUse", "tool_name": "Bash", "tool_input": {"command": "ls \xff"}}' % agent
        done = subprocess.run(told("PreToolUse"), input=event, capture_output=True, cwd=session.project, timeout=LONG)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_the_pointers_it_looks_for_are_those_that_runs_leave() -> None:
    guard = load_beside(str(ROOT / "hooks" / "any"), "guard")
    assert (guard.RUN_POINTER, guard.WORKTREE_POINTER) == (pointers.RUN_POINTER, pointers.WORKTREE_POINTER)


def test_for_other_sessions_it_reads_and_nothing_more() -> None:
    """What runs before every shell command of every session imports next to nothing."""
    line = told("PreToolUse")
    shown = subprocess.run([line[0], "-X", "importtime", *line[1:]], input="{}", capture_output=True, text=True, cwd=ROOT, timeout=LONG)
    assert {"json", "re", "typing", "rules"} & {row.rpartition("|")[2].strip() for row in shown.stderr.splitlines()} == set()
