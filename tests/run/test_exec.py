"""`run.py exec`: a whole track with any program as its worker and nobody there."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from builders import fingerprint
from maestro import clock
from maestro.models.report import Spent
from maestro.models.run import Driver
from maestro.models.schedule import Mode
from maestro.run import pacing
from maestro.run.executor import Orders
from maestro.run.headless import run_headless
from maestro.run.prospects import Wish
from maestro.run.reporting import report
from maestro.run.reviewing import review
from maestro.run.status import condition
from support import LONG, Ran, git, load_beside, run_door, write
from waiting import wait_for, wait_until_gone

made = load_beside(__file__, "worlds")
execs = load_beside(__file__, "execs")
DILIGENT, begun, ended, execute, processes_of = execs.DILIGENT, execs.begun, execs.ended, execs.execute, execs.processes_of


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("2.1", "src/c.py", "after Task 1.1")))


# --- the whole way


def test_a_whole_track_without_anybody(world: Any) -> None:
    ran = execute(world)
    assert ran.code == 0 and ended(ran)["outcome"] == "completed", ran
    assert sorted(world.commits()) == ["1.1", "1.2", "2.1"] and world.commits()[-1] == "2.1"
    assert world.status() == "" and world.plan.count("[checkpoint:") == 2 and "- [x] **Track" in (world.root / ".maestro/tracks.md").read_text()
    assert git(world.root, "worktree", "list").count("\n") == 0 and git(world.root, "branch", "--format=%(refname:short)") == "main"
    assert processes_of(world) == [] and git(world.root, "for-each-ref", "refs/maestro/") == ""
    assert "3/3" in ran.err and "1.2 merged as" in ran.err and "2.1 finished by its worker" in ran.err


def test_the_same_in_the_checkout_without_worktrees(world: Any) -> None:
    ran = execute(world, DILIGENT, "--single")
    assert ran.code == 0 and world.commits() == ["1.1", "1.2", "2.1"] and world.status() == ""
    assert not (world.root / ".maestro/worktrees").exists()
    assert [data["worktree"] for data in world.named("task-dispatched")] == ["."] * 3


def test_workers_work_at_the_same_time_and_never_more_than_three(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    together = f"""echo x >> {tmp_path}/started
until test $(wc -l < {tmp_path}/started) -ge 3; do sleep 0.01; done
{DILIGENT}"""
    assert execute(world, together).code == 0
    running, most = 0, 0
    for event in world.events:
        running += {"task-dispatched": 1, "task-reported": -1, "task-failed": -1}.get(event.name, 0)
        most = max(most, running)
    assert most == 3


def test_dry_run_shows_the_waves_and_writes_nothing(world: Any) -> None:
    before = fingerprint(world.root)
    ran = world.door("run", "exec", "auth", "--worker", DILIGENT, "--no-test", "--dry-run")
    assert ran.code == 0 and "Wave 1" in ran.out and "Nothing was changed" in ran.out
    assert fingerprint(world.root) == before and not world.home.folder.exists()


# --- what a worker is given


def test_a_worker_sees_its_brief_on_stdin_and_who_it_is(world: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", "kept")
    out = tmp_path / "out"
    out.mkdir()
    spy = f"""cat > {out}/$MAESTRO_TASK.stdin; env > {out}/$MAESTRO_TASK.env; pwd -P > {out}/$MAESTRO_TASK.cwd
test -f /dev/stdin && echo file > {out}/$MAESTRO_TASK.kind
{DILIGENT}"""
    assert execute(world, spy).code == 0
    seen = dict(line.partition("=")[::2] for line in (out / "1.1.env").read_text().splitlines())
    brief = (out / "1.1.stdin").read_text()
    assert (seen["MAESTRO_TASK"], seen["MAESTRO_HANDLE"], seen["MAESTRO_TRACK"], seen["MAESTRO_ATTEMPT"], seen["MINE"]) == (
        "1.1",
        "auth/1.1/1",
        "auth",
        "1",
        "kept",
    )
    assert Path(seen["MAESTRO_PROMPT_FILE"]).read_text() == brief and "# 1.1 Make a" in brief and "exit 0" in brief.lower() and "run.py done" not in brief
    folder = (out / "1.1.cwd").read_text().strip()
    assert seen["MAESTRO_RESULT_FILE"] == f"{folder}/.maestro-result-1.1-1.json" and folder == str(world.root / world.task("1.1").attempts[0].worktree)
    assert (out / "1.1.kind").exists(), "stdin is the brief's file, not a pipe"


def test_a_runs_own_setup_comes_before_each_worker(world: Any, tmp_path: Path) -> None:
    assert execute(world, f"test -e ready || exit 9; {DILIGENT}", "--setup", "touch ready", test="test -e ready || test -e .maestro").code in (0, 8)
    assert world.task("1.1").attempts[0].failure != "worker"


# --- when workers fail


def test_a_failing_worker_ends_with_a_question_its_siblings_merged_and_resume_completes(world: Any, tmp_path: Path) -> None:
    worker = f"test $MAESTRO_TASK != 1.2 || test -e {tmp_path}/mended || {{ echo boom; exit 3; }}; {DILIGENT}"
    ran = execute(world, worker)
    assert (ran.code, ended(ran)["outcome"], ended(ran)["open_questions"]) == (8, "blocked", ["failed-1.2"])
    assert world.commits() == ["1.1"] and len(world.task("1.2").attempts) == 3 and world.task("1.2").state == "failed"
    assert "boom" in world.task("1.2").reason and "exit code 3" in world.task("1.2").reason
    assert world.status() == "" and processes_of(world) == [], "bookkeeping is committed before it stops"
    (tmp_path / "mended").touch()
    ran = execute(world, worker, "--resume")
    assert ran.code == 0 and sorted(world.commits()) == ["1.1", "1.2", "2.1"]


def test_yes_resumes_by_itself_and_without_it_the_unfinished_run_is_a_question(world: Any) -> None:
    execute(world, "exit 3")
    assert execute(world, yes=False).error["code"] == "run-unfinished"
    assert execute(world).code == 0


def test_exit_0_without_a_change_is_a_failed_attempt(world: Any) -> None:
    ran = execute(world, f"test $MAESTRO_TASK = 1.1 || {{ {DILIGENT}; }}")
    assert ran.code == 8 and [attempt.failure for attempt in world.task("1.1").attempts] == ["no-change"] * 3


RESULTS = {
    "a contrary report": ('echo \'{"status": "failed", "summary": "no way"}\' > "$MAESTRO_RESULT_FILE"', "worker", "no way"),
    "blocked": ('echo \'{"status": "blocked", "summary": "which user?"}\' > "$MAESTRO_RESULT_FILE"', "unclear-spec", "which user?"),
    "a failing exit with a glad report": ('echo \'{"status": "done"}\' > "$MAESTRO_RESULT_FILE"; exit 5', "worker", "exit code 5"),
    "a failing exit that names its class": (
        'echo \'{"status": "failed", "class": "dependency"}\' > "$MAESTRO_RESULT_FILE"; exit 5',
        "dependency",
        "exit code 5",
    ),
    "no agent at all": ("no-such-agent-anywhere", "infrastructure", "exit code 127"),
    "killed": ("kill -9 $$", "worker", "exit code"),
}


@pytest.mark.parametrize(("after", "failure", "words"), RESULTS.values(), ids=RESULTS)
def test_only_exit_0_with_a_change_and_no_contrary_report_is_success(tmp_path: Path, after: str, failure: str, words: str) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    ran = execute(world, f"{DILIGENT}; {after}")
    assert ran.code == 8 and world.commits() == []
    assert world.task("1.1").attempts[-1].failure == failure and words in world.task("1.1").reason


@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("exit 3", ()),
        pytest.param("kill -9 $PPID", (), marks=pytest.mark.slow),
        pytest.param("sleep 60", ("--worker-timeout", "1"), marks=pytest.mark.slow),
    ],
)
def test_what_a_worker_said_and_used_counts_however_it_ends(tmp_path: Path, ending: str, options: tuple[str, ...]) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    said = """printf '{"status": "failed", "summary": "I ran out of ideas", "tokens": 500, "cost": 0.25}' > "$MAESTRO_RESULT_FILE"; """
    execute(world, f"if [ $MAESTRO_ATTEMPT = 1 ]; then {said} {ending}; exit 4; fi; {DILIGENT}", *options)
    first = world.task("1.1").attempts[0]
    assert (first.outcome, first.report["usage"], first.report["summary"]) == ("failed", {"tokens": 500.0, "cost": 0.25}, "I ran out of ideas")
    assert report(world.root, None).usage == Spent(500, 0.25, 1)
    assert [(claim.said, claim.holds) for claim in review(world.root, "1.1", attempt=1).claims] == [("it is failed", True)]


def test_no_change_said_and_meant_is_fine(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    assert execute(world, 'echo \'{"status": "no-change", "summary": "is there"}\' > "$MAESTRO_RESULT_FILE"').code == 0
    assert world.commits() == [] and world.task("1.1").state == "merged"


def test_a_used_up_quota_is_waited_out_and_does_not_count_as_an_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "QUOTA_WAIT", 0.3)
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    assert execute(world, f"test -e {tmp_path}/again || {{ touch {tmp_path}/again; echo 'Error: 429 Too Many Requests'; exit 1; }}; {DILIGENT}").code == 0
    first, second = world.task("1.1").attempts
    assert (first.failure, second.failure, world.task("1.1").counted) == ("quota", "", 0)
    assert clock.seconds_between(first.ended_at, second.dispatched_at) >= 0.3


def test_a_worker_that_takes_too_long_is_ended_with_all_it_started(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    worker = f"sleep 600 & echo $! >> {tmp_path}/pids; wait"
    assert execute(world, worker, "--worker-timeout", "0.5").code == 8
    assert [(attempt.failure, "not done within 0.5 s" in attempt.reason) for attempt in world.task("1.1").attempts] == [("timeout", True)] * 3
    wait_until_gone(*(tmp_path / "pids").read_text().split())
    assert execute(world, DILIGENT, "--resume").code == 0


def test_an_idle_worker_is_ended_and_a_busy_one_is_not(tmp_path: Path) -> None:
    """Idle: no output and no changed file. The busy one works longer than the limit: until the other one was ended."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py")))
    journal = world.root / ".git/maestro/auth/journal.jsonl"
    worker = f"""if test $MAESTRO_TASK = 1.2; then until grep -q '"class":"timeout"' {journal}; do echo busy; sleep 0.1; done
elif test $MAESTRO_ATTEMPT = 1; then sleep 600; fi; {DILIGENT}"""
    assert execute(world, worker, "--idle-timeout", "2").code == 0
    assert [attempt.failure for attempt in world.task("1.1").attempts] == ["timeout", ""] and "idle for 2 s" in world.task("1.1").attempts[0].reason
    assert len(world.task("1.2").attempts) == 1


def test_idle_workers_are_ended_after_half_an_hour_unless_another_limit_or_none_is_given() -> None:
    """Otherwise one that never ends keeps its wave, and the whole night, waiting."""
    from maestro.cli.run import door

    option = next(option for option in door.commands["exec"].params if option.name == "idle_timeout")
    assert option.default == 1800 and "0: no limit" in option.help


def test_a_slot_that_stays_empty_after_a_failure_says_why(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.FIVE)
    journal = world.root / ".git/maestro/auth/journal.jsonl"
    worker = f"""case $MAESTRO_TASK in
1.1) echo '{{"status": "blocked", "summary": "which user?"}}' > "$MAESTRO_RESULT_FILE"; exit 1 ;;
1.[23]) until grep -q '"final":true' {journal}; do sleep 0.02; done ;;
esac; {DILIGENT}"""
    ran = execute(world, worker)
    assert "1.1 failed, so nothing new starts in this wave: 1.4, 1.5 follow in a later one, when 1.2, 1.3 came to an end." in ran.err, ran.err
    assert sorted(world.commits()) == ["1.2", "1.3", "1.4", "1.5"]


def test_it_gives_up_when_nothing_happens_for_too_long(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    ran = execute(world, "sleep 60", "--max-wait", "0.2")
    assert ran.code == 1 and ended(ran)["outcome"] == "stopped" and "nothing happened for 0.2 s" in ended(ran)["summary"]
    assert processes_of(world) == []
    assert execute(world, DILIGENT, "--resume").code == 0


def test_running_workers_are_watched_and_what_would_collide_is_held_back_in_time(tmp_path: Path) -> None:
    """The first touches a file that nobody expected, and still runs while a slot becomes free for the fourth, whose file it is."""
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py"), ("1.4", "src/app.py")))
    journal = world.root / ".git/maestro/auth/journal.jsonl"
    worker = f"""case $MAESTRO_TASK in
1.1) mkdir -p src; echo 'x = 2' > src/app.py; until grep -q '"task":"1.2".*"sha"' {journal}; do sleep 0.02; done ;;
1.2) until grep -q '"event":"task-held","task":"1.4"' {journal}; do sleep 0.02; done ;;
esac; {DILIGENT}"""
    driver = Driver("exec-test", process=True)
    wish = Wish(track="auth", mode=Mode.PARALLEL, driver=driver, yes=True, headless=True, test=made.TEST, ignore_soft=True, review="none")
    action = run_headless(world.root, wish, Orders(worker=worker, yes=True, watch=0.05, max_wait=LONG))
    assert action.outcome == "completed" and world.commits()[-1] == "1.4"  # type: ignore[attr-defined]
    assert world.task("1.4").attempts[0].dispatched_at > world.task("1.1").merged_at and len(world.state.regroupings) == 1


# --- questions


def test_without_yes_and_terminal_it_stops_at_its_first_question(world: Any) -> None:
    ran = execute(world, yes=False)
    assert (ran.code, ended(ran)["open_questions"]) == (8, ["start"]) and world.subjects() == []


def test_without_yes_it_stops_at_the_verification_of_the_phase(world: Any) -> None:
    execute(world, yes=False)
    world.door("run", "answer", "start", "start", "--driver", world.state.driver.id)
    ran = execute(world, DILIGENT, "--resume", yes=False)
    assert (ran.code, ended(ran)["open_questions"]) == (8, ["verify-1-1"]), ran
    assert sorted(world.commits()) == ["1.1", "1.2"] and world.status() == "", "committed before it stops"


def test_what_has_no_safe_answer_is_parked_and_the_rest_goes_on(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py", "after Task 1.2")))
    ran = execute(world, f"{DILIGENT}; test $MAESTRO_TASK != 1.1 || rm src/app.py")
    assert (ran.code, ended(ran)["open_questions"]) == (8, ["held-1.1-1"]) and world.commits() == ["1.2", "1.3"]
    assert "Waits for an answer: 1.1" in ran.err and world.status() == ""
    world.door("run", "answer", "held-1.1-1", "leave-out", "--driver", world.state.driver.id)
    assert execute(world, DILIGENT, "--resume").code == 0 and sorted(world.commits()) == ["1.1", "1.2", "1.3"]


@pytest.mark.parametrize("question", ["base-red", "coverage"])
def test_yes_parks_what_only_a_person_can_say(tmp_path: Path, question: str) -> None:
    files = {
        "base-red": {"broken": "x\n"},
        "coverage": {".maestro/context/workflow.md": "- Coverage command: `cat cov`\n- Coverage threshold: 80\n", "cov": "TOTAL 10 5 50%\n"},
    }[question]
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")), files)
    ran = execute(world)
    assert ran.code == 8 and len(ended(ran)["open_questions"]) == 1 and ended(ran)["open_questions"][0].startswith(question)


def test_a_test_command_that_was_found_is_taken_and_said(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")), {"package.json": '{"scripts": {"test": "exit 0"}}'})
    ran: Ran = world.door("run", "exec", "auth", "--worker", DILIGENT, "--yes", "--json")
    assert world.state.settings.test == "npm test" and "test-command" not in ended(ran)["open_questions"]
    assert "Found: `npm test`" in ran.err and "-> use (--yes)" in ran.err


def test_where_no_test_command_is_found_only_a_person_can_say(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    ran: Ran = world.door("run", "exec", "auth", "--worker", DILIGENT, "--yes", "--json")
    assert (ran.code, ended(ran)["open_questions"]) == (8, ["test-command"])


def test_a_red_base_says_why_and_another_test_command_at_resume_is_tried(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    ran = execute(world, test="nosuchcmd --all")
    (question,) = ended(ran)["questions"]
    assert ran.code == 8 and "`nosuchcmd --all` printed" in question["text"] and "not found" in question["text"] and "out.log" in question["text"]
    assert [option["id"] for option in question["options"]] == ["stop", "no-test", "again", "command"]
    assert execute(world, DILIGENT, "--resume", test="false").code == 8, "tried, and red as well"
    assert execute(world, DILIGENT, "--resume").code == 0


def test_another_command_is_an_answer_to_a_red_base(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))
    execute(world, test="nosuchcmd")
    assert world.door("run", "answer", "base-red", "command", "--text", made.TEST).code == 0
    ran: Ran = world.door("run", "exec", "auth", "--worker", DILIGENT, "--yes", "--resume", "--json")
    assert ran.code == 0 and world.state.settings.test == made.TEST


def test_an_answer_after_it_stopped_is_followed_by_the_next_call(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")), {"broken": "x\n"})
    assert execute(world).code == 8
    assert world.door("run", "answer", "base-red", "no-test", "--driver", world.state.driver.id).code == 0
    assert execute(world, DILIGENT, "--resume", test=None).code == 0


# --- being told and being stopped


def test_a_tracked_change_is_refused_with_every_byte_intact(world: Any) -> None:
    write(world.root, {"src/app.py": "mine\r\n\0"})
    before = fingerprint(world.root)
    ran = execute(world)
    assert (ran.code, ran.error["code"]) == (7, "tree-dirty")
    after = fingerprint(world.root)
    assert {name: value for name, value in after.items() if not name.startswith(".git/maestro/")} == before


def test_a_second_exec_is_refused_while_the_first_lives(world: Any, tmp_path: Path) -> None:
    waiting = f"until test -e {tmp_path}/go; do sleep 0.01; done; {DILIGENT}"
    with begun(world, waiting) as first:
        wait_for(lambda: world.home.journal.exists() and world.named("worker-started"), "the start of a worker")
        ran = execute(world, DILIGENT, "--resume")
        assert (ran.code, ran.error["code"]) == (6, "driver-alive")
        (tmp_path / "go").touch()
        assert first.wait(LONG) == 0


def test_trouble_that_is_everybodys_pauses_it_and_who_runs_may_finish(tmp_path: Path) -> None:
    world = made.World(tmp_path / "project", made.plan(("1.1", "src/a.py"), ("1.2", "src/b.py"), ("1.3", "src/c.py")))
    full = """echo '{"status": "failed", "class": "infrastructure", "summary": "no space left on device"}' > "$MAESTRO_RESULT_FILE"; exit 1"""
    worker = f"if test $MAESTRO_TASK != 1.3 && ! test -e {tmp_path}/mended; then {full}; fi; if test $MAESTRO_TASK = 1.3; then sleep 0.2; fi; {DILIGENT}"
    ran = execute(world, worker)
    assert ended(ran)["outcome"] == "stopped" and "no space left" in ended(ran)["summary"] and processes_of(world) == []
    (tmp_path / "mended").touch()
    assert execute(world, worker, "--resume").code == 0 and sorted(world.commits()) == ["1.1", "1.2", "1.3"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_by_a_signal_it_leaves_a_run_to_resume_and_no_process(world: Any, tmp_path: Path, number: signal.Signals) -> None:
    worker = f"test -e {tmp_path}/again || {{ mkdir -p src; echo half > src/half.py; sleep 60 & echo $! >> {tmp_path}/pids; wait; }}; {DILIGENT}"
    with begun(world, worker) as process:
        wait_for(lambda: (tmp_path / "pids").exists() and (tmp_path / "pids").read_text().count("\n") == 2, "the work of two workers")
        process.send_signal(number)
        _, err = process.communicate(timeout=LONG)
    assert process.returncode == 130 and "Traceback" not in err, err
    assert processes_of(world) == []
    wait_until_gone(*(tmp_path / "pids").read_text().split())
    assert condition(world.home, world.state) in ("owner-gone", "paused") and world.task("1.1").counted == 0
    assert not any("waiting for an answer" in subject for subject in world.subjects()), "nothing is asked"
    attempt = world.task("1.1").attempts[0]
    assert git(world.root, "show", f"{attempt.snapshot}:src/half.py") == "half", "what was done is kept"
    (tmp_path / "again").touch()
    assert execute(world, worker, "--resume").code == 0 and sorted(world.commits()) == ["1.1", "1.2", "2.1"]


# --- watching and other doors meanwhile


def test_watchers_are_free_and_see_the_truth(world: Any, tmp_path: Path) -> None:
    waiting = f"until test -e {tmp_path}/go; do sleep 0.01; done; {DILIGENT}"
    with begun(world, waiting) as process:
        wait_for(lambda: world.home.journal.exists() and len(world.named("worker-started")) == 2, "the start of two workers")
        status = world.door("run", "status", "--json").data
        assert (status["condition"], status["progress"]["running"]) == ("running", 2)
        assert world.door("progress", "auth").code == 0 and world.door("worktree", "list", "--json").code == 0
        refused = world.door("run", "next", "--json")
        assert (refused.code, refused.error["code"]) == (6, "driver-other")
        (tmp_path / "go").touch()
        assert process.wait(LONG) == 0
    followed = world.door("progress", "auth", "--follow")
    assert followed.code == 0 and "3/3" in followed.out


def test_presets_print_exact_lines_and_never_skip_permissions() -> None:
    from maestro.run.presets import worker_command

    lines = {name: worker_command(name) for name in ("claude", "codex", "gemini", "opencode")}
    assert all(line != name for name, line in lines.items())
    assert not any("dangerously" in line or "yolo" in line or "bypass" in line for line in lines.values())
    assert worker_command("./agent.sh --fast") == "./agent.sh --fast"


# --- the demo


@pytest.mark.slow
def test_the_demo_goes_the_whole_way_as_a_process(tmp_path: Path) -> None:
    """From plan to merged commits, with a re-grouping and a mended failure on the way."""
    ran = run_door("run", "demo", "--keep", str(tmp_path / "demo"), "--json", cwd=tmp_path)
    assert ran.code == 0, ran.err
    data = json.loads(ran.out)["data"]
    assert data["outcome"] == "completed" and data["clean"] and data["retried"] == ["1.3"] and len(data["regrouped"]) >= 1
    assert len(git(tmp_path / "demo", "log", "--format=%(trailers:key=Maestro-Task,valueonly,separator=%x20)").split()) == 9
    assert "[ ]" not in data["plan"]
