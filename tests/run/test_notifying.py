"""`--notify CMD`: the user's own command hears of questions, pauses and the end, and can do the run no harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from maestro.run import notifying
from maestro.run.jobs import Job
from support import load_beside
from waiting import wait_for

made = load_beside(__file__, "worlds")

DILIGENT = r"""f=$(grep -o 'src/[a-z]*\.py' "$MAESTRO_PROMPT_FILE" | head -n 1); echo made > "$f" """


@pytest.fixture
def world(tmp_path: Path) -> Any:
    return made.World(tmp_path / "project", made.plan(("1.1", "src/a.py")))


def execute(world: Any, worker: str, *options: str) -> Any:
    return world.door("run", "exec", "auth", "--worker", worker, "--test", made.TEST, "--yes", *options, "--json")


def notified(world: Any) -> dict[str, Job]:
    """The notifications of the run, by their folders' names, all of them at their end."""
    found = {folder.name: Job(folder) for folder in sorted(world.home.jobs(world.state.run).glob("notify-*"))}
    for job in found.values():
        wait_for(job.result, "the end of the notice")
    return found


def lines(told: Path, count: int) -> list[str]:
    """What the command wrote, once it was called that often; the calls run beside each other, so their order is nobody's."""
    wait_for(lambda: told.exists() and len(told.read_text().splitlines()) >= count, f"{count} notices")
    return sorted(told.read_text().splitlines())


def test_a_headless_run_tells_its_questions_and_its_end(world: Any, tmp_path: Path) -> None:
    told = tmp_path / "told"
    notify = f'echo "$MAESTRO_EVENT $MAESTRO_OUTCOME|$MAESTRO_TRACK|$MAESTRO_DONE/$MAESTRO_TOTAL|$MAESTRO_QUESTION|$MAESTRO_SUMMARY" >> {told}'
    assert execute(world, "exit 3", "--notify", notify).code == 8
    blocked, question = lines(told, 2)
    assert blocked.startswith("end blocked|auth|0/1||auth 0/1: cannot go on without an answer: 1.1 (Make a) failed")
    assert question.startswith("question |auth|0/1|failed-1.1|auth 0/1: 1.1 (Make a) failed after 3 attempts (last: ")
    told.unlink()
    assert execute(world, DILIGENT, "--resume").code == 0, "the command is remembered"
    assert lines(told, 1) == ["end completed|auth|1/1||auth 1/1: complete"]
    assert execute(world, DILIGENT).code == 0


def test_a_pause_is_told(world: Any, tmp_path: Path) -> None:
    told = tmp_path / "told"
    assert execute(world, "sleep 60", "--max-wait", "0.2", "--notify", f'echo "$MAESTRO_EVENT: $MAESTRO_MESSAGE" >> {told}').code == 1
    assert lines(told, 1) == ["pause: paused: nothing happened for 0.2 s"]


@pytest.mark.parametrize(("command", "timed_out"), [("echo no such chat >&2; exit 3", False), ("sleep 60", True), ("no-such-program", False)])
def test_a_command_that_fails_or_hangs_changes_nothing(world: Any, monkeypatch: pytest.MonkeyPatch, command: str, timed_out: bool) -> None:
    monkeypatch.setattr(notifying, "LIMIT", 0.2)
    assert execute(world, DILIGENT, "--notify", command).code == 0
    assert world.states() == {"1.1": "merged"} and world.state.outcome == "completed"
    (job,) = notified(world).values()
    ended = job.result()
    assert ended is not None and ended.code != 0 and ended.timed_out is timed_out
    assert timed_out or job.tail(), "what it printed is in its log"
    shown = " ".join(world.door("run", "status").out.split())
    assert "the --notify command failed: " + ("not done within 0.2 s" if timed_out else "exit code ") in shown and str(job.log) in shown.replace(" ", "")


def test_a_notice_that_got_through_is_not_spoken_of(world: Any) -> None:
    assert execute(world, DILIGENT, "--notify", "true").code == 0
    notified(world)
    assert world.door("run", "status", "--json").json["data"]["unheard"] == ""


def test_a_session_is_told_each_question_once(world: Any, tmp_path: Path) -> None:
    told = tmp_path / "told"
    world.begin(notify=f'echo "$MAESTRO_EVENT $MAESTRO_QUESTION" >> {told}')
    world.next()
    world.next()
    assert len(notified(world)) == 1
    assert [line.split()[:2] for line in lines(told, 1)] == [["question", "start"]]
    world.answer("start", "start")
    world.pause("lunch")
    world.next()
    assert [line.split()[:2] for line in lines(told, 3)] == [["pause"], ["question", "mode"], ["question", "start"]]


def test_a_question_that_comes_up_again_after_another_try_is_told_again(world: Any, tmp_path: Path) -> None:
    told = tmp_path / "told"
    world.start(notify=f'echo "$MAESTRO_EVENT $MAESTRO_QUESTION" >> {told}')
    for number in (1, 2):
        world.fail(f"auth/1.1/{number}", "which one?", "unclear-spec")
        world.next()
        world.next()
        if number == 1:
            world.answer("failed-1.1", "retry")
    assert [line for line in lines(told, 4) if "failed" in line] == ["question failed-1.1"] * 2


def test_words_of_a_plan_are_data(world: Any, tmp_path: Path) -> None:
    """The command is the user's; what the plan says reaches it in variables, which no shell evaluates."""
    world.edit("Make a", f"Make $(touch {tmp_path}/hacked) `touch {tmp_path}/hacked` a")
    told = tmp_path / "told"
    assert execute(world, "exit 3", "--notify", f'echo "$MAESTRO_MESSAGE" >> {told}').code == 8
    assert any("$(touch" in line for line in lines(told, 2))
    assert not (tmp_path / "hacked").exists()


def test_without_the_option_nothing_is_started(world: Any) -> None:
    assert execute(world, DILIGENT).code == 0
    assert notified(world) == {}
