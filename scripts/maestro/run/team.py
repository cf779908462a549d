"""Team mode: several workers share the user's checkout, each with a claim on the paths of its task.

The orchestrator takes exactly the paths of a finished task, builds them onto HEAD in the integration worktree, tests them there and commits. What belongs to
workers that are still at it stays as it is.
"""

from __future__ import annotations

from maestro.errors import Conflict, Failed
from maestro.git.checkout import commit_tree_of
from maestro.git.diffs import FileChange, changes
from maestro.git.in_place import land_in_place
from maestro.git.snapshot import keep, snapshot_paths, take_snapshot
from maestro.git.trial import trial_merge
from maestro.models.run import Attempt, FailureClass, TaskRun
from maestro.run import questions
from maestro.run.commits import find_task_commit, foreign_commits, task_message
from maestro.run.context import Context
from maestro.run.failing import CHANGED_AFTER_ALL, fail_attempt
from maestro.run.gate import build_candidate
from maestro.run.holding import litter
from maestro.run.lying import listed
from maestro.run.merging import asked_about, gate_attempt, record_merged
from maestro.run.ours import is_ours
from maestro.run.pending import Pending
from maestro.run.scheduling import covers
from maestro.run.taking import record_taken, scope_of


def team_step(context: Context, task: TaskRun) -> Pending | None:
    """Bring a reported task one or more steps further, as `maestro.run.merging.merge_step` does for worktrees."""
    attempt = task.attempt
    tip = context.standing[1]
    assert attempt is not None and tip is not None
    done = find_task_commit(context.git, context.state, task, attempt.base, tip)
    if done is not None:
        if done == tip:
            _land(context, context.git.text("rev-parse", f"{done}^"), done)
        record_merged(context, task, attempt, done)
        return None
    foreign = [commit for commit in foreign_commits(context.git, context.state, attempt.base) if _concerns(context, task, commit)]
    if foreign and questions.foreign_id(task, attempt) not in context.state.answers:
        questions.ask(context, questions.foreign(context, task, attempt, foreign))
        return None
    if attempt.snapshot is None:
        return _take(context, task, attempt, tip)
    if attempt.snapshot == _adopted(context, task, attempt):  # a call that was killed had recorded it already
        record_merged(context, task, attempt, attempt.snapshot)
        return None
    if not attempt.accepted:
        _look(context, task, attempt)
        return None
    if attempt.candidate is None or attempt.candidate_parent != tip:
        _build(context, task, attempt, tip)
        return None
    verdict = gate_attempt(context, task, attempt, attempt.candidate)
    if verdict is None or isinstance(verdict, Pending):
        return verdict
    try:
        _land(context, tip, attempt.candidate)
    except Conflict:
        return None
    record_merged(context, task, attempt, attempt.candidate)
    return None


def claims(context: Context, task: TaskRun) -> tuple[str, ...]:
    """The paths that a task may change: its scope, and what it or its worker reported as needed; of one that mends its phase, what that phase changed."""
    declared = [path for path, _ in context.state.phases[task.phase].scopes.get(task.id, ())]
    found = [entry.path for entry in context.state.discoveries if entry.task == task.id and entry.path]
    phase = [other for other in context.state.tasks.values() if task.fix_text and other.phase == task.phase and other.id != task.id and other.sha]
    mended = [path for other in phase for path, _ in other.real_paths]
    attempt = task.attempt
    reported = [entry["path"] for entry in (attempt.report.get("discovered") or () if attempt else ()) if entry.get("path")]
    adopted = _unclaimed(context, questions.unclaimed_id(task, attempt), "task") if attempt else []
    return tuple(dict.fromkeys([*declared, *mended, *found, *reported, *adopted]))


def _unclaimed(context: Context, question: str, option: str) -> list[str]:
    """The paths that nobody claimed and about which this was answered."""
    asked, answer = context.state.questions.get(question), context.state.answers.get(question)
    return [entry["path"] for entry in asked.context["files"]] if asked and answer and answer.option == option else []


def _left(context: Context) -> set[str]:
    """Paths of which it was said that they stay in the checkout and in no commit."""
    every = [(task, attempt) for task in context.state.tasks.values() for attempt in task.attempts]
    said = (path for task, attempt in every for path in _unclaimed(context, questions.unclaimed_id(task, attempt), "leave"))
    return {*said, *(path for _, attempt in every for path in attempt.left_out)}


def conflicts_with_running(context: Context, task: TaskRun) -> bool:
    """True when a running or reported task claims a path of this one. In a shared checkout scopes must be disjoint, whatever the waves say."""
    mine = claims(context, task)
    for other in context.state.tasks.values():
        if other.id != task.id and other.state.under_way:
            theirs = claims(context, other)
            if any(covers(a, b) or covers(b, a) for a in mine for b in theirs):
                return True
    return False


def _concerns(context: Context, task: TaskRun, commit: str) -> bool:
    """Whether a commit touches what the task claims, so that its worker may have made it. The user's other commits are only built upon."""
    mine = claims(context, task)
    if not mine or task.fix_text:
        return True
    return any(_claimed(change, mine) for change in changes(context.git, context.git.text("rev-parse", f"{commit}^"), commit))


def _take(context: Context, task: TaskRun, attempt: Attempt, tip: str) -> Pending | None:
    """Record the paths of the task as they are in the checkout now. Changed paths that nobody claims are a question."""
    handle = context.handle(task, attempt)
    whole = take_snapshot(context.root, tip, f"work of {handle}\n")
    found = [change for change in changes(context.git, tip, whole.commit) if not is_ours(change.path, context.ours)]
    mine = claims(context, task)
    begun = [other for other in context.state.tasks.values() if other.id != task.id and other.attempts and not other.state.finished]
    others = [path for other in begun for path in claims(context, other)]  # also of those that failed: what they left lies there still
    ours = [change for change in found if _claimed(change, mine) and change.path not in attempt.left_out]
    settled = {*litter(found, mine), *_left(context)}
    unclaimed = [change.path for change in found if not _claimed(change, mine) and not _claimed(change, others) and change.path not in settled]
    if unclaimed and questions.unclaimed_id(task, attempt) not in context.state.answers:
        questions.ask(context, questions.unclaimed(task, attempt, unclaimed))
        return None
    if not ours:
        return _without_changes(context, task, attempt)
    if attempt.report.get("status") == "no-change":
        fail_attempt(context, task, FailureClass.WORKER, f"{CHANGED_AFTER_ALL} {listed(change.path for change in ours)}")
        return None
    paths = [path for change in ours for path in (change.path, change.old_path) if path]
    taken = snapshot_paths(context.home.checkout, tip, paths, f"work of {handle}\n", drop=context.ours)
    keep(context.git, context.keep_ref(handle), taken.commit)
    record_taken(context, task, attempt, taken, ours)
    return None


def _without_changes(context: Context, task: TaskRun, attempt: Attempt) -> Pending | None:
    """Nothing in the checkout is the task's: its worker committed it, or meant to change nothing, or has failed."""
    adopted = _adopted(context, task, attempt)
    if adopted is not None:
        verdict = gate_attempt(context, task, attempt, adopted)
        if verdict is None or isinstance(verdict, Pending):
            return verdict
        record_merged(context, task, attempt, adopted)
    elif attempt.report.get("status") == "no-change":
        record_merged(context, task, attempt, "")
    else:
        fail_attempt(context, task, FailureClass.NO_CHANGE, "none of its paths changed")
    return None


def _look(context: Context, task: TaskRun, attempt: Attempt) -> None:
    """What a worker claims for itself in its report makes it the task's, and no more harmless than what nobody names."""
    base = context.git.text("rev-parse", f"{attempt.snapshot}^")
    named = (*scope_of(context, task), *_unclaimed(context, questions.unclaimed_id(task, attempt), "task"))
    if not asked_about(context, task, attempt, changes(context.git, base, str(attempt.snapshot)), base, named):
        context.record("changes-settled", task=task.id, attempt=attempt.number, left_out=list(attempt.left_out))


def _adopted(context: Context, task: TaskRun, attempt: Attempt) -> str | None:
    """The newest commit that a worker made itself and the answer adopted. It may hold another task's files too: that one adopts it in its turn."""
    answer = context.state.answers.get(questions.foreign_id(task, attempt))
    if answer is None or answer.option != "adopt":
        return None
    commits = foreign_commits(context.git, context.state, attempt.base)
    return next((commit for commit in commits if _concerns(context, task, commit)), None)


def _claimed(change: FileChange, entries: tuple[str, ...] | list[str]) -> bool:
    return any(covers(entry, change.path) for entry in entries)


def _build(context: Context, task: TaskRun, attempt: Attempt, tip: str) -> None:
    """The candidate: the task's paths as recorded, on top of what HEAD is now."""
    assert attempt.snapshot is not None
    trial = trial_merge(context.git, tip, attempt.snapshot)
    if trial.tree is None:
        questions.ask(context, questions.conflict(context, task, attempt, trial.conflicts, tip))
        return
    tree = trial.tree
    if tree == commit_tree_of(context.git, tip):
        record_merged(context, task, attempt, "")
        return
    try:
        sha = build_candidate(context, tip, tree, task_message(context.state, task, str(attempt.report.get("summary", ""))))
    except Failed as error:
        if error.slug not in ("commit-refused", "no-change"):
            raise
        fail_attempt(context, task, FailureClass.BUILD, f"a git hook refused the commit: {error.message}")
        return
    context.record("candidate-made", task=task.id, attempt=attempt.number, sha=sha, parent=tip)


def _land(context: Context, expected: str, candidate: str) -> None:
    """Move the branch and the index entries of the task's paths; the files are there already."""
    land_in_place(context.home.checkout, context.state.settings.branch, expected, candidate)
