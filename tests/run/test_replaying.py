"""A task done again by another agent: compared, never merged, and nothing of it is lost."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from maestro.errors import MaestroError
from maestro.run import replaying
from maestro.run.doctoring import examine
from maestro.run.jobs import Job
from maestro.run.replaying import Wish, fitted, goes_on, replay
from support import ROOT, SCRIPTS, git, load_beside, unchanged
from waiting import started, wait_for

made = load_beside(__file__, "worlds")


@pytest.fixture
def world(tmp_path: Path) -> Any:
    """Task 1.1 is merged, with a file outside its scope; task 1.2 runs."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py")))
    world.start()
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    world.work("auth/1.1/1", {"src/a.py": "a\n", "src/app.py": "x = 2\n"})
    world.merge()
    return world


def again(world: Any, worker: str, task: str = "1.1", **more: Any) -> Any:
    return replay(world.root, task, None, None, Wish(worker, **more))


def refs(world: Any) -> list[str]:
    return git(world.root, "for-each-ref", "--format=%(refname)", "refs/maestro/auth").splitlines()


def worktrees(world: Any) -> list[str]:
    listed = git(world.root, "worktree", "list", "--porcelain").splitlines()
    return [line.removeprefix("worktree ") for line in listed if line.startswith("worktree ") and Path(line).name.startswith("replay-")]


def test_the_diffs_are_compared_and_nothing_else_changes(world: Any) -> None:
    head, status, events = git(world.root, "rev-parse", "HEAD"), world.status(), len(world.events)
    report = """echo '{"summary": "Did it.", "tokens": 70}' > "$MAESTRO_RESULT_FILE"; """
    with unchanged(world.root / "src"):
        found = again(world, f"{report} cat > /dev/null; echo a > src/a.py; printf 'x\\ny\\n' > src/c.py")
    files = {file.path: (file.replayed and file.replayed.added, file.merged and file.merged.added, file.same, file.in_scope) for file in found.files}
    assert files == {"src/a.py": (1, 1, True, True), "src/app.py": (None, 1, False, False), "src/c.py": (2, None, False, False)}
    assert (found.exit_code, found.tests.ok, found.merged_tests, found.merged) == (0, True, "green", world.task("1.1").sha)
    assert (found.summary, found.tokens, found.cost) == ("Did it.", 70, None)
    assert git(world.root, "show", f"{found.ref}:src/c.py") == "x\ny", "its work is kept"
    assert (found.worktree, worktrees(world)) == ("", [])
    assert (git(world.root, "rev-parse", "HEAD"), world.status(), len(world.events)) == (head, status, events)


def test_it_gets_the_same_brief_and_base_in_another_folder(world: Any) -> None:
    found = again(world, 'cat > src/seen.md; git rev-parse HEAD > src/base; test "$MAESTRO_TASK" = 1.1 -a "$MAESTRO_HANDLE" = auth/1.1/1')
    brief = git(world.root, "show", f"{found.ref}:src/seen.md")
    assert "# 1.1 Make a" in brief and "Create `src/a.py`" in brief
    assert world.task("1.1").attempts[0].worktree not in brief and "replay-1.1-1-" in brief
    assert f"Check: `{made.TEST}` runs the project's tests." in brief and brief.endswith("Then exit 0.")
    assert git(world.root, "show", f"{found.ref}:src/base") == found.base == world.task("1.1").attempts[0].base


def test_a_worker_that_fails_hangs_or_does_nothing_is_told(world: Any) -> None:
    failed = again(world, "echo half > src/a.py; exit 3")
    assert (failed.exit_code, git(world.root, "show", f"{failed.ref}:src/a.py")) == (3, "half")
    hung = again(world, "sleep 60", timeout=0.2)
    assert hung.timed_out and hung.ref == ""
    idle = again(world, "true")
    assert (idle.exit_code, idle.ref, idle.tests.ok) == (0, "", None)
    assert worktrees(world) == [] and len(refs(world)) == 1


def test_red_tests_are_told_and_what_tests_leave_is_kept_too(world: Any) -> None:
    """A worktree goes only when all that is in it is kept."""
    found = again(world, "echo b > src/a.py", test="echo litter > src/cache; echo 1 failed; exit 1")
    assert found.tests.ok is False and found.tests.tail == "1 failed"
    assert git(world.root, "show", f"{found.ref}-tested:src/cache") == "litter"
    assert [file.path for file in found.files] == ["src/a.py", "src/app.py"], "what tests leave is not the worker's"
    assert worktrees(world) == []


def test_a_folder_to_keep_is_made_and_left(world: Any, tmp_path: Path) -> None:
    found = again(world, "echo b > src/a.py", keep=tmp_path / "again", no_test=True)
    assert found.worktree == str(tmp_path / "again") and (tmp_path / "again/src/a.py").read_text() == "b\n"
    assert found.tests.command is None and found.tests.ok is None
    with pytest.raises(MaestroError) as error:
        again(world, "true", keep=tmp_path / "again")
    assert error.value.slug == "folder-not-empty"


def test_nobody_clears_away_the_worktree_of_a_replay_that_goes_on(world: Any, tmp_path: Path) -> None:
    """Its own worker asks for everything to be mended."""
    looks = f"{shlex.quote(sys.executable)} {SCRIPTS / 'run.py'} doctor --fix -C {shlex.quote(str(world.root))} > {tmp_path / 'said'}"
    found = again(world, f"{looks}; echo b > src/a.py")
    assert found.tests.ok and [file.path for file in found.files if file.replayed] == ["src/a.py"]
    assert "worktree-stray" not in (tmp_path / "said").read_text()


def test_what_a_killed_replay_left_is_found_when_its_worker_has_ended(world: Any, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    command = [sys.executable, str(SCRIPTS / "run.py"), "replay", "1.1", "--worker", f"touch {begun}; sleep 60"]
    with started(command, cwd=world.root, env=dict(os.environ), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(begun.exists, "its worker")
        process.kill()
        process.wait()
    checkout, path = world.home.checkout, Path(worktrees(world)[0])
    assert goes_on(checkout, path), "its worker works on"
    (folder,) = (world.home.folder / "replays").iterdir()
    Job(folder / "worker").stop()
    assert not goes_on(checkout, path)
    assert [finding.code for finding in examine(checkout)] == ["worktree-stray"]


def test_what_cannot_be_kept_is_not_removed(world: Any) -> None:
    """A repository inside the worktree would be gone with it."""
    told: list[str] = []
    found = again(world, "echo b > src/a.py; git init -q inner; touch inner/x", tell=told.append)
    assert Path(found.worktree, "inner/x").exists()
    assert any("stays" in line for line in told)


def test_an_interrupted_replay_ends_its_worker_and_keeps_its_work(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(job: Job, seconds: float | None) -> None:
        folder = Path(worktrees(world)[0])
        wait_for((folder / "src/half.py").exists, "src/half.py")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(replaying.Job, "wait", lambda job, seconds: interrupted(job, seconds) if seconds is None else Job.result(job))
        told: list[str] = []
        with pytest.raises(KeyboardInterrupt):
            again(world, "echo half > src/half.py; sleep 60", tell=told.append)
    assert worktrees(world) == []
    (ref,) = [ref for ref in refs(world) if "/replay-" in ref]
    assert told[-1] == f"What it has done so far is kept as {ref}"
    assert git(world.root, "show", f"{ref}:src/half.py") == "half"
    (folder,) = (world.home.folder / "replays").iterdir()
    wait_for(Job(folder / "worker").result, "the end of the worker")


def test_what_cannot_be_replayed_is_said(world: Any) -> None:
    for task, slug in (("9.9", "task-unknown"), ("1.2", "not-replayable")):
        with pytest.raises(MaestroError) as error:
            replay(world.root, task, None, None, Wish("true"))
        assert error.value.slug == slug
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(replaying, "commit_of", lambda git, commit: None)
        with pytest.raises(MaestroError, match="not in this repository any more"):
            again(world, "true")
    for file in (world.home.folder / "briefs").iterdir():
        file.unlink()
    with pytest.raises(MaestroError) as error:
        again(world, "true")
    assert error.value.slug == "brief-missing" and worktrees(world) == []


def test_the_door_says_it_in_words_and_as_data(world: Any) -> None:
    ran = world.door("run", "replay", "1.1", "--worker", "echo a > src/a.py")
    assert ran.code == 0 and ran.out.startswith("1.1 Make a, done again: tests green, ")
    assert "the same" in ran.out and "only merged, outside its scope" in ran.out
    ran = world.door("run", "replay", "1.1", "--worker", "exit 1", "--json")
    assert ran.code == 1
    jsonschema.Draft202012Validator(json.loads((ROOT / "schemas/replay.json").read_text())).validate(ran.json)
    assert "Its tests\n  They printed nothing.\n  /" in world.door("run", "replay", "1.1", "--worker", "touch broken").out


def test_what_both_used_is_told_and_of_what_was_not_merged_what_the_replay_did(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py")))
    world.start()
    world.write("auth/1.1/1", {"src/a.py": "a\n", ".maestro-result-1.1-1.json": '{"tokens": 900, "cost": 0.3}'})
    world.attach(["auth/1.1/1", "auth/1.2/1"])
    world.done("auth/1.1/1")
    world.fail("auth/1.2/1", "which one?", "unclear-spec")
    world.merge()
    said = """echo b > src/a.py; printf '{"tokens": 100}' > "$MAESTRO_RESULT_FILE" """
    out = world.door("run", "replay", "1.1", "--worker", said).out
    assert re.search(r"merged: \w{7}, green, [\d.]+ s of work, 900 tokens, cost 0.30$", out.replace("\n    ", " "), re.MULTILINE)
    assert "used, as its worker says: 100 tokens" in out
    failed = again(world, "echo b > src/b.py", task="1.2")
    assert failed.merged == "" and "+b" in git(world.root, *shlex.split(failed.diff)[3:])


SESSION = """\
# 1.1 Make a
Work in /old/1.1-1 and nowhere else.

Then run `maestro run done auth/1.1/1` and stop; your final message is one line.

Check: `python3 /x/worktree.py check auth/1.1/1` runs the project's tests here and records red or green.
At the end write /old/1.1-1/.maestro-result-1.1-1.json
Then run `python3 /x/run.py done auth/1.1/1` and stop; your final message is one line.
"""


def test_only_the_ending_of_a_brief_is_fitted() -> None:
    lines = fitted(SESSION, Path("/old/1.1-1"), Path("/new"), "make test").splitlines()
    assert lines[1] == "Work in /new and nowhere else."
    assert lines[3].startswith("Then run `maestro run done"), "the task's own text stays"
    assert lines[-3:] == ["Check: `make test` runs the project's tests.", "At the end write /new/.maestro-result-1.1-1.json", "Then exit 0."]
    assert "there is none" in fitted(SESSION, Path("/old/1.1-1"), Path("/new"), None)
