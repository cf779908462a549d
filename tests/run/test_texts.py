"""Small words with consequences: commit messages, literal commands, quota, percentages."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from builders import commit, tip
from maestro.git.runner import Git
from maestro.models.run import Driver, PhaseRun, RunState, TaskRun, TaskState
from maestro.models.schedule import Mode
from maestro.models.settings import Settings
from maestro.run import commands
from maestro.run.commands import command, spell
from maestro.run.commits import bookkeeping_message, find_task_commit, foreign_commits, only_bookkeeping, printable, task_message
from maestro.run.ours import FOLDERS
from maestro.run.progress import percent, progress_of, tasks_of
from maestro.run.quota import looks_like_quota
from support import git


def state_with(*tasks: TaskRun, **settings: str) -> RunState:
    state = RunState("auth-abc", "auth", Settings(mode=Mode.PARALLEL, **settings), Driver(""), "/x", "0" * 40, "2025-02-19T12:00:00.000Z")  # type: ignore[arg-type]
    state.tasks = {task.id: task for task in tasks}
    return state


# --- commits


def test_a_task_commit_says_what_where_and_by_which_run() -> None:
    message = task_message(state_with(), TaskRun("1.1", "Create the user table", "1"), "Adds the table.\nAnd its index.")
    assert message == "feat(auth): Create the user table\n\nAdds the table.\nAnd its index.\n\nMaestro-Track: auth\nMaestro-Task: 1.1\nMaestro-Run: auth-abc\n"


@pytest.mark.parametrize(("kind", "prefix"), [("bug", "fix"), ("chore", "chore"), ("Feature!", "feat"), ("refactor", "refactor")])
def test_the_tracks_type_gives_the_commits_type(kind: str, prefix: str) -> None:
    assert task_message(state_with(type=kind), TaskRun("1.1", "T", "1"), "").startswith(f"{prefix}(auth): T\n")


def test_a_long_title_is_cut_in_the_subject_and_whole_in_the_body() -> None:
    title = "word " * 40 + "end"
    subject, _, rest = task_message(state_with(), TaskRun("1.1", title, "1"), "").partition("\n")
    assert len(subject) <= 72 and subject.endswith("…") and rest.strip().startswith("word word") and "end\n" in rest


def test_a_summary_stays_out_where_the_workflow_keeps_it_elsewhere() -> None:
    for storage in ("git-notes", "none"):
        assert "secret" not in task_message(state_with(summary_storage=storage), TaskRun("1.1", "T", "1"), "secret")


HOSTILE = ["$(id)", "`id`", "a\nMaestro-Task: 9.9", "x\r\ny", "\x1b[31mred", "\u202egnitset", "-m x", "# comment", "a\0b", "  ", "日本語 🎉", r"\g<0> $1"]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_only_text(title: str, repository: Path) -> None:
    state, task = state_with(), TaskRun("1.1", title, "1")
    message = task_message(state, task, f"{title}\n\nMaestro-Run: other")
    assert message.partition("\n")[0].startswith("feat(auth): ") and not set("\x1b\u202e\0\r") & set(message)
    before = tip(repository)
    (repository / "x").write_text("x")
    git(repository, "add", "x")
    git(repository, "commit", "--quiet", "--cleanup=whitespace", "--message", message)
    assert find_task_commit(Git(repository), state, task, before, tip(repository)) == tip(repository)
    assert find_task_commit(Git(repository), state, TaskRun("9.9", "T", "1"), before, tip(repository)) is None, "a title cannot claim another task"


def test_a_commit_is_recognised_by_task_and_run_and_only_since_its_base(repository: Path) -> None:
    state, task, begin = state_with(), TaskRun("1.1", "T", "1"), tip(repository)
    done = commit(repository, {"a": "1"}, task_message(state, task, ""))
    commit(repository, {"b": "1"}, task_message(state, TaskRun("1.10", "T", "1"), ""))
    assert find_task_commit(Git(repository), state, task, begin, tip(repository)) == done
    assert find_task_commit(Git(repository), state, task, done, tip(repository)) is None
    other = state_with()
    other.run = "auth-def"
    assert find_task_commit(Git(repository), other, task, begin, tip(repository)) is None


def test_only_commits_that_the_run_did_not_make_are_foreign(repository: Path) -> None:
    state, begin = state_with(), tip(repository)
    commit(repository, {"a": "1"}, task_message(state, TaskRun("1.1", "T", "1"), ""))
    commit(repository, {"b": "1"}, bookkeeping_message(state, "wave 1"))
    users = commit(repository, {"c": "1"}, "By hand")
    assert foreign_commits(Git(repository), state, begin) == [users]


def test_only_bookkeeping_means_nothing_outside_our_folders(repository: Path) -> None:
    begin = tip(repository)
    one = commit(repository, {".maestro/tracks.md": "1", ".beads/x": "1"})
    two = commit(repository, {".maestro.txt": "1"})

    def ours(old: str, new: str, *more: str) -> bool:
        return only_bookkeeping(Git(repository), old, new, (*FOLDERS, *more))

    assert ours(begin, one) and ours(one, one)
    assert not ours(begin, two) and not ours(two, begin)
    assert ours(begin, two, ".maestro.txt/"), "a plan that was adopted where it stands"


def test_printable_is_one_line_without_tricks() -> None:
    assert printable(" a\t b\u2028c\x00d\u200ee \n") == "a b cde"


# --- commands


def test_commands_can_be_typed_as_they_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    words = shlex.split(command("run", "fail", "auth/1 ;$(id)/1", "--reason", "it's"))
    assert (
        words[-4:] == ["fail", "auth/1 ;$(id)/1", "--reason", "it's"] and words[0] == "python3" and Path(words[1]).name == "run.py" and Path(words[1]).exists()
    )


def test_commands_are_spelled_as_the_caller_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/usr/local/bin/maestro", "run"])
    commands._door.cache_clear()
    try:
        assert command("run", "next") == "maestro run next"
        assert spell("Call `run.py next`, not run.py; `worktree.py` too; `other.py x` stays.") == (
            "Call `maestro run next`, not run.py; `maestro worktree` too; `other.py x` stays."
        )
    finally:
        commands._door.cache_clear()


# --- quota


@pytest.mark.parametrize(
    "output",
    [
        "Error: 429 Too Many Requests",
        "rate_limit_error: slow down",
        "Claude usage limit reached. Your limit will reset at 5pm",
        "You exceeded your current quota: insufficient_quota",
        "API Error: 529 overloaded_error",
        "Credit balance is too low",
    ],
)
def test_a_used_up_quota_is_told_from_failing_work(output: str) -> None:
    assert looks_like_quota(output)


@pytest.mark.parametrize("output", ["", "AssertionError: 4290 != 1", "3 failed, 429000 passed", "TypeError in quota.py", "the limit of recursion", "line 1429"])
def test_failing_work_is_not_taken_for_a_quota(output: str) -> None:
    assert not looks_like_quota(output)


# --- progress


def test_a_hundred_percent_means_all() -> None:
    assert [percent(done, 7) for done in (0, 1, 6, 7)] == [0, 14, 85, 100]
    assert percent(0, 0) == 100 and percent(199, 200) == 99


def test_progress_per_wave_and_overall() -> None:
    tasks = [
        TaskRun("1.1", "A", "1", TaskState.MERGED, sha="abcdef123456"),
        TaskRun("1.2", "B", "1", TaskState.SKIPPED),
        TaskRun("1.3", "C", "1", TaskState.FAILED),
    ]
    tasks += [TaskRun("1.4", "D", "1", TaskState.WAITING, held="1.1 changes x"), TaskRun("2.1", "E", "2", TaskState.REPORTED)]
    state = state_with(*tasks)
    state.phases = {"1": PhaseRun("1", "One", waves=[["1.1", "1.2"], ["1.3", "1.4", "gone"]]), "2": PhaseRun("2", "Two")}
    progress = progress_of(state)
    assert (progress.done, progress.total, progress.running, progress.failed, progress.percent) == (2, 5, 1, 1, 40)
    assert [(wave.wave, wave.done, wave.total, wave.percent) for wave in progress.waves] == [(1, 2, 2, 100), (2, 0, 2, 0)]
    assert [(task.id, task.state, task.sha, task.reason) for task in tasks_of(state)][0:4:3] == [
        ("1.1", "merged", "abcdef1", ""),
        ("1.4", "held", "", "1.1 changes x"),
    ]
