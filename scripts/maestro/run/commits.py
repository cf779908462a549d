"""The words of the commits that a run makes, and how it recognises them again."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from maestro.git.runner import Git
from maestro.models.run import RunState, TaskRun
from maestro.run.ours import is_ours

TYPES = {
    "feature": "feat",
    "bug": "fix",
    "bugfix": "fix",
    "fix": "fix",
    "chore": "chore",
    "refactor": "refactor",
    "docs": "docs",
    "test": "test",
    "perf": "perf",
}
SUBJECT = 72
"""Characters of a subject line, the usual width."""

BOOKKEEPING = "Maestro-Bookkeeping"


def task_message(state: RunState, task: TaskRun, summary: str) -> str:
    """One atomic commit's message: a conventional subject, the worker's summary where the workflow keeps it in the body, trailers with track, task and run."""
    title = printable(task.title)
    subject = f"{TYPES.get(state.settings.type, 'feat')}({state.track}): {title}"
    parts = [subject if len(subject) <= SUBJECT else subject[: SUBJECT - 1].rstrip() + "…"]
    if len(subject) > SUBJECT:
        parts.append(title)
    if summary and state.settings.summary_storage == "commit-body":
        parts.append("\n".join(printable(line) for line in summary.splitlines()).strip())
    trailers = [f"Maestro-Track: {state.track}", f"Maestro-Task: {printable(task.id)}", f"Maestro-Run: {state.run}"]
    return "\n\n".join([*parts, "\n".join(trailers)]) + "\n"


def revert_message(state: RunState, task: TaskRun) -> str:
    """Names the commit that is taken back, as `git revert` does, and carries the run's trailer, so that it counts as ours."""
    subject = f"revert({state.track}): {printable(task.title)}"
    trailers = f"Maestro-Track: {state.track}\nMaestro-Undone: {printable(task.id)}\nMaestro-Run: {state.run}\n"
    return f"{subject[:SUBJECT]}\n\nThis reverts commit {task.sha}.\n\n{trailers}"


def bookkeeping_message(state: RunState, what: str) -> str:
    return f"chore({state.track}): {what}\n\n{BOOKKEEPING}: {state.run}\n"


def since_then(since: str | None) -> str:
    """The commits of HEAD that are not in `since`, in git's words; all of them without it."""
    return f"{since}..HEAD" if since else "HEAD"


def find_task_commit(git: Git, state: RunState, task: TaskRun, since: str | None, tip: str) -> str | None:
    """The commit of this task and run between the commits `since` and `tip`, recognised by its trailers; None when there is none."""
    wanted = printable(task.id)
    return next((sha for sha, tasks, runs in _trailers(git.cwd, since, tip) if wanted in tasks and state.run in runs), None)


@lru_cache(maxsize=8)
def _trailers(cwd: Path, since: str | None, tip: str) -> tuple[tuple[str, list[str], list[str]], ...]:
    """The commits between two, each with the tasks and runs that its trailers name. Commits never change: each pair is asked for once in a process."""
    layout = "%H%x1f%(trailers:key=Maestro-Task,valueonly,separator=%x1e)%x1f%(trailers:key=Maestro-Run,valueonly,separator=%x1e)"
    found = []
    for record in Git(cwd).lines_z("log", "-z", f"--format={layout}", f"{since}..{tip}" if since else tip):
        sha, _, rest = record.partition("\x1f")
        tasks, _, runs = rest.partition("\x1f")
        found.append((sha, tasks.split("\x1e"), runs.split("\x1e")))
    return tuple(found)


@lru_cache(maxsize=8)
def commits_between(cwd: Path, since: str, tip: str) -> frozenset[str]:
    """The commits that `tip` contains and `since` does not; all of them where `since` is no more. Each pair is asked for once in a process."""
    git = Git(cwd)
    found = git.run("rev-list", "--end-of-options", f"{since}..{tip}", check=False)
    return frozenset((found.text if found.code == 0 else git.text("rev-list", "--end-of-options", tip)).split())


def merged_since(git: Git, state: RunState, since: str) -> list[TaskRun]:
    """The tasks whose commits came onto the branch after `since`: what a worker who began there did not see."""
    commits = set(git.text("rev-list", "--end-of-options", f"{since}..HEAD").split())
    return [task for task in state.tasks.values() if task.sha in commits]


def foreign_commits(git: Git, state: RunState, since: str) -> list[str]:
    """Commits between `since` and HEAD that this run did not make."""
    layout = f"%H%x1f%(trailers:key=Maestro-Run,valueonly,separator=%x1e)%x1f%(trailers:key={BOOKKEEPING},valueonly,separator=%x1e)"
    found = []
    for record in git.lines_z("log", "-z", f"--format={layout}", f"{since}..HEAD"):
        sha, _, rest = record.partition("\x1f")
        runs, _, books = rest.partition("\x1f")
        if state.run not in runs.split("\x1e") and state.run not in books.split("\x1e"):
            found.append(sha)
    return found


def only_bookkeeping(git: Git, old: str, new: str, ours: tuple[str, ...]) -> bool:
    """True when nothing but what is ours differs between two commits."""
    paths = git.lines_z("diff-tree", "-r", "-z", "--name-only", "--no-renames", old, new) if old != new else []
    return all(is_ours(path, ours) for path in paths if path)


def printable(text: str) -> str:
    """The text on one line without control and direction characters: a title is data, it must not change how a log reads."""
    kept = (" " if character.isspace() else character for character in text if unicodedata.category(character) not in ("Cc", "Cf") or character.isspace())
    return " ".join("".join(kept).split())
