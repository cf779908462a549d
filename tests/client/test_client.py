"""The real client, offline, with a model that plays from a script: what the plugin's texts, scripts and hooks do there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from obedient import answer_to, folder_of
from support import git, load_beside

model = load_beside(__file__, "model")


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
    ended = [(event["task"], event["attempt"]) for event in stage.journal if event["event"] == "worker-ended"]
    assert sorted(ended) == [("1.1", 1), ("1.2", 1), ("1.3", 1)]


def test_workers_that_the_client_isolates_are_brought_to_the_right_commit(stage: Any, tmp_path: Path) -> None:
    """The client forks from the remote's branch, which lacks what was committed here since, among it the plan."""
    git(stage.root, "clone", "--quiet", "--bare", ".", str(tmp_path / "remote"))
    git(stage.root, "remote", "add", "origin", str(tmp_path / "remote"))
    git(stage.root, "fetch", "--quiet", "origin")
    git(stage.root, "remote", "set-head", "origin", "main")
    (stage.root / "src/later.py").write_text("later = 1\n")
    git(stage.root, "add", "--all")
    git(stage.root, "commit", "--quiet", "--message", "Later")
    stage.isolation = "worktree"
    bases = {}

    def worker(attach: str, handle: str) -> Any:
        before = yield from stage.shell("git rev-parse HEAD && ls src")
        told = yield from stage.worker(attach, handle)
        after = yield from stage.shell("git rev-parse HEAD && ls src")
        bases[handle] = (before.split(), after.split())
        yield told

    done = stage.play("/maestro:implement things --parallel", None, worker)
    assert done.denials == []
    first, second = (bases[f"things/{task}/1"] for task in ("1.1", "1.2"))
    assert "later.py" not in first[0] and {"later.py", "first.py"} <= set(first[1]), "the client's base, and the engine's"
    assert first[1][0] == second[1][0] == git(stage.root, "rev-parse", ":/^Later")
    assert "first.py" in bases["things/1.3/1"][1], "the next wave has what was merged"
    merged(stage)


def test_the_guard_stops_a_stray_worker_and_nobody_else(stage: Any) -> None:
    said = {}

    def session(request: Any) -> Any:
        shown = yield from stage.shell(f"maestro run start things --parallel --driver {stage.driver(request)}")
        shown = yield from stage.obey(shown, until="VERIFY-PHASE")
        said["session"] = yield from stage.shell("git commit --quiet --allow-empty -m 'By hand' && git log -1 --format=%s")
        yield from stage.obey(shown)

    def worker(attach: str, handle: str) -> Any:
        if handle != "things/1.1/1":
            yield from stage.worker(attach, handle)
            return
        said["early"] = yield from stage.shell("git commit -am early")
        brief = yield from stage.shell(attach)
        folder = folder_of(brief)
        path, text = stage.made["1.1"]
        said["outside"], said["plan"] = yield [model.write(stage.root / path, text), model.write(f"{folder}/.maestro/tracks/things/plan.md", "- [x]")]
        yield [model.write(f"{folder}/{path}", text)]
        said["commit"] = yield from stage.shell(f"cd {folder} && git add -A && git commit -m 'Mine'")
        said["redirected"] = yield from stage.shell("echo leak > leak.txt")
        yield "I am finished."
        said["reminder"] = stage.model.requests[-1].latest
        yield from stage.report(brief, handle)
        yield "Now it is reported."

    stage.play("/maestro:implement things --parallel", session, worker, "--allowedTools", "Bash(git *),Bash(cd *),Bash(echo *)")
    assert "Run the `attach` command of your prompt first" in said["early"]
    assert "is outside your worktree. Write " in said["outside"] and ".maestro/ is maestro's" in said["plan"]
    assert "do not commit; maestro commits your work" in said["commit"] and "maestro run done things/1.1/1" in said["commit"]
    assert "leak.txt is outside your worktree" in said["redirected"]
    assert "You end without a report" in said["reminder"] and "maestro run done things/1.1/1" in said["reminder"]
    assert said["session"] == "By hand"
    assert "Mine" not in git(stage.root, "log", "--format=%s") and not (stage.root / "leak.txt").exists()
    merged(stage)


def test_a_second_session_goes_on_where_the_first_was_lost(stage: Any) -> None:
    def breaks_off(request: Any) -> Any:
        shown = yield from stage.shell(f"maestro run start things --parallel --driver {stage.driver(request)}")
        shown = yield from stage.shell(answer_to(shown, stage.answers))
        yield stage.spawn_all(shown)
        yield "I have to go."

    def gives_up(attach: str, handle: str) -> Any:
        if handle.endswith("1.2/1"):
            yield from stage.shell(attach)
            yield "Something is wrong with me."
            yield "I really cannot."
        else:
            yield from stage.worker(attach, handle)

    said = {}

    def takes_over(request: Any) -> Any:
        driver = stage.driver(request)
        said["refused"] = yield from stage.shell(f"maestro run start things --resume --driver {driver}")
        command = re.findall(r"`(maestro run start .*?)`", said["refused"])[-1]
        said["taken"] = yield from stage.shell(command)
        yield from stage.obey(said["taken"])

    first = stage.play("/maestro:implement things --parallel", breaks_off, gives_up)
    second = stage.play("/maestro:implement things --resume", takes_over)
    assert first.init["session_id"] != second.init["session_id"]
    assert first.init["session_id"] in said["refused"] and "--take-over" in said["refused"]
    assert first.denials == second.denials == []
    attempts = [(event["task"], event["attempt"]) for event in stage.journal if event["event"] == "task-dispatched"]
    assert sorted(attempts) == [("1.1", 1), ("1.2", 1), ("1.2", 2), ("1.3", 1)], "what was finished is not done again"
    merged(stage)


def test_one_task_after_the_other_in_the_session_itself(stage: Any) -> None:
    stage.answers["verify"] = ["issue the parts are too small", "verified"]
    stage.made["1.fix1"] = ("src/second.py", "second = 22222\n")
    done = stage.play("/maestro:implement things")
    assert done.denials == [] and set(stage.model.heard) == {"1:session"}, "nobody else was asked"
    assert stage.commits().pop("1.fix1")
    assert (stage.root / "src/second.py").read_text() == "second = 22222\n"


def test_a_team_shares_the_checkout(stage: Any) -> None:
    said = {}

    def worker(attach: str, handle: str) -> Any:
        yield from stage.worker(attach, handle)
        said[handle] = yield from stage.shell("git stash")
        yield f"{handle} is done."

    stage.play("/maestro:implement things --team", None, worker, "--allowedTools", "Bash(git *)")
    assert all("do not stash" in said[f"things/{task}/1"] for task in ("1.1", "1.2", "1.3"))
    merged(stage)


def test_workers_in_the_background_outlive_the_turn_with_the_rules_that_the_user_allowed(stage: Any) -> None:
    stage.answers["start"] = "background"
    done = stage.play("/maestro:implement things --parallel")
    assert done.denials == []
    assert any("Added to .claude/settings.local.json until the run is over: Bash(maestro *)" in request.text for request in stage.model.requests)
    assert (stage.root / ".claude/settings.local.json").read_text() == "{}\n", "taken back at the end"
    assert any("task-notification" in request.latest for request in stage.model.requests), "the session was told, in a turn of its own"
    merged(stage)


def test_a_compacted_session_asks_what_is_next_and_goes_on(stage: Any) -> None:
    said = {}

    def session(request: Any) -> Any:
        shown = yield from stage.shell(f"maestro run start things --parallel --driver {stage.driver(request)}")
        shown = yield from stage.shell(answer_to(shown, stage.answers))
        stage.model.usage = 990_000
        yield from stage.shell("maestro run status")
        stage.model.usage = 1000
        now = stage.model.requests[-1]
        said["left"] = now.text
        shown = yield from stage.shell(f"maestro run next --driver {stage.driver(now)}")
        yield from stage.obey(shown)

    done = stage.play("/maestro:implement things --parallel", session)
    assert stage.summaries and done.compactions
    assert "Wave 1 of phase 1" not in said["left"], "what was shown before is gone"
    assert "Always true, also after compaction" in said["left"]
    merged(stage)


def test_until_the_command_is_typed_the_plugin_costs_a_few_words(stage: Any) -> None:
    """What the client tells the model of a plugin that nobody uses: a skill and two agents in its listings."""
    sizes = []
    for plugin in (True, False):
        done = stage.client.run(stage.root, stage.model.url, "Hello.", plugin=plugin)
        assert done.code == 0
        sizes.append(len(stage.model.requests[-1].text))
    assert "maestro:kraken" in stage.model.requests[0].text and "maestro" not in stage.model.requests[-1].text.replace(str(stage.root), "")
    assert 0 < sizes[0] - sizes[1] <= 300, sizes
