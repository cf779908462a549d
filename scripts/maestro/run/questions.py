"""Every question a run can ask: its words, its answers, what happens with each, and what `--yes` may take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from maestro.errors import MaestroError
from maestro.git.merging import ConflictFile
from maestro.models.run import Attempt, GateRun, Option, PhaseRun, Question, RunState, TaskRun
from maestro.run.commands import command
from maestro.run.context import Context
from maestro.run.holding import Held
from maestro.run.scheduling import covers


def ask(context: Context, question: Question) -> None:
    """Put a question, once: one that is open already stays as it is."""
    known = context.state.questions.get(question.id)
    if known is not None and question.id not in context.state.answers:
        return
    context.record("question-asked", question=question_data(question))


def question_data(question: Question) -> dict[str, Any]:
    return asdict(question)


def with_commands(state: RunState, question: Question) -> Question:
    """The question with the literal command for each answer."""
    driver = ("--driver", state.driver.id) if state.driver.id and not state.driver.process else ()
    options = tuple(
        replace(option, command=command("run", "answer", question.id, option.id, *(("--text", "TEXT") if option.id in WANT_TEXT else ()), *driver))
        for option in question.options
    )
    return replace(question, options=options)


WANT_TEXT = ("issue", "command", "explain")
"""Answers that need words of their own."""


def no_registry(plans: Sequence[str]) -> Question:
    """Nothing is registered yet. `plans` are paths that look like plans."""
    found = f" These look like plans: {', '.join(plans)}." if plans else ""
    adopting = (
        Option(f"adopt-{number}", f"Adopt {path}", "it is registered as a track where it stands", command("tracks", "adopt", path))
        for number, path in enumerate(plans, 1)
    )
    drafting = Option(
        "draft", "Draft a plan", "with the user, as reference/drafting-a-plan.md says", command("tracks", "new", "--id", "ID", "--description", "TEXT", "PLAN")
    )
    return Question("no-registry", "no-registry", f"This repository has no tracks.{found} What should be executed?", (*adopting, drafting))


def start(track: str, summary: str) -> Question:
    return Question(
        "start",
        "start",
        f"Start the run of {track}? {summary}",
        (Option("start", "Start", "the first tasks begin"), Option("cancel", "Cancel", "nothing happens")),
        default="start",
        unattended="start",
    )


def mode_conflict(warning: str, requested: str) -> Question:
    return Question(
        "mode",
        "mode",
        warning,
        (
            Option("single", "Fall back to single-agent mode", "tasks run one after the other in this checkout"),
            Option("go-on", f"Go on with --{requested}", "the run starts as asked"),
        ),
        default="single",
        unattended="go-on",
    )


def test_command(suggestions: Sequence[tuple[str, str]]) -> Question:
    """`suggestions` are (command, why), the best first. Commands come from a person, so a found one is a proposal."""
    best = f" Found: `{suggestions[0][0]}` ({suggestions[0][1]})." if suggestions else ""
    options = [Option("use", f"Use `{command}`", "it must pass before any task reaches the branch") for command, _ in suggestions[:1]]
    options += [Option("command", "Another command", "give it with --text"), Option("none", "No tests", "tasks are merged untested, and the report says so")]
    return Question(
        "test-command",
        "test-command",
        f"Which command runs the project's tests?{best}",
        tuple(options),
        default="use" if suggestions else None,
        context={"suggestions": [{"command": command, "why": why} for command, why in suggestions]},
    )


def base_red(gate: GateRun) -> Question:
    return Question(
        "base-red",
        "base-red",
        "The tests fail before the first task, twice in a row. A task's own failure could not be told apart from this one.",
        (
            Option("stop", "Stop", "mend the tests first, then start again"),
            Option("no-test", "Go on without the gate", "tasks are merged untested"),
            Option("again", "Run them again", "after you mended them"),
        ),
        default="stop",
        context={"log": gate.log, "tail": gate.tail},
    )


def branch_choice(current: str, proposed: str) -> Question:
    return Question(
        "branch",
        "branch",
        f"You are on {current}, the repository's default branch. Where should the commits go?",
        (
            Option("here", f"Here, on {current}", "tasks are committed to this branch"),
            Option("new", f"On a new branch {proposed}", f"maestro runs `git switch -c {proposed}`, then starts"),
        ),
        default="here",
        unattended="here",
        context={"branch": current, "proposed": proposed},
    )


def unfinished(state: RunState) -> Question:
    done = sum(task.state.finished for task in state.tasks.values())
    return Question(
        "unfinished",
        "unfinished",
        f"Track {state.track} has an unfinished run ({done} of {len(state.tasks)} tasks done, last sign of life {state.last_event_at}).",
        (
            Option("resume", "Resume it", "goes on where it stopped", f"run.py start {state.track} --resume"),
            Option("abort", "End it", "unmerged branches stay; then start anew", f"run.py abort --track {state.track}"),
        ),
        default="resume",
        unattended="resume",
    )


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


def conflict_id(task: TaskRun, attempt: Attempt) -> str:
    return f"conflict-{task.id}-{attempt.number}"


def conflict(context: Context, task: TaskRun, attempt: Attempt, conflicts: Iterable[ConflictFile], tip: str) -> Question:
    """Names both tasks: this one, and those whose commits since its base touched the same files."""
    files = list(conflicts)
    others = [
        other.id
        for other in context.state.tasks.values()
        if other.sha and other.id != task.id and any(path == file.path for path, _ in other.real_paths for file in files)
    ]
    scope = [entry for entry, _ in context.state.phases[task.phase].scopes.get(task.id, ())]
    strayed = bool(scope) and not any(covers(entry, file.path) for file in files for entry in scope)
    where = "; ".join(f"{file.path}" + (f" lines {', '.join(f'{a}-{b}' for a, b in file.lines)}" if file.lines else f" ({file.kind})") for file in files)
    return Question(
        conflict_id(task, attempt),
        "conflict",
        f"{task.id} conflicts with {', '.join(others) or 'what was committed meanwhile'} in {where}. Nothing was merged; its work is kept.",
        (
            Option("retry", "Sequential retry", "a new attempt on the merged base"),
            Option("resolve", "Resolve here", "a scratch worktree holds the conflict; resolve it there, then `done`"),
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
        f"{task.id} is ready, but {error.message} Nothing was touched.",
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
        f"{len(commits)} commit(s) appeared since {task.id} was dispatched that maestro did not make: {', '.join(sha[:7] for sha in commits[:5])}.",
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
            Option("reject", "Not this", "a new attempt that does without; say what instead with --text"),
        ),
        task=task.id,
        context={"tasks": [task.id], "names": list(names)},
    )


def failed_id(task: TaskRun) -> str:
    return f"failed-{task.id}"


def failed(task: TaskRun, log: str) -> Question:
    attempt = task.attempt
    failure = attempt.failure if attempt else ""
    options = [
        Option("retry", "Try again", "up to three more attempts"),
        Option("explain", "Try again with your words", "give them with --text; they go into the brief"),
        Option("skip", "Skip the task", "what depends on it starts without it"),
        Option("stop", "Stop the run", "everything is kept; resume later"),
    ]
    return Question(
        failed_id(task),
        "failed",
        f"{task.id} ({task.title}) failed after {len(task.attempts)} attempt(s), last: {failure}. {_in_short(task.reason)}".strip(),
        tuple(options),
        task=task.id,
        context={
            "tasks": [task.id],
            "files": [],
            "branch": attempt.branch if attempt else "",
            "worktree": attempt.worktree if attempt else "",
            "log": log,
            "reason": task.reason,
        },
    )


def _in_short(reason: str) -> str:
    """The first and the last line of a reason: what happened, and usually why."""
    lines = [line.strip() for line in reason.strip().splitlines() if line.strip()]
    return " … ".join(dict.fromkeys([*lines[:1], *lines[-1:]]))[:300]


def verify_id(phase: PhaseRun) -> str:
    return f"verify-{phase.id}-{phase.rejections + 1}"


def verify(phase: PhaseRun, green: bool, words: str, commit: str) -> Question:
    return Question(
        verify_id(phase),
        "verify-phase",
        f"Phase {phase.id} ({phase.title}): {words} Is the phase verified?",
        (
            Option("verified", "Verified", "the phase gets its checkpoint"),
            Option("issue", "Found an issue", f"say it with --text; a fix task {phase.id}.fix{phase.rejections + 1} runs, then this is asked again"),
            Option("stop", "Stop here", "everything is kept; resume later"),
        ),
        default="verified" if green else None,
        unattended="verified" if green else None,
        phase=phase.id,
        context={"commit": commit},
    )


def coverage_id(phase: PhaseRun) -> str:
    return f"coverage-{phase.id}-{phase.rejections + 1}"


def coverage_low(phase: PhaseRun, percent: float, threshold: float) -> Question:
    return Question(
        coverage_id(phase),
        "coverage",
        f"Coverage is {percent:g} %, below the threshold of {threshold:g} %.",
        (
            Option("accept", "Accept it", "the phase goes on to its verification"),
            Option("issue", "Add tests", f"a fix task {phase.id}.fix{phase.rejections + 1} adds them; say which with --text"),
            Option("stop", "Stop here", "everything is kept; resume later"),
        ),
        phase=phase.id,
        context={"percent": percent, "threshold": threshold},
    )


def review(subject: str, words: str, commits: str, *, task: str | None = None) -> Question:
    """`subject` names what was finished in the question's id, `words` in the text, `commits` as a range or commit for the reviewer."""
    return Question(
        f"review-{subject}",
        "review",
        f"{words} is done. Run a hygienic code review of it before going on?",
        (
            Option("no", "No", "go on"),
            Option("yes", "Yes", "a review sub-agent inspects the changes; apply its feedback, then go on"),
            Option("never", "No, and do not ask again", "no more reviews in this run"),
        ),
        default="no",
        unattended="no",
        task=task,
        context={"commits": commits},
    )


def plan_changed(lines: Sequence[str]) -> Question:
    return Question(
        "plan-changed",
        "plan-changed",
        "The plan was edited in a way that cannot be followed by itself: " + "; ".join(lines) + ".",
        (
            Option("accept", "Take the plan as it is now", "removed tasks leave the run, new ones join it"),
            Option("stop", "Stop here", "mend the plan, then resume"),
        ),
        context={"changes": list(lines)},
    )


def cleanup(track: str) -> Question:
    return Question(
        "cleanup",
        "cleanup",
        f"Track {track} is complete. What happens to its folder?",
        (
            Option("keep", "Keep the folder", "it stays where it is"),
            Option("review", "Review first", "keeps it and names the review command"),
            Option("archive", "Archive the folder", f"moves it to .maestro/archive/{track}/"),
            Option("delete", "Delete the folder", "asks once more, then removes it; commits stay"),
        ),
        default="keep",
        unattended="keep",
    )


def cleanup_delete(track: str) -> Question:
    return Question(
        "cleanup-delete",
        "cleanup-delete",
        f"Really delete .maestro/tracks/{track}/? Its plan, spec and metadata go; git keeps what was committed.",
        (Option("keep", "Keep it", "nothing is deleted"), Option("delete", "Delete it", "the folder is removed")),
        default="keep",
        unattended="keep",
    )
