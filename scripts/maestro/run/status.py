"""Where a run stands, for people who look: no lock is taken and nothing is written."""

from __future__ import annotations

from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from maestro import clock
from maestro.models.run import RunState, TaskState
from maestro.run.condition import condition_of
from maestro.run.finding import find_run
from maestro.run.home import Home, find_run_checkout, no_run
from maestro.run.journal import Journal
from maestro.run.progress import progress_of, tasks_of
from maestro.run.state import fold

if TYPE_CHECKING:
    from maestro.models.action import TaskProgress


def find_state(start: Path, track: str | None) -> tuple[Home, RunState]:
    """The run of a track, or the active one. Raises NotFound `no-run`."""
    home = find_run(find_run_checkout(start), track)
    state = fold(Journal(home.journal).events())
    if state is None:
        raise no_run(home)
    return home, state


def condition(home: Home, state: RunState) -> str:
    """One word for the whole run; see `condition_of`."""
    return condition_of(state, home.folder)


def status_data(home: Home, state: RunState) -> dict[str, Any]:
    """Everything `run.py status` and `progress.py` tell."""
    return {
        "run": state.run,
        "track": state.track,
        "mode": str(state.settings.mode),
        "condition": condition(home, state),
        "branch": state.settings.branch,
        "checkout": state.checkout,
        "driver": state.driver.id,
        "phase": state.phase,
        "started_at": state.started_at,
        "last_event_at": state.last_event_at,
        "quiet_s": round(clock.seconds_since(state.last_event_at), 1),
        "progress": asdict(progress_of(state)),
        "tasks": [_task_data(state, task) for task in tasks_of(state)],
        "phases": {phase.id: phase.title for phase in state.phases.values()},
        "questions": _questions(state),
        "worktrees": [
            {"task": task.id, "path": task.attempts[-1].worktree, "branch": task.attempts[-1].branch}
            for task in state.tasks.values()
            if task.attempts and not task.attempts[-1].cleaned
        ],
        "unmerged": [task.id for task in state.tasks.values() if task.attempts and task.state not in (TaskState.MERGED, TaskState.SKIPPED)],
        "regroupings": [asdict(change) for change in state.regroupings],
        "paused": state.paused,
        "unusual": list(state.settings.unusual(headless=state.driver.process)),
    }


def _questions(state: RunState) -> list[dict[str, Any]]:
    """What waits for an answer, with the literal command for each of them."""
    if not state.open_questions:
        return []
    from maestro.run.questions import question_data, with_commands

    return [question_data(with_commands(state, question)) for question in state.open_questions]


def _task_data(state: RunState, task: TaskProgress) -> dict[str, Any]:
    """Plain values as they are: `asdict` would copy each, which for a long plan takes as long as all the rest."""
    values = {field.name: getattr(task, field.name) for field in fields(task)}
    return values | {"handle": f"{state.track}/{task.id}/{task.attempt}" if task.attempt else None}
