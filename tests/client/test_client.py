"""The real client, offline, with a model that plays from a script: what the plugin's texts, scripts and hooks do there."""

from __future__ import annotations

from typing import Any

from support import git


def merged(stage: Any) -> None:
    """The track is implemented: commits, marks, registry, nothing left lying about."""
    commits = stage.commits()
    assert {task: text.partition(" ")[2] for task, text in commits.items()} == {
        "1.1": "feat(things): Make the first part",
        "1.2": "feat(things): Make the second part",
        "1.3": "feat(things): Put the first part into the app, after Task 1.1",
    }
    for task, text in commits.items():
        assert f" [x] {text.split()[0]}" in next(line for line in stage.plan.splitlines() if line.startswith(f"### Task {task}"))
    assert "- [x] **Track: Things to build**" in (stage.root / ".maestro/tracks.md").read_text()
    assert git(stage.root, "status", "--porcelain") == ""
    assert len(git(stage.root, "worktree", "list").splitlines()) == 1
    assert (stage.root / "src/app.py").read_text() == "from first import first\n" and (stage.root / "src/second.py").exists()


def test_a_track_in_parallel_from_the_command_to_the_last_commit(stage: Any) -> None:
    done = stage.play("/maestro:implement things --parallel")
    assert "maestro:implement" in done.init["slash_commands"] and {"maestro:kraken", "maestro:spark"} <= set(done.init["agents"])
    opening = stage.model.requests[0].opening
    assert "<command-args>things --parallel</command-args>" in opening and "Arguments: things --parallel" in opening
    assert f"--driver {done.init['session_id']}" in opening and "${" not in opening, "everything is filled in"
    assert done.denials == [], "nothing has to be permitted"
    merged(stage)
