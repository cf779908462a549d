"""The texts that people and agents read, whole. What differs from run to run is replaced: folders, ids, shas, times."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion

from maestro.run import commands
from support import SCRIPTS, Ran, load_beside, write

made = load_beside(__file__, "worlds")

PLAN = """\
# Plan: User login

## Phase 1: Backend

### Task 1.1: Create the user table
- [ ] Write a failing test for `User`
- [ ] Create `src/models/user.py`

### Task 1.2: Password hashing
- [ ] Create `src/security/hashing.py`

### Task 1.3: Login endpoint, after Task 1.1
- [ ] Modify `src/app.py`

### Phase 1 Completion Verification
- [ ] Log in with a wrong password
"""

FILES = {"src/models/__init__.py": "", "src/security/__init__.py": ""}


@pytest.fixture
def world(tmp_path: Path) -> Any:
    commands._door.cache_clear()
    return made.World(tmp_path / "project", PLAN, FILES)


@pytest.fixture(autouse=True)
def as_installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands as the installed program spells them, without a path of this machine; other tests spell them their way again."""
    monkeypatch.setattr(sys, "argv", ["maestro"])
    commands._door.cache_clear()
    yield
    commands._door.cache_clear()


def shown(world: Any, ran: Ran) -> str:
    text = str(ran.normal(world.root, SCRIPTS))
    text = re.sub(r"\bauth-[0-9a-f]{6}\b", "<run>", text)
    text = re.sub(r"\b[0-9a-f]{7}\b", "<sha>", text)
    text = re.sub(r"\b\d+(?:\.\d+)? s\b", "<s> s", text)
    text = re.sub(r"\b\d\d:\d\d UTC", "<time> UTC", text)
    return re.sub(r"^\d\d:\d\d:\d\dZ ", "<time> ", text, flags=re.MULTILINE)


def call(world: Any, *arguments: str, door: str = "run") -> str:
    return shown(world, world.door(door, *arguments))


def test_start_shows_the_waves_and_asks(world: Any, snapshot: SnapshotAssertion) -> None:
    assert call(world, "start", "auth", "--parallel", "--test", made.TEST) == snapshot


def test_dispatch_wait_and_merge(world: Any, snapshot: SnapshotAssertion) -> None:
    world.begin()
    assert call(world, "answer", "start", "start") == snapshot(name="dispatch")
    assert call(world, "next") == snapshot(name="again")
    assert call(world, "attach", "auth/1.1/1", door="worktree") == snapshot(name="brief")
    call(world, "attach", "auth/1.2/1", door="worktree")
    assert call(world, "next") == snapshot(name="wait")
    world.write("auth/1.1/1", {"src/models/user.py": "class User: ...\n"})
    assert call(world, "done", "auth/1.1/1") == snapshot(name="done")
    assert call(world, "next") == snapshot(name="merge")
    assert call(world, "merge") == snapshot(name="merged")


def phase_done(world: Any) -> None:
    world.start()
    world.work("auth/1.1/1", {"src/models/user.py": "class User: ...\n"})
    world.work("auth/1.2/1", {"src/security/hashing.py": "x = 1\n"})
    world.merge()
    world.work("auth/1.3/1", {"src/app.py": "x = 2\n"})


def test_verifying_completing_and_the_end(world: Any, snapshot: SnapshotAssertion) -> None:
    phase_done(world)
    assert call(world, "merge") == snapshot(name="verify")
    assert call(world, "answer", "verify-1-1", "verified") == snapshot(name="complete")
    assert call(world, "complete", "--cleanup", "keep") == snapshot(name="finished")
    assert call(world, "status") == snapshot(name="status")


def test_questions_about_a_conflict_held_changes_and_a_failure(world: Any, snapshot: SnapshotAssertion) -> None:
    world.start()
    world.work("auth/1.1/1", {"src/models/user.py": "class User: ...\n", "src/models/__init__.py": "a\n"})
    world.work("auth/1.2/1", {"src/security/hashing.py": "x = 1\n", "src/models/__init__.py": "b\n"})
    assert call(world, "merge") == snapshot(name="conflict")
    call(world, "answer", "conflict-1.2-1", "skip")
    world.write("auth/1.3/1", {"src/app.py": "x = 2\n", "infra/deploy.sh": "x\n"})
    (world.folder("auth/1.3/1") / "src/security/__init__.py").unlink()
    world.done("auth/1.3/1")
    assert call(world, "merge") == snapshot(name="held")
    call(world, "answer", "held-1.3-1", "retry", "--text", "no scripts")
    call(world, "fail", "auth/1.3/2", "--reason", "which endpoint?", "--class", "unclear-spec")
    assert call(world, "next") == snapshot(name="failed")


def test_status_in_the_middle(world: Any, snapshot: SnapshotAssertion) -> None:
    world.start()
    world.work("auth/1.1/1", {"src/models/user.py": "class User: ...\n"})
    world.fail("auth/1.2/1", "no `bcrypt` here", "dependency")
    world.merge()
    assert call(world, "status") == snapshot(name="status")
    assert call(world, "auth", door="progress") == snapshot(name="progress")


def test_refusals(world: Any, snapshot: SnapshotAssertion) -> None:
    assert call(world, "next") == snapshot(name="no run")
    write(world.root, {"src/app.py": "mine\n"})
    assert call(world, "start", "auth", "--test", made.TEST) == snapshot(name="dirty")
    write(world.root, {"src/app.py": "x = 1\n"})
    world.start()
    assert call(world, "start", "auth") == snapshot(name="unfinished")
    assert call(world, "done", "auth/1.1/1") == snapshot(name="not attached")
    world.attach(["auth/1.1/1"])
    assert call(world, "done", "auth/1.1/1") == snapshot(name="no change")
    assert call(world, "next", "--driver", "somebody") == snapshot(name="driver")
    assert call(world, "abort") == snapshot(name="aborted")


def test_single_mode(world: Any, snapshot: SnapshotAssertion) -> None:
    from maestro.models.schedule import Mode

    world.begin(Mode.SINGLE)
    assert call(world, "answer", "start", "start") == snapshot(name="implement")
    write(world.root, {"src/models/user.py": "class User: ...\n"})
    assert call(world, "done", "auth/1.1/1", "--summary", "Adds users.") == snapshot(name="next task")


def test_what_exec_tells_while_it_runs(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    """One task after the other, so that the order is always the same."""
    world = made.World(tmp_path / "project", made.CHAIN)
    worker = "test $MAESTRO_TASK$MAESTRO_ATTEMPT != 1.21 || { echo boom; exit 3; }; " + r"""f=$(grep -o 'src/[a-z]*\.py' | head -n 1); echo x > "$f" """
    ran = world.door("run", "exec", "auth", "--worker", worker, "--test", made.TEST, "--yes", "--ignore-soft", "--single")
    assert shown(world, ran) == snapshot
