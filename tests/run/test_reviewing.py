"""One task laid out for its reviewer, whatever became of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from maestro.errors import NotFound
from maestro.models.schedule import Mode
from maestro.run.reviewing import review
from support import ROOT, call_door, git, load_beside, write

made = load_beside(__file__, "worlds")

PLAN = made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py", "after Task 1.1"))


@pytest.fixture
def world(tmp_path: Path) -> Any:
    world = made.World(tmp_path / "project", PLAN)
    world.start()
    return world


def files(found: Any) -> dict[str, tuple[int | None, int | None, bool]]:
    return {file.path: (file.added, file.deleted, file.in_scope) for file in found.files}


def test_a_merged_task_and_what_it_changed_outside_its_scope(world: Any) -> None:
    world.attach(["auth/1.1/1"])
    world.write("auth/1.1/1", {"src/a.py": "a\nb\n", "src/app.py": "x = 2\n"})
    world.door("worktree", "check", "auth/1.1/1")
    world.done("auth/1.1/1", summary="Wrote src/a.py and src/z.py.")
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    found = review(world.root, "1.1")
    assert (found.state, found.sha, found.handle) == ("merged", world.task("1.1").sha, "auth/1.1/1")
    assert files(found) == {"src/a.py": (2, 0, True), "src/app.py": (1, 1, False)}
    assert [(entry.path, entry.touched) for entry in found.scope] == [("src/a.py", True)]
    assert "Create `src/a.py`" in found.text and "# 1.1 Make a" in found.brief and Path(found.brief_file).is_file()
    assert [check.ok for check in found.checks] == [True] and found.gate is not None and found.gate.ok
    assert [(claim.said, claim.holds) for claim in found.claims][1:] == [("it names src/a.py", True), ("it names src/z.py", False)]
    later = review(world.root, "1.3")
    assert (later.needs[0].needs, later.files) == ("1.1", ())
    assert world.door("run", "review", "1.1").out.count("outside its scope") == 1


def test_failed_running_and_waiting_tasks(world: Any) -> None:
    world.write("auth/1.1/1", {"src/a.py": "half\n"})
    world.fail("auth/1.1/1", "which hash?", "unclear-spec")
    failed = review(world.root, "1.1")
    assert (failed.state, failed.reason) == ("failed", "which hash?")
    assert files(failed) == {"src/a.py": (1, 0, True)}, "its work is kept and can be looked at"
    assert failed.attempts[0].failure == "unclear-spec" and failed.diff.startswith("git -C ")
    world.write("auth/1.2/1", {"src/b.py": "b\n"})
    running = review(world.root, "1.2")
    assert (files(running), running.diff, running.worktree) == ({"src/b.py": (None, None, True)}, "", world.task("1.2").attempts[0].worktree)
    assert running.claims == (), "it has not said anything yet"
    waiting = review(world.root, "1.3")
    assert (waiting.state, waiting.attempt, waiting.claims, waiting.gate) == ("waiting", 0, (), None)
    for task in ("1.1", "1.2", "1.3"):
        document = world.door("run", "review", task, "--json").json
        jsonschema.Draft202012Validator(json.loads((ROOT / "schemas/review.json").read_text())).validate(document)
        assert world.door("run", "review", task).code == 0


def test_an_earlier_attempt_can_be_looked_at(world: Any) -> None:
    world.work("auth/1.1/1", {"src/a.py": "a\n", "broken": "x\n"})
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    found = review(world.root, "1.1", attempt=1)
    assert found.gate is not None and found.gate.ok is False and found.gate.tries == 2
    assert (found.attempts[0].outcome, found.sha) == ("failed", "")
    assert ("it is done", False) not in [(claim.said, claim.holds) for claim in found.claims], "it left no report, so it said nothing"
    assert review(world.root, "1.1").attempt == 2
    assert review(world.root, "auth/1.1/1").attempt == 1, "by the name that `run.py status` lists"


def test_what_does_not_exist_is_said(world: Any) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"task_id": "9.9"}, "task-unknown"),
        ({"task_id": "1.3", "attempt": 1}, "handle-unknown"),
        ({"task_id": "auth/1.1/7"}, "handle-unknown"),
        ({"task_id": "other/1.1/1"}, "task-unknown"),
        ({"task_id": "1.1", "run": "x"}, "run-unknown"),
    ]
    for arguments, slug in wrong:
        with pytest.raises(NotFound) as error:
            review(world.root, **arguments)
        assert error.value.slug == slug


def test_a_task_that_names_no_paths_has_no_boundary(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", "# Plan\n\n## Phase 1: One\n\n### Task 1.1: Tidy up\n- [ ] Tidy everything up\n")
    world.start()
    world.work("auth/1.1/1", {"src/app.py": "x = 3\n"})
    world.merge()
    found = review(world.root, "1.1")
    assert (found.scope, files(found)) == ((), {"src/app.py": (1, 1, True)})
    assert "names no paths" in world.door("run", "review", "1.1").out


def test_what_was_done_or_skipped_before_is_told_apart(tmp_path: Path) -> None:
    text = made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py"), ("1.4", "src/d.py"))
    world = made.World(tmp_path / "project", text)
    write(world.root, {"src/a.py": "a\n"})
    git(world.root, "add", "src")
    git(world.root, "commit", "-qm", "By hand")
    sha = git(world.root, "rev-parse", "--short=7", "HEAD")
    for task, mark in (("1.1", ("done", "--sha", sha)), ("1.2", ("done",)), ("1.3", ("skipped",))):
        assert call_door("mark", task, *mark, cwd=world.root).code == 0
    git(world.root, "commit", "-qam", "Marked")
    world.start()
    first, second, third = (review(world.root, task) for task in ("1.1", "1.2", "1.3"))
    assert (first.state, files(first)) == ("done-before", {"src/a.py": (1, 0, True)})
    assert (second.state, third.state) == ("done-before", "skipped")
    assert "1.1 Make a: done before as " + sha in world.door("run", "review", "1.1").out
    assert "1.2 Make b: done before\n" in world.door("run", "review", "1.2").out
    shown = world.door("run", "report").out
    assert shown.count("done before") == 2 and re.search(r"\[-\]  1.3 Make c .*skipped", shown)
    assert "0 of 2 tasks, one commit each" in (body := world.door("run", "report", "--format", "pr").out) and "2 more were done before." in body


def test_a_task_without_a_change_is_not_called_merged(world: Any) -> None:
    world.attach(["auth/1.1/1"])
    world.done("auth/1.1/1", no_change="it was there")
    world.work("auth/1.2/1", {"src/b.py": "b\n"})
    world.merge()
    shown = world.door("run", "review", "1.1").out
    assert "1.1 Make a: needed no change" in shown and "untested" not in shown and "red before green" not in shown


def test_in_the_checkout_itself_there_is_no_worktree_to_look_for(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", PLAN)
    world.start(mode=Mode.SINGLE)
    assert review(world.root, "1.1").worktree == ""


def test_a_plan_that_is_gone_leaves_the_title(world: Any) -> None:
    world.plan_file.unlink()
    assert review(world.root, "1.1").text == "Make a"
