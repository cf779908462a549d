"""What is asked about one task."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from maestro.counting import plural
from maestro.errors import MaestroError
from maestro.models.run import Attempt, FailureClass, Option, Question, RunState, TaskRun
from maestro.run.commits import merged_since
from maestro.run.context import Context
from maestro.run.questions.asking import by_hand
from maestro.run.scheduling import covers

if TYPE_CHECKING:
    from maestro.git.trial import ConflictFile
    from maestro.run.holding import Held


def held_id(task: TaskRun, attempt: Attempt) -> str:
    return f"held-{task.id}-{attempt.number}"


def held(context: Context, task: TaskRun, attempt: Attempt, changes: Sequence[Held]) -> Question:
    listed = "; ".join(f"{change.path} ({change.why})" for change in changes[:10]) + ("; …" if len(changes) > 10 else "")
    return Question(
        held_id(task, attempt),
        "held",
        f"{task.id} ({task.title}) made changes that its text does not name: {listed}.",
        (
            Option("merge", "Merge them too", "everything the worker changed goes to the gate"),
            Option("leave-out", "Leave them out", "only the rest is merged; they stay under the task's private ref"),
            Option("retry", "Try again", "a new attempt without them"),
        ),
        task=task.id,
        context={
            "tasks": [task.id],
            "files": [{"path": change.path, "lines": [], "why": change.why} for change in changes],
            "branch": attempt.branch,
            "worktree": attempt.worktree,
            "diff": f"git diff {attempt.base} {attempt.snapshot}",
        },
    )


def strayed_id(task: TaskRun, attempt: Attempt) -> str:
    return f"strayed-{task.id}-{attempt.number}"


def strayed(task: TaskRun, attempt: Attempt, where: str) -> Question:
    return Question(
        strayed_id(task, attempt),
        "strayed",
        f"The worker of {task.id} ({task.title}) left its worktree on {where} instead of {attempt.branch}: its files may not be this task's work alone.",
        (
            Option("merge", "Take its files as they are", "what differs from the task's base is looked at and tested as usual"),
            Option("retry", "Try again", "a new attempt; the work stays under the task's private ref"),
        ),
        task=task.id,
        context={"tasks": [task.id], "branch": where, "worktree": attempt.worktree, "diff": f"git diff {attempt.base} {attempt.snapshot}"},
    )


def gone(task: TaskRun) -> Question:
    return Question(
        f"gone-{task.id}-{task.sha[:7]}",
        "gone",
        f"{task.id} ({task.title}) was merged as {task.sha[:7]}, but the branch does not contain that commit any more, nor what it changed.",
        (
            Option("again", "Do it again", "the task is open again and runs on what is there now"),
            Option("keep", "Leave it", "the task counts as done; somebody took its commit away on purpose"),
        ),
        task=task.id,
        context={"tasks": [task.id], "commit": task.sha},
    )


def conflict_id(task: TaskRun, attempt: Attempt) -> str:
    return f"conflict-{task.id}-{attempt.number}"


def conflict(context: Context, task: TaskRun, attempt: Attempt, conflicts: Iterable[ConflictFile], tip: str) -> Question:
    """Names both tasks: this one, and those whose commits since its base touched the same files."""
    files = list(conflicts)
    clashing = {file.path for file in files}
    others = [other.id for other in merged_since(context.git, context.state, attempt.base) if not clashing.isdisjoint(path for path, _ in other.real_paths)]
    scope = [entry for entry, _ in context.state.phases[task.phase].scopes.get(task.id, ())]
    strayed = bool(scope) and not any(covers(entry, file.path) for file in files for entry in scope)
    where = "; ".join(f"{file.path}" + (f" lines {', '.join(f'{a}-{b}' for a, b in file.lines)}" if file.lines else f" ({file.kind})") for file in files)
    return Question(
        conflict_id(task, attempt),
        "conflict",
        f"{task.id} conflicts with {', '.join(others) or 'what was committed meanwhile'} in {where}. Nothing was merged; its work is kept.",
        (
            Option("retry", "Sequential retry", "a new attempt on the merged base"),
            Option("resolve", "Resolve here", by_hand(context.state, "conflict", "resolve")),
            Option("skip", "Skip the task", "its work stays under its private ref"),
            *([Option("leave-out", "Leave these files out", "the task's text does not name them; the rest is merged")] if strayed else []),
        ),
        default="retry",
        unattended="retry",
        task=task.id,
        context={
            "tasks": [task.id, *others],
            "files": [{"path": file.path, "lines": [list(pair) for pair in file.lines]} for file in files],
            "branch": attempt.branch,
            "worktree": attempt.worktree,
            "onto": tip,
        },
    )


def in_the_way(context: Context, task: TaskRun, error: MaestroError) -> Question:
    return Question(
        f"in-the-way-{task.id}",
        "in-the-way",
        f"{task.id} is ready, but cannot be merged. {error.message} Nothing was touched.",
        (Option("again", "Try again", "after you moved or committed them"), Option("skip", "Skip the task", "its work stays under its private ref")),
        task=task.id,
        context={"tasks": [task.id], "hint": error.hint},
    )


def foreign_id(task: TaskRun, attempt: Attempt) -> str:
    return f"foreign-{task.id}-{attempt.number}"


def foreign(context: Context, task: TaskRun, attempt: Attempt, commits: Sequence[str]) -> Question:
    return Question(
        foreign_id(task, attempt),
        "foreign-commits",
        f"{plural(len(commits), 'commit')} appeared since {task.id} was dispatched that maestro did not make: {', '.join(sha[:7] for sha in commits[:5])}.",
        (
            Option("adopt", "They belong to the task", "the newest one counts as the task's commit when nothing else is left to commit"),
            Option("foreign", "They are somebody else's", "the task is committed on top of them"),
        ),
        default="adopt",
        task=task.id,
        context={"tasks": [task.id], "commits": list(commits)},
        ask="agent",
    )


def unclaimed_id(task: TaskRun, attempt: Attempt) -> str:
    return f"unclaimed-{task.id}-{attempt.number}"


def unclaimed(task: TaskRun, attempt: Attempt, paths: Sequence[str]) -> Question:
    listed = ", ".join(paths[:10]) + (", …" if len(paths) > 10 else "")
    return Question(
        unclaimed_id(task, attempt),
        "unclaimed",
        f"Changed in the shared checkout, and claimed by no running task: {listed}. Do these belong to {task.id} ({task.title})?",
        (Option("task", f"They belong to {task.id}", "they are committed with it"), Option("leave", "Leave them", "they stay uncommitted in the checkout")),
        task=task.id,
        context={"tasks": [task.id], "files": [{"path": path, "lines": []} for path in paths]},
        ask="agent",
    )


def technology_id(task: TaskRun, attempt: Attempt) -> str:
    return f"technology-{task.id}-{attempt.number}"


def technology(task: TaskRun, attempt: Attempt, names: Sequence[str]) -> Question:
    return Question(
        technology_id(task, attempt),
        "new-technology",
        f"{task.id} ({task.title}) brings in {', '.join(names)}, which tech-stack.md does not name.",
        (
            Option("accept", "Accept it", "the task is merged; name it in tech-stack.md"),
            Option("reject", "Not this", "a new attempt that does without"),
        ),
        task=task.id,
        context={"tasks": [task.id], "names": list(names)},
    )


def failed_id(task: TaskRun) -> str:
    return f"failed-{task.id}"


def failed(state: RunState, task: TaskRun, log: str) -> Question:
    from maestro.run.telling import in_short

    attempt = task.attempt
    failure = attempt.failure if attempt else ""
    asks = failure == FailureClass.UNCLEAR
    trouble = "asks:" if asks else f"failed after {plural(len(task.attempts), 'attempt')} (last: {failure}):"
    fixable = attempt is not None and attempt.snapshot and attempt.branch
    fixing = [Option("fix", "Fix it in place", by_hand(state, "failed", "fix"))] if fixable else []
    retry = Option("retry", "Try again", "with nothing new said" if asks else "up to three more attempts")
    explain = Option("explain", "Answer it" if asks else "Try again with your words", "the words go into the next attempt's brief")
    options = [
        *((explain, retry) if asks else (retry, explain)),
        *fixing,
        Option("skip", "Skip the task", "what depends on it starts without it"),
        Option("stop", "Stop the run", "everything is kept; resume later"),
    ]
    return Question(
        failed_id(task),
        "failed",
        f"{task.id} ({task.title}) {trouble} {in_short(task.reason)}".strip(),
        tuple(options),
        task=task.id,
        context={
            "tasks": [task.id],
            "files": [],
            "branch": attempt.branch if attempt else "",
            "worktree": attempt.worktree if attempt else "",
            "attempt": attempt.number if attempt else 0,
            "log": log,
            "reason": task.reason,
        },
    )
