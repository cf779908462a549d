"""What a worker left, recorded as a snapshot, and how it compares with what its task asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from maestro.git.checkout import commit_of, commit_tree_of, head
from maestro.git.diffs import FileChange, changes
from maestro.git.snapshot import Snapshot, keep, take_snapshot
from maestro.models.plan import Access
from maestro.models.run import Attempt, FailureClass, TaskRun
from maestro.models.schedule import Mode
from maestro.run.activity import is_sound
from maestro.run.context import Context
from maestro.run.failing import UNSOUND, fail_attempt
from maestro.run.holding import litter
from maestro.run.lying import beside, listed
from maestro.run.ours import is_ours
from maestro.run.scheduling import covers, hold_back_colliding


def real_changes(context: Context, attempt: Attempt) -> tuple[FileChange, ...]:
    """What an attempt changed since its dispatch, without what is ours."""
    assert attempt.snapshot is not None
    return tuple(change for change in _changed_since(context, attempt, attempt.snapshot) if not is_ours(change.path, context.ours))


def _changed_since(context: Context, attempt: Attempt, commit: str) -> tuple[FileChange, ...]:
    """The way from the attempt's dispatch to `commit`. Clearing away what a failed attempt had left is no change: no commit ever held it."""
    found = changes(context.git, attempt.before or attempt.base, commit)
    if attempt.before is None or not (left := {path for task in context.state.tasks.values() for old in task.attempts for path in old.left}):
        return found
    differs = {path for change in changes(context.git, attempt.base, commit) for path in (change.path, change.old_path)}
    return tuple(change for change in found if change.path not in left or change.path in differs)


def scope_of(context: Context, task: TaskRun) -> tuple[str, ...]:
    """The paths the task's text asks to write. What it only reads, or is to leave as it is, is outside."""
    declared = context.state.phases[task.phase].scopes.get(task.id, ())
    return tuple(path for path, access in declared if Access(access).writes)


def let_through(context: Context, task: TaskRun) -> tuple[str, ...]:
    """Paths outside the scope that an earlier attempt changed and that went on to the tests, told or asked about: whoever tries again may change them too."""
    scope = scope_of(context, task)
    found: list[str] = []
    for attempt in task.attempts[:-1]:
        if attempt.accepted and attempt.snapshot:
            team = context.state.settings.mode is Mode.TEAM
            changed = changes(context.git, f"{attempt.snapshot}^", attempt.snapshot) if team else real_changes(context, attempt)
            found += [change.path for change in changed if not any(covers(entry, change.path) for entry in scope)]
    return tuple(dict.fromkeys(found))


def take(context: Context, task: TaskRun, attempt: Attempt) -> None:
    """Record what the worker left, without what is ours and without build leftovers. A vanished worktree whose branch has commits is read from the branch."""
    handle = context.handle(task, attempt)
    folder = context.worktree(attempt)
    if folder.exists() and not is_sound(context, attempt):
        fail_attempt(context, task, FailureClass.WORKER, UNSOUND)
        return
    if folder.exists():
        base = attempt.base if context.state.settings.mode is Mode.PARALLEL else (head(context.git) or attempt.base)
        whole = take_snapshot(folder, base, f"work of {handle}\n")
    else:
        committed = _from_branch(context, attempt)
        if committed is None:
            fail_attempt(context, task, FailureClass.LOST, f"its worktree {attempt.worktree} is gone")
            return
        whole = committed
    everything = _changed_since(context, attempt, whole.commit)
    found = [change for change in everything if not is_ours(change.path, context.ours)]
    unwanted = {*litter(found, scope_of(context, task)), *attempt.left_out}
    commit = whole.commit
    if (unwanted or len(found) < len(everything)) and folder.exists():
        commit = take_snapshot(folder, base, f"work of {handle}\n", drop=(*context.ours, *(f"{path}/" for path in sorted(unwanted)))).commit
        found = [change for change in found if change.path not in unwanted]
        rubbish = sorted(unwanted.difference(attempt.left_out))
        if rubbish:
            context.tell(
                f"{task.id}: {len(rubbish)} build leftovers left out ({rubbish[0]}{', …' if len(rubbish) > 1 else ''}); a .gitignore would keep them away."
            )
        if attempt.left_out:
            keep(context.git, f"{context.keep_ref(handle)}-whole", whole.commit)
    if context.state.settings.mode is Mode.SINGLE and (others := beside(context, [change for change in everything if change.path not in attempt.left_out])):
        context.tell(f"{task.id} is tested beside files that are in no commit: {listed(others)}. If it needs one of them, a clone is red.")
    if whole.dropped and context.state.settings.mode is Mode.PARALLEL:
        context.tell(f"{task.id} changed {', '.join(whole.dropped[:3])}, which is maestro's; left out of the merge.")
        keep(context.git, f"{context.keep_ref(handle)}-whole", take_snapshot(folder, base, f"all of {handle}\n", drop=()).commit)
    if whole.nested:
        context.tell(f"{task.id} left repositories inside its worktree, which cannot be merged: {', '.join(whole.nested[:3])}.")
    keep(context.git, context.keep_ref(handle), commit)
    hold_back_colliding(context, context.state.phases[task.phase], task, [(change.path, "modify") for change in found], by=str(handle))
    record_taken(context, task, attempt, replace(whole, commit=commit, dropped=(*whole.dropped, *sorted(unwanted))), found)


def record_taken(context: Context, task: TaskRun, attempt: Attempt, taken: Snapshot, found: Iterable[FileChange]) -> None:
    """The attempt's work is in a commit. `found`: the changes in it that are the task's."""
    context.record(
        "snapshot-taken",
        task=task.id,
        attempt=attempt.number,
        commit=taken.commit,
        tree=taken.tree,
        dropped=list(taken.dropped),
        paths=[(change.path, change.kind) for change in found],
    )


def _from_branch(context: Context, attempt: Attempt) -> Snapshot | None:
    """What a worker committed to its branch before its worktree vanished."""
    commit = commit_of(context.git, f"refs/heads/{attempt.branch}") if attempt.branch else None
    if commit is None or commit == attempt.base:
        return None
    return Snapshot(commit_tree_of(context.git, commit), (), commit=commit)
