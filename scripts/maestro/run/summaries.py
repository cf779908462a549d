"""What a task's commit says of it in a note, where the workflow keeps summaries there: each commit that a marker names has one, and a commit that was taken
back says so.
"""

from __future__ import annotations

from maestro.errors import Failed
from maestro.git.notes import add_to_note
from maestro.models.run import Attempt, TaskRun
from maestro.run.commits import printable
from maestro.run.context import Context

NOTES = "git-notes"

SHOWN = 20
"""Paths that a note lists of a task whose worker said nothing."""


def note_summary(context: Context, task: TaskRun, attempt: Attempt, sha: str) -> None:
    """The worker's words on its commit; where it had none, the task's title and what it changed."""
    if sha:
        _note(context, sha, str(attempt.report.get("summary") or "").strip() or _plain(task))


def note_taken_back(context: Context, task: TaskRun, commit: str) -> None:
    """The commit of an undone task stays in the history, and no marker names it any more."""
    if task.sha:
        _note(context, task.sha, f"Taken back by {commit[:7]}.")


def _note(context: Context, sha: str, text: str) -> None:
    if context.state.settings.summary_storage != NOTES:
        return
    try:
        add_to_note(context.git, sha, text)
    except Failed as error:
        context.tell(f"The note on {sha[:7]} could not be written: {error.message}")


def _plain(task: TaskRun) -> str:
    paths = [printable(path) for path, _ in task.real_paths]
    more = f" and {len(paths) - SHOWN} more" if len(paths) > SHOWN else ""
    return f"{printable(task.id)} {printable(task.title)}" + (f"\n\nChanges {', '.join(paths[:SHOWN])}{more}." if paths else "")
