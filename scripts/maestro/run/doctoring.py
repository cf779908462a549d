"""Looks for what does not fit together: git's facts against the journal, the plan's markers and the machine. Tells each in one line, mends what is safe."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from maestro.documents.edits import edited, mark_task
from maestro.documents.layout import Layout
from maestro.documents.location import plan_path
from maestro.documents.plans import parse_plan, read_plan
from maestro.documents.registry import read_registry
from maestro.errors import MaestroError
from maestro.files import lock, rewrite_text
from maestro.git.checkout import Checkout, branch, commit_of, head, is_ancestor, require_ready
from maestro.git.listing import list_worktrees
from maestro.git.removal import delete_branch, remove_worktree
from maestro.models.plan import Status
from maestro.models.run import FailureClass, Handle, RunState
from maestro.records import dataclass
from maestro.run.bookkeeping import sync_plan
from maestro.run.commands import driven, going_on
from maestro.run.context import Context, opened
from maestro.run.home import Home, active_track, driver_is_dead, set_active
from maestro.run.journal import Journal
from maestro.run.rewriting import follow_history, gone
from maestro.run.spares import BRANCHES
from maestro.run.state import fold
from maestro.run.workers import fail


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `fix` mends it without losing anything; None where a person has to decide, as `hint` says."""

    code: str
    message: str
    hint: str
    fix: Callable[[], object] | None = None


def examine(checkout: Checkout) -> list[Finding]:
    """Everything that looks wrong in this checkout, the machine first, then runs, then what lies around."""
    runs = _runs(checkout)
    return [
        *_machine(checkout),
        *_editable(checkout),
        *_damaged(checkout),
        *_pointer(checkout, runs),
        *_state(checkout, runs),
        *_stale_markers(checkout, runs),
        *_strays(checkout, runs),
    ]


def mend(findings: list[Finding]) -> tuple[list[str], list[str]]:
    """Carry out every fix. Returns the codes that were mended, and words about those that were not."""
    mended, failed = [], []
    for finding in findings:
        if finding.fix is None:
            continue
        try:
            finding.fix()
            mended.append(finding.code)
        except MaestroError as error:
            failed.append(f"{finding.code}: {error.message}")
    return mended, failed


def _journals(checkout: Checkout) -> list[Path]:
    folder = checkout.common_dir / "maestro"
    return sorted(folder.glob("*/journal.jsonl")) if folder.is_dir() else []


def _runs(checkout: Checkout) -> dict[str, RunState]:
    """The newest run of every track in this repository, by track; those with a damaged journal are left out."""
    runs = {}
    for journal in _journals(checkout):
        with contextlib.suppress(MaestroError):
            state = fold(Journal(journal).events())
            if state is not None:
                runs[journal.parent.name] = state
    return runs


def _damaged(checkout: Checkout) -> Iterator[Finding]:
    for journal in _journals(checkout):
        try:
            fold(Journal(journal).events())
        except MaestroError as error:
            yield Finding(error.slug, f"{error.where or journal}: {error.message}", error.hint or "")


def _machine(checkout: Checkout) -> Iterator[Finding]:
    try:
        require_ready(checkout)
    except MaestroError as error:
        yield Finding(error.slug, error.message, error.hint or "")


def _editable(checkout: Checkout) -> Iterator[Finding]:
    """An editable install points at this checkout, so tests in a worktree would import the code here instead of the worker's."""
    for environment in (".venv", "venv", "env"):
        packages = checkout.root.glob(f"{environment}/lib/python*/site-packages")
        for pth in (file for folder in packages for file in (*folder.glob("__editable__*.pth"), *folder.glob("*.egg-link"))):
            with contextlib.suppress(OSError):
                if str(checkout.root) in pth.read_text(encoding="utf-8", errors="replace"):
                    yield Finding(
                        "editable-install",
                        f"{pth.relative_to(checkout.root).as_posix()} points at this checkout: tests in a worktree would import the code of this checkout.",
                        "Let the test command put the worktree first (`PYTHONPATH=src pytest`), or make an environment for each worktree with `--setup`.",
                    )


def _pointer(checkout: Checkout, runs: dict[str, RunState]) -> Iterator[Finding]:
    track = active_track(checkout)
    if track is not None and (track not in runs or runs[track].over):
        yield Finding(
            "pointer-stale",
            f"This checkout points at a run of {track} that is over or gone.",
            "`--fix` removes the pointer.",
            lambda: set_active(checkout, None),
        )


def _state(checkout: Checkout, runs: dict[str, RunState]) -> Iterator[Finding]:
    """Runs that git's facts contradict."""
    for track, state in runs.items():
        if state.checkout != str(checkout.root):
            if not state.over and not Path(state.checkout).is_dir():
                yield Finding(
                    "checkout-gone",
                    f"The run of {track} belongs to {state.checkout}, which is gone; its commits are on {state.settings.branch}.",
                    f"`git worktree add {state.checkout} {state.settings.branch}` brings it back, then `run.py start --resume`.",
                )
            continue
        home = Home(checkout, track)
        if not state.over:
            yield from _driven_on(home, state)
        yield from _rewritten(home, state)
        if not state.over:
            yield from _vanished(home, state)


def _driven_on(home: Home, state: RunState) -> Iterator[Finding]:
    """Whether somebody drives the run, on its own branch."""
    resting = state.paused is not None or (state.open_questions and not state.running())
    if state.driver.process and not resting and driver_is_dead(home):
        yield Finding("owner-gone", f"The process that drove {home.track} is gone since {state.last_event_at}.", f"`{going_on(state)}` goes on.")
    current = branch(home.checkout.git)
    if current != state.settings.branch:
        yield Finding(
            "other-branch",
            f"The run of {home.track} is on {state.settings.branch}; {current or 'no branch'} is checked out.",
            f"`git switch {state.settings.branch}`.",
        )


def _rewritten(home: Home, state: RunState) -> Iterator[Finding]:
    """Merged tasks whose commits the branch does not contain any more."""
    for task in gone(Context(home, Journal(home.journal), state)):
        yield Finding(
            "history-rewritten",
            f"{home.track} {task.id} was merged as {task.sha[:7]}, which the current branch does not contain.",
            "`--fix` finds it where it was rebased, amended or squashed; what is in no commit any more is asked about (`run.py next`)."
            if not state.over
            else "If its change is still there (rebased, squashed), nothing is lost; otherwise `git cherry-pick` that commit.",
            None if state.over else lambda: _follow(home),
        )


def _vanished(home: Home, state: RunState) -> Iterator[Finding]:
    """Tasks whose worktree is gone."""
    for task in state.tasks.values():
        attempt = task.attempt
        if attempt is None or not task.state.under_way or not attempt.branch or (home.checkout.root / attempt.worktree).exists():
            continue
        there = commit_of(home.checkout.git, f"refs/heads/{attempt.branch}")
        handle = Handle(home.track, task.id, attempt.number)
        worked = there is not None and there != attempt.base
        kept = f"its branch {attempt.branch} has commits" if worked else "nothing of it was committed"
        lost = f"`{driven(state, 'fail', str(handle), '--reason', 'lost')}` hands it out again"
        yield Finding(
            "worktree-vanished",
            f"The worktree of {home.track} {task.id} ({attempt.worktree}) is gone; {kept}.",
            f"`run.py done {handle}` takes what is on the branch, {lost}." if worked else f"{lost}; so does `--fix`.",
            (lambda handle=handle: _lose(home.checkout, handle)) if there == attempt.base else None,  # type: ignore[misc]
        )


def _lose(checkout: Checkout, handle: Handle) -> None:
    fail(checkout.root, handle, "lost", FailureClass.LOST)


def _follow(home: Home) -> None:
    with opened(home, "following a rewritten history") as context:
        follow_history(context)
        sync_plan(context)


def _stale_markers(checkout: Checkout, runs: dict[str, RunState]) -> Iterator[Finding]:
    """Tasks in progress that nobody works on."""
    layout = Layout(checkout.root)
    try:
        entries = read_registry(layout).entries
    except MaestroError:
        return
    for entry in entries:
        state = runs.get(entry.id)
        if not entry.id or (state is not None and not state.over):
            continue
        try:
            path = plan_path(layout, entry.id)
            plan = read_plan(path, layout.shown(path))
        except MaestroError:
            continue
        for task in plan.tasks:
            if task.status is Status.PROGRESS:
                yield Finding(
                    "task-stale",
                    f"{plan.where(task.line)}: [!] Task {task.id} is marked in-progress but no worker is active.\n"
                    "--> This is a stale task from a crashed/interrupted session.",
                    f"Work worth keeping: commit it, then `run.py start {entry.id} --resume`. `--fix` marks the task new; files stay as they are.",
                    lambda path=path, task=task.id: _reset(layout, path, task),  # type: ignore[misc]
                )


def _reset(layout: Layout, path: Path, task: str) -> None:
    shown = layout.shown(path)

    def opened(text: str) -> str:
        plan = parse_plan(text, shown)
        return edited(plan, mark_task(plan, task, Status.NEW))

    with lock(layout.maestro, purpose="marking the plan"):
        rewrite_text(path, opened, shown)


def _strays(checkout: Checkout, runs: dict[str, RunState]) -> Iterator[Finding]:
    """Worktrees and branches that no live run knows, and in which nobody does a task again."""
    from maestro.run.replaying import goes_on

    live = {state.run for state in runs.values() if not state.over}
    folder = checkout.root / ".maestro" / "worktrees"
    for worktree in list_worktrees(checkout.git):
        if folder in worktree.path.parents and worktree.path.relative_to(folder).parts[0] not in live and not goes_on(checkout, worktree.path):
            shown = worktree.path.relative_to(checkout.root).as_posix()
            yield Finding(
                "worktree-stray",
                f"{shown} belongs to no live run.",
                "`--fix` removes it if it holds no work of its own; otherwise look into it.",
                lambda worktree=worktree: remove_worktree(checkout, worktree.path, kept_tree=None, base=worktree.head),  # type: ignore[misc]
            )
    listing = checkout.git.text("for-each-ref", "--format=%(refname:short)%09%(objectname)", f"refs/heads/{BRANCHES}/")
    tip = head(checkout.git)
    for name, _, commit in (line.partition("\t") for line in listing.splitlines()):
        if name.split("/")[1] in live:
            continue
        contained = tip is not None and is_ancestor(checkout.git, commit, tip)
        yield Finding(
            "branch-stray",
            f"Branch {name} belongs to no live run" + (" and holds nothing that HEAD does not." if contained else f"; it holds commits up to {commit[:7]}."),
            "`--fix` deletes it." if contained else f"Look at it (`git log HEAD..{name}`), then delete it yourself.",
            (lambda name=name, commit=commit: delete_branch(checkout, name, commit)) if contained else None,  # type: ignore[misc]
        )
