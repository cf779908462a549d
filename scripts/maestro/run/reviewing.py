"""Lays one task out for a review: works for merged, failed, running and waiting tasks, of any run of the track. Reads only."""

from __future__ import annotations

import contextlib
from pathlib import Path

from maestro.counting import plural
from maestro.errors import MaestroError, NotFound
from maestro.files import read_text
from maestro.git.checkout import commit_of
from maestro.git.diffs import changes, line_counts
from maestro.models.review import AttemptLine, FileLine, GateLine, Review, ScopeLine
from maestro.models.run import Attempt, Handle, TaskRun
from maestro.records import dataclass
from maestro.run.accounting import Account, account
from maestro.run.activity import changed_files
from maestro.run.briefs import failure_log
from maestro.run.claims import claims, has_tests
from maestro.run.collecting import job_of
from maestro.run.context import Context
from maestro.run.hindsight import first_words
from maestro.run.home import Home
from maestro.run.journal import Journal
from maestro.run.ours import is_ours
from maestro.run.reporting import choose_run, task_named
from maestro.run.scheduling import covers


@dataclass(frozen=True, slots=True)
class Change:
    """Where an attempt's work is: between two commits, or with `new` empty still in its worktree."""

    old: str
    new: str


def review(start: Path, task_id: str, track: str | None = None, run: str | None = None, attempt: int | None = None) -> Review:
    """The review of a task's newest attempt, or of the one that is named by its number or its handle.

    Raises NotFound `task-unknown`, `handle-unknown`, and what `choose_run` raises.
    """
    chosen = choose_run(start, track, run)
    state = chosen.state
    task, handled = task_named(chosen, task_id)
    attempt = attempt or handled
    if attempt is not None and not 1 <= attempt <= len(task.attempts):
        raise NotFound(
            "handle-unknown", f"{task.id} has {plural(len(task.attempts), 'attempt')}, and none is number {attempt}.", hint="`run.py status` lists them."
        )
    context = Context(chosen.home, Journal(chosen.home.journal), state)
    said = first_words(chosen.events).get(task.phase, {"scopes": {}})["scopes"]
    scope = [(path, access) for path, access in said.get(task.id, state.phases[task.phase].scopes.get(task.id, ()))]
    return _review(context, task, task.attempts[attempt - 1] if attempt else task.attempt, scope, account(chosen.events))


def _review(context: Context, task: TaskRun, attempt: Attempt | None, scope: list[tuple[str, str]], spent: Account) -> Review:
    state = context.state
    handle = Handle(state.track, task.id, attempt.number) if attempt else None
    change = change_of(context, task, attempt)
    files = tuple(_files(context, attempt, change, [path for path, _ in scope]))
    file = brief_file(context.home, state.run, handle) if handle else None
    return Review(
        track=state.track,
        run=state.run,
        task=task.id,
        title=task.title,
        phase=task.phase,
        state=task.word,
        reason=(task.held or task.taken_back or task.reason).strip(),
        handle=str(handle or ""),
        attempt=attempt.number if attempt else 0,
        sha=task.sha if attempt is task.attempt else "",
        text=_text(context, task),
        brief=read_text(file) if file else "",
        brief_file=str(file or ""),
        diff=f"git -C {context.root} diff {change.old[:12]} {change.new[:12]}" if change and change.new else "",
        files=files,
        touches_tests=has_tests(files),
        scope=tuple(ScopeLine(path, access, any(covers(path, each.path) for each in files)) for path, access in scope),
        checks=tuple(attempt.checks) if attempt else (),
        gate=_gate(attempt),
        method=state.settings.method,
        claims=claims(attempt, files, change, tested=state.settings.test is not None) if attempt and (attempt.reported_at or attempt.outcome) else (),
        summary=str(attempt.report.get("summary") or "") if attempt else "",
        needs=tuple(edge for edge in state.phases[task.phase].edges if edge.task == task.id),
        attempts=tuple(_attempt(old, spent.work.get((task.id, old.number), 0.0)) for old in task.attempts),
        worktree=attempt.worktree if attempt and not attempt.cleaned and _has_its_own(context, attempt) else "",
        log=failure_log(context, attempt) if attempt else "",
        worker_log=str(job.log) if attempt and (job := job_of(context, attempt)) and job.log.exists() else "",
    )


def change_of(context: Context, task: TaskRun, attempt: Attempt | None) -> Change | None:
    """The commits between which an attempt's work lies: on the branch, under its private ref, or none yet. None when there is nothing left to look at."""
    merged = attempt is None or (attempt.outcome == "merged" and attempt is task.attempt)
    if merged and task.sha and (parent := commit_of(context.git, f"{task.sha}^")):
        return Change(parent, task.sha)
    if attempt is None:
        return None
    start = attempt.before or attempt.base
    if attempt.snapshot:
        return Change(start, attempt.snapshot) if commit_of(context.git, attempt.snapshot) and commit_of(context.git, start) else None
    return Change(start, "") if not attempt.outcome else None


def _files(context: Context, attempt: Attempt | None, change: Change | None, scope: list[str]) -> list[FileLine]:
    def known(path: str) -> bool:
        return not scope or any(covers(entry, path) for entry in scope)

    if change is None:
        return []
    if not change.new:
        assert attempt is not None
        return [FileLine(path, "changed", None, None, known(path)) for path in changed_files(context, attempt, limit=None)]
    counts = line_counts(context.git, change.old, change.new)
    lines = []
    for entry in changes(context.git, change.old, change.new):
        if not is_ours(entry.path, context.ours):
            added, deleted = counts.get(entry.path) or (None, None)
            lines.append(FileLine(entry.path, entry.kind, added, deleted, known(entry.path)))
    return lines


def brief_file(home: Home, run: str, handle: Handle) -> Path | None:
    """The instructions that a worker really got, where they were written down."""
    places = (home.jobs(run) / f"worker-{handle.slug}" / "brief.md", home.folder / "briefs" / f"{run}-{handle.slug}.md")
    return next((path for path in places if path.is_file()), None)


def _has_its_own(context: Context, attempt: Attempt) -> bool:
    """In the user's checkout there is no worktree to look for."""
    folder = context.worktree(attempt)
    return folder.exists() and folder != context.root


def _text(context: Context, task: TaskRun) -> str:
    """The task as the plan has it now; its title where the plan or the task is gone."""
    if task.fix_text:
        return task.fix_text
    with contextlib.suppress(MaestroError, OSError):
        found = context.plan.by_id.get(task.id)
        if found is not None:
            return found.source.strip()
    return task.title


def _gate(attempt: Attempt | None) -> GateLine | None:
    gate = attempt.gate if attempt else None
    return GateLine(gate.commit, gate.ok, gate.empty, gate.tries, gate.tail, gate.log) if gate else None


def _attempt(attempt: Attempt, seconds: float) -> AttemptLine:
    return AttemptLine(attempt.number, attempt.outcome or "open", attempt.failure, attempt.reason.strip(), round(seconds, 3), attempt.kept or "")
