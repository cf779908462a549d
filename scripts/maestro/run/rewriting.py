"""A branch whose history was rewritten under a run: what was merged is looked for in what is there now, and nothing counts as merged that git does not have."""

from __future__ import annotations

from maestro.errors import MaestroError
from maestro.git.checkout import commit_of, commit_tree_of
from maestro.git.names import literal
from maestro.models.run import TaskRun, TaskState
from maestro.run import questions
from maestro.run.commits import commits_between, find_task_commit, since_then
from maestro.run.context import Context


def follow_history(context: Context) -> None:
    """Bring the journal in step with a branch that was rebased, amended, squashed or reset.

    A commit that carries the task's trailers takes the place of the one that is gone, or the commit that holds what it changed. What is found in neither way
    is a question. On another branch nothing is concluded.
    """
    for task in gone(context):
        question = questions.gone(task)
        if question.id in context.state.answers:
            continue
        own = find_task_commit(context.git, context.state, task, _since(context), str(context.standing[1]))
        moved = own or _holder(context, task)
        if moved is None:
            questions.ask(context, question)
        else:
            context.tell(f"The branch was rewritten: {task.id} was merged as {task.sha[:7]} and is in {moved[:7]} now.")
            context.record("task-moved", task=task.id, sha=moved, squashed=own is None)


def gone(context: Context) -> list[TaskRun]:
    """Tasks that this run merged and whose commits its branch does not contain."""
    merged = [task for task in context.state.tasks.values() if task.state is TaskState.MERGED and task.sha and not task.outside]
    if not merged:
        return []
    current, tip = context.standing
    if tip is None or current != context.state.settings.branch:
        return []
    there = commits_between(context.root, context.state.base, tip)
    return [task for task in merged if task.sha not in there]


def _since(context: Context) -> str | None:
    """Where the run began, None where that commit is no more."""
    return commit_of(context.git, context.state.base)


def _holder(context: Context, task: TaskRun) -> str | None:
    """The newest commit that touched what the task changed, if merging the task's own once more would change nothing: it was squashed."""
    from maestro.git.trial import trial_merge

    tip = context.standing[1]
    if tip is None or commit_of(context.git, task.sha) is None:
        return None
    try:
        if trial_merge(context.git, tip, task.sha).tree != commit_tree_of(context.git, tip):
            return None
    except MaestroError:
        return None
    return context.git.text("log", "-1", "--format=%H", since_then(_since(context)), "--", *(literal(path) for path, _ in task.real_paths)) or tip
