"""What machines do: full disks, hooks that are slow or say no, programs that hang, clocks that jump, users who do not wait."""

from __future__ import annotations

import errno
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import hook
from headless import PLAN, WORKER, Ended, Project, hurry, in_child, litter, look, make, with_slow
from maestro import files
from maestro.errors import Locked
from maestro.models.schedule import Mode
from support import git, load_beside, write
from waiting import wait_for, wait_for_line, wait_until_gone

made = load_beside(str(Path(__file__).parent), "worlds")

FILES = [".gitignore", "src/app.py", "src/hashing.py", "src/user.py"]


def drive(project: Project, before: Callable[[], object] = lambda: None, name: str = "log", orders: dict[str, object] | None = None) -> Ended:
    """The run in a child process, which says how it ended."""

    def work() -> None:
        hurry()
        before()
        os.write(2, project.drive(orders).encode())

    return in_child(work, project.root.with_name(name))


def all_is_done(project: Project) -> None:
    """Three tasks, three commits, nothing left over."""
    left = look(project)
    assert left.outcome == "completed"
    assert sorted(task for _, task, _ in left.commits if task) == ["1.1", "1.2", "1.3"]
    assert {line.rpartition("\t")[2] for line in left.files} >= set(FILES)
    assert [entry for entry in left.litter if not entry.startswith("refs/maestro/")] == []


def only_once(folder: Path, what: str) -> Path:
    """A `git` that fails, hangs or says something the first time a command is called (`what` is shell, `$command` its name), and is the real one otherwise."""
    program = folder / "bin" / "git"
    program.parent.mkdir()
    write(folder, {"bin/git": ONCE.format(real=shutil.which("git"), marker=folder / "done", what=what)})
    program.chmod(0o755)
    return program.parent


ONCE = """\
#!/bin/sh
for command do case $command in --no-pager|-c|*=*) ;; *) break ;; esac; done
if [ ! -e {marker} ]; then {what}; fi
exec {real} "$@"
"""


@pytest.mark.parametrize("command", with_slow(["worktree", "update-ref", "write-tree", "read-tree", "commit", "merge"], "commit", "merge"))
def test_a_disk_that_is_full_for_git_stops_the_run_and_it_goes_on_later(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make(tmp_path / "project")
    full = f"case $command in {command}) touch {tmp_path}/done; echo 'fatal: write error: No space left on device' >&2; exit 128 ;; esac"
    monkeypatch.setenv("PATH", f"{only_once(tmp_path, full)}:{os.environ['PATH']}")
    drive(project)
    assert (tmp_path / "done").exists()
    ended = drive(project)
    assert ended.code == 0, ended.said
    all_is_done(project)


@pytest.mark.parametrize("nth", [1, 9, 25])
def test_a_disk_that_is_full_for_the_journal_stops_before_the_next_effect(nth: int, tmp_path: Path) -> None:
    """What could not be written down is not done; and half a line is not read."""
    project = make(tmp_path / "project")
    write_line, count = files.append_line, 0

    def full(path: Path, line: str) -> None:
        nonlocal count
        count += 1
        if count == nth:
            with open(path, "ab") as stream:
                stream.write(line.encode()[: len(line) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write_line(path, line)

    def break_it() -> None:
        from maestro.run import journal

        journal.append_line = full  # type: ignore[assignment]

    path = project.root / ".git/maestro"
    path.mkdir()
    (path / "auth").mkdir()
    stopped = drive(project, break_it)
    assert stopped.code == 70 and "No space left" in stopped.said
    ended = drive(project)
    assert ended.code == 0, ended.said
    all_is_done(project)


def test_a_plan_that_cannot_be_written_is_told_and_stops_nothing(tmp_path: Path) -> None:
    project = make(tmp_path / "project")
    told: list[str] = []

    def read_only() -> None:
        from maestro.run import bookkeeping

        rewrite = bookkeeping.rewrite_text

        def refuse(path: Path, change: Callable[[str], str], shown: str | None = None) -> bool:
            if path.name == "plan.md":
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return rewrite(path, change, shown)

        bookkeeping.rewrite_text = refuse  # type: ignore[assignment]

    ended = drive(project, read_only, orders={"tell": lambda line: os.write(2, f"{line}\n".encode())})
    assert ended.said.endswith("completed"), ended.said
    assert "markers could not be written: .maestro/tracks/auth/plan.md: Permission denied" in ended.said
    assert "[x]" not in project.plan.read_text() and told == []


def test_files_that_are_read_only_are_changed_by_tasks_all_the_same(tmp_path: Path) -> None:
    """git replaces files; the mode of one says nothing about its folder."""
    project = make(tmp_path / "project")
    (project.root / "src/app.py").chmod(0o444)
    assert drive(project).said.endswith("completed")
    all_is_done(project)


def test_signals_that_interrupt_system_calls_lose_nothing(tmp_path: Path) -> None:
    project = make(tmp_path / "project")

    def pester() -> None:
        signal.signal(signal.SIGALRM, lambda number, frame: None)
        signal.setitimer(signal.ITIMER_REAL, 0.003, 0.003)

    ended = drive(project, pester)
    assert ended.said.endswith("completed"), ended.said
    all_is_done(project)


def test_hooks_that_take_long_are_waited_for(tmp_path: Path) -> None:
    """Once slow is enough: get-shit-done killed the merge after 10 seconds and left the index staged."""
    project = make(tmp_path / "project")
    for name in ("pre-commit", "commit-msg", "post-commit", "post-merge", "post-checkout", "reference-transaction"):
        hook(project.root, name, f"[ -e {tmp_path}/{name} ] && exit 0\ntouch {tmp_path}/{name}\nsleep 0.5")
    ended = drive(project)
    assert ended.said.endswith("completed"), ended.said
    all_is_done(project)


@pytest.mark.slow
def test_a_hook_that_takes_twelve_seconds_is_waited_for(tmp_path: Path) -> None:
    project = make(tmp_path / "project")
    hook(project.root, "pre-commit", f"[ -e {tmp_path}/slow ] && exit 0\ntouch {tmp_path}/slow\nsleep 12")
    assert drive(project).said.endswith("completed")
    all_is_done(project)


def test_hooks_that_fail_afterwards_change_nothing(tmp_path: Path) -> None:
    project = make(tmp_path / "project")
    for name in ("post-commit", "post-merge", "post-checkout"):
        hook(project.root, name, "echo no >&2\nexit 1")
    assert drive(project).said.endswith("completed")
    all_is_done(project)


@pytest.mark.parametrize("name", with_slow(["pre-commit", "commit-msg", "prepare-commit-msg"], "pre-commit"))
def test_a_hook_that_refuses_stops_the_task_with_its_words_and_mended_the_run_goes_on(name: str, tmp_path: Path) -> None:
    project = make(tmp_path / "project")
    refusing = hook(project.root, name, "echo 'not on a Friday' >&2\nexit 1")
    before = git(project.root, "rev-parse", "HEAD")
    ended = drive(project)
    assert ended.said.endswith("blocked"), ended.said
    assert "not on a Friday" in project.state.tasks["1.1"].reason
    assert git(project.root, "rev-parse", "HEAD") == before and git(project.root, "diff", "--cached", "--name-only") == ""
    refusing.unlink()
    assert drive(project).said.endswith("completed")
    all_is_done(project)


@pytest.mark.parametrize("listens", [True, False], ids=["that listens", "that is deaf"])
def test_a_git_that_hangs_is_ended_with_its_driver_and_the_run_goes_on(listens: bool, tmp_path: Path, hanging: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = make(tmp_path / "project")
    deaf = "" if listens else "trap '' TERM; "
    hang = f"case $command in commit) {deaf}touch {tmp_path}/done; echo $$ > {hanging}; while :; do sleep 0.1; done ;; esac"
    monkeypatch.setenv("PATH", f"{only_once(tmp_path, hang)}:{os.environ['PATH']}")

    def stop_when_it_hangs() -> None:
        from maestro.git import runner

        runner._GRACE = 0.3
        driver = os.getpid()
        if os.fork() == 0:
            wait_for_line(hanging)
            os.kill(driver, signal.SIGTERM)
            os._exit(0)

    stopped = drive(project, stop_when_it_hangs)
    assert "KeyboardInterrupt" in stopped.said
    wait_until_gone(hanging.read_text())
    assert drive(project).said.endswith("completed")
    all_is_done(project)


def test_a_worker_that_forks_and_never_ends_is_ended_with_its_children(tmp_path: Path) -> None:
    endless = f"if [ $MAESTRO_TASK.$MAESTRO_ATTEMPT = 1.2.1 ]; then (while :; do sleep 0.1; done) & echo $! $$ > {tmp_path}/pids; wait; fi\n"
    project = make(tmp_path / "project", worker=endless + WORKER)
    assert drive(project, orders={"worker_timeout": 3.0}).said.endswith("completed")
    assert project.state.tasks["1.2"].attempts[0].failure == "timeout"
    wait_until_gone(*(tmp_path / "pids").read_text().split())
    all_is_done(project)


def test_a_worker_that_does_nothing_at_all_is_ended(tmp_path: Path) -> None:
    idle = "if [ $MAESTRO_TASK.$MAESTRO_ATTEMPT = 1.2.1 ]; then while :; do sleep 0.1; done; fi\n"
    project = make(tmp_path / "project", worker=idle + WORKER)
    assert drive(project, orders={"idle_timeout": 3.0}).said.endswith("completed")
    assert "idle" in project.state.tasks["1.2"].attempts[0].reason
    all_is_done(project)


@pytest.mark.slow
def test_children_that_outlive_their_worker_do_not_write_into_the_next_step(tmp_path: Path) -> None:
    late = "(while :; do echo late > src/late.py; sleep 0.01; done) &\n"
    project = make(tmp_path / "project", worker=late + WORKER + "rm -f src/late.py\n")
    ended = drive(project)
    assert "completed" in ended.said or "blocked" in ended.said
    assert [entry for entry in litter(project) if entry.startswith("running")] == []


def test_a_clock_that_is_set_back_changes_no_order(tmp_path: Path) -> None:
    project = make(tmp_path / "project")

    def jump() -> None:
        from maestro import clock

        moments = iter(f"2025-02-19T{23 - number // 8:02}:59:59.000Z" for number in range(180))
        clock.now = lambda: next(moments, "2025-02-19T00:00:00.000Z")  # type: ignore[assignment]

    assert drive(project, jump).said.endswith("completed")
    all_is_done(project)
    state = project.state
    assert state.tasks["1.3"].merged_at > max(state.tasks["1.1"].merged_at or "", state.tasks["1.2"].merged_at or "")  # type: ignore[operator]
    assert f"[checkpoint: {state.tasks['1.3'].sha[:7]}]" in project.plan.read_text()


def test_two_drivers_at_once_are_one_driver_and_one_refusal(tmp_path: Path) -> None:
    project = make(tmp_path / "project", worker=f"touch {tmp_path}/working; while [ ! -e {tmp_path}/go ]; do sleep 0.01; done\n{WORKER}")

    def both() -> None:
        hurry()
        if os.fork() == 0:
            wait_for((tmp_path / "working").exists, "a worker at work")
            try:
                project.drive()
            except Locked as error:
                (tmp_path / "refused").write_text(error.slug)
            (tmp_path / "go").touch()
            os._exit(0)
        os.write(2, project.drive().encode())

    assert in_child(both, tmp_path / "log").said.endswith("completed")
    assert (tmp_path / "refused").read_text() == "driver-alive"
    all_is_done(project)


def test_the_garbage_collector_in_the_middle_finds_nothing_to_collect(tmp_path: Path) -> None:
    """Whatever a run has made is held by a ref or a worktree between any two of its steps. Within a step git's own grace of two weeks has to hold it."""
    project = make(tmp_path / "project")
    hook(project.root, "post-commit", f"env -u GIT_INDEX_FILE -u GIT_DIR git -C {project.root} -c gc.reflogExpire=now gc --quiet --prune=now")
    between = f"flock {project.home.folder}/lock git -C {project.root}"
    prune = f"{between} reflog expire --expire=now --all; {between} prune --expire=now\n"
    collecting = Project(project.root, project.worker + prune, project.mode)
    assert drive(collecting).said.endswith("completed")
    all_is_done(project)
    assert "error" not in git(project.root, "fsck", "--full")


@pytest.mark.parametrize("mode", [Mode.PARALLEL, Mode.SINGLE])
def test_a_user_who_commits_while_a_worker_works_keeps_that_commit(mode: Mode, tmp_path: Path) -> None:
    commit = f"cd {tmp_path}/project && echo mine > notes.txt && git add notes.txt && git commit --quiet -m 'My notes' -- notes.txt"
    project = make(tmp_path / "project", worker=f"{WORKER}[ $MAESTRO_TASK != 1.2 ] || ({commit})\n", mode=mode)
    ended = drive(project)
    if mode is Mode.PARALLEL:
        assert ended.said.endswith("completed"), ended.said
        all_is_done(project)
    else:
        assert ended.said.endswith("blocked"), "whose commit it is, only a person knows"
        assert [question.kind for question in project.state.open_questions] == ["foreign-commits"]
    assert "My notes" in git(project.root, "log", "--format=%s") and (project.root / "notes.txt").read_text() == "mine\n"


def test_a_file_of_the_user_in_the_way_is_never_overwritten(tmp_path: Path) -> None:
    project = make(tmp_path / "project", worker=f"{WORKER}[ $MAESTRO_TASK != 1.2 ] || echo mine > {tmp_path}/project/src/hashing.py\n")
    assert drive(project).said.endswith("blocked")
    assert (project.root / "src/hashing.py").read_text() == "mine\n"
    (project.root / "src/hashing.py").unlink()
    assert drive(project).code == 0


def test_another_branch_checked_out_in_the_middle_stops_the_run_and_back_it_goes_on(tmp_path: Path) -> None:
    away = f"[ $MAESTRO_TASK != 1.2 ] || git -C {tmp_path}/project switch --quiet -c elsewhere\n"
    project = make(tmp_path / "project", worker=WORKER + away)
    stopped = drive(project)
    assert "wrong-branch" in stopped.said or "elsewhere is checked out" in stopped.said
    assert git(project.root, "log", "--format=%s", "elsewhere") == "Begin"
    git(project.root, "switch", "--quiet", "main")
    git(project.root, "branch", "--quiet", "-D", "elsewhere")
    assert drive(project).said.endswith("completed")
    all_is_done(project)


def test_a_lock_that_a_dead_git_left_in_the_checkout_is_named_and_removed_by_the_user(tmp_path: Path) -> None:
    project = make(tmp_path / "project", worker=f"{WORKER}touch {tmp_path}/project/.git/index.lock\n")

    def impatient() -> None:
        from maestro.git import patience

        patience.INDEX_TIMEOUT = 0.1

    stopped = drive(project, impatient)
    assert "Another git process holds the index" in stopped.said
    (project.root / ".git/index.lock").unlink()
    again = Project(project.root, WORKER, project.mode)
    ended = drive(again)
    assert ended.said.endswith("completed"), ended.said
    all_is_done(project)


@pytest.mark.slow
def test_plans_of_any_size_end(tmp_path: Path) -> None:
    """Not only three tasks: twelve that do not meet, three at a time."""
    tasks = "\n".join(f"### Task 1.{number}: Make part {number}\n- [ ] Create `src/part{number}.py`\n" for number in range(1, 13))
    project = make(tmp_path / "project", PLAN.partition("### Task")[0] + tasks, worker="echo $MAESTRO_TASK > src/part${MAESTRO_TASK#1.}.py\n")
    ended = drive(project)
    assert ended.said.endswith("completed"), ended.said
    assert len(look(project).files) == 14
