"""One task's way from a worker's worktree into the branch: snapshot, look, trial merge, commit, gate, land, mark, clean up.

Each step leaves a fact in the journal and can be repeated, so a crash at any instant is continued here and ends in the same state.
"""

from __future__ import annotations

from collections.abc import Sequence

from maestro.errors import Conflict, Failed, Unsafe
from maestro.files import read_text
from maestro.git.checkout import commit_tree_of
from maestro.git.diffs import FileChange
from maestro.git.landing import commit_paths, land
from maestro.git.trial import trial_merge
from maestro.models.run import Attempt, FailureClass, TaskRun
from maestro.models.schedule import Mode
from maestro.run import questions
from maestro.run.activity import strayed_to
from maestro.run.bookkeeping import SHORT
from maestro.run.cleaning import clean_attempt
from maestro.run.commits import find_task_commit, foreign_commits, merged_since, only_bookkeeping, task_message
from maestro.run.context import Context
from maestro.run.failing import CHANGED_AFTER_ALL, fail_attempt
from maestro.run.gate import SetupFailed, build_candidate, of_attempt, run_gate
from maestro.run.holding import Held, held_changes
from maestro.run.lying import listed, suspects
from maestro.run.ours import is_ours
from maestro.run.pending import Pending
from maestro.run.scheduling import covers
from maestro.run.spares import surplus
from maestro.run.summaries import note_summary
from maestro.run.taking import let_through, real_changes, scope_of, take
from maestro.run.technology import added_dependencies, unnamed


def merge_step(context: Context, task: TaskRun) -> Pending | None:
    """Bring a reported task one or more steps further. None: something changed, look again; Pending: its tests run."""
    attempt = task.attempt
    assert attempt is not None
    tip = context.standing[1]
    assert tip is not None
    done = find_task_commit(context.git, context.state, task, attempt.base, tip)
    if done is not None:
        record_merged(context, task, attempt, done)
        return None
    if attempt.snapshot is None:
        take(context, task, attempt)
        return None
    if not attempt.accepted:
        _look(context, task, attempt)
        return None
    if context.state.settings.mode is Mode.SINGLE:
        return _commit_in_place(context, task, attempt, tip)
    if attempt.candidate is None or attempt.candidate_parent != tip:
        _build(context, task, attempt, tip)
        return None
    assert attempt.candidate is not None
    verdict = gate_attempt(context, task, attempt, attempt.candidate)
    if verdict is None or isinstance(verdict, Pending):
        return verdict
    try:
        beside = land(context.home.checkout, context.state.settings.branch, tip, attempt.candidate)
    except Conflict:
        return None
    except Unsafe as error:
        if error.slug != "in-the-way":
            raise
        questions.ask(context, questions.in_the_way(context, task, error))
        return None
    _notice_strays(context, beside)
    record_merged(context, task, attempt, attempt.candidate)
    return None


def _notice_strays(context: Context, beside: Sequence[str]) -> None:
    """Changes in the user's checkout, which was clean when the run began: the user's own, or of a worker that left its worktree. They are never touched."""
    changed = [path for path in beside if not is_ours(path, context.ours)]
    if changed:
        words = ", ".join(changed[:5]) + (", …" if len(changed) > 5 else "")
        context.tell(f"Changed in the checkout itself, and in no task's commit: {words}. Yours, or of a worker that left its worktree.")


def _look(context: Context, task: TaskRun, attempt: Attempt) -> None:
    """Compare the real diff with the scope: nothing at all is no success, what is more than text edits outside the scope is held."""
    found = real_changes(context, attempt)
    if not found:
        if attempt.report.get("status") == "no-change":
            context.record("task-merged", task=task.id, attempt=attempt.number, sha="", paths=[])
            clean_attempt(context, task, attempt)
        else:
            fail_attempt(context, task, FailureClass.NO_CHANGE, "the worker changed nothing")
        return
    if attempt.report.get("status") == "no-change":
        fail_attempt(context, task, FailureClass.WORKER, f"{CHANGED_AFTER_ALL} {listed(change.path for change in found)}")
        return
    if questions.strayed_id(task, attempt) not in context.state.answers and (where := strayed_to(context, attempt)):
        questions.ask(context, questions.strayed(task, attempt, where))
        return
    if asked_about(context, task, attempt, found, attempt.base, scope_of(context, task)):
        return
    known = let_through(context, task)
    outside = [change.path for change in found if not _in_scope(context, task, change.path) and change.path not in known]
    if outside and context.state.phases[task.phase].scopes.get(task.id):
        context.tell(f"{task.id} also changed {', '.join(outside[:5])}{', …' if len(outside) > 5 else ''}, outside its scope.")
    context.record("changes-settled", task=task.id, attempt=attempt.number, left_out=list(attempt.left_out))


def asked_about(context: Context, task: TaskRun, attempt: Attempt, found: Sequence[FileChange], base: str, scope: Sequence[str]) -> bool:
    """Ask about what is more than text edits outside `scope`, then about dependencies that nobody agreed on. True while an answer is waited for.

    found: the attempt's changes since the commit `base`
    """
    if context.state.answers.get(questions.held_id(task, attempt)) is None and attempt.conflicted == ():
        folders = frozenset(context.git.lines_z("ls-tree", "-r", "-d", "-z", "--name-only", base))
        settled = _let_in(context, task)
        held = [change for change in held_changes(found, scope, folders) if change not in settled]
        if held:
            questions.ask(context, questions.held(context, task, attempt, held))
            return True
    if questions.technology_id(task, attempt) not in context.state.answers:
        brought = _new_technology(context, attempt, [change.path for change in found])
        if brought:
            questions.ask(context, questions.technology(task, attempt, brought))
            return True
    return False


def _let_in(context: Context, task: TaskRun) -> set[Held]:
    """What the user let in when an earlier attempt did just that: asked once is enough."""
    asked = [questions.held_id(task, attempt) for attempt in task.attempts[:-1]]
    accepted = [context.state.questions[name] for name in asked if (given := context.state.answers.get(name)) and given.option == "merge"]
    return {Held(entry["path"], entry["why"]) for question in accepted for entry in question.context["files"]}


def _new_technology(context: Context, attempt: Attempt, paths: list[str]) -> tuple[str, ...]:
    """Dependencies that the attempt adds and that the project's tech stack, where there is one, does not name."""
    stack = context.home.layout.context / "tech-stack.md"
    assert attempt.snapshot is not None
    added = added_dependencies(context.git, attempt.base, attempt.snapshot, paths)
    return unnamed(added, read_text(stack)) if added and stack.exists() else ()


def _in_scope(context: Context, task: TaskRun, path: str) -> bool:
    return any(covers(entry, path) for entry in scope_of(context, task))


def _build(context: Context, task: TaskRun, attempt: Attempt, tip: str) -> None:
    """Make the candidate commit on `tip`. Tests already passed stay valid when only bookkeeping moved the branch since."""
    assert attempt.snapshot is not None
    tested = bool(
        attempt.candidate
        and attempt.candidate_parent
        and attempt.gate
        and attempt.gate.ok
        and attempt.gate.commit == attempt.candidate
        and only_bookkeeping(context.git, attempt.candidate_parent, tip, context.ours)
    )
    trial = trial_merge(context.git, tip, attempt.snapshot)
    if trial.tree is None:
        questions.ask(context, questions.conflict(context, task, attempt, trial.conflicts, tip))
        return
    if trial.tree == commit_tree_of(context.git, tip):
        context.tell(f"{task.id}: all its changes are on the branch already.")
        context.record("task-merged", task=task.id, attempt=attempt.number, sha="", paths=[])
        clean_attempt(context, task, attempt)
        return
    try:
        sha = build_candidate(context, tip, trial.tree, task_message(context.state, task, str(attempt.report.get("summary", ""))))
    except Failed as error:
        if error.slug != "commit-refused":
            raise
        fail_attempt(context, task, FailureClass.BUILD, f"a git hook refused the commit: {error.message}")
        return
    context.record("candidate-made", task=task.id, attempt=attempt.number, sha=sha, parent=tip, tested=tested)
    if tested:
        gate = attempt.gate
        assert gate is not None
        fields = of_attempt(task, attempt).fields
        context.record("gate-started", **fields, commit=sha, job=gate.job, **{"try": gate.tries})
        context.record("gate-finished", **fields, ok=True, empty=gate.empty, tail=gate.tail, log=gate.log)


def gate_attempt(context: Context, task: TaskRun, attempt: Attempt, commit: str) -> Pending | bool | None:
    """True when the commit passed; None when the attempt has failed on it."""
    try:
        verdict = run_gate(context, of_attempt(task, attempt), commit, attempt.gate)
    except SetupFailed as error:
        fail_attempt(context, task, FailureClass.INFRASTRUCTURE, f"the set-up command failed in the integration worktree\n{error}")
        return None
    if isinstance(verdict, Pending):
        return verdict
    if not verdict.ok:
        onto = (attempt.candidate_parent or "HEAD")[:SHORT]
        fail_attempt(context, task, FailureClass.TEST, f"the tests are red with {task.id} on top of {onto}; {_with_whom(context, attempt)}\n{verdict.tail}")
        if why := suspects(context, task):
            context.tell(why)
        return None
    return True


def _with_whom(context: Context, attempt: Attempt) -> str:
    """Whether the work breaks the tests alone, or only together with work that its worker did not see."""
    if not (attempt.checks and attempt.checks[-1].ok):
        return "its work was not merged"
    others = ", ".join(f"{other.id} ({other.sha[:7]})" for other in merged_since(context.git, context.state, attempt.base))
    return f"its own check was green, so it breaks together with {others or 'what was merged before'}"


def _commit_in_place(context: Context, task: TaskRun, attempt: Attempt, tip: str) -> Pending | None:
    """Single mode: gate the checkout, then commit there exactly the paths that changed since the dispatch."""
    foreign = foreign_commits(context.git, context.state, attempt.base)
    answer = context.state.answers.get(questions.foreign_id(task, attempt))
    if foreign and answer is None:
        questions.ask(context, questions.foreign(context, task, attempt, foreign))
        return None
    assert attempt.snapshot is not None
    verdict = gate_attempt(context, task, attempt, attempt.snapshot)
    if verdict is None or isinstance(verdict, Pending):
        return verdict
    paths = [path for change in real_changes(context, attempt) for path in (change.path, change.old_path) if path]
    try:
        sha = commit_paths(context.home.checkout, paths, task_message(context.state, task, str(attempt.report.get("summary", ""))))
    except Failed as error:
        if error.slug != "commit-refused":
            raise
        fail_attempt(context, task, FailureClass.BUILD, f"a git hook refused the commit: {error.message}")
        return None
    if sha is None and foreign and answer is not None and answer.option == "adopt":
        sha = tip
    record_merged(context, task, attempt, sha or "")
    return None


def record_merged(context: Context, task: TaskRun, attempt: Attempt, sha: str) -> None:
    """The attempt is on the branch as `sha`, or is done without a change where that is empty: journal it, and clear away what it needed."""
    note_summary(context, task, attempt, sha)
    if attempt.snapshot is None and sha:
        context.record("snapshot-taken", task=task.id, attempt=attempt.number, commit=sha, tree=commit_tree_of(context.git, sha), dropped=[], paths=[])
    context.record("task-merged", task=task.id, attempt=attempt.number, sha=sha, paths=list(task.real_paths))
    verb = "merged" if context.state.settings.mode is Mode.PARALLEL else "committed"
    context.tell(f"{task.id} {verb} as {sha[:7]}." if sha else f"{task.id} is done without a change.")
    if not (context.leisurely and context.state.settings.mode is Mode.PARALLEL) and any(found is attempt for _, found in surplus(context)):
        clean_attempt(context, task, attempt)
    if sha and context.state.settings.review == "task":
        last = all(other.state.finished for other in context.state.tasks.values())
        words, commits = f"{task.id} ({task.title})", f"{sha[:7]}~..{sha[:7]}"
        questions.ask(context, questions.review(task.id, words, commits, task.phase, each="task", last=last, task=task.id))
